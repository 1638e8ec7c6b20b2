"""Which theorem applies where, condition by condition."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import gncviz as gv
from gncviz.descent.settings import DescentSettings
from gncviz.prior import Prior
from gncviz.theory import Condition, Theorem, theorems

NAMES = ("Theorem 1", "Proposition 1", "Theorem 2", "Theorem 9")
SENSING = gv.Task.random(seed=0)
DENSE = gv.Task.random(seed=0, measurements=22)


def held(name: str, task: gv.Task = SENSING, **settings: Any) -> Theorem:
    """One theorem against a setting, the paper's first where nothing else is said."""
    network = {k: settings.pop(k) for k in ("width", "depth", "activation") if k in settings}
    descent, epsilon = settings.pop("descent", None), settings.pop("epsilon", 0.02)
    prior = gv.Prior(settings.pop("family", "gaussian"), **settings)
    found = theorems(task, gv.Network(**network), prior, epsilon=epsilon, descent=descent)
    assert tuple(theorem.name for theorem in found) == NAMES
    return next(theorem for theorem in found if theorem.name == name)


def unmet(theorem: Theorem) -> set[str]:
    return {condition.text for condition in theorem.conditions if condition.met is False}


def open_ones(theorem: Theorem) -> set[str]:
    return {condition.text for condition in theorem.conditions if condition.met is None}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, set()),
        ({"activation": "tanh", "width": 160}, set()),
        ({"activation": "sin", "depth": 7}, set()),
        ({"activation": "softsign", "family": "uniform"}, set()),
        ({"activation": "leaky_relu"}, {"σ is antisymmetric"}),
        ({"activation": "relu"}, {"σ is antisymmetric"}),
        ({"normalize": True}, {"no normalization"}),
        ({"normalize": "product"}, {"no normalization"}),
        ({"scaling": "fan_out"}, set()),
        ({"scaling": "fan_out", "activation": "tanh"}, {"weights scaled as in Definition 3"}),
        ({"width": 4}, {"k ≥ min(m, m')"}),
        ({"depth": 1}, {"d ≥ 2"}),
        (
            {"activation": "leaky_relu", "normalize": True, "width": 3},
            {"σ is antisymmetric", "no normalization", "k ≥ min(m, m')"},
        ),
    ],
)
def test_theorem_1(settings: dict[str, Any], missing: set[str]) -> None:
    theorem = held("Theorem 1", **settings)
    assert unmet(theorem) == missing
    assert open_ones(theorem) == set()
    assert theorem.applies is (not missing)


@pytest.mark.parametrize(
    ("task", "settings", "missing"),
    [
        (DENSE, {}, set()),
        (DENSE, {"normalize": "product", "depth": 50}, set()),
        (DENSE, {"scaling": "fan_out"}, set()),
        (SENSING, {}, {"RIP of order two, δ < 1"}),
        (gv.Task.random(kind="completion"), {}, {"RIP of order two, δ < 1"}),
        (DENSE, {"normalize": False}, {"with normalization"}),
        (DENSE, {"family": "uniform"}, {"Q is Gaussian"}),
        (DENSE, {"activation": "leaky_relu"}, {"σ is linear"}),
        (
            DENSE,
            {"activation": "tanh", "normalize": "product"},
            {"σ is linear", "with normalization"},
        ),
        (gv.Task.random(measurements=22, rank=2), {}, {"W* has rank one"}),
        (gv.Task.random(measurements=22, norm=2.0), {}, {"‖W*‖ = 1"}),
        (DENSE, {"depth": 1}, {"d ≥ 2"}),
    ],
)
def test_theorem_2(task: gv.Task, settings: dict[str, Any], missing: set[str]) -> None:
    theorem = held("Theorem 2", task, **{"normalize": True, **settings})
    assert unmet(theorem) == missing
    rip = "RIP of order two, δ < 1"
    assert open_ones(theorem) == (set() if rip in missing else {rip}), "it cannot be proved"
    assert theorem.applies is (False if missing else None)


