"""The paper's 33 panels as sweeps: 11 figures, each for three activations (Sec. 5 and App. G)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from gncviz.descent.settings import DescentSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import FamilyName, Prior, Scaling
from gncviz.settings import one_of, whole_number
from gncviz.sweeps.settings import Axis, SweepSettings
from gncviz.task import Kind, TaskSettings

PanelActivation = Literal["linear", "tanh", "leaky_relu"]
ACTIVATIONS: tuple[PanelActivation, ...] = get_args(PanelActivation)

WIDTHS = (5, 10, 20, 40, 80, 160)
DEPTHS = tuple(range(2, 11))

#: Effective draws of each Guess & Check point. A mean's error is then a few per cent, an order of
#: magnitude below what the seeds differ by.
SAMPLES = 250


@dataclass(frozen=True)
class Figure:
    """What sets one figure of the paper apart.

    Attributes:
        number: in the paper.
        over: "width" or "depth".
        about: in a few words.
        rank: r of the ground truth.
        measurements: how many, n.
        epsilon: threshold ε.
        family: of the prior.
        normalize: whether the prior is normalized.
        momentum: of gradient descent.
        kind: of the measurements.
    """

    number: int
    over: Literal["width", "depth"]
    about: str
    rank: int = 1
    measurements: int = 15
    epsilon: float = 0.02
    family: FamilyName = "gaussian"
    normalize: bool = False
    momentum: float = 0.0
    kind: Kind = "sensing"


def _width(number: int, about: str, **changes: object) -> Figure:
    return Figure(number, "width", about, **changes)  # type: ignore[arg-type]


def _depth(number: int, about: str, **changes: object) -> Figure:
    settings = {"epsilon": 0.0035, "normalize": True, **changes}
    return Figure(number, "depth", about, **settings)  # type: ignore[arg-type]


FIGURES: dict[int, Figure] = {
    figure.number: figure
    for figure in (
        _width(1, "width, Gaussian prior"),
        _depth(2, "depth, Gaussian prior"),
        _width(3, "width, gradient descent with momentum", momentum=0.9),
        _depth(4, "depth, gradient descent with momentum", momentum=0.9),
        _width(5, "width, ground truth of rank 2", rank=2, measurements=22),
        _depth(6, "depth, ground truth of rank 2", rank=2, measurements=22, epsilon=0.01),
        _width(7, "width, uniform prior", family="uniform"),
        _depth(8, "depth, uniform prior", family="uniform"),
        _width(9, "width, matrix completion", kind="completion"),
        _depth(10, "depth, matrix completion", kind="completion"),
        _depth(11, "depth, prior without normalization", normalize=False, epsilon=0.01),
    )
}

#: The panels, as (figure, activation).
PANELS: tuple[tuple[int, PanelActivation], ...] = tuple(
    (number, activation) for number in FIGURES for activation in ACTIVATIONS
)

#: Gradient descent at depth, by activation: epochs, and the initial scale of the deepest networks.
_EPOCHS = {"linear": 20_000, "tanh": 20_000, "leaky_relu": 50_000}
_DEEPEST_SCALE = {"linear": 0.2, "tanh": 0.2, "leaky_relu": 0.1}


def panel_settings(
    figure: int,
    activation: str,
    *,
    scaling: Scaling = "fan_in",
    seeds: int = 8,
) -> SweepSettings:
    """The sweep behind a panel, at the paper's settings.

    Args:
        figure: 1 to 11.
        activation: "linear", "tanh" or "leaky_relu".
        scaling: "fan_in" is the paper's Definition 3. "fan_out" takes the conventions of the
            authors' code: each layer scaled by its number of rows, and normalization of the matrix
            instead of the factors; for linear and Leaky ReLU the law is the same either way.
        seeds: how many trials; the paper has 8.

    Raises:
        SettingsError: there is no such panel.
    """
    known = _checked(figure, activation)
    over_width = known.over == "width"
    normalize = "product" if known.normalize and scaling == "fan_out" else known.normalize
    return SweepSettings(
        axes=(Axis(name=known.over, values=WIDTHS if over_width else DEPTHS),),
        task=TaskSettings(rank=known.rank, measurements=known.measurements, kind=known.kind),
        network=Network(width=5, depth=2, activation=activation, negative_slope=0.2),
        prior=Prior(known.family, normalize=normalize, scaling=scaling),
        sampling=GuessAndCheckSettings(epsilon=known.epsilon, samples=SAMPLES, draws=10**8),
        descent=_descent(known, activation),
        init_scales=None if over_width else _init_scales(activation),
        seeds=tuple(range(whole_number("seeds", seeds, 1))),
    )


def scalings_of(activation: str) -> tuple[Scaling, ...]:
    """The conventions under which a panel's prior has laws of its own.

    Args:
        activation: of the panel.

    Returns:
        The paper's, and the authors' code's too where that gives W another law.
    """
    same = Network(activation=activation).sigma.homogeneous
    return ("fan_in",) if same else ("fan_in", "fan_out")


def _checked(figure: int, activation: str) -> Figure:
    allowed = f"one of the paper's, {', '.join(ACTIVATIONS)}"
    number = one_of("figure", figure, FIGURES, f"1 to {len(FIGURES)}")
    one_of("activation", activation, ACTIVATIONS, allowed)
    return FIGURES[number]


def _descent(figure: Figure, activation: str) -> DescentSettings:
    if figure.over == "width":
        lr, epochs = 1e-4, 100_000
    else:
        lr, epochs = 1e-2, 50_000 if figure.number == 6 else _EPOCHS[activation]
    return DescentSettings(
        trials=1, lr=lr, init_scale=1e-3, epochs=epochs, momentum=figure.momentum, tolerance=1e-10
    )


def _init_scales(activation: str) -> tuple[float, ...]:
    deepest = _DEEPEST_SCALE[activation]
    return tuple(1e-3 if d <= 4 else 0.1 if d <= 8 else deepest for d in DEPTHS)
