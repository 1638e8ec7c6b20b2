"""What a setting of data leaves behind, as the bytes of files."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from gncviz.experiment.export import File, write_settings
from gncviz.experiment.learning.lines import learning_lines

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.experiment.learning.result import Learned

_PREFIX = "gncviz-"


def learned_files(found: Learned) -> tuple[File, ...]:
    """All files of it; parts that have not come yet have none.

    Args:
        found: what is known.
    """
    table: list[File] = []

    def add_csv(name: str, about: str, frame: pd.DataFrame | None) -> None:
        if frame is not None:
            content = functools.partial(_csv, frame)
            table.append(File(f"{_PREFIX}{name}.csv", about, "text/csv", content))

    add_csv("curve", "Acceptance and test error of Guess & Check at every n.", found.curve)
    add_csv("descent", "Test error of every trial of gradient descent.", found.descent)
    about = "All settings, to read back by gncviz.experiment.export.read_settings."
    content = functools.partial(write_settings, found.settings)
    table.append(File(f"{_PREFIX}settings.json", about, "application/json", content))
    about = "Lines of Python that make the same result."
    lines = functools.partial(learning_lines, found.settings)
    table.append(File(f"{_PREFIX}run.py", about, "text/x-python", lambda: lines().encode()))
    return tuple(table)


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()
