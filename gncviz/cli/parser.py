"""What can be asked for on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from gncviz import __version__
from gncviz.cli import app, paper, run, story, study, sweep
from gncviz.cli.options import read_settings_file
from gncviz.cli.output import EXIT_CODES

_EPILOG = """\
examples:
  gncviz app                                        the page, in a browser
  gncviz run --width 40 --epsilon 0.02              one setting, in numbers
  gncviz sweep --over depth --values 2 5 10 --normalize factors --out results/
  gncviz paper --figure 2 --activation tanh --out results/
  gncviz paper --claims                             what the paper claims, checked
  gncviz study                                      what the paper leaves open, and what came out
  gncviz story --html story.html                    the page's story in one file

Every option of a command can stand in a file, in TOML or JSON, under its name:
  gncviz sweep --settings sweep.toml
"""


def make_parser(arguments: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The parser of a command line.

    Args:
        arguments: the command line; where it names a settings file, what is in there becomes the
            default of every option.

    Raises:
        SettingsError: the settings file cannot be read or has an unknown entry.
    """
    parser = argparse.ArgumentParser(
        prog="gncviz",
        description="Do neural networks need gradient descent to generalize? Guess & Check and "
        "gradient descent for matrix factorization (arXiv 2506.03931).",
        epilog=f"{_EPILOG}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gncviz {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (app, run, sweep, paper, study, story):
        command = commands.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.HELP,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_options(command)
        command.add_argument(
            "--settings", metavar="FILE", help="options from a TOML or JSON file, by their names"
        )
        command.set_defaults(command=module.command, keeps=module.keeps, parser=command)
    # A look ahead, for the file's name only: its entries are defaults that the line overrides.
    ahead, _ = parser.parse_known_args(arguments)
    if ahead.settings:
        ahead.parser.set_defaults(**read_settings_file(ahead.settings, ahead.parser))
    return parser
