"""All that the page remembers: which view is open, and what each of them shows."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model.explorer import ExplorerModel
from gncviz.explorer.model.story import Story
from gncviz.explorer.model.sweep import SweepModel

#: The views, in their order.
STORY, EXPLORE, PAPER = VIEWS = ("Story", "Explore", "Paper")


class PageModel(traitlets.HasTraits):
    """The page without its widgets.

    Args:
        settings: of the run, to begin with.
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        view: which of :data:`VIEWS` is open.
        story: where the story stands.
        runs: settings, results and the run in progress.
        sweeps: the paper's panels and sweeps, over width and over depth.
    """

    view = traitlets.Enum(VIEWS, STORY)

    def __init__(
        self,
        settings: ExperimentSettings | None = None,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self.story = Story()
        self.runs = ExplorerModel(settings, abandoned)
        self.sweeps = {name: SweepModel(abandoned) for name in ("width", "depth")}
