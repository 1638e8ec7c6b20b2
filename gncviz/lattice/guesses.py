"""A million guesses at the story's first setting: the first one by one, then those that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.lattice.grid import Place, settings_of
from gncviz.task import Task

if TYPE_CHECKING:
    from gncviz.lattice.record import Record

#: Where the guesses are made, at which threshold, and how many.
GUESSED, EPSILON, MANY = Place("width", 5, 2, "linear"), 0.02, 1_000_000
#: How many of them are kept with their losses, and with their matrices.
_KEPT, _SEEN = 1000, 60


def guesses() -> Record:
    """Draws of the prior and how many of :data:`MANY` fit.

    Returns:
        ``guess_train`` and ``guess_gen``, with shape (1000,); ``guess_matrices``, with shape
        (60, m, m'), of the first of them; ``hit_train``, ``hit_gen`` and ``hit_matrices`` of all
        that fit; ``truth``, with shape (m, m').
    """
    from gncviz.posterior import guess_and_check

    settings = settings_of(GUESSED, EPSILON)
    task = Task.from_settings(settings.task)
    post = guess_and_check(
        task,
        settings.network,
        settings.prior,
        epsilon=EPSILON,
        method="plain",
        samples=MANY,
        draws=MANY,
    )
    return {
        "guess_train": post.prior_train_loss[:_KEPT],
        "guess_gen": post.prior_gen_loss[:_KEPT],
        "guess_matrices": post.prior_outputs[:_SEEN],
        "hit_train": post.train_loss,
        "hit_gen": post.gen_loss,
        "hit_matrices": post.outputs[:_SEEN],
        "truth": np.asarray(task.ground_truth),
    }
