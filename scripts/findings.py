"""Writes what holds, and how sure, from the results that come with gncviz.

A page of the documentation and the README's summary: python scripts/findings.py docs/ README.md
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from gncviz.paper.studies import Study
from gncviz.paper.verdicts import questions, verdicts

if TYPE_CHECKING:
    import pandas as pd

BEGIN, END = "<!-- made by scripts/findings.py -->\n", "<!-- end of findings -->\n"
HEADER = """\
# What holds, and how sure

Made by `python scripts/findings.py docs/ README.md` from the results that come with gncviz.
Effects are means over tasks with their standard errors, or medians with quartiles where single
trials fail. A claim about a trend holds in a panel where so many of its tasks show it that chance
alone would do so in less than 5 % of cases; [every claim](claims.md) has its numbers, and
[the paper, reproduced](reproduction.md) its figures. The command that makes a number anew stands
beside it; each goes on where it was stopped.

## The paper's claims

| claim | verdict | effect | tasks | again |
|---|---|---|---|---|
"""
OPEN = """
## What the paper leaves open

Each study comes with its table, and `gncviz study` prints the same sentences from it. A point is
doubtful where its standard error is over 5 %, or where the islands of its sampler disagree;
doubtful points are hollow in the figures, and left out of the sentences where it says so.
"""
SUMMARY = """\
| claim or question | answer here |
|---|---|
"""


def findings() -> str:
    """The page."""
    rows = "".join(
        f"| {one.claim} | {one.verdict} | {one.effect} | {one.tasks} | `{one.again}` |\n"
        for one in verdicts()
    )
    return HEADER + rows + OPEN + "".join(section(*one) for one in questions())


def section(study: Study, table: pd.DataFrame, about: dict[str, object]) -> str:
    """What came of a study."""
    sampled = table[table["method"] == "guess_and_check"]
    doubtful = int((sampled["doubt"] != "").sum())
    told = " ".join(sentence.text(table) for sentence in study.sentences)
    tasks = f"{about['tasks']} tasks in all."
    if len(sampled):
        tasks += f" {len(sampled)} of {wanted(study)} points of Guess & Check are computed"
        tasks += f", {doubtful} of them doubtful."
    return (
        f"\n### {study.title}\n\n*{study.question}* **{study.verdict.capitalize()}.** {told}\n\n"
        f"{tasks} Anew: `gncviz study {study.name} --out results/`.\n"
        f"\n![{study.title}](figures/study-{study.name}.png)\n"
    )


def wanted(study: Study) -> int:
    """Points of Guess & Check that a study asks for; a table may have fewer."""
    sampled = {"guess_and_check", "learning_curve"}
    parts = [part for part in study.stages[0](()) if sampled & set(part.kinds)]
    return sum(
        len(part.settings.seeds) * math.prod(len(axis.values) for axis in part.settings.axes)
        for part in parts
    )


def summary() -> str:
    """The README's table."""
    rows = [(one.claim, one.verdict) for one in verdicts()]
    rows += [(study.question, study.verdict) for study, *_ in questions()]
    return SUMMARY + "".join(f"| {claim} | {verdict} |\n" for claim, verdict in rows)


def updated(document: str) -> str:
    """A document with the summary in its place.

    Args:
        document: its text, with the place marked.
    """
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{summary()}{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs", type=Path)
    parser.add_argument("readme", type=Path)
    asked = parser.parse_args()
    (asked.docs / "findings.md").write_text(findings(), encoding="utf-8")
    text = asked.readme.read_text(encoding="utf-8")
    asked.readme.write_text(updated(text), encoding="utf-8")


if __name__ == "__main__":
    main()
