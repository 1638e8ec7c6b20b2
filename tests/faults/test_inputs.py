"""Whatever comes from outside, in an address, on the command line or in a file: read or refused."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gncviz as gv
from gncviz.cli import main
from gncviz.cli.output import Exit
from gncviz.experiment import assemble, read_experiment, run_experiment, write_experiment
from gncviz.experiment.options import OPTIONS
from gncviz.explorer.words.address import KEYS, from_query
from tests.faults.test_calls import FREE

#: Text that means something somewhere: to a shell, a browser, Python, a parser of numbers.
HOSTILE = [
    *("", " ", "0", "-1", "1e400", "nan", "inf", "1e-400", "5 000", "٣", "0x10", "1_0", "+5", "--"),
    *("None", "True", "[]", "{}", "\x00", "\ud800", "%00", "../../etc/passwd", "a" * 3000, "ε"),
    *("__import__('os').system('x')", "<script>alert(1)</script>", "'; DROP TABLE x", "${HOME}"),
    *("{{7*7}}", "file:///etc/passwd", "\r\nX: y", "9" * 5000, "auto", "cuda:99", "linear"),
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=12) | st.integers().map(str)
NAMES = [row.name.replace("_", "-") for row in OPTIONS if row.flag]


# --- addresses

PAIRS = st.lists(
    st.tuples(
        st.sampled_from([*KEYS, "gv", "gv.view", "gv.step", "gv.panel", "gv.tab"]) | TEXTS, TEXTS
    ),
    max_size=4,
)


def read_address(pairs: list[tuple[str, str]]) -> None:
    for start in ("gv=1&", "?gv=1&", ""):
        found = from_query(start + "&".join(f"{key}={value}" for key, value in pairs))
        assert all(sentence.strip() for sentence in found.problems)
        assert not (found.problems and found.settings), "wrong, and used all the same"


# --- the command line

COMMANDS = {
    "run": ["gncviz.posterior.guess_and_check"],
    "sweep": ["gncviz.cli.sweep.run_sweep"],
    "paper": ["gncviz.sweeps.run_sweeps"],
    "app": ["os.execve", "subprocess.run"],
}
LINES = st.tuples(
    st.sampled_from(sorted(COMMANDS)),
    st.lists(
        st.tuples(
            st.sampled_from([*NAMES, "port", "limits", "over", "values", "seeds", "figure", "out"]),
            TEXTS,
        ),
        max_size=3,
    ),
)


class Begun(Exception):
    """Everything was understood, and the computing would begin."""


def give_line(case: tuple[str, list[tuple[str, str]]], *more: str) -> None:
    """Runs a command up to where it would compute; what it prints is for people."""
    command, options = case
    said = io.StringIO()
    words = [command, *more, *(f"--{name}={value}" for name, value in options)]
    with contextlib.ExitStack() as stack:
        for name in COMMANDS[command]:
            stack.enter_context(mock.patch(name, side_effect=Begun))
        stack.enter_context(contextlib.redirect_stderr(said))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.chdir(stack.enter_context(tempfile.TemporaryDirectory())))
        code: Any = Exit.DONE
        try:
            code = main(words)
        except Begun:
            return
        except SystemExit as end:
            # argparse's own way: an unknown option.
            code = end.code
    assert code in set(Exit)
    assert "Traceback" not in said.getvalue()
    assert code == Exit.DONE or said.getvalue().strip()


# --- files

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FILES = st.one_of(
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from(NAMES) | TEXTS, VALUES, max_size=3).map(
        lambda found: json.dumps(found).encode()
    ),
    st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=3).map(
        lambda rows: "\n".join(f"{a} = {b}" for a, b in rows).encode("utf-8", "surrogatepass")
    ),
    st.just(b'{"a":' * 3000),
)


def give_file(case: tuple[str, str, bytes]) -> None:
    """A settings file or limits in a file."""
    command, suffix, content = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"mine{suffix}"
        path.write_bytes(content)
        option = ["--limits", str(path)] if command == "app" else ["--settings", str(path)]
        give_line((command, []), *option)


TABLES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=4).map(
        lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
    ),
    st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail),
    st.binary(max_size=60).map(lambda tail: b"\x93NUMPY\x01\x00" + tail),
)


def load_task(case: tuple[str, bytes]) -> None:
    """A task that somebody uploads or names: a table, or an archive of arrays."""
    suffix, content = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"task{suffix}"
        path.write_bytes(content)
        with contextlib.suppress(gv.SettingsError):
            assert isinstance(gv.Task.load(path), gv.Task)


def _stored() -> bytes:
    settings = assemble({"guess_and_check.epsilon": 0.5, "guess_and_check.samples": 5})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "experiment.parquet"
        write_experiment(path, run_experiment(settings, parts=("post",)))
        return path.read_bytes()


STORED = _stored()
#: Where a file is cut or changed, and to what.
DAMAGE = st.tuples(st.integers(0, len(STORED)), st.binary(max_size=8), st.booleans())


def read_damaged(case: tuple[int, bytes, bool]) -> None:
    """A stored run of which some bytes are others, or the end is missing."""
    place, bytes_there, cut = case
    after = b"" if cut else STORED[place + len(bytes_there) :]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "experiment.parquet"
        path.write_bytes(STORED[:place] + bytes_there + after)
        with contextlib.suppress(ValueError):
            read_experiment(path)


ENTRANCES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "address": (PAIRS, read_address),
    "command line": (LINES, lambda case: give_line(case)),
    "settings file": (
        st.tuples(st.sampled_from(sorted(COMMANDS)), st.sampled_from([".toml", ".json"]), FILES),
        give_file,
    ),
    "task file": (
        st.tuples(st.sampled_from([".csv", ".npz", ".npy", "", ".txt"]), TABLES),
        load_task,
    ),
    "stored run": (DAMAGE, read_damaged),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_read_or_refused(entrance: str) -> None:
    _try(entrance, 40)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_read_or_refused_many_times(entrance: str) -> None:
    _try(entrance, 800)


def _try(entrance: str, examples: int) -> None:
    strategy, check = ENTRANCES[entrance]
    settings(max_examples=examples, **FREE)(given(strategy)(check))()
