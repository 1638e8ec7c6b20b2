"""What can be taken away from the page: the figure, the tables, the settings, lines of Python."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from gncviz import figures
from gncviz.experiment.export import File
from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.words.takeaway import figure_html

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class SavePanel:
    """Buttons that bring files to the browser's downloads; hidden until asked for.

    Args:
        lines: asked for the lines of Python that make the same result.
        offered: asked for the files of what is shown.
        figure: asked for the figure that is seen, with its title and theme; None if there is none.
        guard: makes event handlers whose failures are seen.
    """

    def __init__(
        self,
        lines: Callable[[], str],
        offered: Callable[[], tuple[File, ...]],
        figure: Callable[[], tuple[Any, str, figures.Theme] | None],
        guard: Guard,
    ) -> None:
        self._lines, self._offered, self._figure, self._guard = lines, offered, figure, guard
        self.downloader = Downloader()
        pictures = [
            self._button("PNG", "The figure that is seen, as pixels", self._picture("png")),
            self._button("SVG", "The figure that is seen, as lines", self._picture("svg")),
            self._button("HTML", "The figure that is seen, to look at offline", self._page),
        ]
        self._files = widgets.HBox([]).add_class("gv-save-row")
        self._python = widgets.Textarea(
            description="Python", layout={"width": "auto", "height": "250px"}
        )
        self._python.add_class("gv-python")
        self._python.tooltip = "Python lines that make the same result in a notebook"
        self.widget = widgets.VBox(
            [
                _row("Figure", pictures),
                self._files,
                widgets.HTML(
                    '<p class="gv-caption">The same in a notebook; the address of this page holds '
                    "the setting, too.</p>"
                ),
                self._python,
            ]
        ).add_class("gv-save")
        self.widget.layout.display = "none"
        self._shown: list[tuple[str, str]] = []

    @property
    def is_open(self) -> bool:
        """Whether it is seen."""
        return self.widget.layout.display != "none"

    def toggle(self) -> None:
        """Shows or hides it; what could not be saved before is not spoken of any more."""
        self.downloader.trouble = ""
        self.widget.layout.display = "none" if self.is_open else None
        self.show()

    def show(self) -> None:
        """To be called when settings or results have changed."""
        if not self.is_open:
            return
        self._python.value = self._lines()
        offered = [(one.name, one.about) for one in self._offered()]
        if offered != self._shown:
            self._shown = offered
            for old in self._files.children:
                old.close()
            buttons = [
                self._button(
                    name.removeprefix("gncviz-"), about, functools.partial(self._send, name)
                )
                for name, about in offered
            ]
            self._files.children = (_lead("Files"), *buttons)

    def _button(self, text: str, about: str, action: Callable[[], object]) -> widgets.Button:
        button = widgets.Button(description=text, tooltip=about)
        button.on_click(self._guard(action))
        return button

    def _send(self, name: str) -> None:
        for one in self._offered():
            if one.name == name:
                self.downloader.send(one.name, one.content(), one.mime)

    def _picture(self, format: Any) -> Callable[[], None]:
        return lambda: self.downloader.picture(format, "gncviz-figure")

    def _page(self) -> None:
        seen = self._figure()
        if seen is None:
            self.downloader.trouble = "There is no figure to save yet: press Run first."
            return
        figure, title, theme = seen
        content = figure_html(figure, title, theme=theme)
        self.downloader.send("gncviz-figure.html", content, "text/html")


def _lead(text: str) -> widgets.HTML:
    return widgets.HTML(f'<span class="gv-lead">{html.escape(text)}</span>').add_class("gv-lead")


def _row(text: str, buttons: list[widgets.Button]) -> widgets.HBox:
    return widgets.HBox([_lead(text), *buttons]).add_class("gv-save-row")
