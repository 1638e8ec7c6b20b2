"""Files from the kernel to the browser's downloads, without a server that would have to hold them.

Voila serves no files by default, and a link with the data inside it has to be made anew whenever
they change. Here the bytes travel by the widget's own channel, when they are asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import anywidget
import traitlets


class Downloader(anywidget.AnyWidget):
    """An invisible widget that lets the browser save files.

    Attributes:
        trouble: why the last file could not be made, in a sentence; empty if it could.
    """

    _esm = Path(__file__).parent / "download.js"

    trouble = traitlets.Unicode("").tag(sync=True)

    def send(self, name: str, content: bytes, mime: str) -> None:
        """Saves a file among the browser's downloads. Takes the place of a widget's plain message.

        Args:
            name: of the file; browsers make it another if there is one of that name.
            content: the file.
            mime: its type, such as "text/csv".
        """
        self.trouble = ""
        super().send({"kind": "file", "name": name, "mime": mime}, buffers=[content])

    def picture(self, format: Literal["png", "svg"], name: str) -> None:
        """Saves a picture of the plotly figure that is seen, on the page's ground, not transparent.

        The browser takes it, as it is on the screen and twice as sharp. Where there is no figure,
        ``trouble`` says so.

        Args:
            format: "png" or "svg".
            name: of the file, without its ending.
        """
        self.trouble = ""
        super().send({"kind": "picture", "format": format, "name": name})
