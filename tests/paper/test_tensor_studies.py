"""What the studies of tensors take from their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gncviz.models import drawn
from gncviz.paper.studies.tensors import (
    DEPTHS,
    NULL,
    ORDERS,
    SHAPES,
    TENSOR_DEPTH,
    TENSOR_WIDTH,
    WIDTHS,
    crossovers,
    ratios,
    shares,
)

#: Half of the prior's loss is reached at this width times e to the power of the seed.
AT = {2: 20.0, 3: 80.0, 4: 240.0}


def share(width: float, at: float) -> float:
    """Half at ``at``, linear in the logarithm of the width."""
    return 0.5 + 0.1 * np.log(width / at)


def width_table() -> pd.DataFrame:
    rows = []
    for order in SHAPES:
        for width in WIDTHS:
            for seed in (0, 1):
                place = {"order": order, "width": width, "seed": seed, "doubt": ""}
                loss = 4.0 * share(width, AT[order] * np.exp(seed))
                rows.append({**place, "method": "prior", "mean_gen_loss": 4.0})
                rows.append({**place, "method": "guess_and_check", "mean_gen_loss": loss})
                rows.append({**place, "method": "gradient_descent", "mean_gen_loss": 0.02})
    return pd.DataFrame(rows)


def depth_table() -> pd.DataFrame:
    rows = [
        {
            "order": order,
            "depth": depth,
            "epsilon": part * NULL,
            "seed": seed,
            "method": "guess_and_check",
            "mean_gen_loss": NULL * part / depth * (1 + seed),
            "log10_acceptance": -float(depth),
            "doubt": "",
        }
        for order in ORDERS
        for depth in DEPTHS
        for part in (0.1, 0.01)
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows)


def test_all_orders_have_as_many_entries_and_a_prior_of_one_size() -> None:
    assert {int(np.prod(shape)) for shape in SHAPES.values()} == {64}
    assert {shape[-1] for shape in SHAPES.values()} == {4}
    assert all(len(shape) == order for order, shape in SHAPES.items())
    for part in TENSOR_WIDTH.stages[0](()):
        task = drawn(part.settings.task)
        zero = np.zeros(task.output_shape)
        assert part.settings.sampling.epsilon == NULL / 2
        assert task.gen_loss(zero) == pytest.approx(NULL, rel=1)


def test_crossovers_are_interpolated_in_the_logarithm_of_the_width() -> None:
    table = width_table()
    for order, at in AT.items():
        np.testing.assert_allclose(crossovers(table, order), [at, at * np.e])
        assert shares(table, order).loc[0, 8] == pytest.approx(share(8, at))
    assert np.isnan(crossovers(table, 2, 2.0)).all()


def test_sentences_of_width_have_its_numbers() -> None:
    met, grown = (sentence.text(width_table()) for sentence in TENSOR_WIDTH.sentences)
    assert "over 2 tasks" in met
    assert "at most 0.005 anywhere" in met
    centre = np.exp(0.5)
    widths = f"{20 * centre:.0f}, {80 * centre:.0f} and {240 * centre:.0f}"
    assert f"at the widths {widths} for orders two to four" in grown
    assert "a factor of 4.0 and then of 3.0" in grown


def test_sentences_of_depth_have_its_numbers() -> None:
    assert ratios(depth_table(), 3, 0.1, 10) == pytest.approx([0.1, 0.1])
    falls, worth = (sentence.text(depth_table()) for sentence in TENSOR_DEPTH.sentences)
    assert falls.count("0.10 ± 0.00") == 4
    assert "0.015 of that of W = 0 at depth 1 (log10 acceptance -1)" in worth


@pytest.mark.parametrize(
    ("study", "table"), [(TENSOR_WIDTH, width_table()), (TENSOR_DEPTH, depth_table())]
)
def test_a_curve_for_each_setting(study, table: pd.DataFrame) -> None:
    points = study.points(table)
    assert list(points) == ["x", "y", "low", "high", "curve", "doubt"]
    assert points["curve"].nunique() == (3 if study is TENSOR_WIDTH else 4)
    assert points.notna().all().all()
