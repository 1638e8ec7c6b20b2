"""The covariance of infinitely wide networks, against draws and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import gncviz as gv
from gncviz.theory.kernel import Covariance, row_covariance

COLS = 3
SWISH = gv.Activation("swish", lambda x: x * torch.sigmoid(x))
OWN_RELU = gv.Activation("own ReLU", lambda x: x.clamp_min(0))
HARD = gv.Activation("hard tanh, shifted", lambda x: x.clamp(-0.5, 1.0))
COSINE = gv.Activation("cosine", torch.cos)

Array = NDArray[np.float64]


def covariance(activation: object = "relu", depth: int = 2, **prior: object) -> Covariance:
    network = gv.Network(activation=activation, depth=depth)
    return row_covariance(network, gv.Prior(**prior), rows=COLS, cols=COLS)


def sigma(activation: str | gv.Activation, x: Array) -> Array:
    if isinstance(activation, str):
        values: Array = gv.Network(activation=activation).sigma.function(torch.from_numpy(x), 0.2)
        return np.asarray(values)
    return activation.function(torch.from_numpy(x)).numpy()


@pytest.mark.parametrize("family", ["gaussian", "uniform"])
@pytest.mark.parametrize(
    "activation", ["linear", "tanh", "relu", "leaky_relu", "sin", "softsign", SWISH, HARD, COSINE]
)
def test_layer_after_layer_as_drawn(activation: str | gv.Activation, family: str) -> None:
    """Units of each layer are drawn, with the covariance that those drawn before have."""
    rng, count = np.random.default_rng(0), 200_000
    prior = gv.Prior(family)
    variance = 1.0 if family == "gaussian" else 1 / 3
    draw = rng.standard_normal if family == "gaussian" else lambda n: rng.uniform(-1, 1, n)
    hidden = sigma(activation, draw((count, COLS)) / math.sqrt(COLS))
    for depth in (2, 3, 4):
        found = row_covariance(gv.Network(activation=activation, depth=depth), prior, 7, COLS)
        products = variance * hidden[:, :, None] * hidden[:, None, :]
        error = products.std(axis=0) / math.sqrt(count)
        # What earlier layers are off by adds to it.
        assert (abs(products.mean(axis=0) - found.matrix(COLS)) < 4 * depth * error + 1e-12).all()
        root = np.linalg.cholesky(found.matrix(COLS) + 1e-12 * np.eye(COLS))
        hidden = sigma(activation, rng.standard_normal((count, COLS)) @ root.T)


@pytest.mark.parametrize("scaling", ["fan_in", "fan_out"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu"])
@pytest.mark.parametrize("family", ["gaussian", "uniform"])
def test_wide_networks_come_near(activation: str, family: str, scaling: str) -> None:
    rng, width, rows, draws = np.random.default_rng(1), 300, 4, 400
    network, prior = gv.Network(activation=activation, depth=3), gv.Prior(family, scaling=scaling)
    found = row_covariance(network, prior, rows, COLS).matrix(COLS)
    shapes = [(width, COLS), (width, width), (rows, width)]
    scales = [1 / math.sqrt(shape[scaling == "fan_in"]) for shape in shapes]

    def weights(j: int) -> Array:
        if family == "gaussian":
            return scales[j] * rng.standard_normal(shapes[j])
        return scales[j] * rng.uniform(-1, 1, shapes[j])

    drawn = []
    for _ in range(draws):
        output = weights(0)
        for j in (1, 2):
            output = weights(j) @ sigma(activation, output)
        drawn.append(output.T @ output / rows)
    error = np.std(drawn, axis=0) / math.sqrt(draws)
    # At this width the covariance itself is off by a per cent or two.
    assert (abs(np.mean(drawn, axis=0) - found) < 4 * error + 0.03 * found.max()).all()


def test_closed_forms() -> None:
    assert covariance("linear") == pytest.approx((1 / COLS, 0.0))
    assert covariance("relu") == pytest.approx((1 / (2 * COLS), 1 / (2 * math.pi * COLS)))
    slope = 0.2
    leaky = ((1 + slope**2) / (2 * COLS), (1 - slope) ** 2 / (2 * math.pi * COLS))
    assert covariance("leaky_relu") == pytest.approx(leaky)
    # E sin(u)² for u ~ N(0, s²), layer after layer.
    first = (1 - math.exp(-2 / COLS)) / 2
    second = (1 - math.exp(-2 * first)) / 2
    assert covariance("sin", 3) == pytest.approx((second, 0.0))


def test_relu_in_depth_by_the_arc_cosine() -> None:
    """ρ → (√(1−ρ²) + (π − arccos ρ) ρ)/π, and half of the variance, a layer (Cho and Saul)."""
    share = 1 / math.pi
    for depth in (3, 4, 5):
        share = (math.sqrt(1 - share**2) + (math.pi - math.acos(share)) * share) / math.pi
        found = covariance("relu", depth)
        assert found.other / found.same == pytest.approx(share)
        assert found.same == pytest.approx(0.5 ** (depth - 1) / COLS)


@pytest.mark.parametrize("depth", [2, 3, 6])
@pytest.mark.parametrize("family", ["gaussian", "uniform"])
def test_quadrature_gives_what_closed_forms_give(depth: int, family: str) -> None:
    """A function of one's own is not looked into."""
    own, known = (covariance(name, depth, family=family) for name in (OWN_RELU, "relu"))
    assert own == pytest.approx(known, rel=1e-5)


