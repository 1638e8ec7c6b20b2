"""The reduced law of wide linear networks is the law itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import torch

from gncviz.models.dense.bartlett import BartlettLaw
from gncviz.models.dense.law import DenseLaw
from gncviz.models.law import OutputShape, cheapest_law
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.task import Task
from tests.models.laws import direct_law, matrices

Law = DenseLaw | BartlettLaw

#: rows, cols, width, depth, prior; k = m and k = min(m, m') among them.
CASES = [
    (5, 5, 5, 2, Prior()),
    (5, 5, 160, 2, Prior()),
    (3, 6, 3, 3, Prior()),
    (6, 3, 10, 2, Prior()),
    (6, 3, 3, 3, Prior(scaling="fan_out")),
    (2, 4, 40, 5, Prior(scaling="fan_out")),
    (4, 4, 6, 5, Prior(normalize=True)),
    (5, 2, 30, 3, Prior(normalize=True)),
    (1, 3, 4, 2, Prior()),
]


def draw(law: Law, count: int, seed: int, device: torch.device | str = "cpu") -> np.ndarray:
    """Matrices of a law, in chunks, float64."""
    generator = torch.Generator(device).manual_seed(seed)
    parts = [matrices(law, law.draw(2000, generator).T) for _ in range(count // 2000)]
    return torch.cat(parts).double().cpu().numpy()


def statistics(found: np.ndarray) -> dict[str, np.ndarray]:
    """Scalars that tell laws of matrices apart: losses, singular values, entries, products."""
    rows, cols = found.shape[1:]
    task = Task.random(rows=rows, cols=cols, measurements=(rows * cols) // 2, seed=1)
    values = np.linalg.svd(found, compute_uv=False)
    train, gen = task.train_loss(found), task.gen_loss(found)
    return {
        "train": train,
        "gen": gen,
        "product of losses": train * gen,
        "first entry": found[:, 0, 0],
        "last entry": found[:, -1, -1],
        "product of entries": found[:, 0, 0] * found[:, -1, -1],
        "first row": np.linalg.norm(found[:, 0], axis=1),
        "last column": np.linalg.norm(found[:, :, -1], axis=1),
        **{f"s_{i}": column for i, column in enumerate(values.T)},
    }


@pytest.mark.parametrize(("rows", "cols", "width", "depth", "prior"), CASES)
def test_reduced_law_is_the_direct_law(
    rows: int, cols: int, width: int, depth: int, prior: Prior, device: torch.device
) -> None:
    """Kolmogorov-Smirnov on up to 13 statistics of 20 000 draws: a false alarm in 1e-6 a case."""
    network = Network(width=width, depth=depth)
    reduced = BartlettLaw(network, prior, rows, cols)
    direct = direct_law(network, prior, rows, cols)
    ours = statistics(draw(reduced, 20_000, 1, device))
    theirs = statistics(draw(direct, 20_000, 2, device))
    for name, values in ours.items():
        if np.ptp(values) > 1e-5:  # a rank-one matrix of norm one has a constant s_1
            pvalue = scipy.stats.ks_2samp(values, theirs[name]).pvalue
            assert pvalue > 1e-6 / len(ours), name


@pytest.mark.parametrize("width", [3, 5, 160])
def test_diagonal_is_chi(width: int, device: torch.device) -> None:
    """Squares of the diagonal are χ² with k − i degrees of freedom: a false alarm in 1e-6."""
    law = BartlettLaw(Network(width=width, depth=3), Prior(), 3, 4)
    numbers = law.draw(20_000, torch.Generator(device).manual_seed(3)).T.cpu().numpy()
    assert numbers.shape == (20_000, law.size)
    for column, freedom in enumerate([width, width - 1, width - 2] * 2):
        pvalue = scipy.stats.kstest(numbers[:, column] ** 2, "chi2", args=(freedom,)).pvalue
        assert pvalue > 1e-6 / 12
    for column in range(6, law.size):
        pvalue = scipy.stats.kstest(numbers[:, column], "norm").pvalue
        assert pvalue > 1e-6 / 2 / (law.size - 6)


def reduced_numbers(layers: list[np.ndarray]) -> np.ndarray:
    """The reduced random numbers of given factors, by LQ decompositions from the outer one in.

    With W_d = L_d Q_d, Q_d W_{d−1} = L_{d−1} Q_{d−1}, .. the product is L_d … L_2 (Q_2 W_1).
    """
    small = min(layers[-1].shape[0], layers[0].shape[1])
    if layers[-1].shape[0] > small:  # the transposed product, its smaller side outside
        layers = [layer.T for layer in reversed(layers)]
    turned, triangles = np.eye(small), []
    for layer in reversed(layers[1:]):
        q, r = np.linalg.qr((turned @ layer).T)
        signs = np.sign(np.diag(r))
        triangles.insert(0, (r.T * signs))
        turned = (q * signs).T
    diagonals = [np.diag(triangle) for triangle in triangles]
    below = [triangle[np.tril_indices(small, -1)] for triangle in triangles]
    return np.concatenate([*diagonals, *below, (turned @ layers[0]).ravel()])


@pytest.mark.parametrize(
    ("rows", "cols", "width", "depth", "normalize", "scaling"),
    [
        (*case, normalize, scaling)
        for case, normalize, scaling in itertools.product(
            [(5, 5, 5, 2), (3, 6, 7, 3), (6, 3, 7, 4), (2, 2, 30, 5), (1, 4, 3, 3)],
            [False, True],
            ["fan_in", "fan_out"],
        )
    ],
)
def test_given_l_and_q_the_product_is_the_same(
    rows: int, cols: int, width: int, depth: int, normalize: bool, scaling: str
) -> None:
    """No randomness: factors taken apart by LQ go in, their product comes out."""
    rng = np.random.default_rng(0)
    network, prior = Network(width=width, depth=depth), Prior(normalize=normalize, scaling=scaling)
    layers = [rng.standard_normal(shape) for shape in network.layer_shapes(rows, cols)]
    entries = np.concatenate([layer.ravel() for layer in layers])
    direct = matrices(direct_law(network, prior, rows, cols), torch.tensor(entries)[None])
    reduced = BartlettLaw(network, prior, rows, cols)
    numbers = reduced_numbers(layers)
    assert numbers.shape == (reduced.size,)
    got = matrices(reduced, torch.tensor(numbers)[None])
    np.testing.assert_allclose(got, direct, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("normalize", [False, True])
def test_deep_and_wide_stays_in_range(normalize: bool) -> None:
    """E‖W‖² = m at any depth, so W does not vanish; the scales alone multiply to 1e-65."""
    law = BartlettLaw(Network(width=160, depth=60), Prior(normalize=normalize), 5, 5)
    norms = np.linalg.norm(draw(law, 2000, 4), axis=(1, 2))
    assert np.isfinite(norms).all()
    assert 0.1 < np.median(norms) < 10
    if normalize:
        np.testing.assert_allclose(norms, 1, rtol=1e-5)


def test_the_cheaper_exact_form_is_chosen() -> None:
    def chosen(network: Network, prior: Prior) -> type:
        return type(cheapest_law(network, OutputShape((5, 5)), prior))

    assert chosen(Network(width=160), Prior()) is BartlettLaw
    assert chosen(Network(width=160), Prior(normalize="product")) is BartlettLaw
    assert chosen(Network(width=5), Prior()) is DenseLaw
    for network, prior in (
        (Network(width=160, activation="tanh"), Prior()),
        (Network(width=160), Prior("uniform")),
        (Network(width=160, depth=1), Prior()),
        (Network(width=4), Prior()),
    ):
        assert chosen(network, prior) is DenseLaw
    shape = OutputShape((5, 5))
    sizes = [cheapest_law(Network(width=k), shape, Prior()).size for k in (160, 80)]
    assert sizes == [40, 40]
