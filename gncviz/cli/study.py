"""``gncviz study``: what the paper leaves open, computed or read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.cli.options import numbers, whole_number, workers_of
from gncviz.cli.sweep import add_running
from gncviz.files import folder_of
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.paper.studies import Study

NAME = "study"
HELP = "Studies of what the paper leaves open: read, or computed anew."
EXAMPLES = """\
examples:
  gncviz study                                    what there is, and what came out
  gncviz study relu_width                         the sentences of one, from what comes with gncviz
  gncviz study relu_width --out results/          computed anew
  gncviz study all --out results/ --seeds 4       the first four tasks of each

With --out, every point is stored when it is done: after Ctrl-C, or anything else, the same command
goes on where it was. Table and figure of each study are there, too.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, or any of the studies")
    parser.add_argument("--seeds", help="the first so many tasks only (default: all)")
    parser.add_argument("--seconds", help="stop computing then, with what there is")
    add_running(parser)


def keeps(asked: argparse.Namespace) -> str | None:
    """Where results are when it is stopped."""
    return str(asked.out) if asked.out else None


def command(asked: argparse.Namespace) -> None:
    """Prints sentences, from stored tables or from what is computed."""
    chosen = _chosen(asked.names)
    if not asked.out:
        if asked.seeds or asked.seconds:
            sentence = "seeds and seconds go with out: without it nothing is computed."
            raise SettingsError([("out", sentence)])
        for study in chosen:
            _tell(study, _stored(study))
        return
    seeds = whole_number(asked, "seeds", 1) if asked.seeds else None
    folder = folder_of("out", asked.out)
    for study in chosen:
        table = _compute(study, folder, seeds, asked)
        _write(study, table, folder)
        _tell(study, table)
    print(f"{len(chosen)} studies in {folder}.", file=sys.stderr)


def _chosen(names: list[str]) -> list[Study]:
    from gncviz.paper.studies import STUDIES

    unknown = sorted(set(names) - {*STUDIES, "all"})
    if unknown:
        sentence = f"names should be all, or any of {', '.join(STUDIES)}; got {unknown[0]}."
        raise SettingsError([("names", sentence)])
    return [study for name, study in STUDIES.items() if not names or {name, "all"} & set(names)]


def _stored(study: Study) -> pd.DataFrame | None:
    from gncviz.paper.studies import read_study

    return read_study(study.path)[0] if study.path.exists() else None


def _compute(
    study: Study, folder: Path, seeds: int | None, asked: argparse.Namespace
) -> pd.DataFrame:
    from gncviz.paper import TABLES
    from gncviz.paper.studies import run_study, table_of
    from gncviz.sweeps import Store

    running: dict[str, Any] = {"workers": workers_of(asked), "progress": True}
    if asked.seconds:
        (running["seconds"],) = numbers("seconds", [asked.seconds])
    # What the panels have in common with a study is shipped with them.
    store = Store(folder / "points", tables=sorted(TABLES.glob("*.parquet")))
    return table_of(study, run_study(study, store, seeds, **running))


def _write(study: Study, table: pd.DataFrame, folder: Path) -> None:
    from gncviz import figures
    from gncviz.paper.studies import write_study

    write_study(study, table, folder / f"{study.name}.parquet")
    figure = figures.study(study.points(table), study.plot)
    figure.write_html(folder / f"{study.name}.html", include_plotlyjs="directory")


def _tell(study: Study, table: pd.DataFrame | None) -> None:
    print(f"{study.name}: {study.question}")
    if table is None:
        print(f"  It is not computed yet: gncviz study {study.name} --out results/")
        return
    for sentence in study.sentences:
        print(f"  {sentence.text(table)}")
