"""Matrix sensing and completion; see :mod:`gncviz.models.matrix`."""

from gncviz.models.matrix.task import Kind, Task, TaskSettings

__all__ = ["Kind", "Task", "TaskSettings"]
