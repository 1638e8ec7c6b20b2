"""One HTML file with the story: the page's words, figures, scripts and looks, and no server."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from gncviz.explorer.alone.scenes import Scenes
from gncviz.explorer.browser.plotlyjs import LOADER, packed
from gncviz.explorer.style import sheet
from gncviz.explorer.words.story import HEADING, TITLE

_PAGE = Path(__file__).parents[1]
#: Scripts of the page that the file takes as they are, each a module.
_SCRIPTS = ("access", "figure_view", "steps_slider")


def story_html() -> str:
    """The story as one file, of about two megabytes; takes ten seconds to make.

    Opened from anywhere, it asks no server and no network for anything.
    """
    found = Scenes()
    content = json.dumps({"scenes": found.scenes, "figures": found.figures}, allow_nan=False)
    blocks = {
        "gv-plotly": packed(),
        "gv-scenes": gzip.compress(content.encode(), mtime=0),
        **{f"gv-{name}": _text("browser", f"{name}.js").encode() for name in _SCRIPTS},
    }
    held = "".join(
        f'<script type="text/plain" id="{name}">{base64.b64encode(block).decode()}</script>\n'
        for name, block in blocks.items()
    )
    return _FRAME.format(
        title=TITLE,
        # The page's own looks come last, and win.
        style=_text("alone", "alone.css") + sheet(),
        heading=HEADING,
        held=held,
        loader=LOADER,
        player=_text("alone", "player.js"),
    )


def _text(*place: str) -> str:
    return _PAGE.joinpath(*place).read_text(encoding="utf-8")


_FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div class="gv-explorer">
<div class="gv-head gv-title"><div class="widget-html-content">{heading}</div></div>
<div class="gv-story"></div>
</div>
{held}<script>{loader}</script>
<script type="module">{player}</script>
</body>
</html>
"""
