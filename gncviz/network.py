"""The layered network; see :mod:`gncviz.models.dense`."""

from gncviz.models.dense.network import Network

__all__ = ["Network"]
