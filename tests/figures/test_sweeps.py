"""Figures of sweeps show the numbers of the sweep."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gncviz import figures
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.sweeps import SweepResult, sweep, width_limits

QUICK = {
    "epsilon": 0.2,
    "seeds": 3,
    "descent": {"epochs": 30, "lr": 1e-2},
    "guess_and_check": {"samples": 50},
}


@pytest.fixture(scope="module")
def widths() -> SweepResult:
    with ThreadPoolExecutor(1) as pool:
        return sweep("width", [5, 8], executor=pool, **QUICK)  # type: ignore[arg-type]


@pytest.mark.parametrize("log", [False, True])
def test_curves_are_medians_with_quartiles(widths: SweepResult, log: bool) -> None:
    figure = figures.sweep(widths, log=log)
    frame = widths.to_frame()
    for trace, method in zip(
        figure.data[:3], ("gradient_descent", "prior", "guess_and_check"), strict=True
    ):
        losses = frame[frame["method"] == method].groupby("width")["mean_gen_loss"]
        low, middle, high = (losses.quantile(q).to_numpy() for q in (0.25, 0.5, 0.75))
        np.testing.assert_allclose(trace.y, middle)
        np.testing.assert_allclose(trace.error_y.array, high - middle, atol=1e-15)
        np.testing.assert_allclose(trace.error_y.arrayminus, middle - low, atol=1e-15)
        assert trace.x.tolist() == [5, 8]
    assert figure.layout.yaxis.type == ("log" if log else "linear")
    assert figure.layout.xaxis.title.text == "width k"


def test_what_is_not_known_yet_is_left_out(widths: SweepResult) -> None:
    first = [place for place in widths.settings.places() if place.values["width"] == 5]
    keys = {place.guess_and_check.key for place in first}
    part = SweepResult(widths.settings, {key: widths.findings[key] for key in keys})
    gd, prior, sampled, _ = figures.sweep(part).data
    assert len(gd.x) == 0
    assert prior.x.tolist() == sampled.x.tolist() == [5]
    empty = figures.sweep(SweepResult(widths.settings)).data
    assert [len(trace.x) for trace in empty] == [0, 0, 0, 0]


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_the_limit_of_width_is_a_dashed_line(widths: SweepResult, activation: str) -> None:
    network = Network(activation=activation)
    limits = width_limits(widths.settings.replace(network=network))
    assert limits is not None
    *_, line = figures.sweep(widths, limits=limits).data
    assert list(line.x) == [5, 8]
    np.testing.assert_allclose(line.y, np.median(limits))
    assert line.line.dash == "longdash"
    assert line.showlegend
    *_, nothing = figures.sweep(widths).data
    assert len(nothing.x) == 0
    assert not nothing.showlegend
    first, second = figures.family({activation: widths}, limits={activation: limits}).data
    assert second.line.color == first.line.color
    np.testing.assert_allclose(second.y, np.median(limits))


def test_a_product_is_a_map_of_the_gap() -> None:
    with ThreadPoolExecutor(1) as pool:
        result = sweep(
            ["width", "depth"],
            [[5, 6, 8], [2, 3]],
            prior=Prior(normalize=True),
            executor=pool,
            **QUICK,  # type: ignore[arg-type]
        )
    (heat,) = figures.sweep(result).data
    assert heat.z.shape == (2, 3)
    frame = result.to_frame()
    here = frame[(frame["width"] == 8) & (frame["depth"] == 3)]
    losses = here.pivot(index="seed", columns="method", values="mean_gen_loss")
    gap = (losses["guess_and_check"] - losses["gradient_descent"]).median()
    assert heat.z[1, 2] == pytest.approx(gap)
    assert heat.x[2] == "8"
    assert heat.y[1] == "3"
    unknown = figures.phase_diagram(SweepResult(result.settings)).data[0]
    assert np.isnan(np.asarray(unknown.z, dtype=float)).all()


def test_an_epsilon_axis_is_logarithmic() -> None:
    with ThreadPoolExecutor(1) as pool:
        result = sweep(
            "epsilon",
            [0.1, 0.5],
            seeds=2,
            descent=False,
            guess_and_check={"samples": 50},
            executor=pool,
        )
    figure = figures.sweep(result)
    assert figure.layout.xaxis.type == "log"
    assert figure.data[2].x.tolist() == [0.1, 0.5]
