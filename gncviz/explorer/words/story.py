"""What the story says at each step; its numbers are read off the stored runs."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.activation import ACTIVATIONS
from gncviz.explorer.words.stored import training
from gncviz.lattice.grid import EPSILONS
from gncviz.lattice.guesses import MANY
from gncviz.words import as_in_print, grouped, odds, typeset, unbroken

if TYPE_CHECKING:
    from gncviz.explorer.model.story import Scene, Story
    from gncviz.lattice import Run


@dataclass(frozen=True)
class Told:
    """The words of a step.

    Attributes:
        title: a few words.
        text: a sentence or two, as HTML.
        question: to be guessed first; empty where there is none.
        why: the reason, for who wants to know; as HTML.
    """

    title: str
    text: str
    question: str
    why: str


#: Above all steps.
TITLE = "Can luck replace training?"
HEADING = (
    f"<h1>{TITLE}</h1><p>Do neural networks need gradient descent to generalize? "
    '<a href="https://arxiv.org/abs/2506.03931" target="_blank">arXiv 2506.03931</a></p>'
)

TITLES = (
    "Guess",
    "Those that fit do better, a bit",
    "Wider",
    "Deeper",
    "ε → 0",
    "Your turn",
)


def told(story: Story) -> Told:
    """The words of the present scene."""
    scene = story.scene
    text, question, why = _STEPS[scene.step - 1](story, scene)
    return Told(TITLES[scene.step - 1], text, question, why)


def text(story: Story) -> str:
    """The words of the present scene, as HTML: what is asked only until it is answered."""
    scene, said = story.scene, told(story)
    asked = said.question and not scene.answer
    return unbroken(
        f'<div role="note"><h2>{scene.step} · {said.title}</h2></div><p>{said.text}</p>'
        + (f'<p class="gv-question">{said.question}</p>' if asked else "")
        + (f"<details><summary>Why?</summary><p>{said.why}</p></details>" if said.why else "")
    )


def _guess(story: Story, scene: Scene) -> tuple[str, str, str]:
    hits = len(story.lattice.guesses["hit_train"])
    fits = _fitting(story, scene.guesses)
    said = {
        1: "Nobody trains here: weights are drawn at random. A draw <em>fits</em> if its error on "
        "what was measured is below ε. This first one does not: guess again.",
        MANY: f"<b>{grouped(MANY)} guesses, {grouped(hits)} fit: 1 in "
        f"{_round(MANY / hits)}.</b> That is Guess &amp; Check. How good are they on what was "
        "<em>not</em> measured?",
    }
    usual = f"<b>{grouped(scene.guesses)} guesses, {fits or 'none'} fit{'s' * (fits < 2)}.</b> "
    usual += "Luck is rare: guess more."
    lead = "A network is to find a 5 × 5 matrix, of rank one, from 15 measurements of it. "
    return (
        lead + said.get(scene.guesses, usual),
        "",
        "The network is a product of two random matrices, W = W₂W₁, 5 units wide. Weights have "
        "the usual scale (Kaiming). Training loss: mean squared error of the 15 measurements. "
        "Generalization loss: the same for the ten directions that were not measured. All is as "
        "in Figure 1 of the paper.",
    )


def _better(story: Story, scene: Scene) -> tuple[str, str, str]:
    run, at = story.run, EPSILONS.index(scene.epsilon)
    mean = float(run.fit_mean[at])
    return (
        f"Draws that fit are off by {typeset(mean)} on what was not measured, any draw by "
        f"{typeset(run.prior_mean)}: <b>{_times(run.prior_mean / mean)}, without any "
        f"training.</b> {_trained(run, mean)}",
        "",
        "If fitting by luck generalizes as well as training does, then it is the network that "
        "generalizes, and not gradient descent: that is the <em>volume hypothesis</em>. Here "
        "gradient descent stops at a training loss of 10⁻⁵; going on, it comes closer still.",
    )


def _wider(story: Story, scene: Scene) -> tuple[str, str, str]:
    runs = story.lattice.along("width", scene.place)
    first, last = runs[0], runs[-1]
    widths = f"{first.place.width} to {last.place.width}"
    question = f"The network gets wider, from {widths} units. Then draws that fit generalize …"
    if not scene.open:
        return "The same task, and a wider network.", question, ""
    a, b = (_mean(run, scene) for run in (first, last))
    gained = last.prior_mean / b
    verdict = "worse" if b > 1.1 * a else "better" if b < a / 1.1 else "much the same"
    return (
        f"{_reply(scene, verdict)}They are off by {typeset(a)} at width {first.place.width} and "
        f"{typeset(b)} at width {last.place.width}, where any draw is off by "
        f"{typeset(last.prior_mean)}: fitting tells {_little(gained)}. {_trained(last, b)}",
        question,
        (
            "In a wide network the entries of W are nearly independent Gaussian numbers: what is "
            "measured tells nothing about the rest. The paper proves it for linear, tanh and other "
            "anti-symmetric activations (Theorem 1)."
            if ACTIVATIONS[scene.place.activation].antisymmetric
            else "In a wide network the rows of W are nearly independent and Gaussian, but not the "
            "entries of a row: the activation is not anti-symmetric, which the paper's Theorem 1 "
            "asks for, so that hidden units have a mean which all entries share. What is measured "
            "goes on telling something about the rest, however wide the network."
        ),
    )


def _deeper(story: Story, scene: Scene) -> tuple[str, str, str]:
    runs = story.lattice.along("depth", scene.place)
    first, last = runs[0], runs[-1]
    question = (
        f"The network gets deeper, from {first.place.depth} to {last.place.depth} layers. Then "
        "draws that fit generalize …"
    )
    scaled = "From here on every W that is drawn is scaled to norm 1, which the truth has, too."
    if not scene.open:
        return f"Narrow again, and two layers. {scaled}", question, ""
    a, b = (_mean(run, scene) for run in (first, last))
    verdict = "better" if b < a / 1.1 else "worse" if b > 1.1 * a else "much the same"
    share = 100 * float(last.prior_ratio[1])
    before = 100 * float(first.prior_ratio[1])
    return (
        f"{_reply(scene, verdict)}They are off by {typeset(a)} with {first.place.depth} layers "
        f"and {typeset(b)} with {last.place.depth}, where any draw is off by "
        f"{typeset(last.prior_mean)}. Deep products are nearly of rank one before they have seen "
        f"any data: the second singular value is {before:.0f} % of the first at depth "
        f"{first.place.depth} and {share:.2g} % at depth {last.place.depth} (medians).",
        question,
        "The truth has rank one. Among matrices that are nearly of rank one, few fit the "
        "measurements and are far off elsewhere. The paper proves it for linear networks and "
        f"measurements that tell apart all matrices of rank one (Theorem 2). {scaled}",
    )


def _closer(story: Story, scene: Scene) -> tuple[str, str, str]:
    deep, shallow = limits(story)
    last = min(deep.epsilons)
    at = EPSILONS.index(last)
    here = EPSILONS.index(scene.epsilon)
    rare = float(deep.log10_acceptance[at])
    return (
        f"The closer a draw has to fit, the better it generalizes, <b>if the network is deep</b>: "
        f"at ε = {typeset(last)} it is off by {typeset(float(deep.fit_mean[at]))} with "
        f"{deep.place.depth} layers, {_off(shallow, at)} with {shallow.place.depth}. Luck would "
        f"need about {_power(-rare)} guesses for one such draw; at ε = "
        f"{typeset(scene.epsilon)}, {odds(float(deep.log10_acceptance[here]))}.",
        "",
        "Nobody makes that many guesses. A rare-event sampler goes down by levels instead, each "
        "half as likely as the one before, and moves the draws without leaving the level. Its "
        "draws have the law that guessing would give; the bars are standard errors.",
    )


def _turn(story: Story, scene: Scene) -> tuple[str, str, str]:
    return (
        "<b>In short:</b> width ruins Guess &amp; Check, depth saves it. In shallow, wide networks "
        "generalization needs gradient descent; in deep ones much of it is there before training. "
        "All of it can be set and run, in Explore.",
        "",
        "Explore has every setting, every figure and the theorems; Paper has the 33 panels of the "
        "paper, computed here, with its claims checked.",
    )


_STEPS = (_guess, _better, _wider, _deeper, _closer, _turn)


def limits(story: Story) -> tuple[Run, Run]:
    """The deepest and the shallowest run of the present world and activation."""
    runs = story.lattice.along("depth", story.scene.place)
    return runs[-1], runs[0]


def _fitting(story: Story, count: int) -> int:
    return int((story.lattice.guesses["guess_train"][:count] < story.scene.epsilon).sum())


def _mean(run: Run, scene: Scene) -> float:
    return float(run.fit_mean[EPSILONS.index(scene.epsilon)])


def _off(run: Run, at: int) -> str:
    mean = float(run.fit_mean[at])
    return typeset(mean) if math.isfinite(mean) else "nobody knows how much"


def _reply(scene: Scene, verdict: str) -> str:
    right = scene.answer == verdict.removeprefix("much the ")
    said = "You guessed right. " if right else f"You guessed “{html.escape(scene.answer)}”. "
    return f"<b>{verdict.capitalize()}.</b> {said}"


def _times(factor: float) -> str:
    return f"{factor:.1f} times better" if factor >= 1.05 else "no better"


def _little(gained: float) -> str:
    if gained < 1.05:
        return "next to nothing about the rest"
    return f"less: {gained:.1f} times better than any"


def _trained(run: Run, fit: float) -> str:
    gen = float(np.nanmedian(run.descent_gen))
    if training(run):
        return f"Gradient descent did not train here ({training(run)})."
    ratio = fit / gen
    better = f"{_round(ratio)} times better still" if ratio > 1.5 else "no better than those"
    return f"Gradient descent: {typeset(gen)}, {better}."


def _round(number: float) -> str:
    return grouped(int(float(f"{number:.2g}")))


def _power(exponent: float) -> str:
    """The power of ten that is nearest, as it is set in print."""
    return as_in_print(f"1e{exponent:.0f}")
