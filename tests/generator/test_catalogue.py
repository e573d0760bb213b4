"""The catalogue tells all of every job, shows any text as it is, and stands alone."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from memshelf_gen.exports import markdown, webpage
from memshelf_gen.exports.catalogue import catalogue, entry
from memshelf_gen.exports.entries import Code, Entry, Text
from memshelf_gen.exports.fields import lay_out
from memshelf_gen.exports.markdown import printable, visible
from memshelf_gen.keywords import KEYWORDS
from memshelf_gen.parse import read_project
from memshelf_gen.settings import read_config
from tests.generator.projects import EMAIL, Json, job, make, nested, tree, write
from tests.generator.test_cli import answer, run, start
from tests.nodejs import ask

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HOSTILE = (
    "</td><script>alert(1)</script> | **b** `c` [d](e) <img src=x onerror=f> &amp; \\| $x$ # h\n\n- l\n\n1. m\n\n    n"
)
TELLING = {
    "title": "Title",
    "description": "Described.",
    "default": "Default",
    "examples": ["Example"],
    "type": "string",
    "format": "date-time",
    "const": "Const",
    "enum": ["First", "Second"],
    "pattern": "^Pattern$",
    "minLength": 3,
    "maxLength": 11,
    "minimum": 12,
    "maximum": 98,
    "exclusiveMinimum": 13,
    "exclusiveMaximum": 97,
    "multipleOf": 7,
    "minItems": 4,
    "maxItems": 9,
    "minProperties": 5,
    "maxProperties": 8,
    "minContains": 2,
    "maxContains": 6,
    "uniqueItems": True,
    "deprecated": True,
    "readOnly": True,
    "writeOnly": True,
    "required": ["needed"],
    "dependentRequired": {"trigger": ["depends"]},
    "contentEncoding": "base64",
    "contentMediaType": "image/png",
}
"""A value for each keyword whose value is no schema; any other keyword gets schemas with a title to look for."""
WORDS = {"uniqueItems": "no item twice", "readOnly": "read only", "writeOnly": "write only"}
SILENT = {"title", "$comment", "$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"}
"""Keywords that say nothing of a field's value; a title is told of a whole part."""


