"""The command line: ``gncviz app | run | sweep | paper``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gncviz.cli.parser import make_parser
from gncviz.settings import SettingsError

__all__ = ["main"]

#: Exit codes: done; something could not be computed; a bad setting; stopped by Ctrl-C.
DONE, FAILED, BAD_SETTINGS, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: without the program's name; those of the process by default.

    Returns:
        The exit code: 0 when all went well, 1 where points could not be computed, 2 for bad
        settings, 130 when it was stopped by Ctrl-C.
    """
    from gncviz.sweeps import SweepError

    try:
        asked = make_parser(arguments).parse_args(arguments)
        asked.command(asked)
    except SettingsError as error:
        for field, sentence in error.problems:
            print(f"gncviz: {sentence or field}", file=sys.stderr)
        return BAD_SETTINGS
    except SweepError as error:
        print(f"gncviz: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\ngncviz: stopped. What is done is kept; the same command goes on from there.")
        return INTERRUPTED
    return DONE
