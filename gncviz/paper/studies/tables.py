"""The table of a study: what its sweeps found, a row a point, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.paper.studies.study import Part, Study
from gncviz.sweeps.files import Unusable, read, write
from gncviz.sweeps.findings import DescentFinding
from gncviz.sweeps.result import SweepResult
from gncviz.sweeps.store import provenance

if TYPE_CHECKING:
    import pandas as pd

#: Of a sweep's columns, those that a study keeps.
COLUMNS = (
    *("width", "depth", "epsilon", "seed", "method", "mean_gen_loss", "stderr"),
    *("train_loss", "log10_acceptance", "effective_samples", "status", "seconds"),
)
#: What is said of a point whose standard error is large; its mean is right nonetheless.
NOISY = "standard error"
#: Why a point is doubtful whose run warns of its own error bar.
DISAGREE = "islands disagree"
#: What Guess & Check finds: single networks, and the average of their outputs.
_SAMPLED = ("guess_and_check", "average")
#: A mean with a larger standard error, as a share of it, is doubtful.
PRECISION = 0.05


def table_of(study: Study, found: Iterable[tuple[Part, SweepResult]]) -> pd.DataFrame:
    """All that is known of a study, a row for each part × value × seed × method.

    Columns: the labels of its parts, what sweeps have (:meth:`gncviz.SweepResult.to_frame`),
    and ``doubt``: why a point is not to be relied on; empty where it is.

    Args:
        study: which one.
        found: its parts with their results.
    """
    import pandas as pd

    frames = [_labelled(part, result) for part, result in found]
    if study.beside is not None:
        frames.append(study.beside())
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=[*COLUMNS, "doubt"])
    table = pd.concat([frame.dropna(axis=1, how="all") for frame in frames], ignore_index=True)
    if "doubt" in table:
        table["doubt"] = table["doubt"].fillna("")
    return table


def _labelled(part: Part, result: SweepResult) -> pd.DataFrame:
    frame = result.to_frame()
    network, epsilon = result.settings.network, result.settings.sampling.epsilon
    fixed = {"width": network.width, "depth": network.depth, "epsilon": epsilon}
    frame = frame.assign(**{name: value for name, value in fixed.items() if name not in frame})
    axes = [axis.name for axis in result.settings.axes]
    more = [name for name in axes if name not in COLUMNS]
    frame = frame[[*COLUMNS, *more]].assign(**part.labels)
    warned = _warned(result)
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    places = [(*(row[name] for name in axes), row["seed"]) for row in rows]
    frame["doubt"] = [_doubt(row, place in warned) for row, place in zip(rows, places, strict=True)]
    return frame


def _warned(result: SweepResult) -> set[tuple[float, ...]]:
    """Values and seed of the Guess & Check points whose run warns of its own error bars.

    A run that serves many ε speaks of the smallest, a learning curve of its end; at the others the
    error bars tell.
    """
    found = set()
    for place in result.settings.places():
        finding = result.findings.get(place.guess_and_check.key)
        if finding is None or isinstance(finding, DescentFinding):
            continue
        if finding.warnings and place.last:
            found.add((*place.values.values(), place.seed))
    return found


def _doubt(row: dict[Any, Any], warned: bool) -> str:
    if row["method"] not in _SAMPLED:
        return ""
    if row["mean_gen_loss"] != row["mean_gen_loss"]:
        return "no number"
    if warned:
        return DISAGREE
    precise = row["stderr"] <= PRECISION * row["mean_gen_loss"]
    # What errs at one sample of the test in a hundred is known, whatever share of it its error is.
    return "" if precise or row["method"] == "average" else NOISY


def write_study(study: Study, table: pd.DataFrame, path: Path) -> None:
    """Writes a study's table, with who made it and how many tasks it rests on.

    Args:
        study: which one.
        table: from :func:`table_of`.
        path: of the parquet file.
    """
    import pyarrow as pa

    about = {"study": study.name, "tasks": int(table["seed"].nunique())}
    metadata = {**about, "doubtful": int((table["doubt"] != "").sum()), "provenance": provenance()}
    write(pa.Table.from_pandas(table, preserve_index=False), path, metadata)


def read_study(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A study's table, and what is told of it: tasks, doubtful points, provenance.

    Args:
        path: of the parquet file.

    Raises:
        ValueError: it cannot be read, or is no table of a study.
    """
    try:
        table, metadata = read(path)
    except Unusable as reason:
        raise ValueError(f"{path} is not the table of a study: {reason}.") from None
    if "study" not in metadata:
        raise ValueError(f"{path} is not the table of a study.")
    return table.to_pandas(), metadata