def test_theorem_9_is_about_nothing_to_learn() -> None:
    nothing = gv.Task(np.zeros((5, 5)), SENSING.measurements)
    assert held("Theorem 9", nothing).applies is True
    assert held("Theorem 9", nothing, epsilon=1e-12).applies is True
    assert unmet(held("Theorem 9")) == {"W* = 0"}
    assert unmet(held("Theorem 9", nothing, depth=3)) == {"d = 2"}
    assert unmet(held("Theorem 9", nothing, activation="tanh")) == {"σ is linear"}
    assert unmet(held("Theorem 9", nothing, normalize=True)) == {"no normalization"}
    assert held("Theorem 9", nothing, family="uniform").applies is None
    oblong = gv.Task.random(rows=4, cols=6, seed=0)
    flat = gv.Task(np.zeros((4, 6)), oblong.measurements)
    assert unmet(held("Theorem 9", flat)) == {"m = m'"}


@pytest.mark.parametrize(
    ("descent", "missing", "open_"),
    [
        (None, set(), {"RIP", "Gaussian start", "small start", "plain gradient descent"}),
        ({}, {"Gaussian start"}, {"RIP", "small start", "plain gradient descent"}),
        ({"step_rule": "fixed"}, {"Gaussian start"}, {"RIP", "small start"}),
        ({"step_rule": "fixed", "init": Prior()}, set(), {"RIP", "small start"}),
        *(
            ({"init": prior}, {"Gaussian start"}, {"RIP", "small start", "plain gradient descent"})
            for prior in (Prior("uniform"), Prior(normalize=True))
        ),
        (
            {"momentum": 0.9},
            {"Gaussian start", "plain gradient descent"},
            {"RIP", "small start"},
        ),
    ],
)
def test_proposition_1(descent: dict[str, Any] | None, missing: set[str], open_: set[str]) -> None:
    settings = None if descent is None else DescentSettings(**descent)
    theorem = held("Proposition 1", DENSE, descent=settings)
    assert unmet(theorem) == missing
    assert open_ones(theorem) == open_
    assert unmet(held("Proposition 1", SENSING)) == {"RIP"}
    assert unmet(held("Proposition 1", DENSE, depth=3)) == {"d = 2"}


def test_own_arrays_count_by_their_numbers() -> None:
    left, right = np.arange(1.0, 6), np.arange(2.0, 7)
    truth = np.outer(left, right) / np.linalg.norm(left) / np.linalg.norm(right)
    rough = gv.Task(truth.astype(np.float32), DENSE.measurements)
    assert unmet(held("Theorem 2", rough, normalize=True)) == set()
    assert unmet(held("Theorem 2", gv.Task(truth + 0.01 * np.eye(5), DENSE.measurements))) >= {
        "W* has rank one",
        "‖W*‖ = 1",
    }


def test_every_answer_is_a_sentence_with_the_value() -> None:
    found = theorems(
        gv.Task.random(measurements=22, rank=2, norm=3.0),
        gv.Network(width=7, depth=3, activation="leaky_relu"),
        gv.Prior("uniform", scaling="fan_out"),
        epsilon=0.003,
        descent=DescentSettings(init_scale=0.25, momentum=0.9),
    )
    for theorem in found:
        for condition in theorem.conditions:
            assert condition.why.endswith(".")
            assert condition.why[0].isupper()
            assert len(condition.why) < 160
    words = " ".join(c.why for theorem in found for c in theorem.conditions)
    for value in ("Leaky ReLU, which is not antisymmetric", "uniform on [−1, 1]", "0.003", "0.25"):
        assert value in words
    for value in ("The width is 7", "The depth is 3", "rank 2", "norm 3.", "n = 22 of 25", "0.9"):
        assert value in words


def test_the_rip_sentence_tells_the_constant() -> None:
    theorem = held("Theorem 2")
    (rip,) = (c for c in theorem.conditions if c.text.startswith("RIP"))
    assert f"δ ≥ {gv.theory.rip_constant(SENSING, 2):.2f}" in rip.why
    assert "do not see" in rip.why


