"""Many visitors at once: pages opened over loopback, each walked and run as its browser would.

``python -m benchmarks.load [PAGES [RUNS]] [--json FILE]`` speaks the browser's protocol, first a
page's address, then its kernel's WebSocket, without drawing anything: so two cores are left to the
server. One visitor comes first, as to a server that has been up for a while; then all others come
at once and click as soon as they are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import math
import re
import statistics
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from gncviz.sweeps.store import provenance
from tests.browser.serving import ROOT, voila

_PATIENCE = 300.0
#: Seconds between two signs of life of a page, as in probe.js.
_PULSE = 10.0
#: Seconds after which a server, or a page whose run is over, has done what it does ahead; seconds
#: in which idle pages are looked at; and how long kernels without a page are waited for.
_SETTLED, _LOOKED, _FORGOTTEN = 20.0, 10.0, 150.0


@dataclass
class Visitor:
    """A page: its kernel's socket, and what it waited for, in seconds.

    Attributes:
        url: of the server.
        opened: until the page's widgets were there.
        steps: of the story, from a click to the next figure.
        runs: of settings, from the address to "done".
        silences: the longest in each run, in which the page heard nothing of it.
    """

    url: str
    opened: float = 0.0
    steps: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    silences: list[float] = field(default_factory=list)
    widgets: dict[str, dict[str, Any]] = field(default_factory=dict)
    socket: WebSocketClientConnection | None = None
    _living: list[asyncio.Task[None]] = field(default_factory=list)
    _heard: float = 0.0
    _silence: float = 0.0

    async def visit(self, runs: int) -> None:
        """Opens the page, walks the story, runs some settings."""
        begin = time.monotonic()
        await self._open()
        self.opened = time.monotonic() - begin
        self._living.append(asyncio.create_task(self._beat()))
        for _ in range(5):
            self.steps.append(await self._wait_for_change(self._click("Next"), self._figures))
        for width in (5, 80)[:runs]:
            query = f"?gv=1&gv.view=explore&gv.width={width}&gv.epochs=2000&gv.samples=200"
            self._heard, self._silence = time.monotonic(), 0.0
            self.runs.append(await self._wait_for_change(self._arrive(query), self._done))
            self.silences.append(self._silence)
        self._living.append(asyncio.create_task(self._listen()))

    async def leave(self) -> None:
        """Closes the page, which says so."""
        assert self.socket is not None
        for one in self._living:
            one.cancel()
        await self._set("beats", left=True)
        self.socket.close()

    async def _beat(self) -> None:
        for beats in itertools.count(1):
            await self._set("beats", beats=beats)
            await asyncio.sleep(_PULSE)

    async def _listen(self) -> None:
        while True:
            await self._receive()

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
            if "heard" not in data["state"]:
                now = time.monotonic()
                self._silence, self._heard = max(self._silence, now - self._heard), now
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
        await self._set("query", ready=False, query=query)
        await self._set("query", ready=True)

    async def _set(self, trait: str, **state: Any) -> None:
        """Sets traits of the one widget that has a certain one, besides "ready" or "left"."""
        name = next(i for i, one in self.widgets.items() if trait in one)
        data = {"method": "update", "state": state, "buffer_paths": []}
        await self._send("comm_msg", {"comm_id": name, "data": data})


def processes() -> list[psutil.Process]:
    """Of servers that this process has started."""
    return psutil.Process().children(recursive=True)


def kernels() -> list[psutil.Process]:
    """Of servers that this process has started."""
    found = []
    for one in processes():
        # Some end meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            if "ipykernel_launcher" in one.cmdline():
                found.append(one)
    return found


async def crowd(url: str, pages: int, runs: int) -> dict[str, Any]:
    """So many visitors at once: what they waited for, and what their pages take and leave.

    Args:
        url: of the server.
        pages: how many.
        runs: settings that each runs.

    Returns:
        Seconds, least, median and most, of each wait; memory, in MB for a kernel and GB for all;
        the share of a core that all idle pages take, and the seconds until the last kernel is gone.
    """
    first = Visitor(url)
    await first.visit(0)
    await asyncio.sleep(_SETTLED)
    visitors = [Visitor(url) for _ in range(pages)]
    await asyncio.gather(*(one.visit(runs) for one in visitors))
    visitors.append(first)
    found = {"pages": pages, "runs": runs, "waits": waits(visitors), **_memory()}
    await asyncio.sleep(_SETTLED)
    before = _computed()
    await asyncio.sleep(_LOOKED)
    idle = (_computed() - before) / _LOOKED
    await asyncio.gather(*(one.leave() for one in visitors))
    return {**found, "idle_cores": idle, "gone_after": await _until_gone()}


def _memory() -> dict[str, float]:
    """What kernels take by themselves, and with what they share; that counted once in the sum."""
    every = {one.pid: one.memory_full_info() for one in processes()}
    found = [every[one.pid] for one in kernels()]
    own, seen = (sum(getattr(one, kind) for one in found) / 1e6 for kind in ("uss", "rss"))
    whole = sum(one.pss for one in every.values()) / 1e9
    count = len(found)
    return {"kernels": count, "own_mb": own / count, "seen_mb": seen / count, "all_gb": whole}


def _computed() -> float:
    """Seconds of the cores that the server and all its kernels have had."""
    return sum(sum(one.cpu_times()[:2]) for one in processes())


async def _until_gone() -> float:
    begin = time.monotonic()
    while kernels() and time.monotonic() < begin + _FORGOTTEN:
        await asyncio.sleep(1.0)
    return time.monotonic() - begin if not kernels() else math.inf


def waits(visitors: list[Visitor]) -> dict[str, list[float]]:
    """What they waited for: the least, the median and the most, in seconds."""
    kinds = {
        "page opened": [one.opened for one in visitors],
        "story step": [step for one in visitors for step in one.steps],
        "run": [run for one in visitors for run in one.runs],
        "no sign of a run": [silence for one in visitors for silence in one.silences],
    }
    return {
        name: [min(seconds), statistics.median(seconds), max(seconds)]
        for name, seconds in kinds.items()
        if seconds
    }


def report(found: dict[str, Any]) -> str:
    """What :func:`crowd` has found, as text."""
    rows = [
        f"{name:18}" + "".join(f"{number:8.2f} s" for number in three)
        for name, three in found["waits"].items()
    ]
    return "\n".join(
        [
            f"{'':18}{'least':>10}{'median':>10}{'most':>10}",
            *rows,
            f"{found['kernels']} kernels, {found['own_mb']:.0f} MB each, {found['seen_mb']:.0f} "
            f"with what is shared; {found['all_gb']:.1f} GB all together, with the server",
            f"{found['idle_cores']:.2f} of a core while all pages are idle",
            f"the last kernel is gone {found['gone_after']:.0f} s after the pages",
        ]
    )


def main() -> None:
    """Runs the benchmark as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("pages", nargs="?", type=int, default=20)
    parser.add_argument("runs", nargs="?", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        voila(ROOT / "app.ipynb", Path(folder) / "log.txt") as page,
    ):
        found = asyncio.run(crowd(page, asked.pages, asked.runs))
    print(report(found))
    if asked.json is not None:
        text = json.dumps({**found, "provenance": provenance()}, indent=1)
        asked.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
