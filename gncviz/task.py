"""Matrix sensing and completion; see :mod:`gncviz.models.matrix`."""

from gncviz.models.matrix.recipes import Kind, TaskSettings
from gncviz.models.matrix.task import Task

__all__ = ["Kind", "Task", "TaskSettings"]
