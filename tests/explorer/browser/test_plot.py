"""The figure widget: one trait, versions that only grow, and no update that is lost."""

from __future__ import annotations

import json
import threading
from typing import Any

import plotly.graph_objects as go
import pytest

from gncviz.explorer.browser.plot import FigureState, FigureView, PlotlyBundle, state_of
from gncviz.explorer.browser.plotlyjs import packed
from gncviz.explorer.model.render import Render
from gncviz.explorer.model.runner import Phase

REPORTS = 2_000


def overheard(view: FigureView, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The figures that go out to the browser, in their order."""
    out: list[dict[str, Any]] = []

    def send(data: dict[str, Any], *_: object, **__: object) -> None:
        out.append(json.loads(json.dumps(data["state"]["figure"])))

    monkeypatch.setattr(view.comm, "send", send)
    return out


def test_a_figure_goes_out_whole_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    view = FigureView()
    out = overheard(view, monkeypatch)
    assert view.figure == {"version": 0}
    assert view.shown is None
    figure = go.Figure(go.Scatter(y=[1, 2]), layout={"template": "none"})
    view.show(figure, "a line", FigureState.STORED)
    view.show(go.Figure(), "nothing", FigureState.RUNNING)
    assert [one["version"] for one in out] == [1, 2]
    assert out[0]["data"] == [{"type": "scatter", "y": [1, 2]}]
    assert [(one["alt"], one["state"]) for one in out] == [
        ("a line", "stored"),
        ("nothing", "running"),
    ]
    assert out[-1] == view.figure


def test_no_update_is_lost_between_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    view, reported = FigureView(), 0
    out = overheard(view, monkeypatch)

    def paint() -> None:
        now = reported
        view.show(go.Figure(layout={"meta": now}), f"report {now}")

    render, over = Render(paint), threading.Event()

    def run() -> None:
        nonlocal reported
        for _ in range(REPORTS):
            reported += 1
            render()
        over.set()

    def redraw() -> None:
        while not over.is_set():
            render()

    threads = [threading.Thread(target=run), threading.Thread(target=redraw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert view.figure["layout"]["meta"] == REPORTS
    assert view.figure["alt"] == f"report {REPORTS}"
    assert [one["version"] for one in out] == list(range(1, len(out) + 1)), "all, in their order"
    assert out[-1] == view.figure, "the last that went out is what there is"
    metas = [one["layout"]["meta"] for one in out]
    assert metas == sorted(metas), "never one of before"


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_its_state_and_another_s_figure_is_stale(phase: Phase) -> None:
    assert state_of(phase, stale=True) is FigureState.STALE
    expected = "done" if phase is Phase.IDLE else phase.value
    assert state_of(phase) == expected


def test_plotlyjs_is_sent_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = PlotlyBundle()
    sent: list[bytes] = []
    monkeypatch.setattr(bundle, "send", lambda _, buffers: sent.extend(buffers))
    assert "code" not in bundle.get_state(), "nothing of it is part of the page"
    bundle._handle_custom_msg({"kind": "something else"}, [])
    assert sent == []
    bundle._handle_custom_msg({"kind": "wanted"}, [])
    assert sent == [packed()]
