"""The table of settings is whole, and every way through it leads back."""

from __future__ import annotations

import argparse
import ast
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gncviz as gv
from gncviz.cli.options import add_settings, settings_of
from gncviz.experiment.followers import with_followers, without_echoes
from gncviz.experiment.option import Option, number
from gncviz.experiment.options import GROUPS, OPTIONS, by_group
from gncviz.experiment.settings import ExperimentSettings, assemble, flat, paths
from gncviz.experiment.snippet import python_lines
from gncviz.explorer.panels.controls import SHOWN, Controls
from gncviz.explorer.words.address import from_query, to_query
from gncviz.models import MODELS
from gncviz.models.tensor.recipes import TensorTaskSettings
from tests.experiment.strategies import EXPERIMENTS, MATRICES


def rows_of(settings: ExperimentSettings, rows: tuple[Option, ...]) -> dict[str, Any]:
    """Their values, but for those that are left out by being None."""
    values = flat(settings)
    return {row.path: values[row.path] for row in rows if values.get(row.path) is not None}


# --- the table


def test_every_setting_has_a_row_and_only_one() -> None:
    every = {path for model in MODELS for path in paths(model)}
    assert sorted(row.path for row in OPTIONS) == sorted(every)


@pytest.mark.parametrize("model", MODELS)
def test_what_can_be_set_of_a_kind_is_what_its_settings_have(model: str) -> None:
    settings = assemble({"task.model": model})
    assert settings.task.model == model
    assert sorted(flat(settings)) == sorted(paths(model))
    for row in OPTIONS:
        assert (model in row.models) == (row.path in flat(settings))
        if model in row.models:
            assert row.default_of(model) == flat(settings)[row.path]


def test_what_a_kind_does_not_have_is_refused_in_a_sentence() -> None:
    with pytest.raises(gv.SettingsError) as error:
        assemble({"task.model": "tensor", "network.activation": "tanh", "task.rows": 3})
    assert error.value.problems == [
        ("network.activation", "network.activation is no setting of tensors."),
        ("task.rows", "task.rows is no setting of tensors."),
    ]
    with pytest.raises(gv.SettingsError, match="model should be one of matrix, tensor"):
        assemble({"task.model": "graph"})
    with pytest.raises(gv.SettingsError) as error:
        assemble({"task.model": "tensor", "network.width": 0, "task.rank": 99})
    assert {path for path, _ in error.value.problems} == {"network.width", "task.rank"}


def test_task_and_network_are_of_one_kind() -> None:
    sentence = "network should be a TensorNetwork, for the task is one of tensors; got Network"
    with pytest.raises(gv.SettingsError, match=sentence):
        ExperimentSettings(task=TensorTaskSettings(), network=gv.Network())
    with pytest.raises(gv.SettingsError, match="network should be a Network, for the task is one"):
        ExperimentSettings(network=gv.TensorNetwork())
    assert ExperimentSettings(task=TensorTaskSettings()).network == gv.TensorNetwork()


def test_names_mean_one_setting_in_each_place() -> None:
    flags = [row.name for row in OPTIONS if row.flag]
    keys = [row.key for row in OPTIONS if row.key]
    labels = [row.label for row in OPTIONS if row.label]
    for names in (flags, keys, labels):
        assert len(set(names)) == len(names)


def test_groups_are_the_sections_and_their_rows_stand_together() -> None:
    assert set(GROUPS) == set(ExperimentSettings.model_fields)
    assert [row for rows in by_group().values() for row in rows] == list(OPTIONS)


def test_followers_follow_a_setting_that_leads() -> None:
    leaders = {row.follows for row in OPTIONS if row.follows}
    assert leaders <= {row.path for row in OPTIONS if not row.follows and row.flag}


@pytest.mark.parametrize("row", OPTIONS, ids=lambda row: row.path)
def test_a_row_says_what_it_sets_in_sentences(row: Option) -> None:
    assert re.fullmatch(r"[A-Z].*[a-z\d):]\.", row.help, flags=re.DOTALL)
    if row.slider:
        assert row.slider[0] < row.slider[1]
        assert row.kind in (int, float)
    if row.choices:
        assert row.default in [choice.value for choice in row.choices]
    if row.key and not row.follows:
        assemble({"task.model": row.models[0], row.path: row.unsaid})


