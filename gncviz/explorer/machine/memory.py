"""What a page that computes again and again takes of the machine's memory.

glibc keeps a heap for nearly every thread. What has been freed stays in its heap, and as large
blocks come and go the bound rises above which a block gets pages of its own instead. Every run
computes in new threads, so that a page's kernel would grow by hundreds of megabytes in which
nothing lives. Other C libraries do not have these functions: nothing happens there.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable

#: glibc's M_MMAP_THRESHOLD: the parameter of mallopt(3) for the least size, in bytes, of a block
#: that is mapped by itself and goes back when it is freed. One that is set stays where it is.
_MAPPED_FROM = -3
#: Blocks of draws are larger, what else a page keeps is smaller; runs take no longer for it.
_LARGE = 2**20


@functools.cache
def map_large_blocks() -> None:
    """Keeps large blocks out of the heaps from now on; for the whole process, so once."""
    set_parameter = _glibc("mallopt")
    if set_parameter is not None:
        set_parameter(_MAPPED_FROM, _LARGE)


def give_back() -> None:
    """Gives what is free in the heaps back to the operating system."""
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(0)


@functools.cache
def _glibc(name: str) -> Callable[..., int] | None:
    with contextlib.suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        # Another library's mallopt would take the parameter for something else.
        _ = library.gnu_get_libc_version
        function: Callable[..., int] = getattr(library, name)
        return function
    return None
