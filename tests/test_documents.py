"""Every block of code in README, CONTRIBUTING, CHANGELOG and docs is run or checked."""

from __future__ import annotations

import ast
import html.parser
import json
import re
import runpy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from packaging.requirements import Requirement

import gncviz as gv
from gncviz.cli import main
from gncviz.explorer.words.address import from_query
from gncviz.models import MODELS
from tests.documents import DOCUMENTS, ROOT, Block, blocks, commands, links

README = ROOT / "README.md"

#: Python that cannot run here, by what it begins with, and why; it is compiled only.
NOT_RUN = {"c = get_config()": "runs inside of JupyterHub"}

#: Commands that are run as they stand, for they take a second or two. All others are run up to
#: where the computing, or the serving, would begin; tests/cli goes on from there.
QUICK = {"gncviz paper --claims"}

#: Folders that a source archive may lack.
ABSENT = {name for name in ("notebooks",) if not (ROOT / name).exists()}

#: The file that a block of CSV stands for.
TABLE = "table.csv"

#: Directives are built by `make docs`, where a warning is an error.
DIRECTIVES = {"{eval-rst}", "{toctree}"}


def by_language(*languages: str) -> Any:
    found = blocks(*languages)
    return pytest.mark.parametrize("block", found, ids=[block.name for block in found])


# --- the documents


def test_every_block_says_a_language_that_is_checked_here() -> None:
    checked = {"python", "sh", "json", "toml", "csv", "nginx", "html", "text", "bibtex"}
    unknown = [b.name for b in blocks() if b.language not in checked | DIRECTIVES]
    assert not unknown


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    for link in links(document):
        path = link.partition("#")[0]
        if path and not re.match("[a-z]+:", path) and path.split("/")[0] not in ABSENT:
            assert (document.parent / path).exists(), link


def script(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))


def test_the_table_of_the_reproduction_is_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert script("readme_table")["updated"](text) == text


def test_the_table_of_speeds_is_what_was_measured() -> None:
    text = README.read_text(encoding="utf-8")
    assert script("speed_table")["updated"](text) == text


def test_the_page_of_claims_is_up_to_date() -> None:
    text = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert script("gallery")["claims_page"]() == text


# --- Python


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(path, marks=() if path == README else pytest.mark.slow)
        for path in sorted({block.document for block in blocks("python")})
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_python_runs_from_top_to_bottom(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(document, tmp_path)
    # A row that a document adds is its own.
    monkeypatch.setattr("gncviz.models.MODELS", dict(MODELS))
    names: dict[str, Any] = {}
    for block in blocks("python"):
        if block.document == document:
            # Line numbers of a traceback are those of the document.
            tree = ast.parse("\n" * block.line + block.text, str(document))
            if not any(block.text.startswith(start) for start in NOT_RUN):
                names["_"] = value_of(tree, names)
                if document == README:
                    check_readme(block, names, tmp_path)


def write_table(document: Path, folder: Path) -> None:
    """The table that a document shows is the file that it speaks of."""
    for block in blocks("csv"):
        if block.document == document:
            (folder / TABLE).write_text(block.text, encoding="utf-8")


def value_of(tree: ast.Module, names: dict[str, Any]) -> Any:
    """Runs code; the value of its last line, if that is an expression."""
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "document", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "document", "eval"), names)
    return None


def check_readme(block: Block, names: dict[str, Any], folder: Path) -> None:
    """What the README says of its examples."""
    if "post =" in block.text:
        assert isinstance(names["_"], go.Figure)
    if "panel =" in block.text:
        assert names["panel"].complete
        assert len(names["mine"].to_frame()) == 2 * 2 * 3
        assert list((folder / "results").glob("*/*.parquet"))


def test_what_cannot_run_is_there() -> None:
    for start in NOT_RUN:
        assert any(block.text.startswith(start) for block in blocks("python"))


def test_the_names_in_the_readme_exist() -> None:
    text = README.read_text(encoding="utf-8")
    names = re.findall(r"^\| `gv\.(\w+)`", text, flags=re.MULTILINE)
    assert len(names) >= 7
    for name in names:
        assert getattr(gv, name)
    assert set(gv.__all__) <= set(dir(gv))


# --- commands


class Begun(Exception):
    """A command has read all its options, and would compute or serve from here on."""


def begun(*_: Any, **__: Any) -> None:
    raise Begun


