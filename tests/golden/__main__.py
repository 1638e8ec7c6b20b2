"""Records the golden runs anew, on this kind of machine; the others stay as they are."""

from __future__ import annotations

import json

from tests.golden.settings import GOLDEN
from tests.golden.test_golden import RECORD, kind_of_machine, recorded, summary

if __name__ == "__main__":
    known = recorded() if RECORD.exists() else {}
    known[kind_of_machine()] = {name: summary(run()) for name, run in GOLDEN.items()}
    RECORD.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
