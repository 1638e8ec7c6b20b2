"""What is no result is refused in a sentence, whatever the figure."""

from __future__ import annotations

import inspect

import pytest

import gncviz as gv
from gncviz import figures
from gncviz.paper.studies import Plot

MAKERS = [
    name
    for name in figures.__all__
    if inspect.isfunction(getattr(figures, name)) and name != "new_figure"
]
#: May be None: there is no figure without, but an empty one.
OPTIONAL = {"learning_curves"}
#: What else a figure is told.
MORE = {"study": {"plot": Plot("width", "loss")}}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("given", [None, 3, "x", [1, 2], object()])
def test_what_is_no_result_is_refused_in_a_sentence(name: str, given: object) -> None:
    if given is None and name in OPTIONAL:
        assert getattr(figures, name)(given).data
        return
    with pytest.raises(gv.SettingsError, match=r"should be .*; got|results should be"):
        getattr(figures, name)(given, **MORE.get(name, {}))


def test_a_sweep_over_one_axis_is_no_phase_diagram() -> None:
    panel = gv.paper.panel(1, "linear")
    with pytest.raises(gv.SettingsError, match="over two axes; got one over width"):
        figures.phase_diagram(panel)
    with pytest.raises(gv.SettingsError, match="one and the same axis"):
        figures.family({"a": panel, "b": gv.paper.panel(2, "linear")})


@pytest.mark.parametrize("data", [None, 3, [], {"settings": None}, {"settings": 3}, {"a": 1}, {}])
def test_what_is_no_task_s_data_is_refused_in_a_sentence(data: object) -> None:
    with pytest.raises(gv.SettingsError):
        gv.Task.from_dict(data)
