"""``gncviz paper``: the paper's panels and claims."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gncviz.cli.options import numbers, whole_number, workers_of
from gncviz.cli.output import as_json
from gncviz.cli.sweep import add_running, in_columns, write_tables
from gncviz.files import folder_of, path_of
from gncviz.settings import SettingsError
from gncviz.words import duration

NAME = "paper"
HELP = "The paper's 33 panels, computed; its claims, checked."
EXAMPLES = """\
examples:
  gncviz paper --figure 2 --activation tanh --out results/
  gncviz paper --figure 1 2 --out results/        all three activations of two figures
  gncviz paper --all --out results/               all 33 panels, in five minutes on two cores
  gncviz paper --claims                           from the results that come with gncviz
  gncviz paper --claims --out results/ --json     from your own
  gncviz paper --beyond thresholds --out results/ a study that the paper does not have

Every point is stored when it is done: after Ctrl-C, or anything else, the same command goes on
where it was.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--figure", nargs="+", metavar="N", help="figures of the paper, 1 to 11")
    parser.add_argument(
        "--activation", nargs="+", metavar="NAME", help="linear, tanh, leaky_relu (default: all)"
    )
    parser.add_argument("--all", action="store_true", help="all 33 panels")
    parser.add_argument(
        "--beyond",
        nargs="+",
        metavar="NAME",
        help="studies that go beyond the paper: all, or any of " + ", ".join(_studies()),
    )
    parser.add_argument(
        "--scaling",
        default="fan_in",
        metavar="fan_in|fan_out",
        help="fan_in as in the paper's text, fan_out as in the authors' code (default: fan_in)",
    )
    parser.add_argument("--seeds", default=8, help="how many trials (default: 8, the paper's)")
    parser.add_argument("--claims", action="store_true", help="print the paper's claims, checked")
    parser.add_argument("--json", action="store_true", help="print claims as JSON")
    add_running(parser)


def keeps(asked: argparse.Namespace) -> str | None:
    """Where results are when it is stopped."""
    return None if asked.claims else str(asked.out or "results")


def command(asked: argparse.Namespace) -> None:
    """Computes panels, or prints claims."""
    if asked.json and not asked.claims:
        raise SettingsError([("json", "json goes with claims, which alone are printed as JSON.")])
    if asked.claims:
        _print_claims(asked)
    elif asked.beyond:
        _go_beyond(asked)
    else:
        _compute(asked)


def _print_claims(asked: argparse.Namespace) -> None:
    from gncviz import paper

    folder = path_of("out", asked.out) if asked.out else None
    if folder is not None and not folder.is_dir():
        raise SettingsError([("out", f"out should be a folder with results; got {asked.out}.")])
    points = None if folder is None else folder / "points"
    # A folder that nothing has been computed in yet holds no panel.
    found = [] if points is not None and not points.is_dir() else paper.claims(points)
    if asked.figure or asked.activation:
        chosen = set(_panels(asked))
        found = [claim for claim in found if (claim.figure, claim.activation) in chosen]
    if asked.json:
        print(as_json([claim.to_dict() for claim in found]))
        return
    for claim in found:
        verdict = "yes" if claim.holds else "NO "
        where = f"Figure {claim.figure}, {claim.activation}"
        where += ", fan-out" if claim.scaling == "fan_out" else ""
        print(f"{verdict}  {where}: {claim.claim} ({claim.words})")
    print(paper.tally(found))


def _compute(asked: argparse.Namespace) -> None:
    from gncviz import paper
    from gncviz.sweeps import Store, run_sweeps

    panels = _panels(asked)
    if not panels:
        raise SettingsError([("figure", "figure or all is required: which panels to compute.")])
    seeds = whole_number(asked, "seeds", 1)
    settings = [
        paper.panel_settings(figure, activation, scaling=asked.scaling, seeds=seeds)
        for figure, activation in panels
    ]
    folder = folder_of("out", asked.out or "results")
    results = run_sweeps(
        settings, Store(folder / "points"), workers=workers_of(asked), progress=True
    )
    for (figure, activation), result in zip(panels, results, strict=True):
        suffix = "-fan-out" if asked.scaling == "fan_out" else ""
        write_tables(result, folder, f"figure-{figure}-{activation}{suffix}")
    if len(results) == 1:
        print(in_columns(results[0]))
    spent = sum(result.to_frame()["seconds"].sum() for result in results)
    print(f"{len(results)} panels in {folder}; {duration(spent)} of one core.", file=sys.stderr)


def _studies() -> tuple[str, ...]:
    from gncviz.paper.beyond import STUDIES

    return tuple(STUDIES)


def _go_beyond(asked: argparse.Namespace) -> None:
    from gncviz import figures
    from gncviz.paper.beyond import STUDIES
    from gncviz.sweeps import Store, run_sweeps, width_limits

    chosen = _listed(asked.beyond)
    unknown = sorted(set(chosen) - {*STUDIES, "all"})
    if unknown:
        sentence = f"beyond should be all, or any of {', '.join(STUDIES)}; got {unknown[0]}."
        raise SettingsError([("beyond", sentence)])
    studies = {name: study for name, study in STUDIES.items() if {name, "all"} & set(chosen)}
    settings = [one for study in studies.values() for one in study.sweeps.values()]
    folder = folder_of("out", asked.out or "results")
    running = {"workers": workers_of(asked), "progress": True}
    results = iter(run_sweeps(settings, Store(folder / "points"), **running))  # type: ignore[arg-type]
    for name, study in studies.items():
        curves = {label: next(results) for label in study.sweeps}
        for label, result in curves.items():
            write_tables(result, folder, f"{name}-{label.replace(' ', '-')}")
        page = folder / f"{name}.html"
        limits = {label: width_limits(one) for label, one in study.sweeps.items()}
        figure = figures.family(curves, log=study.log, beside=study.beside, limits=limits)
        figure.write_html(page, include_plotlyjs="directory")
    print(f"{len(studies)} studies in {folder}.", file=sys.stderr)


def _panels(asked: argparse.Namespace) -> list[tuple[int, str]]:
    """The panels asked for, in the paper's order."""
    from gncviz.paper import ACTIVATIONS, FIGURES

    chosen = numbers("figure", asked.figure or [])
    activations = _listed(asked.activation) or list(ACTIVATIONS)
    for number in chosen:
        if number not in FIGURES:
            sentence = f"figure should be 1 to {len(FIGURES)}; got {number:g}."
            raise SettingsError([("figure", sentence)])
    for name in activations:
        if name not in ACTIVATIONS:
            sentence = f"activation should be one of {', '.join(ACTIVATIONS)}; got {name}."
            raise SettingsError([("activation", sentence)])
    if not (asked.all or asked.figure or asked.claims):
        return []
    figures = FIGURES if asked.all or not chosen else sorted({int(number) for number in chosen})
    return [(figure, activation) for figure in figures for activation in activations]


def _listed(values: Any) -> list[str]:
    return [values] if isinstance(values, str) else list(values or [])
