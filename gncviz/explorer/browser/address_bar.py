"""The browser's address bar: what it says when the page opens, and what it says afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from gncviz.explorer.words.address import merge


class AddressBar(anywidget.AnyWidget):
    """An invisible widget that reads and writes the query of the page's address, in Voila only.

    Elsewhere, such as in JupyterLab, the address belongs to the application: there the query reads
    as empty and nothing is written. The address is replaced, without a new entry in the browser's
    history, at most five times a second; what follows the # stays.

    Attributes:
        query: of the address that the page was opened with, with its question mark; known once
            ``ready``.
        ready: whether the page has told its address.
        followed: whether the page shows what its address says; a page that was opened with a link
            keeps back what it shows without one until then.
        wanted: the query that the address shall have.
    """

    _esm = Path(__file__).parent / "address.js"

    query = traitlets.Unicode("").tag(sync=True)
    ready = traitlets.Bool(False).tag(sync=True)
    followed = traitlets.Bool(False).tag(sync=True)
    wanted = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self._ours: str | None = None

    def show(self, ours: str) -> None:
        """Puts our part of the query into the address; what others have there stays.

        Before the page has told its address this waits, for the others' part is not known yet.

        Args:
            ours: from :func:`gncviz.explorer.words.address.to_query`.
        """
        self._ours = ours
        self._write()

    @traitlets.observe("ready")
    def _write(self, _: Any = None) -> None:
        if self.ready and self._ours is not None:
            self.wanted = merge(self.query, self._ours)
