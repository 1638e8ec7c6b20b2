"""An experiment in one parquet file, and back: without computing and without torch.

A row is an array of numbers or words with its shape. What is not an array stands in the file's
metadata as JSON, where {"is": "array", "at": 3} is the array of the fourth row, and an object of
ours is {"is": its class, …}. Only the classes named here are ever made of a file.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import reprlib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.files import path_of, whole
from gncviz.models import MODELS, drawn
from gncviz.settings import Settings, SettingsError, check_kept
from gncviz.task import Task

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from gncviz.models.protocols import AnyTask

#: Of the file's layout.
_FORMAT = 1
_METADATA = b"gncviz"
#: What JSON has itself, NaN and infinity as Python writes them.
_PLAIN = (type(None), bool, int, float, str)


def write_experiment(path: Path | str, found: Experiment) -> None:
    """Writes an experiment to a file that is whole from the moment it has its name.

    Args:
        path: of the parquet file; folders are made.
        found: the experiment; parts that have not come yet are left out.

    Raises:
        SettingsError: it is no experiment, or holds something that no file can keep, such as a
            function.
    """
    import pyarrow.parquet as pq

    _expect_experiment(found)
    writer = _Writer()
    tree = writer.tree(found)
    said = {"format": _FORMAT, "tasks": [_written(task) for task in writer.tasks], "found": tree}
    table = _table(writer.arrays).replace_schema_metadata({_METADATA: json.dumps(said).encode()})
    with whole(path_of("path", path)) as file:
        pq.write_table(table, file, compression="zstd")


def _expect_experiment(found: Any) -> None:
    if not isinstance(found, Experiment):
        sentence = f"found should be an Experiment; got {reprlib.repr(found)}."
        raise SettingsError([("found", sentence)])


def read_experiment(path: Path | str) -> Experiment:
    """Reads what :func:`gncviz.experiment.write_experiment` wrote: every number as it was.

    Args:
        path: of the parquet file.

    Raises:
        SettingsError: there is no such file, or it holds something else.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        said = json.loads(table.schema.metadata[_METADATA])
        if said["format"] != _FORMAT:
            raise LookupError(f"format {said['format']}")
        reader = _Reader(_arrays(table), [_read(task) for task in said["tasks"]])
        found = reader.value(said["found"])
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        sentence = f"{path} should be a file that write_experiment wrote; it is not: {reason}."
        raise SettingsError([("path", sentence)]) from None
    assert isinstance(found, Experiment)
    return found


def _written(task: Any) -> dict[str, Any]:
    """A task as JSON-ready data: as matrices always were, or its recipe with its model."""
    if isinstance(task, Task):
        return task.to_dict()
    found: dict[str, Any] = task.recipe.model_dump(mode="json", exclude_none=True)
    return found


def _read(data: dict[str, Any]) -> AnyTask:
    """The inverse."""
    if "model" not in data:
        return Task.from_dict(data)
    return drawn(ExperimentSettings(task=data).task)


@functools.cache
def _classes() -> dict[str, type]:
    """What an experiment is made of, by the names that files have for it."""
    from gncviz.descent import GradientDescentResult, TrialStatus
    from gncviz.descent.settings import DescentSettings
    from gncviz.experiment.parts import Mechanism
    from gncviz.posterior import GuessAndCheckResult, GuessAndCheckSettings, Status
    from gncviz.posterior.draws import Draws
    from gncviz.posterior.estimate import Estimate
    from gncviz.posterior.path import Slice
    from gncviz.prior import Prior
    from gncviz.spectrum import PriorSpectra

    listed = (
        *(DescentSettings, Draws, Estimate, Experiment, ExperimentSettings, GradientDescentResult),
        *(GuessAndCheckResult, GuessAndCheckSettings, Mechanism, Prior, PriorSpectra),
        *(Slice, Status, TrialStatus, *(model.network for model in MODELS.values())),
    )
    return {kind.__name__: kind for kind in listed}


