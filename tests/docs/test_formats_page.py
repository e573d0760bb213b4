"""The page on formats is true: its examples run, and its table is the one that the generator goes by."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memshelf import formats
from memshelf_gen.emit.readings import READINGS
from tests.docs.blocks import Block, blocks

PAGE = Path(__file__).parents[2] / "docs/formats.md"
EXAMPLES = [block for block in blocks(PAGE) if block.language == "python"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: block.place)
def test_an_example_runs(example: Block) -> None:
    exec(compile(example.text, example.place, "exec"), {"__name__": "example"})
    assert "assert " in example.text


def test_the_table_says_which_class_reads_which_format_as_what() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| `([\w.]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {form: word for form, word, _ in rows} == READINGS
    told = {
        form: vars(getattr(formats, word))["value"].fget.__annotations__["return"] for form, word in READINGS.items()
    }
    assert {form: kind.rpartition(".")[2] for form, _, kind in rows} == {
        form: kind.rpartition(".")[2] for form, kind in told.items()
    }
