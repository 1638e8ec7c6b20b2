"""Runs all benchmarks and prints one table.

``python -m benchmarks [--json FILE] [--device cuda]``
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

import torch

from benchmarks import descent, plain
from gncviz.provenance import versions


def main() -> int:
    """1 when a target is missed, 0 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    asked = parser.parse_args()
    found = []
    print(f"{'':42}{'naive':>9}{'ours':>9}  {'unit':18}{'ratio':>7}{'target':>8}")
    for module in (plain, descent):
        for one in module.comparisons(asked.device):
            found.append(one)
            target = "" if one.target is None else f"≥ {one.target:g}"
            print(
                f"{one.name:42}{one.naive:9.3f}{one.ours:9.3f}  {one.unit:18}"
                f"{one.ratio:7.1f}{target:>8}",
                flush=True,
            )
    if asked.json:
        where = {
            "device": asked.device,
            "machine": platform.machine(),
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }
        rows = [one.to_dict() for one in found]
        asked.json.write_text(json.dumps({**where, "comparisons": rows}, indent=1) + "\n")
    return int(any(one.target is not None and one.ratio < one.target for one in found))


if __name__ == "__main__":
    raise SystemExit(main())
