"""The story without a server: one file for a lecture's page, with sliders on stored runs."""

from __future__ import annotations

from gncviz.explorer.alone.page import story_html

__all__ = ["story_html"]
