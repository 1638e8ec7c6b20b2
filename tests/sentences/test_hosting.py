"""What the hosting page says of many visitors is what was measured."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.documents import ROOT, prose
from tests.sentences.held import Held, loose

HOSTING = ROOT / "docs" / "hosting.md"
#: Written by ``python -m benchmarks.load --json docs/load.json``.
LOAD: dict[str, Any] = json.loads((ROOT / "docs" / "load.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOAD["waits"])
def test_waits_are_as_measured(name: str) -> None:
    (row,) = [line for line in HOSTING.read_text().splitlines() if line.startswith(f"| {name} |")]
    said = [cell.strip().removesuffix(" s") for cell in row.split("|")[2:-1]]
    for number, found in zip(said, LOAD["waits"][name], strict=True):
        digits = len(number.partition(".")[2])
        assert number == f"{found:.{digits}f}"


def test_memory_and_ends_are_as_measured() -> None:
    held = [
        Held("For {} pages on two cores", lambda: [LOAD["pages"]]),
        Held("and runs {} settings", lambda: [LOAD["runs"]]),
        Held(
            "a kernel had {} MB of its own on average, {} MB with what is shared; the server, the "
            "prototype and {} kernels took {} GB together",
            lambda: [LOAD[name] for name in ("own_mb", "seen_mb", "kernels", "all_gb")],
        ),
        Held(
            "cost {} of a core, and the last kernel was gone {} s after the pages",
            lambda: [LOAD["idle_cores"], LOAD["gone_after"]],
        ),
    ]
    for one in held:
        one.check(prose(HOSTING))
    assert loose(prose(HOSTING), held, ["first two kernels", "on two cores"]) == []


def test_pages_hold_what_is_asked_of_them() -> None:
    waits = LOAD["waits"]
    assert LOAD["pages"] == 20
    assert waits["story step"][-1] < 1
    assert waits["no sign of a run"][-1] < 10
    assert LOAD["all_gb"] < 12
    assert LOAD["gone_after"] < 120
