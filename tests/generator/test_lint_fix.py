"""Lint mends what is mechanical: in the text, so that every byte stays that need not change."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import jsonschema_rs
import pytest

from memshelf_gen.edits import Add, Edit, Remove, Rename, Replace
from memshelf_gen.lint.fixing import Mended, mend
from memshelf_gen.lint.inspection import inspect
from memshelf_gen.lint.regex import spelt_out
from memshelf_gen.lint.rules import own_rules
from memshelf_gen.load import read_document
from memshelf_gen.retouch import NotMade, retouched
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import make, write
from tests.generator.test_cli import answer, run
from tests.generator.test_lint_rules import IDS, examples, files

URI = "https://json-schema.org/draft/2020-12/schema"
HEAD = f"$schema: {URI}\ndescription: Do one thing.\nx-job: {{}}\ntype: object\nadditionalProperties: false\n"
FIXABLE = {rule.id for rule in own_rules() if rule.fixable}
STOPPING = {rule.id for rule in own_rules() if rule.stops}


def retouch(text: str, *edits: Edit, name: str = "a.yaml") -> str:
    """Make edits in a text."""
    return retouched(read_document(text.encode(), [], source=name, path=name), edits).text


def mended(folder: Path, texts: dict[str, str]) -> Mended:
    for path, text in texts.items():
        write(folder / path, text)
    return mend(ProjectConfig(root=folder), own_rules())


@pytest.mark.parametrize(
    ("text", "edit", "better"),
    [
        ("# a\nkey:   1  # b\n", Rename(("key",), "other"), "# a\nother:   1  # b\n"),
        ("'key': 1\n", Rename(("key",), "other"), "'other': 1\n"),
        ('"key": 1\n', Rename(("key",), "other"), '"other": 1\n'),
        ("on: 1\n", Rename(("on",), "on"), "'on': 1\n"),
        ("a: {b:  1 , c: 2}\n", Rename(("a", "b"), "d"), "a: {d:  1 , c: 2}\n"),
        ("a: no # b\n", Replace(("a",), "no"), "a: 'no' # b\n"),
        ("a: it\n", Replace(("a",), "it's"), "a: 'it''s'\n"),
        ('a: "b"\n', Replace(("a",), "\\d"), 'a: "\\\\d"\n'),
        ("a: 012\n", Replace(("a",), 12), "a: 12\n"),
        ("a: 1e30\n", Replace(("a",), 1e30), "a: 1.0e+30\n"),
        ("a: [ 1e3,  2]\n", Replace(("a", 0), 1000.0), "a: [ 1000.0,  2]\n"),
        ("a: b\n", Replace(("a",), ["b", "no", 1]), "a: [b, 'no', 1]\n"),
        ("a: 1\n# of b\nb: 2 # b\n\n# of c\nc: 3\n", Remove(("b",)), "a: 1\n# of b\n\n# of c\nc: 3\n"),
        ("a:\n  - 1\n  - 2  # two\n  # three\n  - 3\n", Remove(("a", 1)), "a:\n  - 1\n  # three\n  - 3\n"),
        ("a:\n- b: 1\n  c: 2\n", Remove(("a", 0, "b")), "a:\n- c: 2\n"),
        ("a:\n- b: 1\n  c: |\n    x\n\n- d: 1\n", Remove(("a", 0, "c")), "a:\n- b: 1\n- d: 1\n"),
        ("a: [1, 2 ,\n  3]\n", Remove(("a", 2)), "a: [1, 2]\n"),
        ("a: [1, 2 ,\n  3]\n", Remove(("a", 0)), "a: [2 ,\n  3]\n"),
        ("a: 1\nx-lint: {b: c}\n", Remove(("x-lint", "b")), "a: 1\n"),
        ("a: 1\nx-lint:\n  b: c\n# end\n", Remove(("x-lint", "b")), "a: 1\n# end\n"),
        ("a: {type: b, x-lint: {c: d}}\n", Remove(("a", "x-lint", "c")), "a: {type: b}\n"),
        ("a: {x-lint: {c: d}}\n", Remove(("a", "x-lint", "c")), "a: {}\n"),
        ("# head\n\ntitle: A\n", Add(("$schema",), URI), f"# head\n\n$schema: {URI}\ntitle: A\n"),
        ("a:\n  enum: [1]\n", Add(("a", "type"), "integer", before="enum"), "a:\n  type: integer\n  enum: [1]\n"),
        ("a:\n- enum: [1]\n", Add(("a", 0, "type"), "null", before="enum"), "a:\n- type: 'null'\n  enum: [1]\n"),
        ("a: {b: 1, c: 2}\n", Add(("a", "d"), True, before="c"), "a: {b: 1, d: true, c: 2}\n"),
        ("a: {\n  b: 1,\n  c: 2}\n", Add(("a", "d"), 3, before="c"), "a: {\n  b: 1,\n  d: 3,\n  c: 2}\n"),
        ("a: 1\r\nb: 2\r\n", Add(("c",), 3, before="b"), "a: 1\r\nc: 3\r\nb: 2\r\n"),
        ("a: 1\r\nb: 2\r\n", Remove(("a",)), "b: 2\r\n"),
        ("ä: 'ö'\nb: ü\n", Replace(("b",), "é"), "ä: 'ö'\nb: 'é'\n"),
    ],
)
def test_an_edit_of_yaml_keeps_comments_and_layout(text: str, edit: Edit, better: str) -> None:
    assert retouch(text, edit) == better


@pytest.mark.parametrize(
    ("text", "edit", "better"),
    [
        ('{\n\t"a": 1,\n\t"b": 2\n}', Rename(("a",), "c"), '{\n\t"c": 1,\n\t"b": 2\n}'),
        ('{\n\t"a": 1,\n\t"b": 2\n}', Remove(("b",)), '{\n\t"a": 1\n}'),
        ('{\n\t"a": 1,\n\t"b": 2\n}', Remove(("a",)), '{\n\t"b": 2\n}'),
        ('{\n\t"a": 1\n}\n', Add(("$schema",), URI), f'{{\n\t"$schema": "{URI}",\n\t"a": 1\n}}\n'),
        ('{"a":1,"b":[1,2]}', Add(("c",), 3, before="b"), '{"a":1,"c":3,"b":[1,2]}'),
        ('{"a": 1, "b": [1, 2]}', Add(("c",), 3, before="b"), '{"a": 1, "c": 3, "b": [1, 2]}'),
        ('{"a":1,"b":[1, 2]}', Remove(("b", 0)), '{"a":1,"b":[2]}'),
        ('{"a": "\\u00e9\\/", "b": "é"}', Replace(("b",), "\\d"), '{"a": "\\u00e9\\/", "b": "\\\\d"}'),
        ('{"a": "}", "b": -1.5e3}', Remove(("a",)), '{"b": -1.5e3}'),
    ],
)
def test_an_edit_of_json_keeps_indentation_and_order(text: str, edit: Edit, better: str) -> None:
    assert retouch(text, edit, name="a.json") == better


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: &x {b: 1}\nc: *x\n", Rename(("a", "b"), "d")),
        ("a: &x {b: 1}\nc: *x\n", Rename(("c", "b"), "d")),
        ("a: 1\nb: 2\n", Rename(("a",), "b")),
        ("a: 1\n", Remove(("b",))),
        ("a:\n  b: 1\n", Remove(("a", "b"))),
        ("a:\n- b: 1\n  c:\n", Remove(("a", 0, "d"))),
        ("a: 1\n", Add(("a",), 2)),
        ("a: {}\n", Add(("a", "b"), 2)),
    ],
)
def test_an_edit_that_would_change_more_than_it_says_is_not_made(text: str, edit: Edit) -> None:
    with pytest.raises(NotMade):
        retouch(text, edit)


def test_edits_are_made_all_or_none() -> None:
    document = read_document(b"a: 1\nb: 2\n", [], source="a.yaml", path="a.yaml")
    with pytest.raises(NotMade):
        retouched(document, [Rename(("a",), "c"), Remove(("z",))])
    assert document.text == "a: 1\nb: 2\n"


@pytest.mark.parametrize("rule", IDS)
def test_what_a_rule_mends_is_gone_and_a_second_time_changes_nothing(rule: str, tmp_path: Path) -> None:
    for number, example in enumerate(examples(rule, "bad")):
        folder = tmp_path / str(number)
        done = mended(folder, files(example))
        assert bool(done.files) == (rule in FIXABLE and "nullable" not in example)
        assert all(each.rule != rule for each in done.left.findings) == bool(done.files)
        for path, (_, new) in done.files.items():
            (folder / path).write_bytes(new)
        assert mend(ProjectConfig(root=folder), own_rules()).files == {}


@pytest.mark.parametrize("rule", sorted(FIXABLE - STOPPING))
def test_mending_changes_no_verdict(rule: str, tmp_path: Path) -> None:
    done = mended(tmp_path, files(examples(rule, "bad")[-1]))
    for source, versions in done.files.items():
        old, new = (read_document(each, [], source=source, path=source).value for each in versions)
        assert old != new or rule == "yaml-trap"
        forms = [jsonschema_rs.canonicalize(each, validate_formats=True) for each in (old, new)]
        assert forms[0].to_json_schema() == forms[1].to_json_schema() or rule == "pattern-shorthand"


@pytest.mark.parametrize(
    ("pattern", "better"),
    [
        ("^\\d{4}$", "^[0-9]{4}$"),
        ("^[\\d.]+\\D\\W\\w$", "^[0-9.]+[^0-9][^A-Za-z0-9_][A-Za-z0-9_]$"),
        ("[\\D]", "[\\D]"),
        ("[^\\w\\s]", "[^A-Za-z0-9_\\s]"),
        ("[\\w-]", "[\\w-]"),
        ("\\\\d[\\]\\d]\\[\\d", "\\\\d[\\]0-9]\\[[0-9]"),
    ],
)
def test_shorthands_are_spelt_out_as_they_are_judged(pattern: str, better: str) -> None:
    assert spelt_out(pattern) == better
    one, other = (jsonschema_rs.Draft202012Validator({"pattern": each}) for each in (pattern, better))
    signs = [chr(code) for code in (*range(0x20, 0x250), 0x660, 0x966, 0x212A, 0xFF11)]
    texts = ["", *signs, *(f"2025{sign}" for sign in signs), *(f"1{sign}{sign}a" for sign in signs)]
    assert [text for text in texts if one.is_valid(text) != other.is_valid(text)] == []


SLIPPED = f"""\
# Who is told of what.
$schema: {URI}
description: Do one thing.   # shortly
x-job: {{retires: 3}}
type: object
additionalProperty: false
requried: [to]

