"""``gncviz app``: the page."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from gncviz.cli.options import whole_number
from gncviz.settings import SettingsError

_LARGEST_PORT = 65_535

NAME = "app"
HELP = "Open the page in a browser."
EXAMPLES = """\
examples:
  gncviz app
  gncviz app --port 9000 --no-browser
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--port", default=8866, help="where it listens (default: 8866)")
    parser.add_argument("--host", default="127.0.0.1", help="on which address (default: 127.0.0.1)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")


def keeps(_: argparse.Namespace) -> None:
    """Where results are when it is stopped: nowhere."""


def command(asked: argparse.Namespace) -> None:
    """Serves the page until it is stopped.

    Raises:
        SettingsError: Voila is not installed, or the port is none.
    """
    if importlib.util.find_spec("voila") is None:
        sentence = "the page needs Voila, which is not installed; try pip install 'gncviz[app]'."
        raise SettingsError([("app", sentence)])
    line = [sys.executable, "-m", "voila", str(notebook()), "--template=gncviz"]
    port = whole_number(asked, "port", 1)
    if port > _LARGEST_PORT:
        raise SettingsError([("port", f"port should be at most {_LARGEST_PORT}; got {port}.")])
    line += [f"--port={port}", f"--Voila.ip={asked.host}"]
    line += ["--Voila.port_retries=0", "--show_tracebacks=False"]
    # Five megabytes of plotly that no figure of the page uses.
    line += ["--VoilaConfiguration.extension_denylist=jupyterlab-plotly"]
    # Kernels of pages that were closed go away by themselves.
    line += ["--MappingKernelManager.cull_interval=60"]
    line += ["--MappingKernelManager.cull_idle_timeout=600"]
    # Imported here, as it takes a second that no other command needs.
    from gncviz.explorer.browser import served

    served.prepare()
    print(f"The page: http://{asked.host}:{asked.port}/ (stop it with Ctrl-C)", flush=True)
    line += ["--no-browser"] * bool(asked.no_browser)
    if os.name == "posix":
        # In this process' place, so that signals reach the server as they are.
        os.execv(sys.executable, line)
    subprocess.run(line, check=False)


def notebook() -> Path:
    """Where app.ipynb is: in the package when it was installed, beside it in a source tree."""
    package = Path(__file__).parents[1]
    places = [package / "app.ipynb", package.parent / "app.ipynb"]
    found = [place for place in places if place.exists()]
    if not found:
        raise SettingsError([("app", f"app.ipynb is neither {places[0]} nor {places[1]}.")])
    return found[0]
