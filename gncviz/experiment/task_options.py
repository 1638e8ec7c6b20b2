"""The rows of the table of settings that are about tasks, whatever their kind."""

from __future__ import annotations

from gncviz.experiment.choices import rows_of, words_of
from gncviz.experiment.option import Option
from gncviz.models import MODELS
from gncviz.models.data.datasets import SetName
from gncviz.models.data.forms import LossName
from gncviz.task import Kind

TASK_OPTIONS = (
    Option(
        "task.model",
        "",
        "What is learnt: a matrix, as in the paper, a tensor, or a set of samples.",
        choices=rows_of(MODELS),
        key="model",
        unsaid="matrix",
    ),
    Option(
        "task.kind",
        "Measures",
        "Sensing: inner products with random arrays. Completion: single entries.",
        choices=words_of(Kind, {"sensing": "random matrices", "completion": "single entries"}),
        key="kind",
        unsaid="sensing",
    ),
    Option("task.rows", "Rows", "Rows of the ground truth (m in the paper).", key="rows", unsaid=5),
    Option(
        "task.cols",
        "Columns",
        "Columns of the ground truth (m' in the paper).",
        key="cols",
        unsaid=5,
    ),
    Option(
        "task.shape",
        "",
        "Sides of the ground truth where it is a tensor, with commas between them.",
        key="shape",
        unsaid=(4, 4, 4),
    ),
    Option("task.rank", "Rank", "Rank of the ground truth (r in the paper).", key="rank", unsaid=1),
    Option("task.norm", "Norm", "Frobenius norm of the ground truth.", key="norm", unsaid=1.0),
    Option(
        "task.measurements",
        "Measurements",
        "How many measurements there are (n in the paper).",
        key="measurements",
        unsaid=15,
    ),
    Option(
        "task.name",
        "",
        "The set of samples: one that scikit-learn has, or one that is made.",
        choices=words_of(SetName, {}),
        key="set",
        unsaid="digits",
    ),
    Option(
        "task.classes",
        "",
        "Classes of the set that are told apart, such as 3,8, or groups of them, as in "
        "0-2-4-6-8,1-3-5-7-9; all, unless given.",
        key="classes",
    ),
    Option("task.train", "", "Samples that are trained on.", key="train", unsaid=32),
    Option("task.test", "", "Samples of the test; all others, unless given.", key="test"),
    Option(
        "task.loss",
        "",
        "Loss on the samples that are trained on; errors means none of them is wrong.",
        choices=words_of(LossName, {}),
        key="loss",
        unsaid="errors",
    ),
    Option("task.noise", "", "Noise of a set that is made; its own, unless given.", key="noise"),
    Option("task.dim", "", "Inputs of a set that is made.", key="dim", unsaid=10),
    Option(
        "task.seed",
        "Seed",
        "Fixes the task, the draws and the initialisations: the same seed, the same numbers.",
        key="seed",
        unsaid=0,
        always=True,
        counts=False,
    ),
)
