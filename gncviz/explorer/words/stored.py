"""What is said beside a stored run: its three numbers, where they come from, how sure they are."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from gncviz.activation import ACTIVATIONS
from gncviz.lattice.grid import EPSILONS
from gncviz.lattice.guesses import MANY
from gncviz.words import odds, typeset

if TYPE_CHECKING:
    from gncviz.explorer.model.story import Scene, Story
    from gncviz.lattice import Run

#: A mean with a larger standard error, as a share of it, is said to have one.
_WELL_KNOWN = 0.05


def numbers(story: Story) -> str:
    """The three numbers to compare, as HTML."""
    scene, run = story.scene, story.run
    at = EPSILONS.index(scene.epsilon)
    descended = float(np.nanmedian(run.descent_gen))
    cells = (
        ("prior", "any draw", typeset(run.prior_mean), ""),
        (
            "posterior",
            "draws that fit",
            typeset(float(run.fit_mean[at])),
            odds(float(run.log10_acceptance[at])),
        ),
        ("descent", "gradient descent", typeset(descended), training(run)),
    )
    hidden = scene.step == 1 and scene.guesses < MANY
    return (
        '<div class="gv-three" role="group" aria-label="Mean generalization loss">'
        '<div class="gv-lead">mean error on what<br>was not measured</div>'
        + "".join(
            f'<div class="gv-one gv-{kind}"><span>{name}</span> '
            f"<b>{'?' if hidden else number}</b> "
            f"<small>{'' if scene.step == 1 else html.escape(note)}</small></div>"
            for kind, name, number, note in cells
        )
        + "</div>"
    )


def source(story: Story) -> str:
    """Where the numbers come from: never to be taken for a run of now."""
    made = story.lattice.made
    return (
        f"Stored run, task of seed 0, commit {html.escape(made['commit'][:7])}; "
        f"{_network(story.scene)}.{_doubt(story.run, story.scene.epsilon)}"
    )


def _doubt(run: Run, epsilon: float) -> str:
    """How well the mean at a threshold is known, if that is not well; else nothing."""
    if run.warnings and epsilon == run.epsilons[-1]:
        return " The sampler was not sure of this point."
    at = EPSILONS.index(epsilon)
    share = float(run.fit_stderr[at] / run.fit_mean[at])
    return f" Its mean is known to {100 * share:.0f} % only." if share > _WELL_KNOWN else ""


def alt(story: Story, title: str) -> str:
    """The figure in a sentence, for those who do not see it.

    Args:
        story: where it stands.
        title: of its step.
    """
    scene, run = story.scene, story.run
    at = EPSILONS.index(scene.epsilon)
    return (
        f"{title}. {_network(scene)}. Mean generalization loss: any draw "
        f"{typeset(run.prior_mean)}, draws that fit {typeset(float(run.fit_mean[at]))}, gradient "
        f"descent {typeset(float(np.nanmedian(run.descent_gen)))}."
    )


def _network(scene: Scene) -> str:
    place = scene.place
    label = ACTIVATIONS[place.activation].label
    return (
        f"{label} network of width {place.width} and depth {place.depth}, ε = "
        f"{typeset(scene.epsilon)}"
    )


def training(run: Run) -> str:
    """What is said where gradient descent did not train; empty where it did."""
    loss = float(np.nanmedian(run.descent_train))
    return f"training loss {typeset(loss)}" if loss > 1e-3 else ""