@by_language("sh")
def test_commands(
    block: Block,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(block.document, tmp_path)
    for other in blocks("toml"):
        if other.document == block.document:
            (tmp_path / name_of(other)).write_text(other.text, encoding="utf-8")
    for words in commands(block):
        while re.fullmatch(r"\w+=\S*", words[0]):
            words = words[1:]
        check = COMMANDS.get(words[0])
        assert check, f"{block.name}: nobody here knows what {words[0]} is"
        check(words, monkeypatch)


def check_make(words: list[str], _: pytest.MonkeyPatch) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in words[1:]:
        name, is_variable, _value = word.partition("=")
        pattern = rf"^{name} *\?=" if is_variable else rf"^{name}:.*## "
        assert re.search(pattern, makefile, flags=re.MULTILINE), word


def check_gncviz(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if " ".join(words) in QUICK:
        assert main(words[1:]) == 0
        return
    with monkeypatch.context() as patched:
        patched.setattr("gncviz.posterior.guess_and_check", begun)
        patched.setattr("gncviz.cli.sweep.run_sweep", begun)
        patched.setattr("gncviz.sweeps.run_sweeps", begun)
        patched.setattr("gncviz.cli.study._chosen", begun)
        patched.setattr("gncviz.explorer.alone.story_html", begun)
        patched.setattr("os.execve", begun)
        patched.setattr("subprocess.run", begun)
        if words[1:] == ["--help"]:
            with pytest.raises(SystemExit, match="0"):
                main(words[1:])
        else:
            with pytest.raises(Begun):
                main(words[1:])


def check_pip(words: list[str], _: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert words[1] == "install"
    for option, value in zip(words[2:], [*words[3:], ""], strict=True):
        if option in ("-c", "-r"):
            assert (ROOT / value).exists()
    (wanted,) = (word for word in words[2:] if "[" in word)
    assert Requirement(wanted.replace(".[", "gncviz[")).extras <= set(
        project["optional-dependencies"]
    )


def check_conda(words: list[str], _: pytest.MonkeyPatch) -> None:
    assert words[:4] == ["conda", "env", "create", "-f"]
    assert (ROOT / words[4]).exists()


def check_voila(words: list[str], _: pytest.MonkeyPatch) -> None:
    from voila.app import Voila

    check_options(words[1:], Voila())


def check_jupyter(words: list[str], _: pytest.MonkeyPatch) -> None:
    from jupyter_server.serverapp import ServerApp

    assert words[1] == "server"
    check_options(words[2:], ServerApp())


def check_options(words: list[str], application: Any) -> None:
    """Each is a flag, an alias or a trait of the application or a class that it configures."""
    traits = {
        f"{kind.__name__}.{name}"
        for configured in [type(application), *application.classes]
        for kind in configured.mro()
        if hasattr(kind, "class_traits")
        for name in configured.class_traits(config=True)
    }
    for word in words:
        name, has_value, _value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            assert (ROOT / word).exists(), word
        elif has_value:
            assert name in traits | set(application.aliases), word
        else:
            assert name in application.flags, word


COMMANDS: dict[str, Callable[[list[str], pytest.MonkeyPatch], None]] = {
    "make": check_make,
    "gncviz": check_gncviz,
    "pip": check_pip,
    "conda": check_conda,
    "voila": check_voila,
    "jupyter": check_jupyter,
}


def test_quick_commands_are_there() -> None:
    found = {" ".join(words) for block in blocks("sh") for words in commands(block)}
    assert found >= QUICK


# --- data


@by_language("json")
def test_json_is_what_the_file_of_that_kind_says(block: Block) -> None:
    assert json.loads(block.text) == json.loads((ROOT / "voila.json").read_text(encoding="utf-8"))


def name_of(block: Block) -> str:
    """A settings file's name, in a comment on its first line."""
    found = re.match(r"# (\S+\.toml)\n", block.text)
    assert found, f"{block.name}: the first line should be a comment with the file's name"
    return found[1]


@by_language("toml")
def test_settings_files_are_used_by_a_command(block: Block) -> None:
    """Where :func:`test_commands` reads it as the command itself does."""
    assert tomllib.loads(block.text)
    used = [
        words
        for other in blocks("sh")
        if other.document == block.document
        for words in commands(other)
        if words[0] == "gncviz" and name_of(block) in words
    ]
    assert used


@by_language("csv")
def test_a_table_has_rows_of_one_length_and_its_name_is_said(block: Block) -> None:
    assert f"`{TABLE}`" in block.document.read_text(encoding="utf-8")
    lengths = {line.count(",") for line in block.text.splitlines()}
    assert len(lengths) == 1


@by_language("nginx")
def test_nginx_has_closed_blocks_and_ended_directives(block: Block) -> None:
    depth = 0
    for line in block.text.splitlines():
        text = re.sub(r"\s+#.*|^#.*", "", line).strip()
        assert not text or re.fullmatch(r".+\{|\}|[\w$]+\s+\S.*;|''\s+\w+;", text), line
        depth += text.endswith("{") - (text == "}")
        assert depth >= 0
    assert depth == 0


@by_language("bibtex")
def test_bibtex_has_what_a_citation_needs(block: Block) -> None:
    fields = dict(re.findall(r"^  (\w+)\s*= \{(.+)\},?$", block.text, flags=re.MULTILINE))
    assert re.match(r"@\w+\{\w+,\n", block.text)
    assert {"title", "author", "booktitle", "year"} <= set(fields)
    assert block.text.count("{") == block.text.count("}")


class Tags(html.parser.HTMLParser):
    """Notes the addresses in a piece of HTML, and which of its tags are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@by_language("html")
def test_html_is_balanced_and_its_addresses_open_the_page(block: Block) -> None:
    tags = Tags()
    tags.feed(block.text)
    assert tags.open == []
    for address in tags.addresses:
        check_address(address)


@by_language("text")
def test_text_is_addresses(block: Block) -> None:
    for line in block.text.splitlines():
        assert line.startswith("http"), line
        check_address(line)


def check_address(address: str) -> None:
    query = address.partition("?")[2]
    assert not from_query(query).problems
    assert from_query(query).settings or "urlpath=" in query
