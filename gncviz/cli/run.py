"""``gncviz run``: one setting, in numbers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.cli.options import add_settings, settings_of
from gncviz.cli.output import Exit, as_json
from gncviz.cli.task import Own, add_task, with_task
from gncviz.files import folder_of, write_whole
from gncviz.models.asked import gen_label
from gncviz.words import estimate, power, scientific

if TYPE_CHECKING:
    from gncviz.descent import GradientDescentResult
    from gncviz.experiment import Experiment
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.task import Rescaling

NAME = "run"
HELP = "Guess & Check and gradient descent at one setting."
EXAMPLES = """\
examples:
  gncviz run
  gncviz run --depth 5 --normalize factors --epsilon 0.0035 --json
  gncviz run --settings mine.toml --out results/
  gncviz run --task table.csv --rescale centre --width 40 --epsilon 0.01
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_settings(parser)
    add_task(parser)
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--out", metavar="FOLDER", help="write tables and figures there")


def keeps(_: argparse.Namespace) -> None:
    """Where results are when it is stopped: nowhere."""


def command(asked: argparse.Namespace) -> Exit:
    """Runs, writes and prints."""
    from gncviz.experiment import run_experiment

    own = with_task(asked, settings_of(asked))
    folder = folder_of("out", asked.out) if asked.out else None
    parts = ("post",) if asked.no_descent else ("post", "descent")
    found = run_experiment(own.settings, _bar(), parts=parts)
    assert found.post is not None
    numbers = {"task": _task(asked, own, found.post), **_numbers(found)}
    if folder is not None:
        _write(folder, numbers, found)
    print(as_json(numbers) if asked.json else _words(found.post, found.descent, own.scale))
    return Exit.DONE if len(found.post.gen_loss) else Exit.NOTHING_FITS


def _bar() -> bool:
    """Whether a bar is drawn: not into files and pipes."""
    return sys.stderr.isatty()


def _task(asked: argparse.Namespace, own: Own, post: GuessAndCheckResult) -> dict[str, Any]:
    """What the numbers are about: a recipe, or a file with what became of it."""
    if asked.task is None:
        return {"settings": own.settings.task.model_dump()}
    return {
        "file": str(asked.task),
        "rescaled": None if own.scale is None else own.scale.model_dump(),
        "generalization": gen_label(post.task),
        "task": repr(post.task),
    }


def _numbers(found: Experiment) -> dict[str, Any]:
    from gncviz.provenance import versions

    settings, post, gd = found.settings, found.post, found.descent
    assert post is not None
    numbers: dict[str, Any] = {
        "network": settings.network.model_dump(),
        "prior": settings.prior.model_dump(),
        "versions": versions(),
        "prior_mean_gen_loss": post.prior_mean_gen_loss,
        "guess_and_check": {
            "settings": post.settings.model_dump(),
            "method": post.method,
            "status": str(post.status),
            "mean_gen_loss": post.mean_gen_loss,
            "stderr": post.stderr,
            "log10_acceptance": post.log10_acceptance,
            "effective_samples": post.effective_samples,
            "warnings": list(post.warnings),
            "seconds": post.seconds,
        },
    }
    if gd is not None:
        numbers["gradient_descent"] = {
            "settings": gd.settings.model_dump(),
            "status": [str(status) for status in gd.status],
            "gen_loss": gd.gen_loss,
            "train_loss": gd.train_loss,
            "mean_gen_loss": gd.mean_gen_loss,
            "warnings": list(gd.warnings),
            "seconds": gd.seconds,
        }
    return numbers


def _words(
    post: GuessAndCheckResult, gd: GradientDescentResult | None, scale: Rescaling | None
) -> str:
    lines = [] if scale is None else [str(scale)]
    lines += [
        f"mean {gen_label(post.task)}",
        f"  prior             {estimate(post.prior_mean_gen_loss, post.prior_stderr)}",
        f"  Guess & Check     {estimate(post.mean_gen_loss, post.stderr)}"
        f"   (acceptance {power(post.log10_acceptance)})",
    ]
    if gd is not None:
        lines.append(f"  gradient descent  {scientific(gd.mean_gen_loss)}")
    lines.append(f"Guess & Check: {post.message}. {post.reason}".strip())
    lines += [f"Warning: {sentence}" for sentence in post.warnings]
    if gd is not None:
        lines.append(f"Gradient descent: {gd.message}.")
        lines += [f"Warning: {sentence}" for sentence in gd.warnings]
    return "\n".join(lines)


def _write(folder: Path, numbers: dict[str, Any], found: Experiment) -> None:
    from gncviz import figures
    from gncviz.experiment import write_experiment
    from gncviz.experiment.export import files

    write_whole(folder / "result.json", as_json(numbers) + "\n")
    for file in files(found, prefix=""):
        write_whole(folder / file.name, file.content())
    write_experiment(folder / "experiment.parquet", found)
    post, gd = found.post, found.descent
    assert post is not None
    pictures = {
        "prior_vs_posterior": figures.prior_vs_posterior(post, gd),
        "epsilon_path": figures.epsilon_path(post, gd),
    }
    if gd is not None:
        pictures["learning_curves"] = figures.learning_curves(gd)
    for name, figure in pictures.items():
        figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")
    print(f"Written to {folder}", file=sys.stderr)
