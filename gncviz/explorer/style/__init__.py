"""How the page looks: one style sheet, in parts by what they are about."""

from __future__ import annotations

from pathlib import Path

#: In the order of the sheet: of rules that are as specific, a later one wins.
_PARTS = ("page", "story", "paper", "data", "explore", "results", "controls")


def sheet() -> str:
    """The style sheet of the page, as CSS."""
    folder = Path(__file__).parent
    return "\n".join((folder / f"{part}.css").read_text(encoding="utf-8") for part in _PARTS)
