"""How the page's server is started: Voila's options, and what it hands down to its kernels."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gncviz.experiment.limits import VARIABLE, Limits

#: Seconds between two looks at kernels, and after which one without a page is ended.
_LOOK, _IDLE = 20, 80
#: Seconds after a visit until the next kernel is made ahead: the visitor's page comes first.
_LATER = 15
#: What makes kernels as copies of one that has imported everything; what compiles templates once.
_MANAGER = "gncviz.serving.manager.CopyingKernelManager"
_TEMPLATES = "gncviz.serving.templates.KeepTemplates"

#: What browsers are told of every answer. Widgets are modules that are made in the page (blob:),
#: and Voila's own lines stand in it, so that scripts cannot be narrowed down further. The token may
#: be in the address, which no other site shall learn.
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

#: Variables that say how many threads libraries take.
_THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")


def command_line(
    notebook: Path, host: str, port: int, *, limits: Limits, hosted: bool, browser: bool
) -> list[str]:
    """The command that serves the page.

    Args:
        notebook: what is served.
        host: on which address.
        port: of it.
        limits: of what visitors may ask for.
        hosted: whether it is for visitors: with a token, headers for browsers, a kernel ahead.
        browser: whether a window is opened here.
    """
    line = [sys.executable, "-m", "voila", str(notebook), "--template=gncviz"]
    line += [f"--port={port}", f"--Voila.ip={host}", "--Voila.port_retries=0"]
    line += ["--show_tracebacks=False", "--strip_sources=True"]
    # Five megabytes of plotly that no figure of the page uses.
    line += ["--VoilaConfiguration.extension_denylist=jupyterlab-plotly"]
    # Kernels of pages that were closed go away by themselves.
    line += [f"--MappingKernelManager.cull_interval={_LOOK}"]
    line += [f"--MappingKernelManager.cull_idle_timeout={_IDLE}"]
    line += [f"--MultiKernelManager.kernel_manager_class={_MANAGER}"]
    line += [f"--VoilaExporter.preprocessors={_TEMPLATES}"]
    if hosted:
        # JUPYTER_TOKEN, or one that is made up and printed; no file beside the notebook.
        line += ["--Voila.auto_token=True", "--VoilaConfiguration.file_allowlist=[]"]
        line += ["--preheat_kernel=True", f"--VoilaKernelManager.fill_delay={_LATER}"]
    settings = tornado_settings(limits, hosted)
    line += [f"--Voila.tornado_settings={settings!r}"] * bool(settings)
    return line + ["--no-browser"] * (not browser)


def tornado_settings(limits: Limits, hosted: bool) -> dict[str, Any]:
    """Of the web server below Voila: headers, and how large a message may be."""
    found: dict[str, Any] = {"headers": HEADERS} if hosted else {}
    if limits.megabytes is not None:
        found["websocket_max_message_size"] = int(limits.megabytes * 1e6)
    return found


def environment_of(limits: Limits, environment: Mapping[str, str]) -> dict[str, str]:
    """What the server's process, and each of its kernels, is told.

    Args:
        limits: of what visitors may ask for.
        environment: the one there is.
    """
    found = {**environment, VARIABLE: limits.model_dump_json(exclude_none=True)}
    if limits.workers is not None:
        found |= dict.fromkeys(_THREADS, str(limits.workers))
    return found
