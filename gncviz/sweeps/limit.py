"""Where a sweep over width leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.models import drawn
from gncviz.network import Network
from gncviz.settings import SettingsError
from gncviz.sweeps.settings import SweepSettings
from gncviz.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Enough for a line in a figure: the error is a tenth of a per cent.
_DRAWS = 4096


def width_limits(settings: SweepSettings, draws: int = _DRAWS) -> NDArray[np.float64] | None:
    """Guess & Check's mean loss at each seed in the limit of width.

    Args:
        settings: of a sweep.
        draws: for each seed, as in :func:`gncviz.theory.infinite_width`.

    Returns:
        With shape (seeds,); None where the sweep is not over width alone, or there is no limit.
    """
    if [axis.name for axis in settings.axes] != ["width"]:
        return None
    if not isinstance(settings.network, Network):
        return None
    try:
        return np.array([_limit(settings, seed, draws) for seed in settings.seeds])
    except SettingsError:
        return None


def _limit(settings: SweepSettings, seed: int, draws: int) -> float:
    from gncviz.theory import infinite_width

    task = drawn(settings.task.seeded(seed))
    if not isinstance(task, Task):
        raise SettingsError([("task", "task should be one of matrices.")])
    assert isinstance(settings.network, Network)
    found = infinite_width(
        task, settings.network, settings.prior, settings.sampling.epsilon, draws=draws
    )
    return found.mean_gen_loss
