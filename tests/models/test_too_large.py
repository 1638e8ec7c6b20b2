"""What would not fit into memory is refused with its size before anything is allocated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gncviz import theory
from gncviz.descent import gradient_descent
from gncviz.mechanism import collapse, loss_dependence
from gncviz.network import Network
from gncviz.posterior import guess_and_check
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.spectrum import prior_spectra
from gncviz.task import Task

TASK = Task.random(seed=0)
WIDE = Network(width=100_000, depth=3, activation="tanh")
DEEP = Network(width=100_000, depth=1000)
COMPLETION = Task.random(rows=1000, cols=1000, measurements=500_000, kind="completion", norm=1000.0)

TOO_LARGE: dict[str, tuple[str, Callable[[], Any]]] = {
    "ground_truth": ("ground_truth", lambda: Task(endless(10**6, 10**6), [[[1.0]]])),
    "float32": ("measurements", lambda: Task(np.eye(1000), endless(2000, 1000, 1000))),
    "one-hot matrices": ("measurements", lambda: COMPLETION.measurements),
    "basis": ("measured_basis", lambda: COMPLETION.measured_basis),
    "complement": ("complement", lambda: COMPLETION.complement),
    "isometry": ("measurements", lambda: theory.rip_constant(COMPLETION, 1)),
    "samples": ("samples", lambda: guess_and_check(COMPLETION, Network(), samples=10**6)),
    "prior": ("width", lambda: guess_and_check(TASK, WIDE)),
    "descent": ("trials", lambda: gradient_descent(TASK, WIDE)),
    "spectra": ("width", lambda: prior_spectra(WIDE, Prior())),
    "collapse": ("width", lambda: collapse(WIDE, Prior(), depths=[3])),
    "matrices": ("rows", lambda: prior_spectra(Network(), Prior(), 10**5, 10**5)),
}


def endless(*shape: int) -> Any:
    """An array that takes no memory, as long as nobody copies it."""
    return np.broadcast_to(np.float32(1), shape)


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_does_not_fit_is_refused_at_once(case: str) -> None:
    field, ask = TOO_LARGE[case]
    start = time.process_time()
    with pytest.raises(SettingsError, match=r"take [\d ]+ GB; at most 2 GB") as caught:
        ask()
    assert [name for name, _ in caught.value.problems] == [field]
    # Of the processor: what else the machine does is no matter.
    assert time.process_time() - start < 2.5


def test_layers_that_cannot_be_held_are_not_integrated_out() -> None:
    """Bartlett's form of such a network is small; its hidden layers are not."""
    with pytest.raises(SettingsError, match="hidden layers that fit into memory"):
        guess_and_check(TASK, DEEP, method="collapsed", seconds=0.5, device="cpu")
    post = guess_and_check(TASK, DEEP, seconds=0.5, device="cpu")
    assert post.method != "collapsed"
    assert "inf" not in post.message


def test_widths_that_cannot_be_held_are_left_out() -> None:
    table = loss_dependence(TASK, WIDE, Prior(), widths=[5, WIDE.width], draws=200)
    assert table["width"].tolist() == [5]
