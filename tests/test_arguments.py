"""Arguments of the functions on matrices and priors: what the docstrings promise of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gncviz as gv
from gncviz.mechanism import collapse, collapse_theory, loss_dependence, rank_correlation
from gncviz.spectrum import lyapunov_exponents, prior_spectra
from gncviz.theory import rip_constant, theorems

TASK, NETWORK, PRIOR = gv.Task.random(), gv.Network(), gv.Prior()


def spectra(**given: Any) -> Any:
    return prior_spectra(NETWORK, PRIOR, **{"depths": (2,), "draws": 5, **given})


def collapsed(**given: Any) -> Any:
    return collapse(NETWORK, PRIOR, **{"depths": (2,), "draws": 5, **given})


def dependence(**given: Any) -> Any:
    return loss_dependence(TASK, NETWORK, PRIOR, **{"widths": (5,), "draws": 200, **given})


def rip(**given: Any) -> Any:
    return rip_constant(TASK, **{"rank": 1, "restarts": 2, **given})


def lyapunov(**given: Any) -> Any:
    return lyapunov_exponents(**{"width": 5, **given})


def predicted(**given: Any) -> Any:
    return collapse_theory(NETWORK, PRIOR, **{"rows": 5, "cols": 5, **given})


#: Arguments that are whole numbers, by the least that is allowed.
COUNTS: list[tuple[Callable[..., Any], str, int]] = [
    *[(spectra, name, 1) for name in ("rows", "cols", "draws")],
    *[(collapsed, name, 1) for name in ("rows", "cols", "draws")],
    *[(function, "seed", 0) for function in (spectra, collapsed, dependence, rip)],
    *[(rip, name, 1) for name in ("rank", "restarts")],
    *[(lyapunov, name, 1) for name in ("width", "count")],
    *[(predicted, name, 1) for name in ("rows", "cols")],
    (dependence, "draws", 1),
]


@pytest.mark.parametrize(("function", "name", "least"), COUNTS)
def test_whole_numbers_are_whole_and_large_enough(
    function: Callable[..., Any], name: str, least: int
) -> None:
    for value in (least - 1, 2.5, math.nan, math.inf, True, "many", [3]):
        with pytest.raises(gv.SettingsError) as caught:
            function(**{name: value})
        wanted = f"at least {least}" if value == least - 1 else "a whole number"
        assert str(caught.value) == f"{name} should be {wanted}; got {value!r}."
    for value in (np.int64(3), np.float32(3), 3.0):
        same, as_well = (pd.DataFrame(np.atleast_1d(function(**{name: n}))) for n in (value, 3))
        pd.testing.assert_frame_equal(same, as_well)


@pytest.mark.parametrize(
    ("function", "name"), [(spectra, "depths"), (collapsed, "depths"), (dependence, "widths")]
)
def test_several_values_are_a_sequence(function: Callable[..., Any], name: str) -> None:
    for value in (5, "5", np.int64(5)):
        with pytest.raises(
            gv.SettingsError, match=rf"^{name} should be a sequence, such as a list"
        ):
            function(**{name: value})
    for value in ([0], [2.5], [True], ["deep"]):
        with pytest.raises(gv.SettingsError, match=rf"^{name.removesuffix('s')} should"):
            function(**{name: value})
    for value in (np.array([5, 6]), range(5, 7), iter([5, 6])):
        assert function(**{name: value})[name.removesuffix("s")].unique().tolist() == [5, 6]


@pytest.mark.parametrize("epsilon", [0, -1, math.nan, math.inf, None, "small", True])
def test_epsilon_of_the_theorems_is_a_positive_number(epsilon: Any) -> None:
    with pytest.raises(gv.SettingsError, match=r"^epsilon should"):
        theorems(TASK, NETWORK, PRIOR, epsilon=epsilon)


def test_theorems_take_settings_of_descent_by_name() -> None:
    found = theorems(TASK, NETWORK, PRIOR, epsilon=0.1, descent={"momentum": 0.9})
    assert found[1].conditions[-1].met is False
    with pytest.raises(gv.SettingsError, match="momentum should be less than 1"):
        theorems(TASK, NETWORK, PRIOR, epsilon=0.1, descent={"momentum": 1})


NO_MATRICES = [[1, 2], 5, [[1, 2], [3]], [["a"]], np.zeros((3, 0, 2)), None]


@pytest.mark.parametrize("matrices", NO_MATRICES)
@pytest.mark.parametrize(
    "function",
    [
        gv.spectrum.singular_values,
        gv.spectrum.effective_rank,
        gv.spectrum.stable_rank,
        gv.mechanism.rank_one_distance,
    ],
)
def test_what_is_no_matrix_is_refused(function: Callable[[Any], Any], matrices: Any) -> None:
    with pytest.raises(gv.SettingsError, match=r"^matrices (should|must)"):
        function(matrices)


def test_pairs_are_pairs() -> None:
    for a, b in (([1, 2, 3], [1, 2]), ([[1, 2, 3]], [[1, 2, 3]])):
        with pytest.raises(gv.SettingsError, match="b should have the shape of a"):
            rank_correlation(a, b)
