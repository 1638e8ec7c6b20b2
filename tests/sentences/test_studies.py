"""What is said of the studies: the page and the README's summary, and each verdict in words."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from gncviz.paper.studies import (
    STUDIES,
    gd_trains,
    large_matrices,
    measurements,
    rank_depth,
    read_study,
    relu_depth,
    relu_width,
)
from gncviz.paper.studies.summaries import mean_error
from gncviz.paper.verdicts import verdicts
from tests.documents import ROOT
from tests.sentences.held import Said
from tests.sentences.results import held_claims, losses, panel


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "scripts"))
    import findings

    yield findings
    sys.path.remove(str(ROOT / "scripts"))


def table(name: str) -> pd.DataFrame:
    path = STUDIES[name].path
    if not path.exists():
        pytest.skip(f"the table of {name} does not come with this version")
    return read_study(path)[0]


def test_the_page_is_what_the_tables_say(script: ModuleType) -> None:
    made = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert made == script.findings()


def test_the_summary_of_the_readme_is_too(script: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == script.updated(readme)
    assert script.summary() in readme


def test_no_study_is_forgotten(script: ModuleType) -> None:
    told = script.findings()
    for study in STUDIES.values():
        assert (study.question in told) == study.path.exists()


def test_relu_ends_elsewhere_in_every_task() -> None:
    found = table("relu_width")
    for name in relu_width.ACTIVATIONS:
        shares = relu_width.limits(found, name)
        assert len(shares) == relu_width.LIMITS
        assert shares.min() < 0.9
        assert shares.max() > 1.02
        mean, error = mean_error(relu_width.gaps(found, name)[1280].dropna())
        assert abs(mean) < 3 * error + 0.003


def test_gradient_descent_that_trains_is_below() -> None:
    found = table("gd_trains")
    for depth in (7, 8, 9):
        public, chosen = (
            gd_trains.trained(found, purpose, 2, depth)[0]
            for purpose in (gd_trains.PUBLIC, gd_trains.CHOSEN)
        )
        assert chosen > public
    below, panels = gd_trains.below(found, gd_trains.CHOSEN, 9)
    assert below > panels / 2
    assert below > gd_trains.below(found, gd_trains.PUBLIC, 9)[0]


def test_what_was_tuned_on_is_not_in_the_panels() -> None:
    found = table("gd_trains")
    seeds = {purpose: set(part["seed"]) for purpose, part in found.groupby("purpose")}
    assert not seeds[gd_trains.CHOICE] & (seeds[gd_trains.PUBLIC] | seeds[gd_trains.CHOSEN])


def test_depth_helps_a_higher_rank_below_the_residual_of_the_lower() -> None:
    above, _, below, _ = rank_depth.around(table("rank_depth"))
    assert below < above


def test_depth_helps_larger_matrices() -> None:
    found = table("large_matrices")
    changes = {size: large_matrices.changes(found, size) for size in large_matrices.SIZES}
    assert {size: len(tasks) for size, tasks in changes.items()} == {5: 8, 10: 8, 20: 4}
    small, *larger = (np.mean(tasks) for tasks in changes.values())
    assert max(small, *larger) < 0.5
    assert max(larger) < 1.25 * small
    assert max(large_matrices.changes(found, 20, 5)) < 1


def test_depth_helps_relu() -> None:
    found = table("relu_depth")
    for depth in (4, 10):
        changes = relu_depth.changes(found, depth)
        mean, error = mean_error(changes)
        assert mean + 3 * error < 1
        assert np.mean(np.array(changes) < 1) > 0.8


def test_no_step_at_sixteen_measurements() -> None:
    found = measurements.steps(table("measurements"))
    (before, here, after), errors = zip(*(found[count] for count in (15, 16, 17)), strict=True)
    error = math.hypot(errors[1], errors[0] / 2, errors[2] / 2)
    assert here < (before + after) / 2 + 2 * error, "a step would take more than its neighbours"
    assert here + 2 * errors[1] < found[10][0], "what the first measurements take is more"


def test_the_lead_of_gradient_descent_grows_with_the_data() -> None:
    found = table("measurements")
    for over, (_, values) in measurements.CELLS.items():
        for value in values:
            leads = [measurements.lead(found, over, value, count) for count in (8, 15, 22)]
            assert leads == sorted(leads)


def test_tables_are_small() -> None:
    sizes = [study.path.stat().st_size for study in STUDIES.values() if study.path.exists()]
    assert max(sizes) < 300_000
    assert Path(STUDIES["relu_width"].path).parent.name == "tables"


@pytest.mark.parametrize(
    ("place", "words", "over"),
    [
        (0, "gets worse with width", "width"),
        (1, "of the prior, its limit", "width"),
        (2, "gradient descent is below", "width"),
        (3, "gets better with depth", "depth"),
        (4, "gradient descent is below", "depth"),
    ],
)
def test_verdicts_count_the_claims(place: int, words: str, over: str) -> None:
    held = held_claims(words, over=over)
    said = Said(verdicts()[place].verdict)
    said.says("holds in {} of {} panels", sum(held), len(held))


def test_an_effect_is_a_mean_over_the_tasks() -> None:
    found = losses(panel(2, "linear"))
    mean, error = mean_error(found[10] / found[2])
    deeper = verdicts()[3]
    assert deeper.tasks == len(found)
    Said(deeper.effect).says("at depth 10 / at depth 2 = {} ± {}", mean, error)
