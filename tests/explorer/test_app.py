"""The widgets, without a browser: set values, click, look at what is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import ipywidgets as widgets
import plotly.graph_objects as go
import pytest

import gncviz as gv
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer import app, history
from gncviz.explorer.controls import SHOWN
from gncviz.explorer.plot import Plot, update
from gncviz.explorer.runner import Phase
from gncviz.explorer.story import STORY

QUICK = ExperimentSettings(
    guess_and_check={"epsilon": 0.2, "samples": 20, "device": "cpu"},
    descent={"trials": 2, "epochs": 10},
)


@pytest.fixture
def explorer() -> Iterator[gv.Explorer]:
    explorer = gv.Explorer(live=False)
    yield explorer
    explorer.model.cancel()
    explorer.model.join(timeout=10)


def plots(explorer: gv.Explorer) -> list[Plot]:
    """Of the tabs that show a run."""
    return [tab.plot for tab in explorer._tabs if tab.tells_of_one_run]


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
    explorer._toolbar.run.click()
    wait_for(lambda: explorer.model.phase is not Phase.RUNNING)


def test_opens_idle_with_a_hint(explorer: gv.Explorer) -> None:
    assert explorer._toolbar.run.description == "Run"
    assert explorer._toolbar.cancel.description == "Cancel"
    assert explorer._toolbar.cancel.disabled
    assert "press Run" in explorer._status.value
    assert all(plot.figure is None for plot in plots(explorer))


def test_run_draws_the_figure_that_is_seen_and_only_that(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    shown, *others = plots(explorer)
    assert len(shown.figure.data[1].x) > 0
    assert all(plot.figure is None for plot in others)
    assert "50 of" in explorer._status.value
    assert "acceptance" in explorer._cards.value
    for index, plot in enumerate(plots(explorer)):
        explorer._pages.selected_index = index
        assert isinstance(plot.figure, go.FigureWidget)


def test_figures_are_made_once_and_updated_in_place(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    figure = explorer._tabs[0].plot.figure
    before = tuple(figure.data[1].y)
    set_value(explorer, "task.seed", "7")
    run(explorer)
    assert explorer._tabs[0].plot.figure is figure
    assert tuple(figure.data[1].y) != before


def test_moving_epsilon_after_a_run_shows_the_posterior_there(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    figure = explorer._tabs[0].plot.figure
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
    assert set(values) == {row.path for row in SHOWN}
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
    explorer._toolbar.run.click()
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
    explorer._toolbar.run.click()
    assert not explorer._toolbar.cancel.disabled
    wait_for(lambda: explorer._tabs[0].plot.figure is not None)
    explorer._toolbar.cancel.click()
    assert explorer._toolbar.cancel.disabled
    assert "Stopped" in explorer._status.value
    assert len(explorer._tabs[0].plot.figure.data[0].x) > 0


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
    explorer._toolbar.run.click()
    assert "Something went wrong here: no paper" in explorer._banner.value


def test_theme_changes_recolour_the_figure(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    assert explorer._tabs[0].plot.figure.layout.font.color == gv.figures.LIGHT.text
    explorer._probe.dark = True
    assert explorer._tabs[0].plot.figure.layout.font.color == gv.figures.DARK.text


def test_every_tab_says_what_it_shows(explorer: gv.Explorer) -> None:
    for tab in explorer._tabs:
        captions = [part for part in tab.widget.children if isinstance(part, widgets.HTML)]
        assert any(len(part.value) > 80 for part in captions), tab.title


# --- changes that run by themselves


@pytest.fixture
def live() -> Iterator[gv.Explorer]:
    explorer = gv.Explorer()
    quicken(explorer)
    yield explorer
    explorer.model.cancel()
    explorer.model.join(timeout=10)


def test_nothing_runs_by_itself_before_the_first_run(live: gv.Explorer) -> None:
    set_value(live, "network.width", "6")
    time.sleep(0.6)
    assert live.model.phase is Phase.IDLE
    assert live.model.experiment is None


def test_after_a_run_a_change_runs_by_itself(live: gv.Explorer) -> None:
    run(live)
    set_value(live, "network.width", "6")
    wait_for(lambda: live.model.shown.post.network.width == 6)
    wait_for(lambda: live.model.phase is Phase.DONE)
    assert live.model.shown.settings == live.settings


def test_what_a_change_does_not_touch_is_not_run_again(live: gv.Explorer) -> None:
    run(live)
    before = live.model.experiment
    set_value(live, "descent.epochs", "30")
    wait_for(lambda: live.model.shown.descent.epochs == 30)
    wait_for(lambda: live.model.phase is Phase.DONE)
    after = live.model.experiment
    assert after.post is before.post
    assert after.spectra is before.spectra
    assert after.mechanism is before.mechanism


def test_a_threshold_on_the_path_needs_no_run(live: gv.Explorer) -> None:
    run(live)
    before = live.model.experiment
    set_value(live, "guess_and_check.epsilon", "0.15")
    time.sleep(0.6)
    assert live.model.experiment is before
    assert live.model.shown.post.settings.epsilon == 0.15


def test_without_live_a_change_waits_for_run(live: gv.Explorer) -> None:
    live._toolbar.live.value = False
    run(live)
    before = live.model.experiment
    set_value(live, "network.width", "6")
    time.sleep(0.6)
    assert live.model.experiment is before


# --- the story


@pytest.mark.parametrize("step", range(1, len(STORY) + 1))
def test_a_step_sets_the_controls_and_the_tab(explorer: gv.Explorer, step: int) -> None:
    explorer._story.buttons[step - 1].click()
    explorer.model.cancel()
    part = STORY[step - 1]
    assert explorer.settings == part.settings
    assert control(explorer, "network.width").input.value == str(part.settings.network.width)
    assert explorer._tabs[explorer._pages.selected_index].title == part.tab
    assert part.title.replace("&", "&amp;") in explorer._story._text.value
    assert explorer._story._told.layout.display is None


def test_a_step_keeps_what_it_compares_with_until_the_next(
    explorer: gv.Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = QUICK.replace(network=gv.Network(width=6))
    steps = (
        replace(STORY[1], settings=QUICK, compare=tiny),
        replace(STORY[0], settings=tiny, compare=None),
    )
    monkeypatch.setattr(app, "STORY", steps)
    explorer.tell(1)
    wait_for(lambda: explorer.model.phase is Phase.DONE)
    (pin,) = explorer.model.pins
    assert pin.guided
    assert pin.experiment.settings == tiny
    assert explorer.model.shown.settings == QUICK
    assert "width 6" in explorer._kept._table.value
    explorer.tell(2)
    wait_for(lambda: explorer.model.phase is Phase.DONE)
    assert explorer.model.pins == ()
    explorer._story.skip.click()
    assert explorer._story._told.layout.display == "none"


def test_the_story_goes_on_to_its_end(explorer: gv.Explorer) -> None:
    explorer._story.buttons[0].click()
    for _ in STORY[1:]:
        assert explorer._story.next.layout.display is None
        explorer._story.next.click()
    explorer.model.cancel()
    assert explorer._story.step == len(STORY)
    assert explorer._story.next.layout.display == "none"


# --- runs that are kept, and settings before


def test_pinned_runs_are_drawn_and_listed_until_they_are_removed(explorer: gv.Explorer) -> None:
    quicken(explorer)
    assert explorer._toolbar.pin.disabled
    run(explorer)
    explorer._toolbar.pin.click()
    explorer._toolbar.pin.click()
    assert [pin.letter for pin in explorer.model.pins] == ["A"], "the same run only once"
    pinned = explorer.model.shown
    set_value(explorer, "network.width", "40")
    run(explorer)
    outline = explorer._tabs[0].plot.figure.data[3]
    assert outline.name.startswith("A: mean")
    assert sum(outline.y[:-1]) == pytest.approx(1.0)
    assert "linear, width 5, depth 2" in explorer._kept._table.value
    assert "linear, width 40, depth 2" in explorer._kept._table.value
    restore, remove = explorer._kept._actions.children
    restore.click()
    assert explorer.settings == pinned.settings
    remove.click()
    assert explorer.model.pins == ()
    assert len(explorer._tabs[0].plot.figure.data[3].x or ()) == 0
    assert explorer._kept.widget.layout.display == "none"


def test_undo_and_redo_go_through_the_settings(
    explorer: gv.Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_ONE_MOVE", 0.0)
    tools = explorer._toolbar
    assert tools.undo.disabled
    assert tools.redo.disabled
    set_value(explorer, "network.width", "6")
    set_value(explorer, "network.width", "7")
    tools.undo.click()
    assert control(explorer, "network.width").input.value == "6"
    tools.undo.click()
    assert explorer.settings.network.width == 5
    assert tools.undo.disabled
    tools.redo.click()
    assert explorer.settings.network.width == 6
    set_value(explorer, "network.depth", "3")
    assert tools.redo.disabled, "what was undone is gone"


# --- the address


def test_the_address_is_restored_and_run(explorer: gv.Explorer) -> None:
    explorer._address.query = (
        "?theme=dark&gv=1&gv.width=7&gv.epsilon=0.2&gv.samples=20&gv.epochs=10&gv.seed=3"
        "&gv.tab=epsilon-path&gv.hide=task,gradient-descent"
    )
    explorer._address.ready = True
    wait_for(lambda: explorer.model.phase is Phase.DONE)
    assert explorer.settings.network.width == 7
    assert explorer.model.shown.post.settings.seed == 3
    assert explorer._tabs[explorer._pages.selected_index].title == "ε-path"
    groups = explorer._controls._groups
    hidden = [name for name, group in groups.items() if group.layout.display == "none"]
    assert hidden == ["Task", "Gradient descent"]
    set_value(explorer, "network.width", "8")
    assert "gv.width=8" in explorer._address.wanted
    assert "theme=dark" in explorer._address.wanted
    assert "gv.hide=" in explorer._address.wanted


def test_a_bad_address_gets_a_message_and_the_defaults(explorer: gv.Explorer) -> None:
    before = explorer.settings
    explorer._address.query = "?gv=1&gv.width=<img src=x onerror=alert(1)>"
    explorer._address.ready = True
    assert "address of this page" in explorer._banner.value
    assert "<img" not in explorer._banner.value
    assert explorer.settings == before
    assert explorer.model.phase is Phase.IDLE


def test_an_address_without_ours_changes_nothing(explorer: gv.Explorer) -> None:
    explorer._address.query = "?theme=dark"
    explorer._address.ready = True
    assert explorer.model.phase is Phase.IDLE
    assert explorer._banner.value == ""


# --- things to take away


def test_saving_offers_what_there_is(explorer: gv.Explorer) -> None:
    sent: list[tuple[str, bytes]] = []
    explorer._save.downloader.send = lambda name, content, mime: sent.append((name, content))
    explorer._toolbar.save.click()
    assert explorer._save.is_open
    assert "gv.guess_and_check" in explorer._save._python.value
    quicken(explorer)
    assert "epsilon=0.2" in explorer._save._python.value
    run(explorer)
    for button in explorer._save._files.children[1:]:
        button.click()
    names = [name for name, _ in sent]
    assert {"gncviz-draws.csv", "gncviz-settings.json", "gncviz-run.py"} <= set(names)
    assert all(content for _, content in sent)
    explorer._toolbar.save.click()
    assert not explorer._save.is_open


# --- theorems beside evidence, depth by depth


def test_theory_shows_conditions_and_measurements(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    titles = [tab.title for tab in explorer._tabs]
    explorer._pages.selected_index = titles.index("Theory")
    tab = explorer._tabs[titles.index("Theory")]
    assert tab._theorems.value.count("<details") == 4
    assert "applies" in tab._theorems.value
    assert len(tab.plot.figure.data[0].x) > 100


def test_the_depth_slider_moves_without_a_run(explorer: gv.Explorer) -> None:
    quicken(explorer)
    run(explorer)
    titles = [tab.title for tab in explorer._tabs]
    explorer._pages.selected_index = titles.index("Singular values")
    tab = explorer._tabs[titles.index("Singular values")]
    assert tab.depth.value == 2
    before = tab._ranks.figure.data[0].name
    tab.depth.value = 9
    assert tab._ranks.figure.data[0].name != before
    assert explorer.model.phase is Phase.DONE
