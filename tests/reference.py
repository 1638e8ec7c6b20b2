"""The paper's formulas, one at a time and slowly, as the yardstick of the fast package.

Nothing here is imported from the package. Plain loops over NumPy float64 arrays, torch only for the
gradients; equation and definition numbers are the paper's (arXiv 2506.03931).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg
import torch
from numpy.typing import NDArray

Array = NDArray[np.float64]


def inner(a: Array, b: Array) -> float:
    """<A, B>, the sum of the products of the entries."""
    return sum(float(a[i, j] * b[i, j]) for i in range(a.shape[0]) for j in range(a.shape[1]))


def train_loss(matrix: Array, truth: Array, measurements: Array) -> float:
    """Eq. 2: (1/n) Σ_i (<A_i, W> − y_i)² with y_i = <A_i, W*>."""
    residuals = [inner(a, matrix) - inner(a, truth) for a in measurements]
    return sum(r**2 for r in residuals) / len(measurements)


def complement(measurements: Array) -> Array:
    """An orthonormal basis 𝓑 of the orthogonal complement of span{A_i}."""
    stacked = measurements.reshape(len(measurements), -1)
    return scipy.linalg.null_space(stacked).T.reshape(-1, *measurements.shape[1:])


def gen_loss(matrix: Array, truth: Array, basis: Array) -> float:
    """Eq. 3: (1/|𝓑|) Σ_B (<B, W> − <B, W*>)²."""
    return sum((inner(b, matrix) - inner(b, truth)) ** 2 for b in basis) / len(basis)


def activation(name: str, x: float, slope: float = 0.2) -> float:
    """σ of one number."""
    return {
        "linear": lambda: x,
        "tanh": lambda: math.tanh(x),
        "leaky_relu": lambda: x if x > 0 else slope * x,
        "relu": lambda: max(x, 0.0),
        "sin": lambda: math.sin(x),
        "softsign": lambda: x / (1 + abs(x)),
    }[name]()


def apply(name: str, matrix: Array, slope: float = 0.2) -> Array:
    """σ entry by entry."""
    return np.vectorize(lambda x: activation(name, x, slope), otypes=[float])(matrix)


def matrix(weights: list[Array], name: str, slope: float = 0.2) -> Array:
    """Eq. 4: W = W_d σ(W_{d−1} σ(… σ(W_1)…)), σ not applied to the last product."""
    product = weights[0]
    for layer in weights[1:]:
        product = layer @ apply(name, product, slope)
    return product


def shapes(rows: int, cols: int, width: int, depth: int) -> list[tuple[int, int]]:
    """W_1 is k × m', W_2..W_{d−1} are k × k, W_d is m × k; one layer is m × m'."""
    left = [width] * (depth - 1) + [rows]
    right = [cols] + [width] * (depth - 1)
    return list(zip(left, right, strict=True))


def scale(shape: tuple[int, int], scaling: str) -> float:
    """Definition 3: 1/√columns; "fan_out": 1/√rows."""
    return 1 / math.sqrt(shape[1] if scaling == "fan_in" else shape[0])


def prior_matrix(
    entries: list[Array],
    name: str = "linear",
    *,
    normalize: bool | str = False,
    scaling: str = "fan_in",
    slope: float = 0.2,
) -> Array:
    """W from entries of Q, one array a layer (Definitions 2 and 3)."""
    weights = [scale(w.shape, scaling) * w for w in entries]
    product = matrix(weights, name, slope)
    if not normalize:
        return product
    norm = math.sqrt(inner(product, product))
    if normalize == "product":
        return product / norm
    return matrix([w / norm ** (1 / len(weights)) for w in weights], name, slope)


def draw_entries(
    rng: np.random.Generator, layers: list[tuple[int, int]], family: str = "gaussian"
) -> list[Array]:
    """Independent draws of Q: N(0, 1), or uniform on [−1, 1]."""
    if family == "gaussian":
        return [rng.standard_normal(shape) for shape in layers]
    return [rng.uniform(-1, 1, shape) for shape in layers]


def step_lengths(squares: list[float], lr: float) -> list[float]:
    """The adaptive rule's step at each epoch, from the squared gradient norms so far."""
    s, steps = 0.0, []
    for t, square in enumerate(squares, start=1):
        s = 0.99 * s + 0.01 * square
        steps.append(lr / (math.sqrt(s / (1 - 0.99**t)) + 1e-6))
    return steps


def gradient_descent(
    weights: list[Array],
    truth: Array,
    measurements: Array,
    name: str,
    *,
    lr: float,
    epochs: int,
    momentum: float = 0.0,
    step_rule: str = "adaptive",
    slope: float = 0.2,
) -> list[Array]:
    """Full-batch gradient descent on Eq. 2 by torch.autograd; W after 0, 1, .., epochs steps."""
    sigma = {
        "linear": lambda x: x,
        "tanh": torch.tanh,
        "leaky_relu": lambda x: torch.nn.functional.leaky_relu(x, slope),
        "relu": torch.relu,
        "sin": torch.sin,
        "softsign": torch.nn.functional.softsign,
    }[name]
    layers = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in weights]
    a = torch.tensor(measurements, dtype=torch.float64)
    y = (a * torch.tensor(truth, dtype=torch.float64)).sum(dim=(1, 2))
    velocity = [torch.zeros_like(w) for w in layers]
    squares: list[float] = []
    path = []
    for epoch in range(epochs + 1):
        product = layers[0]
        for layer in layers[1:]:
            product = layer @ sigma(product)
        path.append(product.detach().numpy().copy())
        if epoch == epochs:
            return path
        loss = (((a * product).sum(dim=(1, 2)) - y) ** 2).mean()
        gradients = torch.autograd.grad(loss, layers)
        squares.append(sum(float((g**2).sum()) for g in gradients))
        step = step_lengths(squares, lr)[-1] if step_rule == "adaptive" else lr
        with torch.no_grad():
            for w, v, g in zip(layers, velocity, gradients, strict=True):
                v.mul_(momentum).add_(g)
                w.sub_(step * v)
    return path
