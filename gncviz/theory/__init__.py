"""Which of the paper's theorems speak about a setting, condition by condition; the limit of width.

A limit, such as k → ∞, is part of a theorem's statement and not among its conditions.
"""

from __future__ import annotations

from gncviz.theory.conditions import Condition
from gncviz.theory.isometry import rip_constant
from gncviz.theory.low_rank import best_residual
from gncviz.theory.theorems import Theorem, silence, theorems
from gncviz.theory.width import WidthLimit, infinite_width

__all__ = [
    "Condition",
    "Theorem",
    "WidthLimit",
    "best_residual",
    "infinite_width",
    "rip_constant",
    "silence",
    "theorems",
]
