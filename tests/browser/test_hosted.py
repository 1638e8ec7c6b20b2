"""The page as visitors of a server get it: behind a token, with limits, nothing of the inside."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.serving import ROOT, free_port, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "not-for-everybody"


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(), tmp_path_factory.mktemp("hosted")
    command = [sys.executable, "-m", "gncviz", "app", "--hosted", "--no-browser"]
    command += [f"--port={port}", "--limits", "draws=100000", "seconds=10", "width=50"]
    environment = {**os.environ, "JUPYTER_TOKEN": TOKEN}
    environment["JUPYTER_PATH"] = str(ROOT / "share" / "jupyter")
    with served(command, port, folder / "log.txt", environment) as url:
        yield url


@pytest.mark.parametrize("path", ["", "?gv=1&gv.width=7"])
def test_without_the_token_there_is_no_page(hosted: str, path: str) -> None:
    answer = urllib.request.urlopen(hosted + path)
    assert "/login" in answer.url
    assert b"gv-" not in answer.read()


@pytest.mark.parametrize("path", ["voila/files/app.ipynb", "voila/files/docs/figures/wide.png"])
def test_files_beside_the_notebook_are_not_served(hosted: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{hosted}{path}?token={TOKEN}")


def test_a_visitor_gets_the_page_and_nothing_of_the_inside(browser: Browser, hosted: str) -> None:
    """The browser obeys the headers, and the page works all the same."""
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
    query = "&gv=1&gv.width=7&gv.epsilon=0.2&gv.epochs=10"
    answer = page.goto(f"{hosted}?token={TOKEN}{query}")
    assert answer is not None
    assert "object-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    page.locator('.gv-figure[data-state="done"]').first.wait_for(timeout=120_000)
    assert page.get_by_text("This server allows a run 100 000 draws").count()
    assert [line for line in refused if "Content Security Policy" in line] == []
    inside = page.content()
    for secret in (TOKEN, "import gncviz", str(ROOT), "Traceback"):
        assert secret not in inside, secret
    context.close()


@pytest.mark.parametrize(
    "query",
    [
        "gv=1&gv.width=__import__('os').system('touch+FILE')",
        "gv=1&gv.epsilon=open('FILE','w')",
        "gv=1&gv.width=800",
        "gv=1&gv.tab=<script>document.title='FILE'</script>",
    ],
)
def test_an_address_runs_nothing(browser: Browser, hosted: str, tmp_path: Path, query: str) -> None:
    mark = tmp_path / "mark"
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hosted}?token={TOKEN}&{query.replace('FILE', str(mark))}")
    page.get_by_role("alert").first.wait_for(timeout=60_000)
    assert not mark.exists()
    assert "mark" not in page.title()
    context.close()


def test_code_sent_by_hand_is_not_run(browser: Browser, hosted: str, tmp_path: Path) -> None:
    """A visitor speaks to the kernel as the page does, and asks it to execute something."""
    mark = tmp_path / "mark"
    context = browser.new_context()
    page = context.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"{hosted}?token={TOKEN}")
    page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
    header = {"msg_type": "execute_request", "msg_id": "1", "session": "1", "version": "5.3"}
    header |= {"username": "", "date": "2025-01-01T00:00:00Z"}
    content = {"code": f"open({str(mark)!r}, 'w')", "silent": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    opened = page.evaluate(
        """([url, text]) => new Promise((done) => {
            const socket = new WebSocket(url);
            socket.onopen = () => { socket.send(text); setTimeout(() => done(true), 3000); };
            socket.onerror = () => done(false);
        })""",
        [sockets[0], json.dumps({**message, "channel": "shell", "buffers": []})],
    )
    assert opened
    time.sleep(1)
    assert not mark.exists()
    context.close()
