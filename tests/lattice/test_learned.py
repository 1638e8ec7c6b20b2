"""Stored settings of data: they come back as they were, and are what a run finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gncviz.experiment.learning import Learned, run_learning
from gncviz.experiment.learning.result import panels
from gncviz.experiment.learning.starts import STARTS
from gncviz.lattice.learned import FOLDER, keep, known, read
from tests.explorer.model.test_data import quick


def check_same(one: Learned, other: Learned) -> None:
    pd.testing.assert_frame_equal(one.curve, other.curve)
    pd.testing.assert_frame_equal(one.descent, other.descent, rtol=1e-6)
    assert (one.plane is None) == (other.plane is None)
    if one.plane is not None and other.plane is not None:
        assert list(one.plane.regions) == list(other.plane.regions)
        for name, sides in one.plane.regions.items():
            # A point on a border may fall to either side on another machine.
            assert (sides == other.plane.regions[name]).mean() > 0.999


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    found = run_learning(quick())
    keep(tmp_path / "one.npz", found, {"commit": "abc"})
    again = read(tmp_path / "one.npz")
    check_same(again, found)
    assert again.settings == found.settings
    assert (again.status, again.message, again.made) == ("ok", found.message, {"commit": "abc"})
    assert again.plane is not None
    assert found.plane is not None
    np.testing.assert_array_equal(again.plane.x, found.plane.x)
    assert again.plane.classes == found.plane.classes


@pytest.mark.parametrize("name", STARTS)
def test_every_set_of_the_page_is_stored_whole(name: str) -> None:
    found = known(STARTS[name].settings)
    assert found is not None
    assert found.status == "ok"
    assert found.warnings == ()
    assert found.curve is not None
    assert len(found.curve) == found.count + 1
    assert found.descent is not None
    assert (found.descent["status"] == "converged").all()
    if found.plane is not None:
        assert tuple(found.plane.regions) == panels(found.settings)
    assert {"commit", "machine"} <= set(found.made)


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.npz")) < 40_000
    assert known(quick()) is None


@pytest.mark.slow
def test_a_run_finds_what_is_stored() -> None:
    settings = STARTS["moons"].settings
    stored = known(settings)
    assert stored is not None
    check_same(run_learning(settings), stored)
