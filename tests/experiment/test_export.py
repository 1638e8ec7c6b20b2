"""Files to take away hold what the run found, exactly, and can be read back."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import gncviz as gv
from gncviz.experiment import export
from gncviz.experiment.export import draws, files, summary
from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import PRESETS, ExperimentSettings
from gncviz.settings import SettingsError
from tests.experiment.small import SETTINGS


def content(found: Experiment, name: str) -> bytes:
    return next(file for file in files(found) if file.name == name).content()


def csv(found: Experiment, name: str) -> pd.DataFrame:
    return pd.read_csv(BytesIO(content(found, name)))


def test_the_files_and_their_types(found: Experiment) -> None:
    assert {file.name: file.mime for file in files(found)} == {
        "gncviz-draws.csv": "text/csv",
        "gncviz-draws.parquet": "application/vnd.apache.parquet",
        "gncviz-summary.csv": "text/csv",
        "gncviz-path.csv": "text/csv",
        "gncviz-spectra.csv": "text/csv",
        "gncviz-curves.csv": "text/csv",
        "gncviz-settings.json": "application/json",
        "gncviz-run.py": "text/x-python",
    }
    assert all(file.about.endswith(".") for file in files(found))


def test_parts_that_have_not_come_have_no_files(found: Experiment) -> None:
    names = [file.name for file in files(Experiment(SETTINGS))]
    assert names == ["gncviz-settings.json", "gncviz-run.py"]
    half = replace(found, spectra=None, descent=None)
    assert {file.name for file in files(half)} >= {"gncviz-draws.csv", "gncviz-path.csv"}
    assert "gncviz-curves.csv" not in {file.name for file in files(half)}
    assert set(csv(half, "gncviz-draws.csv")["origin"]) == {"prior", "guess_and_check"}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_draws_hold_every_number(found: Experiment, ending: str) -> None:
    if ending == "csv":
        table = csv(found, "gncviz-draws.csv")
    else:
        table = pd.read_parquet(BytesIO(content(found, "gncviz-draws.parquet")))
    post, gd = found.post, found.descent
    assert post is not None
    assert gd is not None
    parts = dict(list(table.groupby("origin", sort=False)))
    assert list(parts) == ["prior", "guess_and_check", "gradient_descent"]
    expected: dict[str, tuple[Any, Any, Any]] = {
        "prior": (post.prior_train_loss, post.prior_gen_loss, post.prior_matrices),
        "guess_and_check": (post.train_loss, post.gen_loss, post.matrices),
        "gradient_descent": (gd.train_loss, gd.gen_loss, gd.matrices),
    }
    entries = [f"w_{i}_{j}" for i in (1, 2, 3) for j in (1, 2, 3, 4)]
    assert list(table) == ["origin", "weight", "train_loss", "gen_loss", *entries]
    for origin, (train_loss, gen_loss, matrices) in expected.items():
        part = parts[origin]
        np.testing.assert_array_equal(part["train_loss"], train_loss)
        np.testing.assert_array_equal(part["gen_loss"], gen_loss)
        np.testing.assert_array_equal(part[entries].to_numpy().reshape(-1, 3, 4), matrices)
        assert part["weight"].sum() == pytest.approx(1.0)
        # The losses once more, from the entries in the file.
        again = post.task.gen_loss(part[entries].to_numpy().reshape(-1, 3, 4))
        np.testing.assert_allclose(again, part["gen_loss"], rtol=1e-9, atol=1e-15)


def test_the_parquet_file_says_which_settings_it_is_of(found: Experiment) -> None:
    schema = pq.read_schema(BytesIO(content(found, "gncviz-draws.parquet")))
    assert export.read_settings(schema.metadata[b"gncviz"]) == SETTINGS


def test_summary_holds_the_estimates(found: Experiment) -> None:
    table = csv(found, "gncviz-summary.csv").set_index("origin")
    post, gd = found.post, found.descent
    assert post is not None
    assert gd is not None
    for origin, mean, rows in [
        ("prior", post.prior_gen_loss.mean(), len(post.prior_gen_loss)),
        ("guess_and_check", post.mean_gen_loss, len(post.gen_loss)),
        ("gradient_descent", gd.gen_loss.mean(), 3),
    ]:
        assert table.loc[origin, "mean_gen_loss"] == mean
        assert table.loc[origin, "draws"] == rows
    assert table.loc["prior", "stderr"] == pytest.approx(post.prior_stderr)
    stderr = gd.gen_loss.std(ddof=1) / np.sqrt(3)
    assert table.loc["gradient_descent", "stderr"] == pytest.approx(stderr)
    row = table.loc["guess_and_check"]
    for name in ("stderr", "log10_acceptance", "effective_samples", "method", "seconds"):
        assert row[name] == getattr(post, name)
    assert row["epsilon"] == 0.15
    assert row["status"] == post.message
    assert np.isnan(table.loc["prior", "log10_acceptance"])
    assert np.isnan(table.loc["gradient_descent", "epsilon"])


def test_a_diverged_trial_has_no_weight_and_nothing_is_made_up() -> None:
    task = gv.Task.random(seed=0)
    gd = gv.gradient_descent(
        task, gv.Network(), trials=2, lr=1e6, step_rule="fixed", init_scale=1.0, epochs=100
    )
    assert gd.diverged.all()
    found = Experiment(ExperimentSettings(), descent=gd)
    assert (draws(found)["weight"] == 0).all()
    assert draws(found)["gen_loss"].isna().all()
    (row,) = summary(found).to_dict("records")
    assert np.isnan(row["mean_gen_loss"])
    assert np.isnan(row["stderr"])
    assert row["effective_samples"] == 0


def test_path_curves_and_spectra_are_the_result_s(found: Experiment) -> None:
    assert found.post is not None
    assert found.descent is not None
    assert found.spectra is not None
    pd.testing.assert_frame_equal(csv(found, "gncviz-path.csv"), found.post.path)
    curves = csv(found, "gncviz-curves.csv")
    pd.testing.assert_frame_equal(curves, found.descent.history, check_exact=True)
    spectra = csv(found, "gncviz-spectra.csv")
    pd.testing.assert_frame_equal(spectra, found.spectra.table.reset_index(drop=True))


def test_millions_of_entries_stay_at_home(
    found: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_MOST_ENTRIES", 1000)
    assert list(draws(found)) == ["origin", "weight", "train_loss", "gen_loss"]
    assert "without the outputs" in files(found)[0].about


@pytest.mark.parametrize("settings", [SETTINGS, *(preset.settings for preset in PRESETS)])
def test_settings_are_read_back(settings: ExperimentSettings) -> None:
    said = export.write_settings(settings)
    assert export.read_settings(said) == settings
    part = json.loads(said)
    assert part["gncviz"] == gv.__version__
    assert ExperimentSettings.model_validate_json(json.dumps(part["settings"])) == settings


def test_settings_of_before_a_field_was_there_have_its_default() -> None:
    said = json.loads(export.write_settings(SETTINGS))
    del said["settings"]["network"]["width"], said["settings"]["prior"]
    read = export.read_settings(json.dumps(said))
    assert read == SETTINGS.replace(network={"depth": 3, "activation": "tanh"}, prior={})


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"[]", "should be a JSON file"),
        (b"{}", "should be a JSON file"),
        (b"<html>", "should be a JSON file"),
        (b'{"settings": {"wings": 2}}', "should be a JSON file"),
        (b'{"settings": {"network": {"wings": 2}}}', "network.wings is not a setting; allowed are"),
        (b'{"settings": {"network": {"width": 0}}}', "width should be greater than or equal to 1"),
    ],
)
def test_what_are_no_settings_is_refused_in_a_sentence(said: bytes, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        export.read_settings(said)
