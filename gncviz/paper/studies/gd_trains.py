"""Gradient descent of deep Leaky ReLU networks, started so that it trains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gncviz.paper import known, shipped
from gncviz.paper.panels import DEPTHS, FIGURES, panel_settings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import of, spread
from gncviz.sweeps import SweepResult
from gncviz.sweeps.settings import Axis, SweepSettings

if TYPE_CHECKING:
    import pandas as pd

ACTIVATION = "leaky_relu"
#: What is chosen from, and the tasks that it is chosen on; the panels have the seeds 0 to 7.
INIT_SCALES = (1e-3, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7)
RATES = (3e-3, 1e-2, 3e-2)
TUNING_SEEDS = tuple(range(100, 108))
#: The training loss below which a trial counts as trained.
TRAINED = 1e-4
#: What the table says a trial was for.
CHOICE, PUBLIC, CHOSEN = "choice", "public configuration", "chosen by training loss"
#: What gradient descent is held against, and the least loss that is drawn.
SAMPLED, _LEAST = "guess_and_check", 1e-9
OVER_DEPTH = tuple(number for number, one in FIGURES.items() if one.over == "depth")

Found = Sequence[tuple[Part, SweepResult]]


def tuned_on(figure: int) -> int:
    """The first figure whose gradient descent has the same tasks and settings.

    Args:
        figure: over depth.
    """

    def asked(number: int) -> tuple[object, ...]:
        one = panel_settings(number, ACTIVATION)
        return one.task, one.network, one.descent

    return next(one for one in OVER_DEPTH if asked(one) == asked(figure))


#: One for each kind of task and of descent.
TUNED = tuple(sorted({tuned_on(figure) for figure in OVER_DEPTH}))


def _at(figure: int, depths: Sequence[int], **descent: float) -> SweepSettings:
    """A panel's gradient descent with some of its settings replaced."""
    base = panel_settings(figure, ACTIVATION)
    assert base.descent is not None
    changed: SweepSettings = base.replace(
        axes=(Axis(name="depth", values=tuple(depths)),),
        descent=base.descent.replace(**descent),
        init_scales=None,
    )
    return changed


def _part(figure: int, purpose: str, settings: SweepSettings) -> Part:
    assert settings.descent is not None
    chosen = {"lr": settings.descent.lr, "init_scale": settings.descent.init_scale}
    return Part({"figure": figure, "purpose": purpose, **chosen}, settings, ("gradient_descent",))


def _grid(_: Found) -> Iterable[Part]:
    for figure in TUNED:
        for lr in RATES:
            for scale in INIT_SCALES:
                settings = _at(figure, DEPTHS, lr=lr, init_scale=scale)
                yield _part(figure, CHOICE, settings.replace(seeds=TUNING_SEEDS))


def _panels(found: Found) -> Iterable[Part]:
    for figure in TUNED:
        public = panel_settings(figure, ACTIVATION)
        for depth, scale in zip(DEPTHS, public.init_scales or (), strict=True):
            yield _part(figure, PUBLIC, _at(figure, [depth], init_scale=scale))
            lr, scale = chosen(_losses(found, figure, depth))
            yield _part(figure, CHOSEN, _at(figure, [depth], lr=lr, init_scale=scale))


def _losses(found: Found, figure: int, depth: int) -> dict[tuple[float, float], list[float]]:
    """Training losses of the grid, by (lr, init_scale)."""
    losses = {}
    for part, result in found:
        if part.labels["figure"] == figure:
            frame = result.to_frame()
            pair = float(part.labels["lr"]), float(part.labels["init_scale"])
            losses[pair] = frame[frame["depth"] == depth]["train_loss"].tolist()
    return losses


def chosen(losses: dict[tuple[float, float], list[float]]) -> tuple[float, float]:
    """The (lr, init_scale) that training losses choose.

    That with the most trials that train; of several the smallest init_scale, as the theory of
    gradient descent has it, and then the smallest lr. Where none trains, the smallest loss on
    average, on a logarithmic scale. A loss that is no number is that of a trial that diverged.

    Args:
        losses: training losses of the same trials, by (lr, init_scale).
    """

    def order(pair: tuple[float, float]) -> tuple[float, ...]:
        values = np.nan_to_num(np.array(losses[pair]), nan=np.inf)
        trained = int((values < TRAINED).sum())
        if trained:
            return (-trained, pair[1], pair[0])
        return (0, float(np.log(np.maximum(values, 1e-300)).mean()), *pair)

    return min(losses, key=order)


