"""The lines of Python make the same result, and can be read."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np
import plotly.graph_objects as go

import gncviz as gv
from gncviz.descent.settings import DescentSettings
from gncviz.experiment import PRESETS, Experiment, ExperimentSettings
from gncviz.experiment.snippet import python_lines
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from tests.experiment.small import SETTINGS


def test_the_lines_of_python_make_the_same_result(found: Experiment) -> None:
    names: dict[str, Any] = {}
    *lines, last = python_lines(SETTINGS).strip().splitlines()
    exec("\n".join(lines), names)
    assert found.post is not None
    assert found.descent is not None
    np.testing.assert_array_equal(names["post"].gen_loss, found.post.gen_loss)
    np.testing.assert_array_equal(names["post"].train_loss, found.post.train_loss)
    np.testing.assert_array_equal(names["post"].weights, found.post.weights)
    np.testing.assert_array_equal(names["gd"].gen_loss, found.descent.gen_loss)
    assert names["post"].mean_gen_loss == found.post.mean_gen_loss
    assert isinstance(eval(last, names), go.Figure)


def test_the_lines_of_python_are_short_and_readable() -> None:
    text = python_lines(PRESETS[0].settings)
    assert "gv.Network()" in text, "what has its default is left out"
    assert "epochs=100_000" in text
    seeds = tuple(range(10**12, 10**12 + 30))
    many = SETTINGS.replace(descent=DescentSettings(trials=30, seeds=seeds, momentum=0.9))
    for settings in (SETTINGS, ExperimentSettings(), many, *(p.settings for p in PRESETS)):
        text = python_lines(settings)
        assert max(map(len, text.splitlines())) <= 88
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        assert len(calls) == 8
    assert repr(seeds) in ast.unparse(ast.parse(python_lines(many)))


def test_the_lines_of_python_as_they_are_read() -> None:
    assert (
        python_lines(SETTINGS)
        == """\
import gncviz as gv

task = gv.Task.random(
    kind="completion", rows=3, cols=4, norm=1.5, measurements=5, seed=3
)
network = gv.Network(width=4, depth=3, activation="tanh")
prior = gv.Prior(family="uniform", normalize=True, scaling="fan_out")
post = gv.guess_and_check(
    task, network, prior, epsilon=0.15, draws=20_000, samples=60, seed=4
)
gd = gv.gradient_descent(
    task, network, lr=0.02, momentum=0.5, epochs=40, trials=3, tolerance=0.0, seed=5
)

print(post)
print(gd)
gv.figures.prior_vs_posterior(post, gd)
"""
    )


def test_the_defaults_left_out_are_the_public_functions() -> None:
    written = inspect.signature(gv.guess_and_check).parameters["epsilon"].default
    assert written == GuessAndCheckSettings().epsilon
    assert inspect.signature(gv.Prior).parameters["family"].default == Prior().family
