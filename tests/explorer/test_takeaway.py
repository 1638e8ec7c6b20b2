"""Files to take away hold what the run found, exactly, and can be read back."""

from __future__ import annotations

import ast
import inspect
import json
import re
import threading
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pyarrow.parquet as pq
import pytest

import gncviz as gv
from gncviz.descent.settings import DescentSettings
from gncviz.explorer import takeaway
from gncviz.explorer.download import Downloader
from gncviz.explorer.experiment import Experiment, run_experiment
from gncviz.explorer.settings import PRESETS, ExplorerSettings
from gncviz.explorer.takeaway import draws, figure_html, files, python_lines, summary
from gncviz.figures.style import HEIGHT
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.task import TaskSettings

SETTINGS = ExplorerSettings(
    task=TaskSettings(rows=3, cols=4, measurements=5, kind="completion", norm=1.5, seed=3),
    network=Network(width=4, depth=3, activation="tanh"),
    prior=Prior("uniform", normalize=True, scaling="fan_out"),
    guess_and_check=GuessAndCheckSettings(epsilon=0.15, samples=60, draws=20_000, seed=4),
    descent=DescentSettings(trials=3, lr=0.02, epochs=40, momentum=0.5, tolerance=0, seed=5),
)


def run(settings: ExplorerSettings) -> Experiment:
    return run_experiment(settings, lambda *_: None, threading.Event())


@pytest.fixture(scope="module")
def found() -> Experiment:
    return run(SETTINGS)


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
    assert takeaway.read_settings(schema.metadata[b"gncviz"]) == SETTINGS


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
    assert table.loc["gradient_descent", "stderr"] == gd.gen_loss.std(ddof=1) / np.sqrt(3)
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
    found = Experiment(ExplorerSettings(), descent=gd)
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
    monkeypatch.setattr(takeaway, "_MOST_ENTRIES", 1000)
    assert list(draws(found)) == ["origin", "weight", "train_loss", "gen_loss"]
    assert "without the matrices" in files(found)[0].about


@pytest.mark.parametrize("settings", [SETTINGS, *(preset.settings for preset in PRESETS)])
def test_settings_are_read_back(settings: ExplorerSettings) -> None:
    said = takeaway.write_settings(settings)
    assert takeaway.read_settings(said) == settings
    part = json.loads(said)
    assert part["gncviz"] == gv.__version__
    assert ExplorerSettings.model_validate_json(json.dumps(part["settings"])) == settings


@pytest.mark.parametrize("said", [b"[]", b"{}", b"<html>", b'{"settings": {"wings": 2}}'])
def test_what_are_no_settings_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"settings|JSON|Expecting|wings"):
        takeaway.read_settings(said)


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
    for settings in (SETTINGS, ExplorerSettings(), many, *(p.settings for p in PRESETS)):
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
    rows=3, cols=4, norm=1.5, measurements=5, kind="completion", seed=3
)
network = gv.Network(width=4, depth=3, activation="tanh")
prior = gv.Prior(family="uniform", normalize=True, scaling="fan_out")
post = gv.guess_and_check(
    task, network, prior, epsilon=0.15, samples=60, draws=20_000, seed=4
)
gd = gv.gradient_descent(
    task, network, trials=3, lr=0.02, epochs=40, momentum=0.5, tolerance=0.0, seed=5
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


@pytest.mark.parametrize("theme", [gv.figures.LIGHT, gv.figures.DARK])
def test_the_figure_is_one_page_that_needs_nothing_else(
    found: Experiment, theme: gv.figures.Theme
) -> None:
    assert found.post is not None
    figure = gv.figures.prior_vs_posterior(found.post, found.descent, theme=theme)
    page = figure_html(figure, "ε < 0.15 & <more>", theme=theme).decode()
    assert page.startswith("<!doctype html>")
    assert "<title>ε &lt; 0.15 &amp; &lt;more&gt;</title>" in page
    assert f"background: {theme.ground}" in page
    assert f'"paper_bgcolor":"{theme.ground}"' in page
    assert len(page) > 2_000_000, "plotly comes with it"
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[^>]*>", page)
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)", "the page's own figure is left as it is"
    figure.layout.height = None
    assert f'"height":{HEIGHT}' in figure_html(figure, "", theme=theme).decode()


def test_the_downloader_sends_bytes_and_forgets_old_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[Any, Any]] = []
    downloader = Downloader()
    monkeypatch.setattr(
        downloader, "_send", lambda said, buffers=None: sent.append((said, buffers))
    )
    downloader.trouble = "no figure"
    sent.clear()
    downloader.send("gncviz-draws.csv", b"a,b\n", "text/csv")
    downloader.picture("svg", "gncviz-figure")
    assert downloader.trouble == ""
    custom = [(said["content"], buffers) for said, buffers in sent if said["method"] == "custom"]
    assert custom == [
        ({"kind": "file", "name": "gncviz-draws.csv", "mime": "text/csv"}, [b"a,b\n"]),
        ({"kind": "picture", "format": "svg", "name": "gncviz-figure"}, None),
    ]
