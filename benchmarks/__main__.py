"""Runs benchmarks and prints a table.

``python -m benchmarks [speed | before | figures | growth | scaling | paper | page | gpu] [--json
FILE] [--device cuda]``: how much faster than the naive way, and than a release before; what every
point of Figures 1 and 2 takes to 3 %; how that grows; a sweep with one worker and with two; what
the paper's panels cost and would have cost; what a person waits for on the page; what one GPU does.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable
from pathlib import Path

import torch

from benchmarks import before, descent, gpu, plain, rare, sweeps
from benchmarks.measure import Comparison
from gncviz.provenance import commit, machine, versions


def main() -> int:
    """1 when a target of ``speed`` is missed, 0 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("what", nargs="?", default="speed", choices=list(_TABLES))
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    asked = parser.parse_args()
    return _TABLES[asked.what](asked)


def _growth(asked: argparse.Namespace) -> int:
    _costs(asked, rare.growth_points())
    return 0


def _figures(asked: argparse.Namespace) -> int:
    seconds = [one.seconds for one in _costs(asked, rare.figure_points(0))]
    print(f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s")
    return 0


def _costs(asked: argparse.Namespace, points: Iterable[rare.Point]) -> list[rare.Cost]:
    found = rare.table(points, asked.device)
    if asked.json:
        _write(asked, {"points": [one.to_dict() for one in found]})
    return found


def _scaling(_: argparse.Namespace) -> int:
    seconds = sweeps.scaling()
    ratio = seconds[1] / seconds[2]
    print(f"1 worker {seconds[1]:.1f} s, 2 workers {seconds[2]:.1f} s: {ratio:.2f} times (≥ 1.8)")
    return int(ratio < 1.8)


def _paper(_: argparse.Namespace) -> int:
    for name, hours in sweeps.rows(sweeps.bill()):
        print(f"{name:52}{hours:12.2f} hours of one core")
    return 0


def _page(asked: argparse.Namespace) -> int:
    from benchmarks import page

    found = []
    print(f"{'':62}{'median':>9}{'worst':>9}{'target':>9}")
    for one in page.waits():
        found.append(one)
        target = "" if one.target is None else f"< {one.target:g}"
        print(
            f"{one.name:62}{one.value:9.2f}{one.worst:9.2f}{target:>9} {one.unit}"
            f"{'' if one.met else '  missed'}",
            flush=True,
        )
    if asked.json:
        _write(asked, {"waits": [one.to_dict() for one in found]})
    return int(not all(one.met for one in found))


def _speed(asked: argparse.Namespace) -> int:
    rows = (one for module in (plain, descent, rare) for one in module.comparisons(asked.device))
    return _compared(asked, rows, "naive")


def _before(asked: argparse.Namespace) -> int:
    return _compared(asked, before.comparisons(), "before")


def _gpu(asked: argparse.Namespace) -> int:
    """2 where there is none."""
    why_not = gpu.missing()
    if why_not is not None:
        print(why_not)
        return 2
    asked.device = asked.device if asked.device.startswith("cuda") else "cuda"
    print(torch.cuda.get_device_name(asked.device))
    found: list[Comparison] = []
    failed = _compared(asked, gpu.comparisons(asked.device), "other", found)
    attained = gpu.operations_a_second(asked.device)
    print(f"a large product in float32: {attained:.3g} operations a second")
    for one in found:
        if one.unit == "ns a draw":
            print(gpu.draws_a_second(one, attained))
    for sentence in gpu.figure_1(asked.device):
        print(sentence, flush=True)
    return failed


def _compared(
    asked: argparse.Namespace,
    rows: Iterable[Comparison],
    other: str,
    found: list[Comparison] | None = None,
) -> int:
    """Prints comparisons as they are made, and adds them to those found; 1 where one misses."""
    found = [] if found is None else found
    print(f"{'':42}{other:>9}{'ours':>9}  {'unit':18}{'ratio':>7}{'target':>8}")
    for one in rows:
        found.append(one)
        target = "" if one.target is None else f"≥ {one.target:g}"
        print(
            f"{one.name:42}{one.naive:9.3f}{one.ours:9.3f}  {one.unit:18}"
            f"{one.ratio:7.1f}{target:>8}",
            flush=True,
        )
    if asked.json:
        _write(asked, {"comparisons": [one.to_dict() for one in found]})
    return int(any(one.target is not None and one.ratio < one.target for one in found))


def _write(asked: argparse.Namespace, found: dict[str, object]) -> None:
    where = {
        "device": asked.device,
        "machine": machine(),
        "commit": commit(),
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    asked.json.write_text(json.dumps({**where, **found}, indent=1) + "\n")


_TABLES = {
    "speed": _speed,
    "before": _before,
    "figures": _figures,
    "growth": _growth,
    "scaling": _scaling,
    "paper": _paper,
    "page": _page,
    "gpu": _gpu,
}

if __name__ == "__main__":
    raise SystemExit(main())
