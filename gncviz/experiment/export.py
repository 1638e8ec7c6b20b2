"""What an experiment leaves behind: tables, settings, lines of Python, as the bytes of files."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings, assemble, settable
from gncviz.experiment.snippet import python_lines
from gncviz.models import MODELS, drawn
from gncviz.models.asked import gen_label
from gncviz.posterior.estimate import standard_error
from gncviz.settings import SettingsError, check_kept
from gncviz.words import grouped

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: A table with more entries of outputs than this would take a browser minutes; it goes without.
_MOST_ENTRIES = 3_000_000


@dataclass(frozen=True)
class File:
    """A file to take away.

    Attributes:
        name: such as "gncviz-draws.csv".
        about: what is in it, in a sentence.
        mime: its type.
        content: makes its bytes, which takes a moment for the draws.
    """

    name: str
    about: str
    mime: str
    content: Callable[[], bytes]


def files(found: Experiment, prefix: str = "gncviz-") -> tuple[File, ...]:
    """All files of an experiment; parts that have not come yet have none.

    Args:
        found: the experiment.
        prefix: of the names, for a folder in which other files are, too.
    """
    table: list[File] = []

    def add(name: str, about: str, mime: str, content: Callable[[], bytes]) -> None:
        table.append(File(prefix + name, about, mime, content))

    def add_csv(name: str, about: str, frame: Callable[[], pd.DataFrame]) -> None:
        add(f"{name}.csv", about, "text/csv", lambda: _csv(frame()))

    post, gd = found.post, found.descent
    if post is not None or gd is not None:
        about = "Every draw: origin, weight, losses" + _about_matrices(found)
        add_csv("draws", about, functools.partial(draws, found))
        mime = "application/vnd.apache.parquet"
        add("draws.parquet", about, mime, functools.partial(_parquet, found))
        loss = gen_label(found.settings.task)
        about = f"Mean {loss}, error and acceptance of prior, Guess & Check and descent."
        add_csv("summary", about, functools.partial(summary, found))
    if post is not None:
        add_csv("path", "The Guess & Check posterior at every ε of the path.", lambda: post.path)
    if found.spectra is not None:
        spectra = found.spectra.table
        add_csv("spectra", "Singular values of the prior against depth.", lambda: spectra)
    if gd is not None:
        add_csv("curves", "Gradient descent's learning curves, every trial.", lambda: gd.history)
    about = "All settings, to read back by gncviz.experiment.export.read_settings."
    content = functools.partial(write_settings, found.settings)
    add("settings.json", about, "application/json", content)
    if not settable(found.settings):
        read_by = MODELS[found.settings.task.model].read_by
        about = f"The arrays of the task, to read back by gncviz.{read_by}."
        add("task.npz", about, "application/octet-stream", functools.partial(_task, found))
    about = "Lines of Python that make the same result."
    lines = functools.partial(python_lines, found.settings, f"{prefix}task.npz")
    add("run.py", about, "text/x-python", lambda: lines().encode())
    return tuple(table)


def draws(found: Experiment) -> pd.DataFrame:
    """One row a draw of the prior and of the posterior, and one a trial of gradient descent.

    Columns: origin ("prior", "guess_and_check" or "gradient_descent"), weight (those of an origin
    add up to one; a trial that diverged has none), train_loss (Eq. 2), gen_loss (Eq. 3), and the
    entries of W, row by row, as w_1_1, w_1_2 and on (of a tensor w_1_1_1 and on), unless there are
    millions of them.
    """
    import pandas as pd

    parts = []
    if found.post is not None:
        post = found.post
        share = np.full(len(post.prior_gen_loss), 1 / max(len(post.prior_gen_loss), 1))
        prior = (post.prior_train_loss, post.prior_gen_loss, post.prior_outputs)
        parts.append(_rows(found, "prior", share, *prior))
        posterior = (post.train_loss, post.gen_loss, post.outputs)
        parts.append(_rows(found, "guess_and_check", post.weights, *posterior))
    if found.descent is not None:
        gd = found.descent
        share = np.where(gd.known, 1 / max(int(gd.known.sum()), 1), 0.0)
        trials = (gd.train_loss, gd.gen_loss, gd.outputs)
        parts.append(_rows(found, "gradient_descent", share, *trials))
    return pd.concat(parts, ignore_index=True)


def summary(found: Experiment) -> pd.DataFrame:
    """One row for the prior, Guess & Check and gradient descent; what is not known is missing.

    Columns: origin, mean_gen_loss, stderr, draws (rows of :func:`draws`), effective_samples (how
    many independent draws the mean is worth), epsilon, log10_acceptance, log10_acceptance_stderr,
    method, status (in words), seconds, device.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    if found.post is not None:
        rows += _posterior_rows(found.post)
    if found.descent is not None:
        rows.append(_descent_row(found.descent))
    columns = (
        "origin mean_gen_loss stderr draws effective_samples epsilon log10_acceptance "
        "log10_acceptance_stderr method status seconds device"
    )
    return pd.DataFrame(rows, columns=columns.split())