def _points(table: pd.DataFrame) -> pd.DataFrame:
    """Of Figure 2: gradient descent both ways, and the Guess & Check that it is held against."""
    import pandas as pd

    tried = table[(table["figure"] == TUNED[0]) & (table["purpose"] != CHOICE)]
    sampled = of(known(panel_settings(TUNED[0], ACTIVATION), shipped()).to_frame(), method=SAMPLED)
    names = tried["purpose"].map("gradient descent, {}".format)
    found = pd.concat(
        [tried.assign(curve=names), sampled.assign(curve="Guess & Check", doubt="")],
        ignore_index=True,
    )
    # Down to rounding errors where it converges.
    return spread(
        found.assign(loss=found["mean_gen_loss"].clip(lower=_LEAST)), "loss", "depth", "curve"
    )


def trained(table: pd.DataFrame, purpose: str, figure: int, depth: int) -> list[float]:
    """How many trials train, of how many.

    Args:
        table: of the study.
        purpose: :data:`PUBLIC` or :data:`CHOSEN`.
        figure: one of :data:`TUNED`.
        depth: of the network.
    """
    losses = of(table, purpose=purpose, figure=figure, depth=depth)["train_loss"]
    return [float((losses < TRAINED).sum()), float(len(losses))]


def medians(table: pd.DataFrame, purpose: str, figure: int) -> pd.Series:
    """Median generalization losses by depth.

    Args:
        table: of the study.
        purpose: :data:`PUBLIC` or :data:`CHOSEN`.
        figure: over depth.
    """
    part = of(table, purpose=purpose, figure=tuned_on(figure))
    return part.groupby("depth")["mean_gen_loss"].median()


def below(table: pd.DataFrame, purpose: str, deepest: int) -> list[float]:
    """In how many Leaky ReLU panels gradient descent's medians are below Guess & Check's.

    Args:
        table: of the study.
        purpose: :data:`PUBLIC` or :data:`CHOSEN`.
        deepest: at every depth up to this one.

    Returns:
        How many, of how many.
    """
    found = []
    for figure in OVER_DEPTH:
        panel = of(known(panel_settings(figure, ACTIVATION), shipped()).to_frame(), method=SAMPLED)
        sampled = panel.groupby("depth")["mean_gen_loss"].median()
        lower = medians(table, purpose, figure) < sampled
        found.append(bool(lower[lower.index <= deepest].all()))
    return [float(sum(found)), float(len(found))]


def _training(table: pd.DataFrame) -> list[float]:
    return [
        number
        for depth in (7, 9)
        for purpose in (PUBLIC, CHOSEN)
        for number in trained(table, purpose, TUNED[0], depth)
    ]


def _generalizing(table: pd.DataFrame) -> list[float]:
    both = [medians(table, purpose, TUNED[0])[9] for purpose in (PUBLIC, CHOSEN)]
    upto = [below(table, purpose, depth) for depth in (9, 10) for purpose in (PUBLIC, CHOSEN)]
    counts = [one[0] for one in upto]
    return [*both, counts[1], upto[0][1], counts[0], counts[3], counts[2]]


GD_TRAINS = Study(
    name="gd_trains",
    title="Gradient descent that trains: Leaky ReLU in depth (Figure 2)",
    question="Is gradient descent below Guess & Check in deep Leaky ReLU networks if it trains?",
    verdict="up to depth 9, where it trains; not at depth 10, where it does not",
    stages=(_grid, _panels),
    points=_points,
    plot=Plot("depth d", "mean generalization loss", log_y=True),
    sentences=(
        Sentence(
            "With init_scale and lr chosen by training loss alone, on tasks that are not the "
            "panels', Figure 2's Leaky ReLU networks train: at depth 7 {2:.0f} of {3:.0f} trials "
            "under it and {0:.0f} of {1:.0f} under the public configuration, at depth 9 {6:.0f} of "
            "{7:.0f} and {4:.0f} of {5:.0f}.",
            _training,
        ),
        Sentence(
            "Their median loss at depth 9 falls from {:.2g} to {:.2g}; gradient descent is below "
            "Guess & Check at every depth up to 9 in {:.0f} of {:.0f} Leaky ReLU panels (public "
            "configuration: {:.0f}), and up to 10 in {:.0f} (public: {:.0f}).",
            _generalizing,
        ),
    ),
)
