"""The page by the browser's protocol: from a kernel that was started, and from a copy."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.load import Visitor, kernels, processes
from tests.browser.serving import ROOT, voila

pytestmark = pytest.mark.slow


async def visits(url: str) -> tuple[Visitor, Visitor]:
    """The first visitor, and one who comes when there is a prototype."""
    first, second = Visitor(url), Visitor(url)
    await first.visit(1)
    await asyncio.sleep(5.0)
    await second.visit(2)
    assert len(kernels()) == 2
    parents = {one.ppid() for one in kernels()}
    prototypes = {one.pid for one in processes() if "gncviz.serving.prototype" in one.cmdline()}
    assert len(parents & prototypes) == 1, "the second is no copy"
    for one in (first, second):
        await one.leave()
    return first, second


def test_a_copy_does_what_a_kernel_does_and_opens_sooner(tmp_path: Path) -> None:
    with voila(ROOT / "app.ipynb", tmp_path / "log.txt") as url:
        first, second = asyncio.run(visits(url))
    assert len(first.steps) == len(second.steps) == 5
    assert len(second.runs) == 2
    assert second.opened < first.opened
    assert second.runs[0] < first.runs[0]