def write_settings(settings: ExperimentSettings) -> bytes:
    """Settings as JSON, with the version of gncviz that they come from.

    Raises:
        SettingsError: they hold something that no file can keep, such as a function.
    """
    import gncviz

    check_kept(settings)
    said = {"gncviz": gncviz.__version__, "settings": settings.model_dump(mode="json")}
    return (json.dumps(said, indent=2) + "\n").encode()


def read_settings(content: bytes | str) -> ExperimentSettings:
    """The settings that :func:`gncviz.experiment.export.write_settings` wrote.

    Raises:
        SettingsError: it is no JSON, or not of settings.
    """
    try:
        sections = dict(json.loads(content)["settings"])
        task = sections.pop("task", {})
        values = {
            f"{section}.{name}": value
            for section, part in sections.items()
            for name, value in part.items()
        }
    except (ValueError, LookupError, TypeError, AttributeError):
        sentence = "settings should be a JSON file with the settings of an experiment."
        raise SettingsError([("settings", sentence)]) from None
    return assemble(values, ExperimentSettings(task=task))


def _task(found: Experiment) -> bytes:
    buffer = BytesIO()
    drawn(found.settings.task).save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _rows(
    found: Experiment,
    origin: str,
    weight: NDArray[np.float64],
    train_loss: NDArray[np.float64],
    gen_loss: NDArray[np.float64],
    outputs: NDArray[np.float64],
) -> pd.DataFrame:
    import pandas as pd

    losses = {"origin": origin, "weight": weight, "train_loss": train_loss, "gen_loss": gen_loss}
    frame = pd.DataFrame(losses, index=range(len(weight)))
    if _entries(found) > _MOST_ENTRIES:
        return frame
    names = [
        "_".join(["w", *(str(i + 1) for i in place)]) for place in np.ndindex(outputs.shape[1:])
    ]
    entries = pd.DataFrame(outputs.reshape(len(weight), len(names)), columns=names)
    return pd.concat([frame, entries], axis=1)


def _entries(found: Experiment) -> int:
    """How many numbers all outputs are."""
    post, gd = found.post, found.descent
    parts = [] if post is None else [post.prior_outputs, post.outputs]
    return sum(part.size for part in (*parts, *([] if gd is None else [gd.outputs])))


def _about_matrices(found: Experiment) -> str:
    count = _entries(found)
    if count <= _MOST_ENTRIES:
        return " and the entries of W."
    return f"; without the outputs, which have {grouped(count)} entries."


def _posterior_rows(post: GuessAndCheckResult) -> list[dict[str, Any]]:
    prior = {
        "origin": "prior",
        "mean_gen_loss": post.prior_mean_gen_loss,
        "stderr": post.prior_stderr,
        "draws": len(post.prior_gen_loss),
        "effective_samples": float(len(post.prior_gen_loss)),
        "device": post.device,
    }
    names = (
        "mean_gen_loss stderr effective_samples log10_acceptance log10_acceptance_stderr method "
        "seconds device"
    )
    posterior = {name: getattr(post, name) for name in names.split()}
    posterior |= {"origin": "guess_and_check", "draws": len(post.gen_loss)}
    return [prior, posterior | {"epsilon": post.settings.epsilon, "status": post.message}]


def _descent_row(gd: GradientDescentResult) -> dict[str, Any]:
    kept = gd.gen_loss[gd.known]
    return {
        "origin": "gradient_descent",
        "mean_gen_loss": gd.mean_gen_loss,
        "stderr": standard_error(kept) if len(kept) else math.nan,
        "draws": len(gd.gen_loss),
        "effective_samples": float(len(kept)),
        "method": f"{gd.settings.step_rule} steps",
        "status": gd.message,
        "seconds": gd.seconds,
        "device": gd.device,
    }


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _parquet(found: Experiment) -> bytes:
    """The draws with the settings in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(draws(found), preserve_index=False)
    said = {**table.schema.metadata, b"gncviz": write_settings(found.settings)}
    buffer = BytesIO()
    pq.write_table(table.replace_schema_metadata(said), buffer, compression="zstd")
    return buffer.getvalue()
