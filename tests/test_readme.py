"""The README's code runs, and its names exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

import gncviz as gv

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {}
    first, second, cluster = (code.strip() for code in blocks)
    *lines, last = first.splitlines()
    exec("\n".join(lines), names)
    assert isinstance(eval(last, names), go.Figure)
    exec(second, names)
    assert names["panel"].complete
    assert len(names["mine"].to_frame()) == 2 * 2 * 3
    assert list((tmp_path / "results").glob("*/*.parquet"))
    exec(cluster, names)


def test_the_names_in_the_table_exist() -> None:
    names = re.findall(r"^\| `gv\.(\w+)`", README, flags=re.MULTILINE)
    assert len(names) >= 7
    for name in names:
        assert getattr(gv, name)
    assert set(gv.__all__) <= set(dir(gv))


def test_the_two_commands_are_there() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^    make (\w+) ", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
