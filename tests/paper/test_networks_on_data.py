"""The study of networks on data: what its sentences take from a table."""

from __future__ import annotations

import pandas as pd
import pytest

from gncviz.paper.studies import networks_on_data as study


def table() -> pd.DataFrame:
    """Numbers made up: Guess & Check is worse by 0.1 over n samples, in units of n/16."""
    rows = []
    for seed in range(3):
        for over, width, depth, train in (
            *(("samples", 16, 2, n) for n in study.SAMPLES),
            *(("width", w, 2, 64) for w in study.WIDTHS),
            *(("depth", 16, d, 64) for d in study.DEPTHS),
        ):
            base = {"set": "3 or 8", "train": train, "over": over, "seed": seed, "doubt": ""}
            where = {**base, "width": width, "depth": depth}
            error = 0.2 + 0.01 * seed + (0.03 * depth if over == "depth" else 0.0)
            for stop, gap in ((study.FIRST, 0.05), (study.LOW, 1.6 / train)):
                for method in ("guess_and_check", "gradient_descent", "prior"):
                    if stop == study.LOW and method != "gradient_descent":
                        continue
                    loss = {"prior": 0.5, "guess_and_check": error}.get(method, error - gap)
                    rows.append({**where, "stop": stop, "method": method, "mean_gen_loss": loss})
    return pd.DataFrame(rows)


def test_gaps_and_changes_are_per_task() -> None:
    found = table()
    assert study.gaps(found, study.FIRST, 16) == pytest.approx([0.05] * 3)
    assert study.gaps(found, study.LOW, 16) == pytest.approx([0.1] * 3)
    assert study.gaps(found, study.LOW, 128) == pytest.approx([0.0125] * 3)
    assert study.changes(found, "width", study.GUESS) == pytest.approx([0.0] * 3)
    assert study.changes(found, "depth", study.FIRST) == pytest.approx([0.09] * 3)


def test_sentences_say_them() -> None:
    first, second = (one.text(table()) for one in study.NETWORKS_ON_DATA.sentences)
    assert first.startswith("Over 3 tasks of 3 against 8")
    assert "0.050 ± 0.000 at 16 samples" in first
    assert "it is 0.100 ± 0.000 and 0.013 ± 0.000" in first or "0.012 ± 0.000" in first
    assert "depth from 2 to 5 changes it by 0.090" in second


def test_the_figure_has_a_curve_for_each_way() -> None:
    points = study.NETWORKS_ON_DATA.points(table())
    assert set(points["curve"]) == {study.GUESS, study.FIRST, study.LOW}
    assert set(points["x"]) == set(study.SAMPLES)
