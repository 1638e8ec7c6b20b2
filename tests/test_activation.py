"""Activations: values, derivatives, and the two facts that theory asks about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import gncviz as gv
from gncviz.activation import ACTIVATIONS, Activation
from gncviz.experiment import ExperimentSettings, run_experiment, write_experiment
from gncviz.experiment.export import write_settings
from gncviz.experiment.snippet import python_lines
from gncviz.posterior import GuessAndCheckSettings
from gncviz.settings import SettingsError
from gncviz.sweeps import Axis, Store, SweepSettings, run_sweep
from tests import reference

NAMES = sorted(ACTIVATIONS)
SLOPE = 0.3
#: Both signs, small and large; no kink among them.
POINTS = torch.tensor([-30.0, -2.5, -0.7, -1e-3, 1e-3, 0.4, 1.9, 30.0], dtype=torch.float64)


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    expected = reference.apply(name, POINTS.numpy(), SLOPE)
    got = ACTIVATIONS[name].function(POINTS.clone(), SLOPE)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_argument_is_left_alone(name: str) -> None:
    x = POINTS.clone()
    y = ACTIVATIONS[name].function(x, SLOPE)
    kept = y.clone()
    ACTIVATIONS[name].derivative(x, y, SLOPE)
    assert torch.equal(x, POINTS)
    assert torch.equal(y, kept)


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_autograd_s(name: str) -> None:
    sigma = ACTIVATIONS[name]
    x = POINTS.clone().requires_grad_()
    (expected,) = torch.autograd.grad(sigma.function(x, SLOPE).sum(), x)
    got = sigma.derivative(POINTS, sigma.function(POINTS, SLOPE), SLOPE)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_derivative_at_the_kink_is_torch_s(name: str) -> None:
    x = torch.zeros(1, requires_grad=True)
    torch_s = {"relu": torch.relu, "leaky_relu": lambda v: torch.nn.functional.leaky_relu(v, SLOPE)}
    (expected,) = torch.autograd.grad(torch_s[name](x).sum(), x)
    zero = torch.zeros(1)
    assert ACTIVATIONS[name].derivative(zero, zero, SLOPE).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("name", NAMES)
def test_flags_are_true_of_the_function(name: str) -> None:
    sigma = ACTIVATIONS[name]
    there, mirrored = sigma.function(POINTS, SLOPE), sigma.function(-POINTS, SLOPE)
    assert sigma.antisymmetric == torch.allclose(mirrored, -there)
    stretched = [torch.allclose(sigma.function(c * POINTS, SLOPE), c * there) for c in (0.3, 7.0)]
    assert sigma.homogeneous == all(stretched)
    assert sigma.linear == torch.equal(there, POINTS)
    # At a kink the slopes on the two sides differ, however close to it.
    sides = torch.tensor([-1e-9, 1e-9], dtype=torch.float64)
    left, right = sigma.derivative(sides, sigma.function(sides, SLOPE), SLOPE).tolist()
    assert sigma.smooth == (abs(right - left) < 1e-6)


# --- of one's own


def cube(x: torch.Tensor) -> torch.Tensor:
    return x + x**3 / 10


def slope_of_cube(x: torch.Tensor) -> torch.Tensor:
    return 1 + 0.3 * x**2


def test_torch_differentiates_where_no_derivative_is_given() -> None:
    ours = Activation("by torch", cube).sigma
    given = Activation("given", cube, slope_of_cube).sigma
    with torch.inference_mode():
        x = POINTS.clone()
        torch.testing.assert_close(ours.derivative(x, x, 0.2), slope_of_cube(x))
    torch.testing.assert_close(given.derivative(POINTS, POINTS, 0.2), slope_of_cube(POINTS))


def test_what_is_known_of_one_s_own() -> None:
    assert Activation("odd", cube).sigma.antisymmetric
    assert not Activation("swish", lambda x: x * torch.sigmoid(x)).sigma.antisymmetric
    assert Activation("odd", cube).sigma.own
    assert not any(sigma.own for sigma in ACTIVATIONS.values())


def in_place(x: torch.Tensor) -> torch.Tensor:
    return x.clamp_(min=0)


@pytest.mark.parametrize(
    ("arguments", "field", "sentence"),
    [
        (("tanh", cube), "name", "name should be a new one, and none of linear, tanh"),
        (("", cube), "name", "name should be a new one"),
        (("mine", "tanh"), "function", "should be a function of a tensor"),
        (("mine", lambda x: x.sum()), "function", r"should give a tensor of the shape"),
        (
            ("mine", lambda x: x.float()),
            "function",
            r"dtype that it is given, \(100,\) torch.float64",
        ),
        (("mine", lambda x: np.tanh(x.numpy())), "function", "got ndarray"),
        (("mine", lambda x: x / x.norm()), "function", "mixes entries"),
        (("mine", lambda x: x.cumsum(0)), "function", "mixes entries"),
        (("mine", in_place), "function", "leave the tensor that it is given"),
        (("mine", torch.log), "function", "should be finite; at -5.04 it is not"),
        (("mine", lambda x: missing), "function", "it fails: name 'missing'"),  # type: ignore[name-defined]  # noqa: F821
        (("mine", cube, lambda x: 1 + x**2), "derivative", "the function's difference quotient is"),
        (("mine", cube, lambda x: torch.ones(3)), "derivative", "should give a tensor"),
        (("mine", lambda x: x.detach() ** 2), "function", "torch can differentiate, or have"),
        (
            ("mine", lambda x: x + (x.round() - x).detach()),
            "function",
            "torch's derivative of function should be its slope",
        ),
    ],
)
def test_what_is_no_activation_is_refused_in_words(
    arguments: tuple[Any, ...], field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        Activation(*arguments)
    assert [name for name, _ in caught.value.problems] == [field]


def test_a_network_refuses_what_is_none() -> None:
    with pytest.raises(SettingsError, match=r"one of linear, tanh, .*or an Activation of your own"):
        gv.Network(activation="swish")  # type: ignore[arg-type]


#: tanh under another name: whatever runs on it has to say what it says of tanh.
TWIN = Activation("twin", torch.tanh)


@pytest.mark.parametrize(
    ("method", "prior"),
    [
        ("plain", gv.Prior()),
        ("splitting", gv.Prior()),
        ("collapsed", gv.Prior()),
        ("plain", gv.Prior(normalize=True)),
        ("plain", gv.Prior(normalize="product")),
    ],
)
def test_samplers_take_it_as_they_take_the_same_function(
    method: str, prior: gv.Prior, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is compiled for the built-in one has random numbers of its own.
    monkeypatch.setattr("gncviz.posterior.splitting.target.has_twin", lambda *_: False)
    found = [
        gv.guess_and_check(
            gv.Task.random(seed=1),
            gv.Network(width=8, depth=3, activation=activation),
            prior,
            0.1,
            method=method,
            samples=100,
            device="cpu",
        )
        for activation in ("tanh", TWIN)
    ]
    np.testing.assert_allclose(found[1].matrices, found[0].matrices, rtol=1e-5, atol=1e-7)
    assert "twin, width 8" in repr(found[1])


@pytest.mark.parametrize(
    "given", [TWIN, Activation("twin", torch.tanh, lambda x: 1 - x.tanh() ** 2)]
)
def test_descent_spectra_and_mechanism_take_it_likewise(given: Activation) -> None:
    networks = [gv.Network(width=6, depth=3, activation=one) for one in ("tanh", given)]
    task, prior = gv.Task.random(seed=2), gv.Prior()
    ends = [
        gv.gradient_descent(task, n, trials=3, lr=1e-2, epochs=400, init_scale=0.5).matrices
        for n in networks
    ]
    np.testing.assert_allclose(ends[1], ends[0], rtol=1e-6, atol=1e-9)
    for compute in (
        lambda n: gv.spectrum.prior_spectra(n, prior, depths=[2, 4], draws=100),
        lambda n: gv.mechanism.collapse(n, prior, depths=[2, 4], draws=100),
        lambda n: gv.mechanism.loss_dependence(task, n, prior, widths=[6], draws=200),
    ):
        pd.testing.assert_frame_equal(compute(networks[1]), compute(networks[0]))


def test_a_positively_homogeneous_one_of_one_s_own_is_normalized_rightly() -> None:
    own = Activation("ramp", lambda x: x.clamp_min(0), lambda x: (x > 0).to(x.dtype))
    for depth in (3, 40):
        found = [
            gv.guess_and_check(
                gv.Task.random(seed=1),
                gv.Network(width=30, depth=depth, activation=activation),
                gv.Prior(normalize=True),
                0.2,
                method="plain",
                samples=10,
                device="cpu",
            ).prior_matrices
            for activation in ("relu", own)
        ]
        np.testing.assert_allclose(found[1], found[0], rtol=1e-4, atol=1e-6)


def test_theorems_do_not_vouch_for_it() -> None:
    for activation, met in (
        (Activation("odd", cube), None),
        (Activation("square", torch.square), False),
    ):
        network = gv.Network(activation=activation)
        first, *_ = gv.theory.theorems(gv.Task.random(), network, gv.Prior(), epsilon=0.02)
        by_text = {condition.text: condition.met for condition in first.conditions}
        assert by_text["σ is admissible"] is None
        assert by_text["σ is antisymmetric"] is met


def test_it_is_recorded_by_name_and_no_file_keeps_it(tmp_path: Path) -> None:
    network = gv.Network(activation=TWIN)
    assert network.model_dump(mode="json")["activation"] == "twin"
    settings = ExperimentSettings(network=network).replace(
        guess_and_check=GuessAndCheckSettings(epsilon=0.2, samples=20)
    )
    found = run_experiment(settings, parts=("post",))
    for keep in (
        lambda: write_experiment(tmp_path / "it.parquet", found),
        lambda: write_settings(settings),
        lambda: python_lines(settings),
    ):
        with pytest.raises(SettingsError, match="'twin' is a function of your own, which no file"):
            keep()
    assert not list(tmp_path.iterdir())


def swept(store: Any = None, activation: Any = TWIN, **more: Any) -> gv.SweepResult:
    return gv.sweep(
        "width",
        [5, 6],
        network=gv.Network(activation=activation),
        seeds=1,
        epsilon=0.2,
        guess_and_check={"samples": 20, "device": "cpu"},
        descent={"epochs": 20},
        results=store,
        **more,
    )


def test_sweeps_take_it_in_processes_but_not_to_a_folder(tmp_path: Path) -> None:
    own, tanh = (swept(activation=one, workers=1).to_frame() for one in (TWIN, "tanh"))
    columns = ["width", "method", "mean_gen_loss"]
    pd.testing.assert_frame_equal(own[columns], tanh[columns], rtol=1e-5)
    with pytest.raises(SettingsError, match="no file can keep"):
        swept(tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_two_functions_of_one_name_are_not_taken_for_each_other() -> None:
    store = Store()
    settings = SweepSettings(
        axes=(Axis(name="width", values=(5,)),),
        seeds=(0,),
        sampling=GuessAndCheckSettings(epsilon=0.2, samples=20),
        descent=None,
    )
    means = []
    for function in (torch.tanh, torch.square):
        mine = settings.replace(network=gv.Network(activation=Activation("mine", function)))
        with ThreadPoolExecutor(1) as pool:
            frame = run_sweep(mine, store, executor=pool).to_frame()
        means.append(frame["mean_gen_loss"].tolist())
    assert means[0] != means[1]
