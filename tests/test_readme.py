"""The README's code runs, and its names exist."""

from __future__ import annotations

import re
from pathlib import Path

import plotly.graph_objects as go

import gncviz as gv

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    *lines, last = code.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines), names)
    assert isinstance(eval(last, names), go.Figure)


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
