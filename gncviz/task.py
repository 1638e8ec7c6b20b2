"""Matrix sensing and completion; see :mod:`gncviz.models.matrix`."""

from gncviz.models.matrix.recipes import GivenTask, Kind, TableTask, TaskSettings
from gncviz.models.matrix.rescaling import Rescaling
from gncviz.models.matrix.task import Task

__all__ = ["GivenTask", "Kind", "Rescaling", "TableTask", "Task", "TaskSettings"]
