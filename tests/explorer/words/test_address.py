"""The page's setting in its address: exact round trips, old links, hostile queries."""

from __future__ import annotations

import re
import string
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.descent.settings import DescentSettings
from gncviz.experiment.options import GROUPS, OPTIONS
from gncviz.experiment.settings import PRESETS, ExperimentSettings
from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.words.address import KEYS, Address, from_query, hideable, merge, slug, to_query
from gncviz.models.data.recipes import DataSettings
from gncviz.network import Network
from gncviz.paper.panels import PANELS
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.task import TaskSettings
from tests.experiment.strategies import EXPERIMENTS

VIEWS = st.builds(
    lambda hidden, tab, view: {"hidden": hidden, "tab": tab, **view},
    st.frozensets(st.sampled_from(sorted(hideable()))),
    st.none() | st.text(string.ascii_lowercase + string.digits + "-", min_size=1),
    st.fixed_dictionaries({"view": st.just("story"), "step": st.integers(1, 6)})
    | st.fixed_dictionaries({"view": st.just("paper"), "panel": st.sampled_from(PANELS)})
    | st.just({"view": "explore"}),
)
FOREIGN = ["theme=dark", "template=gncviz", "urlpath=voila%2Frender%2Fapp.ipynb", "gvx=1", "a", "%"]


def said(query: str) -> dict[str, str]:
    """What a query says, read by the standard library."""
    return dict(parse_qsl(query, strict_parsing=True))


@given(EXPERIMENTS, VIEWS)
def test_round_trip_is_exact(page: ExperimentSettings, view: dict) -> None:
    query = to_query(page, **view)
    assert from_query(query) == Address(page, **view)
    assert from_query("?" + query) == Address(page, **view)
    assert re.fullmatch(r"[!-~]+", query), "nothing that an address would change"
    assert all(key == "gv" or key.startswith("gv.") for key in said(query))


@given(EXPERIMENTS, st.lists(st.sampled_from(FOREIGN)), EXPERIMENTS)
def test_merging_replaces_ours_and_keeps_theirs(
    before: ExperimentSettings, theirs: list[str], after: ExperimentSettings
) -> None:
    query = merge("&".join(theirs), to_query(before))
    merged = merge("?" + query, to_query(after))
    if len(merged) <= 4000:
        view = "data" if after.task.model == "data" else "explore"
        assert from_query(merged) == Address(after, view=view)
    assert merged.split("&")[: len(theirs)] == theirs
    assert merge(merged, "") == "&".join(theirs)


def test_data_has_a_view_of_its_own() -> None:
    asked = ExperimentSettings(
        task=DataSettings(classes=((0, 2, 4), (1, 3)), train=20),
        network=Network(width=9, bias=0.5),
    )
    query = to_query(asked, view="data", tab="curve")
    assert "gv.classes=0-2-4,1-3" in query
    assert "gv.bias=0.5" in query
    assert "None" not in query
    assert from_query(query) == Address(asked, view="data", tab="curve")
    assert from_query("gv=1&gv.view=data") == Address(view="data")
    assert from_query("gv=1&gv.model=data&gv.train=9").view == "data"


def test_the_page_as_it_opens_is_said_in_a_few_words() -> None:
    assert to_query(PRESETS[0].settings) == (
        "gv=1&gv.width=5&gv.depth=2&gv.activation=linear&gv.weights=gaussian&gv.normalize=no"
        "&gv.epsilon=0.02&gv.seed=0"
    )


def test_the_readable_example() -> None:
    page = ExperimentSettings(
        task=TaskSettings(seed=3),
        network=Network(width=40, activation="tanh"),
        prior=Prior(normalize=True),
        guess_and_check=GuessAndCheckSettings(epsilon=0.0035, samples=1000, seed=3),
        descent=DescentSettings(lr=1e-4, epochs=100_000, tolerance=1e-8, momentum=0.9, seed=3),
    )
    assert to_query(
        page, hidden=("task", "gradient-descent"), view="explore", tab="epsilon-path"
    ) == (
        "gv=1&gv.width=40&gv.depth=2&gv.activation=tanh&gv.weights=gaussian&gv.normalize=factors"
        "&gv.epsilon=0.0035&gv.seed=3&gv.momentum=0.9&gv.hide=gradient-descent,task"
        "&gv.view=explore&gv.tab=epsilon-path"
    )


