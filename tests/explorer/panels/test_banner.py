"""What is wrong, said by several who know of each other nothing."""

from __future__ import annotations

import pytest

from gncviz.explorer.panels.banner import Banner
from tests.explorer.driver import plain


def said(banner: Banner) -> str:
    return "" if banner.widget.layout.display == "none" else plain(banner.widget.value)


def test_nobody_takes_back_what_another_said() -> None:
    banner = Banner()
    assert said(banner) == ""
    banner.show("run", ["The run failed."])
    banner.show("settings", ["Width should be 1 or more.", "Depth, too."])
    assert said(banner) == "The run failed. Width should be 1 or more. Depth, too."
    banner.show("settings", ["Depth, too."])
    banner.show("download")
    assert said(banner) == "The run failed. Depth, too."
    banner.show("run")
    banner.show("settings")
    assert said(banner) == ""


def test_a_failure_is_said_until_the_same_action_goes_well() -> None:
    banner, broken = Banner(), [True]

    def act() -> None:
        if broken:
            raise RuntimeError("no paper")

    attempt, other = banner.guard(act), banner.guard(lambda: None)
    attempt("what happened")
    other()
    assert said(banner) == "Something went wrong here: no paper"
    broken.clear()
    attempt("what happened")
    assert said(banner) == ""


def test_what_failed_is_forgotten_and_nothing_else() -> None:
    banner = Banner()
    banner.show("address", ["No such width."])
    banner.guarded(lambda number: 1 / number)(0)
    assert said(banner) == "No such width. Something went wrong here: division by zero"
    banner.forget_failures()
    assert said(banner) == "No such width."


def test_the_same_sentence_is_said_once_and_as_text() -> None:
    banner = Banner()
    for topic in ("run", "settings"):
        banner.show(topic, ["<b>device</b> is none."])
    assert banner.widget.value.count("role=") == 1
    assert "<b>" not in banner.widget.value


@pytest.mark.parametrize("sentences", [[], ["No such width."]])
def test_what_has_not_changed_is_not_announced_again(sentences: list[str]) -> None:
    banner, changes = Banner(), []
    banner.show("run", sentences)
    banner.widget.observe(changes.append)
    banner.show("run", sentences)
    assert changes == []


def test_where_files_are_is_not_said() -> None:
    banner = Banner()
    error = PermissionError(13, "Permission denied", "/home/anna/results/x.parquet")
    banner.guard(lambda: raise_(error))()
    assert "Permission denied" in said(banner)
    assert "anna" not in banner.widget.value


def raise_(error: Exception) -> None:
    raise error
