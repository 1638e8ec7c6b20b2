"""Arguments of the functions on matrices and priors: what the docstrings promise of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gncviz as gv
from gncviz.experiment import assemble, run_experiment, write_experiment
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


def swept(**given: Any) -> Any:
    return gv.sweep("width", [5], seeds=1, descent=False, **given)


@pytest.mark.parametrize("function", [spectra, collapsed, dependence, swept])
@pytest.mark.parametrize("seconds", [0, -1, math.nan, math.inf, "a minute", True])
def test_a_time_budget_is_a_positive_number(function: Callable[..., Any], seconds: Any) -> None:
    with pytest.raises(gv.SettingsError, match=r"^seconds should be greater than 0"):
        function(seconds=seconds)


@pytest.mark.parametrize("function", [spectra, collapsed, dependence, swept])
def test_cancel_can_be_asked(function: Callable[..., Any]) -> None:
    with pytest.raises(gv.SettingsError, match=r"^cancel should be such as"):
        function(cancel=3)


@pytest.mark.parametrize(
    ("function", "name"), [(spectra, "depths"), (collapsed, "depths"), (dependence, "widths")]
)
def test_a_value_given_twice_has_one_row(function: Callable[..., Any], name: str) -> None:
    once, twice = (function(**{name: values}) for values in ((5, 6), (5, 6, 5)))
    pd.testing.assert_frame_equal(once, twice)


MATRICES = np.random.default_rng(0).standard_normal((3, 2, 2))


@pytest.mark.parametrize("matrices", [3.0, np.eye(2), np.zeros((2, 0, 3)), "x"])
def test_what_are_no_draws_of_matrices_is_not_summarized(matrices: Any) -> None:
    with pytest.raises(gv.SettingsError, match=r"^matrices (should|must)"):
        gv.spectrum.summarize(matrices)


@pytest.mark.parametrize("weights", [[1, 1], [1, 1, -1], [0, 0, 0], [1, 1, math.nan], [[1, 1, 1]]])
def test_what_are_no_weights_of_values_is_refused(weights: Any) -> None:
    for ask in (
        lambda: gv.spectrum.summarize(MATRICES, weights),
        lambda: gv.spectrum.weighted_quantiles(np.ones((3, 1)), weights),
    ):
        with pytest.raises(gv.SettingsError, match="weights should be 3 numbers of zero or more"):
            ask()


@pytest.mark.parametrize("values", [np.empty((0, 2)), np.ones(3), 1.0])
def test_quantiles_are_of_values(values: Any) -> None:
    with pytest.raises(gv.SettingsError, match=r"values should have shape \(N, columns\)"):
        gv.spectrum.weighted_quantiles(values)


def test_lists_are_values_and_weights_too() -> None:
    found = gv.spectrum.weighted_quantiles([[1.0], [2.0]], [3, 1])
    np.testing.assert_array_equal(found, [[1, 1, 1, 1, 2]])


def test_a_correlation_with_what_is_no_number_is_none() -> None:
    assert math.isnan(rank_correlation([1, 2, math.nan], [1, 2, 3])[0])
    assert rank_correlation([1, 2, math.inf], [1, 2, 3])[0] == pytest.approx(1)


def test_theorems_take_nothing_else_for_descent() -> None:
    with pytest.raises(gv.SettingsError, match="descent should be settings of gradient descent"):
        theorems(TASK, NETWORK, PRIOR, epsilon=0.1, descent=3)  # type: ignore[arg-type]


def test_an_experiment_is_of_settings_and_has_known_parts(tmp_path: Path) -> None:
    with pytest.raises(gv.SettingsError, match="settings should be ExperimentSettings; got 3"):
        run_experiment(3)  # type: ignore[arg-type]
    with pytest.raises(gv.SettingsError, match=r"parts should be of post, spectra, .*; got 'psot'"):
        run_experiment(assemble({}), parts=("psot",))
    with pytest.raises(gv.SettingsError, match="found should be an Experiment; got 3"):
        write_experiment(tmp_path / "a", 3)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
