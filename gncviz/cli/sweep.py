"""``gncviz sweep``: a setting swept over width, depth, ε, measurements or samples."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.cli.options import add_settings, numbers, settings_of, whole_number, workers_of
from gncviz.cli.output import Exit, as_json
from gncviz.cli.task import add_task, with_task
from gncviz.files import folder_of, write_whole
from gncviz.provenance import versions
from gncviz.settings import SettingsError
from gncviz.sweeps import Axis, Store, SweepResult, SweepSettings, run_sweep, width_limits
from gncviz.sweeps.asked import axis_of
from gncviz.sweeps.settings import SWEPT

if TYPE_CHECKING:
    from gncviz.task import Rescaling

NAME = "sweep"
HELP = (
    "Guess & Check, the prior and gradient descent over width, measurements, samples, depth or ε, "
    "for several seeds."
)
EXAMPLES = """\
examples:
  gncviz sweep --over width --values 5 20 80 --seeds 4
  gncviz sweep --over depth --values 2 5 10 --normalize factors --epsilon 0.0035 --out results/
  gncviz sweep --over width --values 5 20 --over-too depth --values-too 2 4 --out phases/
  gncviz sweep --task table.csv --rescale centre --over width --values 6 20 --epsilon 0.01
  gncviz sweep --model data --classes 3,8 --test 229 --over train --values 8 16 32 --curves

With --task, every seed has the same task. With --out, every point is stored when it is done: after
Ctrl-C, or anything else, the same command goes on where it was.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    # A sweep has its own: seeds, each of which is a trial.
    add_settings(parser, without=("task.seed", "descent.trials"))
    add_task(parser)
    parser.add_argument("--over", help=", ".join(SWEPT))
    parser.add_argument("--values", nargs="+", help="of what is swept")
    parser.add_argument("--over-too", help="a second one, for the product of both")
    parser.add_argument("--values-too", nargs="+", help="its values")
    parser.add_argument("--init-scales", nargs="+", help="gradient descent's, one for each value")
    parser.add_argument(
        "--curves",
        action="store_true",
        help="of samples of data: one learning curve a seed for all numbers of samples, and the "
        "average of its outputs",
    )
    parser.add_argument("--seeds", default=8, help="how many trials, from seed 0 on (default: 8)")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    add_running(parser)


def add_running(parser: argparse.ArgumentParser) -> None:
    """Adds the options of everything that runs for long."""
    parser.add_argument("--out", metavar="FOLDER", help="store results, tables and figures there")
    parser.add_argument("--workers", help="processes (default: one for each core)")


def keeps(asked: argparse.Namespace) -> str | None:
    """Where results are when it is stopped."""
    return str(asked.out) if asked.out else None


def command(asked: argparse.Namespace) -> Exit:
    """Sweeps, writes and prints."""
    folder = folder_of("out", asked.out) if asked.out else None
    own = with_task(asked, settings_of(asked))
    settings = SweepSettings.of(
        own.settings,
        _axes(asked),
        range(whole_number(asked, "seeds", 1)),
        descent=not asked.no_descent,
        init_scales=numbers("init_scales", asked.init_scales) if asked.init_scales else None,
        curves=asked.curves,
    )
    store = Store(None if folder is None else folder / "points")
    result = run_sweep(settings, store, workers=workers_of(asked), progress=True)
    if folder is not None:
        write_tables(result, folder, "sweep")
        print(f"Written to {folder}", file=sys.stderr)
    print(as_json(_numbers(result)) if asked.json else _words(result, own.scale))
    sampled = result.to_frame().query("method == 'guess_and_check'")
    return Exit.DONE if sampled["mean_gen_loss"].notna().any() else Exit.NOTHING_FITS


def _numbers(result: SweepResult) -> dict[str, Any]:
    return {
        "settings": result.settings.model_dump(mode="json"),
        "versions": versions(),
        "summary": result.summary().to_dict("records"),
        "results": result.to_frame().to_dict("records"),
    }


def _words(result: SweepResult, scale: Rescaling | None) -> str:
    return in_columns(result) if scale is None else f"{scale}\n{in_columns(result)}"


def in_columns(result: SweepResult) -> str:
    """A sweep's summary as text."""
    return result.summary().to_string(index=False, float_format=lambda number: f"{number:.4g}")


def write_tables(result: SweepResult, folder: Path, name: str) -> None:
    """Writes a sweep as CSV, long and wide, and its figure as HTML."""
    from gncviz import figures

    write_whole(folder / f"{name}.csv", result.to_frame().to_csv(index=False))
    write_whole(folder / f"{name}-wide.csv", result.to_wide().to_csv(index=False))
    figure = figures.sweep(result, limits=width_limits(result.settings))
    figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")


def _axes(asked: argparse.Namespace) -> tuple[Axis, ...]:
    if not asked.over or not asked.values:
        sentence = f"over and values are required: what is swept ({', '.join(SWEPT)}), and where."
        raise SettingsError([("over", sentence)])
    axes = [axis_of(asked.over, numbers("values", asked.values))]
    if asked.over_too or asked.values_too:
        values = numbers("values_too", asked.values_too or [])
        axes.append(axis_of(asked.over_too, values, ("over_too", "values_too")))
    return tuple(axes)
