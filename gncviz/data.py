"""Regression and classification; see :mod:`gncviz.models.data`."""

from __future__ import annotations

from gncviz.models.data.recipes import DataSettings, GivenData
from gncviz.models.data.task import DataTask

__all__ = ["DataSettings", "DataTask", "GivenData"]
