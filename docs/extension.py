"""What this documentation needs beyond Sphinx: mathematics, settings and commands."""

from __future__ import annotations

import argparse
import dataclasses
import html
import inspect
import math
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from docutils import nodes
from docutils.statemachine import StringList
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

import gncviz
from gncviz.cli.parser import make_parser
from gncviz.settings import Settings

_log = logging.getLogger(__name__)
_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math_block, None))
    app.config.html_math_renderer = "mathml"
    app.add_directive("gncviz-command", Command)
    # Tables have no colours.
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-process-signature", _signature)
    # Before napoleon (500), which reads what is added here.
    app.connect("autodoc-process-docstring", _describe_fields, priority=400)
    app.connect("autodoc-process-docstring", _escape_bars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# --- mathematics: MathML in the page, which browsers draw themselves; nothing has to be fetched


def _visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{_mathml(node, as_block=True)}</div>')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, as_block: bool) -> str:
    try:
        return tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        _log.warning("no MathML for %r: %s", node.astext(), error, location=node)
        return f"<code>{html.escape(node.astext())}</code>"


# --- settings: their fields, defaults and bounds are the models' own


def _signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returned: str
) -> tuple[str, None] | None:
    if what != "class" or not inspect.isclass(obj):
        return None
    if issubclass(obj, Settings):
        return f"({', '.join(map(_parameter, obj.model_fields.items()))})", None
    # Results are made by the functions that return them, not by the reader.
    return ("", None) if dataclasses.is_dataclass(obj) else None


def _parameter(item: tuple[str, FieldInfo]) -> str:
    name, field = item
    default = field.get_default(call_default_factory=False)
    if field.is_required():
        return name
    return f"{name}={'...' if default is PydanticUndefined else repr(default)}"


def _describe_fields(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Describes the arguments of a settings class, or adds their types where its docstring does."""
    if what != "class" or not inspect.isclass(obj) or not issubclass(obj, Settings):
        return
    if "Args:" in lines:
        start = lines.index("Args:")
        for i, line in enumerate(lines[start:], start):
            field_name = line.strip().partition(":")[0]
            if field_name in obj.model_fields:
                kind = _kind(obj.model_fields[field_name].annotation)
                lines[i] = line.replace(field_name, f"{field_name} ({kind})", 1)
        return
    lines += ["", "Args:"]
    for field_name, field in obj.model_fields.items():
        allowed = [*map(repr, get_args(field.annotation))] if _is_choice(field) else _bounds(field)
        text = (field.description or field_name).rstrip(".")
        kind = _kind(field.annotation)
        lines.append(f"    {field_name} ({kind}): {text}{_in_brackets(allowed)}.")
    lines += ["", "Raises:", "    SettingsError: a field is out of range."]


def _escape_bars(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """A bar is one of mathematics, and no substitution as in reStructuredText."""
    for i, line in enumerate(lines):
        parts = line.split("``")
        parts[::2] = [part.replace("|", "\\|") for part in parts[::2]]
        lines[i] = "``".join(parts)


def _is_choice(field: FieldInfo) -> bool:
    return all(isinstance(word, str) for word in get_args(field.annotation) or [None])


def _kind(annotation: Any) -> str:
    """A type in words, without what validates it."""
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        return " | ".join(dict.fromkeys(type(value).__name__ for value in inner))
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(map(_kind, inner))
    if inner:
        return f"{get_origin(annotation).__name__}[{', '.join(map(_kind, inner))}]"
    return {type(None): "None", ...: "..."}.get(annotation) or _own(annotation)


def _own(kind: type) -> str:
    """A class by the name that its page has."""
    name = kind.__name__
    return f"gncviz.{name}" if name in gncviz.__all__ else name


def _bounds(field: FieldInfo) -> list[str]:
    return [
        f"{sign} {_number(getattr(bound, name))}"
        for bound in field.metadata
        for name, sign in _BOUNDS.items()
        if hasattr(bound, name)
    ]


def _number(value: float) -> str:
    for base, sign in ((10, "10"), (2, "2")):
        power = round(math.log(value, base)) if value > 10**4 else 0
        if power and base**power == value:
            return f"{sign}^{power}"
    return f"{value:g}"


def _in_brackets(allowed: list[str]) -> str:
    return f" ({', '.join(allowed)})" if allowed else ""


# --- commands: their options are the parser's own


class Command(SphinxDirective):
    """``.. gncviz-command:: run``: what ``gncviz run --help`` says, as a page."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """The nodes."""
        (commands,) = (
            action
            for action in make_parser([self.arguments[0]])._actions
            if isinstance(action, argparse._SubParsersAction)
        )
        parser = commands.choices[self.arguments[0]]
        lines = [*str(parser.description).splitlines(), ""]
        for group in parser._action_groups:
            shown = [action for action in group._group_actions if action.dest != "help"]
            if not shown:
                continue
            title = str(group.title)
            title = title[:1].upper() + title[1:]
            lines += [f".. rubric:: {title}", ""]
            for action in shown:
                lines += [f"``{_invocation(action)}``", f"    {_help(action)}", ""]
        lines += [".. code-block:: text", ""]
        lines += [f"    {line}" for line in str(parser.epilog).splitlines()]
        holder = nodes.container()
        self.state.nested_parse(StringList(lines, "the parser"), self.content_offset, holder)
        return holder.children


def _invocation(action: argparse.Action) -> str:
    # What is told apart by its place alone has no name.
    name = action.option_strings[-1] if action.option_strings else ""
    if action.nargs == 0:
        return name
    value = str(action.metavar or action.dest.upper())
    more = " ..." if action.nargs in ("+", "*") else ""
    return f"{name} {value}{more}".strip()


def _help(action: argparse.Action) -> str:
    text = str(action.help or "").replace("%%", "%")
    # Underscores, stars and bars mean something in reStructuredText.
    return "".join("\\" + letter if letter in "*`|_\\" else letter for letter in text)
