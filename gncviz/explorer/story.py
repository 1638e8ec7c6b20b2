"""The point of the paper in four steps, each of them a run of about a second."""

from __future__ import annotations

from dataclasses import dataclass

from gncviz.descent.settings import DescentSettings
from gncviz.experiment.settings import ExperimentSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior


@dataclass(frozen=True)
class StoryStep:
    """One step of the story.

    Attributes:
        title: on its button.
        see: what to see, in two sentences, as HTML.
        settings: what is run and seen in the end.
        compare: what is run beside it and kept to compare with, under the letter A.
        tab: title of the tab to look at.
    """

    title: str
    see: str
    settings: ExperimentSettings
    tab: str
    compare: ExperimentSettings | None = None


def _wide(width: int, **sampling: object) -> ExperimentSettings:
    """Figure 1 of the paper, with as many draws and as many steps as a picture needs."""
    return ExperimentSettings(
        network=Network(width=width, depth=2),
        prior=Prior("gaussian", normalize=False),
        guess_and_check=GuessAndCheckSettings(
            **{"epsilon": 0.02, "samples": 150, "draws": 10_000_000, **sampling}
        ),
        descent=DescentSettings(trials=4, lr=3e-3, init_scale=1e-3, epochs=20_000, tolerance=1e-5),
    )


def _deep(depth: int, epsilon: float, samples: int) -> ExperimentSettings:
    """Figure 2 of the paper, with as many draws and as many steps as a picture needs."""
    return ExperimentSettings(
        network=Network(width=5, depth=depth),
        prior=Prior("gaussian", normalize=True),
        guess_and_check=GuessAndCheckSettings(epsilon=epsilon, samples=samples, draws=10_000_000),
        descent=DescentSettings(
            trials=4,
            lr=1e-2,
            # The paper's 0.2 needs twenty times as many steps, to the same end.
            init_scale=1e-3 if depth < 5 else 0.3,
            epochs=20_000,
            tolerance=1e-5,
        ),
    )


STORY = (
    StoryStep(
        title="Guess & Check",
        see="Networks are drawn at random, and only the few whose training loss lands left of ε "
        "are kept: that is learning without any training. Below, those that fit (blue) "
        "also do better than the rest (grey) on what was not measured, though not nearly as well "
        "as gradient descent (diamonds).",
        settings=_wide(5, method="plain"),
        tab="Both losses",
    ),
    StoryStep(
        title="Width hurts",
        see="The same task with 160 hidden units in place of 5, whose fits the dashed line A "
        "shows: now a network that fits the training data (blue) does hardly better on the rest "
        "than one that does not (grey). Gradient descent (diamonds) finds the ground truth at "
        "either width, so here it is needed.",
        settings=_wide(160),
        compare=_wide(5),
        tab="Generalization",
    ),
    StoryStep(
        title="Depth helps",
        see="Ten layers in place of two, whose fits the dashed line A shows: what fits by luck now "
        "generalizes several times better. A product of many random matrices is nearly of rank "
        "one before it has seen any data, as the ground truth is; look at Singular values.",
        settings=_deep(10, 0.0035, 100),
        compare=_deep(2, 0.0035, 100),
        tab="Generalization",
    ),
    StoryStep(
        title="ε → 0",
        see="From right to left, the closer the fit: with ten layers (blue) the loss falls with ε, "
        "though draws that fit become as rare as one in hundreds of millions; with two (dashed "
        "line A) it falls far less. Move the threshold ε in the settings: every figure follows.",
        settings=_deep(10, 1e-3, 60),
        compare=_deep(2, 1e-3, 60),
        tab="ε-path",
    ),
)
