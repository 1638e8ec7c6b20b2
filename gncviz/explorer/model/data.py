"""The state of the page's view on data, without any widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import traitlets

from gncviz.experiment.learning.result import Learned, Stage, count_of
from gncviz.experiment.learning.run import run_learning
from gncviz.experiment.learning.starts import MOST_TEST, STARTS, beginning, start_of
from gncviz.experiment.limits import Limits
from gncviz.experiment.settings import ExperimentSettings, settable
from gncviz.explorer.model.runner import Phase, Runner, Work
from gncviz.lattice.learned import known
from gncviz.models import drawn
from gncviz.models.data.plane import Plane
from gncviz.models.data.recipes import TableData
from gncviz.models.data.tables import Table
from gncviz.settings import SettingsError
from gncviz.words import grouped

#: The set that a visitor brings.
OWN = "own"
#: Of a file: bytes, samples, inputs and classes, at most.
MOST_BYTES, MOST_ROWS, MOST_INPUTS, MOST_CLASSES = 1_000_000, 5_000, 100, 10
#: The share of a message that a file may be: the rest is around it.
_OF_A_MESSAGE = 0.9
#: Training samples that one begins with, of a file.
_FIRST = 16


class DataModel(Runner):
    """Which set, which setting, what is known of it, and the run in progress.

    Args:
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        limits: what the server allows.
        chosen: the set, a key of :data:`gncviz.experiment.learning.starts.STARTS`, or :data:`OWN`.
        settings: what the next run will do.
        found: what is known, of these settings or of those before; None before anything is.
        stage: where the run in progress stands.
        table: the visitor's file; None before there is one.
        refused: why the last file was not taken, in a sentence; empty if it was.
    """

    chosen = traitlets.Unicode("moons")
    settings = traitlets.Instance(ExperimentSettings)
    found = traitlets.Instance(Learned, allow_none=True)
    stage = traitlets.Instance(Stage, allow_none=True)
    table = traitlets.Instance(Table, allow_none=True)
    refused = traitlets.Unicode("")

    def __init__(self, abandoned: Callable[[], bool] = lambda: False) -> None:
        self.limits = Limits.of_server()
        super().__init__(abandoned, settings=STARTS["moons"].settings)
        self.found = known(self.settings)

    @property
    def stale(self) -> bool:
        """Whether what is shown is of other settings than the present ones."""
        return self.found is not None and self.found.settings != self.settings

    @property
    def stored(self) -> bool:
        """Whether what is shown comes with gncviz."""
        return self.found is not None and bool(self.found.made)

    @property
    def waiting(self) -> bool:
        """Whether nothing is known of the settings, nor under way."""
        nothing = self.found is None or self.stale
        return nothing and self.phase is not Phase.RUNNING

    @property
    def own(self) -> bool:
        """Whether the settings are of the visitor's file."""
        return not settable(self.settings)

    @property
    def shared(self) -> ExperimentSettings:
        """The settings as an address can hold them: without the visitor's file."""
        if not self.own:
            return self.settings
        changed: ExperimentSettings = self.settings.replace(task=STARTS["moons"].settings.task)
        return changed

    @property
    def most_bytes(self) -> int:
        """Bytes that a file may have."""
        message = self.limits.megabytes
        return (
            MOST_BYTES if message is None else min(MOST_BYTES, int(_OF_A_MESSAGE * message * 1e6))
        )

    @traitlets.validate("settings")
    def _check(self, proposal: traitlets.Bunch) -> ExperimentSettings:
        """Settings as a curve has them: within the limits, and ε below one error."""
        asked: ExperimentSettings = proposal["value"]
        if asked.task.model != "data":
            raise SettingsError([("task.model", "task should be one of data.")])
        if asked.task.loss != "errors":
            sentence = f"loss should be errors, for a learning curve; got {asked.task.loss}."
            raise SettingsError([("task.loss", sentence)])
        task = asked.task.replace(test=min(asked.task.test or MOST_TEST, MOST_TEST))
        sampling = asked.guess_and_check.replace(epsilon=0.5 / count_of(asked), method="splitting")
        held = self.limits.held(asked.replace(task=task, guess_and_check=sampling))
        if known(held) is None:
            _check_samples(held)
        return held

    @traitlets.observe("settings")
    def _look_up(self, _: Any) -> None:
        """Ends a run of other settings; what is stored is seen at once."""
        if self.phase is Phase.RUNNING:
            self.cancel()
        self.error = ""
        stored = known(self.settings)
        if stored is not None:
            self.found = stored
            self.phase = Phase.IDLE

    def choose(self, name: str) -> None:
        """Turns to another set, with the setting that it begins with.

        Args:
            name: a key of the sets; :data:`OWN` for the file, which may still be missing.
        """
        self.chosen, self.refused = name, ""
        if name in STARTS:
            self.settings = STARTS[name].settings
        elif self.table is not None:
            self._begin(self.table, None)

    def open(self, settings: ExperimentSettings) -> None:
        """Turns to settings that an address has, or says why not.

        Args:
            settings: of data.
        """
        try:
            self.settings = settings
        except SettingsError as error:
            self.refused = f"The address of this page: {error}"
        self.chosen = start_of(self.settings)
        if self.stale:
            # Nothing was looked at yet that would have to stay.
            self.found = None

    def upload(self, file: str, size: int, content: bytes | None) -> None:
        """Takes a file, or says why not.

        Args:
            file: its name.
            size: bytes.
            content: of it; None where it is too large.
        """
        try:
            self._begin(self._read(file, size, content), None)
        except SettingsError as error:
            self.refused = str(error)

    def choose_label(self, column: str) -> None:
        """Makes another column of the file the label, or says why not."""
        assert self.table is not None
        try:
            self._begin(self.table, column)
        except SettingsError as error:
            self.refused = str(error)

    def _read(self, file: str, size: int, content: bytes | None) -> Table:
        """The table in a file.

        Raises:
            SettingsError: it is too large, or none.
        """
        most = self.most_bytes
        if content is None or size > most:
            sentence = f"{file}: a file should have at most {grouped(most)} bytes"
            raise SettingsError([("task", f"{sentence}; it has {grouped(size)}.")])
        table = Table.of(content, file)
        for what, count, allowed in (
            ("samples", len(table.cells), MOST_ROWS),
            ("columns", len(table.names), MOST_INPUTS + 1),
        ):
            if count > allowed:
                sentence = f"{file}: a table should have at most {grouped(allowed)} {what}"
                raise SettingsError([("task", f"{sentence}; it has {grouped(count)}.")])
        return table

    def _begin(self, table: Table, label: str | None) -> None:
        """The setting that a table begins with.

        Raises:
            SettingsError: it has no such samples.
        """
        recipe = TableData.of(table, label, train=2, test=MOST_TEST, seed=self.settings.task.seed)
        classes = len(set(recipe.y))
        if classes > MOST_CLASSES:
            sentence = f"{table.file}: the label should have at most {MOST_CLASSES} classes here"
            raise SettingsError([("task", f"{sentence}; {recipe.label!r} has {classes}.")])
        train = min(recipe.most, max(_FIRST, 4 * classes))
        settings = beginning(recipe.replace(train=train), self.settings.network)
        self.settings = settings
        self.table, self.chosen, self.refused = table, OWN, ""

    def run(self) -> None:
        """Starts a run of the present settings and returns at once."""
        settings = self.settings
        self.refused = ""
        if self.found is None:
            self.found = _sketch(settings)
        before = self.found

        def filled(found: Learned) -> Learned:
            if before is None or before.settings != settings:
                return found
            return found.filled(before)

        def action(work: Work) -> dict[str, object]:
            def report(found: Learned, stage: Stage) -> None:
                last = stage.progress.fraction >= 1
                changes: dict[str, object] = {"stage": stage}
                # What is of the settings before stays until there is something of these.
                if found.curve is not None or (found.plane and found.plane.regions):
                    changes["found"] = filled(found)
                work.show(last=last, **changes)

            return {"found": filled(run_learning(settings, report, work.cancel))}

        self._launch(action, stage=None)


def _check_samples(settings: ExperimentSettings) -> None:
    """Says what is wrong with the samples before anything runs.

    Raises:
        SettingsError: they are not there, or not so many; each problem has the path of the setting.
    """
    try:
        drawn(settings.task)
    except SettingsError as error:
        raise SettingsError([(f"task.{name}", text) for name, text in error.problems]) from None


def _sketch(settings: ExperimentSettings) -> Learned | None:
    """The samples, where they are in the plane: to be seen before anything is known."""
    task: Any = drawn(settings.task)
    if task.x_train.shape[1] != 2:
        return None
    return replace(Learned(settings), plane=Plane.of(task.over_grid()))
