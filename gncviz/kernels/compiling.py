"""How kernels are compiled: when their module is imported, from then on read from the disk."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit, types
from numba.core import sigutils

F = TypeVar("F", bound=Callable[..., Any])

#: Told to kernels as a last argument that nobody passes: numba looks compiled code up by the types
#: of all arguments and by the kernel's own file, but a kernel also consists of its neighbours.
SOURCES = zlib.crc32(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
)

#: Products may go into sums unrounded, which halves the instructions; nothing else is reordered.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


def kernel(signature: str) -> Callable[[F], F]:
    """Compiles a function that Python calls; its last argument is ``sources=SOURCES``.

    Compiled code is kept beside the source, or where that cannot be written to, in the user's
    cache or in NUMBA_CACHE_DIR; where nothing can be written, in memory.

    Args:
        signature: types of what it returns and of all its arguments but the last, for numba.
    """
    arguments, result = sigutils.normalize_signature(signature)
    whole = result(*arguments, types.Omitted(SOURCES))

    def compiled(function: F) -> F:
        try:
            return njit(whole, cache=True, **_OPTIONS)(function)
        except RuntimeError:  # There is no folder to keep it in.
            return njit(whole, **_OPTIONS)(function)

    return compiled


def part(function: F) -> F:
    """A function that kernels consist of."""
    return njit(**_OPTIONS)(function)
