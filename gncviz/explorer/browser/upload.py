"""A file of the visitor's, from the browser to the kernel by the widget's own channel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

#: Told a file's name, its size in bytes, and its content; None where it was too large to be sent.
Take = Callable[[str, int, bytes | None], object]


class Upload(anywidget.AnyWidget):
    """A button that lets a visitor choose a CSV file.

    A file that is larger than allowed stays in the browser: the server would close the page's
    channel on a message that is too large for it.

    Args:
        label: on the button.
        most: bytes that are sent, at most.
        take: called with each file.

    Attributes:
        name: of the file that was taken; empty before.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    label = traitlets.Unicode().tag(sync=True)
    most = traitlets.Int().tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)

    def __init__(self, label: str, most: int, take: Take) -> None:
        super().__init__(label=label, most=most)
        self._take = take
        self.on_msg(self._receive)

    def _receive(self, _: object, content: dict[str, Any], buffers: list[Any]) -> None:
        if content.get("kind") == "file":
            sent = bytes(buffers[0]) if buffers else None
            self._take(str(content["name"]), int(content["size"]), sent)
