"""Draws the paper's figures and the table of its claims from the results that come with gncviz.

Writes what the page shows of them at once, too: the panels at a glance and their limits of width
(gncviz/paper/tables/overview.json and limits.json).

python scripts/gallery.py docs/
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import sync_playwright
from plotly.subplots import make_subplots

from gncviz import figures
from gncviz.activation import ACTIVATIONS as SIGMAS
from gncviz.paper import (
    ACTIVATIONS,
    FIGURES,
    Claim,
    claims,
    known,
    limits,
    overview,
    panel_settings,
    shipped,
    tally,
)
from gncviz.paper.beyond import STUDIES, Study
from gncviz.paper.panels import PANELS
from gncviz.paper.verdicts import questions
from gncviz.sweeps import width_limits

WIDTH, HEIGHT = 1000, 340
HEADER = """\
# The paper's claims, checked

Made by `python scripts/gallery.py docs/` from the results that come with gncviz; `gncviz paper
--claims` prints the same. A trend holds where so many of the eight seeds show it that chance alone
would do so in less than 5 % of cases (one-sided sign test: seven of eight). With more than a
hundred checks, a few verdicts near that border are chance. How near Guess & Check comes to its
limit of width is a share of the loss there: the median over the seeds has to be within 10 %. Where
Theorem 1 applies the limit is the prior. With Leaky ReLU, which is not anti-symmetric, it is
another loss in every task, which `gv.theory.infinite_width` computes.

{tally}

| figure | activation | claim | holds | numbers |
|---|---|---|---|---|
"""


def panels(number: int) -> go.Figure:
    """A figure of the paper: its three panels side by side."""
    titles = [SIGMAS[name].label for name in ACTIVATIONS]
    page = make_subplots(
        rows=1, cols=3, subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.03
    )
    for column, activation in enumerate(ACTIVATIONS, start=1):
        result = known(panel_settings(number, activation), shipped())
        panel = figures.sweep(result, limits=limits.panel_limits(result.settings))
        page.add_traces(panel.data, rows=1, cols=column)
        for name in ("xaxis", "yaxis"):
            axis = panel.layout[name].to_plotly_json()
            for place in ("anchor", "domain"):
                axis.pop(place, None)
            page.update_layout({f"{name}{column if column > 1 else ''}": axis})
    page.for_each_trace(lambda trace: trace.update(legendgroup=trace.name))
    page.for_each_trace(lambda trace: trace.update(showlegend=False), lambda t: t.xaxis != "x")
    page.update_yaxes(title_text="")
    page.update_yaxes(title_text="mean generalization loss", col=1)
    look = {"font", "legend", "paper_bgcolor", "plot_bgcolor", "template", "margin"}
    layout = panel.layout.to_plotly_json()
    page.update_layout({name: layout[name] for name in look & set(layout)})
    page.update_layout(legend={"y": 1.1}, margin={"t": 66}, paper_bgcolor="#ffffff")
    return page


def study(about: Study) -> go.Figure:
    """A study beyond the paper."""
    results = {name: known(one, shipped()) for name, one in about.sweeps.items()}
    ends = {name: width_limits(one) for name, one in about.sweeps.items()}
    figure = figures.family(results, log=about.log, beside=about.beside, limits=ends)
    return figure.update_layout(paper_bgcolor="#ffffff")


def pictures() -> Iterator[tuple[str, go.Figure, int]]:
    """Names, figures and widths."""
    for number in FIGURES:
        yield f"figure-{number}", panels(number), WIDTH
    for name, about in STUDIES.items():
        if all(known(one, shipped()).found for one in about.sweeps.values()):
            yield name, study(about), 560
    for name, figure in studies():
        yield name, figure, 560


def studies() -> Iterator[tuple[str, go.Figure]]:
    """Names and figures of the studies that have a table."""
    for about, table, _ in questions():
        figure = figures.study(about.points(table), about.plot)
        yield f"study-{about.name}", figure.update_layout(paper_bgcolor="#ffffff")


def row(claim: Claim) -> str:
    """A line of the table of claims."""
    where = SIGMAS[claim.activation].label + (", fan-out" if claim.scaling == "fan_out" else "")
    verdict = "yes" if claim.holds else "**no**"
    return f"| {claim.figure} | {where} | {claim.claim} | {verdict} | {claim.words} |"


def claims_page() -> str:
    """The page of the documentation with every claim."""
    found = claims()
    return HEADER.format(tally=tally(found)) + "".join(f"{row(claim)}\n" for claim in found)


def glances() -> str:
    """The panels at a glance, as JSON, one a line."""
    found = [
        overview.glance(number, activation, known(panel_settings(number, activation), shipped()))
        for number, activation in PANELS
    ]
    return "[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs", type=Path)
    docs = parser.parse_args().docs
    (docs / "figures").mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(name)}: {found}" for name, found in limits.computed().items()]
    limits.PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    overview.PATH.write_text(glances(), encoding="utf-8")
    (docs / "claims.md").write_text(claims_page(), encoding="utf-8")
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, figure, width in pictures():
            page = browser.new_page(viewport={"width": width, "height": HEIGHT})
            figure.update_layout(width=width, height=HEIGHT)
            page.set_content(figure.to_html(config={"displayModeBar": False}))
            page.locator(".main-svg").first.wait_for()
            page.locator(".plotly-graph-div").screenshot(path=docs / "figures" / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
