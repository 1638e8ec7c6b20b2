"""``gncviz app``: the page."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gncviz.cli.options import settings_file, whole_number
from gncviz.cli.server import command_line, environment_of
from gncviz.experiment.limits import Limits
from gncviz.experiment.option import number
from gncviz.settings import SettingsError

_LARGEST_PORT = 65_535

NAME = "app"
HELP = "Open the page in a browser."
EXAMPLES = """\
examples:
  gncviz app
  gncviz app --port 9000 --no-browser
  gncviz app --hosted --no-browser --limits draws=1000000 seconds=30 workers=1
  gncviz app --hosted --no-browser --limits limits.toml
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--port", default=8866, help="where it listens (default: 8866)")
    parser.add_argument("--host", default="127.0.0.1", help="on which address (default: 127.0.0.1)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    parser.add_argument(
        "--limits",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="the most that a visitor's run may ask for, of "
        f"{', '.join(Limits.model_fields)}; or a TOML or JSON file with these",
    )
    parser.add_argument(
        "--hosted",
        action="store_true",
        help="for visitors: ask for a token (JUPYTER_TOKEN, or a new one), keep a kernel ready, "
        "tell browsers to load nothing from elsewhere",
    )


def keeps(_: argparse.Namespace) -> None:
    """Where results are when it is stopped: nowhere."""


def command(asked: argparse.Namespace) -> None:
    """Serves the page until it is stopped.

    Raises:
        SettingsError: Voila is not installed, the port is none, or a limit is none.
    """
    if importlib.util.find_spec("voila") is None:
        sentence = "the page needs Voila, which is not installed; try pip install 'gncviz[app]'."
        raise SettingsError([("app", sentence)])
    port = whole_number(asked, "port", 1)
    if port > _LARGEST_PORT:
        raise SettingsError([("port", f"port should be at most {_LARGEST_PORT}; got {port}.")])
    limits, hosted = limits_of(asked.limits), bool(asked.hosted)
    line = command_line(
        notebook(), asked.host, port, limits=limits, hosted=hosted, browser=not asked.no_browser
    )
    environment = environment_of(limits, os.environ)
    # Imported here, as it takes a second that no other command needs.
    from gncviz.explorer.browser import served

    served.prepare()
    print(f"The page: http://{asked.host}:{port}/ (stop it with Ctrl-C)", flush=True)
    if os.name == "posix":
        # In this process' place, so that signals reach the server as they are.
        os.execve(sys.executable, line, environment)
    subprocess.run(line, check=False, env=environment)


def limits_of(given: Sequence[str] | dict[str, Any]) -> Limits:
    """What visitors may ask for.

    Args:
        given: pairs "name=value", the name of a file, or what a settings file has.

    Raises:
        SettingsError: there is no such file or limit, or its value is not allowed.
    """
    if isinstance(given, dict):
        return Limits(**given)
    if len(given) == 1 and "=" not in given[0]:
        return Limits(**settings_file("limits", given[0]))
    pairs = dict(word.partition("=")[::2] for word in given)
    return Limits(**{name: number(value) for name, value in pairs.items()})


def notebook() -> Path:
    """Where app.ipynb is: in the package when it was installed, beside it in a source tree."""
    package = Path(__file__).parents[1]
    places = [package / "app.ipynb", package.parent / "app.ipynb"]
    found = [place for place in places if place.exists()]
    if not found:
        raise SettingsError([("app", f"app.ipynb is neither {places[0]} nor {places[1]}.")])
    return found[0]
