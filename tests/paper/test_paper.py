"""The results that come with gncviz, and panels that are computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gncviz as gv
from gncviz.paper import (
    PANELS,
    STUDIES,
    TABLES,
    claims,
    known,
    panel,
    panel_settings,
    shipped,
    study,
)
from gncviz.posterior import guess_and_check
from gncviz.settings import SettingsError
from gncviz.sweeps import Store
from gncviz.sweeps.store import read_table
from gncviz.task import Task


@pytest.mark.parametrize(("figure", "activation"), PANELS)
def test_every_panel_is_there(figure: int, activation: str) -> None:
    result = known(panel_settings(figure, activation), shipped())
    assert result.complete
    frame = result.to_frame()
    assert len(frame) == len(result.settings.axes[0].values) * 8 * 3
    sampled = frame[frame["method"] == "guess_and_check"]
    assert (sampled["status"] == "ok").all()
    assert (sampled["stderr"] / sampled["mean_gen_loss"] < 0.2).all()


@pytest.mark.parametrize("figure", range(1, 12))
def test_the_tanh_panels_are_there_as_the_authors_code_has_them(figure: int) -> None:
    assert known(panel_settings(figure, "tanh", scaling="fan_out"), shipped()).complete


SHIPPED = (
    "activations-width",
    "activations-depth",
    "ranks",
    "thresholds",
    "wide",
    "deep",
    "large-width",
    "normalization",
)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_study_that_is_shown_is_there(name: str) -> None:
    for settings in STUDIES[name].sweeps.values():
        assert known(settings, shipped()).complete


def test_shipped_results_say_where_they_come_from() -> None:
    for table in TABLES.glob("*.parquet"):
        for _, _, origin in read_table(table):
            # With a mark where other files than the code, such as these tables, had changed.
            assert len(origin["commit"].removesuffix("+")) == 40
            assert origin["machine"]
            assert origin["made"].startswith("20")
            assert set(origin["versions"]) == {"gncviz", "torch", "numpy", "python"}


@pytest.mark.parametrize(
    ("figure", "activation", "value"),
    [(1, "linear", 20), (1, "leaky_relu", 5), (2, "linear", 2), (7, "tanh", 10), (11, "linear", 4)],
)
def test_shipped_results_agree_with_a_run_of_today(
    figure: int, activation: str, value: int
) -> None:
    """With another seed for the draws: false alarm about 5 · 1e-4 at 3.5 standard errors each."""
    settings = panel_settings(figure, activation)
    frame = known(settings, shipped()).to_frame()
    axis = settings.axes[0].name
    row = frame[(frame[axis] == value) & (frame["seed"] == 3)]
    stored = row[row["method"] == "guess_and_check"].iloc[0]
    post = guess_and_check(
        Task.from_settings(settings.task.replace(seed=3)),
        settings.network.replace(**{axis: value}),
        settings.prior,
        **dict(settings.sampling.replace(seed=99, device="cpu")),
    )
    error = np.hypot(stored["stderr"], post.stderr)
    assert abs(stored["mean_gen_loss"] - post.mean_gen_loss) < 3.5 * error
    log_error = np.hypot(stored["log10_acceptance_stderr"], post.log10_acceptance_stderr)
    assert abs(stored["log10_acceptance"] - post.log10_acceptance) < 3.5 * log_error


def test_a_panel_with_fewer_seeds_is_a_part_of_the_stored_one() -> None:
    few = gv.paper.panel(2, "linear", seeds=3)
    assert few.complete
    assert few.to_frame()["seed"].unique().tolist() == [0, 1, 2]


def test_a_folder_of_ones_own_is_used_instead_of_what_is_shipped(tmp_path: Path) -> None:
    settings = panel_settings(1, "linear", seeds=1)
    store = Store(tmp_path)
    for place in settings.places():
        assert place.descent is not None
        for point in (place.guess_and_check, place.descent):
            found = shipped().get(point)
            assert found is not None
            store.put(point, found)
    own = panel(1, "linear", seeds=1, results=tmp_path)
    assert own.to_wide().equals(panel(1, "linear", seeds=1).to_wide())
    assert claims(tmp_path) == []


def test_the_claims_cover_every_panel() -> None:
    found = claims()
    assert {(claim.figure, claim.activation) for claim in found} == set(PANELS)
    assert {claim.scaling for claim in found if claim.activation == "tanh"} == {
        "fan_in",
        "fan_out",
    }
    width = [claim for claim in found if claim.claim == "Guess & Check gets worse with width"]
    assert all(claim.holds for claim in width)


def test_claims_of_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(SettingsError, match="results should be a folder with results; got"):
            claims(place)


def test_a_study_is_there_by_its_name_and_an_unknown_one_names_the_others() -> None:
    found = study("ranks")
    assert all(result.complete for result in found.values())
    assert {result.settings.task.rank for result in found.values()} == {1, 2, 3}
    with pytest.raises(SettingsError, match=r"thresholds.*got 'rank'"):
        study("rank")
