"""Figures show what the results hold, and keep their traces whatever the results are."""

from __future__ import annotations

import numpy as np
import pytest

import gncviz as gv
from gncviz import figures
from gncviz.descent import GradientDescentResult
from gncviz.figures.look.traces import histogram
from gncviz.posterior import GuessAndCheckResult
from gncviz.spectrum import lyapunov_exponents, prior_spectra
from gncviz.words import estimate
from tests.figures.small import NETWORK, PRIOR, named


def test_histogram_of_the_posterior_is_its_weighted_share(post: GuessAndCheckResult) -> None:
    figure = figures.prior_vs_posterior(post)
    (trace,) = named(figure, "Guess & Check")
    edges = np.asarray(trace.x)
    for i in range(len(edges) - 1):
        last = i == len(edges) - 2
        below = post.gen_loss <= edges[i + 1] if last else post.gen_loss < edges[i + 1]
        inside = (post.gen_loss >= edges[i]) & below
        assert trace.y[i] == pytest.approx(post.weights[inside].sum(), abs=1e-9)
    assert sum(trace.y[:-1]) == pytest.approx(1.0)
    assert estimate(post.mean_gen_loss, post.stderr) in trace.name


def test_weights_count_in_the_histogram() -> None:
    values, weights = np.array([0.1, 0.1, 0.9]), np.array([0.1, 0.1, 0.8])
    edges = np.array([0.0, 0.5, 1.0])
    trace = histogram(values, weights, edges, name="x", colour="#000000", log=False)
    assert np.allclose(trace.y[:-1], [0.2, 0.8])


def test_losses_share_edges_and_one_of_them_is_epsilon(post: GuessAndCheckResult) -> None:
    figure = figures.loss_distributions(post)
    (above, below) = named(figure, "Guess & Check")
    assert np.array_equal(above.x, below.x)
    assert np.isclose(above.x, 0.03, rtol=1e-9).any()
    drawn = np.asarray(above.y)[:-1]
    assert drawn[np.asarray(above.x)[:-1] > 0.03 * (1 - 1e-9)].sum() == 0.0
    assert any("ε = 0.03" in note.text for note in figure.layout.annotations)


