"""Points: what makes two of them the same, in any process, and JSON there and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from pydantic import Field

from gncviz.descent.settings import DescentSettings
from gncviz.models import MODELS, FixedTask, drawn
from gncviz.models.matrix.recipes import GivenTask
from gncviz.models.recipe import TaskRecipe
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings
from gncviz.sweeps import SweepSettings, points
from gncviz.sweeps.points import DescentPoint, GuessAndCheckPoint, recipe_of
from gncviz.sweeps.result import points_of
from gncviz.task import Task, TaskSettings
from tests.sweeps.small import DESCENT, QUICK, SAMPLING

ARRAYS = Task([[0.1, 1 / 3], [0.0, -2.0]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.3], [1e-17, 0.0]]])
GIVEN = recipe_of(ARRAYS)
SAMPLED = GuessAndCheckPoint(
    task=TaskSettings(), network=Network(), prior=Prior(), sampling=SAMPLING
)
DESCENDED = DescentPoint(task=TaskSettings(), network=Network(), descent=DESCENT)

SAMPLING_CHANGES = {
    "epsilon": 0.20000000000000004,
    "method": "plain",
    "samples": 51,
    "draws": 10**5 + 1,
    "seconds": 1.0,
    "seed": 1,
}
DESCENT_CHANGES = {
    "lr": 0.02,
    "init": Prior("uniform"),
    "init_scale": 0.01,
    "epochs": 21,
    "momentum": 0.5,
    "step_rule": "fixed",
    "tolerance": 0.0,
    "seconds": 1.0,
    "seed": 1,
}


def test_another_process_names_points_the_same() -> None:
    fixed = FixedTask(recipe=TaskSettings())
    settings = [QUICK, QUICK.replace(task=GIVEN), QUICK.replace(task=fixed)]
    script = (
        "import sys; from gncviz.sweeps import SweepSettings; "
        "from gncviz.sweeps.result import points_of\n"
        "for text in sys.argv[1:]:\n"
        "    for point in points_of(SweepSettings.model_validate_json(text)): print(point.key)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, *(one.model_dump_json() for one in settings)],
        env={**os.environ, "PYTHONHASHSEED": "123"},
        capture_output=True,
        text=True,
        check=True,
    )
    keys = [point.key for one in settings for point in points_of(one)]
    assert found.stdout.split() == keys
    assert len(set(keys)) == len(keys) == 24


def test_where_it_runs_does_not_name_a_point() -> None:
    elsewhere = SAMPLED.replace(sampling=SAMPLING.replace(device="cuda"))
    assert elsewhere != SAMPLED
    assert elsewhere.key == SAMPLED.key
    assert "device" not in elsewhere.identity["sampling"]
    batched = DESCENT.replace(trials=2, seeds=(0, 1), device="cuda")
    assert DESCENDED.replace(descent=batched).key == DESCENDED.key


@pytest.mark.parametrize("name", SAMPLING_CHANGES)
def test_every_other_setting_of_the_sampling_names_it(name: str) -> None:
    assert set(SAMPLING_CHANGES) | {"device"} == set(type(SAMPLING).model_fields)
    changed = SAMPLING.replace(**{name: SAMPLING_CHANGES[name]})
    assert SAMPLED.replace(sampling=changed).key != SAMPLED.key


@pytest.mark.parametrize("name", DESCENT_CHANGES)
def test_every_other_setting_of_the_descent_names_it(name: str) -> None:
    assert set(DESCENT_CHANGES) | {"device", "trials", "seeds"} == set(type(DESCENT).model_fields)
    changed = DESCENT.replace(**{name: DESCENT_CHANGES[name]})
    assert DESCENDED.replace(descent=changed).key != DESCENDED.key


def test_task_network_and_prior_name_it() -> None:
    others = [
        SAMPLED.replace(network=Network(width=6)),
        SAMPLED.replace(network=Network(depth=3)),
        SAMPLED.replace(network=Network(activation="tanh")),
        SAMPLED.replace(prior=Prior("uniform")),
        SAMPLED.replace(prior=Prior(normalize=True)),
        SAMPLED.replace(prior=Prior(normalize="product")),
        SAMPLED.replace(task=TaskSettings(seed=1)),
        SAMPLED.replace(task=GIVEN),
    ]
    assert len({point.key for point in [SAMPLED, DESCENDED, *others]}) == 10


class Nested(Settings):
    """Settings that a later version might have inside others."""

    share: float = 0.5
    steps: tuple[int, ...] = (1, 2)


class LaterSampling(GuessAndCheckSettings):
    """The sampling with fields that it does not have yet."""

    restarts: int = 3
    nested: Nested = Field(default_factory=Nested)


class LaterNetwork(Network):
    """The network with a field that it does not have yet."""

    skips: bool = False


def test_a_new_setting_at_its_default_orphans_nothing() -> None:
    sampling, network = LaterSampling(**dict(SAMPLING)), LaterNetwork(**dict(SAMPLED.network))
    later = SAMPLED.replace(sampling=sampling, network=network)
    assert later.key == SAMPLED.key
    others = [
        later.replace(network=network.replace(skips=True)),
        later.replace(sampling=sampling.replace(restarts=4)),
        later.replace(sampling=sampling.replace(nested=Nested(share=0.25))),
        later.replace(sampling=sampling.replace(nested=Nested(steps=(1,)))),
    ]
    assert len({point.key for point in [SAMPLED, *others]}) == 5
    assert others[2].identity["sampling"]["nested"] == {"share": 0.25}


def test_only_what_is_set_apart_names_a_point() -> None:
    assert SAMPLED.identity == {
        "kind": "guess_and_check",
        "task": {},
        "network": {},
        "prior": {},
        "sampling": {"epsilon": 0.2, "samples": 50, "draws": 100_000},
    }
    assert SAMPLED.settings["task"] == TaskSettings().model_dump()
    # A default that is written out, or written as another type, is the same default.
    written = SAMPLED.replace(task=TaskSettings(seed=0, norm=1), network=Network(width=5.0))
    assert written.key == SAMPLED.key


def test_a_recipe_shows_in_its_fields() -> None:
    """Two recipes of a kind with nothing but defaults would have the same key."""
    for model in MODELS.values():
        required = [
            any(field.is_required() for field in recipe.model_fields.values())
            for recipe in (*model.recipes, FixedTask)
        ]
        assert required.count(False) <= 1


#: What a key leaves unsaid. A default that changes, or a field that is taken away, gives stored
#: results another meaning: then REVISION is raised, and this with it. New fields are added here.
UNSAID = {
    "revision": 3,
    "TaskSettings": {
        "rows": 5,
        "cols": 5,
        "rank": 1,
        "norm": 1.0,
        "measurements": 15,
        "kind": "sensing",
        "seed": 0,
    },
    "Network": {
        "width": 5,
        "depth": 2,
        "activation": "linear",
        "negative_slope": 0.2,
        "bias": None,
    },
    "Prior": {"family": "gaussian", "normalize": False, "scaling": "fan_in"},
    "GuessAndCheckSettings": {
        "epsilon": 0.02,
        "method": "auto",
        "samples": 2000,
        "draws": 10_000_000,
        "seconds": None,
        "seed": 0,
        "device": "auto",
    },
    "DescentSettings": {
        "trials": 8,
        "lr": 0.01,
        "init": "uniform",
        "init_scale": 0.001,
        "epochs": 20_000,
        "momentum": 0.0,
        "step_rule": "adaptive",
        "tolerance": 1e-10,
        "seconds": None,
        "seed": 0,
        "seeds": None,
        "device": "auto",
    },
}


def test_defaults_are_those_that_stored_results_rely_on() -> None:
    parts = [TaskSettings(), Network(), Prior(), GuessAndCheckSettings(), DescentSettings()]
    unsaid = {type(part).__name__: part.model_dump() for part in parts}
    assert {"revision": points.REVISION, **unsaid} == UNSAID


def test_a_revision_makes_all_points_new(monkeypatch: pytest.MonkeyPatch) -> None:
    before = SAMPLED.key
    monkeypatch.setattr(points, "REVISION", points.REVISION + 1)
    assert SAMPLED.replace().key != before


@pytest.mark.parametrize("task", [TaskSettings(seed=2**63 - 1), FixedTask(recipe={}), GIVEN])
def test_identity_goes_to_json_and_back_to_an_equal_point(task: TaskRecipe) -> None:
    sampling = GuessAndCheckSettings(epsilon=1 / 3, seconds=0.1)
    prior = Prior("uniform", normalize="product")
    relu = Network(activation="relu", width=100_000)
    points = [
        GuessAndCheckPoint(task=task, network=Network(), prior=prior, sampling=sampling),
        DescentPoint(task=task, network=relu, descent=DescentSettings(init_scale=1e-300)),
    ]
    for point in points:
        again = type(point).model_validate(json.loads(json.dumps(point.identity)))
        assert again == point
        assert again.key == point.key


def test_a_point_that_has_its_name_can_be_changed() -> None:
    before = SAMPLED.key
    changed = SAMPLED.replace(network=Network(width=7))
    assert changed.network.width == 7
    assert changed.key != before


def test_arrays_come_back_from_a_recipe_to_the_last_bit() -> None:
    assert isinstance(GIVEN, GivenTask)
    again = drawn(GivenTask.model_validate_json(GIVEN.model_dump_json()))
    np.testing.assert_array_equal(again.ground_truth, ARRAYS.ground_truth)
    np.testing.assert_array_equal(again.measurements, ARRAYS.measurements)


def test_a_random_task_is_named_by_its_recipe() -> None:
    task = Task.random(seed=3, kind="completion")
    assert recipe_of(task) == FixedTask(recipe=TaskSettings(seed=3, kind="completion"))
    assert recipe_of(TaskSettings(seed=3)) == TaskSettings(seed=3)
    np.testing.assert_array_equal(drawn(recipe_of(task)).measurements, task.measurements)
    assert recipe_of(GIVEN) is GIVEN


def test_settings_with_arrays_come_back_from_json() -> None:
    settings = QUICK.replace(task=GIVEN)
    assert SweepSettings.model_validate_json(settings.model_dump_json()) == settings