def test_a_short_link_is_the_first_version_s_page_with_changes() -> None:
    """Pins version 1: links that people have must not change their meaning."""
    page = from_query("gv=1&gv.width=40").settings
    assert page == ExperimentSettings(
        task=TaskSettings(
            rows=5, cols=5, rank=1, norm=1.0, measurements=15, kind="sensing", seed=0
        ),
        network=Network(width=40, depth=2, activation="linear", negative_slope=0.2),
        prior=Prior("gaussian", normalize=False, scaling="fan_in"),
        guess_and_check=GuessAndCheckSettings(
            epsilon=0.02, method="auto", samples=1000, draws=10_000_000, seconds=None, seed=0
        ),
        descent=DescentSettings(
            trials=8,
            lr=1e-4,
            init="uniform",
            init_scale=1e-3,
            epochs=100_000,
            momentum=0.0,
            step_rule="adaptive",
            tolerance=1e-8,
            seconds=None,
            seed=0,
            seeds=None,
        ),
    )
    assert " ".join(KEYS) == (
        "width depth activation weights normalize epsilon seed slope bias form scaling method "
        "draws samples seconds draws-seed model kind rows cols shape rank norm measurements set "
        "classes train test loss noise dim lr start init momentum epochs "
        "trials steps tolerance descent-seconds descent-seed trial-seeds"
    )
    words = {
        key: {choice.word: choice.value for choice in row.choices} for key, row in KEYS.items()
    }
    assert words["normalize"] == {"no": False, "factors": True, "product": "product"}
    assert {"linear", "tanh", "leaky_relu", "relu", "sin", "softsign"} <= set(words["activation"])
    assert {"auto", "plain", "splitting", "collapsed"} <= set(words["method"])
    assert {"sensing", "completion"} <= set(words["kind"])
    assert {"adaptive", "fixed"} <= set(words["steps"])


def test_every_setting_but_the_device_has_a_key() -> None:
    assert {row.path for row in OPTIONS} - {row.path for row in KEYS.values()} == {
        "guess_and_check.device",
        "descent.device",
    }
    assert len(KEYS) == len([row for row in OPTIONS if row.key]), "one key, one setting"
    assert not {"hide", "view", "step", "story", "tab", "panel", ""} & set(KEYS)


def test_every_control_and_group_can_be_hidden() -> None:
    controls = {row.key for row in OPTIONS if row.label}
    groups = {slug(title) for title in GROUPS.values()}
    assert controls.isdisjoint(groups), "one name, one meaning"
    assert hideable() == controls | groups
    assert {"gradient-descent", "task", "epsilon"} <= hideable()
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in hideable())


def test_one_seed_for_all_and_a_seed_each() -> None:
    page = from_query("gv=1&gv.seed=7").settings
    assert page is not None
    assert (page.task.seed, page.guess_and_check.seed, page.descent.seed) == (7, 7, 7)
    query = "gv=1&gv.descent-seed=9&gv.seed=7&gv.draws-seed=8"
    page = from_query(query).settings
    assert page is not None
    assert (page.task.seed, page.guess_and_check.seed, page.descent.seed) == (7, 8, 9)


def test_the_device_stays_the_machine_s() -> None:
    there = ExperimentSettings(
        guess_and_check=GuessAndCheckSettings(device="cuda:3"),
        descent=DescentSettings(device="cpu"),
    )
    assert "device" not in to_query(there)
    assert "cuda" not in to_query(there)
    assert from_query(to_query(there)).settings == ExperimentSettings()


def test_numbers_as_people_write_them() -> None:
    page = from_query("gv=1&gv.epsilon=1E-3&gv.norm=2&gv.lr=.5&gv.tolerance=0").settings
    assert page is not None
    assert (page.guess_and_check.epsilon, page.task.norm) == (1e-3, 2.0)
    assert (page.descent.lr, page.descent.tolerance) == (0.5, 0.0)


def test_percent_codes_are_read() -> None:
    page = from_query("%67v=1&gv%2Ewidth=%37&gv.trials=2&gv.trial-seeds=1%2C2").settings
    assert page is not None
    assert page.network.width == 7
    assert page.descent.seeds == (1, 2)


@pytest.mark.parametrize(
    "query", ["", "?", "theme=dark", "gvx=1&gv-y=2", "GV=2", "%=&&=&a=b=c", "long=" + "x" * 5000]
)
def test_addresses_without_our_keys_say_nothing(query: str) -> None:
    assert from_query(query) == Address()


