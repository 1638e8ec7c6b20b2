"""Everything that the page can set, as one value, and the settings of the paper to start from."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from gncviz.descent.settings import DescentSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings
from gncviz.task import TaskSettings


class ExplorerSettings(Settings):
    """One view of the explorer.

    Args:
        task: the recipe of the task.
        network: the model.
        prior: over its weights.
        guess_and_check: how Guess & Check samples.
        descent: how gradient descent runs.

    Raises:
        SettingsError: a field is out of range.
    """

    task: TaskSettings = Field(default_factory=TaskSettings)
    network: Network = Field(default_factory=Network)
    prior: Prior = Field(default_factory=Prior)
    guess_and_check: GuessAndCheckSettings = Field(default_factory=GuessAndCheckSettings)
    descent: DescentSettings = Field(default_factory=DescentSettings)


@dataclass(frozen=True)
class Preset:
    """A setting to start from.

    Attributes:
        title: on its button.
        about: what it shows, in a sentence.
        settings: the settings.
    """

    title: str
    about: str
    settings: ExplorerSettings


PRESETS = (
    Preset(
        title="Width hurts",
        about="Figure 1 of the paper: two layers, no normalization. Widen the network, and "
        "Guess & Check does no better than the prior.",
        settings=ExplorerSettings(
            network=Network(width=5, depth=2),
            prior=Prior("gaussian", normalize=False),
            guess_and_check=GuessAndCheckSettings(epsilon=0.02, draws=10_000_000, samples=1000),
            descent=DescentSettings(lr=1e-4, init_scale=1e-3, epochs=100_000, tolerance=1e-8),
        ),
    ),
    Preset(
        title="Depth helps",
        about="Figure 2 of the paper: width 5, normalized prior. Deepen the network, and "
        "Guess & Check comes closer to gradient descent.",
        settings=ExplorerSettings(
            network=Network(width=5, depth=5),
            prior=Prior("gaussian", normalize=True),
            guess_and_check=GuessAndCheckSettings(epsilon=0.0035, draws=10_000_000, samples=1000),
            descent=DescentSettings(lr=1e-2, init_scale=0.1, epochs=20_000, tolerance=1e-8),
        ),
    ),
)
