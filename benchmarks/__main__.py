"""Runs benchmarks and prints a table.

``python -m benchmarks [speed | figures | growth] [--json FILE] [--device cuda]``: how much faster
than the naive way; what every point of Figures 1 and 2 takes to 3 %; how that grows.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
from pathlib import Path

import torch

from benchmarks import descent, plain, rare
from gncviz.provenance import versions


def main() -> int:
    """1 when a target of ``speed`` is missed, 0 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("what", nargs="?", default="speed", choices=["speed", "figures", "growth"])
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    asked = parser.parse_args()
    if asked.what == "growth":
        rare.table(rare.growth_points(), asked.device)
        return 0
    if asked.what == "figures":
        seconds = [one.seconds for one in rare.table(rare.figure_points(0), asked.device)]
        print(f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s")
        return 0
    return _speed(asked)


def _speed(asked: argparse.Namespace) -> int:
    found = []
    print(f"{'':42}{'naive':>9}{'ours':>9}  {'unit':18}{'ratio':>7}{'target':>8}")
    for module in (plain, descent, rare):
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
