"""The page, as a widget for Voila and JupyterLab."""

from __future__ import annotations

from gncviz.explorer.app import Explorer
from gncviz.explorer.settings import PRESETS, ExplorerSettings

__all__ = ["PRESETS", "Explorer", "ExplorerSettings"]
