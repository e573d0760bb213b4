"""The page on schedules is true: its schema, its program, its commands and its table of changes of clocks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memshelf.crontext import NICKNAMES, read_cron
from memshelf.rhythm import by_cron
from memshelf_gen.pipeline import generate
from tests.docs.blocks import blocks, commands, fits
from tests.generator.projects import make

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs/schedules.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]


@pytest.mark.slow
def test_the_example_does_what_it_says(tmp_path: Path, mongo_url: str, database_name: str) -> None:
    """Its files are written, its code is generated, and its commands run."""
    for block in blocks(PAGE):
        if block.path:
            (tmp_path / block.path).parent.mkdir(exist_ok=True)
            (tmp_path / block.path).write_text(block.text, encoding="utf-8")
    generate(make(tmp_path, {}))
    environment = {
        **os.environ,
        "COLUMNS": "160",
        "NO_COLOR": "1",
        "PYTHONPATH": f"{REPOSITORY / 'runtime'}:{tmp_path}",
        "MEMSHELF_MONGO_URL": mongo_url,
        "MEMSHELF_DATABASE": database_name,
        "MEMSHELF_APP": "generated",
    }

    def run(line: str) -> str:
        words = line.split()
        program = {"memshelf": ["-m", "memshelf"], "python": []}[words[0]]
        done = subprocess.run(
            [sys.executable, *program, *words[1:]],
            cwd=tmp_path,
            env=environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    for block in blocks(PAGE):
        for command in commands(block) if block.language == "console" else ():
            printed = run(command.line)
            assert fits(
                re.sub(r"─+\.\.\.", "...", command.output), printed
            ), f"{block.place}: {command.line}\n{printed}"


def test_ticks_where_clocks_change_are_those_of_the_table() -> None:
    rows = [row for row in ROWS if len(row) == 5]
    assert len(rows) >= 5
    for row in rows:
        text, zone, start, end, expected = (re.findall(r"`([^`]+)`", cell) for cell in row)
        found = by_cron(text[0], zone[0]).ticks(*(datetime.fromisoformat(each[0]) for each in (start, end)))
        assert [tick.astimezone(ZoneInfo(zone[0])).strftime("%d %H:%M%z") for tick in found] == expected, row


def test_cron_texts_that_are_shown_are_read() -> None:
    texts = [text for row in ROWS if len(row) == 2 for text in re.findall(r"`([^`]+)`", row[0])]
    shown = [text for text in texts if text.startswith("@") or len(text.split()) > 4]
    assert {*NICKNAMES} < {*shown}
    for text in shown:
        read_cron(text)
