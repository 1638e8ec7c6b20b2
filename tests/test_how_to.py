"""The how-to pages: each task takes a newcomer less than ten lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import ROOT, blocks, links

FOLDER = ROOT / "docs" / "how-to"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.stem != "index")


def test_the_index_leads_to_all_of_them() -> None:
    assert {path.name for path in PAGES} <= set(links(FOLDER / "index.md"))
    listed = (FOLDER / "index.md").read_text(encoding="utf-8").partition("{toctree}")[2]
    assert {path.stem for path in PAGES} <= set(listed.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_task_takes_less_than_ten_lines(page: Path) -> None:
    """From the imports to the result; what follows explains it. test_documents runs all of it."""
    first = next(
        block.text
        for block in blocks("python")
        if block.document == page and "import gncviz as gv" in block.text
    )
    assert len([line for line in first.splitlines() if line.strip()]) < 10
