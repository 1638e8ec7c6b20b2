"""Settings: what is allowed, the sentence when it is not, and JSON there and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import gncviz as gv
from gncviz.descent import DescentSettings
from gncviz.network import Network
from gncviz.posterior import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings, SettingsError
from gncviz.task import TaskSettings
from tests.experiment.strategies import NETWORKS, PRIORS

repeatable = settings(derandomize=True, deadline=None, max_examples=200)
positive = st.floats(1e-300, 1e300)

GUESS_AND_CHECK = st.builds(
    GuessAndCheckSettings,
    epsilon=positive,
    samples=st.integers(1, 10**7),
    draws=st.integers(1, 10**15),
    seconds=st.none() | positive,
    seed=st.integers(0, 2**63 - 1),
    device=st.sampled_from(["auto", "cpu", "cuda", "cuda:3"]),
)
DESCENT = st.builds(
    DescentSettings,
    trials=st.integers(1, 100_000),
    lr=positive,
    init_scale=st.floats(0, 1e9),
    epochs=st.integers(1, 10**9),
    momentum=st.floats(0, 1, exclude_max=True),
    step_rule=st.sampled_from(["adaptive", "fixed"]),
    tolerance=st.floats(0, 1e9),
    seed=st.integers(0, 2**63 - 1),
)


@st.composite
def task_settings(draw: st.DrawFn) -> TaskSettings:
    """Any recipe that fits together."""
    rows = draw(st.integers(1, 8))
    cols = draw(st.integers(2, 8))
    return TaskSettings(
        rows=rows,
        cols=cols,
        rank=draw(st.integers(1, min(rows, cols))),
        norm=draw(st.floats(1e-3, 1e3)),
        measurements=draw(st.integers(1, rows * cols - 1)),
        kind=draw(st.sampled_from(["sensing", "completion"])),
        seed=draw(st.integers(0, 2**63 - 1)),
    )


@repeatable
@given(st.one_of(NETWORKS, PRIORS, GUESS_AND_CHECK, DESCENT, task_settings()))
def test_json_and_back(given_one: Settings) -> None:
    again = type(given_one).model_validate_json(given_one.model_dump_json())
    assert again == given_one
    assert type(given_one)(**given_one.model_dump()) == given_one
    assert given_one.replace() == given_one
    assert hash(again) == hash(given_one)


BAD = [
    (Network, {"width": 0}, "width", "greater than or equal to 1"),
    (Network, {"width": 2.5}, "width", "integer"),
    (Network, {"width": True}, "width", "not be True or False"),
    (Network, {"width": np.float64(2.5)}, "width", "integer"),
    (DescentSettings, {"trials": 2, "seeds": (1, True)}, "seeds", "not be True or False"),
    (Network, {"depth": 0}, "depth", "greater than or equal to 1"),
    (Network, {"depth": 1001}, "depth", "less than or equal to 1000"),
    (Network, {"activation": "gelu"}, "activation", "one of linear, tanh"),
    (Network, {"negative_slope": 1.0}, "negative_slope", "less than 1"),
    (Network, {"negative_slope": float("nan")}, "negative_slope", "finite"),
    (Prior, {"family": "cauchy"}, "family", "'gaussian' or 'uniform'"),
    (Prior, {"normalize": "factor"}, "normalize", "'product'"),
    (Prior, {"scaling": "kaiming"}, "scaling", "'fan_in' or 'fan_out'"),
    (GuessAndCheckSettings, {"epsilon": 0.0}, "epsilon", "greater than 0"),
    (GuessAndCheckSettings, {"epsilon": float("inf")}, "epsilon", "finite"),
    (GuessAndCheckSettings, {"samples": 0}, "samples", "greater than or equal to 1"),
    (GuessAndCheckSettings, {"draws": 0}, "draws", "greater than or equal to 1"),
    (GuessAndCheckSettings, {"seconds": 0}, "seconds", "greater than 0"),
    (GuessAndCheckSettings, {"seed": -1}, "seed", "greater than or equal to 0"),
    (GuessAndCheckSettings, {"method": "magic"}, "method", "'plain'"),
    (GuessAndCheckSettings, {"device": "tpu"}, "device", "'cuda:<number>'"),
    (DescentSettings, {"lr": 0.0}, "lr", "greater than 0"),
    (DescentSettings, {"momentum": 1.0}, "momentum", "less than 1"),
    (DescentSettings, {"epochs": 0}, "epochs", "greater than or equal to 1"),
    (DescentSettings, {"trials": 0}, "trials", "greater than or equal to 1"),
    (DescentSettings, {"tolerance": -1e-9}, "tolerance", "greater than or equal to 0"),
    (DescentSettings, {"step_rule": "adam"}, "step_rule", "'adaptive' or 'fixed'"),
    (TaskSettings, {"rank": 6}, "rank", "at most min(rows, cols) = 5"),
    (TaskSettings, {"measurements": 25}, "measurements", "fewer than rows × cols = 25"),
    (TaskSettings, {"norm": 0.0}, "norm", "greater than 0"),
    (TaskSettings, {"norm": 1e200}, "norm", "between 1e-150 and 1e+150"),
    (TaskSettings, {"norm": 1e-200}, "norm", "between 1e-150 and 1e+150"),
    (TaskSettings, {"kind": "denoising"}, "kind", "'sensing' or 'completion'"),
]


@pytest.mark.parametrize(("model", "values", "field", "allowed"), BAD)
def test_bad_value_names_field_and_what_is_allowed(
    model: type[Settings], values: dict[str, Any], field: str, allowed: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        model(**values)
    assert [name for name, _ in caught.value.problems] == [field]
    sentence = str(caught.value)
    assert sentence.startswith(field)
    assert allowed in sentence
    assert str(values[field]).strip("()") in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("seed", [0, 2**53 + 1, 2**63 - 1])
@pytest.mark.parametrize("kind", [int, np.int64, np.uint64, np.array, torch.tensor, str])
def test_whole_numbers_of_any_package_are_taken_to_the_last_digit(seed: int, kind: Any) -> None:
    assert GuessAndCheckSettings(seed=kind(seed)).seed == seed
    found = DescentSettings(trials=2, seeds=[kind(seed), kind(1)]).seeds
    assert found == (seed, 1)
    assert {type(one) for one in found} == {int}


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.array, torch.tensor])
def test_numbers_of_any_package_are_plain_ones(kind: Any) -> None:
    settings = GuessAndCheckSettings(epsilon=kind(0.25), samples=kind(7.0))
    assert (settings.epsilon, settings.samples) == (0.25, 7)
    assert (type(settings.epsilon), type(settings.samples)) == (float, int)


SETTINGS = [TaskSettings, Network, Prior, GuessAndCheckSettings, DescentSettings]


@pytest.mark.parametrize("model", SETTINGS)
@pytest.mark.parametrize("truth", [True, np.False_])
def test_no_setting_takes_a_truth_value_for_a_number(model: type[Settings], truth: Any) -> None:
    """Two alone may be True or False: whether the prior is normalized, and has biases."""
    for name in model.model_fields:
        if name in ("normalize", "bias"):
            assert getattr(model(**{name: truth}), name) is bool(truth)
            continue
        for value in (truth, [1, truth]):
            with pytest.raises(SettingsError) as caught:
                model(**{name: value})
            assert caught.value.problems[0][0] == name


def test_every_bad_field_gets_its_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        Network(width=0, depth=0, activation="linear")
    assert [name for name, _ in caught.value.problems] == ["width", "depth"]
    with pytest.raises(SettingsError) as caught:
        TaskSettings(rank=9, measurements=99)
    assert [name for name, _ in caught.value.problems] == ["rank", "measurements"]


def test_unknown_field_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"widht is not a setting of Network; .*width"):
        Network(widht=5)  # type: ignore[call-arg]


def test_nested_settings_name_the_path() -> None:
    class Outer(Settings):
        network: Network
        prior: Prior = Prior()

    with pytest.raises(SettingsError) as caught:
        Outer(network={"width": 0}, prior={"family": "cauchy"})  # type: ignore[arg-type]
    assert [name for name, _ in caught.value.problems] == ["network.width", "prior.family"]
    with pytest.raises(SettingsError, match="network is required"):
        Outer()  # type: ignore[call-arg]


@pytest.mark.parametrize("given_one", [Network(), Prior(), DescentSettings(), TaskSettings()])
def test_frozen(given_one: Settings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(given_one, next(iter(type(given_one).model_fields)), 3)


def test_replace_validates() -> None:
    assert Network(width=5).replace(width=7).width == 7
    with pytest.raises(SettingsError, match="width"):
        Network(width=5).replace(width=0)


def test_prior_family_is_positional() -> None:
    assert Prior("uniform", normalize=True) == Prior(family="uniform", normalize=True)


@pytest.mark.parametrize("minus", [-0.0, np.float64(-0.0)])
def test_minus_zero_is_zero(minus: float) -> None:
    kept = DescentSettings(init_scale=minus).init_scale
    assert math.copysign(1, kept) == 1
    gd = gv.gradient_descent(gv.Task.random(), gv.Network(), init_scale=minus, trials=2, epochs=3)
    assert len(gd.gen_loss) == 2
