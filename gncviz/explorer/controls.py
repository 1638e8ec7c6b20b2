"""The settings panel: which controls there are, and how they become settings and back."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection
from typing import Any

import ipywidgets as widgets

from gncviz.activation import ACTIVATIONS
from gncviz.explorer.address_keys import key_of, slug
from gncviz.explorer.fields import Control, Field
from gncviz.explorer.settings import ExplorerSettings
from gncviz.settings import SettingsError

GROUPS: dict[str, tuple[Field, ...]] = {
    "Network": (
        Field(
            "network.width",
            "Width",
            "Units in every hidden layer (k in the paper).",
            slider=(1, 1000),
            log=True,
            whole=True,
        ),
        Field(
            "network.depth",
            "Depth",
            "Number of layers (d in the paper).",
            slider=(1, 30),
            whole=True,
        ),
        Field(
            "network.activation",
            "Activation",
            "Applied entrywise after every layer but the last (σ in the paper).",
            choices=tuple((sigma.label, name) for name, sigma in ACTIVATIONS.items()),
        ),
    ),
    "Prior": (
        Field(
            "prior.family",
            "Weights",
            "The law the weights are drawn from before each layer is scaled.",
            choices=(("Gaussian", "gaussian"), ("uniform", "uniform")),
        ),
        Field(
            "prior.normalize",
            "Normalize",
            "Divide every factor by the matrix' norm to the power 1/depth (Definition 3), or the "
            "matrix itself by its norm (the authors' code).",
            choices=(("no", False), ("factors", True), ("product", "product")),
        ),
        Field(
            "prior.scaling",
            "Scaling",
            "Each layer is divided by the root of its inputs (Definition 3) or of its outputs "
            "(the authors' code).",
            choices=(("fan-in", "fan_in"), ("fan-out", "fan_out")),
        ),
    ),
    "Guess & Check": (
        Field(
            "guess_and_check.epsilon",
            "Threshold ε",
            "A draw fits when its training loss is below ε. After a run, moving it shows the "
            "posterior at another ε without running again, as far as the run's path goes.",
            slider=(1e-6, 1.0),
            log=True,
        ),
        Field(
            "guess_and_check.method",
            "Method",
            "Plain: draw from the prior until enough fit. Splitting: go down to ε level by level. "
            "Collapsed: integrate out the last layer. All sample the same posterior; automatic "
            "picks by short pilots and says why.",
            choices=(
                ("automatic", "auto"),
                ("plain", "plain"),
                ("splitting", "splitting"),
                ("collapsed", "collapsed"),
            ),
        ),
        Field(
            "guess_and_check.draws",
            "Draws at most",
            "How many networks are tried before giving up.",
            slider=(1e3, 1e9),
            log=True,
            whole=True,
        ),
        Field(
            "guess_and_check.samples",
            "Fits wanted",
            "The run ends when its draws are worth this many independent ones that fit.",
        ),
    ),
    "Task": (
        Field(
            "task.kind",
            "Measures",
            "Sensing: inner products with random matrices. Completion: single entries.",
            choices=(("random matrices", "sensing"), ("single entries", "completion")),
        ),
        Field("task.rows", "Rows", "Rows of the ground truth (m in the paper)."),
        Field("task.cols", "Columns", "Columns of the ground truth (m' in the paper)."),
        Field("task.rank", "Rank", "Rank of the ground truth (r in the paper)."),
        Field("task.norm", "Norm", "Frobenius norm of the ground truth."),
        Field("task.measurements", "Measurements", "How many there are (n in the paper)."),
        Field(
            "task.seed",
            "Seed",
            "Fixes the task, the draws and the initialisations: the same seed, the same numbers.",
            also=("guess_and_check.seed", "descent.seed"),
        ),
    ),
    "Gradient descent": (
        Field("descent.lr", "Learning rate", "Length of a step.", slider=(1e-5, 1.0), log=True),
        Field(
            "descent.init_scale",
            "Init scale",
            "Factor on the usual initialisation: the smaller, the stronger the bias to low rank.",
            slider=(1e-4, 1.0),
            log=True,
        ),
        Field("descent.momentum", "Momentum", "Heavy-ball momentum, from 0 to below 1."),
        Field("descent.epochs", "Epochs at most", "Steps before giving up."),
        Field("descent.trials", "Trials", "Independent initialisations, run side by side."),
        Field(
            "descent.step_rule",
            "Steps",
            "Adaptive: scaled by a running mean of the gradient's size, as in the paper.",
            choices=(("adaptive", "adaptive"), ("fixed", "fixed")),
        ),
        Field(
            "descent.tolerance",
            "Tolerance",
            "A trial ends when its training loss is below; 0 runs every epoch.",
        ),
    ),
}

#: Groups that are open when the page opens.
_OPEN = ("Network", "Prior", "Guess & Check")


class Controls:
    """All controls. Valid settings go to a listener as soon as a person made them.

    Args:
        settings: shown at first.
        on_change: called with new settings whenever all controls are valid.
        on_problem: called with one sentence for each rejected value; with none when all is well.
    """

    def __init__(
        self,
        settings: ExplorerSettings,
        on_change: Callable[[ExplorerSettings], None],
        on_problem: Callable[[list[str]], None],
    ) -> None:
        self._on_change, self._on_problem = on_change, on_problem
        # What no control shows, such as the device, is carried along.
        self._base = settings
        self.controls = {about.path: Control(about) for group in GROUPS.values() for about in group}
        for control in self.controls.values():
            control.listen(self.submit)
        self._groups = {name: self._group(name) for name in GROUPS}
        self.widget = widgets.VBox(list(self._groups.values())).add_class("gv-controls")
        self.show(settings)

    def show(self, settings: ExplorerSettings) -> None:
        """Puts settings into the controls."""
        self._base = settings
        for path, control in self.controls.items():
            section, name = path.split(".")
            control.show(getattr(getattr(settings, section), name))
            control.complain("")
        self._on_problem([])

    def hide(self, names: Collection[str]) -> None:
        """Takes groups and single controls off the page; what they set stays as it is.

        Args:
            names: slugs of groups and keys of controls, as :mod:`gncviz.explorer.address` has them.
        """
        for name, group in self._groups.items():
            group.layout.display = "none" if slug(name) in names else None
        for path, control in self.controls.items():
            control.widget.layout.display = "none" if key_of(path) in names else None

    def submit(self) -> bool:
        """Reads the controls; tells the listener, or shows what is wrong. True if all is well."""
        values = {section: dict(part) for section, part in self._base}
        for path, control in self.controls.items():
            for target in (path, *control.about.also):
                section, name = target.split(".")
                values[section][name] = control.value
        try:
            settings = ExplorerSettings(**values)
        except SettingsError as error:
            self._complain(error.problems)
            return False
        self._complain([])
        self._on_change(settings)
        return True

    def _complain(self, problems: list[tuple[str, str]]) -> None:
        sentences: dict[str, str] = {}
        for path, sentence in problems:
            if path in self.controls:
                sentences.setdefault(path, _with_label(sentence, self.controls[path].about))
        for path, control in self.controls.items():
            control.complain(html.escape(sentences.get(path, "")))
        self._on_problem(list(sentences.values()))

    def _group(self, name: str) -> Any:
        fields = [self.controls[about.path].widget for about in GROUPS[name]]
        group = widgets.Accordion([widgets.VBox(fields)], titles=(name,))
        group.selected_index = 0 if name in _OPEN else None
        return group.add_class("gv-group")


def _with_label(sentence: str, about: Field) -> str:
    """The sentence of an error, with the control's label in place of the setting's name."""
    _, name = about.path.split(".")
    for start in (about.path, name):
        if sentence.startswith(start + " "):
            return about.label + sentence[len(start) :]
    return f"{about.label}: {sentence}"
