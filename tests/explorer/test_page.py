"""What the address asks for when the page opens."""

from __future__ import annotations

import subprocess
import sys

from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.model.runner import Phase
from tests.explorer.driver import Page


def test_the_address_is_restored_and_run(page: Page) -> None:
    address = page.part(AddressBar)
    address.query = (
        "?theme=dark&gv=1&gv.width=7&gv.epsilon=0.2&gv.samples=20&gv.epochs=10&gv.seed=3"
        "&gv.tab=epsilon-path&gv.hide=task,gradient-descent"
    )
    address.ready = True
    page.finish()
    assert page.explorer.settings.network.width == 7
    assert page.explorer.model.shown.post.settings.seed == 3
    assert page.open_tab == "ε-path"
    assert page.groups == ["Network", "Prior", "Guess & Check"]
    page.set("Width", "8")
    assert "gv.width=8" in address.wanted
    assert "theme=dark" in address.wanted
    assert "gv.hide=" in address.wanted


def test_a_bad_address_gets_a_message_and_the_defaults(page: Page) -> None:
    before = page.explorer.settings
    address = page.part(AddressBar)
    address.query = "?gv=1&gv.width=<img src=x onerror=alert(1)>"
    address.ready = True
    assert "address of this page" in page.alert
    assert "<img" not in page.raw()
    assert page.explorer.settings == before
    assert page.explorer.model.phase is Phase.IDLE


def test_what_the_page_has_no_controls_for_is_said(page: Page) -> None:
    before = page.explorer.settings
    address = page.part(AddressBar)
    address.query = "?gv=1&gv.model=tensor&gv.shape=4,4,4"
    address.ready = True
    assert "task should be one of matrices: tensors are for gv.guess_and_check" in page.alert
    assert page.explorer.settings == before


def test_an_address_without_ours_changes_nothing(page: Page) -> None:
    address = page.part(AddressBar)
    address.query = "?theme=dark"
    address.ready = True
    assert page.explorer.model.phase is Phase.IDLE
    assert page.alert == ""


_FIRST = """
import os, sys
import gncviz as gv
page = gv.Explorer()
early = {"torch", "pandas", "scipy", "numba", "gncviz.sweeps"} & set(sys.modules)
assert not early, early
page.page.view = "Explore"
page.model.run()
assert "pandas" in sys.modules, "by the page's own thread, before the run's"
os._exit(0)  # In the middle of what is loaded ahead.
"""


def test_the_first_picture_needs_neither_torch_nor_pandas() -> None:
    subprocess.run([sys.executable, "-c", _FIRST], check=True)
