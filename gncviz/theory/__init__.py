"""Which of the paper's theorems speak about a setting, condition by condition.

A limit, such as k → ∞, is part of a theorem's statement and not among its conditions.
"""

from __future__ import annotations

from gncviz.theory.conditions import Condition
from gncviz.theory.isometry import rip_constant
from gncviz.theory.theorems import Theorem, silence, theorems

__all__ = ["Condition", "Theorem", "rip_constant", "silence", "theorems"]