@pytest.mark.parametrize("activation", ["linear", "tanh", "sin", "softsign"])
@pytest.mark.parametrize("family", ["gaussian", "uniform"])
def test_without_a_mean_entries_are_independent(activation: str, family: str) -> None:
    found = covariance(activation, 4, family=family)
    assert abs(found.other) < 1e-12 * found.same


def test_entries_of_a_uniform_prior_are_the_first_units_themselves() -> None:
    """E|q| = 1/2 and E q² = 1/3, where a Gaussian of that variance has E|u| = √(2/3π)."""
    same, other = covariance("relu", family="uniform")
    assert same == pytest.approx(1 / 3 * 1 / 6 / COLS)
    assert other == pytest.approx(1 / 3 * (1 / 4) ** 2 / COLS)


def test_fan_out_makes_smooth_activations_linear() -> None:
    linear = row_covariance(gv.Network(), gv.Prior(scaling="fan_out"), 2, COLS)
    assert linear == pytest.approx((1 / 2, 0.0))
    for name in ("tanh", "sin", "softsign"):
        network = gv.Network(activation=name, depth=3)
        found = row_covariance(network, gv.Prior(scaling="fan_out"), 2, COLS)
        assert found == pytest.approx(linear)
    relu = [
        row_covariance(gv.Network(activation="relu", depth=4), gv.Prior(scaling=s), 2, COLS)
        for s in ("fan_in", "fan_out")
    ]
    assert relu[1] == pytest.approx(relu[0].times(COLS / 2))


@pytest.mark.parametrize(
    ("network", "prior", "said"),
    [
        ({"depth": 1}, {}, "at least 2; got 1"),
        ({}, {"normalize": True}, "without normalization; got normalize=True"),
        ({}, {"normalize": "product"}, "without normalization"),
        ({"activation": COSINE}, {"scaling": "fan_out"}, "fan-in scaling where σ"),
        (
            {"activation": gv.Activation("nothing", lambda x: 0 * x)},
            {},
            "an activation that is not zero",
        ),
        (
            {
                "activation": gv.Activation(
                    "huge", lambda x: torch.exp(x * x), lambda x: 2 * x * torch.exp(x * x)
                ),
                "depth": 4,
            },
            {},
            "square-integrable",
        ),
    ],
)
def test_what_has_no_limit_is_refused(
    network: dict[str, object], prior: dict[str, object], said: str
) -> None:
    with pytest.raises(gv.SettingsError, match=said):
        row_covariance(gv.Network(**network), gv.Prior(**prior), 4, COLS)


def test_across_is_the_product_with_the_whole_covariance() -> None:
    rng = np.random.default_rng(0)
    found, flat = Covariance(0.7, 0.2), rng.standard_normal((6, 12))
    whole = np.kron(np.eye(4), found.matrix(COLS))
    np.testing.assert_allclose(found.across(flat, COLS), flat @ whole)