def test_what_follows_has_the_same_value_unless_another_is_given() -> None:
    assert with_followers({"task.seed": 3}) == {
        "task.seed": 3,
        "guess_and_check.seed": 3,
        "descent.seed": 3,
    }
    given = {"task.seed": 3, "guess_and_check.seed": 4}
    assert with_followers(given) == {**given, "descent.seed": 3}


def test_a_problem_is_told_once() -> None:
    problems = [("descent.seed", "b"), ("task.seed", "a"), ("descent.lr", "c"), ("", "d")]
    assert without_echoes(problems) == problems[1:]
    assert without_echoes(problems[:1]) == problems[:1]


# --- words


@given(EXPERIMENTS)
def test_words_mean_what_was_written(settings: ExperimentSettings) -> None:
    for row in OPTIONS:
        value = flat(settings).get(row.path)
        if value is not None and (row.key or row.choices):
            read = row.read(row.write(value))
            assert (read, type(read)) == (value, type(value))


@given(st.integers(0, 2**63) | st.floats(0, allow_infinity=False))
def test_typed_numbers_keep_every_digit(value: float) -> None:
    assert number(repr(value)) == value
    assert number(f"{value:_}" if isinstance(value, int) else f" {value} ") == value


@pytest.mark.parametrize("text", ["", "five", "1 2 x", "_", "٣x", "1e", "²"])
def test_what_is_no_number_is_left_as_it_is(text: str) -> None:
    assert number(text) == text


def test_a_long_row_of_digits_is_no_reason_to_fail() -> None:
    assert number("9" * 5000) == float("inf")


# --- there and back


@given(EXPERIMENTS)
def test_the_command_line(settings: ExperimentSettings) -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser)
    said = rows_of(settings, tuple(row for row in OPTIONS if row.flag))
    by_path = {row.path: row for row in OPTIONS}
    line = [
        f"--{by_path[path].name.replace('_', '-')}={by_path[path].write(value)}"
        for path, value in said.items()
    ]
    assert settings_of(parser.parse_args(line)) == assemble(with_followers(said))


@given(EXPERIMENTS)
def test_the_address(settings: ExperimentSettings) -> None:
    assert from_query(to_query(settings)).settings == settings


SUBMITTED: list[ExperimentSettings] = []
PROBLEMS: list[list[str]] = []
CONTROLS = Controls(ExperimentSettings(), SUBMITTED.append, PROBLEMS.append)


@given(MATRICES)
def test_the_controls(settings: ExperimentSettings) -> None:
    said = rows_of(settings, SHOWN)
    CONTROLS.show(ExperimentSettings())
    for path, value in said.items():
        CONTROLS.controls[path].show(value)
    assert CONTROLS.submit(), PROBLEMS[-1]
    defaults = rows_of(ExperimentSettings(), SHOWN)
    changed = {path: value for path, value in said.items() if value != defaults[path]}
    assert SUBMITTED[-1] == assemble(with_followers(changed))


@given(EXPERIMENTS)
def test_the_lines_of_python(settings: ExperimentSettings) -> None:
    calls = [
        (ast.unparse(node.value.func), node.value.keywords)
        for node in ast.parse(python_lines(settings)).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    ]
    homes = {
        "gv.Task.random": "task",
        "gv.TensorTask.random": "task",
        "gv.DataTask.load": "task",
        "gv.Network": "network",
        "gv.TensorNetwork": "network",
        "gv.Prior": "prior",
        "gv.guess_and_check": "guess_and_check",
        "gv.gradient_descent": "descent",
    }
    said = {
        f"{homes[function]}.{keyword.arg}": eval(ast.unparse(keyword.value), {"gv": gv})
        for function, keywords in calls
        for keyword in keywords
    }
    assert assemble({"task.model": settings.task.model, **said}) == settings
