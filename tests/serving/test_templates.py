"""Templates are compiled for the first page only, and pages are the same."""

from __future__ import annotations

import nbformat
import pytest
from jinja2 import Environment
from nbconvert import HTMLExporter

from gncviz.serving.templates import KeepTemplates


def test_templates_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_ = Environment.compile

    def counting(self: Environment, source: object, name: str, *rest: object, **more: object):
        compiled.append(name)
        return compile_(self, source, name, *rest, **more)

    monkeypatch.setattr(Environment, "compile", counting)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("One", id="one")])

    def page(**options: object) -> str:
        return HTMLExporter(**options).from_notebook_node(notebook)[0]

    plain = page()
    assert "index.html.j2" in compiled
    assert page(preprocessors=[KeepTemplates]) == plain
    compiled.clear()
    assert page(preprocessors=[KeepTemplates]) == plain
    assert compiled == []
