"""Loads in the background what the first run needs, and stays out of everybody's way.

torch, scipy and plotly's own submodules take seconds to import, and twice the memory of all else.
So nothing of it is loaded for a reader of the story. For who reaches for a run, what every run has
to wait for is loaded at once; all else would compete with the first click: it waits until the page
is idle, comes piece by piece, and stands back while anything runs.

pandas comes before all of it. plotly uses it where the interpreter has it, and takes one that
another thread has only begun to import for a whole one: the thread that draws imports it.
"""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gncviz.explorer.machine.priority import computing

if TYPE_CHECKING:
    from gncviz.experiment.run import Experiment

#: Seconds without a sign that the page is idle after which nobody is held up.
_ALONE = 10.0
#: Seconds between two looks at whether it may go on.
_PAUSE = 0.1
#: What no run can do without.
_NEEDED = ("torch", "scipy.special", "gncviz.posterior.auto")

_started = threading.Event()


def load_ahead(idle: Callable[[], bool], busy: Callable[[], bool]) -> threading.Thread | None:
    """Starts loading, in a thread of its own; the first call in a process only.

    To be called by the thread that draws.

    Args:
        idle: whether there is a page that has nothing else to do.
        busy: whether something runs.

    Returns:
        The thread that loads; None after the first call.
    """
    if _started.is_set():
        return None
    _started.set()
    load_pandas()
    thread = threading.Thread(target=_load, args=(idle, busy), daemon=True)
    thread.start()
    return thread


def load_pandas() -> None:
    """Imports pandas, by the thread that draws."""
    importlib.import_module("pandas")


def _load(idle: Callable[[], bool], busy: Callable[[], bool]) -> None:
    with computing():
        for name in _NEEDED:
            importlib.import_module(name)
    when_quiet(pieces(), idle, busy, _ALONE)


def when_quiet(
    pieces: Sequence[Callable[[], object]],
    idle: Callable[[], bool],
    busy: Callable[[], bool],
    alone: float,
) -> None:
    """Calls functions one after the other when there is time for each.

    Args:
        pieces: the functions.
        idle: whether there is a page that has nothing else to do.
        busy: whether something runs; no function is called while it does.
        alone: seconds after which the first may be called though no page is idle.
    """
    end = time.monotonic() + alone
    while not idle() and time.monotonic() < end:
        time.sleep(_PAUSE)
    with computing():
        for piece in pieces:
            while busy():
                time.sleep(_PAUSE)
            piece()


def pieces() -> list[Callable[[], object]]:
    """What a run and its figures are quicker for, each in a fifth of a second or so."""
    parts = ("post", "spectra", "descent", "mechanism")
    return [*(functools.partial(_try_out, part) for part in parts), _draw, _open_panel]


def _try_out(part: str) -> Experiment:
    """A run of a few draws goes through every module that a real one needs."""
    from gncviz.experiment.run import run_experiment
    from gncviz.experiment.settings import ExperimentSettings

    settings = ExperimentSettings(
        guess_and_check={"epsilon": 1.0, "samples": 16, "draws": 256, "device": "cpu"},
        descent={"trials": 1, "epochs": 2},
    )
    return run_experiment(settings, lambda *_: None, threading.Event(), parts=(part,))


def _draw() -> None:
    from gncviz.explorer.browser.wire import as_json
    from gncviz.figures import learning_curves, loss_distributions, prior_vs_posterior

    post, descent = _try_out("post").post, _try_out("descent").descent
    assert post is not None
    as_json(prior_vs_posterior(post, descent))
    loss_distributions(post, descent)
    learning_curves(descent)


def _open_panel() -> None:
    from gncviz.figures import sweep
    from gncviz.paper import known, panel_settings, shipped

    sweep(known(panel_settings(1, "linear"), shipped()))
