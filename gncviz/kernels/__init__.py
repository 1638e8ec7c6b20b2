"""Compiled twins of what takes most of the time; each does what its torch reference does.

A twin is made from a plan, arrays and numbers in which a reference describes itself. Those for a
CPU are compiled by numba, those for a GPU by Triton, which comes with torch's CUDA build; each is
loaded when the first twin is made. That first call waits until the twin is compiled, a few seconds
the first time on a machine and then a fraction of one, rather than that the reference stands in
for it: the two agree to rounding only, and a seed's numbers must not depend on what was ready.
"""

from __future__ import annotations

import concurrent.futures
import functools
import importlib
import importlib.util
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import torch

    from gncviz.progress import Run

T = TypeVar("T")

#: Seconds between two looks at the run while a kernel is compiled, and after which that is said:
#: one that is read from the disk takes less.
_PATIENCE, _LONG = 0.02, 0.5
_COMPILING = "compiling for this machine, the first time only"

#: Twins by module and name; what they call is compiled when the module is imported.
DESCENT = "gncviz.kernels.descent", "CompiledSteps"
WALK = "gncviz.kernels.walk", "CompiledWalk"
FUSED_WALK = "gncviz.kernels.gpu.walk", "FusedWalk"
UNITS = "gncviz.kernels.units", "CompiledSweep"
SCREEN = "gncviz.kernels.gpu.screen", "FusedScreen"


#: What kernels are written in, by the type of the device that they are for.
_WRITTEN_IN = {"cpu": "numba", "cuda": "triton"}


class Plan(Protocol):
    """What a twin is made from."""

    @property
    def twin(self) -> tuple[str, str]:
        """Its class: the module and the name."""

    @property
    def device(self) -> str:
        """The type of the device that it is for."""

    @property
    def pays(self) -> bool:
        """Whether the twin is faster than its reference, and does all that this one does."""

    @property
    def doubtful(self) -> bool:
        """Whether the twin has to be tried out on a machine before it is relied on."""


def has_twin(reference: object, device: torch.device) -> bool:
    """Whether there is a compiled twin that is the faster.

    This is the one place where that is decided, by settings, by the device and by whether what its
    kernels are written in is installed.

    Args:
        reference: in torch, for any model on any device; its ``plan`` describes it, or is None
            where it is of a kind that has no twin.
        device: where the work is to run.
    """
    plan: Plan | None = reference.plan  # type: ignore[attr-defined]
    if plan is None or plan.device != device.type or not plan.pays:
        return False
    return importlib.util.find_spec(_WRITTEN_IN[plan.device]) is not None


def twin(reference: T, device: torch.device, run: Run) -> T:
    """The compiled twin of a reference, or the reference itself where there is none.

    Args:
        reference: see :func:`has_twin`. One whose plan says that the twin is doubtful has to
            ``try_out`` it: what that raises, and what the twin raises while it is made, speaks
            against it on this machine.
        device: likewise.
        run: asked while the kernel is compiled, and told where a twin does not work.

    Raises:
        Stopped: the run is to end, and the kernel is not ready.
    """
    if not has_twin(reference, device):
        return reference
    plan: Plan = reference.plan  # type: ignore[attr-defined]
    module, name = plan.twin
    loading, begun = _loading(module), run.seconds
    while not loading.done():
        run.check()
        if run.seconds - begun > _LONG:
            run.wait_for(_COMPILING)
        concurrent.futures.wait([loading], _PATIENCE)
    if not plan.doubtful:
        found: T = getattr(loading.result(), name)(plan)
        return found
    return _tried_out(reference, lambda: getattr(loading.result(), name)(plan), run)


def _tried_out(reference: T, make: Callable[[], T], run: Run) -> T:
    """A twin if it does on this machine what it should; else the reference, and a warning."""
    import torch

    from gncviz.progress import Stopped

    try:
        found = make()
        reference.try_out(found)  # type: ignore[attr-defined]
    except (torch.OutOfMemoryError, Stopped):
        raise
    except Exception as error:  # No compiler, no such card: whatever it is, there is another way.
        what = str(error).strip().partition("\n")[0] or type(error).__name__
        run.warn(f"The fused GPU kernel does not work here, and the slower way was taken: {what}")
        return reference
    return found


def prepare() -> None:
    """Waits until all kernels are ready, so that no call will have to."""
    for module, _ in (DESCENT, WALK, UNITS):
        _loading(module).result()


@functools.cache
def _loading(module: str) -> Future[Any]:
    """A kernel's module on its way, in a thread, so that a run that is to end need not wait."""
    pool = ThreadPoolExecutor(1, thread_name_prefix=module)
    loading = pool.submit(importlib.import_module, module)
    pool.shutdown(wait=False)
    return loading