def test_large_matrices_are_not_searched() -> None:
    task = gv.Task.random(rows=31, cols=31, measurements=10)
    (rip,) = (c for c in held("Theorem 2", task).conditions if c.text.startswith("RIP"))
    assert rip.met is None
    assert "not searched" in rip.why.lower()


def test_applies_is_the_conjunction() -> None:
    def of(*met: bool | None) -> bool | None:
        conditions = tuple(Condition("", value, "") for value in met)
        return Theorem("", "", "", conditions).applies

    assert of(True, True) is True
    assert of(True, None) is None
    assert of(None, False) is False


@pytest.mark.parametrize("epsilon", [0.0, -1.0, float("nan"), float("inf")])
def test_epsilon_is_positive(epsilon: float) -> None:
    with pytest.raises(gv.SettingsError, match="epsilon should be greater than 0"):
        held("Theorem 1", epsilon=epsilon)


def test_theory_does_without_torch() -> None:
    code = (
        "import sys, gncviz as gv\n"
        "gv.theory.theorems(gv.Task.random(), gv.Network(), gv.Prior(), epsilon=0.02)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    "task",
    [
        gv.Task.completion(np.outer([1.0, 2, 3], [1.0, 1, 2]), held_out=0.3),
        gv.Task.sensing(np.random.default_rng(0).standard_normal((9, 3, 3)), np.ones(9)),
    ],
)
def test_what_takes_the_ground_truth_is_open_without_one(task: gv.Task) -> None:
    found = theorems(task, gv.Network(), gv.Prior(normalize=True), epsilon=0.1)
    asked = {condition.text: condition for theorem in found for condition in theorem.conditions}
    for text in ("W* = 0", "‖W*‖ = 1", "W* has rank one"):
        assert asked[text].met is None
        assert asked[text].why == "W* is not known: the task has no ground truth."
    assert asked["L_gen is over all that is not measured (Eq. 3)"].met is None
    assert asked["the labels are y_i = <A_i, W*>"].met is None
    assert not any(theorem.applies for theorem in found)


@pytest.mark.parametrize(("noise", "exact"), [(0.0, True), (0.1, False)])
def test_labels_of_a_known_truth_are_held_against_it(noise: float, exact: bool) -> None:
    usual = gv.Task.random(seed=1)
    task = gv.Task(usual.ground_truth, usual.measurements, labels=usual.labels + noise)
    (theorem, *_) = theorems(task, gv.Network(), gv.Prior(), epsilon=0.1)
    assert theorem.conditions[-1].met is exact
    assert theorem.applies is exact


def _several(seed: int, count: int, rows: int, cols: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, rows, cols))


DEGENERATE = {
    "a ground truth of zero": gv.Task(np.zeros((3, 3)), _several(0, 4, 3, 3)),
    "a measurement of zero": gv.Task(_several(1, 1, 3, 3)[0], np.zeros((1, 3, 3))),
    "one entry": gv.Task([[2.0]], [[[0.0]]]),
    "one row": gv.Task(_several(2, 1, 1, 6)[0], _several(3, 3, 1, 6)),
    "as many measurements as entries": gv.Task(
        _several(4, 1, 2, 2)[0], np.repeat(_several(5, 1, 2, 2), 4, axis=0)
    ),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("normalize", [False, True])
def test_degenerate_tasks_have_an_answer(name: str, normalize: bool) -> None:
    task = DEGENERATE[name]
    for depth in (1, 2, 3):
        found = {
            theorem: held(theorem, task, depth=depth, normalize=normalize, descent={})
            for theorem in NAMES
        }
        assert found["Theorem 9"].applies is (
            name == "a ground truth of zero" and depth == 2 and not normalize
        )
        # Something of rank two or less is never seen.
        assert found["Theorem 2"].applies is False
        assert found["Proposition 1"].applies is False
        for theorem in found.values():
            assert all(condition.text and condition.why for condition in theorem.conditions)
