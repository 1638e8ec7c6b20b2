"""Figures of the losses: prior against Guess & Check against gradient descent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.axes import bin_edges, visible
from gncviz.figures.look.names import pin_name
from gncviz.figures.look.theme import LIGHT, Theme
from gncviz.figures.look.traces import histogram, joined, marks
from gncviz.figures.own import NOTHING, Own, many, own_results, own_trace
from gncviz.models.asked import gen_label
from gncviz.words import as_in_print, estimate, printed, typeset

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: Of the prior's draws, those that decide how far the axis goes.
_BULK = 0.99


def _labels(task: Any) -> dict[str, str]:
    """What the two losses of a task are called."""
    return {"train_loss": "training loss", "gen_loss": gen_label(task)}


def loss_distributions(
    post: GuessAndCheckResult,
    gd: GradientDescentResult | None = None,
    *,
    own: Own = NOTHING,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Training and generalization loss under the prior and the posterior, GD's trials marked.

    Args:
        post: from :func:`gncviz.guess_and_check`.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        own: results of your own, by name: matrices with shape (..., m, m'), or L_gen with shape
            (N,), which has no training loss. A hundred and more are drawn as a distribution.
        theme: the colours.

    Raises:
        SettingsError: a result is none, or of another shape.
    """
    expect_results("post", post=post, gd=gd)
    mine = own_results(post.task, own)
    figure = style.new_figure(theme, rows=2, shared_xaxes="all", vertical_spacing=0.22)
    drawn = [post.prior_train_loss, post.prior_gen_loss, post.train_loss, post.gen_loss]
    epsilon = post.settings.epsilon
    edges = bin_edges([*drawn, *many(mine)], log=True, through=epsilon)
    for row, (name, label) in enumerate(_labels(post.task).items(), start=1):
        shown = {"showlegend": row == 1}
        prior = histogram(
            getattr(post, f"prior_{name}"),
            None,
            edges,
            name="Prior",
            colour=theme.prior,
            log=True,
            legendgroup="prior",
            **shown,
        )
        posterior = histogram(
            getattr(post, name),
            post.weights,
            edges,
            name="Guess & Check",
            colour=theme.posterior,
            log=True,
            legendgroup="posterior",
            **shown,
        )
        trials = marks(
            np.empty(0) if gd is None else getattr(gd, name),
            10.0 ** edges[0],
            name="Gradient descent",
            colour=theme.descent,
            legendgroup="descent",
            **shown,
        )
        others = [
            own_trace(
                getattr(one, name),
                edges,
                place,
                name=one.name,
                log=True,
                theme=theme,
                legendgroup=f"own {place}",
                showlegend=row == 2,
            )
            for place, one in enumerate(mine)
        ]
        figure.add_traces([prior, posterior, trials, *others], rows=row, cols=1)
        figure.update_yaxes(
            title_text="share of draws", tickformat="~%", rangemode="tozero", row=row, col=1
        )
        figure.update_xaxes(title_text=label, showticklabels=True, row=row, col=1)
    figure.update_xaxes(type="log", exponentformat="power", range=[edges[0], edges[-1]])
    style.threshold(figure, epsilon, f"ε = {printed(epsilon)}", theme, row=1)
    return figure


