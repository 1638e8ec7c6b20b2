"""What a server allows its visitors: the most that a run may ask for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from gncviz.experiment.settings import ExperimentSettings, assemble, flat
from gncviz.settings import Settings, SettingsError
from gncviz.words import grouped

#: The environment of a page's process says them, as JSON: it is handed down from the server's.
VARIABLE = "GNCVIZ_LIMITS"

#: Settings that are lowered to a limit, for less of them is still an answer to the same question.
_BUDGETS = {
    "guess_and_check.draws": "draws",
    "guess_and_check.samples": "samples",
    "guess_and_check.seconds": "seconds",
    "descent.epochs": "epochs",
    "descent.trials": "trials",
    "descent.seconds": "seconds",
}
#: Settings that are refused beyond a limit.
_SIZES = {
    "network.width": "width",
    "network.depth": "depth",
    "task.rows": "side",
    "task.cols": "side",
    "task.shape": "side",
    "task.measurements": "measurements",
    "task.train": "measurements",
    "task.dim": "side",
}


class Limits(Settings):
    """The most that a run may ask for; None where there is no limit.

    Budgets are lowered to the limit, sizes beyond it are refused.
    """

    draws: int | None = Field(None, ge=1, description="Networks that Guess & Check evaluates.")
    samples: int | None = Field(None, ge=1, description="Posterior draws.")
    seconds: float | None = Field(
        None, gt=0, description="Seconds of Guess & Check, of gradient descent, of a sweep."
    )
    epochs: int | None = Field(None, ge=1, description="Epochs of gradient descent.")
    trials: int | None = Field(None, ge=1, description="Trials of gradient descent.")
    width: int | None = Field(None, ge=1, description="Units in a layer.")
    depth: int | None = Field(None, ge=2, description="Layers.")
    side: int | None = Field(
        None, ge=1, description="Sides of the matrix or tensor, inputs of data."
    )
    measurements: int | None = Field(
        None, ge=1, description="Measurements of it; training samples."
    )
    workers: int | None = Field(None, ge=1, description="Threads and processes that compute.")
    megabytes: float | None = Field(
        None, gt=0, description="The largest message that a page may send, uploads among them."
    )

    @classmethod
    def of_server(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Those of the process that shows the page; none where nobody set any.

        Args:
            environment: has them, as JSON, under :data:`VARIABLE`.

        Raises:
            SettingsError: what is there is no such thing.
        """
        text = environment.get(VARIABLE, "")
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError as error:
            sentence = f"{VARIABLE} should be limits as JSON: {error.errors()[0]['msg']}."
            raise SettingsError([(VARIABLE, sentence)]) from None

    def held(self, settings: ExperimentSettings) -> ExperimentSettings:
        """Settings whose budgets are within the limits.

        Raises:
            SettingsError: a size is beyond its limit; each problem has the path of the setting.
        """
        values = flat(settings)
        self._check(values)
        lowered = {}
        for path, name in _BUDGETS.items():
            most, value = getattr(self, name), values[path]
            if most is not None and (value is None or value > most):
                lowered[path] = most
        return assemble(lowered, settings) if lowered else settings

    def _check(self, values: dict[str, Any]) -> None:
        problems = []
        for path, name in _SIZES.items():
            most, value = getattr(self, name), values.get(path)
            # Of a tensor, several sides; what another kind of model does not have is none.
            largest = max(value, default=0) if isinstance(value, tuple) else value or 0
            if most is not None and largest > most:
                short = path.partition(".")[2]
                sentence = f"{short} should be at most {grouped(most)} on this server; got {value}."
                problems.append((path, sentence))
        if problems:
            raise SettingsError(problems)

    @property
    def sentence(self) -> str:
        """What a visitor is told of the budgets; empty where they are free.

        >>> Limits(draws=1_000_000, seconds=30).sentence
        'This server allows a run 1 000 000 draws and 30 seconds at most.'
        """
        names = dict.fromkeys(_BUDGETS.values())
        found = [(name, getattr(self, name)) for name in names]
        said = [f"{_number(most)} {name}" for name, most in found if most is not None]
        if not said:
            return ""
        *others, last = said
        listed = f"{', '.join(others)} and {last}" if others else last
        return f"This server allows a run {listed} at most."


def _number(most: float) -> str:
    return grouped(most) if isinstance(most, int) else f"{most:g}"
