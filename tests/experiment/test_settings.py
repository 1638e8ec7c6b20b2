"""Settings are put together and taken apart in one place."""

from __future__ import annotations

import pytest
from hypothesis import given

from gncviz.experiment.settings import PRESETS, ExperimentSettings, assemble, flat
from gncviz.network import Network
from gncviz.settings import SettingsError
from tests.experiment.strategies import EXPERIMENTS


@given(EXPERIMENTS)
def test_what_is_taken_apart_is_put_together_again(settings: ExperimentSettings) -> None:
    assert assemble(flat(settings)) == settings
    assert assemble({}, settings) == settings


def test_what_is_not_given_is_the_base_s() -> None:
    base = ExperimentSettings(network=Network(width=7), task={"seed": 3})
    changed = assemble({"network.depth": 4}, base)
    assert changed == base.replace(network=Network(width=7, depth=4))
    assert assemble({"network.depth": 4}) == ExperimentSettings(network=Network(depth=4))


def test_every_problem_has_its_path() -> None:
    with pytest.raises(SettingsError) as error:
        assemble({"network.width": 0, "task.rank": 9})
    assert {path for path, _ in error.value.problems} == {"network.width", "task.rank"}


def test_a_path_of_nothing_is_refused_with_what_there_is() -> None:
    sentence = r"network\.wings is not a setting; allowed are task\.rows, .*descent\.device\."
    with pytest.raises(SettingsError, match=sentence) as error:
        assemble({"network.wings": 2, "width": 3})
    assert [path for path, _ in error.value.problems] == ["network.wings", "width"]


def test_presets_are_the_paper_s_settings() -> None:
    width, depth = (preset.settings for preset in PRESETS)
    assert (width.network, width.prior.normalize) == (Network(width=5, depth=2), False)
    assert (width.guess_and_check.epsilon, depth.guess_and_check.epsilon) == (0.02, 0.0035)
    assert depth.prior.normalize is True
    assert (width.descent.lr, depth.descent.lr) == (1e-4, 1e-2)
    for settings in (width, depth):
        task = settings.task
        assert (task.rows, task.cols, task.rank, task.norm, task.measurements) == (5, 5, 1, 1, 15)


def test_settings_go_to_json_and_back() -> None:
    for preset in PRESETS:
        text = preset.settings.model_dump_json()
        assert ExperimentSettings.model_validate_json(text) == preset.settings
