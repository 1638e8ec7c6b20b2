"""Kernels are compiled wherever the package lies, and are looked up by all of their sources."""

from __future__ import annotations

import time
from typing import ClassVar

import pytest
import torch
from numba.core import caching

from gncviz import kernels
from gncviz.kernels import compiling
from gncviz.progress import Progress, Run, Stopped


def twice(x: int, sources: int = compiling.SOURCES) -> int:
    return 2 * x


def test_where_nothing_can_be_written_it_is_compiled_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caching.FunctionCache._impl_class, "_locator_classes", [])
    doubled = compiling.kernel("int64(int64)")(twice)
    assert doubled(21) == 42
    assert doubled.stats.cache_path is None


def test_compiled_code_is_told_its_sources() -> None:
    from gncviz.kernels.dense_cpu import walk

    ((*_, last),) = walk.signatures
    assert last.value == compiling.SOURCES


class Slow:
    pays = True
    device = "cpu"
    twin = ("slow", "Twin")


class Reference:
    plan: ClassVar[Slow] = Slow()


CPU = torch.device("cpu")


@pytest.fixture
def _slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that takes two seconds to be compiled."""
    kernels._loading.cache_clear()
    monkeypatch.setattr(kernels.importlib, "import_module", lambda _: time.sleep(2))


@pytest.mark.usefixtures("_slowly")
def test_a_run_that_is_to_end_does_not_wait() -> None:
    begun = time.perf_counter()
    with pytest.raises(Stopped):
        kernels.twin(Reference(), CPU, Run(seconds=0.1))
    assert time.perf_counter() - begun < 1


@pytest.mark.usefixtures("_slowly")
def test_a_run_says_that_it_waits_for_the_compiler() -> None:
    told: list[Progress] = []
    run = Run(told.append, seconds=1.0)
    run.report(0.25, "drawing from the prior", lambda: "so far")
    with pytest.raises(Stopped):
        kernels.twin(Reference(), CPU, run)
    last = told[-1]
    assert "compiling" in last.message
    assert last.fraction == 0.25
    assert last.partial is not None
    assert last.partial() == "so far"
