"""docs/reproduction.md says what the stored results say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

import gncviz as gv
from tests.documents import ROOT
from tests.sentences.held import Held, loose, prose
from tests.sentences.results import (
    claims,
    descended,
    held_claims,
    losses,
    panel,
    shares,
    study,
    wide,
)

DOCUMENT = ROOT / "docs" / "reproduction.md"
WIDTH_FIGURES, DEPTH_FIGURES = (1, 3, 5, 7, 9), (2, 4, 6, 8, 10, 11)
SMOOTH = ("linear", "tanh")
#: Of a share in the limit, at the number of draws that it is computed with.
LIMIT_ERROR = 0.0005


def every(figures: Sequence[int], names: Sequence[str]) -> list[gv.sweeps.SweepResult]:
    return [panel(figure, name) for figure in figures for name in names]


def medians(name: str, curve: str) -> dict[float, float]:
    return losses(study(name)[curve]).median().to_dict()


def median_shares(name: str, curve: str) -> dict[float, float]:
    return shares(study(name)[curve]).median().to_dict()


def fall(numbers: dict[float, float], first: float, last: float) -> float:
    """By how many per cent."""
    return 100 * (1 - numbers[last] / numbers[first])


def largest_descent_share() -> float:
    """Of the medians, over the panels of width, in per cent of Guess & Check's."""
    return 100 * max(
        (descended(one).median() / losses(one).median()).max()
        for one in every(WIDTH_FIGURES, gv.paper.ACTIVATIONS)
    )


def at_160(names: Sequence[str]) -> list[float]:
    return [shares(one).median()[160] for one in every(WIDTH_FIGURES, names)]


def seeds_at_160() -> list[float]:
    found = [shares(one)[160] for one in every(WIDTH_FIGURES, ["leaky_relu"])]
    return [min(one.min() for one in found), max(one.max() for one in found)]


@cache
def limits(activation: str) -> np.ndarray:
    network, prior = gv.Network(activation=activation), gv.Prior()
    tasks = [gv.Task.random(seed=seed) for seed in range(8)]
    return np.array([gv.theory.infinite_width(one, network, prior, 0.02).ratio for one in tasks])


def limits_in_words(activation: str) -> list[float]:
    found = limits(activation)
    return [found.min(), found.max(), found.mean(), found.std(ddof=1) / np.sqrt(len(found))]


def falling_panels() -> list[float]:
    verdicts = held_claims("gets better with depth", over="depth")
    return [sum(verdicts), len(verdicts)]


def leaky_without_normalization() -> list[float]:
    found, ratio = losses(panel(11, "leaky_relu")), shares(panel(11, "leaky_relu"))
    return [(found[10] < found[2]).sum(), len(found), (ratio[10] > 1).sum(), len(ratio)]


def untrained(figure: int, activation: str, depth: int, above: float) -> list[float]:
    trained = descended(panel(figure, activation), "train_loss")[depth]
    return [(trained > above).sum(), len(trained)]


def normalized_gain() -> list[float]:
    both = medians("normalization", "normalized"), medians("normalization", "not normalized")
    return [both[1][2] / both[0][2], both[0][2], both[1][2], both[0][10], both[1][10]]


def over_epsilon(depth: int) -> list[float]:
    found = medians("thresholds", f"depth {depth}")
    ratios = [loss / epsilon for epsilon, loss in found.items() if epsilon <= 0.01]
    return [min(ratios), max(ratios)]


def acceptance(depth: int) -> float:
    found = wide(study("thresholds")[f"depth {depth}"], "guess_and_check", "log10_acceptance")
    return -found.median()[1e-6]


def at_the_end(depth: int) -> float:
    return medians("thresholds", f"depth {depth}")[1e-6]


def descent_at(depth: int) -> float:
    return descended(study("thresholds")[f"depth {depth}"]).median().iloc[0]


def large(size: int) -> list[float]:
    """Shares in per cent, at four and at sixteen times the size."""
    found = median_shares("large-width", f"{size} × {size}")
    return [100 * found[4 * size], 100 * found[16 * size]]


