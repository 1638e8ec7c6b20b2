"""The widgets, without a browser: set values, click, look at what is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import plotly.graph_objects as go
import pytest

import gncviz as gv
from gncviz.explorer.app import TABS
from gncviz.explorer.controls import GROUPS
from gncviz.explorer.plot import update
from gncviz.explorer.runner import Phase


@pytest.fixture
def explorer() -> Iterator[gv.Explorer]:
    explorer = gv.Explorer()
    yield explorer
    explorer.model.cancel()
    explorer.model.join(timeout=10)


def control(explorer: gv.Explorer, path: str):
    return explorer._controls.controls[path]


def set_value(explorer: gv.Explorer, path: str, text: object) -> None:
    control(explorer, path).input.value = text


def quicken(explorer: gv.Explorer) -> None:
    set_value(explorer, "guess_and_check.epsilon", "0.2")
    set_value(explorer, "guess_and_check.samples", "50")
    set_value(explorer, "descent.epochs", "20")


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def run(explorer: gv.Explorer) -> None:
    explorer._run.click()
    wait_for(lambda: explorer.model.phase is not Phase.RUNNING)


def test_opens_idle_with_a_hint(explorer: gv.Explorer) -> None:
    assert explorer._run.description == "Run"
    assert explorer._cancel.description == "Cancel"
    assert explorer._cancel.disabled
    assert "press Run" in explorer._status.value
    assert all(plot.figure is None for plot in explorer._plots)


def test_run_draws_the_figure_that_is_seen_and_only_that(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    shown, *others = explorer._plots
    assert len(shown.figure.data[1].x) > 0
    assert all(plot.figure is None for plot in others)
    assert "50 of" in explorer._status.value
    assert "acceptance" in explorer._cards.value
    for index, plot in enumerate(explorer._plots):
        explorer._tabs.selected_index = index
        assert isinstance(plot.figure, go.FigureWidget)


def test_figures_are_made_once_and_updated_in_place(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    figure = explorer._plots[0].figure
    before = tuple(figure.data[1].y)
    set_value(explorer, "task.seed", "7")
    run(explorer)
    assert explorer._plots[0].figure is figure
    assert tuple(figure.data[1].y) != before


def test_moving_epsilon_after_a_run_shows_the_posterior_there(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    figure = explorer._plots[0].figure
    before, cards = tuple(figure.data[1].y), explorer._cards.value
    set_value(explorer, "guess_and_check.epsilon", "0.15")
    assert explorer.model.phase is Phase.DONE
    assert explorer.model.shown.post.settings.epsilon == 0.15
    assert (explorer.model.shown.post.train_loss < 0.15).all()
    assert tuple(figure.data[1].y) != before
    assert explorer._cards.value != cards
    assert "press Run" not in explorer._status.value
    set_value(explorer, "guess_and_check.epsilon", "1e-6")
    assert explorer.model.shown is explorer.model.experiment
    assert "press Run" in explorer._status.value
    set_value(explorer, "guess_and_check.epsilon", "0.2")
    assert explorer._cards.value == cards


def test_settings_changed_since_the_run_are_said_to_be(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    assert "have changed" not in explorer._status.value
    set_value(explorer, "network.width", "6")
    assert "The settings have changed since: press Run." in explorer._status.value
    run(explorer)
    assert "have changed" not in explorer._status.value


def test_update_needs_the_same_traces() -> None:
    with pytest.raises(ValueError, match="zip"):
        update(go.FigureWidget(), go.Figure(go.Scatter(x=[1], y=[2])))


def test_every_control_reaches_the_settings(explorer: gv.Explorer) -> None:
    values = {
        "network.width": "17",
        "network.depth": "3",
        "network.activation": "tanh",
        "prior.family": "uniform",
        "prior.normalize": "product",
        "prior.scaling": "fan_out",
        "guess_and_check.epsilon": "0.5",
        "guess_and_check.method": "splitting",
        "guess_and_check.draws": "1e6",
        "guess_and_check.samples": "12 000",
        "task.kind": "completion",
        "task.rows": "6",
        "task.cols": "4",
        "task.rank": "2",
        "task.norm": "2.5",
        "task.measurements": "9",
        "task.seed": "11",
        "descent.lr": "0.02",
        "descent.init_scale": "0.3",
        "descent.momentum": "0.9",
        "descent.epochs": "1000",
        "descent.trials": "3",
        "descent.step_rule": "fixed",
        "descent.tolerance": "0",
    }
    assert set(values) == {field.path for group in GROUPS.values() for field in group}
    for path, value in values.items():
        set_value(explorer, path, value)
    settings = explorer.settings
    assert settings.network == gv.Network(width=17, depth=3, activation="tanh")
    assert settings.prior == gv.Prior("uniform", normalize="product", scaling="fan_out")
    assert settings.guess_and_check.draws == 10**6
    assert settings.guess_and_check.samples == 12_000
    assert (settings.task.rows, settings.task.cols, settings.task.rank) == (6, 4, 2)
    assert {settings.task.seed, settings.guess_and_check.seed, settings.descent.seed} == {11}
    assert (settings.descent.momentum, settings.descent.tolerance) == (0.9, 0)
    explorer.use(settings)
    assert explorer._controls.submit()
    assert explorer.settings == settings, "showing settings and reading them back changes nothing"


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("network.width", "0", "Width should be greater than or equal to 1; got 0."),
        ("guess_and_check.epsilon", "", "Threshold ε should be a valid number"),
        ("guess_and_check.epsilon", "nan", "Threshold ε should be"),
        ("guess_and_check.draws", "1e99", "Draws at most is not allowed"),
        ("task.rank", "9", "Rank must be at most min(rows, cols) = 5; got 9."),
        ("task.measurements", "25", "Measurements must be fewer than rows × cols = 25"),
        ("descent.momentum", "1", "Momentum should be less than 1; got 1"),
    ],
)
def test_bad_input_is_answered_and_keeps_the_last_good_setting(
    explorer: gv.Explorer, path: str, text: str, sentence: str
) -> None:
    before = explorer.settings
    set_value(explorer, path, text)
    assert sentence in explorer._banner.value
    assert sentence in control(explorer, path).complaint.value
    assert explorer._banner.layout.display is None
    explorer._run.click()
    assert explorer.model.phase is Phase.IDLE
    assert explorer.settings == before
    explorer.use(before)
    assert explorer._banner.value == ""
    assert control(explorer, path).complaint.layout.display == "none"


def test_messages_are_escaped(explorer: gv.Explorer) -> None:
    set_value(explorer, "network.width", "<img src=x onerror=alert(1)>")
    assert "<img" not in explorer._banner.value
    assert "<img" not in control(explorer, "network.width").complaint.value


def test_slider_and_number_follow_each_other(explorer: gv.Explorer) -> None:
    width = control(explorer, "network.width")
    width._slider.value = 2.0
    assert width.input.value == "100"
    assert explorer.settings.network.width == 100
    width.input.value = "1000"
    assert width._slider.value == pytest.approx(3.0)
    width.input.value = "5000"
    assert width._slider.value == pytest.approx(3.0), "beyond the slider's end, the number holds"
    assert explorer.settings.network.width == 5000


def test_the_browser_s_rounding_of_a_slider_is_not_a_change(explorer: gv.Explorer) -> None:
    epsilon = control(explorer, "guess_and_check.epsilon")
    epsilon._slider.value += 0.4 * epsilon._slider.step
    assert epsilon.input.value == "0.02"
    assert explorer.settings.guess_and_check.epsilon == 0.02


def test_cancel_button_works_while_running(explorer: gv.Explorer) -> None:
    set_value(explorer, "guess_and_check.draws", "1e13")
    set_value(explorer, "guess_and_check.samples", "1e6")
    explorer._run.click()
    assert not explorer._cancel.disabled
    wait_for(lambda: explorer._plots[0].figure is not None)
    explorer._cancel.click()
    assert explorer._cancel.disabled
    assert "Stopped" in explorer._status.value
    assert len(explorer._plots[0].figure.data[0].x) > 0


def test_no_accepted_draw_is_said_and_nothing_is_made_up(explorer: gv.Explorer) -> None:
    quicken(explorer)
    set_value(explorer, "guess_and_check.method", "plain")
    set_value(explorer, "guess_and_check.epsilon", "1e-6")
    set_value(explorer, "guess_and_check.draws", "2000")
    run(explorer)
    assert "none of 2&nbsp;000 draws fits" in explorer._status.value
    assert "raise ε" in explorer._status.value
    assert 'gv-posterior"><div class="gv-card-title">Guess &amp; Check</div>' in (
        explorer._cards.value
    )
    assert '<div class="gv-number">–</div>' in explorer._cards.value
    assert explorer._verdict.value == ""


def test_a_failing_callback_shows_a_banner(
    explorer: gv.Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(explorer.model, "run", broken)
    explorer._run.click()
    assert "Something went wrong here: no paper" in explorer._banner.value


def test_theme_changes_recolour_the_figure(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    assert explorer._plots[0].figure.layout.font.color == gv.figures.LIGHT.text
    explorer._probe.dark = True
    assert explorer._plots[0].figure.layout.font.color == gv.figures.DARK.text


def test_presets_are_put_into_the_controls(explorer: gv.Explorer) -> None:
    explorer._take_preset(gv.explorer.PRESETS[1])
    assert control(explorer, "network.depth").input.value == "5"
    assert control(explorer, "prior.normalize").input.value is True
    assert "Figure 2" in explorer._status.value
    assert explorer.settings == gv.explorer.PRESETS[1].settings


def test_every_tab_says_what_it_shows() -> None:
    assert all(len(about) > 40 for *_, about in TABS)
