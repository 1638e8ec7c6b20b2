"""The study of networks on data: what its sentences take from a table."""

from __future__ import annotations

import pandas as pd
import pytest

from gncviz.paper.studies import networks_on_data as study


def table() -> pd.DataFrame:
    """Numbers made up: Guess & Check is worse by 0.05, or by 1.6/n, and the average by half of it.

    Width does nothing, a layer adds 0.03. One point, which is off, is doubtful.
    """
    rows = []
    for seed in range(3):
        for name, over, width, depth, train in places():
            where = {"set": name, "train": train, "over": over, "seed": seed}
            where |= {"width": width, "depth": depth, "doubt": ""}
            error = 0.2 + 0.01 * seed + 0.03 * (depth - 2)
            found = {"prior": 0.5, "guess_and_check": error, "average": error - 0.8 / train}
            for method, loss in {**found, "gradient_descent": error - 0.05}.items():
                rows.append({**where, "stop": study.FIRST, "method": method, "mean_gen_loss": loss})
            low = {"method": "gradient_descent", "mean_gen_loss": error - 1.6 / train}
            rows.append({**where, "stop": study.LOW, **low})
    made = pd.DataFrame(rows)
    off = (made["set"] == "even or odd") & (made["method"] == "guess_and_check")
    off &= (made["seed"] == 2) & (made["train"] == study.SAMPLES[-1])
    made.loc[off, ["mean_gen_loss", "doubt"]] = [0.9, "islands disagree"]
    return made


def places() -> list[tuple[str, str, int, int, int]]:
    return [
        *((name, "samples", 16, 2, train) for name in study.SETS for train in study.SAMPLES),
        *((study.PAIR, "width", width, 2, 64) for width in study.WIDTHS if width != 16),
        *((study.PAIR, "depth", 16, depth, 64) for depth in study.DEPTHS if depth != 2),
    ]


def test_gaps_and_changes_are_per_task() -> None:
    found = table()
    assert study.gaps(found, study.FIRST, 16) == pytest.approx([0.05] * 3)
    assert study.gaps(found, study.LOW, 16) == pytest.approx([0.1] * 3)
    assert study.gaps(found, study.LOW, 128) == pytest.approx([0.0125] * 3)
    assert study.changes(found, "width", study.GUESS) == pytest.approx([0.0] * 3)
    assert study.changes(found, "depth", study.FIRST) == pytest.approx([0.09] * 3)
    assert study.errors(found, study.AVERAGE, 16) == pytest.approx([0.15, 0.16, 0.17])


def test_doubtful_points_are_left_out() -> None:
    assert study.gaps(table(), study.FIRST, 128, "even or odd") == pytest.approx([0.05] * 2)
    assert len(study.errors(table(), study.GUESS, 128, "even or odd")) == 2


def test_sentences_say_them() -> None:
    first, second = (one.text(table()) for one in study.NETWORKS_ON_DATA.sentences)
    assert "by 0.050 ± 0.000 at 16 samples and 0.050 ± 0.000 at 128" in first
    assert "for even against odd by 0.050 ± 0.000 and 0.013 ± 0.000, over 2 tasks each" in first
    assert "depth from 2 to 5 by 0.090 ± 0.000 and 0.090 ± 0.000 (3 tasks)" in second


def test_the_figure_has_a_curve_for_each_way() -> None:
    points = study.NETWORKS_ON_DATA.points(table())
    assert set(points["curve"]) == {study.GUESS, study.AVERAGE, study.FIRST, study.LOW}
    assert set(points["x"]) == set(study.SAMPLES)


def test_width_and_depth_have_fewer_tasks() -> None:
    parts = list(study.NETWORKS_ON_DATA.stages[0](()))
    seeds = {(str(part.labels["over"]), len(part.settings.seeds)) for part in parts}
    assert seeds == {("samples", 8), ("width", 4), ("depth", 4)}
    swept = {one.network for part in parts for one in part.points}
    assert {(one.width, one.depth) for one in swept} == {
        *((width, 2) for width in study.WIDTHS),
        *((16, depth) for depth in study.DEPTHS),
    }
    # One curve serves all numbers of samples.
    curves = {one.key for part in parts for one in part.points if one.kind == "learning_curve"}
    assert len(curves) == 3 * 8 + 5 * 4
