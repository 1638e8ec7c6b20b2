"""``gncviz run``: one setting, in numbers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.cli.options import add_settings, settings_of, whole_number
from gncviz.cli.output import Exit, as_json
from gncviz.sweeps.files import folder_of
from gncviz.words import estimate, power, scientific

if TYPE_CHECKING:
    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

NAME = "run"
HELP = "Guess & Check and gradient descent at one setting."
EXAMPLES = """\
examples:
  gncviz run
  gncviz run --depth 5 --normalize factors --epsilon 0.0035 --json
  gncviz run --settings mine.toml --out results/
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_settings(parser)
    parser.add_argument("--trials", default=8, help="trials of gradient descent (default: 8)")
    parser.add_argument("--seed", default=0, help="of task, draws and initialisation (default: 0)")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--out", metavar="FOLDER", help="write tables and figures there")


def keeps(_: argparse.Namespace) -> None:
    """Where results are when it is stopped: nowhere."""


def command(asked: argparse.Namespace) -> Exit:
    """Runs, writes and prints."""
    from gncviz.descent import gradient_descent
    from gncviz.posterior import guess_and_check
    from gncviz.task import Task

    folder = folder_of("out", asked.out) if asked.out else None
    seed = whole_number(asked, "seed")
    task = Task.from_settings(settings_of(asked, "task", seed=seed))
    network, prior = settings_of(asked, "network"), settings_of(asked, "prior")
    sampling = settings_of(asked, "guess and check", seed=seed)
    trials = whole_number(asked, "trials", 1)
    descent = settings_of(
        asked, "gradient descent", trials=trials, seed=seed, device=sampling.device
    )
    post = guess_and_check(task, network, prior, progress=_bar(), **dict(sampling))
    gd = None
    if not asked.no_descent:
        gd = gradient_descent(task, network, progress=_bar(), **dict(descent))
    numbers = _numbers(post, gd)
    if folder is not None:
        _write(folder, numbers, post, gd)
    print(as_json(numbers) if asked.json else _words(post, gd))
    return Exit.DONE if len(post.gen_loss) else Exit.NOTHING_FITS


def _bar() -> bool:
    """Whether a bar is drawn: not into files and pipes."""
    return sys.stderr.isatty()


def _numbers(post: GuessAndCheckResult, gd: GradientDescentResult | None) -> dict[str, Any]:
    from gncviz.provenance import versions

    found: dict[str, Any] = {
        "task": post.task.to_dict(),
        "network": post.network.model_dump(),
        "prior": post.prior.model_dump(),
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
        found["gradient_descent"] = {
            "settings": gd.settings.model_dump(),
            "status": [str(status) for status in gd.status],
            "gen_loss": gd.gen_loss,
            "train_loss": gd.train_loss,
            "mean_gen_loss": gd.mean_gen_loss,
            "seconds": gd.seconds,
        }
    return found


def _words(post: GuessAndCheckResult, gd: GradientDescentResult | None) -> str:
    lines = [
        "mean generalization loss",
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
    return "\n".join(lines)


def _write(
    folder: Path,
    numbers: dict[str, Any],
    post: GuessAndCheckResult,
    gd: GradientDescentResult | None,
) -> None:
    from gncviz import figures

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(as_json(numbers) + "\n", encoding="utf-8")
    post.path.to_csv(folder / "path.csv", index=False)
    pictures = {
        "prior_vs_posterior": figures.prior_vs_posterior(post, gd),
        "epsilon_path": figures.epsilon_path(post, gd),
    }
    if gd is not None:
        gd.history.to_csv(folder / "history.csv", index=False)
        pictures["learning_curves"] = figures.learning_curves(gd)
    for name, figure in pictures.items():
        figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")
    print(f"Written to {folder}", file=sys.stderr)
