"""Kernels are compiled wherever the package lies, and are looked up by all of their sources."""

from __future__ import annotations

import pytest
from numba.core import caching

from gncviz import kernels
from gncviz.kernels import compiling
from gncviz.progress import Run, Stopped


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


def test_a_run_that_is_to_end_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    import time
    from typing import ClassVar

    class Slow:
        pays = True
        device = "cpu"
        twin = ("slow", "Twin")

    class Reference:
        plan: ClassVar[Slow] = Slow()

    import torch

    monkeypatch.setattr(kernels.importlib, "import_module", lambda _: time.sleep(2))
    begun = time.perf_counter()
    with pytest.raises(Stopped):
        kernels.twin(Reference(), torch.device("cpu"), Run(seconds=0.1))
    assert time.perf_counter() - begun < 1
