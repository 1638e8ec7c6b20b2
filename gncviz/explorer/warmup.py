"""Loads in the background what the first run needs.

torch, scipy and plotly's own submodules take seconds to import; done here, the page appears before
them and Run still answers at once.
"""

from __future__ import annotations

import functools
import threading

#: Seconds to leave the page to itself: imports would hold up the building of its widgets.
_DELAY = 1.0


@functools.cache
def load_ahead() -> threading.Timer:
    """Starts loading soon; the first call only."""
    timer = threading.Timer(_DELAY, _load)
    timer.daemon = True
    timer.start()
    return timer


def _load() -> None:
    from gncviz.experiment.run import run_experiment
    from gncviz.experiment.settings import ExperimentSettings
    from gncviz.explorer.plot import Figure
    from gncviz.figures import learning_curves, loss_distributions, prior_vs_posterior, sweep
    from gncviz.paper import known, panel_settings, shipped

    # A run of a few draws goes through every module that a real one needs.
    settings = ExperimentSettings(
        guess_and_check={"epsilon": 1.0, "samples": 16, "draws": 256, "device": "cpu"},
        descent={"trials": 1, "epochs": 2},
    )
    found = run_experiment(settings, lambda *_: None, threading.Event())
    assert found.post is not None
    Figure(prior_vs_posterior(found.post, found.descent)).close()
    loss_distributions(found.post, found.descent)
    learning_curves(found.descent)
    sweep(known(panel_settings(1, "linear"), shipped()))
