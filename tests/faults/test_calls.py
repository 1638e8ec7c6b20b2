"""Every public call gives a result, or one sentence: no other error, no hang, no made-up number."""

from __future__ import annotations

import math
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gncviz as gv
from gncviz.posterior import GuessAndCheckResult
from tests.faults.calls import CALLS
from tests.faults.values import ANYTHING

#: Seconds that a call with a budget of half a second may take on a busy machine.
PATIENCE = 20.0
FREE = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str | int, Any]]:
    """A call and one or two of its arguments, changed."""
    name = draw(st.sampled_from(sorted(CALLS)))
    names = draw(st.lists(st.sampled_from(list(CALLS[name].arguments)), min_size=1, max_size=2))
    return name, {one: draw(ANYTHING) for one in names}


def check(case: tuple[str, dict[str | int, Any]]) -> None:
    name, changes = case
    if name == "sweep":
        # Ours are processes, which take longer to start than all the rest.
        with ThreadPoolExecutor(1) as pool:
            _check(name, {"executor": pool, **changes})
    else:
        _check(name, changes)


def _check(name: str, changes: dict[str | int, Any]) -> None:
    begin = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = outcome(name, changes)
    assert time.monotonic() - begin < PATIENCE
    if isinstance(found, gv.SettingsError | gv.SweepError):
        assert str(found).strip()
        assert "Traceback" not in str(found)
    elif "_loss" not in name:
        # Losses of matrices beyond the root of float64's range are infinite, as they should be.
        sound(found)


def outcome(name: str, changes: dict[str | int, Any]) -> Any:
    """What comes of a call: a result, or one of the errors that are documented."""
    try:
        return CALLS[name].made(changes)
    except (gv.SettingsError, gv.SweepError) as error:
        return error
    except Exception:
        # What one's own function raises reaches one as it is.
        if callable(changes.get("progress")):
            return None
        raise


def sound(found: Any) -> None:
    """That no number of a result is infinite, and none is missing where there are draws."""
    if isinstance(found, GuessAndCheckResult):
        numbers = [found.mean_gen_loss, found.log10_acceptance] if len(found.gen_loss) else []
        assert all(math.isfinite(one) for one in numbers), found
        assert np.isfinite(found.outputs).all()
        assert (found.train_loss < found.settings.epsilon).all()
        assert 0 <= found.acceptance_interval[0] <= found.acceptance_interval[1] <= 1
        assert found.draws <= found.settings.draws
    elif isinstance(found, float | np.ndarray):
        assert not np.isinf(found).any()
    elif isinstance(found, pd.DataFrame):
        assert not np.isinf(found.select_dtypes("number")).any().any()


@given(cases())
@settings(max_examples=150, **FREE)
def test_a_result_or_a_sentence(case: tuple[str, dict[str | int, Any]]) -> None:
    check(case)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@given(cases())
@settings(max_examples=6000, **FREE)
def test_a_result_or_a_sentence_many_times(case: tuple[str, dict[str | int, Any]]) -> None:
    check(case)


@pytest.mark.parametrize("name", CALLS)
def test_the_calls_are_right_as_they_stand(name: str) -> None:
    check((name, {}))
