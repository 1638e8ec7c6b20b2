"""The project's documents and the blocks of code in them."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
]


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        document: where it stands.
        line: the first one, from 1.
        language: what its fence says; empty where it says nothing or there is no fence.
        text: the code.
    """

    document: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """For the reports of tests: "docs/serving.md:13"."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"


@functools.cache
def _tokens(document: Path) -> list[Token]:
    return MarkdownIt().enable("table").parse(document.read_text(encoding="utf-8"))


def blocks(*languages: str) -> list[Block]:
    """All blocks of all documents, or those in some languages."""
    found = [
        Block(document, token.map[0] + 1, token.info.strip(), token.content)
        for document in DOCUMENTS
        for token in _tokens(document)
        if token.type in ("fence", "code_block") and token.map
    ]
    return [block for block in found if not languages or block.language in languages]


def links(document: Path) -> Iterator[str]:
    """Where the links and pictures of a document lead."""
    for token in _tokens(document):
        for child in token.children or []:
            where = child.attrGet("href") or child.attrGet("src")
            if where:
                yield str(where)


def commands(block: Block) -> list[list[str]]:
    """The command lines of a block, in words, comments left out."""
    joined = re.sub(r"\\\n\s*", "", block.text)
    lines = [shlex.split(line, comments=True) for line in joined.splitlines()]
    return [line for line in lines if line]