WRONG = [
    ("gv.width=5", "The address has no version: gv=1 is missing."),
    ("gv=2&gv.wings=2", "The address should be of version 1; got '2'."),
    ("gv=", "The address should be of version 1; got ''."),
    ("gv=1&gv.wings=2", "'gv.wings' is no key of this version of the address."),
    ("gv=1&gv.width=5&gv.width=5", "'gv.width' should be there once; got it 2 times."),
    ("gv=1&gv=1", "'gv' should be there once; got it 2 times."),
    ("gv=1&gv.width=0", "gv.width should be greater than or equal to 1; got 0."),
    ("gv=1&gv.width", "gv.width should be a whole number; got ''."),
    ("gv=1&gv.width=2.5", "gv.width should be a whole number; got '2.5'."),
    ("gv=1&gv.width=1_000", "gv.width should be a whole number; got '1_000'."),
    ("gv=1&gv.width=%D9%A3", "gv.width should be a whole number; got '٣'."),
    ("gv=1&gv.epsilon=-1", "gv.epsilon should be greater than 0; got -1.0."),
    ("gv=1&gv.epsilon=nan", "gv.epsilon should be a number; got 'nan'."),
    ("gv=1&gv.epsilon=1e999", "gv.epsilon should be a finite number; got inf."),
    ("gv=1&gv.epsilon=0x10", "gv.epsilon should be a number; got '0x10'."),
    (
        "gv=1&gv.normalize=True",
        "gv.normalize should be one of no, factors, product; got 'True'.",
    ),
    ("gv=1&gv.rank=9", "gv.rank must be at most min(rows, cols) = 5; got 9."),
    ("gv=1&gv.trial-seeds=1,2", "gv.trial-seeds should be 8, one a trial; got 2."),
    (
        "gv=1&gv.trial-seeds=1,,2",
        "gv.trial-seeds should be whole numbers with commas between them; got '1,,2'.",
    ),
    ("gv=1&gv.seed=-1", "gv.seed should be greater than or equal to 0; got -1."),
    ("gv=1&gv.draws-seed=x", "gv.draws-seed should be a whole number; got 'x'."),
    (
        "gv=1&gv.hide=task,body",
        "gv.hide should name groups of controls or keys of single ones; got 'body'.",
    ),
    ("gv=1&gv.story=5", "gv.story should be a whole number from 1 to 4; got '5'."),
    ("gv=1&gv.step=7", "gv.step should be a whole number from 1 to 6; got '7'."),
    ("gv=1&gv.view=map", "gv.view should be story, explore, paper or data; got 'map'."),
    ("gv=1&gv.view=data&gv.width=5", "gv.view=data goes with gv.model=data."),
    (
        "gv=1&gv.model=data&gv.classes=3-,8",
        "gv.classes should be whole numbers with commas between them, and - between those that "
        "are one; got '3-,8'.",
    ),
    ("gv=1&gv.bias=on", "gv.bias should be yes, no or a number; got 'on'."),
    (
        "gv=1&gv.panel=x",
        "gv.panel should be a figure and an activation, such as 1-linear; got 'x'.",
    ),
    ("gv=1&gv.tab=A+B", "gv.tab should be small letters, digits and hyphens; got 'A B'."),
    ("gv=1&gv.epsilon=%zz", "'gv.epsilon' should be percent-encoded UTF-8; got '%zz'."),
    ("gv=1&gv.epsilon=%ff", "'gv.epsilon' should be percent-encoded UTF-8; got '%ff'."),
    ("gv=1&gv.epsilon=%00%1b[2J", "gv.epsilon should be a number; got '\\x00\\x1b[2J'."),
    ("gv=1&gv.epsilon=%E2%80%AE1", "gv.epsilon should be a number; got '\\u202e1'."),
    (
        "gv=1&gv.epsilon=%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "gv.epsilon should be a number; got '<script>alert(1)</script><img src=x o…'.",
    ),
    (
        f"gv=1&gv.width={'9' * 3000}",
        f"gv.width should be less than or equal to 100000; got {'9' * 39}….",
    ),
    (
        f"gv=1&gv.{'w' * 100}=1",
        f"'gv.{'w' * 34}…' is no key of this version of the address.",
    ),
    (
        f"gv=1&theme={'x' * 4000}",
        "The address is too long: at most 4000 characters are read; got 4011.",
    ),
]


@pytest.mark.parametrize(("query", "sentence"), WRONG)
def test_what_is_wrong_is_said_in_one_sentence(query: str, sentence: str) -> None:
    assert from_query(query) == Address(problems=(sentence,))


