"""Which samples: a set that is offered, or a visitor's own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from gncviz.experiment.learning.starts import STARTS
from gncviz.explorer.browser.upload import Upload
from gncviz.explorer.model.data import MOST_CLASSES, MOST_INPUTS, MOST_ROWS, OWN, DataModel
from gncviz.words import grouped

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class SamplesPanel:
    """The choice of a set, and what goes with a file.

    Args:
        model: which set is chosen.
        guard: makes event handlers whose failures are seen.
    """

    def __init__(self, model: DataModel, guard: Guard) -> None:
        self._model = model
        offered = [(start.label, name) for name, start in STARTS.items() if start.offered]
        options = [*offered, ("My CSV file", OWN)]
        self._names = [name for _, name in options]
        self._set = widgets.Dropdown(options=options, value=None, description="Samples")
        self._set.observe(guard(self._choose), "value")
        missing = widgets.HTML(
            '<p class="gv-caption">Digits need scikit-learn, which is not installed here.</p>'
        )
        missing.layout.display = "none" if len(offered) == len(STARTS) else None
        self._upload = Upload("Choose a file …", model.most_bytes, model.upload)
        self._label = widgets.Dropdown(description="Label")
        self._label.observe(guard(self._choose_label), "value")
        about = widgets.HTML(f'<p class="gv-caption">{rules(model.most_bytes)}</p>')
        self._own = widgets.VBox([self._upload, self._label, about]).add_class("gv-set")
        self.widget = widgets.VBox([self._set, missing, self._own]).add_class("gv-set")

    def show(self) -> None:
        """Shows the present state."""
        model = self._model
        self._set.value = model.chosen if model.chosen in self._names else None
        self._own.layout.display = None if model.chosen == OWN else "none"
        table = model.table
        self._label.layout.display = None if table else "none"
        if table is None or not model.own:
            return
        options = tuple((name, name) for name in table.names)
        if self._label.options != options:
            self._label.options = options
        self._label.value = model.settings.task.label
        self._upload.name = table.file

    def _choose(self) -> None:
        name: Any = self._set.value
        if name is not None and name != self._model.chosen:
            self._model.choose(name)

    def _choose_label(self) -> None:
        if self._label.value is not None:
            self._model.choose_label(self._label.value)


def rules(most: int) -> str:
    """What a file has to be, and what becomes of it.

    Args:
        most: bytes, at most.
    """
    return (
        f"Numbers in all columns but one, the label, which names 2 to {MOST_CLASSES} classes. At "
        f"most {grouped(MOST_ROWS)} rows, {MOST_INPUTS} inputs and {grouped(most // 1000)} kB. A "
        "fifth or more is held out as the test. The file goes to where this page computes and "
        "nowhere else, and is not kept."
    )
