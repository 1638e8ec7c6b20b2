"""Options become settings: the words of the table, the numbers that people write."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from gncviz.cli import run, sweep
from gncviz.cli.options import settings_of
from gncviz.settings import SettingsError


def asked(module: Any, *line: str, **file: Any) -> argparse.Namespace:
    """The options of a command, from its line and from a settings file."""
    parser = argparse.ArgumentParser()
    module.add_options(parser)
    parser.set_defaults(**file)
    return parser.parse_args(line)


@pytest.mark.parametrize("draws", ["1e6", "1000000", "1_000_000", "1 000 000"])
def test_whole_numbers_as_people_write_them(draws: str) -> None:
    assert settings_of(asked(run, "--draws", draws)).guess_and_check.draws == 10**6


def test_one_seed_and_one_device_for_all() -> None:
    settings = settings_of(asked(run, "--seed", "3", "--device", "cpu"))
    assert (settings.task.seed, settings.guess_and_check.seed, settings.descent.seed) == (3, 3, 3)
    assert (settings.guess_and_check.device, settings.descent.device) == ("cpu", "cpu")
    assert settings_of(asked(sweep, "--device", "cpu")).descent.device == "cpu"


def test_a_file_may_hold_numbers_and_words() -> None:
    settings = settings_of(asked(run, width=7, epsilon="0.5", normalize="factors", norm=2))
    assert (settings.network.width, settings.guess_and_check.epsilon) == (7, 0.5)
    assert settings.prior.normalize is True
    assert settings.task.norm == 2.0


def test_a_sweep_has_no_seed_and_no_trials_of_its_own() -> None:
    with pytest.raises(SystemExit):
        asked(sweep, "--trials", "3")
    assert settings_of(asked(sweep, "--seeds", "3")).task.seed == 0


def test_everything_that_is_wrong_is_told_by_the_options_names() -> None:
    line = ["--width", "0", "--init-scale", "x", "--seed", "-1", "--method", "magic"]
    with pytest.raises(SettingsError) as error:
        settings_of(asked(run, *line))
    assert error.value.problems == [
        ("method", "method should be one of auto, plain, splitting, collapsed; got 'magic'."),
        ("seed", "seed should be greater than or equal to 0; got -1."),
        ("width", "width should be greater than or equal to 1; got 0."),
        (
            "init_scale",
            "init_scale should be a valid number, unable to parse string as a number; got 'x'.",
        ),
    ]
