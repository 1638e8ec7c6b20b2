"""The page, as a widget for Voila and JupyterLab."""

from __future__ import annotations

from gncviz.explorer.app import Explorer

__all__ = ["Explorer"]
