"""Studies: computed in parts, resumed, with a table that says what is doubtful."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gncviz import figures
from gncviz.cli import main
from gncviz.models.data.recipes import DataSettings
from gncviz.network import Network
from gncviz.paper.studies import (
    STUDIES,
    Part,
    Plot,
    Sentence,
    Study,
    read_study,
    run_study,
    table_of,
    write_study,
)
from gncviz.paper.studies.gd_trains import OVER_DEPTH, TUNED, chosen, tuned_on
from gncviz.paper.studies.summaries import factors, mean_error, of, settled, spread
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.sweeps import Store, SweepResult
from gncviz.sweeps.findings import CurveFinding
from gncviz.sweeps.settings import Axis, SweepSettings
from tests.paper.test_claims import sampled

RUNNING: dict[str, Any] = {"workers": 1}


def small(width: int = 5, **changes: Any) -> SweepSettings:
    settings: SweepSettings = SweepSettings(
        axes=(Axis(name="width", values=(width, width + 1)),),
        network=Network(),
        sampling=GuessAndCheckSettings(epsilon=0.3, samples=50),
        descent=None,
        seeds=(0, 1),
    ).replace(**changes)
    return settings


def made_up(stages: Any, **more: Any) -> Study:
    return Study(
        name="made_up",
        title="Made up",
        question="Is it?",
        verdict="yes",
        stages=stages,
        points=lambda table: spread(of(table, method="prior"), "mean_gen_loss", "width", "colour"),
        plot=Plot("width", "loss", level=(1.0, "one")),
        sentences=(
            Sentence("{:.0f} rows.", lambda table: [len(table)]),
            Sentence("{:.1f}.", lambda table: [table["mean_gen_loss"].mean()]),
        ),
        **more,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("study"))


def parts(found: Any) -> Iterable[Part]:
    yield Part({"colour": "red"}, small())


def test_stages_know_what_came_before(store: Store) -> None:
    seen = []

    def second(found: Any) -> Iterable[Part]:
        seen.extend(found)
        yield Part({"colour": "blue"}, small(7, descent=None))

    study = made_up((parts, second), beside=lambda: pd.DataFrame({"colour": ["green"], "seed": 9}))
    found = run_study(study, store, **RUNNING)
    assert [part.labels["colour"] for part, _ in found] == ["red", "blue"]
    ((first, result),) = seen
    assert first.labels == {"colour": "red"}
    assert result.complete
    table = table_of(study, found)
    assert table.groupby("colour").size().to_dict() == {"blue": 8, "green": 1, "red": 8}
    assert set(of(table, colour="red")["width"]) == {5, 6}
    assert (of(table, colour="red")["epsilon"] == 0.3).all()


def test_what_is_stored_is_not_computed_again(store: Store) -> None:
    study = made_up((parts,))
    before = run_study(study, store, **RUNNING)
    said: list[str] = []
    after = run_study(study, store, progress=lambda p: said.append(p.message), **RUNNING)
    assert said[0] == "4 of 4 points, 4 of them from before"
    pd.testing.assert_frame_equal(table_of(study, before), table_of(study, after))


def test_a_stage_that_is_stopped_has_none_after_it(tmp_path: Path) -> None:
    def never(found: Any) -> Iterable[Part]:
        raise AssertionError("the first stage is not done")

    study = made_up((parts, never))
    found = run_study(study, Store(tmp_path), seconds=1e-9, **RUNNING)
    assert [result.found for _, result in found] == [0]
    assert len(table_of(study, found)) == 0


def test_fewer_tasks_are_the_first(store: Store) -> None:
    table = table_of(made_up((parts,)), run_study(made_up((parts,)), store, 1, **RUNNING))
    assert set(table["seed"]) == {0}


def test_some_kinds_of_points_alone(tmp_path: Path) -> None:
    def descents(found: Any) -> Iterable[Part]:
        descent = {"trials": 1, "epochs": 10}
        yield Part({}, small(descent=descent, seeds=(0,)), ("gradient_descent",))

    study = made_up((descents,))
    table = table_of(study, run_study(study, Store(tmp_path), **RUNNING))
    assert set(table["method"]) == {"gradient_descent"}
    assert not (tmp_path / "guess_and_check").exists()


def table_with(**changes: Any) -> pd.DataFrame:
    """Of a study whose only point has a finding with some numbers changed."""
    import dataclasses

    settings = small(axes=(Axis(name="width", values=(5,)),), seeds=(0,))
    (place,) = settings.places()
    finding = dataclasses.replace(sampled(0.5, 1.0), **changes)
    result = SweepResult(settings, {place.guess_and_check.key: finding})
    return table_of(made_up(()), [(Part({"colour": "red"}, settings), result)])


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({}, ""),
        ({"stderr": 0.024}, ""),
        ({"stderr": 0.026}, "standard error"),
        ({"stderr": math.nan}, "standard error"),
        ({"warnings": ("few islands",)}, "islands disagree"),
        ({"mean_gen_loss": math.nan}, "no number"),
    ],
)
def test_doubtful_points_are_marked(changes: dict[str, Any], doubt: str) -> None:
    table = table_with(**changes)
    assert of(table, method="guess_and_check")["doubt"].tolist() == [doubt]
    assert of(table, method="prior")["doubt"].tolist() == [""]
    assert len(settled(table)) == (doubt == "")


def test_a_learning_curve_speaks_of_its_end() -> None:
    settings = small(
        axes=(Axis(name="train", values=(2, 4)),),
        task=DataSettings(classes=(3, 8), test=9),
        network=Network(activation="relu"),
        seeds=(0,),
        curves=True,
    )
    point = next(settings.places()).guess_and_check
    numbers = (math.nan, 0.4, 0.3, 0.2, 0.1)
    finding = CurveFinding(
        *[(0.0,) * 5, (0.1,) * 5, (0.5,) * 5, (0.01, 0.01, 0.03, 0.01, 0.01)],
        *[numbers, numbers, (99.0,) * 5, "ok", 100, ("few islands",), 1.0, "cpu"],
    )
    table = table_of(
        made_up(()),
        [(Part({"colour": "red"}, settings), SweepResult(settings, {point.key: finding}))],
    )
    doubts = {
        (row.train, row.method): row.doubt for row in table.itertuples() if row.method != "prior"
    }
    # The average's error is the error of few samples of the test.
    assert doubts == {
        (2, "guess_and_check"): "standard error",
        (2, "average"): "",
        (4, "guess_and_check"): "islands disagree",
        (4, "average"): "islands disagree",
    }


def test_doubtful_points_are_hollow() -> None:
    good, bad = table_with(), table_with(stderr=1.0)
    table = pd.concat([good, bad.assign(width=6)])
    points = spread(of(table, method="guess_and_check"), "mean_gen_loss", "width", "colour")
    (trace,) = figures.study(points, Plot("width", "loss")).data
    assert list(trace.marker.symbol) == ["circle", "circle-open"]
    assert list(trace.y) == [0.5, 0.5]


def test_a_table_is_read_as_it_was_written(store: Store, tmp_path: Path) -> None:
    study = made_up((parts,))
    table = table_of(study, run_study(study, store, **RUNNING))
    write_study(study, table, tmp_path / "table.parquet")
    again, about = read_study(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(again, table)
    assert about["study"] == "made_up"
    assert about["tasks"] == 2
    assert about["provenance"]["versions"]["gncviz"]
    (tmp_path / "other.parquet").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not the table of a study"):
        read_study(tmp_path / "other.parquet")


def test_losses_choose_most_that_train_then_the_smallest_start() -> None:
    low, high = 1e-6, 1e-2
    assert chosen({(1e-2, 0.1): [low, high], (1e-2, 0.4): [low, low]}) == (1e-2, 0.4)
    assert chosen({(1e-2, 0.4): [low, low], (3e-2, 0.1): [1e-5, 1e-5]}) == (3e-2, 0.1)
    assert chosen({(3e-2, 0.1): [low], (1e-2, 0.1): [1e-5]}) == (1e-2, 0.1)
    # Where none trains, the smallest loss; one that diverged has none.
    assert chosen({(1e-2, 0.1): [0.1, 0.1], (1e-2, 0.2): [0.05, 0.1]}) == (1e-2, 0.2)
    assert chosen({(1e-2, 0.1): [0.1, 0.1], (1e-2, 0.2): [math.nan, 1e-3]}) == (1e-2, 0.1)


def test_figures_with_the_same_descent_are_tuned_once() -> None:
    assert TUNED == (2, 4, 6, 10)
    assert [tuned_on(figure) for figure in OVER_DEPTH] == [2, 4, 6, 2, 10, 2]


def test_summaries() -> None:
    assert mean_error([1.0, 3.0]) == (2.0, 1.0)
    assert math.isnan(mean_error([1.0])[1])
    table = pd.DataFrame(
        {"seed": [0, 0, 1, 1, 2], "depth": [2, 10, 2, 10, 2], "mean_gen_loss": [4, 1, 2, 1, 5.0]}
    )
    assert factors(table, "depth", 2, 10) == [0.25, 0.5]


@pytest.mark.parametrize("study", STUDIES.values(), ids=list(STUDIES))
def test_a_study_has_all_that_it_takes(study: Study) -> None:
    assert study.question.endswith("?")
    first = list(study.stages[0](()))
    apart = {(*part.labels.values(), part.settings.network, part.settings.axes) for part in first}
    assert len(apart) == len(first)
    for part in first:
        assert len(part.points) >= len(part.settings.seeds)


STORED = {name: study for name, study in STUDIES.items() if study.path.exists()}


@pytest.mark.parametrize("study", STORED.values(), ids=list(STORED))
def test_stored_tables_are_told_and_drawn(study: Study) -> None:
    table, about = read_study(study.path)
    assert about["study"] == study.name
    for sentence in study.sentences:
        text = sentence.text(table)
        assert text.endswith(".")
        assert "nan" not in text
    figure = figures.study(study.points(table), study.plot)
    assert len(figure.data) > 0
    for trace in figure.data:
        assert np.isfinite(np.array(trace.y, dtype=float)).all()


def test_the_command_prints_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study"]) == 0
    said = capsys.readouterr().out
    for study in STUDIES.values():
        assert study.question in said
    assert main(["study", "nothing"]) == 2
    assert "relu_width" in capsys.readouterr().err
    assert main(["study", "relu_width", "--seeds", "1"]) == 2
    assert "go with out" in capsys.readouterr().err


def test_the_command_computes_what_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(STUDIES, "made_up", made_up((parts,)))
    arguments = ["study", "made_up", "--seeds", "1", "--workers", "1", "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert "4 rows." in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} >= {"made_up.parquet", "made_up.html"}
