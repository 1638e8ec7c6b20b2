"""Matrices whose spectrum is known."""

from __future__ import annotations

import numpy as np


def with_spectrum(values: list[float], rows: int = 4, cols: int = 6) -> np.ndarray:
    """A matrix with given singular values, in random directions."""
    rng = np.random.default_rng(0)
    left, _ = np.linalg.qr(rng.standard_normal((rows, rows)))
    right, _ = np.linalg.qr(rng.standard_normal((cols, cols)))
    count = min(rows, cols)
    padded = np.diag([*values, *[0.0] * (count - len(values))])
    return left[:, :count] @ padded @ right[:, :count].T
