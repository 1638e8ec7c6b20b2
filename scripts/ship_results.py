"""Turns a folder of results into the tables that come with gncviz.

After `gncviz paper --all --out results/` and the like: python scripts/ship_results.py results/
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from pathlib import Path

from gncviz.paper import PANELS, TABLES, panel_settings
from gncviz.paper.beyond import STUDIES
from gncviz.paper.panels import scalings_of
from gncviz.paper.studies import STUDIES as RECORDED
from gncviz.sweeps import Store
from gncviz.sweeps.points import Point
from gncviz.sweeps.result import points_of
from gncviz.sweeps.settings import SweepSettings
from gncviz.sweeps.store import write_table

KINDS = ("guess_and_check", "gradient_descent")


def sweeps_to_ship() -> dict[str, list[SweepSettings]]:
    """The sweeps of each pair of tables, by the beginning of their names."""
    fan_out = [
        panel_settings(*panel, scaling="fan_out")
        for panel in PANELS
        if "fan_out" in scalings_of(panel[1])
    ]
    return {
        "paper": [panel_settings(*panel) for panel in PANELS],
        "fan-out": fan_out,
        "beyond": [one for study in STUDIES.values() for one in study.sweeps.values()],
    }


def ship(name: str, settings: Iterable[SweepSettings], store: Store, done: set[str]) -> None:
    """Writes the tables of some sweeps, without the points that are in others already."""
    points: dict[str, Point] = {}
    for one in settings:
        for point in points_of(one):
            if point.key not in done:
                points[point.key] = point
    done |= set(points)
    for kind in KINDS:
        wanted = [point for point in points.values() if point.kind == kind]
        found = [(point, store.get(point), store.provenance(point)) for point in wanted]
        rows = [(point, finding, made) for point, finding, made in found if finding is not None]
        if rows:
            write_table(TABLES / f"{name}-{kind}.parquet", rows)
        print(f"{name}: {len(rows)} of {len(wanted)} points of {kind}")


def ship_studies(results: Path) -> None:
    """Takes over the tables of the studies that `gncviz study --out` wrote."""
    for name, study in RECORDED.items():
        made = results / f"{name}.parquet"
        if made.exists():
            shutil.copyfile(made, study.path)
            print(f"{name}: its table")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    store, done = Store(parser.parse_args().results / "points"), set[str]()
    for name, settings in sweeps_to_ship().items():
        ship(name, settings, store, done)
    ship_studies(parser.parse_args().results)


if __name__ == "__main__":
    main()
