"""What the paper left open, with the same machinery: other activations, ranks, ε → 0, scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gncviz.activation import ACTIVATIONS
from gncviz.network import Network
from gncviz.paper.panels import panel_settings
from gncviz.prior import Prior
from gncviz.sweeps.settings import Axis, SweepSettings
from gncviz.task import TaskSettings


@dataclass(frozen=True)
class Study:
    """A question, and the sweeps that answer it side by side.

    Attributes:
        title: of the figure.
        question: in a sentence.
        sweeps: by the name of their curve, all over the same axis.
        log: whether the loss is best seen on a logarithmic axis.
        beside: the method that Guess & Check is compared with in the figure.
    """

    title: str
    question: str
    sweeps: dict[str, SweepSettings]
    log: bool = False
    beside: Literal["prior", "gradient_descent"] | None = None


def _activations(figure: int) -> dict[str, SweepSettings]:
    base = panel_settings(figure, "linear")
    if figure == 2:
        depths = Axis(name="depth", values=(2, 4, 6, 8, 10))
        # Saturating activations have gradient descent use every epoch, which takes minutes.
        base = base.replace(
            axes=(depths,), init_scales=(1e-3, 1e-3, 0.1, 0.1, 0.2), seeds=(0, 1, 2, 3)
        )
    return {
        ACTIVATIONS[name].label: base.replace(network=base.network.replace(activation=name))
        for name in ("relu", "sin", "softsign")
    }


def _ranks() -> dict[str, SweepSettings]:
    base = panel_settings(6, "linear")
    return {f"rank {rank}": base.replace(task=base.task.replace(rank=rank)) for rank in (1, 2, 3)}


def _thresholds() -> dict[str, SweepSettings]:
    base = panel_settings(2, "linear")
    axis = Axis(name="epsilon", values=(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1))
    scales = dict(zip(base.axes[0].values, base.init_scales or (), strict=True))
    found = {}
    for depth in (2, 5, 10, 30):
        descent = base.descent if depth in scales else None
        if descent is not None:
            descent = descent.replace(init_scale=scales[depth])
        found[f"depth {depth}"] = base.replace(
            axes=(axis,),
            network=base.network.replace(depth=depth),
            # At ε = 1e-6 a run takes a minute or more.
            sampling=base.sampling.replace(samples=100),
            seeds=(0, 1, 2, 3),
            descent=descent,
            init_scales=None,
        )
    return found


def _wide() -> dict[str, SweepSettings]:
    axis = Axis(name="width", values=(5, 10, 20, 40, 80, 160, 320, 640, 1000))
    return {
        ACTIVATIONS[name].label: panel_settings(1, name).replace(axes=(axis,), descent=None)
        for name in ("linear", "tanh")
    }


def _deep() -> dict[str, SweepSettings]:
    axis = Axis(name="depth", values=(2, 5, 10, 20, 30, 50))
    changes = {"axes": (axis,), "descent": None, "init_scales": None}
    return {"linear": panel_settings(2, "linear").replace(**changes)}


#: Larger matrices take longer: fewer seeds, and fewer draws at each.
_SEEDS = {5: 8, 10: 4, 20: 2}
_SAMPLES = {5: 250, 10: 100, 20: 40}


def _large(over: str) -> dict[str, SweepSettings]:
    """Larger matrices: as many of the entries measured as in the paper, and ε for their size."""
    found = {}
    for size in _SEEDS:
        base = panel_settings(1 if over == "width" else 2, "linear")
        task = TaskSettings(rows=size, cols=size, measurements=round(0.6 * size**2))
        # Under the normalized prior an entry is of the order 1/size², and so is the loss.
        share = 1.0 if over == "width" else 25 / size**2
        sampling = base.sampling.replace(
            epsilon=base.sampling.epsilon * share, samples=_SAMPLES[size]
        )
        # A run at the width m itself takes a minute at m = 5, and far longer for larger matrices.
        wide = (1, 4, 16) if size == 5 else (4, 16)
        factors = wide if over == "width" else (2, 5, 10)
        values = tuple(size * f for f in factors) if over == "width" else factors
        found[f"{size} × {size}"] = base.replace(
            axes=(Axis(name=over, values=values),),
            task=task,
            network=Network(width=size, depth=2),
            sampling=sampling,
            descent=None,
            init_scales=None,
            seeds=tuple(range(_SEEDS[size])),
        )
    return found


def _normalizations() -> dict[str, SweepSettings]:
    base = panel_settings(11, "linear")
    return {
        "normalized": base.replace(prior=Prior(normalize=True)),
        "not normalized": base,
    }


#: By name.
STUDIES: dict[str, Study] = {
    "activations-width": Study(
        "Other activations, width",
        "Does width ruin Guess & Check for activations that the paper did not try?",
        _activations(1),
    ),
    "activations-depth": Study(
        "Other activations, depth",
        "Does depth save Guess & Check for activations that the paper did not try?",
        _activations(2),
    ),
    "ranks": Study(
        "Rank of the ground truth",
        "Depth leads to rank one: does it still help when the ground truth has a higher rank?",
        _ranks(),
    ),
    "thresholds": Study(
        "ε → 0",
        "Does Guess & Check approach perfect generalization as ε → 0, at which depth?",
        _thresholds(),
        log=True,
        beside="gradient_descent",
    ),
    "wide": Study("Width up to 1 000", "How close to the prior does Guess & Check come?", _wide()),
    "deep": Study("Depth up to 50", "Does depth go on helping at a fixed ε?", _deep()),
    "large-width": Study(
        "Larger matrices, width",
        "Does width hurt larger matrices as it does 5 × 5?",
        _large("width"),
    ),
    "large-depth": Study(
        "Larger matrices, depth",
        "Does depth help larger matrices as it does 5 × 5?",
        _large("depth"),
    ),
    "normalization": Study(
        "With and without normalization",
        "How much of depth's help is due to the normalized prior?",
        _normalizations(),
        beside="prior",
    ),
}