def prior_vs_posterior(
    post: GuessAndCheckResult,
    gd: GradientDescentResult | None = None,
    *,
    pinned: Mapping[str, GuessAndCheckResult] = style.NOTHING_PINNED,
    own: Own = NOTHING,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The generalization loss of unconditioned draws against those that fit.

    The axis is logarithmic where conditioning moves the loss by more than a factor of ten, linear
    otherwise.

    Args:
        post: from :func:`gncviz.guess_and_check`.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        pinned: other results to compare with, as outlines, by letters of
            :data:`gncviz.figures.look.style.PINS`; called by what differs, such as "width 5".
        own: results of your own, by name: matrices with shape (..., m, m'), or L_gen with shape
            (N,). A hundred and more are drawn as a distribution.
        theme: the colours.

    Raises:
        SettingsError: a result is none, or of another shape.
    """
    expect_results("post", post=post, gd=gd)
    mine = own_results(post.task, own)
    figure = style.new_figure(theme)
    fits = [post, *pinned.values()]
    log = any(len(p.gen_loss) and p.mean_gen_loss < 0.1 * post.prior_mean_gen_loss for p in fits)
    prior = np.sort(post.prior_gen_loss)
    bulk = prior[: math.ceil(_BULK * len(prior))]
    edges = bin_edges([bulk, *(p.gen_loss for p in fits), *many(mine)], log=log)
    least = 10.0 ** edges[0] if log else edges[0]
    figure.add_traces(
        [
            histogram(
                post.prior_gen_loss,
                None,
                edges,
                name=f"Prior: {_mean(post.prior_mean_gen_loss, post.prior_stderr)}",
                colour=theme.prior,
                log=log,
            ),
            histogram(
                post.gen_loss,
                post.weights,
                edges,
                name="Guess & Check: " + _posterior_mean(post),
                colour=theme.posterior,
                log=log,
            ),
            marks(
                np.empty(0) if gd is None else gd.gen_loss,
                least,
                name=_descent_name(gd),
                colour=theme.descent,
            ),
            *_outlines(post, pinned, edges, log, theme),
            *(
                own_trace(one.gen_loss, edges, place, name=one.label, log=log, theme=theme)
                for place, one in enumerate(mine)
            ),
        ]
    )
    figure.update_xaxes(title_text=gen_label(post.task), exponentformat="power")
    figure.update_xaxes(type="log" if log else "linear", range=[edges[0], edges[-1]])
    figure.update_yaxes(title_text="share of draws", tickformat="~%", rangemode="tozero")
    return figure


def _outlines(
    post: GuessAndCheckResult,
    pinned: Mapping[str, GuessAndCheckResult],
    edges: NDArray[np.float64],
    log: bool,
    theme: Theme,
) -> list[go.Scatter]:
    """A trace for each letter, empty where nothing is pinned."""
    traces = []
    for (letter, dash), colour in zip(style.PINS.items(), theme.pins, strict=True):
        pin = pinned.get(letter)
        trace = histogram(
            np.empty(0) if pin is None else pin.gen_loss,
            None if pin is None else pin.weights,
            edges,
            name=letter
            if pin is None
            else f"{pin_name(letter, pin, post)}: {_posterior_mean(pin)}",
            colour=colour,
            log=log,
            showlegend=pin is not None,
        )
        traces.append(trace.update(fill="none", line={"dash": dash, "width": 2}))
    return traces


def learning_curves(gd: GradientDescentResult | None, *, theme: Theme = LIGHT) -> go.Figure:
    """Losses and singular values of every trial along gradient descent.

    Args:
        gd: from :func:`gncviz.gradient_descent`; None gives empty axes.
        theme: the colours.
    """
    expect_results(gd=gd)
    figure = style.new_figure(theme, rows=2, shared_xaxes=True, vertical_spacing=0.08)
    trials = [] if gd is None else [trial for _, trial in gd.history.groupby("trial")]
    colours = {"train_loss": theme.posterior, "gen_loss": theme.descent}
    for name, label in _labels(None if gd is None else gd.tasks[0]).items():
        dash = "solid" if name == "gen_loss" else "dot"
        figure.add_trace(_curves(trials, name, label, colours[name], dash), row=1, col=1)
    for i, colour in enumerate(theme.ranks, start=1):
        name = f"singular_value_{i}"
        present = bool(trials) and name in trials[0]
        curve = _curves(trials if present else [], name, f"s{style.subscript(i)}", colour, "solid")
        figure.add_trace(curve.update(showlegend=present), row=2, col=1)
    figure.update_yaxes(type="log", title_text="loss", exponentformat="power", row=1, col=1)
    figure.update_yaxes(title_text="singular values", rangemode="tozero", row=2, col=1)
    figure.update_xaxes(title_text="epoch", row=2, col=1)
    return figure


def _curves(
    trials: list[pd.DataFrame], name: str, label: str, colour: str, dash: str
) -> go.Scatter:
    largest = float(np.fmax.reduce([t[name].max() for t in trials], initial=0.0))
    x, y = joined([(t["epoch"], visible(t[name], largest)) for t in trials])
    return go.Scatter(
        x=x,
        y=y,
        name=label,
        mode="lines",
        line={"color": colour, "width": 1.4, "dash": dash},
        opacity=0.8,
        hovertemplate="epoch %{x}: %{y:.3g}<extra>" + label + "</extra>",
    )


def _descent_name(gd: GradientDescentResult | None) -> str:
    if gd is None:
        return "Gradient descent"
    if math.isnan(gd.mean_gen_loss):
        return "Gradient descent: diverged"
    return f"Gradient descent: mean {typeset(gd.mean_gen_loss)}"


def _posterior_mean(post: GuessAndCheckResult) -> str:
    if not len(post.gen_loss):
        return post.without_draws
    return _mean(post.mean_gen_loss, post.stderr)


def _mean(value: float, error: float) -> str:
    return f"mean {as_in_print(estimate(value, error))}"
