"""Servers of the page, and a browser to open it in: for the tests and for the benchmarks."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nobody waits for another host: Voila's own template has its icons there.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(
    command: list[str], port: int, log: Path, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """Runs a server from the project's folder, as long as it is wanted.

    Args:
        command: starts it.
        port: where it listens.
        log: takes what it says.
        environment: of the command, that of the caller by default.

    Raises:
        RuntimeError: nothing was served within a minute; its text is what the server said.
    """
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}/"
            _wait_until_served(url, server, log)
            yield url
        finally:
            _end(server)


@contextlib.contextmanager
def voila(notebook: Path, log: Path, *options: str) -> Iterator[str]:
    """Voila with a notebook, in this environment; without kernels made ahead by default."""
    port = free_port()
    command = [sys.executable, "-m", "voila", str(notebook), f"--port={port}", "--no-browser"]
    options = options or ("--preheat_kernel=False",)
    with served([*command, "--Voila.port_retries=0", *options], port, log) as url:
        yield url


@contextlib.contextmanager
def jupyterlab(folder: Path, log: Path, settings: Path) -> Iterator[str]:
    """JupyterLab with a folder, and with no settings of the person who runs it.

    Args:
        folder: what it serves.
        log: takes what it says.
        settings: a folder for its own settings and workspaces.
    """
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    options = ["token=", "port_retries=0", f"port={port}", "open_browser=False", "allow_root=True"]
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = {**os.environ, **{name: str(settings / name) for name in folders}}
    command += [f"--ServerApp.{option}" for option in options]
    with served(command, port, log, environment) as url:
        yield url


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium.

    Raises:
        RuntimeError: there is none.
    """
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("no Chromium found: scripts/install_browser.sh installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ends a server and its kernels; by force where it does not go, as happens now and then."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        # One that never came up has no group left to end; what it said is the failure.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            continue
        return


def _wait_until_served(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url + "static/favicon.ico", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"nothing was served:\n{log.read_text()}")


#: From a click on Cancel in a part of the page to what it says there.
#: The page's own clock: a test that asks again and again would measure its own patience.
SECONDS_TO_STOP = """
within => new Promise(resolve => {
  const room = document.querySelector(within);
  const said = room.querySelector(".gv-status");
  const button = [...room.querySelectorAll("button")].find(
    b => b.textContent.trim() === "Cancel");
  const start = performance.now();
  new MutationObserver((changes, observer) => {
    if (!said.textContent.includes("Stopped")) return;
    observer.disconnect();
    resolve((performance.now() - start) / 1000);
  }).observe(said, {childList: true, subtree: true, characterData: true});
  button.click();
})
"""
