"""What the maps of matrices are called; short lines, for a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.words import typeset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.figures.chosen import Found
    from gncviz.task import Task

#: An annotation that is there for the sake of the next figure.
NO_TEXT = " "


def known(task: Task) -> tuple[NDArray[np.float64], str]:
    """What is known of W*, with shape (m, m'), NaN elsewhere; and what it is called."""
    if task.ground_truth is not None:
        norm = typeset(_norm(task.ground_truth))
        return task.ground_truth, f"Ground truth<br>W*<br>‖W*‖ = {norm}"
    if task.table is None or task.held_out is None:
        return np.full(task.output_shape, np.nan), "No ground truth<br>is known"
    out = task.held_out.span.count
    return task.table, f"Known entries<br>{task.count} trained on (dots)<br>{out} held out"


def titles(found: Found, task: Task) -> list[str]:
    """Of the panels of a method, from above."""
    if found.matrix is None:
        return [f"{found.name}<br>{found.which}", NO_TEXT, NO_TEXT]
    size = f"‖W‖ = {typeset(_norm(found.matrix))}"
    if task.ground_truth is not None:
        size = f"‖error‖ = {typeset(_norm(found.matrix - task.ground_truth))}"
    return [
        f"{found.name}<br>{found.which}<br>{size}",
        f"training loss<br>{typeset(found.train_loss)}",
        f"{task.gen_label.removesuffix(' loss')}<br>loss {typeset(found.gen_loss)}",
    ]


def _norm(matrix: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(matrix))


def row_labels(task: Task, *, completion: bool) -> tuple[str, str]:
    """What the rows of errors are."""
    if task.ground_truth is None and not completion:
        return "Error W − W*<br>not known: no<br>ground truth", NO_TEXT
    if task.ground_truth is None:
        return "Error on the<br>trained entries<br>(dots)", "Error on the<br>held-out entries"
    if completion:
        return "Error W − W*<br>on the measured<br>entries (dots)", "Error W − W*<br>on the others"
    return "Error W − W*<br>in what is<br>measured", "Error W − W*<br>in what is not<br>measured"