class Page(HTMLParser):
    """Collects the words of a page, its elements and what they lead to."""

    VOID = frozenset(("meta", "wbr"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, attribute: str) -> list[str]:
        return [found for _, attributes in self.elements if (found := attributes.get(attribute)) is not None]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def pages_of(folder: Path, schemas: dict[str, Json | str]) -> dict[str, str]:
    config = make(folder, schemas)
    return catalogue(read_project(config), config)


@cache
def shown(name: str) -> str:
    """Give a page of the example application."""
    config = read_config(ROOT / "pyproject.toml")
    return catalogue(read_project(config), config)[name]


def test_a_job_has_a_page_of_each_kind_and_a_line_in_each_list(tmp_path: Path) -> None:
    done = run(tmp_path, "init")
    assert done.exit_code == 0
    make(tmp_path, {"email.json": EMAIL, "billing/invoice.json": job({})})
    assert answer(run(tmp_path, "export", "docs", "--out", "out", "--json"))["created"] == [
        *(
            f"out/jobs/{name}.{kind}"
            for name in ("billing-invoice", "greeting", "send-email")
            for kind in ("md", "html")
        ),
        "out/index.md",
        "out/index.html",
    ]
    listed = (tmp_path / "out/index.md").read_text(encoding="utf-8")
    assert "| [send-email](jobs/send-email.md) | Send one transactional email. | default | 3 | 30s |" in listed
    page = Page((tmp_path / "out/index.html").read_text(encoding="utf-8"))
    assert "send-emailSend one transactional email.default330s" in page.text


def test_a_page_tells_how_a_job_is_run(tmp_path: Path) -> None:
    settings = {
        "name": "send-email",
        "version": 2,
        "queue": "mail",
        "priority": 7,
        "concurrency": 3,
        "retries": {"max": 4, "backoff": "linear", "delay": "2s", "max_delay": "5m", "jitter": False},
        "max_lost": 2,
        "timeout": "none",
        "acknowledge": "each",
        "isolation": "process",
        "max_payload": "64KB",
        "previous_names": ["mail", "post"],
        "keep": {"succeeded": "none", "dead": "90d"},
    }
    made = pages_of(tmp_path, {"email.json": {**EMAIL, "x-job": settings}})
    told = Page(made["jobs/send-email.html"]).text
    for words in (
        "schemas/email.json",
        "Version2",
        "Queuemail",
        "7 of 0 to 9",
        "4, after 2s, longer by one delay each time, at most 5m",
        "at most 2",
        "Isolationin a child process",
        "Timeoutnone",
        "Outcomeseachwrittenatonce",
        "3 at once in one worker",
        "64 KB",
        "mail, post",
        "succeeded not at all, dead 90d",
    ):
        assert words.replace(" ", "") in told.replace(" ", ""), words
    assert "| Retries | 4, after 2s, longer by one delay each time, at most 5m |" in made["jobs/send-email.md"]
    assert "| Previous names | `mail`, `post` |" in made["jobs/send-email.md"]


def test_the_code_that_a_page_shows_names_what_is_generated() -> None:
    generated = (ROOT / "generated/queues.py").read_text(encoding="utf-8")
    for job_ in read_project(read_config(ROOT / "pyproject.toml")).jobs:
        calls = entry(job_, read_config(ROOT / "pyproject.toml")).calls
        methods = re.findall(r"queue\.(\w+)\(", calls)
        assert len(methods) == 2
        assert [each for each in methods if f"    def {each}(" not in generated] == []
        compile(calls, "page", "exec")


@pytest.mark.parametrize("keyword", sorted(set(KEYWORDS["2020-12"]) - SILENT))
def test_nothing_that_a_keyword_says_of_a_field_is_left_out(keyword: str) -> None:
    whole = TELLING.get(keyword, {"title": "Inside", "description": "Inside."})
    schema: Any = whole
    if keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
        schema = [{"description": "Told here.", "pattern": "^Inside$"}]
    elif keyword in ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "dependencies"):
        schema = {"named": {"description": "Told here.", "pattern": "^Inside$"}}
    elif keyword in ("$ref", "$dynamicRef"):
        schema = "#/$defs/Other"
    elif keyword not in TELLING:
        schema = {"description": "Told here.", "pattern": "^Inside$"}
    field = {keyword: schema}
    if keyword in ("$defs", "definitions"):
        document = job({}, {keyword: schema})
    else:
        document = job({"field": field}, {"$defs": {"Other": {}}})
    payload, parts = lay_out(document, title="Payload")
    lines = [line for table in (payload, *parts) for line in (table.type, *table.notes)]
    lines += [line for row in payload.rows for line in (row.type, *row.notes)]
    words = [piece.text for line in lines for piece in line]
    words += [f"{row.path} {row.description} {row.default} {row.examples}" for row in payload.rows]
    words += [f"{part.title} {part.description}" for part in parts]
    told = " ".join(words)
    for leaf in leaves(schema):
        assert WORDS.get(keyword, keyword) in told if leaf is True else str(leaf).replace("#/$defs/", "") in told, told


def leaves(value: Any) -> list[Any]:
    match value:
        case dict():
            return [
                *(key for key in value if key == "named"),
                *(leaf for each in value.values() for leaf in leaves(each)),
            ]
        case list():
            return [leaf for each in value for leaf in leaves(each)]
        case _:
            return [value]


def rows(schema: Json) -> dict[str, tuple[str, str, bool]]:
    """Give type, notes and need of each field, by its path."""
    payload, _ = lay_out(schema, title="Payload")
    return {
        row.path: (
            "".join(piece.text for piece in row.type),
            "; ".join("".join(piece.text for piece in line) for line in row.notes),
            row.required,
        )
        for row in payload.rows
    }


