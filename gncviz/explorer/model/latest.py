"""What stays on the page while a new run has nothing to show yet."""

from __future__ import annotations

from gncviz.experiment.run import Experiment
from gncviz.posterior.outcome import Status

#: What has to be known to show a part: figures of spectra and mechanisms hold the posterior, too.
_NEEDS = {
    "post": ("post",),
    "spectra": ("post", "spectra"),
    "descent": ("descent",),
    "mechanism": ("post", "mechanism"),
}


class Latest:
    """Remembers, part by part, the last run that had something to show of it."""

    def __init__(self) -> None:
        self._found: dict[str, Experiment] = {}

    def note(self, found: Experiment | None) -> None:
        """Remembers a run for those parts that it can show by now."""
        if found is not None:
            self._found |= {part: found for part in _NEEDS if can_show(found, part)}

    def of(self, part: str) -> Experiment | None:
        """The last run that could show a part; None while none could.

        Args:
            part: an attribute of :class:`gncviz.experiment.Experiment`.
        """
        return self._found.get(part)


def can_show(found: Experiment, part: str) -> bool:
    """Whether a run has by now what it takes to show a part.

    A posterior without a draw is worth showing only when the run knows that there will be none:
    before, and in a run that was stopped, it would be the prior alone.

    Args:
        found: the run.
        part: an attribute of it.
    """
    if any(getattr(found, needed) is None for needed in _NEEDS[part]):
        return False
    post = found.post if "post" in _NEEDS[part] else None
    waiting = (Status.RUNNING, Status.CANCELLED)
    return post is None or len(post.gen_loss) > 0 or post.status not in waiting
