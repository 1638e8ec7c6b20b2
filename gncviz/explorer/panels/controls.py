"""The settings panel: which controls there are, and how they become settings and back."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection
from typing import Any

import ipywidgets as widgets

from gncviz.experiment.followers import with_followers, without_echoes
from gncviz.experiment.option import Option, renamed
from gncviz.experiment.options import OPTIONS, by_group
from gncviz.experiment.settings import ExperimentSettings, assemble, flat
from gncviz.explorer.panels.fields import Control, Field
from gncviz.explorer.words.address import slug
from gncviz.settings import SettingsError

#: Settings that have a control.
SHOWN = tuple(row for row in OPTIONS if row.label)

#: Groups that are open when the page opens.
_OPEN = ("Network", "Prior", "Guess & Check")


class Controls:
    """All controls. Valid settings go to a listener as soon as a person made them.

    Args:
        settings: shown at first.
        on_change: called with new settings whenever all controls are valid; may refuse them by a
            SettingsError, too.
        on_problem: called with one sentence for each rejected value; with none when all is well.
        rows: those that have a control.
        grouped: whether they are in groups that can be closed.
    """

    def __init__(
        self,
        settings: ExperimentSettings,
        on_change: Callable[[ExperimentSettings], None],
        on_problem: Callable[[list[str]], None],
        rows: tuple[Option, ...] = SHOWN,
        *,
        grouped: bool = True,
    ) -> None:
        self._on_change, self._on_problem, self._rows = on_change, on_problem, rows
        self.controls = {row.path: Control(_field(row)) for row in rows}
        for control in self.controls.values():
            control.listen(self.submit)
        groups = by_group(rows) if grouped else {}
        self._groups = {title: self._group(title, found) for title, found in groups.items()}
        fields = [control.widget for control in self.controls.values()]
        parts = [*self._groups.values()] if grouped else fields
        self.widget = widgets.VBox(parts).add_class("gv-controls")
        self.show(settings)

    def show(self, settings: ExperimentSettings) -> None:
        """Puts settings into the controls; what they do not show is carried along."""
        self._base = settings
        values = flat(settings)
        for path, control in self.controls.items():
            control.show(values[path])
            control.complain("")
        self._on_problem([])

    def hide(self, names: Collection[str]) -> None:
        """Takes groups and single controls off the page; what they set stays as it is.

        Args:
            names: slugs of groups and keys of controls, as
                :mod:`gncviz.explorer.words.address` has them.
        """
        for name, group in self._groups.items():
            group.layout.display = "none" if slug(name) in names else None
        for row in self._rows:
            layout = self.controls[row.path].widget.layout
            layout.display = "none" if row.key in names else None

    def submit(self) -> bool:
        """Reads the controls; tells the listener, or shows what is wrong. True if all is well."""
        before = flat(self._base)
        changed = {
            path: control.value
            for path, control in self.controls.items()
            if control.value != before[path]
        }
        try:
            settings = assemble(with_followers(changed), self._base)
            self._on_change(settings)
        except SettingsError as error:
            self._complain(error.problems)
            return False
        self._complain([])
        return True

    def _complain(self, problems: list[tuple[str, str]]) -> None:
        sentences: dict[str, str] = {}
        for path, sentence in without_echoes(problems):
            control = self.controls.get(path)
            said = renamed(sentence, path, control.about.label) if control else sentence
            sentences.setdefault(path, said)
        for path, control in self.controls.items():
            control.complain(html.escape(sentences.get(path, "")))
        self._on_problem(list(sentences.values()))

    def _group(self, title: str, rows: list[Option]) -> Any:
        fields = [self.controls[row.path].widget for row in rows]
        group = widgets.Accordion([widgets.VBox(fields)], titles=(title,))
        group.selected_index = 0 if title in _OPEN else None
        return group.add_class("gv-group")


def _field(row: Option) -> Field:
    """What the control of a setting looks like."""
    return Field(
        row.path,
        row.label,
        row.help,
        choices=tuple((choice.label, choice.value) for choice in row.choices),
        slider=row.slider,
        log=row.log,
        whole=row.kind is int,
    )