def test_many_problems_are_counted() -> None:
    first, *_, last = from_query(
        "gv=1&gv.width=0&gv.depth=0&gv.epsilon=0&gv.norm=0&gv.x=1"
    ).problems
    assert first == "'gv.x' is no key of this version of the address."
    assert last == "and 2 more"


LOOKS = ("hide", "view", "step", "story", "tab", "panel")
PIECES = st.sampled_from([*KEYS, *LOOKS, "x"]).map(lambda key: f"gv.{key}")
VALUES = st.text(max_size=50) | st.sampled_from(
    ["1", "-1", "1e308", "9" * 400, "%", "\ud800", "<b>"]
)
PAIRS = st.tuples(PIECES | st.text(max_size=9), VALUES).map("=".join)


@settings(max_examples=300)
@given(st.lists(PAIRS, max_size=8).map(lambda pairs: "&".join(["gv=1", *pairs])) | st.text())
def test_nothing_is_raised_whatever_the_address_says(query: str) -> None:
    address = from_query(query)
    assert address.settings is None or not address.problems
    assert len(address.problems) <= 4
    assert all(len(sentence) < 300 for sentence in address.problems)
    if address.settings is not None:
        said = vars(address).items()
        again = to_query(**{name: value for name, value in said if name != "problems"})
        assert from_query(again) == address
    assert merge(merge(query, "gv=1"), "gv=1") == merge(query, "gv=1")


@pytest.mark.parametrize(
    ("view", "field"),
    [({"hidden": ["body"]}, "hidden"), ({"step": 7}, "step"), ({"tab": ""}, "tab")],
)
def test_a_view_that_cannot_be_is_not_written(view: dict, field: str) -> None:
    with pytest.raises(SettingsError) as error:
        to_query(ExperimentSettings(), **view)
    assert [path for path, _ in error.value.problems] == [field]


def test_more_seeds_than_an_address_holds_are_refused() -> None:
    seeds = tuple(range(2**62, 2**62 + 300))
    page = ExperimentSettings(descent=DescentSettings(trials=300, seeds=seeds))
    with pytest.raises(SettingsError, match="seeds should be fewer"):
        to_query(page)


def test_the_bar_waits_for_the_page_and_keeps_what_is_not_ours() -> None:
    bar = AddressBar()
    bar.show("gv=1&gv.width=7")
    assert bar.wanted == "", "before the page has spoken, writing would wipe out the others' keys"
    bar.set_state({"query": "?theme=dark&gv=1&gv.width=5", "ready": True})
    assert bar.wanted == "theme=dark&gv=1&gv.width=7"
    bar.show("gv=1&gv.width=8&gv.tab=" + quote("épée"))
    assert bar.wanted == "theme=dark&gv=1&gv.width=8&gv.tab=%C3%A9p%C3%A9e"


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ("gv=1&gv.step=3", {"view": "story", "step": 3}),
        ("gv=1&gv.story=2", {"view": "story", "step": 3}),
        ("gv=1&gv.width=160&gv.story=2&gv.tab=generalization", {"view": "explore"}),
        ("gv=1&gv.width=160", {"view": "explore"}),
        ("gv=1&gv.view=paper&gv.panel=7-leaky_relu", {"view": "paper", "panel": (7, "leaky_relu")}),
        ("theme=dark", {"view": None}),
    ],
)
def test_old_and_new_links_open_the_view_that_they_mean(query: str, view: dict) -> None:
    """The first version had one view: with settings in its address it showed a run."""
    found = vars(from_query(query))
    assert {name: found[name] for name in view} == view


def test_what_a_kind_of_model_does_not_have_is_refused_in_a_sentence() -> None:
    said = from_query("gv=1&gv.model=tensor&gv.activation=relu")
    assert said.problems == ("gv.activation says nothing of tensors.",)
    said = from_query("gv=1&gv.model=graph")
    assert said.problems == ("gv.model should be one of matrix, tensor, data; got 'graph'.",)
    said = from_query("gv=1&gv.shape=2,2,2")
    assert said.problems == ("gv.shape says nothing of matrices.",)


def test_of_tensors_the_address_says_all_that_makes_task_and_network() -> None:
    settings = from_query("gv=1&gv.model=tensor").settings
    assert settings is not None
    query = to_query(settings)
    for key in ("model=tensor", "shape=4,4,4", "measurements=40", "width=8", "form=cp", "rank=1"):
        assert f"gv.{key}" in query
    assert "gv.rows" not in query