def test_descent_is_marked_even_where_it_leaves_the_axis(
    post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    figure = figures.loss_distributions(post, gd)
    for trace, losses in zip(
        named(figure, "Gradient descent"), (gd.train_loss, gd.gen_loss), strict=True
    ):
        assert np.allclose(trace.customdata, losses), "hovering tells the true loss"
        assert (np.asarray(trace.x) >= 10 ** figure.layout.xaxis.range[0] * (1 - 1e-9)).all()
        far = losses < 10 ** figure.layout.xaxis.range[0]
        assert ((np.asarray(trace.marker.symbol) == "triangle-left") == far).all()


def test_learning_curves_are_the_history(gd: GradientDescentResult) -> None:
    figure = figures.learning_curves(gd)
    (train,) = named(figure, "training loss")
    by_trial = gd.history.sort_values(["trial", "epoch"])["train_loss"]
    assert np.allclose([v for v in train.y if v is not None], by_trial, rtol=1e-12, atol=0)
    assert train.y.count(None) == 3, "one gap a trial"
    (first,) = named(figure, "s₁")
    assert np.nanmax([v for v in first.y if v is not None]) == pytest.approx(
        gd.history["singular_value_1"].max()
    )


def test_spectra_show_bands_theory_and_what_was_run(
    post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    table = prior_spectra(NETWORK, PRIOR, depths=(1, 3, 6), draws=300)
    figure = figures.spectra(table, post, gd, network=NETWORK, prior=PRIOR)
    rows = table[(table["quantity"] == "ratio") & (table["index"] == 2)]
    (line,) = (trace for trace in named(figure, "s₂/s₁") if trace.mode == "lines+markers")
    assert np.allclose(line.y, rows["q50"])
    (theory,) = named(figure, "theory")
    values = lyapunov_exponents(5)
    assert theory.y[2] == pytest.approx(np.exp(6 * (values[1] - values[0])))
    assert [len(trace.y) for trace in named(figure, "Guess & Check")] == [4, 1]
    assert figure.layout.yaxis.type == "log"


@pytest.mark.parametrize("network", [gv.Network(width=4, activation="tanh"), None])
def test_no_theory_line_where_no_theory_is_known(network: gv.Network | None) -> None:
    table = prior_spectra(gv.Network(width=4), PRIOR, depths=(1, 2), draws=100)
    figure = figures.spectra(table, network=network, prior=PRIOR)
    (theory,) = named(figure, "theory")
    assert len(theory.y) == 0
    assert theory.showlegend is False


def test_traces_are_the_same_whatever_is_known(
    post: GuessAndCheckResult, nothing: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    large = gv.Network(width=1000, depth=30, activation="tanh")
    # Not even a draw of the prior.
    late = gv.guess_and_check(post.task, large, seconds=0.001, device="cpu")
    assert len(late.prior_gen_loss) == 0
    known = (post, nothing, late)
    table = prior_spectra(NETWORK, PRIOR, depths=(1, 2), draws=100)
    small = prior_spectra(NETWORK, PRIOR, rows=2, cols=3, depths=(1, 2), draws=100)
    groups = [
        [figures.loss_distributions(p, g) for p in known for g in (gd, None)],
        [figures.prior_vs_posterior(p, g) for p in known for g in (gd, None)],
        [figures.epsilon_path(p, g) for p in known for g in (gd, None)],
        [figures.dependence(p) for p in known],
        [figures.learning_curves(g) for g in (gd, None)],
        [figures.spectra(t, p, gd) for t in (table, small) for p in (*known, None)],
    ]
    for group in groups:
        assert len({tuple(trace.type for trace in figure.data) for figure in group}) == 1
        for figure in group:
            figure.to_json()


def test_no_accepted_draw_is_said_in_the_legend(nothing: GuessAndCheckResult) -> None:
    (trace,) = named(figures.prior_vs_posterior(nothing), "Guess & Check")
    assert trace.name == "Guess & Check: no draw fits"
    assert len(trace.x) == 0


def test_log_axis_where_conditioning_moves_the_loss_far(task: gv.Task) -> None:
    near = gv.guess_and_check(task, NETWORK, PRIOR, epsilon=0.1, samples=200, method="plain")
    assert figures.prior_vs_posterior(near).layout.xaxis.type == "linear"
    deep = gv.Network(width=5, depth=10)
    far = gv.guess_and_check(
        task, deep, PRIOR, epsilon=0.004, samples=5, draws=4 * 10**6, method="plain"
    )
    wanted = "log" if far.mean_gen_loss < 0.1 * far.prior_mean_gen_loss else "linear"
    assert figures.prior_vs_posterior(far).layout.xaxis.type == wanted


def test_diverged_descent_is_named(task: gv.Task, post: GuessAndCheckResult) -> None:
    gd = gv.gradient_descent(task, NETWORK, trials=2, lr=1e3, init_scale=1.0, step_rule="fixed")
    assert gd.diverged.all()
    (trace,) = named(figures.prior_vs_posterior(post, gd), "Gradient descent")
    assert trace.name == "Gradient descent: diverged"
    assert len(trace.x) == 0
    figures.spectra(prior_spectra(NETWORK, PRIOR, depths=(1,), draws=50), post, gd)
    figures.learning_curves(gd)


def test_themes_keep_text_readable() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for theme in (figures.LIGHT, figures.DARK):
        ground = luminance(theme.ground)
        for colour, least in ((theme.text, 4.5), (theme.prior, 3), (theme.posterior, 3)):
            high, low = sorted((luminance(colour), ground), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= least, colour


def test_epsilon_path_draws_the_rows_of_the_path(
    post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    figure = figures.epsilon_path(post, gd)
    (line,) = named(figure, "Guess & Check")
    np.testing.assert_allclose(line.x, post.path["epsilon"])
    np.testing.assert_allclose(line.y, post.path["mean_gen_loss"])
    (acceptance,) = named(figure, "Acceptance")
    np.testing.assert_allclose(acceptance.y, post.path["log10_acceptance"])
    band = figure.data[0]
    half = len(band.y) // 2
    assert (np.array(band.y[:half]) >= line.y).all()
    assert (np.array(band.y[half:])[::-1] <= line.y).all()
    (prior,) = named(figure, "Prior")
    assert prior.y[0] == pytest.approx(post.prior_mean_gen_loss)
    (descent,) = named(figure, "Gradient descent")
    assert descent.y[0] == pytest.approx(gd.mean_gen_loss)
    low, high = (10.0**end for end in figure.layout.yaxis.range)
    assert low < min(band.y)
    assert high > max(band.y)
    assert ("below the axis" in descent.name) == (gd.mean_gen_loss < low)


def test_epsilon_path_marks_where_the_result_is(post: GuessAndCheckResult) -> None:
    for result in (post, post.at(0.04)):
        figure = figures.epsilon_path(result)
        dots = [trace for trace in figure.data if trace.mode == "markers"]
        assert [trace.x[0] for trace in dots] == [result.settings.epsilon] * 2
        assert dots[0].y[0] == pytest.approx(result.mean_gen_loss)
        assert dots[1].y[0] == pytest.approx(result.log10_acceptance)
        assert len(figure.data) == len(figures.epsilon_path(post).data)


def test_epsilon_path_of_nothing_is_empty_and_not_an_error(nothing: GuessAndCheckResult) -> None:
    figure = figures.epsilon_path(nothing)
    (line,) = named(figure, "Guess & Check")
    assert (np.asarray(line.x, dtype=float) > 1e-9).all()
