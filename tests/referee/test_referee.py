"""No method misses a known answer silently: it is right, or its status or a warning says so."""

from __future__ import annotations

import pytest

from tests.referee.targets import TARGETS, Target
from tests.referee.verdict import judge

CASES = [
    pytest.param(target, method, id=f"{target.name}-{method}")
    for target in TARGETS
    for method in target.methods
    if method not in target.beyond
]
#: "auto" is one of the others, with a pilot.
CHOSEN = [case for case in CASES if case.values[1] != "auto"]


@pytest.mark.parametrize(("target", "method"), CHOSEN)
def test_right_or_told(target: Target, method: str) -> None:
    """Within a tenth of the usual budget, which some have to say is not enough."""
    verdict = judge(target, method, samples=200, seed=1, draws=1_000_000)
    assert verdict.honest, verdict.post


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
@pytest.mark.parametrize(("target", "method"), CASES)
def test_with_other_seeds(target: Target, method: str, seed: int) -> None:
    verdict = judge(target, method, samples=1000, seed=seed)
    assert verdict.honest, verdict.post
