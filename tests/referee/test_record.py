"""The documentation's table is what was found, and what was found is honest."""

from __future__ import annotations

import pytest

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
