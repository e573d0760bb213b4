"""Write the catalogue in HTML: pages that stand alone, with no script and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from memshelf_gen.exports.entries import Code, Entry, Line, Link, Row, Table, Text
from memshelf_gen.exports.markdown import printable, visible

MARK = "<!doctype html>\n<!-- Written by memshelf-gen export docs; changes are lost. -->\n"


def index(entries: Sequence[Entry]) -> str:
    """Give the list of all jobs."""
    rows = "".join(
        f'<tr><th scope="row"><a href="jobs/{each.name}.html">{_text(each.name)}</a></th>'
        f'<td dir="auto">{_text(each.description)}</td>'
        + "".join(f"<td>{_text(one)}</td>" for one in each.summary)
        + "</tr>\n"
        for each in entries
    )
    number = f"{len(entries)} job{'s' if len(entries) != 1 else ''}"
    heads = ("Job", "What it does", "Queue", "Retries", "Timeout")
    table = _scrolled("All jobs", heads, rows) if entries else "<p>There is no job yet.</p>\n"
    return _document("Jobs", f"<header><h1>Jobs</h1><p>{number}</p></header>\n<main>\n{table}</main>\n")


def page(entry: Entry, *, before: Entry | None, after: Entry | None) -> str:
    """Give the page of one job, with the way to the jobs beside it in the list."""
    head = "".join(
        (
            '<nav aria-label="Catalogue"><a href="../index.html">All jobs</a></nav>\n',
            f"<header><h1>{_text(entry.name)}</h1>\n{_paragraphs(entry.description)}</header>\n",
        )
    )
    facts = "".join(f"<div><dt>{name}</dt><dd>{line(told)}</dd></div>\n" for name, told in entry.facts)
    sections = [
        _section("settings", "Settings", f"<dl>\n{facts}</dl>"),
        _section("queueing", "How to queue it", _code_block(entry.calls)),
        _table(entry.payload, "h2"),
        *(_table(part, "h3") for part in entry.parts),
    ]
    if entry.examples:
        sections.append(_section("examples", "Examples", "\n".join(map(_code_block, entry.examples))))
    whole = f"<details><summary>As JSON</summary>\n{_code_block(entry.schema)}</details>"
    sections.append(_section("schema", "The schema", whole))
    around = [("Previous", before), ("Next", after)]
    links = "".join(f'<a href="{each.name}.html">{way}: {_text(each.name)}</a>\n' for way, each in around if each)
    foot = f'<nav aria-label="Jobs beside this one" class="beside">{links}</nav>\n' if links else ""
    body = "\n".join(sections)
    return _document(f"{entry.name} · Jobs", f"{head}<main>\n{body}\n</main>\n{foot}")


def line(pieces: Line) -> str:
    """Write a line of words, values and links."""
    return "".join(map(_piece, pieces))


def _document(title: str, body: str) -> str:
    style = files("memshelf_gen").joinpath("catalogue.css").read_text(encoding="utf-8")
    return (
        f'{MARK}<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        # Whatever a schema's text says, a browser runs nothing and fetches nothing.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{_text(title)}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _section(anchor: str, title: str, content: str) -> str:
    return f'<section><h2 id="{anchor}">{title}</h2>\n{content}</section>'


def _table(table: Table, heading: str) -> str:
    about = "; ".join(map(line, (table.type, *table.notes)))
    head = f'<{heading} id="{table.anchor}">{_text(table.title)}</{heading}>\n{_paragraphs(table.description)}'
    rows = "".join(map(_row, table.rows))
    fields = _scrolled(f"Fields of {table.title}", ("Field", "Type", "Meaning"), rows, kind="fields") if rows else ""
    return f'<section>{head}<p class="about">{about}</p>\n{fields}</section>'


def _scrolled(caption: str, heads: Iterable[str], rows: str, kind: str = "jobs") -> str:
    """Write a table that scrolls by itself where it is wider than the page, by keyboard too."""
    columns = "".join(f'<th scope="col">{each}</th>' for each in heads)
    return (
        f'<section class="wide" aria-label="{_attribute(caption)}" tabindex="0"><table class="{kind}">'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{rows}</tbody></table></section>\n"
    )


def _row(row: Row) -> str:
    told = _paragraphs(row.description)
    if row.notes:
        told += f'<p class="notes">{"; ".join(map(line, row.notes))}</p>'
    if row.default is not None:
        told += f'<p class="notes">default {_code(row.default)}</p>'
    if row.examples:
        told += f'<p class="notes">such as {", ".join(map(_code, row.examples))}</p>'
    required = ' <strong class="required">required</strong>' if row.required else ""
    # A long path may break where a part of it begins.
    path = _code(row.path).replace(".", ".<wbr>")
    return f'<tr><th scope="row">{path}{required}</th><td>{line(row.type)}</td><td>{told}</td></tr>\n'


def _piece(piece: Text | Code | Link) -> str:
    match piece:
        case Text(text):
            return _text(text)
        case Code(text):
            return _code(text)
        case Link(text, anchor):
            return f'<a href="#{anchor}">{_text(text)}</a>'


def _paragraphs(text: str) -> str:
    parts = [" ".join(each.split()) for each in re.split(r"\n\s*\n", text)]
    return "".join(f'<p dir="auto">{_text(each)}</p>\n' for each in parts if each)


def _text(text: str) -> str:
    return escape(visible(text), quote=False)


def _attribute(text: str) -> str:
    return escape(visible(text), quote=True)


def _code(text: str) -> str:
    return f"<code>{escape(printable(text), quote=False)}</code>"


def _code_block(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(printable(text, lines=True), quote=False)}</code></pre>'
