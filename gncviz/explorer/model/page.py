"""All that the page remembers: which view is open, and what each of them shows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import traitlets

from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model.explorer import ExplorerModel
from gncviz.explorer.model.story import Story

if TYPE_CHECKING:
    from gncviz.explorer.model.data import DataModel
    from gncviz.explorer.model.runner import Runner
    from gncviz.explorer.model.sweep import SweepModel

#: The views, in their order.
STORY, EXPLORE, PAPER, DATA = VIEWS = ("Story", "Explore", "Paper", "Data")
#: What the sweeps are over.
SWEPT = ("width", "depth")


class PageModel(traitlets.HasTraits):
    """The page without its widgets.

    Args:
        settings: of the run, to begin with.
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        view: which of :data:`VIEWS` is open.
        story: where the story stands.
        runs: settings, results and the run in progress.
    """

    view = traitlets.Enum(VIEWS, STORY)

    def __init__(
        self,
        settings: ExperimentSettings | None = None,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._abandoned = abandoned
        self.story = Story()
        self.runs = ExplorerModel(settings, abandoned)

    @functools.cached_property
    def sweeps(self) -> dict[str, SweepModel]:
        """The paper's panels and sweeps, over width and over depth; made when they are seen."""
        from gncviz.explorer.model.sweep import SweepModel

        return {name: SweepModel(self._abandoned) for name in SWEPT}

    @functools.cached_property
    def data(self) -> DataModel:
        """Networks on data; made when it is seen."""
        from gncviz.explorer.model.data import DataModel

        return DataModel(self._abandoned)

    @property
    def runners(self) -> list[Runner]:
        """Whatever may be running."""
        made = self.__dict__
        data = [made["data"]] if "data" in made else []
        return [self.runs, *made.get("sweeps", {}).values(), *data]
