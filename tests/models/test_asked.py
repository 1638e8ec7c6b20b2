"""Arguments of another kind are refused where they come in, by all that take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import gncviz as gv
from gncviz.theory import rip_constant

TASK, NETWORK, PRIOR = gv.Task.random(), gv.Network(), gv.Prior()

CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "prior_spectra": (gv.spectrum.prior_spectra, {"network": NETWORK, "prior": PRIOR}),
    "prior_spectra_draws": (gv.spectrum.prior_spectra_draws, {"network": NETWORK, "prior": PRIOR}),
    "prior_matrices": (
        lambda **given: gv.spectrum.prior_matrices(**given, rows=5, cols=5, draws=5, seed=0),
        {"network": NETWORK, "prior": PRIOR},
    ),
    "loss_dependence": (
        gv.mechanism.loss_dependence,
        {"task": TASK, "network": NETWORK, "prior": PRIOR},
    ),
    "collapse": (gv.mechanism.collapse, {"network": NETWORK, "prior": PRIOR}),
    "collapse_theory": (
        lambda **given: gv.mechanism.collapse_theory(**given, rows=5, cols=5),
        {"network": NETWORK, "prior": PRIOR},
    ),
    "theorems": (
        lambda **given: gv.theory.theorems(**given, epsilon=0.1),
        {"task": TASK, "network": NETWORK, "prior": PRIOR},
    ),
    "guess_and_check": (
        lambda **given: gv.guess_and_check(**given, epsilon=1.0, samples=1),
        {"task": TASK, "network": NETWORK, "prior": PRIOR},
    ),
    "gradient_descent": (gv.gradient_descent, {"task": TASK, "network": NETWORK}),
    "rip_constant": (lambda **given: rip_constant(**given, rank=1), {"task": TASK}),
}
STRANGE = ["gaussian", 5, None, {"width": 5}, gv.Task, gv.Prior]


@pytest.mark.parametrize(
    ("call", "name"), [(call, name) for call, (_, given) in CALLS.items() for name in given]
)
@pytest.mark.parametrize("value", STRANGE)
def test_what_is_of_another_kind_is_refused(call: str, name: str, value: Any) -> None:
    function, right = CALLS[call]
    if value is None and (call, name) == ("guess_and_check", "prior"):
        assert function(**{**right, name: value}).prior == PRIOR, "None is the usual one"
        return
    with pytest.raises(gv.SettingsError) as caught:
        function(**{**right, name: value})
    assert [field for field, _ in caught.value.problems] == [name]
    assert str(caught.value).startswith(f"{name} should be a {name}, such as {name.title()}")


def test_each_argument_that_is_wrong_has_its_sentence() -> None:
    with pytest.raises(gv.SettingsError) as caught:
        gv.theory.theorems(PRIOR, TASK, NETWORK, epsilon=0.1)  # type: ignore[arg-type]
    assert [field for field, _ in caught.value.problems] == ["task", "network", "prior"]
