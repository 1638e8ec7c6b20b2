"""A process that has imported all that a page needs, and is copied for every visitor.

``python -m gncviz.serving.prototype``, with one end of a socket as its standard input, says
:data:`READY` once it is. From then on each line asks for a copy (:class:`Request`, as JSON), and
the answer is the copy's process, or empty where there is no room for it.

What has been imported is shared by all copies until one of them writes to it: a page opens without
importing anything, and takes the memory of what is its own. When the other end of the socket is
closed, the prototype ends; kernels end with their parent. Nothing is computed here, for threads are
not copied.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import gncviz

READY = "ready"
#: Of the package, what a page's kernel does not need, or not on every machine.
_LEFT_OUT = ("gncviz.__main__", "gncviz.cli", "gncviz.kernels.gpu", "gncviz.serving")


@dataclass(frozen=True)
class Request:
    """What a copy is to be.

    Attributes:
        module: what it runs.
        arguments: of the module.
        environment: all variables.
        folder: where it works.
    """

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str

    def line(self) -> str:
        """The request as the prototype reads it."""
        return json.dumps(asdict(self)) + "\n"


def prepare() -> None:
    """Imports the package and what its notebook runs in, and draws the steps of the story."""
    found = [one.name for one in pkgutil.walk_packages(gncviz.__path__, "gncviz.")]
    for name in ["pandas", "ipykernel.kernelapp", "ipykernel.debugger", *found]:
        # Optional dependencies may be missing.
        with contextlib.suppress(ImportError):
            if not name.startswith(_LEFT_OUT):
                importlib.import_module(name)
    # Not imported by who only wants to know what to ask for.
    from gncviz.explorer.scene import Look, draw_ahead
    from gncviz.figures.look.theme import LIGHT

    draw_ahead(Look(LIGHT, narrow=False))


def copies(requests: IO[str], answers: IO[str]) -> Request | None:
    """Makes copies of this process as long as some are asked for.

    Returns:
        In a copy, what it is to be; None when nobody asks any more.
    """
    for line in requests:
        try:
            process = os.fork()
        except OSError:
            # There is no room for another one.
            print(file=answers, flush=True)
            continue
        if process == 0:
            return Request(**json.loads(line))
        print(process, file=answers, flush=True)
    return None


def become(request: Request) -> None:
    """Makes of this copy what a process would be that was started in a session of its own."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    if not sys.flags.safe_path:
        sys.path[0] = request.folder
    sys.argv[1:] = [*request.arguments, *_late(os.getppid())]
    _show(["python", "-m", request.module])


def _late(parent: int) -> list[str]:
    """Arguments for what modules do when a kernel imports them, but not when a prototype does."""
    return [f"--IPKernelApp.parent_handle={parent}", "--IPKernelApp.extensions=ipywidgets"]


def _show(command: list[str]) -> None:
    """Has lists of processes show a command, as far as there is room in the one that was given."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    # Numbers 48 and 49 of proc(5), which counts from the process' number.
    start, end = int(fields[45]), int(fields[46])
    shown = b"\0".join(word.encode() for word in command)[: end - start - 1]
    ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


def main() -> None:
    """Makes copies, and in each of them becomes what was asked for."""
    prepare()
    # What is not looked at for garbage again is not written to, and stays shared.
    gc.collect()
    gc.freeze()
    # Copies are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with (
        socket.socket(fileno=os.dup(0)) as channel,
        channel.makefile("r") as requests,
        channel.makefile("w") as answers,
    ):
        print(READY, file=answers, flush=True)
        request = copies(requests, answers)
    if request is not None:
        become(request)
        runpy.run_module(request.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
