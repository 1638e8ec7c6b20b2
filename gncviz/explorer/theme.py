"""Whether the page is light or dark, told by the page itself."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets


class ThemeProbe(anywidget.AnyWidget):
    """An invisible widget that follows the theme of Voila or JupyterLab.

    Attributes:
        dark: whether the page is dark.
    """

    _esm = Path(__file__).parent / "theme.js"

    dark = traitlets.Bool(False).tag(sync=True)
