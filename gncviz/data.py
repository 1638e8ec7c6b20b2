"""The public face of :mod:`gncviz.models.data`: regression and classification."""

from __future__ import annotations

from gncviz.models.data.task import DataTask

__all__ = ["DataTask"]
