"""The one table of settings: a row each.

Of it are made the options of the command line, the controls of the page, the keys of its address,
and the lines of Python that make the same result. A new setting is a field of its settings class
and a row here. Controls and keys come in the order of the rows.
"""

from __future__ import annotations

from gncviz.activation import ACTIVATIONS
from gncviz.descent.settings import StepRule
from gncviz.experiment.choices import Choice, rows_of, starts, words_of
from gncviz.experiment.option import Option
from gncviz.experiment.task_options import TASK_OPTIONS
from gncviz.models.tensor.network import Form
from gncviz.posterior.settings import Method
from gncviz.prior import FAMILIES, Scaling

#: Titles of the groups: the sections of the settings, in the order in which they are shown.
GROUPS = {
    "network": "Network",
    "prior": "Prior",
    "guess_and_check": "Guess & Check",
    "task": "Task",
    "descent": "Gradient descent",
}


OPTIONS = (
    Option(
        "network.width",
        "Width",
        "Units in every hidden layer (k in the paper); of a tensor the terms of its sum.",
        slider=(1, 1000),
        log=True,
        key="width",
        unsaid=5,
        always=True,
    ),
    Option(
        "network.depth",
        "Depth",
        "Number of layers (d in the paper); of a tensor the matrices of each factor.",
        slider=(1, 30),
        key="depth",
        unsaid=2,
        always=True,
    ),
    Option(
        "network.activation",
        "Activation",
        "Applied entrywise after every layer but the last (σ in the paper).",
        choices=rows_of(ACTIVATIONS),
        key="activation",
        unsaid="linear",
        always=True,
    ),
    Option(
        "network.negative_slope",
        "",
        "Slope of Leaky ReLU below zero; the other activations ignore it.",
        key="slope",
        unsaid=0.2,
    ),
    Option(
        "network.bias",
        "",
        "Whether layers have biases, yes or no, or the factor on their law; on data, unless given.",
        key="bias",
    ),
    Option(
        "network.form",
        "",
        "What a tensor is made of: a sum of products of vectors (CP).",
        choices=words_of(Form, {"cp": "CP"}),
        key="form",
        unsaid="cp",
    ),
    Option(
        "prior.family",
        "Weights",
        "The law the weights are drawn from before each layer is scaled.",
        choices=rows_of(FAMILIES),
        key="weights",
        unsaid="gaussian",
        always=True,
    ),
    Option(
        "prior.normalize",
        "Normalize",
        "Divide every factor by the matrix' norm to the power 1/depth (Definition 3), or the "
        "matrix itself by its norm (the authors' code).",
        choices=(
            Choice("no", False, "no"),
            Choice("factors", True, "factors"),
            Choice("product", "product", "product"),
        ),
        key="normalize",
        unsaid=False,
        always=True,
    ),
    Option(
        "prior.scaling",
        "Scaling",
        "Each layer is divided by the root of its inputs (Definition 3) or of its outputs "
        "(the authors' code).",
        choices=words_of(Scaling, {"fan_in": "fan-in", "fan_out": "fan-out"}),
        key="scaling",
        unsaid="fan_in",
    ),
    Option(
        "guess_and_check.epsilon",
        "Threshold ε",
        "A draw fits when its training loss is below ε. A run knows the posterior at other ε on "
        "its way there, too.",
        slider=(1e-6, 1.0),
        log=True,
        key="epsilon",
        unsaid=0.02,
        always=True,
    ),
    Option(
        "guess_and_check.method",
        "Method",
        "Plain: draw from the prior until enough fit. Splitting: go down to ε level by level. "
        "Collapsed: integrate out the last layer. All sample the same posterior; automatic "
        "picks by short pilots and says why.",
        choices=words_of(Method, {"auto": "automatic"}),
        key="method",
        unsaid="auto",
    ),
    Option(
        "guess_and_check.draws",
        "Draws at most",
        "How many networks are tried before giving up.",
        slider=(1e3, 1e9),
        log=True,
        key="draws",
        unsaid=10_000_000,
    ),
    Option(
        "guess_and_check.samples",
        "Fits wanted",
        "The run ends when its draws are worth this many independent ones that fit.",
        key="samples",
        unsaid=1000,
    ),
    Option(
        "guess_and_check.seconds", "", "How many seconds Guess & Check may take.", key="seconds"
    ),
    Option(
        "guess_and_check.seed",
        "",
        "Fixes the draws.",
        flag=False,
        key="draws-seed",
        follows="task.seed",
        counts=False,
    ),
    # Not shared: a link must not ask for hardware that the reader lacks.
    Option(
        "guess_and_check.device",
        "",
        "Where it runs: auto (the GPU where there is one), cpu, cuda, or one of several as cuda:1.",
    ),
    *TASK_OPTIONS,
    Option(
        "descent.lr",
        "Learning rate",
        "Learning rate: the length of a step.",
        slider=(1e-5, 1.0),
        log=True,
        key="lr",
        unsaid=1e-4,
    ),
    Option(
        "descent.init",
        "",
        "Law of the first weights: uniform as usual, or that of a prior.",
        choices=starts(),
        key="start",
        unsaid="uniform",
    ),
    Option(
        "descent.init_scale",
        "Init scale",
        "Factor on the first weights: the smaller, the stronger the bias to low rank.",
        slider=(1e-4, 1.0),
        log=True,
        key="init",
        unsaid=1e-3,
    ),
    Option(
        "descent.momentum",
        "Momentum",
        "Heavy-ball momentum, from 0 to below 1.",
        key="momentum",
        unsaid=0.0,
    ),
    Option(
        "descent.epochs", "Epochs at most", "Steps before giving up.", key="epochs", unsaid=100_000
    ),
    Option(
        "descent.trials",
        "Trials",
        "Independent initialisations, run side by side.",
        key="trials",
        unsaid=8,
    ),
    Option(
        "descent.step_rule",
        "Steps",
        "Adaptive: scaled by a running mean of the gradient's size, as in the paper.",
        choices=words_of(StepRule, {}),
        key="steps",
        unsaid="adaptive",
    ),
    Option(
        "descent.tolerance",
        "Tolerance",
        "A trial ends when its training loss is below; 0 runs every epoch.",
        key="tolerance",
        unsaid=1e-8,
    ),
    Option(
        "descent.seconds",
        "",
        "How many seconds gradient descent may take.",
        flag=False,
        key="descent-seconds",
    ),
    Option(
        "descent.seed",
        "",
        "Fixes the initialisations.",
        flag=False,
        key="descent-seed",
        follows="task.seed",
        counts=False,
    ),
    Option(
        "descent.seeds",
        "",
        "One seed a trial, instead of one for all.",
        flag=False,
        key="trial-seeds",
    ),
    Option(
        "descent.device",
        "",
        "Where gradient descent runs.",
        flag=False,
        follows="guess_and_check.device",
    ),
)


def by_group(rows: tuple[Option, ...] = OPTIONS) -> dict[str, list[Option]]:
    """The rows by the titles of their groups.

    Args:
        rows: some of :data:`OPTIONS`; groups without any are left out.
    """
    grouped = {
        title: [row for row in rows if row.section == section] for section, title in GROUPS.items()
    }
    return {title: found for title, found in grouped.items() if found}