def test_fields_of_every_shape_have_rows_with_words() -> None:
    part = nested({"kind": {"const": "card"}, "last4": {"type": "string", "minLength": 4, "maxLength": 4}})
    schema = job(
        {
            "to": {"type": "string", "format": "email", "maxLength": 254},
            "size": {"type": ["integer", "null"], "minimum": 0, "maximum": 10},
            "address": nested({"city": {"type": "string"}}, required=["city"]),
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1, "uniqueItems": True},
            "lines": {"type": "array", "items": nested({"sku": {"type": "string"}})},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "limits": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
            "payment": {"oneOf": [part, {"$ref": "#/$defs/Cash"}]},
            "a.b": {"enum": ["x", 1, None]},
            "": True,
            "never": False,
        },
        {"$defs": {"Cash": nested({})}, "additionalProperties": False},
        required=["to"],
    )
    assert rows(schema) == {
        "to": ("string (email)", "at most 254 characters", True),
        "size": ("integer or null", "at least 0; at most 10", False),
        "address": ("object", "", False),
        "address.city": ("string", "", True),
        "tags": ("list of string", "exactly 1 item; no item twice", False),
        "lines": ("list of object", "", False),
        "lines[]": ("object", "", False),
        "lines[].sku": ("string", "", False),
        "pair": ("list", "", False),
        "pair[0]": ("string", "", False),
        "pair[1]": ("integer", "", False),
        "pair[2…]": ("nothing", "", False),
        "labels": ("map of string", "", False),
        "limits": ("map of integer", "", False),
        "limits.*": ("integer", "at least 1", False),
        "payment": ("object (#1) or Cash", "", False),
        "payment#1": ("object", "", False),
        "payment#1.kind": ('always "card"', "", False),
        "payment#1.last4": ("string", "exactly 4 characters", False),
        '"a.b"': ('one of "x", 1, null', "", False),
        '""': ("anything", "", False),
        "never": ("nothing", "", False),
    }


def test_all_of_adds_its_fields_and_its_needs() -> None:
    schema = job(
        {"a": {"type": "string"}},
        {"allOf": [nested({"b": {"type": "integer"}}, required=["a", "b"]), {"$ref": "#/$defs/C"}], "$defs": {"C": {}}},
    )
    payload, _ = lay_out(schema, title="Payload")
    assert [(row.path, row.required) for row in payload.rows] == [("a", True), ("b", True)]
    assert "all of C" in ["".join(piece.text for piece in line) for line in payload.notes]


def test_parts_refer_to_each_other_and_to_themselves() -> None:
    schema = job(
        {"root": {"$ref": "#/$defs/Node"}, "again": {"$ref": "#"}, "far": {"$ref": "#/properties/root"}},
        {"$defs": {"Node": nested({"next": {"$ref": "#/$defs/Node"}}), "node": {}, "Ünï code/~": {}}},
    )
    payload, parts = lay_out(schema, title="Payload")
    assert [(part.title, part.anchor) for part in parts] == [
        ("Node", "part-node"),
        ("node", "part-node-2"),
        ("Ünï code/~", "part-n-code"),
    ]
    assert [row.type[0] for row in payload.rows][2] == Code("#/properties/root")
    page = webpage.page(entry_of(schema), before=None, after=None)
    found = Page(page)
    assert {each.removeprefix("#") for each in found.all("href") if each.startswith("#")} == {"part-node", "payload"}


def entry_of(schema: Json) -> Entry:
    """Give the entry of a job with a schema that was not read from a file."""
    config = read_config(HERE / "golden/simple/pyproject.toml")
    [one] = read_project(config).jobs
    return entry(replace(one, bundle=schema), config)


def test_parts_that_stay_apart_are_found_by_their_address(tmp_path: Path) -> None:
    tree_ = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {
            "children": {"type": "array", "items": {"$dynamicRef": "#node"}},
            "leaf": {"$ref": "#/$defs/Leaf"},
        },
        "$defs": {"Leaf": {"type": "string"}},
    }
    thing = job({"tree": {"$ref": "tree.json"}}, {"$dynamicAnchor": "node", "unevaluatedProperties": False})
    made = pages_of(tmp_path, {"thing.json": thing, "tree.json": tree_})
    found = Page(made["jobs/thing.html"])
    assert {"#part-tree", "#part-leaf"} <= set(found.all("href"))
    assert {"part-tree", "part-leaf"} <= set(found.all("id"))


PAGES = ("index.html", *(f"jobs/{name}.html" for name in ("billing-invoice", "send-email", "webhook")))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_alone_and_its_links_lead_somewhere(name: str) -> None:
    config = read_config(ROOT / "pyproject.toml")
    files = catalogue(read_project(config), config)
    found = Page(files[name])
    assert {tag for tag, _ in found.elements} & {"script", "link", "img", "iframe", "object", "base", "form"} == set()
    assert found.all("src") == found.all("style") == []
    assert "url(" not in files[name]
    assert "@import" not in files[name]
    assert "default-src 'none'; style-src 'unsafe-inline'" in found.all("content")
    ids = found.all("id")
    assert len(ids) == len(set(ids))
    for target in found.all("href"):
        place, _, anchor = target.partition("#")
        path = "/".join(part for part in (Path(name).parent / place).parts) if place else name
        path = re.sub(r"\w+/\.\./", "", path)
        assert not anchor or anchor in Page(files[path]).all("id")
        assert path in files


