"""What the page itself tells: whether it is light or dark, and whether it is still there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import anywidget
import traitlets

#: Seconds without a sign of life after which a page counts as closed. Browsers let a page in the
#: background speak once a minute only.
_PATIENCE = 90.0


class PageProbe(anywidget.AnyWidget):
    """An invisible widget that follows the theme of Voila or JupyterLab and gives signs of life.

    Attributes:
        dark: whether the page is dark.
        narrow: whether it is as narrow as a phone.
        left: whether the page has said that it is being closed.
        beats: signs of life so far; none while no page has ever been there.
        heard: the last of them that was heard; a page whose signs are not says so.
        idle: whether the page has been built and had nothing to do for a moment.
    """

    _esm = Path(__file__).parent / "probe.js"

    dark = traitlets.Bool(False).tag(sync=True)
    narrow = traitlets.Bool(False).tag(sync=True)
    left = traitlets.Bool(False).tag(sync=True)
    beats = traitlets.Int(0).tag(sync=True)
    heard = traitlets.Int(0).tag(sync=True)
    idle = traitlets.Bool(False).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self._last = 0.0

    @traitlets.observe("beats")
    def _note(self, _: Any) -> None:
        self._last = time.monotonic()
        self.heard = self.beats

    @property
    def gone(self) -> bool:
        """Whether there was a page, and it was closed."""
        silent = time.monotonic() - self._last > _PATIENCE
        return self.beats > 0 and (self.left or silent)