class _Writer:
    """Takes an object apart into arrays, tasks, and a tree that JSON can hold."""

    def __init__(self) -> None:
        self.arrays: list[NDArray[Any]] = []
        self.tasks: list[Any] = []
        self._rows: dict[int, int] = {}

    def tree(self, value: Any) -> Any:
        """The tree of a value.

        Raises:
            TypeError: it is of a class that no file has a name for.
        """
        import pandas as pd

        if hasattr(value, "recipe") and hasattr(value, "train_loss"):
            return {"is": "task", "at": self._place(value)}
        if isinstance(value, np.ndarray):
            return {"is": "array", "at": self._row(value)}
        if isinstance(value, pd.DataFrame):
            columns = [[name, self.tree(value[name].to_numpy())] for name in value]
            return {"is": "table", "index": self.tree(value.index.to_numpy()), "columns": columns}
        if isinstance(value, tuple):
            return {"is": "tuple", "of": [self.tree(one) for one in value]}
        if isinstance(value, Mapping):
            return {"is": "dict", "of": [[key, self.tree(one)] for key, one in value.items()]}
        if type(value) in (*_PLAIN, np.float64):
            return value
        if type(value) in _classes().values():
            return {"is": type(value).__name__, "of": self._inside(value)}
        raise TypeError(f"an experiment's file has no name for {type(value).__name__}.")

    def _place(self, task: Any) -> int:
        """Where a task is: trials of one task stay trials of one task."""
        for place, known in enumerate(self.tasks):
            if known is task:
                return place
        self.tasks.append(task)
        return len(self.tasks) - 1

    def _row(self, array: NDArray[Any]) -> int:
        """Where an array is; one that two results share is written once."""
        if id(array) not in self._rows:
            self._rows[id(array)] = len(self.arrays)
            # Held, so that no other array gets its id.
            self.arrays.append(array)
        return self._rows[id(array)]

    def _inside(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, Settings):
            check_kept(value)
            return value.model_dump(mode="json")
        fields = dataclasses.fields(value)
        return {field.name: self.tree(getattr(value, field.name)) for field in fields}


class _Reader:
    """Makes of a tree what :class:`_Writer` took apart."""

    def __init__(self, arrays: list[NDArray[Any]], tasks: list[AnyTask]) -> None:
        self._arrays, self._tasks = arrays, tasks

    def value(self, tree: Any) -> Any:
        """What a tree stands for.

        Raises:
            LookupError: it is of a class that we do not have.
            TypeError: its fields are not those of the class.
        """
        import pandas as pd

        if isinstance(tree, _PLAIN):
            return tree
        match tree["is"]:
            case "task":
                return self._tasks[tree["at"]]
            case "array":
                return self._arrays[tree["at"]]
            case "table":
                columns = {name: self.value(column) for name, column in tree["columns"]}
                return pd.DataFrame(columns, index=self.value(tree["index"]))
            case "tuple":
                return tuple(self.value(one) for one in tree["of"])
            case "dict":
                return {key: self.value(one) for key, one in tree["of"]}
        kind = _classes()[tree["is"]]
        if issubclass(kind, Enum):
            return kind(tree["of"])
        if issubclass(kind, Settings):
            return kind(**tree["of"])
        return kind(**{name: self.value(one) for name, one in tree["of"].items()})


def _table(arrays: list[NDArray[Any]]) -> pa.Table:
    """A row an array: its shape, and its entries in the column of their type."""
    import pyarrow as pa

    def entries(kinds: str, kind: pa.DataType) -> pa.Array:
        rows = [array.ravel() if array.dtype.kind in kinds else None for array in arrays]
        return pa.array(rows, pa.list_(kind))

    return pa.table(
        {
            "shape": pa.array([list(array.shape) for array in arrays], pa.list_(pa.int64())),
            "real": entries("f", pa.float64()),
            "whole": entries("i", pa.int64()),
            "words": entries("OU", pa.string()),
        }
    )


def _arrays(table: pa.Table) -> list[NDArray[Any]]:
    """The arrays of :func:`_table`, with their type."""
    columns = [table[name] for name in ("real", "whole", "words")]
    found = []
    for row, shape in enumerate(table["shape"].to_pylist()):
        (entries,) = (column[row].values for column in columns if column[row].is_valid)
        found.append(entries.to_numpy(zero_copy_only=False).reshape(shape))
    return found
