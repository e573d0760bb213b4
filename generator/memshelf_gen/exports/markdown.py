"""Write the catalogue in Markdown, so that any text is shown as it is and nothing in it is taken for markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from memshelf_gen.exports.entries import Code, Entry, Line, Link, Row, Table, Text

MARK = "<!-- Written by memshelf-gen export docs; changes are lost. -->"

_MARKUP = re.compile(r"[\\`*_\[\]<>&|~#$]")


def index(entries: Sequence[Entry]) -> str:
    """Give the list of all jobs."""
    rows = [
        f"| [{plain(each.name)}](jobs/{each.name}.md) | {plain(each.description)} | "
        + " | ".join(map(plain, each.summary))
        + " |"
        for each in entries
    ]
    table = ["| job | what it does | queue | retries | timeout |", "|---|---|---|---|---|", *rows]
    return _joined([MARK, "# Jobs", "\n".join(table) if rows else "There is no job yet."])


def page(entry: Entry) -> str:
    """Give the page of one job."""
    facts = ["| setting | value |", "|---|---|", *(f"| {name} | {line(told)} |" for name, told in entry.facts)]
    blocks = [MARK, f"# {plain(entry.name)}", *paragraphs(entry.description), "\n".join(facts)]
    blocks += ["## How to queue it", fenced(entry.calls, "python")]
    blocks += [*_table(entry.payload, "##"), *(block for part in entry.parts for block in _table(part, "###"))]
    if entry.examples:
        blocks += ["## Examples", *(fenced(each, "json") for each in entry.examples)]
    blocks += ["## The schema", fenced(entry.schema, "json"), "[All jobs](../index.md)"]
    return _joined(blocks)


def line(pieces: Line) -> str:
    """Write a line of a table's cell."""
    return "".join(map(_piece, pieces))


def plain(text: str) -> str:
    """Write text on one line, so that Markdown shows it as it is."""
    escaped = _MARKUP.sub(r"\\\g<0>", " ".join(visible(text).split()))
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", escaped)


def paragraphs(text: str) -> list[str]:
    """Write text in paragraphs, as blank lines divide it."""
    return [plain(each) for each in re.split(r"\n\s*\n", text) if each.strip()]


def code(text: str) -> str:
    """Write text as a code span of a table's cell."""
    shown = printable(text).replace("|", "\\|")
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence, space = "`" * (longest + 1), " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{space}{shown}{space}{fence}" if shown.strip() else f'`"{shown}"`'


def fenced(text: str, language: str) -> str:
    """Write lines of code, with a fence that none of them can end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{printable(text, lines=True)}\n{fence}"


def visible(text: str) -> str:
    """Replace what no file can hold, or no page may: halves of characters, and control characters."""
    return "".join(" " if each in "\t\n\r" else _or_replacement(each) for each in text)


def printable(text: str, *, lines: bool = False) -> str:
    """Write characters that would not be seen, or would turn others around, by their numbers."""
    return "".join(
        each if (each == "\n" and lines) or unicodedata.category(each) not in _UNSEEN else f"\\u{ord(each):04x}"
        for each in text
    )


_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def _or_replacement(sign: str) -> str:
    return "\ufffd" if unicodedata.category(sign) in ("Cc", "Cs") else sign


def _table(table: Table, level: str) -> list[str]:
    blocks = [f'<a id="{table.anchor}"></a>', f"{level} {plain(table.title)}", *paragraphs(table.description)]
    about = "; ".join(map(line, (table.type, *table.notes)))
    blocks.append(f"{about}" if about else "")
    if table.rows:
        head = ["| field | type | required | meaning |", "|---|---|---|---|"]
        blocks.append("\n".join([*head, *map(_row, table.rows)]))
    return blocks


def _row(row: Row) -> str:
    told = [plain(row.description), "; ".join(map(line, row.notes))]
    if row.default is not None:
        told.append(f"default {code(row.default)}")
    if row.examples:
        told.append(f"such as {', '.join(map(code, row.examples))}")
    meaning = "<br>".join(each for each in told if each)
    return f"| {code(row.path)} | {line(row.type)} | {'yes' if row.required else ''} | {meaning} |"


def _piece(piece: Text | Code | Link) -> str:
    match piece:
        case Text(text):
            return plain_inside(text)
        case Code(text):
            return code(text)
        case Link(text, anchor):
            return f"[{plain(text)}](#{anchor})"


def plain_inside(text: str) -> str:
    """Write words of a line whose blanks at both ends matter."""
    return _MARKUP.sub(r"\\\g<0>", visible(text))


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"
