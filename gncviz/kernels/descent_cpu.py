"""Gradient descent of many small networks: forward, backward and step fused, trials innermost.

Arrays of numbers have shape (rows, 8): those of eight trials side by side. The readable reference
is :class:`gncviz.descent.steps.TorchSteps`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gncviz.kernels.compiling import SOURCES, kernel, part
from gncviz.kernels.lanes import LANES_64, copy, dot
from gncviz.kernels.plans import LEAKY_RELU, LINEAR, RELU, SIN, SOFTSIGN, TANH


@part
def _product(
    left: Any, a: int, by_row: int, by_inner: int, right: Any, b: int, inner_by: int, by_col: int,
    out: Any, c: int, rows: int, inner: int, cols: int,
) -> None:  # fmt: skip
    """A product of matrices that begin at a, b and c, with these steps between entries."""
    for i in range(rows):
        for j in range(cols):
            x, y = a + i * by_row, b + j * by_col
            dot(left, x, by_inner, right, y, inner_by, inner, out, c + i * cols + j)


@part
def _activate(sigma: int, slope: float, before: Any, after: Any, first: int, end: int) -> None:
    """Applies σ, for some of the rows."""
    for row in range(first, end):
        for lane in range(LANES_64):
            x = before[row, lane]
            if sigma == TANH:
                x = math.tanh(x)
            elif sigma == LEAKY_RELU:
                x = max(x, slope * x)
            elif sigma == RELU:
                x = max(x, 0.0)
            elif sigma == SIN:
                x = math.sin(x)
            elif sigma == SOFTSIGN:
                x = x / (1 + abs(x))
            after[row, lane] = x


@part
def _chain(
    sigma: int, slope: float, before: Any, after: Any, back: Any, first: int, end: int
) -> None:
    """Multiplies ``back`` by σ'(before), for some of the rows of ``before``."""
    for row in range(first, end):
        for lane in range(LANES_64):
            x, y, factor = before[row, lane], after[row, lane], 1.0
            if sigma == TANH:
                factor = 1 - y * y
            elif sigma == LEAKY_RELU:
                factor = 1.0 if x > 0 else slope
            elif sigma == RELU:
                factor = 1.0 if x > 0 else 0.0
            elif sigma == SIN:
                factor = math.cos(x)
            elif sigma == SOFTSIGN:
                factor = 1 / ((1 + abs(x)) * (1 + abs(x)))
            back[row - first, lane] *= factor


@part
def _forward(shapes: Any, sigma: int, slope: float, weights: Any, before: Any, after: Any) -> int:
    """What layers give, one after the other in ``before``; returns where the last one's begins."""
    cols = shapes[0, 1]
    at, size = 0, shapes[0, 0] * cols
    layer = size
    copy(weights, 0, before, 0, size)
    for j in range(1, len(shapes)):
        rows, inner = shapes[j]
        _activate(sigma, slope, before, after, at, at + size)
        _product(weights, layer, inner, 1, after, at, cols, 1, before, at + size, rows, inner, cols)
        at, size, layer = at + size, rows * cols, layer + rows * inner
    return at


@part
def _misfit(root: Any, truth: Any, output: Any, last: int, error: Any, misfit: Any) -> None:
    """R (W − W*), whose squares add up to L_train; W lies in the output from ``last`` on."""
    for p in range(len(truth)):
        for lane in range(LANES_64):
            error[p, lane] = output[last + p, lane] - truth[p, lane]
    for i in range(len(misfit)):
        dot(root, i * len(truth), 1, error, 0, 1, len(truth), misfit, i)


@part
def _backward(
    shapes: Any, sigma: int, slope: float, weights: Any, before: Any, after: Any, last: int,
    root: Any, misfit: Any, back: Any, spare: Any, gradient: Any,
) -> None:  # fmt: skip
    """Half the gradient of L_train by all weights."""
    cols, size, at, layer = shapes[0, 1], len(before) - last, last, len(weights)
    for p in range(size):
        dot(root, p, size, misfit, 0, 1, len(misfit), back, p)
    for j in range(len(shapes) - 1, 0, -1):
        rows, inner = shapes[j]
        layer -= rows * inner
        below = at - inner * cols
        _product(back, 0, cols, 1, after, below, 1, cols, gradient, layer, rows, cols, inner)
        _product(weights, layer, 1, inner, back, 0, cols, 1, spare, 0, inner, rows, cols)
        if sigma != LINEAR:
            _chain(sigma, slope, before, after, spare, below, at)
        back, spare, at = spare, back, below
    copy(back, 0, gradient, 0, shapes[0, 0] * cols)


