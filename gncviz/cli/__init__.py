"""The command line: ``gncviz app | run | sweep | paper | study | story``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from gncviz.cli.output import Exit, for_any_terminal, nobody_reads, stopped
from gncviz.cli.parser import make_parser
from gncviz.settings import SettingsError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: without the program's name; those of the process by default.

    Returns:
        The exit code, as ``gncviz --help`` lists them: 0 when all went well.
    """
    for_any_terminal()
    try:
        try:
            return _run(arguments)
        finally:
            # What is still to be printed fails here, where something can be done about it.
            sys.stdout.flush()
    except BrokenPipeError:
        return nobody_reads()


def _run(arguments: Sequence[str] | None) -> Exit:
    from gncviz.sweeps import SweepError

    asked = argparse.Namespace(keeps=lambda _: None)
    try:
        asked = make_parser(arguments).parse_args(arguments)
        return asked.command(asked) or Exit.DONE
    except SettingsError as error:
        for field, sentence in error.problems:
            print(f"gncviz: {sentence or field}", file=sys.stderr)
        return Exit.BAD_SETTINGS
    except SweepError as error:
        print(f"gncviz: {error}", file=sys.stderr)
        return Exit.FAILED
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"gncviz: {error.filename or 'a file'}: {error.strerror or error}.", file=sys.stderr)
        return Exit.FAILED
    except KeyboardInterrupt:
        print("\n" + stopped(asked.keeps(asked)))
        return Exit.INTERRUPTED