def deeper() -> list[float]:
    """The share of the loss at depth 2 that is left at depth 10, in per cent, by size."""
    names = [f"{size} × {size}" for size in (5, 10, 20)]
    found = [losses(study("large-depth")[name]).median() for name in names]
    return [100 * one[10] / one[2] for one in found]


def relu_in_depth() -> list[float]:
    found = losses(study("activations-depth")["ReLU"])
    return sorted(found[10] / found[2])


def gain(curve: str) -> list[float]:
    found = medians("activations-depth", curve)
    return [found[2], found[10]]


def wide_ends() -> list[float]:
    found = [median_shares("wide", name)[width] for name in SMOOTH for width in (640, 1000)]
    return [min(found), max(found)]


HELD = [
    Held("has {} figures, each for {} activations: {} panels", lambda: [11, 3, 33]),
    Held(
        "gradient descent stays at or below {} % of it",
        lambda: [largest_descent_share()],
    ),
    Held(
        "the median share of the prior's loss is {} (Figure 5, linear) to {}.",
        lambda: [min(at_160(SMOOTH)), max(at_160(SMOOTH))],
    ),
    Held(
        "at width 5 Guess & Check stands at {} % of the prior's loss.",
        lambda: [100 * np.mean([shares(one).median()[5] for one in every([7], SMOOTH)])],
    ),
    Held(
        "the median share is {} (Figure 5) to {} (Figure 7); single tasks lie between {} and {}.",
        lambda: [min(at_160(["leaky_relu"])), max(at_160(["leaky_relu"])), *seeds_at_160()],
    ),
    Held(
        "that limit is {} to {} for ReLU, {} ± {} on average",
        lambda: limits_in_words("relu"),
        LIMIT_ERROR,
    ),
    Held(
        "and {} to {} for Leaky ReLU, {} ± {} on average",
        lambda: limits_in_words("leaky_relu"),
        LIMIT_ERROR,
    ),
    Held("For ReLU and seed 6 it is {};", lambda: [limits("relu")[6]], LIMIT_ERROR),
    Held("falls with depth in {} of {} panels", falling_panels),
    Held(
        "there it falls in {} of {} tasks, and in {} of {} it is above the prior's loss",
        leaky_without_normalization,
    ),
    Held("At depth 7, {} of {} are still above", lambda: untrained(2, "leaky_relu", 7, 1e-4)),
    Held("after {} epochs; at depths 9", lambda: [panel(2, "leaky_relu").settings.descent.epochs]),
    Held(
        "generalization loss of {} to {} there",
        lambda: [
            f(descended(panel(6, "linear")).median()[[4, 6, 7, 8, 9, 10]]) for f in (min, max)
        ],
    ),
    Held(
        "Guess & Check ends at the linear panel's {} (Figure 1) instead of {}.",
        lambda: [losses(panel(1, name)).median()[160] for name in ("linear", "tanh")],
    ),
    Held(
        "acceptance at ε = 1e-6 is 1e-{} at depth 30 and 1e-{} at depth 2",
        lambda: [acceptance(30), acceptance(2)],
    ),
    Held("At depth 30 the loss is {} ε to {} ε from ε", lambda: over_epsilon(30)),
    Held("at depth 10 it is {} ε to {} ε: the bound", lambda: over_epsilon(10)),
    Held("At depth 2 the loss comes to lie at {}:", lambda: [at_the_end(2)]),
    Held(
        "to 1e-6 it falls by {} % only, where ten layers fall by {} %,",
        lambda: [fall(medians("thresholds", f"depth {depth}"), 1e-5, 1e-6) for depth in (2, 10)],
    ),
    Held("and gradient descent is at {}.", lambda: [descent_at(2)]),
    Held("At depth 10 gradient descent is at {},", lambda: [descent_at(10)]),
    Held(
        "it is at {}, far below Guess & Check's {} at ε",
        lambda: [descent_at(5), at_the_end(5)],
    ),
    Held(
        "to {} of the prior's loss at width 160 (medians)",
        lambda: [
            np.mean([median_shares("activations-width", n)[160] for n in ("sine", "softsign")])
        ],
    ),
    Held(
        "rises from {} at width 5 to {} at width 160",
        lambda: [median_shares("activations-width", "ReLU")[width] for width in (5, 160)],
    ),
    Held(
        "At width 5 {} of {} of ReLU's gradient descent trials do worse",
        lambda: [
            (descended(one)[5] > losses(one)[5]).sum() if count else len(losses(one))
            for one in [study("activations-width")["ReLU"]]
            for count in (True, False)
        ],
    ),
    Held("the loss falls from {} to {} (sine)", lambda: gain("sine")),
    Held("and from {} to {} (softsign)", lambda: gain("softsign")),
    Held("changes by factors of {}, {}, {} and {}. More", relu_in_depth),
    Held(
        "the median loss falls by {} % at rank 1, {} % at rank 2, {} % at rank 3",
        lambda: [fall(medians("ranks", f"rank {rank}"), 2, 10) for rank in (1, 2, 3)],
    ),
    Held(
        "({} measurements, ε = 0.01)", lambda: [study("ranks")["rank 1"].settings.task.measurements]
    ),
    Held(
        "by a factor of {} ({} against {}): its matrices",
        lambda: normalized_gain()[:3],
    ),
    Held("hardly a difference left ({} and {})", lambda: normalized_gain()[3:]),
    Held(
        "from {} at depth 10 to {} at depth 50, which is {} ε as above; from depth 20 to 50 it "
        "falls by {} %",
        lambda: [
            (deep := medians("deep", "linear"))[10],
            deep[50],
            deep[50] / 0.0035,
            fall(deep, 20, 50),
        ],
    ),
    Held(
        "goes from {} (linear) and {} (tanh) at width 5 to {} and {} at width 80",
        lambda: [median_shares("wide", name)[width] for width in (5, 80) for name in SMOOTH],
    ),
    Held("widths 640 and 1 000 it is between {} and {}.", wide_ends),
    Held("({} % of the entries measured", lambda: [100 * 60 / 10**2]),
    Held(
        "is left with {} % (10 × 10) and {} % (20 × 20) of the prior's loss, against {} % for",
        lambda: [large(size)[0] for size in (10, 20, 5)],
    ),
    Held("loss falls to {} % (5 × 5), {} % (10 × 10) and {} % (20 × 20) of what", deeper),
    Held("and with {} % at sixteen", lambda: [np.mean([large(size)[1] for size in (5, 10, 20)])]),
]

