"""Tensor sensing and completion, and CP networks; see :mod:`gncviz.models.tensor`."""

from gncviz.models.tensor.network import TensorNetwork
from gncviz.models.tensor.recipes import TensorTaskSettings
from gncviz.models.tensor.task import TensorTask

__all__ = ["TensorNetwork", "TensorTask", "TensorTaskSettings"]
