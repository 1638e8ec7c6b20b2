"""What a gradient descent run returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.asked import gen_label
from gncviz.words import grouped, scientific

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.descent.settings import DescentSettings
    from gncviz.models.protocols import AnyNetwork, AnyTask


class TrialStatus(StrEnum):
    """How one trial ended."""

    #: The training loss fell below the tolerance.
    CONVERGED = "converged"
    #: Every epoch was run, and it did not.
    EPOCHS_SPENT = "epochs_spent"
    #: The training loss grew a millionfold, or is no number any more.
    DIVERGED = "diverged"
    #: The time was spent before.
    TIME_SPENT = "time_spent"
    #: Stopped by the caller.
    CANCELLED = "cancelled"


@dataclass(frozen=True, eq=False, repr=False)
class GradientDescentResult:
    """Where gradient descent went, T trials of it.

    Attributes:
        tasks: the task of each trial.
        network: the model.
        settings: how it ran.
        outputs: such as W, at the end of each trial, with shape ``(T, *output_shape)``, float64;
            NaN where it diverged, or the time was spent before it began.
        status: how each trial ended.
        trial_epochs: epochs each trial ran, with shape (T,), int64.
        recorded: (epoch, trial numbers, outputs) along the way; :attr:`history` is made of them.
        seconds: how long it took, in seconds.
        device: where it ran, such as "cpu" or "cuda"; what runs on a GPU has been checked with
            torch's CPU tensors so far, and not on hardware.
        versions: of gncviz, torch, numpy and Python.
        warnings: sentences about what the run had to do without, such as a GPU whose memory ran
            short; empty where there is nothing to say.
    """

    tasks: tuple[AnyTask, ...]
    network: AnyNetwork
    settings: DescentSettings
    outputs: NDArray[np.float64]
    status: tuple[TrialStatus, ...]
    trial_epochs: NDArray[np.int64]
    recorded: tuple[tuple[int, NDArray[np.int64], NDArray[np.float64]], ...]
    seconds: float
    device: str
    versions: dict[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def matrices(self) -> NDArray[np.float64]:
        """The outputs under the name that they have for matrices: W, with shape (T, m, m')."""
        return self.outputs

    @property
    def epochs(self) -> int:
        """Epochs that were run, those of the longest trial."""
        return int(self.trial_epochs.max())

    @cached_property
    def train_loss(self) -> NDArray[np.float64]:
        """L_train (Eq. 2) at the end, with shape (T,); NaN where a trial has no output."""
        return self._losses(np.arange(len(self.tasks)), self.outputs)[0]

    @cached_property
    def gen_loss(self) -> NDArray[np.float64]:
        """L_gen (Eq. 3) at the end, with shape (T,); NaN where a trial has no output."""
        return self._losses(np.arange(len(self.tasks)), self.outputs)[1]

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """Which trials diverged, with shape (T,)."""
        return np.array([status is TrialStatus.DIVERGED for status in self.status])

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which trials have an output: they began, and did not diverge; with shape (T,)."""
        return np.asarray(np.isfinite(self.outputs.reshape(len(self.outputs), -1)).all(axis=1))

    @property
    def mean_gen_loss(self) -> float:
        """Mean L_gen of the trials that have an output; NaN when none has."""
        kept = self.gen_loss[self.known]
        return float(kept.mean()) if len(kept) else float("nan")

    @cached_property
    def history(self) -> pd.DataFrame:
        """The learning curves, one row per recorded epoch × trial.

        Columns: epoch, trial, train_loss, gen_loss, and the singular values of W (of its first
        unfolding where it is no matrix) as singular_value_1 (the largest) and on. A trial's rows
        end where it ended.
        """
        import pandas as pd

        rows = sorted(self.recorded, key=lambda row: row[0])
        epochs = np.concatenate([np.empty(0, int), *(np.full(len(t), at) for at, t, _ in rows)])
        trials = np.concatenate([np.empty(0, int), *(trial for _, trial, _ in rows)])
        outputs = np.concatenate([self.outputs[:0], *(output for *_, output in rows)])
        train_loss, gen_loss = self._losses(trials, outputs)
        unfolding, *_ = self.tasks[0].unfoldings(outputs).values()
        values = np.linalg.svd(unfolding, compute_uv=False)
        return pd.DataFrame(
            {
                "epoch": epochs,
                "trial": trials,
                "train_loss": train_loss,
                "gen_loss": gen_loss,
                **{f"singular_value_{i + 1}": column for i, column in enumerate(values.T)},
            }
        )

    def _losses(
        self, trials: NDArray[np.int64], outputs: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        train, gen = np.empty(len(trials)), np.empty(len(trials))
        groups: dict[int, list[int]] = {}
        for row, trial in enumerate(trials):
            groups.setdefault(id(self.tasks[trial]), []).append(row)
        for rows in groups.values():
            task = self.tasks[trials[rows[0]]]
            train[rows] = task.train_loss(outputs[rows])
            gen[rows] = task.gen_loss(outputs[rows])
        return train, gen

    @property
    def message(self) -> str:
        """The outcome in words, for people."""
        count = {status: self.status.count(status) for status in TrialStatus}
        total, epochs = len(self.status), grouped(self.epochs)
        if count[TrialStatus.DIVERGED] == total:
            return f"All {total} trials diverged within {epochs} epochs. Lower the learning rate."
        parts = []
        if count[TrialStatus.CONVERGED]:
            parts.append(f"{count[TrialStatus.CONVERGED]} of {total} trials converged")
        if count[TrialStatus.EPOCHS_SPENT]:
            loss = scientific(float(np.nanmax(self.train_loss)))
            parts.append(
                f"{count[TrialStatus.EPOCHS_SPENT]} of {total} trials used every epoch "
                f"(training loss at most {loss})"
            )
        if count[TrialStatus.DIVERGED]:
            parts.append(f"{count[TrialStatus.DIVERGED]} diverged")
        if count[TrialStatus.TIME_SPENT]:
            parts.append(f"{count[TrialStatus.TIME_SPENT]} of {total} trials were out of time")
        if count[TrialStatus.CANCELLED]:
            parts.append(f"{count[TrialStatus.CANCELLED]} stopped before the end")
        return f"{', '.join(parts)}; {epochs} epochs"

    def __repr__(self) -> str:
        return (
            f"<GradientDescentResult {self.network.label}: {self.message}; "
            f"mean {gen_label(self.tasks[0])} {self.mean_gen_loss:.4g}>"
        )