#: Measured on a machine (`python -m benchmarks paper`, `scaling`), thresholds of the sentence
#: itself that a test of its own holds, counts of mathematics.
APART = [
    "took 4.4 minutes",
    "8.7 minutes of processor time",
    "about 4 900 hours",
    "30 000 times as long",
    "(1e8 a trial for width, 1e9 for depth), it is about 420 hours",
    "1.93 times as fast",
    "a constant of the task, which may be above 1",
    "a training loss below 1e-4 up to depth 5",
    "are still above 1e-4",
    "initial scale of 0.1 the gradients there are smaller than the floor 1e-6",
    "all eight fit to 2e-3 up to depth 7",
    "gets below 1e-4 at depth 4 and from depth 6 on",
    "every 10-dimensional space",
    "which 15 measurements do not see",
    "to 1e-6 it falls",
    "no trial gets below 1e-3",
    "widths 640 and 1 000",
    "Width up to 1 000",
    "Depth up to 50",
    "drawing at width 1 280",
]


@pytest.mark.parametrize("held", HELD, ids=lambda held: held.template[:40])
def test_a_sentence_says_what_the_results_say(held: Held) -> None:
    held.check(prose(DOCUMENT))


def test_every_number_is_held() -> None:
    assert loose(prose(DOCUMENT), HELD, APART) == []


def test_what_is_set_apart_is_there() -> None:
    assert [phrase for phrase in APART if phrase not in prose(DOCUMENT)] == []


