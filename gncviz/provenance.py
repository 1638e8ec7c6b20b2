"""Where a result came from."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from pathlib import Path


def versions() -> dict[str, str]:
    """The versions of gncviz, torch, numpy and Python that made a result."""
    import numpy
    import torch

    import gncviz

    return {
        "gncviz": gncviz.__version__,
        # A class of torch's own, which could not be read back without it.
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }


@functools.cache
def commit() -> str:
    """The commit of the source tree that runs, with "+" after it where files were changed.

    Empty where gncviz does not run from a source tree of its own.
    """
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return ""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


@functools.cache
def machine() -> str:
    """The processor and the system, in words."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"
