"""What a command gives back: text that any terminal can show, JSON, and the code it ends with."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import math
import os
import sys
import unicodedata
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    FAILED = 1
    BAD_SETTINGS = 2
    NOTHING_FITS = 3
    INTERRUPTED = 130
    NOBODY_READS = 141


EXIT_CODES = """\
exit codes:
  0    done
  1    something could not be computed, or not be written
  2    a setting is not allowed
  3    done, but no draw fits: there is no number of Guess & Check
  130  stopped by Ctrl-C
  141  nobody reads the output any more, as behind head
"""

#: What terminals without Unicode read instead.
_SPELLED = {
    "ε": "epsilon",
    "σ": "sigma",
    "δ": "delta",
    "λ": "lambda",
    "−": "-",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "±": "+-",
    "×": "x",
    "√": "sqrt",
    "∞": "inf",
    "‖": "||",
    "…": "...",
}


def for_any_terminal() -> None:
    """Has what standard output and error cannot encode spelled out, where it would be an error."""
    codecs.register_error("gncviz", _spelled)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="gncviz")


def _spelled(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    return "".join(map(_in_ascii, letters)), error.end


def _in_ascii(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return _SPELLED.get(letter) or bare or "?"


def nobody_reads() -> Exit:
    """Drops what is still to be printed, so that nothing stumbles over it at the very end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        # In a notebook or a test these are no files.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    return Exit.NOBODY_READS


def stopped(kept_in: str | None) -> str:
    """What is said after Ctrl-C.

    Args:
        kept_in: the folder that results were stored in on the way; None without one.
    """
    if kept_in is None:
        return "gncviz: stopped; nothing was kept."
    return f"gncviz: stopped. What is done is in {kept_in}; the same command goes on from there."


def as_json(data: Any) -> str:
    """JSON, in which what is no number (NaN, infinity) is null."""
    return json.dumps(_plain(data), indent=1, allow_nan=False)


def _plain(data: Any) -> Any:
    if hasattr(data, "tolist"):
        return _plain(data.tolist())
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
