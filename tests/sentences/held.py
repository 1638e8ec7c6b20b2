"""Sentences with numbers, and the results that they are held to.

A document's numbers are read out of its sentences by templates; what they say has to be what the
results, rounded as the sentence rounds, say. Numbers of a document that no template reads fail a
test, unless they are names or settings ("Figure 2", "width 5", "ε = 0.01").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SMALL = "none one two three four five six seven eight nine ten"
WORDS = [*_SMALL.split(" "), "eleven", "twelve"]
DIGITS = r"[−-]?\d+(?: \d{3})*(?:\.\d+)?(?:e[−-]?\d+)?"
_NUMBER = rf"({DIGITS}|{'|'.join(WORDS)})"

_LIST = r"\d[\d.e-]*(?:(?:, | and |, and | to | or )\d[\d.e-]*)*"
#: Numbers that are names or settings, not findings.
NAMES = [
    rf"(?:Figures?|Theorems?|Proposition|Eqs?\.|Sec\.|App\.|Definition|Table) {_LIST}",
    rf"(?:[Ww]idths?|[Dd]epths?|[Rr]ank|[Ss]eeds?) (?:of )?{_LIST}",
    rf"(?:ε|ϵ|lr|slope) = {_LIST}",
    r"\d+ ?× ?\d+",
    r"→ 0",
    r"arXiv[: ]\d{4}\.\d+",
    r"\b(?:18|19|20)\d\d\b",
    r"\b(?:1/|W = 0|N\(0)",
    r"\b[A-Za-z]+\d+\b",
]


@dataclass(frozen=True)
class Held:
    """A sentence, or a part of one, and what its numbers have to be.

    Attributes:
        template: its words, with {} for each number; line breaks do not matter.
        values: computes the numbers, in the order of the sentence.
        error: what each may differ by, beyond rounding; twice it, in fact, as 95 % demand.
    """

    template: str
    values: Callable[[], Sequence[float]]
    error: float = 0.0

    def spans(self, text: str) -> list[re.Match[str]]:
        pattern = _NUMBER.join(map(re.escape, self.template.split("{}")))
        return list(re.finditer(pattern, text))

    def check(self, text: str) -> None:
        """That the sentence is there, once, and says what is so."""
        (said,) = self.spans(text) or [None]
        assert said, f"this sentence is not there any more: {self.template}"
        found = self.values()
        assert len(found) == len(said.groups()), self.template
        for printed, value in zip(said.groups(), found, strict=True):
            assert agrees(printed, value, self.error), (
                f"{self.template!r} says {printed}, but it is {value:.5g} ± {self.error:.2g}"
            )


def number(printed: str) -> float:
    """A number as people write it: "8 800", "−0.5", "2.5e-05", "three"."""
    if printed in WORDS:
        return float(WORDS.index(printed))
    return float(printed.replace(" ", "").replace("−", "-"))


def rounding(printed: str) -> float:
    """Half a unit of the last digit; a number in words is exact."""
    if printed in WORDS:
        return 0.0
    mantissa, _, exponent = printed.replace("−", "-").partition("e")
    return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def agrees(printed: str, value: float, error: float = 0.0) -> bool:
    """Whether a value, known up to a standard error, is the printed number when rounded."""
    return abs(number(printed) - value) <= rounding(printed) * (1 + 1e-9) + 2 * error


@cache
def prose(document: Path) -> str:
    """The sentences of a document: no code, no formulas, no tables; a paragraph a line."""
    text = document.read_text(encoding="utf-8")
    text = re.sub(r"(\$\$?)(?=[^$\s]|\s*\n).*?\1", " … ", text, flags=re.DOTALL)
    tokens = MarkdownIt().enable("table").parse(text)
    return "\n".join(_words(t) for t in _outside_tables(tokens) if t.type == "inline")


def _outside_tables(tokens: Iterable[Token]) -> Iterator[Token]:
    inside = 0
    for token in tokens:
        inside += (token.type == "table_open") - (token.type == "table_close")
        if not inside:
            yield token


def _words(token: Token) -> str:
    parts = {"text": lambda t: t.content, "softbreak": lambda t: " ", "image": lambda t: t.content}
    return "".join(parts[t.type](t) for t in token.children or [] if t.type in parts)


def loose(text: str, held: Sequence[Held], apart: Sequence[str]) -> list[str]:
    """Numbers that no template reads, each with the words around it.

    Args:
        text: of a document, from :func:`prose`.
        held: what is held of it.
        apart: phrases whose numbers are held by other means, or cannot be.
    """
    covered = [match.span() for one in held for match in one.spans(text)]
    covered += [m.span() for name in NAMES for m in re.finditer(name, text)]
    covered += [m.span() for phrase in apart for m in re.finditer(re.escape(phrase), text)]
    return [
        text[max(match.start() - 40, 0) : match.end() + 40]
        for match in re.finditer(DIGITS, text)
        if not any(low <= match.start() and match.end() <= high for low, high in covered)
    ]


@dataclass(frozen=True)
class Said:
    """A text in which phrases are looked up before what they say is checked."""

    text: str

    def says(self, template: str, *values: float, error: float = 0.0) -> None:
        """That a sentence is there and its numbers, {} in the template, are these."""
        Held(template, lambda: values, error).check(" ".join(self.text.split()))

    def has(self, *phrases: str) -> None:
        """That phrases are there: what follows in the check is what they claim."""
        text = " ".join(self.text.split())
        assert [phrase for phrase in phrases if phrase not in text] == []
