"""Tries every method on every target, and writes down what came of it: a few minutes."""

from __future__ import annotations

import json

from tests.referee.record import DOCUMENT, RECORD, provenance, row, updated
from tests.referee.targets import TARGETS
from tests.referee.verdict import judge

if __name__ == "__main__":
    rows = [
        row(judge(target, method, samples=1000, seed=1))
        for target in TARGETS
        for method in target.methods
    ]
    record = {**provenance(), "samples": 1000, "seed": 1, "rows": rows}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = updated(DOCUMENT.read_text(encoding="utf-8"), rows)
    DOCUMENT.write_text(text, encoding="utf-8")
