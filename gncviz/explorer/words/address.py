"""The page's setting in its address, so that a link shows what somebody else saw.

A query such as ``gv=1&gv.width=5&gv.depth=2&gv.epsilon=0.02&gv.seed=3``: a version, then one key a
setting, all with a prefix of ours, for Voila and Binder have keys of their own. What the address
does not say has the value that belongs to the version (``unsaid`` in
:mod:`gncviz.experiment.options`): an old link means the same when a later page opens with other
settings. The device is not shared: a link must not ask for hardware that the reader lacks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

from gncviz.experiment.followers import with_followers, without_echoes
from gncviz.experiment.option import Option, renamed
from gncviz.experiment.options import GROUPS, OPTIONS
from gncviz.experiment.settings import MODEL, ExperimentSettings, assemble, flat
from gncviz.models import MODELS
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import SettingsError

VERSION = "1"
_PREFIX = "gv"
#: Browsers and servers take addresses of this length; what is longer is no link of ours.
_LONGEST = 4000
_MOST_PROBLEMS, _SHOWN = 3, 40

#: What an address may say of the page beside the settings: what it has to look like, in words and
#: as a pattern. ``story`` counts the four steps that the first version of the page had.
_VIEW = {
    "view": ("story, explore, paper or data", "story|explore|paper|data"),
    "step": ("a whole number from 1 to 6", "[1-6]"),
    "story": ("a whole number from 1 to 4", "[1-4]"),
    "tab": ("small letters, digits and hyphens", "[a-z0-9-]+"),
    "panel": ("a figure and an activation, such as 1-linear", "[0-9]{1,2}-[a-z_]+"),
}
#: The kind of model that has a view of its own, and what that is called.
_DATA = "data"
#: The steps of today that say what the first version's did.
OLD_STEPS = {1: 2, 2: 3, 3: 4, 4: 5}

#: The settings that are shared by their keys, those that are always said first.
KEYS = {row.key: row for row in sorted(OPTIONS, key=lambda row: not row.always) if row.key}
_KEY_OF = {row.path: key for key, row in KEYS.items()}


@dataclass(frozen=True)
class Address:
    """What an address says.

    Attributes:
        settings: the page's; None where the address says nothing, or something wrong. The devices
            are "auto".
        hidden: groups of controls by their slug, and single controls by their key, that are not
            shown.
        view: "story", "explore", "paper" or "data"; None where the address does not tell.
        step: the step of the story that is open, from 1 to 6.
        tab: the slug of the tab that is open in Explore, or of the figure in Data.
        panel: the panel that is open in Paper, as (figure, activation).
        problems: a sentence for each thing that is wrong, the first few of them. They quote the
            address: text, never markup.
    """

    settings: ExperimentSettings | None = None
    hidden: frozenset[str] = frozenset()
    view: str | None = None
    step: int | None = None
    tab: str | None = None
    panel: tuple[int, str] | None = None
    problems: tuple[str, ...] = ()


def to_query(
    settings: ExperimentSettings,
    *,
    hidden: Collection[str] = (),
    view: str | None = None,
    step: int | None = None,
    tab: str | None = None,
    panel: tuple[int, str] | None = None,
) -> str:
    """The query that :func:`from_query` makes the same of again, but for the devices.

    Args:
        settings: the page's.
        hidden: groups of controls, by their :func:`slug`, and controls, by their key, to hide.
        view: "story", "explore", "paper" or "data".
        step: of the story, from 1 to 6.
        tab: the slug of a tab's title.
        panel: of the paper, as (figure, activation).

    Raises:
        SettingsError: one of these is not allowed, or so many seeds of trials are set that they
            are too long for an address.
    """
    values = flat(settings)
    said = {"": VERSION}
    for key, row in KEYS.items():
        if row.path not in values:
            continue
        value = values[row.path]
        unsaid = values[row.follows] if row.follows else row.unsaid
        if value is None:
            # What is left open has no words; unsaid, it is left open, too.
            continue
        if row.always or value != unsaid or _of_another_kind(row, settings.task.model):
            said[key] = row.write(value)
    seen = {
        "hide": ",".join(sorted(hidden)) or None,
        "view": view,
        "step": step,
        "tab": tab,
        "panel": panel and f"{panel[0]}-{panel[1]}",
    }
    looks = {key: str(value) for key, value in seen.items() if value is not None}
    said |= looks
    _, problems = _read_view(looks)
    query = "&".join(f"{_full(key)}={quote(text, safe=',')}" for key, text in said.items())
    if len(query) > _LONGEST:
        sentence = f"seeds should be fewer: an address has {_LONGEST} characters at most"
        problems.append(("descent.seeds", f"{sentence}; got {len(query)}."))
    if problems:
        raise SettingsError(problems)
    return query


def _of_another_kind(row: Option, model: str) -> bool:
    """Whether it is a setting of a task or a network for which version 1 has no unsaid value."""
    return model != TaskRecipe.model and row.section in ("task", "network")


def from_query(query: str) -> Address:
    """Reads an address; whatever is in it, nothing is raised.

    Args:
        query: with or without the question mark. Keys without our prefix are ignored.
    """
    ours = [(key, raw) for key, raw in _parts(query) if _is_ours(key)]
    if not ours:
        return Address()
    if len(query) > _LONGEST:
        sentence = f"The address is too long: at most {_LONGEST} characters are read"
        return Address(problems=(f"{sentence}; got {len(query)}.",))
    said, problems = _decoded(ours)
    version = said.pop("", None)
    if version is None:
        problems.insert(0, f"The address has no version: gv={VERSION} is missing.")
    elif version != VERSION:
        sentence = f"The address should be of version {VERSION}; got {_shown(version)}."
        return Address(problems=(sentence,))
    found, wrong = _read_view({key: said.pop(key) for key in (*_VIEW, "hide") if key in said})
    on_data = said.get(_KEY_OF[MODEL]) == _DATA
    # The view on data by itself is as it opens.
    bare = found.get("view") == _DATA and not said
    settings, more = (None, []) if bare else _read_settings(said)
    if found.get("view") == _DATA and not (bare or on_data):
        more = [*more, f"gv.view={_DATA} goes with {_full(_KEY_OF[MODEL])}={_DATA}."]
    # A step by itself is the story; with settings, it was the first version's page of a run.
    usual = _DATA if on_data else "explore" if said or "step" not in found else "story"
    found.setdefault("view", usual)
    problems += [sentence for _, sentence in wrong] + more
    if problems:
        return Address(problems=_few(problems))
    return Address(settings, **found)


def merge(query: str, ours: str) -> str:
    """An address' query with our keys in place of those it has; others stay, in their order.

    Args:
        query: of the address, with or without the question mark.
        ours: from :func:`to_query`.
    """
    others = [raw for key, raw in _parts(query) if not _is_ours(key)]
    merged = "&".join([*others, ours] if ours else others)
    # One that begins with a question mark of its own would lose it when it is read again.
    return "%3F" + merged[1:] if merged.startswith("?") else merged


def slug(title: str) -> str:
    """A title as the address writes it.

    >>> slug("Guess & Check"), slug("ε-path")
    ('guess-check', 'epsilon-path')
    """
    return "-".join(re.findall("[a-z0-9]+", title.lower().replace("ε", "epsilon")))


def hideable() -> frozenset[str]:
    """What ``gv.hide`` may name: the slugs of the groups of controls and the keys of controls."""
    return frozenset([*map(slug, GROUPS.values()), *(row.key for row in OPTIONS if row.label)])


def _parts(query: str) -> list[tuple[str, str]]:
    """The parts of a query, as they stand, each with its key in plain text."""
    raws = [raw for raw in query.removeprefix("?").split("&") if raw]
    return [(unquote_plus(raw.partition("=")[0]), raw) for raw in raws]


def _is_ours(key: str) -> bool:
    return key == _PREFIX or key.startswith(_PREFIX + ".")


def _full(key: str) -> str:
    """A key with our prefix; that of the version is the prefix itself."""
    return f"{_PREFIX}.{key}" if key else _PREFIX


def _decoded(ours: list[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Our keys without their prefix and their values in plain text, and what is wrong with them."""
    said: dict[str, str] = {}
    problems = []
    for key, raw in ours:
        text = raw.partition("=")[2]
        try:
            if re.search("%(?![0-9A-Fa-f]{2})", text):
                raise ValueError("a % that starts no code")
            plain = unquote_plus(text, errors="strict")
        except ValueError:
            problems.append(f"{_shown(key)} should be percent-encoded UTF-8; got {_shown(text)}.")
        else:
            said.setdefault(key.removeprefix(_PREFIX).removeprefix("."), plain)
    for key, count in Counter(key for key, _ in ours).items():
        if count > 1:
            problems.append(f"{_shown(key)} should be there once; got it {count} times.")
    return said, problems