@part
def _step(
    weights: Any, velocity: Any, mean_square: Any, gradient: Any, epoch: int,
    lr: float, momentum: float, adaptive: bool, decay: float, floor: float, length: Any,
) -> None:  # fmt: skip
    """One step of all trials along half a gradient; see :func:`gncviz.descent.step.take_step`."""
    for lane in range(LANES_64):
        length[0, lane] = lr
    if adaptive:
        dot(gradient, 0, 1, gradient, 0, 1, len(gradient), length, 0)
        correction = math.sqrt(1 - decay**epoch)
        for lane in range(LANES_64):
            mean_square[lane] += (1 - decay) * (4 * length[0, lane] - mean_square[lane])
            root = math.sqrt(mean_square[lane]) + floor * correction
            length[0, lane] = lr * correction / root
    for d in range(len(gradient)):
        for lane in range(LANES_64):
            moved = momentum * velocity[d, lane] + 2 * gradient[d, lane]
            velocity[d, lane] = moved
            weights[d, lane] -= length[0, lane] * moved


@part
def _ended(outputs: Any, losses: Any, tolerance: float, bounds: Any) -> bool:
    """Whether one of the trials that have a bound has converged or diverged."""
    for lane in range(len(bounds)):
        finite = 0.0
        for p in range(len(outputs)):
            finite += outputs[p, lane] * 0.0
        if finite != 0.0 or losses[lane] < tolerance or not losses[lane] <= bounds[lane]:
            return True
    return False


@kernel(
    "int64(int64[:,::1], int64, float64, float64[:,:,::1], float64[:,:,::1], float64[:,::1],"
    "float64[:,:,::1], float64[:,:,::1], float64, float64, boolean, float64, float64,"
    "int64, int64[::1], float64, float64[::1], float64[:,:,:,::1], float64[:,:,::1])"
)
def descend(
    shapes: Any, sigma: int, slope: float, weights: Any, velocity: Any, mean_square: Any,
    truth: Any, root: Any, lr: float, momentum: float, adaptive: bool, decay: float, floor: float,
    epoch: int, stops: Any, tolerance: float, bounds: Any, outputs: Any, losses: Any,
    sources: int = SOURCES,
) -> int:  # fmt: skip
    """Takes steps of groups of eight trials, and looks where they stand, until a trial ends.

    Args:
        shapes: of the layers, with shape (d, 2), int64.
        sigma: the activation, by its number.
        slope: of Leaky ReLU.
        weights: with shape (G, D, 8), float64 as all arrays; they change in place.
        velocity: likewise.
        mean_square: likewise, with shape (G, 8).
        truth: W*, with shape (G, P, 8).
        root: R with L_train = ‖R (W − W*)‖², with shape (G, n·P, 8).
        lr: learning rate.
        momentum: heavy ball.
        adaptive: the step rule.
        decay: of the adaptive rule.
        floor: likewise.
        epoch: where the trials stand.
        stops: epochs to look at, with shape (S,), int64.
        tolerance: a trial with a training loss below it has converged.
        bounds: a trial with one above it has diverged, with shape (T,): other lanes are idle.
        outputs: where W at the stops is written to, with shape (S, G, P, 8).
        losses: where L_train is written to, with shape (S, G, 8).
        sources: of the kernel.

    Returns:
        How many of the stops were reached.
    """
    units = 0
    for j in range(len(shapes)):
        units += shapes[j, 0] * shapes[0, 1]
    before, after = np.empty((units, LANES_64)), np.empty((units, LANES_64))
    back, spare = np.empty((units, LANES_64)), np.empty((units, LANES_64))
    gradient, length = np.empty(weights.shape[1:]), np.empty((1, LANES_64))
    error = np.empty(truth.shape[1:])
    misfit = np.empty((root.shape[1] // truth.shape[1], LANES_64))
    for s in range(len(stops)):
        ended = False
        for g in range(len(weights)):
            for t in range(epoch + 1, stops[s] + 2):
                last = _forward(shapes, sigma, slope, weights[g], before, after)
                _misfit(root[g], truth[g], before, last, error, misfit)
                if t > stops[s]:
                    break
                _backward(
                    shapes, sigma, slope, weights[g], before, after, last,
                    root[g], misfit, back, spare, gradient,
                )  # fmt: skip
                _step(
                    weights[g], velocity[g], mean_square[g], gradient, t,
                    lr, momentum, adaptive, decay, floor, length,
                )  # fmt: skip
            dot(misfit, 0, 1, misfit, 0, 1, len(misfit), losses[s], g)
            copy(before, last, outputs[s, g], 0, truth.shape[1])
            ended = ended or _ended(
                outputs[s, g],
                losses[s, g],
                tolerance,
                bounds[LANES_64 * g : LANES_64 * g + LANES_64],
            )
        if ended:
            return s + 1
        epoch = stops[s]
    return len(stops)