properties:
  to:   {{type: strng, description: The receiver.}}
  code:
    description: The code.
    enum: [1,   2, 1]      # twice
    x-lint:
      open-object: there is none
"""


def test_fix_writes_every_mend_and_nothing_else(tmp_path: Path) -> None:
    make(tmp_path, {"a.yaml": SLIPPED, "b.yaml": HEAD})
    before = (tmp_path / "schemas/b.yaml").stat().st_mtime_ns
    ended = run(tmp_path, "lint", "--fix")
    assert (ended.exit_code, ended.output) == (0, "mended 7 findings in schemas/a.yaml\nno findings\n")
    assert (tmp_path / "schemas/a.yaml").read_text() == (
        SLIPPED.replace("retires", "retries")
        .replace("Property", "Properties")
        .replace("requried", "required")
        .replace("strng", "string")
        .replace("    enum: [1,   2, 1]", "    type: integer\n    enum: [1,   2]")
        .replace("    x-lint:\n      open-object: there is none\n", "")
    )
    assert (tmp_path / "schemas/b.yaml").stat().st_mtime_ns == before
    assert run(tmp_path, "lint", "--fix").output == "no findings\n"


def test_diff_shows_what_fix_would_change_and_writes_nothing(tmp_path: Path) -> None:
    text = HEAD.replace(f"$schema: {URI}\n", "")
    make(tmp_path, {"a.yaml": text})
    ended = run(tmp_path, "lint", "--diff")
    assert ended.exit_code == 1
    assert ended.output.splitlines() == [
        "--- a/schemas/a.yaml",
        "+++ b/schemas/a.yaml",
        "@@ -1,3 +1,4 @@",
        f"+$schema: {URI}",
        " description: Do one thing.",
        " x-job: {}",
        " type: object",
        "would mend 1 finding in schemas/a.yaml",
        "no findings",
    ]
    assert (tmp_path / "schemas/a.yaml").read_text() == text
    told = answer(run(tmp_path, "lint", "--diff", "--json"))
    assert [told["ok"], [each["rule"] for each in told["fixed"]], list(told["diffs"])] == [
        False,
        ["missing-dialect"],
        ["schemas/a.yaml"],
    ]
    assert run(tmp_path, "lint").output.endswith("1 finding: 1 note; --fix may mend 1\n")


def test_a_number_may_be_an_integer(tmp_path: Path) -> None:
    bad = HEAD + "properties:\n  a: {enum: [1, 1.5, null], description: A.}\n"
    done = mended(tmp_path, {"schemas/a.yaml": bad})
    assert done.files["schemas/a.yaml"][1].decode() == bad.replace("{enum", "{type: ['null', number], enum")
    assert done.left.findings == ()


def test_only_what_was_asked_for_is_mended(tmp_path: Path) -> None:
    bad = HEAD.replace(f"$schema: {URI}\n", "") + "properties:\n  a: {enum: [1], description: A.}\n"
    make(tmp_path, {"a.yaml": bad, "b.yaml": bad})
    run(tmp_path, "lint", "--fix", "--rule", "untyped-enum", "schemas/b.yaml")
    assert (tmp_path / "schemas/a.yaml").read_text() == bad
    assert (tmp_path / "schemas/b.yaml").read_text() == bad.replace("{enum", "{type: integer, enum")


def test_a_suppressed_finding_is_not_mended(tmp_path: Path) -> None:
    bad = HEAD + "properties:\n  a: {enum: [1], description: A., x-lint: {untyped-enum: it is only one}}\n"
    make(tmp_path, {"a.yaml": bad})
    assert run(tmp_path, "lint", "--fix").output == "no findings\n"
    assert (tmp_path / "schemas/a.yaml").read_text() == bad


def test_a_file_keeps_its_mark_its_line_ends_its_permissions_and_its_link(tmp_path: Path) -> None:
    make(tmp_path, {"b.yaml": HEAD})
    text = (HEAD + "requried: []\nproperties: {}").replace("\n", "\r\n")
    (tmp_path / "real.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "real.yaml").chmod(0o640)
    os.symlink("../real.yaml", tmp_path / "schemas/a.yaml")
    assert run(tmp_path, "lint", "--fix").exit_code == 0
    assert (tmp_path / "real.yaml").read_bytes() == b"\xef\xbb\xbf" + text.replace("requried", "required").encode()
    assert stat.S_IMODE((tmp_path / "real.yaml").stat().st_mode) == 0o640
    assert (tmp_path / "schemas/a.yaml").is_symlink()


def test_behind_a_slip_more_may_come_to_light_and_is_mended_too(tmp_path: Path) -> None:
    bad = HEAD + "propertes:\n  a: {enum: [1], description: A.}\n"
    done = mended(tmp_path, {"schemas/a.yaml": bad})
    assert [each.rule for each in done.findings] == ["misspelt-keyword", "untyped-enum"]
    assert (
        done.left.findings
        == inspect(
            ProjectConfig(root=tmp_path), own_rules(), instead={"a.yaml": done.files["schemas/a.yaml"][1]}
        ).findings
        == ()
    )


def test_a_schema_in_json_stays_the_same_but_for_the_mend(tmp_path: Path) -> None:
    text = json.dumps({"description": "Do.", "x-job": {}, "type": "object", "additionalProperties": False}, indent=4)
    done = mended(tmp_path, {"schemas/a.json": text})
    assert done.files["schemas/a.json"][1].decode() == text.replace("{\n", f'{{\n    "$schema": "{URI}",\n', 1)
