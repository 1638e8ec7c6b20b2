"""Eq. 4 against its direct reading, for every activation, depth, shape and memory layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from gncviz.activation import ACTIVATIONS
from gncviz.models.data.task import DataTask
from gncviz.models.products import TERM_BY_TERM, frobenius_norm, product
from gncviz.network import Network
from gncviz.posterior import guess_and_check
from gncviz.prior import Prior
from gncviz.task import Task
from tests import reference

NAMES = sorted(ACTIVATIONS)
SHAPES = [(5, 5, 5), (3, 6, 4), (6, 2, 7), (1, 4, 3), (4, 4, 1), (3, 2, TERM_BY_TERM + 4)]


def some_weights(network: Network, rows: int, cols: int, count: int = 3) -> list[Tensor]:
    """Random weights of a few networks, each (rows, columns, count)."""
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(*shape, count, dtype=torch.float64, generator=generator) / 2
        for shape in network.layer_shapes(rows, cols)
    ]


def draws_outermost(tensor: Tensor) -> Tensor:
    """The same (r, s, C) numbers, stored with C running slowest."""
    return tensor.permute(2, 0, 1).contiguous().permute(1, 2, 0)


LAYOUTS = (torch.Tensor.contiguous, draws_outermost)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("rows", "cols", "width"), SHAPES)
def test_forward_is_equation_4(name: str, depth: int, rows: int, cols: int, width: int) -> None:
    network = Network(width=width, depth=depth, activation=name, negative_slope=0.3)
    weights = some_weights(network, rows, cols)
    expected = [reference.matrix([w[..., i].numpy() for w in weights], name, 0.3) for i in range(3)]
    for layout in LAYOUTS:
        got = network.forward([layout(w) for w in weights])
        np.testing.assert_allclose(got, np.stack(expected, axis=2), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_layer_shapes_fit_the_reference(depth: int) -> None:
    network = Network(width=7, depth=depth)
    assert network.layer_shapes(3, 4) == reference.shapes(3, 4, 7, depth)
    total = sum(r * c for r, c in reference.shapes(3, 4, 7, depth))
    assert network.weight_count(3, 4) == total


@pytest.mark.parametrize("name", NAMES)
def test_column_j_is_the_network_s_output_at_e_j(name: str) -> None:
    """App. A.1, with torch's own layers as the network."""
    network = Network(width=4, depth=3, activation=name)
    weights = some_weights(network, 3, 5, count=1)
    modules = {
        "linear": torch.nn.Identity(),
        "tanh": torch.nn.Tanh(),
        "leaky_relu": torch.nn.LeakyReLU(0.2),
        "relu": torch.nn.ReLU(),
        "softsign": torch.nn.Softsign(),
    }
    sigma = modules.get(name, torch.sin)
    matrix = network.forward(weights)[..., 0]
    for j in range(5):
        hidden = torch.eye(5, dtype=torch.float64)[j]
        for layer in weights[:-1]:
            hidden = sigma(torch.nn.functional.linear(hidden, layer[..., 0]))
        output = torch.nn.functional.linear(hidden, weights[-1][..., 0])
        torch.testing.assert_close(matrix[:, j], output, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in NAMES if ACTIVATIONS[name].homogeneous])
@pytest.mark.parametrize("depth", [8, 9, 10, 17, 30])
def test_rescale_changes_the_matrix_by_a_positive_factor(name: str, depth: int) -> None:
    network = Network(width=6, depth=depth, activation=name)
    weights = [w.abs() + 0.1 * w for w in some_weights(network, 5, 4)]
    plain, rescaled = network.forward(weights), network.forward(weights, rescale=True)
    factor = frobenius_norm(rescaled) / frobenius_norm(plain)
    assert (factor > 0).all()
    torch.testing.assert_close(rescaled, plain * factor, rtol=1e-10, atol=0)


def test_rescale_survives_what_underflows() -> None:
    network = Network(width=3, depth=200)
    weights = [0.05 * w.float() for w in some_weights(network, 3, 3)]
    assert (network.forward(weights) == 0).all()
    rescaled = network.forward(weights, rescale=True)
    assert torch.isfinite(rescaled).all()
    assert (frobenius_norm(rescaled) > 1e-30).all()


def test_weights_are_left_alone() -> None:
    for name in NAMES:
        network = Network(width=4, depth=9, activation=name)
        weights = some_weights(network, 4, 4)
        kept = [w.clone() for w in weights]
        network.forward(weights, rescale=True)
        assert all(torch.equal(a, b) for a, b in zip(weights, kept, strict=True))


@pytest.mark.parametrize("inner", [1, 2, TERM_BY_TERM, TERM_BY_TERM + 1, 50])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_product(inner: int, count: int) -> None:
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((3, inner, count)), rng.standard_normal((inner, 4, count))
    expected = np.einsum("rsc,stc->rtc", left, right)
    for layout in LAYOUTS:
        a, b = layout(torch.tensor(left)), layout(torch.tensor(right))
        np.testing.assert_allclose(product(a, b), expected, rtol=1e-12, atol=1e-14)


