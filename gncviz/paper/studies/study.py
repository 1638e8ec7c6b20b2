"""What a study is made of: sweeps, a table, a figure, two sentences; each as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Unpack

from gncviz.sweeps import Running, Store, SweepResult, run_points
from gncviz.sweeps.findings import Finding
from gncviz.sweeps.points import Point
from gncviz.sweeps.result import points_of
from gncviz.sweeps.settings import SweepSettings

if TYPE_CHECKING:
    import pandas as pd


class Part(NamedTuple):
    """One sweep of a study.

    Attributes:
        labels: what sets it apart from the others: columns of the table.
        settings: of the sweep.
        kinds: the kinds of points that are computed of it.
    """

    labels: Mapping[str, str | float]
    settings: SweepSettings
    kinds: tuple[str, ...] = ("guess_and_check", "learning_curve", "gradient_descent")

    @property
    def points(self) -> list[Point]:
        """What is computed."""
        return [point for point in points_of(self.settings) if point.kind in self.kinds]


#: The parts that are computed next, given what those before have found.
Stage = Callable[[Sequence[tuple[Part, SweepResult]]], Iterable[Part]]


@dataclass(frozen=True)
class Plot:
    """How points are drawn: with the columns ``x``, ``y``, ``low``, ``high``, ``curve``, ``doubt``.

    Attributes:
        x, y: titles of the axes.
        log_x, log_y: whether they are logarithmic.
        level: of a dashed line across, and what it is called; None for none.
    """

    x: str
    y: str
    log_x: bool = False
    log_y: bool = False
    level: tuple[float, str] | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence with the table's numbers in it.

    Attributes:
        template: with a place for each number, such as {:.2f}.
        numbers: takes them from the table.
    """

    template: str
    numbers: Callable[[pd.DataFrame], Sequence[float]]

    def text(self, table: pd.DataFrame) -> str:
        """The sentence, its numbers written as the template says.

        Args:
            table: of the study.
        """
        return self.template.format(*self.numbers(table))


@dataclass(frozen=True)
class Study:
    """A question that the paper leaves open, and all that answers it.

    Attributes:
        name: of its table and figure.
        title: of the figure.
        question: in a sentence.
        verdict: the answer, in a few words.
        stages: its sweeps, one stage after the other; most have one.
        points: what is drawn of the table, a row a marker.
        plot: how.
        sentences: what came out, in two sentences.
        beside: further rows of the table, computed without a sweep; None for none.
    """

    name: str
    title: str
    question: str
    verdict: str
    stages: tuple[Stage, ...]
    points: Callable[[pd.DataFrame], pd.DataFrame]
    plot: Plot
    sentences: tuple[Sentence, Sentence]
    beside: Callable[[], pd.DataFrame] | None = None

    @property
    def path(self) -> Path:
        """Of the table that comes with gncviz."""
        return Path(__file__).parent / "tables" / f"{self.name}.parquet"


def run_study(
    study: Study, store: Store, seeds: int | None = None, **running: Unpack[Running]
) -> list[tuple[Part, SweepResult]]:
    """Computes a study, or goes on with it: what the store knows is taken from there.

    Args:
        study: which one.
        store: asked for every point first, told afterwards.
        seeds: the first so many tasks only; all by default.
        **running: workers, progress, cancel, seconds, as in :func:`gncviz.sweep`.

    Returns:
        Its parts with what is known of them. Where it was stopped, the stages after that one are
        missing.

    Raises:
        SweepError: some points could not be computed.
    """
    found: list[tuple[Part, SweepResult]] = []
    for stage in study.stages:
        parts = [part._replace(settings=_first(part.settings, seeds)) for part in stage(found)]
        wanted = [point for part in parts for point in part.points]
        known = run_points(wanted, store, **running)
        found += [(part, _result(part, known)) for part in parts]
        if len(known) < len({point.key for point in wanted}):
            break
    return found


def _result(part: Part, known: Mapping[str, Finding]) -> SweepResult:
    keys = {point.key for point in part.points}
    return SweepResult(part.settings, {key: known[key] for key in keys & set(known)})


def _first(settings: SweepSettings, seeds: int | None) -> SweepSettings:
    chosen: SweepSettings = settings.replace(seeds=settings.seeds[:seeds])
    return chosen