# --- sentences whose numbers are bounds, and sentences without a number


def test_width_hurts_and_descent_is_below_in_all_fifteen_panels() -> None:
    for words in ("worse with width", "below Guess & Check"):
        verdicts = held_claims(words, over="width")
        assert verdicts == [True] * 15


def test_where_descent_does_not_train() -> None:
    leaky, heavy = (descended(panel(figure, "leaky_relu"), "train_loss") for figure in (2, 4))
    assert (leaky[[2, 3, 4, 5]] < 1e-4).all(axis=None)
    nothing = [gv.Task.random(seed=seed).labels for seed in leaky.index]
    for seed, labels in zip(leaky.index, nothing, strict=True):
        np.testing.assert_allclose(leaky.loc[seed, [9, 10]], np.mean(labels**2), rtol=1e-3)
    assert (heavy.loc[:, :7] < 2e-3).all(axis=None)
    assert (heavy[9] > 1e-3).all()
    rank_two = descended(panel(6, "linear"), "train_loss")
    assert (rank_two[[4, 6, 7, 8, 9, 10]] > 1e-4).all(axis=None)
    medians_there = descended(panel(6, "linear")).median()
    above = medians_there >= losses(panel(6, "linear")).median()
    assert above[above].index.tolist() == [7]
    relu = descended(study("activations-depth")["ReLU"], "train_loss")
    assert (relu.loc[:, 8:] > 1e-3).all(axis=None)
    assert (descended(study("activations-width")["ReLU"], "train_loss")[5] < 1e-4).all()


@pytest.mark.parametrize("seed", range(8))
def test_gradients_of_a_deep_start_are_under_the_floor_of_the_step_rule(seed: int) -> None:
    """Nine layers of Leaky ReLU, uniform on ±0.1/√fan_in, by automatic differentiation."""
    import torch

    task, bound = gv.Task.random(seed=seed), 0.1 / math.sqrt(5)
    generator = torch.Generator().manual_seed(seed)
    layers = [torch.empty(5, 5, dtype=torch.float64) for _ in range(9)]
    for layer in layers:
        layer.uniform_(-bound, bound, generator=generator).requires_grad_()
    output = layers[0]
    for layer in layers[1:]:
        output = layer @ torch.nn.functional.leaky_relu(output, 0.2)
    seen = torch.tensor(task.measurements.reshape(-1, 25)) @ output.flatten()
    (seen - torch.tensor(task.labels)).square().mean().backward()
    square = sum(layer.grad.square().sum() for layer in layers)  # type: ignore[union-attr]
    assert math.sqrt(square) < 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_some_matrix_of_rank_two_is_not_measured(seed: int) -> None:
    assert gv.theory.rip_constant(gv.Task.random(seed=seed), 2) >= 1


def test_fan_out_has_the_same_verdicts() -> None:
    assert all(claim.holds for claim in claims() if claim.activation == "tanh")


def test_fan_out_ends_where_linear_networks_do() -> None:
    ends = [losses(panel(1, *which)).median()[160] for which in (("tanh", "fan_out"), ("linear",))]
    assert ends[0] == pytest.approx(ends[1], rel=0.03)


def test_the_limit_is_where_sampling_goes() -> None:
    """At width 1 280 and with the seed where it is farthest from the prior (2 errors)."""
    for activation in ("relu", "leaky_relu"):
        task, network = gv.Task.random(seed=6), gv.Network(width=1280, activation=activation)
        found = gv.guess_and_check(task, network, epsilon=0.02, method="collapsed", samples=1000)
        share = found.mean_gen_loss / found.prior_mean_gen_loss
        error = share * np.hypot(
            found.stderr / found.mean_gen_loss, found.prior_stderr / found.prior_mean_gen_loss
        )
        assert abs(share - limits(activation)[6]) < 3 * error
        assert limits(activation)[6] + 5 * error < 1


def test_an_anti_symmetric_activation_leads_to_the_prior() -> None:
    np.testing.assert_allclose(limits("linear"), 1.0, atol=1e-9)
