"""What sweeps cost: scaling over workers, and the paper's panels against plain draws."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from gncviz.models import drawn
from gncviz.network import Network
from gncviz.paper import PANELS, known, panel_settings, shipped
from gncviz.posterior import guess_and_check
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.sweeps import Axis, Store, SweepSettings, run_sweep
from gncviz.sweeps.findings import DescentFinding, GuessAndCheckFinding
from gncviz.sweeps.points import GuessAndCheckPoint

#: Points that keep one worker busy for about a minute.
LOAD = SweepSettings(
    axes=(Axis(name="depth", values=(4, 6, 8)),),
    network=Network(activation="tanh"),
    prior=Prior(normalize=True),
    sampling=GuessAndCheckSettings(epsilon=0.0035, samples=100, draws=10**8, device="cpu"),
    descent=None,
    seeds=tuple(range(8)),
)


def scaling() -> dict[int, float]:
    """Seconds of the same sweep with one worker and with two, their start included."""
    seconds = {}
    for workers in (1, 2):
        start = time.perf_counter()
        run_sweep(LOAD, Store(), workers=workers)
        seconds[workers] = time.perf_counter() - start
    return seconds


@dataclass(frozen=True)
class Bill:
    """What the paper's panels cost, in seconds of one core.

    Attributes:
        ours: all Guess & Check points, as they were computed.
        descent: all trials of gradient descent.
        as_precise: plain Guess & Check until its mean is as precise as was asked for.
        as_printed: plain Guess & Check with the paper's numbers of draws, 1e8 a trial for width and
            1e9 for depth.
        points: how many Guess & Check points there are.
    """

    ours: float
    descent: float
    as_precise: float
    as_printed: float
    points: int


def bill(store: Store | None = None) -> Bill:
    """Adds up what stored panels cost, and measures what plain draws would."""
    found: dict[str, tuple[GuessAndCheckPoint, GuessAndCheckFinding, float]] = {}
    descents: dict[str, float] = {}
    for panel in PANELS:
        result = known(panel_settings(*panel), store or shipped())
        printed = 1e8 if result.settings.axes[0].name == "width" else 1e9
        for place in result.settings.places():
            point = place.guess_and_check
            one = cast(GuessAndCheckFinding, result.findings[point.key])
            found[point.key] = (point, one, printed)
            assert place.descent is not None
            trial = cast(DescentFinding, result.findings[place.descent.key])
            descents[place.descent.key] = trial.seconds
    rates = Rates()
    as_precise = as_printed = 0.0
    for point, one, printed in found.values():
        wanted = min(one.effective_samples, point.sampling.samples)
        each = rates.seconds_per_draw(point)
        as_precise += wanted / 10.0**one.log10_acceptance * each
        as_printed += printed * each
    ours = sum(one.seconds for _, one, _ in found.values())
    return Bill(ours, sum(descents.values()), as_precise, as_printed, len(found))


class Rates:
    """How long one plain draw takes, measured once for each network and prior."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def seconds_per_draw(self, point: GuessAndCheckPoint) -> float:
        """On one core, checking included."""
        name = point.network.model_dump_json() + point.prior.model_dump_json()
        if name not in self._known:
            self._known[name] = self._measure(point)
        return self._known[name]

    def _measure(self, point: GuessAndCheckPoint) -> float:
        from gncviz.devices import one_thread

        settings = {"epsilon": 1e-9, "samples": 1, "device": "cpu", "method": "plain"}
        task = drawn(point.task)
        with one_thread():
            for seconds in (0.05, 0.4):
                post = guess_and_check(
                    task, point.network, point.prior, seconds=seconds, draws=10**9, **settings
                )
        return post.seconds / post.draws


def rows(bill: Bill) -> Iterable[tuple[str, float]]:
    """The bill in hours of one core."""
    yield f"Guess & Check, {bill.points} points", bill.ours / 3600
    yield "gradient descent", bill.descent / 3600
    yield "plain Guess & Check, as precise", bill.as_precise / 3600
    yield "plain Guess & Check, as many draws as in the paper", bill.as_printed / 3600