def test_frobenius_norm_of_zero_divides_to_zero() -> None:
    matrices = torch.zeros(2, 2, 2)
    matrices[:, :, 0] = torch.tensor([[3.0, 0.0], [0.0, 4.0]])
    norm = frobenius_norm(matrices)
    assert norm.shape == (1, 1, 2)
    assert norm[0, 0, 0].item() == 5.0
    assert torch.equal((matrices / norm)[..., 1], torch.zeros(2, 2))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_inputs_multiply_the_first_layer(name: str, depth: int) -> None:
    """f(X) is the network of W_1 X in place of W_1: Eq. 4 with inputs."""
    network = Network(width=4, depth=depth, activation=name)
    weights = some_weights(network, 3, 5)
    inputs = torch.randn(5, 7, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    first = torch.einsum("rsc,st->rtc", weights[0], inputs[..., 0])
    for layout in LAYOUTS:
        got = network.forward([layout(w) for w in weights], inputs)
        expected = network.forward([first, *weights[1:]])
        torch.testing.assert_close(got, expected, rtol=1e-11, atol=1e-13)


def test_label_is_for_titles() -> None:
    assert Network(width=5, depth=2).label == "linear, width 5, depth 2"
    assert Network(activation="leaky_relu").label.startswith("Leaky ReLU")


def with_biases(weights: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Biases for layers, and the layers with them as a last column."""
    generator = torch.Generator().manual_seed(1)
    biases = [torch.randn(len(w), 1, w.shape[2], generator=generator).double() for w in weights]
    return biases, [torch.cat(pair, dim=1) for pair in zip(weights, biases, strict=True)]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("on_data", [True, False])
def test_biases_are_torch_s(depth: int, on_data: bool) -> None:
    network = Network(width=4, depth=depth, activation="tanh", bias=True)
    weights = some_weights(network, 3, 5)
    biases, layers = with_biases(weights)
    inputs = torch.randn(5, 6, dtype=torch.float64) if on_data else None
    found = network.forward(layers, None if inputs is None else inputs[:, :, None])
    for i in range(3):
        here = torch.eye(5, dtype=torch.float64) if inputs is None else inputs.T
        for j, (layer, bias) in enumerate(zip(weights, biases, strict=True)):
            here = here.tanh() if j else here
            here = torch.nn.functional.linear(here, layer[..., i], bias[:, 0, i])
        torch.testing.assert_close(found[..., i], here.T)


@pytest.mark.parametrize("on_data", [True, False])
def test_the_gradient_by_biases_is_autograd_s(on_data: bool) -> None:
    network = Network(width=4, depth=3, activation="tanh", bias=True)
    _, layers = with_biases(some_weights(network, 3, 5))
    inputs = torch.randn(5, 6, 1, dtype=torch.float64) if on_data else None
    leaves = [layer.clone().requires_grad_() for layer in layers]
    network.forward(leaves, inputs).square().sum().backward()
    into = [torch.empty_like(layer) for layer in layers]
    network.gradient(layers, lambda y: 2 * y, into, inputs)()
    for found, leaf in zip(into, leaves, strict=True):
        torch.testing.assert_close(found, leaf.grad)


@pytest.mark.parametrize(("bias", "scale"), [(None, 0.1), (True, 0.1), (0.5, 0.5), (False, None)])
def test_biases_on_data_under_the_prior(bias: float | bool | None, scale: float | None) -> None:
    task = DataTask([[1.0, 2.0], [0.0, 1.0]], [0, 1], [[1.0, 1.0]], [1], "errors")
    network = Network(width=4, depth=2, activation="relu", bias=bias)
    law = network.laws(task, Prior())[0]
    columns = [2, 4] if scale is None else [3, 5]
    assert network.blocks(task) == [(4, columns[0]), (1, columns[1])]
    entries = torch.ones(law.size, 1)
    first, last = law.weights(entries)
    assert first[0, 0].item() == pytest.approx(1 / np.sqrt(2))
    assert last[0, 0].item() == pytest.approx(1 / np.sqrt(4))
    if scale is not None:
        assert first[0, -1].item() == last[0, -1].item() == pytest.approx(scale)


def test_matrices_have_no_biases_unless_asked_for() -> None:
    task = Task.random(seed=0)
    assert Network(width=5).blocks(task) == [(5, 5), (5, 5)]
    biased = Network(width=5, activation="relu", bias=True)
    assert biased.blocks(task) == [(5, 6), (5, 6)]
    post = guess_and_check(task, biased, epsilon=0.05, samples=100, device="cpu")
    assert post.status == "ok"
    assert not np.isclose(
        post.mean_gen_loss,
        guess_and_check(
            task, biased.replace(bias=None), epsilon=0.05, samples=100, device="cpu"
        ).mean_gen_loss,
    )


def test_with_biases_the_last_layer_is_still_integrated_out() -> None:
    task, network = Task.random(seed=0), Network(width=40, activation="tanh", bias=0.3)
    posts = [
        guess_and_check(task, network, epsilon=0.08, samples=400, method=method, device="cpu")
        for method in ("plain", "collapsed")
    ]
    for post in posts[1:]:
        error = np.hypot(post.log10_acceptance_stderr, posts[0].log10_acceptance_stderr)
        assert abs(post.log10_acceptance - posts[0].log10_acceptance) < 4 * error
        error = np.hypot(post.stderr, posts[0].stderr)
        assert abs(post.mean_gen_loss - posts[0].mean_gen_loss) < 4 * error
