"""What the page's widgets lack for keyboards and screen readers."""

from __future__ import annotations

from pathlib import Path

import anywidget


class Access(anywidget.AnyWidget):
    """An invisible widget that names sliders and bars, and opens groups by keys.

    Headers of accordions cannot be reached by the keyboard otherwise, and handles of sliders have
    no name.
    """

    _esm = Path(__file__).parent / "access.js"
