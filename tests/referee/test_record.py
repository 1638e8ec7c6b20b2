"""The documentation's table is what was found, and what was found is honest."""

from __future__ import annotations

import json

import pytest

from tests.referee.coverage import RECORD as COVERAGE
from tests.referee.record import DOCUMENT, read, updated
from tests.referee.targets import TARGETS


def test_the_table_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert updated(text, read()["rows"]) == text


def test_every_run_is_kept_with_its_truth() -> None:
    kept = {(row["target"], row["asked"]): row for row in read()["rows"]}
    assert list(kept) == [(target.name, method) for target in TARGETS for method in target.methods]
    for target in TARGETS:
        for method in target.methods:
            row = kept[target.name, method]
            assert row["known_log10_acceptance"] == pytest.approx(target.truth.log10_acceptance)
            assert row["known_mean_gen_loss"] == pytest.approx(target.truth.mean_gen_loss)


def test_wrong_without_a_word_is_only_what_no_run_can_tell() -> None:
    wrong = {(row["target"], row["asked"]) for row in read()["rows"] if row["verdict"] == "wrong"}
    assert wrong <= {(target.name, method) for target in TARGETS for method in target.beyond}


def test_coverage_is_told_as_it_was_found() -> None:
    found = json.loads(COVERAGE.read_text(encoding="utf-8"))
    text = " ".join(DOCUMENT.read_text(encoding="utf-8").split())
    loss, acceptance = (
        [100 * row[name] for row in found["covered"]] for name in ("mean loss", "log acceptance")
    )
    assert f"Over {found['runs']} runs each" in text
    assert f"hold the mean loss in {min(loss):.1f} to {max(loss):.1f} %" in text
    assert f"acceptance in {min(acceptance):.1f} to {max(acceptance):.1f} %" in text
    assert min(*loss, *acceptance) > 93
    assert max(*loss, *acceptance) < 97
    values = [row[name] for row in found["calibrated"] for name in ("squares", "sum")]
    assert f"{found['networks']} networks" in text
    assert len(values) == 10
    assert f"smallest of ten p-values is {min(values):.2f}" in text
