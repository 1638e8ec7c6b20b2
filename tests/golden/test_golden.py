"""A change that is meant to leave the numbers alone leaves them alone, to the last digit.

The last digits depend on the processor's instructions and on the versions of what computes, so that
there is a set of hashes for each kind of machine that has been met. Where they are meant to change:
``python -m tests.golden``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch

from tests.golden.settings import GOLDEN, Losses

RECORD = Path(__file__).parent / "record.json"


def kind_of_machine() -> str:
    """What the last digits depend on: the processor's instructions, and who computes with them."""
    makers = (torch, np, numba)
    versions = (f"{one.__name__} {one.__version__.partition('+')[0]}" for one in makers)
    return ", ".join([torch.backends.cpu.get_cpu_capability(), *versions])


def recorded() -> dict[str, Any]:
    """What was found before, by kind of machine and name."""
    found: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def summary(losses: Losses) -> dict[str, Any]:
    """The hash of some losses, and two numbers that tell by how much they differ if they do."""
    digest = hashlib.sha256(np.ascontiguousarray(losses).tobytes()).hexdigest()[:16]
    known = losses[np.isfinite(losses)]
    return {"hash": digest, "count": len(losses), "mean": float(known.mean())}


@pytest.mark.parametrize("name", GOLDEN)
def test_numbers_are_as_they_were(name: str) -> None:
    machine = recorded().get(kind_of_machine())
    if machine is None:
        pytest.skip(f"nothing is recorded for {kind_of_machine()}")
    assert summary(GOLDEN[name]()) == machine[name]


def test_a_change_would_be_seen() -> None:
    losses = GOLDEN["plain, linear"]()
    changed = losses.copy()
    changed[-1] = np.nextafter(changed[-1], 1)
    assert summary(changed)["hash"] != summary(losses)["hash"]