@pytest.mark.parametrize("name", [each.replace(".html", ".md") for each in PAGES])
def test_links_in_markdown_lead_somewhere(name: str) -> None:
    config = read_config(ROOT / "pyproject.toml")
    files = catalogue(read_project(config), config)
    for target in re.findall(r"\]\(([^)]+)\)", files[name]):
        place, _, anchor = target.partition("#")
        assert not anchor or f'<a id="{anchor}"></a>' in files[name]
        assert not place or (Path(name).parent / place).as_posix().replace("jobs/../", "") in files


def test_pages_follow_the_standard_and_the_rules_of_accessibility(tmp_path: Path) -> None:
    config = read_config(ROOT / "pyproject.toml")
    pages = {name: text for name, text in catalogue(read_project(config), config).items() if name.endswith(".html")}
    made = pages_of(tmp_path, {"hostile.json": hostile(), "older.json": older()})
    pages |= {f"hostile/{name}": text for name, text in made.items() if name.endswith(".html")}
    assert len(pages) > 7
    assert ask("html.cjs", {"pages": pages}) == {name: [] for name in pages}


def older() -> Json:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "x-job": {},
        "type": "object",
        "properties": {
            "pair": {"items": [{"type": "string"}, True], "additionalItems": {"type": "integer", "minimum": 1}},
            "other": {"$ref": "#/definitions/Other"},
        },
        "definitions": {"Other": {"type": "string"}},
    }


def test_schemas_of_older_drafts_are_told_too(tmp_path: Path) -> None:
    made = pages_of(tmp_path, {"older.json": older()})["jobs/older.md"]
    assert "| `pair[0]` | string |" in made
    assert "| `pair[2…]` | integer |  | at least 1 |" in made
    assert "| `other` | [Other](#part-other) |" in made


def hostile() -> Json:
    """Give a schema in which every text tries to be markup."""
    field = {
        "description": HOSTILE,
        "default": HOSTILE,
        "examples": [HOSTILE, "`", "``", " ", "", "a|b"],
        "enum": [HOSTILE, "`"],
        "pattern": "a|`\n\\|<b>",
        "x-own": HOSTILE,
        "not": {"const": HOSTILE},
    }
    return job(
        {HOSTILE: field, "ref": {"$ref": "#/$defs/<script>alert(2)<~1script>"}},
        {"description": HOSTILE, "title": HOSTILE, "$defs": {"<script>alert(2)</script>": {"description": HOSTILE}}},
    )


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    made = pages_of(tmp_path, {"hostile.json": hostile()})
    for name in ("jobs/hostile.html", "index.html"):
        found = Page(made[name])
        assert {tag for tag, _ in found.elements} & {"script", "img", "b"} == set()
        assert " ".join(HOSTILE.split()) in found.text
    tokens = MarkdownIt("commonmark").enable("table").parse(made["jobs/hostile.md"])
    inline = [child for token in tokens for child in token.children or []]
    markup = {child.content for child in inline if child.type == "html_inline"}
    assert markup == {"<br>", '<a id="payload">', '<a id="part-script-alert-2-script">', "</a>"}
    assert [token.content.strip() for token in tokens if token.type == "html_block"] == [markdown.MARK]
    assert {child.attrGet("href") for child in inline if child.type == "link_open"} == {
        "#part-script-alert-2-script",
        "../index.md",
    }


