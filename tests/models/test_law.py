"""The law of W: Definition 3 to the letter, and nothing lost in deep products."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats
import torch
from torch import Tensor

from gncviz.activation import ACTIVATIONS
from gncviz.models import law as law_module
from gncviz.models.dense.law import DenseLaw
from gncviz.models.dense.readout import DenseReadout
from gncviz.models.products import TERM_BY_TERM
from gncviz.network import Network
from gncviz.prior import FAMILIES, Prior
from gncviz.progress import Run, Stopped
from tests import reference
from tests.models.laws import direct_law, draw, matrices
from tests.pressed import AfterLooks


def generator(seed: int = 0, device: torch.device | str = "cpu") -> torch.Generator:
    """A seeded generator."""
    return torch.Generator(device).manual_seed(seed)


def norms(matrices: Tensor) -> Tensor:
    """Frobenius norms of (N, m, m') matrices."""
    return torch.linalg.matrix_norm(matrices)


def split(law: DenseLaw, row: Tensor) -> list[np.ndarray]:
    """One draw's entries of Q, one array a layer."""
    parts = row.split([r * c for r, c in law.shapes])
    return [p.reshape(s).double().cpu().numpy() for p, s in zip(parts, law.shapes, strict=True)]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("width", [5, TERM_BY_TERM + 1])
def test_entries_follow_q(family: str, width: int, device: torch.device) -> None:
    """Kolmogorov-Smirnov, per entry and over all, on both layouts; a false alarm in 1e-6."""
    law = direct_law(Network(width=width), Prior(family), 5, 5)
    entries = draw(law, 4000, generator(1, device)).cpu().numpy()
    assert entries.shape == (4000, law.size)
    q = scipy.stats.norm() if family == "gaussian" else scipy.stats.uniform(-1, 2)
    each = [scipy.stats.kstest(column, q.cdf).pvalue for column in entries.T]
    assert min(each) > 0.5e-6 / law.size
    assert scipy.stats.kstest(entries.ravel(), q.cdf).pvalue > 0.5e-6


@pytest.mark.parametrize("family", FAMILIES)
def test_entries_are_uncorrelated(family: str) -> None:
    """Correlations of 40 000 draws, within 6 standard errors: a false alarm in 3e-6 for 1225."""
    law = direct_law(Network(width=5), Prior(family), 5, 5)
    entries = draw(law, 40_000, generator(2)).numpy()
    correlation = np.corrcoef(entries.T)
    assert abs(correlation[np.triu_indices(50, 1)]).max() < 6 / np.sqrt(40_000)


@pytest.mark.parametrize(
    ("name", "normalize", "scaling"),
    [*itertools.product(sorted(ACTIVATIONS), [False, True, "product"], ["fan_in", "fan_out"])],
)
@pytest.mark.parametrize(
    ("rows", "cols", "width", "depth"), [(5, 5, 5, 2), (2, 4, 3, 4), (3, 2, 20, 3)]
)
def test_matrices_are_definition_3(
    name: str, normalize: bool | str, scaling: str, rows: int, cols: int, width: int, depth: int
) -> None:
    network = Network(width=width, depth=depth, activation=name)
    law = direct_law(network, Prior("uniform", normalize=normalize, scaling=scaling), rows, cols)
    entries = draw(law, 5, generator(3)).double()
    got = matrices(law, entries).numpy()
    for i in range(5):
        layers = split(law, entries[i])
        if name == "relu" and not np.any(reference.prior_matrix(layers, name)):
            assert not got[i].any()
            continue
        expected = reference.prior_matrix(layers, name, normalize=normalize, scaling=scaling)
        np.testing.assert_allclose(got[i], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["linear", "leaky_relu", "relu"])
def test_normalizing_a_homogeneous_network_gives_norm_one(name: str) -> None:
    for normalize in (True, "product"):
        law = direct_law(Network(activation=name, depth=3), Prior(normalize=normalize), 5, 4)
        norm = norms(matrices(law, draw(law, 1000, generator(4)))).flatten()
        alive = norm > 1e-6
        assert alive.sum() > 500
        np.testing.assert_allclose(norm[alive], 1, rtol=1e-5)


def test_factors_and_product_differ_for_tanh_only() -> None:
    for name, same in (("linear", True), ("leaky_relu", True), ("tanh", False), ("sin", False)):
        network = Network(activation=name, depth=3)
        factors, product = (
            direct_law(network, Prior(normalize=form), 4, 4) for form in (True, "product")
        )
        entries = draw(factors, 100, generator(5)).double()
        assert torch.allclose(matrices(factors, entries), matrices(product, entries)) is same
    assert torch.allclose(norms(matrices(product, entries)), torch.ones(1).double())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("rows", "cols", "width", "depth", "scaling"),
    [
        (5, 5, 5, 1, "fan_in"),
        (5, 5, 40, 2, "fan_in"),
        (3, 6, 8, 3, "fan_in"),
        (3, 6, 8, 3, "fan_out"),
    ],
)
def test_second_moment(
    family: str, rows: int, cols: int, width: int, depth: int, scaling: str
) -> None:
    """E‖W‖² = ν^d · m (fan-in) or ν^d · m' (fan-out), ν the variance of Q; 5 σ, 6e-7 a case."""
    law = direct_law(Network(width=width, depth=depth), Prior(family, scaling=scaling), rows, cols)
    squares = matrices(law, draw(law, 40_000, generator(6))).square().sum(dim=(1, 2)).double()
    expected = FAMILIES[family].variance ** depth * (rows if scaling == "fan_in" else cols)
    error = squares.std().item() / np.sqrt(len(squares))
    assert abs(squares.mean().item() - expected) < 5 * error
    assert error < 0.02 * expected


