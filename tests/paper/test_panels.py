"""The panels, against the settings that the paper gives (Sec. 5 and App. G)."""

from __future__ import annotations

import pytest

from gncviz.paper import ACTIVATIONS, FIGURES, PANELS, panel_settings
from gncviz.settings import SettingsError
from gncviz.sweeps.result import points_of


def test_there_are_33_panels() -> None:
    assert len(PANELS) == len(set(PANELS)) == 33
    assert [figure for figure, _ in PANELS[::3]] == list(range(1, 12))


@pytest.mark.parametrize(
    (
        "figure",
        "over",
        "rank",
        "measurements",
        "family",
        "normalize",
        "epsilon",
        "momentum",
        "kind",
    ),
    [
        (1, "width", 1, 15, "gaussian", False, 0.02, 0.0, "sensing"),
        (2, "depth", 1, 15, "gaussian", True, 0.0035, 0.0, "sensing"),
        (3, "width", 1, 15, "gaussian", False, 0.02, 0.9, "sensing"),
        (4, "depth", 1, 15, "gaussian", True, 0.0035, 0.9, "sensing"),
        (5, "width", 2, 22, "gaussian", False, 0.02, 0.0, "sensing"),
        (6, "depth", 2, 22, "gaussian", True, 0.01, 0.0, "sensing"),
        (7, "width", 1, 15, "uniform", False, 0.02, 0.0, "sensing"),
        (8, "depth", 1, 15, "uniform", True, 0.0035, 0.0, "sensing"),
        (9, "width", 1, 15, "gaussian", False, 0.02, 0.0, "completion"),
        (10, "depth", 1, 15, "gaussian", True, 0.0035, 0.0, "completion"),
        (11, "depth", 1, 15, "gaussian", False, 0.01, 0.0, "sensing"),
    ],
)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_settings_are_those_of_the_paper(
    figure: int,
    over: str,
    rank: int,
    measurements: int,
    family: str,
    normalize: bool,
    epsilon: float,
    momentum: float,
    kind: str,
    activation: str,
) -> None:
    settings = panel_settings(figure, activation)
    (axis,) = settings.axes
    assert axis.name == over
    assert axis.values == ((5, 10, 20, 40, 80, 160) if over == "width" else tuple(range(2, 11)))
    task = settings.task
    assert (task.rows, task.cols, task.norm) == (5, 5, 1.0)
    assert (task.rank, task.measurements, task.kind) == (rank, measurements, kind)
    prior = settings.prior
    assert (prior.family, prior.normalize, prior.scaling) == (family, normalize, "fan_in")
    assert settings.sampling.epsilon == epsilon
    assert settings.seeds == tuple(range(8))
    descent = settings.descent
    assert descent is not None
    assert (descent.step_rule, descent.momentum) == ("adaptive", momentum)
    if over == "width":
        assert (settings.network.depth, descent.lr, descent.epochs) == (2, 1e-4, 100_000)
        assert (descent.init_scale, settings.init_scales) == (1e-3, None)
    else:
        leaky = activation == "leaky_relu"
        assert (settings.network.width, descent.lr) == (5, 1e-2)
        assert descent.epochs == (50_000 if leaky or figure == 6 else 20_000)
        deep = 0.1 if leaky else 0.2
        assert settings.init_scales == (1e-3, 1e-3, 1e-3, 0.1, 0.1, 0.1, 0.1, deep, deep)


def test_figures_share_what_they_have_in_common() -> None:
    def keys(figure: int, kind: str) -> set[str]:
        points = points_of(panel_settings(figure, "linear"))
        return {point.key for point in points if point.kind == kind}

    for one, other in ((1, 3), (2, 4)):
        assert keys(one, "guess_and_check") == keys(other, "guess_and_check")
        assert not keys(one, "gradient_descent") & keys(other, "gradient_descent")
    for one, other in ((1, 7), (2, 8), (2, 11)):
        assert keys(one, "gradient_descent") == keys(other, "gradient_descent")
        assert not keys(one, "guess_and_check") & keys(other, "guess_and_check")


def test_fan_out_takes_the_conventions_of_the_authors_code() -> None:
    assert panel_settings(1, "tanh", scaling="fan_out").prior.scaling == "fan_out"
    assert panel_settings(2, "tanh", scaling="fan_out").prior.normalize == "product"
    assert panel_settings(11, "tanh", scaling="fan_out").prior.normalize is False


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ((0, "linear"), "figure should be 1 to 11; got 0."),
        ((12, "linear"), "figure should be 1 to 11; got 12."),
        ((True, "linear"), "figure should be 1 to 11; got True."),
        ((1, "relu"), "activation should be one of the paper's, linear, tanh, leaky_relu; got"),
    ],
)
def test_an_unknown_panel_is_named(asked: tuple[int, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        panel_settings(*asked)


def test_every_figure_says_what_it_is_about() -> None:
    for figure in FIGURES.values():
        assert figure.about.startswith(figure.over)


@pytest.mark.parametrize("seeds", [0, 2.5, True, "3"])
def test_seeds_are_counted(seeds: int) -> None:
    with pytest.raises(SettingsError, match=r"^seeds should be"):
        panel_settings(1, "linear", seeds=seeds)
