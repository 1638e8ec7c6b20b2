"""Arrays from outside are taken as they are meant, or refused in a sentence."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gncviz.mechanism import rank_correlation
from gncviz.settings import SettingsError
from gncviz.spectrum import effective_rank
from gncviz.task import Task

RIGHT = np.array([[1.0, 2.0], [3.0, 4.0]])
SEEN = np.eye(4)[[0, 3]].reshape(2, 2, 2)
TASK = Task(RIGHT, SEEN)
MASKED = np.ma.masked_array([[1.0, 2.0], [3.0, -999.0]], mask=[[False, False], [False, True]])

WELCOME: dict[str, Any] = {
    "integers": RIGHT.astype(np.uint8),
    "float32": RIGHT.astype(np.float32),
    "long double": RIGHT.astype(np.longdouble),
    "objects": RIGHT.astype(object),
    "decimals": [[Decimal(1), 2], [3, Decimal(4)]],
    "a mask that hides nothing": np.ma.masked_array(RIGHT, mask=False),
    "a table": pd.DataFrame(RIGHT),
    "a table of nullable numbers": pd.DataFrame(RIGHT.astype(int)).astype("Int64"),
    "torch": torch.tensor(RIGHT, requires_grad=True),
    "bfloat16": torch.tensor(RIGHT).bfloat16(),
    "sparse": torch.tensor(RIGHT).to_sparse(),
    "a list of tensors": [torch.tensor([1, 2]), torch.tensor([3.0, 4.0])],
    "a list of masked rows": [np.ma.masked_array([1.0, 2.0], mask=False), [3, 4]],
}
MISSING: dict[str, Any] = {
    "masked": MASKED,
    "masked rows": list(MASKED),
    "masked integers": MASKED.astype(int),
    "the masked constant": [[1.0, 2.0], [3.0, np.ma.masked]],
    "None": [[1.0, 2.0], [3.0, None]],
    "pandas' NA": pd.DataFrame([[1, 2], [3, pd.NA]]),
    "nullable numbers": pd.DataFrame([[1, 2], [3, None]]).astype("Int64"),
}
NO_NUMBERS: dict[str, Any] = {
    "texts": RIGHT.astype(str),
    "a text among objects": np.array([[1, 2], [3, "4"]], dtype=object),
    "bytes": RIGHT.astype("S"),
    "complex": RIGHT + 0j,
    "complex objects": (RIGHT + 1j).astype(object),
    "complex tensor": torch.tensor(RIGHT + 1j),
    "dates": np.full((2, 2), "2020-01-01", dtype="M8[D]"),
    "spans of time": np.ones((2, 2), dtype="m8[s]"),
    "structures": np.zeros((2, 2), dtype=[("a", float)]),
    "a dictionary": {"a": 1},
    "a set": {1.0, 2.0},
    "ragged": [[1, 2], [3]],
    "beyond float64": [[10**400, 1], [1, 1]],
}

TAKERS: dict[str, Callable[[Any], Any]] = {
    "ground_truth": lambda values: Task(values, SEEN),
    "measurements": lambda values: Task(RIGHT, [values]),
    "train_loss": TASK.train_loss,
    "gen_loss": TASK.gen_loss,
    "effective_rank": effective_rank,
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("given", WELCOME)
def test_numbers_of_any_package_are_taken_exactly(given: str) -> None:
    values = WELCOME[given]
    np.testing.assert_array_equal(Task(values, SEEN).ground_truth, RIGHT)
    assert TASK.train_loss(values) == TASK.gen_loss(values) == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("given", MISSING)
def test_a_missing_entry_is_no_number(given: str, taker: str) -> None:
    with pytest.raises(SettingsError, match="must have all its entries; 1 is missing, the first"):
        TAKERS[taker](MISSING[given])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("given", NO_NUMBERS)
def test_what_are_no_real_numbers_is_refused(given: str, taker: str) -> None:
    with pytest.raises(SettingsError, match=r"must be (an array of numbers|real)"):
        TAKERS[taker](NO_NUMBERS[given])


def test_how_to_complete_a_matrix_is_told_and_right() -> None:
    with pytest.raises(SettingsError, match=r"is completed by Task\.completion\(matrix\)"):
        Task([[1.0, np.nan], [3.0, 4.0]], SEEN)
    task = Task.completion([[1.0, np.nan], [3.0, 4.0]], held_out=[[0, 0], [0, 1]])
    np.testing.assert_array_equal(task.labels, [1, 3])
    assert task.train_loss([[1.0, 77.0], [3.0, 5.0]]) == 0
    assert task.gen_loss([[1.0, 77.0], [3.0, 5.0]]) == 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["sensing", "completion"])
@pytest.mark.parametrize("norm", [1e-300, 1e-160, 1e160, 1e300])
def test_losses_that_leave_float64_are_refused_in_a_sentence(kind: str, norm: float) -> None:
    with pytest.raises(SettingsError, match="norm must have a value between"):
        Task.random(norm=norm, kind=kind)
    with pytest.raises(SettingsError, match="the largest label that they give between"):
        Task(1e100 * np.eye(3), 1e100 * np.eye(3)[None])


def test_truth_values_measure_as_zero_and_one() -> None:
    np.testing.assert_array_equal(Task(RIGHT, SEEN.astype(bool)).labels, TASK.labels)


def test_correlations_take_no_masked_pairs() -> None:
    with pytest.raises(SettingsError, match="a must have all its entries"):
        rank_correlation(np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, False, True]), [1, 2, 3])


@pytest.mark.parametrize(
    "task", [TASK, Task.random(seed=1), Task.random(kind="completion", seed=2)]
)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda task: pickle.loads(pickle.dumps(task))]
)
def test_copies_are_as_immutable_as_the_task(task: Task, copied: Callable[[Task], Task]) -> None:
    other = copied(task)
    for name in ("ground_truth", "measurements", "labels", "measured_basis", "complement"):
        assert not getattr(other, name).flags.writeable
        np.testing.assert_array_equal(getattr(other, name), getattr(task, name))
    for name in ("ground_truth", "labels", "entries", "settings"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(other, name, None)
