"""Settings of a sweep: the sentence when one is not allowed, and the places it takes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gncviz.models.matrix.recipes import GivenTask
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.sweeps import Axis, SweepSettings, sweep
from gncviz.task import Task, TaskSettings
from tests.sweeps.small import DESCENT, QUICK, SAMPLING

BAD_AXES = [
    (
        "weight",
        (5,),
        "name",
        "'width', 'depth', 'epsilon', 'measurements' or 'train'; got 'weight'",
    ),
    ("width", (5, 2.5), "values", "whole numbers; got 2.5"),
    ("depth", (0.5,), "values", "whole numbers; got 0.5"),
    ("width", (5, 6, 5.0), "values", "differ; got [5.0, 6.0, 5.0]"),
    ("epsilon", (0.1, -1), "values", "greater than 0; got -1"),
    ("width", (0,), "values", "greater than 0; got 0"),
    ("epsilon", (math.nan,), "values", "finite"),
    ("width", (math.inf,), "values", "finite"),
    ("width", (), "values", "at least 1"),
]


@pytest.mark.parametrize(("name", "values", "field", "sentence"), BAD_AXES)
def test_a_bad_axis_is_answered_by_one_sentence(
    name: Any, values: tuple[float, ...], field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Axis(name=name, values=values)
    assert [field for field, _ in caught.value.problems] == [field]
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(field)
    assert str(caught.value).endswith(".")


def axes(*names: Any) -> dict[str, Any]:
    return {"axes": tuple(Axis(name=name, values=(5, 6)) for name in names)}


BAD_SETTINGS = [
    (axes("width", "width"), "axes", "differ; got width twice"),
    (axes("width", "depth", "epsilon"), "axes", "at most 2"),
    (axes(), "axes", "at least 1"),
    ({"seeds": (3, 1, 3)}, "seeds", "differ; got [3, 1, 3]"),
    ({"seeds": ()}, "seeds", "at least 1"),
    ({"seeds": (-1,)}, "seeds", "greater than or equal to 0; got -1"),
    ({"init_scales": (0.1,)}, "init_scales", "should be 2, one for each value"),
    ({"init_scales": (0.1, 0.2, 0.3)}, "init_scales", "got 3"),
    ({"init_scales": (0.1, 0.0)}, "init_scales", "greater than 0; got 0.0"),
    ({**axes("width", "depth"), "init_scales": (0.1, 0.2)}, "init_scales", "only axis"),
    ({"axes": (Axis(name="width", values=(5, 100_001)),)}, "width", "100000; got 100001"),
    ({"axes": (Axis(name="depth", values=(2, 1001)),)}, "depth", "1000; got 1001"),
]


@pytest.mark.parametrize(("changes", "field", "sentence"), BAD_SETTINGS)
def test_a_bad_setting_is_answered_by_one_sentence(
    changes: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        QUICK.replace(**changes)
    assert [field for field, _ in caught.value.problems] == [field]
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(field)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("over", "values", "field", "sentence"),
    [
        (("width", "depth"), [[5, 10]], "values", "2 sequences, one for each axis; got 1"),
        (("width", "depth"), [5, 10, 20], "values", "got 3"),
        ("widht", [5, 10], "over", "one of width, depth, epsilon, measurements, train; got widht"),
        ("width", [5, 2.5], "values", "whole numbers"),
        (("width", "width"), [[5], [6]], "axes", "width twice"),
    ],
)
def test_sweep_says_it_before_anything_is_computed(
    over: Any, values: Any, field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        sweep(over, values)
    assert [field for field, _ in caught.value.problems] == [field]


def test_settings_come_back_from_json() -> None:
    settings = QUICK.replace(init_scales=(0.1, 0.2), descent=DESCENT.replace(momentum=0.9))
    assert SweepSettings.model_validate_json(settings.model_dump_json()) == settings
    without = QUICK.replace(descent=None, prior=Prior(normalize="product"))
    assert SweepSettings.model_validate_json(without.model_dump_json()) == without


def test_a_width_replaces_the_networks_and_a_seed_all_others() -> None:
    settings = QUICK.replace(
        task=TaskSettings(rank=2, seed=99),
        network=Network(width=50, depth=3, activation="tanh"),
        prior=Prior("uniform"),
        sampling=SAMPLING.replace(seed=99),
        descent=DESCENT.replace(trials=3, seeds=(7, 8, 9), seed=99, lr=0.03),
        seeds=(4, 2),
    )
    places = list(settings.places())
    assert [(place.values, place.seed) for place in places] == [
        ({"width": 5}, 4),
        ({"width": 5}, 2),
        ({"width": 6}, 4),
        ({"width": 6}, 2),
    ]
    for place in places:
        network = Network(width=int(place.values["width"]), depth=3, activation="tanh")
        assert place.guess_and_check.task == TaskSettings(rank=2, seed=place.seed)
        assert place.guess_and_check.network == network
        assert place.guess_and_check.prior == Prior("uniform")
        assert place.guess_and_check.sampling == SAMPLING.replace(seed=place.seed)
        assert place.epsilon == 0.2
        assert place.descent is not None
        assert place.descent.task == place.guess_and_check.task
        assert place.descent.network == network
        assert place.descent.descent == DESCENT.replace(lr=0.03, seed=place.seed)


def test_a_depth_replaces_the_networks() -> None:
    settings = QUICK.replace(axes=(Axis(name="depth", values=(3, 1)),), network=Network(width=9))
    networks = [place.guess_and_check.network for place in settings.places()]
    assert [(network.width, network.depth) for network in networks] == [
        *[(9, 3), (9, 3)],
        *[(9, 1), (9, 1)],
    ]


def test_over_epsilon_a_seed_takes_one_run_at_the_smallest() -> None:
    settings = QUICK.replace(axes=(Axis(name="epsilon", values=(0.3, 0.1, 0.2)),))
    places = list(settings.places())
    assert [place.epsilon for place in places] == [0.3, 0.3, 0.1, 0.1, 0.2, 0.2]
    assert {place.guess_and_check.sampling.epsilon for place in places} == {0.1}
    for seed in (0, 1):
        mine = [place for place in places if place.seed == seed]
        assert len({place.guess_and_check.key for place in mine}) == 1
        assert len({place.descent.key for place in mine if place.descent}) == 1
    assert len({place.guess_and_check.key for place in places}) == 2


def test_a_product_takes_every_pair() -> None:
    settings = QUICK.replace(
        axes=(
            Axis(name="epsilon", values=(0.3, 0.2)),
            Axis(name="depth", values=(2, 3)),
        ),
        seeds=(5,),
    )
    places = list(settings.places())
    assert [place.values for place in places] == [
        {"epsilon": 0.3, "depth": 2},
        {"epsilon": 0.3, "depth": 3},
        {"epsilon": 0.2, "depth": 2},
        {"epsilon": 0.2, "depth": 3},
    ]
    assert [place.guess_and_check.network.depth for place in places] == [2, 3, 2, 3]
    assert {place.guess_and_check.sampling.epsilon for place in places} == {0.2}
    assert len({place.guess_and_check.key for place in places}) == 2


def test_init_scales_go_to_their_values() -> None:
    settings = QUICK.replace(
        axes=(Axis(name="width", values=(6, 5)),), init_scales=(0.6, 0.5), seeds=(0, 1)
    )
    scales = [
        (place.values["width"], place.descent.descent.init_scale)
        for place in settings.places()
        if place.descent
    ]
    assert scales == [(6, 0.6), (6, 0.6), (5, 0.5), (5, 0.5)]


def test_without_init_scales_the_descents_own_holds() -> None:
    settings = QUICK.replace(descent=DESCENT.replace(init_scale=0.25))
    assert {place.descent.descent.init_scale for place in settings.places() if place.descent} == {
        0.25
    }


def test_without_descent_there_is_none() -> None:
    assert [place.descent for place in QUICK.replace(descent=None).places()] == [None] * 4


def test_arrays_are_the_same_task_for_every_seed() -> None:
    task = Task([[1.0, 0.0]], [[[1.0, 0.0]]])
    given = GivenTask(**task.to_dict())
    places = list(QUICK.replace(task=given).places())
    assert all(place.guess_and_check.task == given for place in places)
    assert all(place.descent is not None and place.descent.task == given for place in places)
    assert len({place.guess_and_check.key for place in places}) == 4


def test_an_axis_has_a_label_for_figures() -> None:
    labels = {name: Axis(name=name, values=(5,)).label for name in ("width", "depth", "epsilon")}  # type: ignore[arg-type]
    assert labels == {"width": "width k", "depth": "depth d", "epsilon": "threshold ε"}
