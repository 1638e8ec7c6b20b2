"""The widgets, without a browser: set values, click, look at what is shown."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

import gncviz as gv
from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.browser.probe import PageProbe
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.panels.controls import SHOWN
from tests.explorer.driver import Page, plain


def drawn_on(page: Page) -> list[FigureView]:
    """Figures that have been drawn, seen or not."""
    return [view for view in page.parts(FigureView) if view.figure["version"]]


def test_opens_idle_with_a_hint(page: Page) -> None:
    assert not page.button("Run").disabled
    assert page.button("Cancel").disabled
    assert "press Run" in page.status
    for title in page.titles:
        assert page.tab(title).figures == []


def test_run_draws_the_figure_that_is_seen_and_only_that(page: Page) -> None:
    page.quicken()
    page.run()
    assert len(page.figure.data[1].x) > 0
    assert drawn_on(page) == page.views
    assert len(page.views) == 1
    assert "50 of" in page.status
    assert "fit" in page.card("Guess & Check")
    for title in page.titles:
        assert page.tab(title).figure is not None


def test_figures_are_made_once_and_drawn_anew(page: Page) -> None:
    page.quicken()
    page.run()
    (view,) = page.views
    before, version = tuple(page.figure.data[1].y), view.figure["version"]
    page.set("Seed", "7")
    page.run()
    assert page.views == [view]
    assert tuple(page.figure.data[1].y) != before
    assert view.figure["version"] > version


def test_moving_epsilon_after_a_run_shows_the_posterior_there(page: Page) -> None:
    page.quicken()
    page.run()
    before, cards = tuple(page.figure.data[1].y), page.card("Guess & Check")
    page.set("Threshold ε", "0.15")
    assert page.explorer.model.phase is Phase.DONE
    assert page.explorer.model.shown.post.settings.epsilon == 0.15
    assert (page.explorer.model.shown.post.train_loss < 0.15).all()
    assert tuple(page.figure.data[1].y) != before
    assert page.card("Guess & Check") != cards
    assert "press Run" not in page.status
    page.set("Threshold ε", "1e-6")
    assert page.explorer.model.shown is page.explorer.model.experiment
    assert "press Run" in page.status
    page.set("Threshold ε", "0.2")
    assert page.card("Guess & Check") == cards


def test_settings_changed_since_the_run_are_said_to_be(page: Page) -> None:
    page.quicken()
    page.run()
    assert "have changed" not in page.status
    page.set("Width", "6")
    assert "The settings have changed since: press Run." in page.status
    page.run()
    assert "have changed" not in page.status


def test_every_control_reaches_the_settings(page: Page) -> None:
    values = {
        "Width": "17",
        "Depth": "3",
        "Activation": "tanh",
        "Weights": "uniform",
        "Normalize": "product",
        "Scaling": "fan_out",
        "Threshold ε": "0.5",
        "Method": "splitting",
        "Draws at most": "1e6",
        "Fits wanted": "12 000",
        "Measures": "completion",
        "Rows": "6",
        "Columns": "4",
        "Rank": "2",
        "Norm": "2.5",
        "Measurements": "9",
        "Seed": "11",
        "Learning rate": "0.02",
        "Init scale": "0.3",
        "Momentum": "0.9",
        "Epochs at most": "1000",
        "Trials": "3",
        "Steps": "fixed",
        "Tolerance": "0",
    }
    assert set(values) == {row.label for row in SHOWN}
    for label, value in values.items():
        page.set(label, value)
    settings = page.explorer.settings
    assert settings.network == gv.Network(width=17, depth=3, activation="tanh")
    assert settings.prior == gv.Prior("uniform", normalize="product", scaling="fan_out")
    assert settings.guess_and_check.draws == 10**6
    assert settings.guess_and_check.samples == 12_000
    assert (settings.task.rows, settings.task.cols, settings.task.rank) == (6, 4, 2)
    assert {settings.task.seed, settings.guess_and_check.seed, settings.descent.seed} == {11}
    assert (settings.descent.momentum, settings.descent.tolerance) == (0.9, 0)
    page.explorer.use(settings)
    page.click("Run").click("Cancel")
    assert page.explorer.settings == settings, (
        "showing settings and reading them back changes nothing"
    )


@pytest.mark.parametrize(
    ("label", "text", "sentence"),
    [
        ("Width", "0", "Width should be greater than or equal to 1; got 0."),
        ("Threshold ε", "", "Threshold ε should be a valid number"),
        ("Threshold ε", "nan", "Threshold ε should be"),
        ("Draws at most", "1e99", "Draws at most is not allowed"),
        ("Rank", "9", "Rank must be at most min(rows, cols) = 5; got 9."),
        ("Measurements", "25", "Measurements must be fewer than rows × cols = 25"),
        ("Momentum", "1", "Momentum should be less than 1; got 1"),
    ],
)
def test_bad_input_is_answered_and_keeps_the_last_good_setting(
    page: Page, label: str, text: str, sentence: str
) -> None:
    before = page.explorer.settings
    page.set(label, text)
    assert sentence in page.alert
    assert sentence in page.complaint(label)
    page.click("Run")
    assert page.explorer.model.phase is Phase.IDLE
    assert page.explorer.settings == before
    page.explorer.use(before)
    assert page.alert == ""
    assert page.complaint(label) == ""


def test_messages_are_escaped(page: Page) -> None:
    page.set("Width", "<img src=x onerror=alert(1)>")
    assert "<img src=x" in page.alert
    assert "<img src=x" in page.complaint("Width")
    assert "<img" not in page.raw()


def test_slider_and_number_follow_each_other(page: Page) -> None:
    width, slider = page.control("Width"), page.slider("Width")
    slider.value = 2.0
    assert width.value == "100"
    assert page.explorer.settings.network.width == 100
    width.value = "1000"
    assert slider.value == pytest.approx(3.0)
    width.value = "5000"
    assert slider.value == pytest.approx(3.0), "beyond the slider's end, the number holds"
    assert page.explorer.settings.network.width == 5000


def test_the_browser_s_rounding_of_a_slider_is_not_a_change(page: Page) -> None:
    slider = page.slider("Threshold ε")
    slider.value += 0.4 * slider.step
    assert page.control("Threshold ε").value == "0.02"
    assert page.explorer.settings.guess_and_check.epsilon == 0.02


def test_cancel_button_works_while_running(page: Page) -> None:
    page.set("Draws at most", "1e13")
    page.set("Fits wanted", "1e6")
    page.click("Run")
    assert not page.button("Cancel").disabled
    page.wait(lambda: page.figure is not None)
    page.click("Cancel")
    page.wait(lambda: "Stopped" in page.status, 1)
    assert page.button("Cancel").disabled
    assert len(page.figure.data[0].x) > 0


def test_no_accepted_draw_is_said_and_nothing_is_made_up(page: Page) -> None:
    page.quicken()
    page.set("Method", "plain")
    page.set("Threshold ε", "1e-6")
    page.set("Draws at most", "2000")
    page.run()
    assert "none of 2 000 draws fits" in page.status
    assert "raise ε" in page.status
    assert page.card("Guess & Check").startswith("–")
    assert "lower than" not in page.text, "no verdict without a number"


def test_a_failing_callback_shows_a_banner(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(page.explorer.model, "run", broken)
    page.click("Run")
    assert "Something went wrong here: no paper" in page.alert


def test_theme_changes_recolour_the_figure(page: Page) -> None:
    page.quicken()
    page.run()
    assert page.figure.layout.font.color == gv.figures.LIGHT.text
    page.part(PageProbe).dark = True
    assert page.figure.layout.font.color == gv.figures.DARK.text


def test_every_tab_says_what_it_shows(page: Page) -> None:
    for title in page.titles:
        page.tab(title)
        captions = [one.value for one in page.seen(widgets.HTML) if '"gv-caption"' in one.value]
        assert any(len(plain(caption)) > 60 for caption in captions), title


def test_theory_shows_conditions_and_measurements(page: Page) -> None:
    page.quicken()
    page.run()
    page.tab("Theory")
    assert page.raw().count("<details") == 4
    assert page.says("the proof covers this setting")
    assert len(page.figure.data[0].x) > 100


def test_the_depth_slider_moves_without_a_run(page: Page) -> None:
    page.quicken()
    page.run()
    (depth,) = page.tab("Singular values").seen(widgets.SelectionSlider)
    assert depth.value == 2
    before = page.figures[-1].data[0].name
    depth.value = 9
    assert page.figures[-1].data[0].name != before
    assert page.explorer.model.phase is Phase.DONE
