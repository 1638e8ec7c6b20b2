"""The page, as a widget for Voila and JupyterLab."""

from __future__ import annotations

from gncviz.explorer.page import Explorer

__all__ = ["Explorer"]