def _read_view(view: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The fields of an address beside the settings, and (field, sentence) for what is wrong."""
    found: dict[str, Any] = {}
    problems = []
    if "hide" in view:
        names = frozenset(view["hide"].split(","))
        found["hidden"] = names
        for name in sorted(names - hideable()):
            sentence = "gv.hide should name groups of controls or keys of single ones"
            problems.append(("hidden", f"{sentence}; got {_shown(name)}."))
    for key, (words, pattern) in _VIEW.items():
        if key in view and not re.fullmatch(pattern, view[key]):
            problems.append((key, f"gv.{key} should be {words}; got {_shown(view[key])}."))
        elif key in view:
            found |= _READ[key](view[key])
    return found, problems


def _panel(text: str) -> dict[str, Any]:
    figure, _, activation = text.partition("-")
    return {"panel": (int(figure), activation)}


#: What each says, as fields of an :class:`Address`.
_READ: dict[str, Callable[[str], dict[str, Any]]] = {
    "view": lambda text: {"view": text},
    "step": lambda text: {"step": int(text), "view": "story"},
    "story": lambda text: {"step": OLD_STEPS[int(text)]},
    "tab": lambda text: {"tab": text},
    "panel": _panel,
}


def _read_settings(said: Mapping[str, str]) -> tuple[ExperimentSettings | None, list[str]]:
    """The settings, or a sentence for everything that is wrong with them."""
    model = said.get(_KEY_OF[MODEL], TaskRecipe.model)
    if model not in MODELS:
        sentence = f"{_full(_KEY_OF[MODEL])} should be one of {', '.join(MODELS)}"
        return None, [f"{sentence}; got {_shown(model)}."]
    rows = {key: row for key, row in KEYS.items() if model in row.models}
    values = {
        row.path: row.unsaid
        for row in rows.values()
        if not row.follows and not _of_another_kind(row, model)
    }
    problems = []
    for key, text in said.items():
        if key not in KEYS:
            problems.append(f"{_shown(_full(key))} is no key of this version of the address.")
            continue
        if key not in rows:
            problems.append(f"{_full(key)} says nothing of {MODELS[model].label}.")
            continue
        try:
            values[KEYS[key].path] = KEYS[key].read(text)
        except ValueError as error:
            problems.append(f"{_full(key)} should be {error}; got {_shown(text)}.")
    try:
        settings = assemble(with_followers(values))
    except SettingsError as error:
        wrong = without_echoes(error.problems)
        return None, problems + [_with_key(path, sentence) for path, sentence in wrong]
    return (None if problems else settings), problems


def _with_key(path: str, sentence: str) -> str:
    """The sentence of an error, with the key in place of the setting's name."""
    sentence = re.sub(r"\d{41,}", lambda number: number[0][: _SHOWN - 1] + "…", sentence)
    return renamed(sentence, path, _full(_KEY_OF[path])) if path in _KEY_OF else sentence


def _shown(text: str) -> str:
    """A text from outside in quotes: its beginning, with everything unprintable escaped."""
    quoted = repr(text)
    return quoted if len(quoted) <= _SHOWN else f"{quoted[: _SHOWN - 2]}…{quoted[-1]}"


def _few(problems: list[str]) -> tuple[str, ...]:
    more = len(problems) - _MOST_PROBLEMS
    return (*problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else []))
