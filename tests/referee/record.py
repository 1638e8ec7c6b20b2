"""The referee's results as they are kept, and the table that the documentation shows of them."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

from gncviz.provenance import commit, machine, versions
from gncviz.words import estimate, scientific
from tests.referee.verdict import Verdict

RECORD = Path(__file__).parent / "record.json"
DOCUMENT = Path(__file__).parents[2] / "docs" / "referee.md"
BEGIN, END = "<!-- made by python -m tests.referee -->\n", "<!-- end -->\n"
HEADER = """\
| target | method | log10 acceptance | known | mean loss | known | it is |
|---|---|---|---|---|---|---|
"""


def provenance() -> dict[str, Any]:
    """Which commit and machine made a result, and when."""
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return {"commit": commit(), "machine": machine(), "made": made, "versions": versions()}


def row(verdict: Verdict) -> dict[str, Any]:
    """What is kept of a run; what is not known is None, for JSON has no NaN."""
    post, known = verdict.post, verdict.target.truth
    numbers = {
        "log10_acceptance": post.log10_acceptance,
        "log10_acceptance_stderr": post.log10_acceptance_stderr,
        "mean_gen_loss": post.mean_gen_loss,
        "stderr": post.stderr,
    }
    return {
        "target": verdict.target.name,
        "asked": verdict.asked,
        "method": post.method,
        **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
        "known_log10_acceptance": known.log10_acceptance,
        "known_mean_gen_loss": known.mean_gen_loss,
        "verdict": verdict.word,
        "draws": post.draws,
        "seconds": round(post.seconds, 2),
    }


def read() -> dict[str, Any]:
    """What is kept."""
    found: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """In Markdown, a line a run."""
    return HEADER + "".join(f"| {' | '.join(_cells(one))} |\n" for one in rows)


def _cells(one: dict[str, Any]) -> list[str]:
    same = one["method"] == one["asked"]
    return [
        one["target"],
        one["asked"] if same else f"{one['asked']} ({one['method']})",
        _estimate(one["log10_acceptance"], one["log10_acceptance_stderr"]),
        f"{one['known_log10_acceptance']:.3f}",
        _estimate(one["mean_gen_loss"], one["stderr"]),
        scientific(one["known_mean_gen_loss"]),
        one["verdict"],
    ]


def _estimate(mean: float | None, stderr: float | None) -> str:
    if mean is None:
        return "–"
    return estimate(mean, math.nan if stderr is None else stderr)


def updated(document: str, rows: list[dict[str, Any]]) -> str:
    """A document with the table in its place."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table(rows)}{END}{after}"
