"""A figure to take away from the page, as the bytes of a file.

:mod:`gncviz.explorer.browser.download` brings it to the browser, and what
:mod:`gncviz.experiment.export` makes of a run.
"""

from __future__ import annotations

import html

import plotly.graph_objects as go

from gncviz.figures import LIGHT, Theme
from gncviz.figures.look.style import HEIGHT


def figure_html(figure: go.Figure, title: str, *, theme: Theme = LIGHT) -> bytes:
    """One HTML file with a figure that can be zoomed and read off, anywhere and without a network.

    Args:
        figure: left as it is.
        title: of the page, in plain text.
        theme: whose ground the figure stands on.
    """
    # The page gives a figure its height; here nobody does.
    height = figure.layout.height or HEIGHT
    standing = go.Figure(figure).update_layout(paper_bgcolor=theme.ground, height=height)
    body = standing.to_html(
        include_plotlyjs=True,
        full_html=False,
        div_id="figure",
        config={"displaylogo": False, "responsive": True, "showSendToCloud": False},
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>body {{ margin: 0; background: {theme.ground}; }}</style>\n"
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return page.encode()
