"""The page about states says what the table says."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_drawn_from_the_table() -> None:
    drawn = runpy.run_path(str(DOCS / "draw_states.py"))["draw"]()
    assert (DOCS / "states.md").read_text(encoding="utf-8") == drawn, "run: python docs/draw_states.py"