@pytest.mark.parametrize("normalize", [False, True, "product"])
def test_dead_relu_draw_stays_zero_and_finite(normalize: bool | str) -> None:
    network = Network(width=4, depth=3, activation="relu")
    law = direct_law(network, Prior(normalize=normalize), 3, 3)
    entries = draw(law, 8, generator(7))
    entries[2, : 4 * 3] = -1.0
    found = matrices(law, entries)
    assert torch.isfinite(found).all()
    assert not found[2].any()
    assert found.any(dim=2).any(dim=1).sum() >= 4


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("normalize", [True, "product"])
@pytest.mark.parametrize(("family", "depth"), [("gaussian", 60), ("uniform", 60), ("uniform", 400)])
def test_deep_products_stay_finite(
    name: str, normalize: bool | str, family: str, depth: int
) -> None:
    """Uniform factors shrink by √3 a layer: 400 of them leave float32's range without rescaling."""
    law = direct_law(
        Network(depth=depth, activation=name), Prior(family, normalize=normalize), 5, 5
    )
    found = matrices(law, draw(law, 64, generator(8)))
    assert torch.isfinite(found).all()
    norm = norms(found).flatten()
    if name in ("linear", "leaky_relu"):
        np.testing.assert_allclose(norm, 1, rtol=1e-5)
    elif normalize is True and name != "relu":
        assert (norm > 1e-8).all()


def test_seed_and_layout() -> None:
    law = direct_law(Network(width=5), Prior(), 5, 5)
    one, same, other = (draw(law, 10, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.dtype == torch.float32
    assert one.T.is_contiguous()


def test_float64_only_refines() -> None:
    law = direct_law(Network(width=5, depth=5, activation="tanh"), Prior(normalize=True), 5, 5)
    entries = draw(law, 100, generator(9))
    np.testing.assert_allclose(
        matrices(law, entries), matrices(law, entries.double()), rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("count", [4 * 64, 4 * 64 + 3, 4 * 64 + 16, 5 * 64 - 1])
def test_what_is_made_in_pieces_is_the_same(
    family: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    prior = Prior(family)
    whole = prior.fill(torch.empty(count), generator(5))
    monkeypatch.setattr(law_module, "PIECE", 64)
    pieces = law_module.filled(prior, torch.empty(count), generator(5), Run())
    assert torch.equal(whole, pieces)


def test_a_large_draw_is_cut_between_its_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(law_module, "PIECE", 64)
    law = direct_law(Network(width=20), Prior(), 5, 5)
    law.draw(1, generator(), Run(cancel=AfterLooks(10)))
    with pytest.raises(Stopped):
        law.draw(1, generator(), Run(cancel=AfterLooks(2)))
    readout = DenseReadout(law)
    with pytest.raises(Stopped):
        readout.draw_hidden(1, generator(), Run(cancel=AfterLooks(1)))
