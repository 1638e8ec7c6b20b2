"""``gncviz story``: the page's story as one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from gncviz.files import folder_of, path_of, whole
from gncviz.settings import SettingsError

NAME = "story"
HELP = "The page's story as one HTML file, with its sliders, that needs no server and no network."
EXAMPLES = """\
examples:
  gncviz story --html story.html
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--html", metavar="FILE", help="write it there (about 2 MB)")


def keeps(_: argparse.Namespace) -> None:
    """Where results are when it is stopped: nowhere."""


def command(asked: argparse.Namespace) -> None:
    """Writes the file.

    Raises:
        SettingsError: there is no file's name, or it is one that cannot be written to.
    """
    path = _checked(asked.html)
    # Imported here, as it takes a second that no other command needs.
    from gncviz.explorer.alone import story_html

    content = story_html().encode()
    with whole(path) as file:
        file.write(content)
    print(f"The story: {path}")


def _checked(name: str | None) -> Path:
    """Where the file will be; looked at before anything is made."""
    if not name:
        raise SettingsError([("html", "html should be a file's name, such as story.html.")])
    path = path_of("html", name)
    if path.is_dir():
        raise SettingsError([("html", f"html should be a file's name; {path} is a folder.")])
    folder_of("html", path.parent)
    return path
