"""The figures in words, for those who do not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.explorer.words.naming import setting_in_words
from gncviz.words import estimate, power, scientific

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import GradientDescentResult
    from gncviz.experiment.run import Experiment
    from gncviz.sweeps import SweepResult

_METHODS = {
    "guess_and_check": "Guess and Check",
    "gradient_descent": "gradient descent",
    "prior": "prior",
}


def losses(found: Experiment) -> str:
    """Means and middle of the generalization losses."""
    post, gd = found.post, found.descent
    parts = [setting_in_words(found.settings)]
    if post is not None:
        parts.append(f"prior {_spread(post.prior_gen_loss)}")
        if len(post.gen_loss):
            mean = estimate(post.mean_gen_loss, post.stderr)
            parts.append(f"Guess and Check: mean {mean}, {_spread(post.gen_loss)}")
        else:
            parts.append(f"Guess and Check: {post.without_draws}")
    parts += _descent(gd)
    return _sentence("Generalization loss", parts)


def path(found: Experiment) -> str:
    """The ends of the ε-path."""
    post = found.post
    if post is None or not len(post.path):
        return ""
    first, last = post.path.iloc[0], post.path.iloc[-1]
    parts = [
        f"at {point.epsilon:.2g} loss {scientific(point.mean_gen_loss)} and acceptance "
        f"{power(point.log10_acceptance)}"
        for point in (first, last)
    ]
    return _sentence("Guess and Check along the threshold", parts)


def spectra(found: Experiment) -> str:
    """The median effective rank of the prior at the first and the last depth."""
    if found.spectra is None:
        return ""
    table = found.spectra.table
    ranks = table[table["quantity"] == "effective_rank"]
    parts = [f"depth {int(row.depth)}: {row.q50:.2f}" for row in (ranks.iloc[0], ranks.iloc[-1])]
    return _sentence("Median effective rank of the prior", parts)


def curves(found: Experiment) -> str:
    """Where gradient descent ended."""
    gd = found.descent
    return "" if gd is None else _sentence("Gradient descent", [gd.message, *_descent(gd)])


def matrices(found: Experiment) -> str:
    """The norms of the ground truth and of typical errors."""
    post = found.post
    if post is None:
        return ""
    return _sentence(
        "Ground truth, a draw that fits and gradient descent's solution as heat maps",
        [f"{' by '.join(map(str, post.task.output_shape))} entries", *_descent(found.descent)],
    )


def dependence(table: pd.DataFrame) -> str:
    """How much the losses tell about each other, width by width.

    Args:
        table: from :func:`gncviz.mechanism.loss_dependence`.
    """
    known = zip(table["width"], table["rank_correlation"], strict=True)
    parts = [f"width {int(width)}: {rho:.2f}" for width, rho in known]
    return _sentence("Rank correlation of training and generalization loss, prior", parts)


def collapse(table: pd.DataFrame) -> str:
    """How far from rank one the prior's matrices are, depth by depth.

    Args:
        table: from :func:`gncviz.mechanism.collapse`.
    """
    known = zip(table["depth"], table["q50"], strict=True)
    parts = [f"depth {int(depth)}: {_share(float(middle))}" for depth, middle in known]
    return _sentence("Median distance from rank one, as a share of the norm, prior", parts)


def sweep(result: SweepResult) -> str:
    """The medians of every method at every value of a sweep over one axis; empty without any."""
    (axis,) = result.settings.axes
    parts = []
    for value, rows in result.summary().groupby(axis.name):
        medians = rows.set_index("method")["median"].dropna()
        said = [
            f"{name} {scientific(medians[method])}"
            for method, name in _METHODS.items()
            if method in medians
        ]
        parts += [f"{axis.name} {value:g}: {', '.join(said)}"] if said else []
    return _sentence("Median generalization loss", parts) if parts else ""


def _share(value: float) -> str:
    return "too small to be told from zero" if np.isnan(value) else f"{100 * value:.2g} %"


def _spread(values: np.ndarray) -> str:
    if not len(values):
        return "not drawn yet"
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"median {scientific(middle)}, 90 % from {scientific(low)} to {scientific(high)}"


def _descent(gd: GradientDescentResult | None) -> list[str]:
    if gd is None or np.isnan(gd.mean_gen_loss):
        return []
    return [f"gradient descent: mean {scientific(gd.mean_gen_loss)}"]


def _sentence(lead: str, parts: list[str]) -> str:
    return f"{lead}. {'; '.join(parts)}."
