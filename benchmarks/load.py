"""Many visitors at once: pages opened over loopback, each walked and run as its browser would.

``python -m benchmarks.load [PAGES [RUNS]]`` speaks the browser's protocol, first a page's address,
then its kernel's WebSocket, without drawing anything: so two cores are left to the server.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.browser.serving import ROOT, voila

_PATIENCE = 300.0


@dataclass
class Visitor:
    """A page: its kernel's socket, and what it waited for, in seconds.

    Attributes:
        url: of the server.
        opened: until the page's widgets were there.
        steps: of the story, from a click to the next figure.
        runs: of settings, from the address to "done".
    """

    url: str
    opened: float = 0.0
    steps: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    widgets: dict[str, dict[str, Any]] = field(default_factory=dict)
    socket: WebSocketClientConnection | None = None

    async def visit(self, runs: int) -> None:
        """Opens the page, walks the story, runs some settings."""
        begin = time.monotonic()
        await self._open()
        self.opened = time.monotonic() - begin
        for _ in range(5):
            self.steps.append(await self._wait_for_change(self._click("Next"), self._figures))
        for width in (5, 80)[:runs]:
            query = f"?gv=1&gv.view=explore&gv.width={width}&gv.epochs=2000&gv.samples=200"
            self.runs.append(await self._wait_for_change(self._arrive(query), self._done))

    async def _open(self) -> None:
        answer = await AsyncHTTPClient().fetch(self.url, request_timeout=_PATIENCE)
        kernel = re.search(r'"kernelId": ?"([0-9a-f-]+)"', answer.body.decode())
        assert kernel, "no kernel in the page"
        address = self.url.replace("http", "ws") + f"api/kernels/{kernel[1]}/channels"
        self.socket = await websocket_connect(address, max_message_size=2**28)
        comm = uuid.uuid4().hex
        content = {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}
        await self._send("comm_open", content, version="1.0.0")
        data = {"method": "request_states"}
        await self._send("comm_msg", {"comm_id": comm, "data": data})
        while not self.widgets:
            await self._receive()

    async def _send(self, kind: str, content: dict[str, Any], **metadata: str) -> None:
        assert self.socket is not None
        header = {"msg_type": kind, "msg_id": uuid.uuid4().hex, "session": "load", "username": ""}
        header |= {"version": "5.3", "date": "2025-01-01T00:00:00Z"}
        message = {"header": header, "parent_header": {}, "metadata": metadata}
        whole = {**message, "content": content, "channel": "shell", "buffers": []}
        await self.socket.write_message(json.dumps(whole))

    async def _receive(self) -> None:
        """Takes one message in: what widgets there are, and how they change."""
        assert self.socket is not None
        text = await asyncio.wait_for(self.socket.read_message(), _PATIENCE)
        assert text is not None, "the kernel is gone"
        if isinstance(text, bytes):
            # A message with buffers: its first part is the JSON.
            count = int.from_bytes(text[:4], "big")
            offsets = [int.from_bytes(text[4 * i : 4 * i + 4], "big") for i in range(1, count + 1)]
            text = text[offsets[0] : [*offsets, len(text)][1]].decode()
        content = json.loads(text)["content"]
        data = content.get("data", {})
        if data.get("method") == "update_states":
            self.widgets = {name: one["state"] for name, one in data["states"].items()}
        elif "state" in data and "comm_id" in content:
            self.widgets.setdefault(content["comm_id"], {}).update(data["state"])

    async def _wait_for_change(self, action: Any, what: Any) -> float:
        """Seconds from an action until what it is to change has changed."""
        before, begin = what(), time.monotonic()
        await action
        while what() == before or not what():
            await self._receive()
        return time.monotonic() - begin

    def _figures(self) -> str:
        return json.dumps([one["figure"] for one in self.widgets.values() if "figure" in one])

    def _done(self) -> int:
        """How many figures say that a run is done, counted by their versions."""
        figures = [one["figure"] for one in self.widgets.values() if "figure" in one]
        return sum(one.get("version", 0) for one in figures if one.get("state") == "done")

    async def _click(self, words: str) -> None:
        name = next(i for i, one in self.widgets.items() if one.get("description") == words)
        data = {"method": "custom", "content": {"event": "click"}}
        await self._send("comm_msg", {"comm_id": name, "data": data})

    async def _arrive(self, query: str) -> None:
        """Opens an address on the page that is there."""
        name = next(i for i, one in self.widgets.items() if "ready" in one and "query" in one)
        for state in ({"ready": False, "query": query}, {"ready": True}):
            data = {"method": "update", "state": state, "buffer_paths": []}
            await self._send("comm_msg", {"comm_id": name, "data": data})


def kernels() -> list[psutil.Process]:
    """Of servers that this process has started."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if "ipykernel_launcher" in " ".join(one.cmdline())]


async def crowd(url: str, pages: int = 20, runs: int = 2) -> list[Visitor]:
    """So many visitors at once."""
    visitors = [Visitor(url) for _ in range(pages)]
    await asyncio.gather(*(one.visit(runs) for one in visitors))
    memory = sum(one.memory_info().rss for one in kernels()) / 1e9
    print(f"{pages} pages, {len(kernels())} kernels of {memory:.1f} GB together")
    return visitors


def table(visitors: list[Visitor]) -> None:
    """What they waited for: the median and the longest."""
    rows = {
        "opened": [one.opened for one in visitors],
        "story step": [step for one in visitors for step in one.steps],
        "run": [run for one in visitors for run in one.runs] or [0.0],
    }
    for name, seconds in rows.items():
        print(f"{name:12}{statistics.median(seconds):8.2f} s{max(seconds):8.2f} s at most")


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        voila(ROOT / "app.ipynb", Path(folder) / "log.txt") as page,
    ):
        table(asyncio.run(crowd(page, *map(int, sys.argv[1:]))))