def read_back(text: str) -> str:
    """Give what a reader sees of one block or cell of Markdown."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}, tokens
    return "".join(child.content for token in tokens for child in token.children or [])


@given(st.text(max_size=60))
def test_any_text_reads_back_from_markdown(text: str) -> None:
    expected = " ".join(visible(text).split())
    assert " ".join(read_back(markdown.plain(text)).split()) == expected
    table = f"| a | b |\n|---|---|\n| {markdown.plain(text)} | {markdown.code(text)} |"
    tokens = MarkdownIt("commonmark").enable("table").parse(table)
    cells = [token for token in tokens if token.type == "inline"][2:]
    assert len(cells) == 2
    assert " ".join("".join(child.content for child in cells[0].children or []).split()) == expected
    [span] = cells[1].children or []
    assert span.type == "code_inline"
    assert span.content.strip(' "') == printable(text).strip(' "')


@given(st.text(max_size=60))
def test_any_text_reads_back_from_html(text: str) -> None:
    page = Page(f"<p>{webpage.line((Text(text), Code(text)))}</p>")
    assert "".join(page.words) == f"{visible(text)}{printable(text)}"
    assert [tag for tag, _ in page.elements] == ["p", "code"]


@given(st.lists(st.text(alphabet=st.sampled_from("`~ab\n \u202e\ud800"), max_size=20), max_size=4))
def test_no_code_ends_its_fence(lines: list[str]) -> None:
    text = "\n".join(lines)
    [fence] = MarkdownIt("commonmark").parse(markdown.fenced(text, "json"))
    assert fence.content == f"{printable(text, lines=True)}\n"


def test_characters_that_cannot_be_seen_or_written_are_shown_by_their_numbers(tmp_path: Path) -> None:
    odd = job({"p": {"const": "\u202ex"}}, {"description": "a\u0007c"})
    for page in pages_of(tmp_path, {"odd.json": odd}).values():
        assert not re.search("[\u202e\u0007]", page)


def test_the_same_schemas_give_the_same_bytes(tmp_path: Path) -> None:
    run(tmp_path, "init")
    made = []
    for number, seed in enumerate(("0", "1", "random")):
        code = f"import os\nos.chdir({str(tmp_path)!r})"
        done = start("export", "docs", "--out", f"out{number}", code=code, PYTHONHASHSEED=seed, TZ=f"UTC{number}")
        assert done.returncode == 0, done.stderr
        made.append(tree(tmp_path / f"out{number}"))
    assert made[0] == made[1] == made[2]


def test_pages_are_compared_and_those_of_jobs_that_are_gone_removed(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "old.json": job({})})
    run(tmp_path, "export", "docs", "--out", "out")
    write(tmp_path / "out/jobs/own.md", "# Mine\n")
    assert run(tmp_path, "export", "docs", "--out", "out", "--check").output == "no drift\n"
    (config.schema_folder / "old.json").unlink()
    changed = copy.deepcopy(EMAIL)
    changed["properties"]["to"]["description"] = "Who gets it."
    write(config.schema_folder / "email.json", changed)
    before = tree(tmp_path)
    drifted = run(tmp_path, "export", "docs", "--out", "out", "--check", "--json")
    assert drifted.exit_code == 1
    told = answer(drifted)["differences"]
    assert [each["path"] for each in told if each["kind"] == "obsolete"] == ["out/jobs/old.html", "out/jobs/old.md"]
    assert "+| `to` | string (email) | yes | Who gets it. |" in "".join(each["diff"] for each in told)
    assert tree(tmp_path) == before
    done = answer(run(tmp_path, "export", "docs", "--out", "out", "--json"))
    assert done["removed"] == ["out/jobs/old.html", "out/jobs/old.md"]
    assert (tmp_path / "out/jobs/own.md").read_text() == "# Mine\n"


@pytest.mark.parametrize("name", ["index.html", "index.md", "jobs/send-email.md"])
def test_a_page_of_somebody_elses_is_not_overwritten(tmp_path: Path, name: str) -> None:
    make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "out" / name, "mine\n")
    before = tree(tmp_path)
    ended = run(tmp_path, "export", "docs", "--out", "out")
    assert ended.exit_code == 2
    assert f"out/{name}: is here already" in ended.stderr
    assert tree(tmp_path) == before


def test_a_project_without_jobs_has_a_list_that_says_so(tmp_path: Path) -> None:
    made = pages_of(tmp_path, {"shared.json": {"$defs": {"A": {}}}})
    assert made.keys() == {"index.md", "index.html"}
    assert "There is no job yet." in made["index.md"]
    assert "There is no job yet." in Page(made["index.html"]).text


@pytest.mark.parametrize("name", ["jobs/billing-invoice.html", "jobs/billing-invoice.md"])
def test_examples_and_the_schema_are_on_the_page(name: str) -> None:
    assert "INV-2025-0042" in shown(name)
    schema = (ROOT / "generated/schemas/billing/invoice.json").read_text(encoding="utf-8")
    text = Page(shown(name)).words if name.endswith("html") else [shown(name)]
    assert schema.strip() in "".join(text)
