"""Activations: values, derivatives, and the two facts that theory asks about."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gncviz.activation import ACTIVATIONS
from tests import reference

NAMES = sorted(ACTIVATIONS)
SLOPE = 0.3
#: Both signs, small and large; no kink among them.
POINTS = torch.tensor([-30.0, -2.5, -0.7, -1e-3, 1e-3, 0.4, 1.9, 30.0], dtype=torch.float64)


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    expected = reference.apply(name, POINTS.numpy(), SLOPE)
    got = ACTIVATIONS[name].function(POINTS.clone(), SLOPE)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_argument_is_left_alone(name: str) -> None:
    x = POINTS.clone()
    y = ACTIVATIONS[name].function(x, SLOPE)
    kept = y.clone()
    ACTIVATIONS[name].derivative(x, y, SLOPE)
    assert torch.equal(x, POINTS)
    assert torch.equal(y, kept)


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_autograd_s(name: str) -> None:
    sigma = ACTIVATIONS[name]
    x = POINTS.clone().requires_grad_()
    (expected,) = torch.autograd.grad(sigma.function(x, SLOPE).sum(), x)
    got = sigma.derivative(POINTS, sigma.function(POINTS, SLOPE), SLOPE)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_derivative_at_the_kink_is_torch_s(name: str) -> None:
    x = torch.zeros(1, requires_grad=True)
    torch_s = {"relu": torch.relu, "leaky_relu": lambda v: torch.nn.functional.leaky_relu(v, SLOPE)}
    (expected,) = torch.autograd.grad(torch_s[name](x).sum(), x)
    zero = torch.zeros(1)
    assert ACTIVATIONS[name].derivative(zero, zero, SLOPE).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("name", NAMES)
def test_flags_are_true_of_the_function(name: str) -> None:
    sigma = ACTIVATIONS[name]
    there, mirrored = sigma.function(POINTS, SLOPE), sigma.function(-POINTS, SLOPE)
    assert sigma.antisymmetric == torch.allclose(mirrored, -there)
    stretched = [torch.allclose(sigma.function(c * POINTS, SLOPE), c * there) for c in (0.3, 7.0)]
    assert sigma.homogeneous == all(stretched)
    assert sigma.linear == torch.equal(there, POINTS)
    # At a kink the slopes on the two sides differ, however close to it.
    sides = torch.tensor([-1e-9, 1e-9], dtype=torch.float64)
    left, right = sigma.derivative(sides, sigma.function(sides, SLOPE), SLOPE).tolist()
    assert sigma.smooth == (abs(right - left) < 1e-6)
