"""Schema files are read as YAML 1.2 and as JSON, with positions, and nothing harmful gets in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from memshelf_gen.document import Document, Mark
from memshelf_gen.load import load, read_document
from memshelf_gen.nodes import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
).filter(lambda value: "\ud800" not in repr(value))


def read(text: str | bytes, *, source: str = "x.yaml") -> Document:
    content = text if isinstance(text, bytes) else text.encode()
    faults: list[Unreadable] = []
    document = read_document(content, faults, source=source, path=f"schemas/{source}")
    if faults:
        raise faults[0]
    return document


def refusal(text: str | bytes, *, source: str = "x.yaml") -> tuple[int, int, str]:
    with pytest.raises(Unreadable) as caught:
        read(text, source=source)
    return caught.value.mark.line, caught.value.mark.column, caught.value.text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("true", True),
        ("TRUE", True),
        ("tRue", "tRue"),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("nUll", "nUll"),
        ("12", 12),
        ("-12", -12),
        ("+12", 12),
        ("012", 12),
        ("0o14", 12),
        ("0xC", 12),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("e3", "e3"),
        ("2025-03-14", "2025-03-14"),
        ("=", "="),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!str", ""),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("!!float 12", 12.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
        ("|\n  12\n", "12\n"),
        (">-\n  a\n  b\n", "a b"),
        ("18446744073709551616", 18446744073709551616),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    found = read(f"a: {written}").value["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["on", "no", "Yes", "y", "1:30", "2025-03-14", "1_000", "<", "="])
def test_a_key_that_yaml_1_1_would_take_for_something_else_is_a_text(key: str) -> None:
    assert read(f"{key}: {{no: 1}}").value == {key: {"no": 1}}


def test_two_spellings_of_one_key_are_the_same_key_twice(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("on: 1\n'on': 2\n")
    assert [problem.text for problem in load(tmp_path, shown="schemas").problems] == [
        "the key 'on' is here for the second time, first in line 1"
    ]


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_member_stands_at_its_key_and_an_item_at_its_first_sign(suffix: str) -> None:
    document = read('{"a": {"b": [10,\n  {"c": null}]}}', source=f"x.{suffix}")
    assert document.marks == {
        (): Mark(1, 1),
        ("a",): Mark(1, 2),
        ("a", "b"): Mark(1, 8),
        ("a", "b", 0): Mark(1, 14),
        ("a", "b", 1): Mark(2, 3),
        ("a", "b", 1, "c"): Mark(2, 4),
    }


def test_a_column_counts_characters() -> None:
    assert read("{ä𝄞: 1, b: 2}").marks[("b",)] == Mark(1, 9)
    assert read('{"ä𝄞": 1, "b": 2}', source="x.json").marks[("b",)] == Mark(1, 11)


@pytest.mark.parametrize("source", ["x.yaml", "x.json"])
def test_a_byte_order_mark_is_no_part_of_the_text(source: str) -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}', source=source).value == {"a": 1}


def test_an_anchor_is_a_value_that_is_used_again() -> None:
    assert read("a: &x {b: [1]}\nc: *x\n").value == {"a": {"b": [1]}, "c": {"b": [1]}}


def test_a_value_behind_an_alias_keeps_the_position_of_its_anchor() -> None:
    document = read("a: &x\n  b: 1\nc: *x\n")
    assert document.mark(("c",)) == Mark(3, 1)
    assert document.mark(("c", "b")) == Mark(2, 3)


def test_what_has_no_position_stands_where_its_object_stands() -> None:
    assert read("a:\n  b: 1\n").mark(("a", "missing", "deeper")) == Mark(1, 1)


def test_json_is_read_by_its_own_rules() -> None:
    text = '{\n\t"a\\/b": "\\ud834\\udd1e", "e": 1E2, "long' + "g" * 2000 + '":1}'
    assert read(text, source="x.json").value == json.loads(text)


@given(st.dictionaries(st.text(), JSON))
def test_json_is_read_as_the_standard_library_reads_it(value: dict[str, Any]) -> None:
    assert read(json.dumps(value), source="x.json").value == value
    assert read(json.dumps(value, ensure_ascii=False, indent="\t"), source="x.json").value == value


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "the file is empty; a schema is an object"),
        ("# nothing\n", 1, 1, "the file is empty; a schema is an object"),
        ("- a\n", 1, 1, "a schema file must hold an object at its top"),
        ("just text", 1, 1, "a schema file must hold an object at its top"),
        ("a: 1\n\tb: 2\n", 2, 1, "a tab cannot indent YAML; use spaces"),
        ("a:\n  - b\n c: 1\n", 3, 2, "not YAML: did not find expected key while parsing a block mapping"),
        ("a: b: c\n", 1, 5, "not YAML: mapping values are not allowed in this context"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here; one file holds one document"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is here for the second time, first in line 1"),
        ("a: {b: 1, b: 2}", 1, 11, "the key 'b' is here for the second time, first in line 1"),
        ("1: a", 1, 1, "a key must be a text; quote it: '1'"),
        ("null: a", 1, 1, "a key must be a text; quote it: 'null'"),
        ("? [a]\n: b\n", 1, 3, "a key must be a text, not a list or an object"),
        ("a: &x {}\nb:\n  <<: *x\n", 3, 3, "YAML 1.2 has no merge keys; use $ref, or write the keys out"),
        ("a: *x", 1, 4, "there is no anchor &x above this alias"),
        ("a: &x [*x]", 1, 8, "the value of &x contains itself; use $ref for recursion"),
        ("a: .inf", 1, 4, ".inf is no number of JSON; quote it if it is a text"),
        ("a: .NaN", 1, 4, ".NaN is no number of JSON; quote it if it is a text"),
        ("a: 1e999", 1, 4, "1e999 is too large for a number; quote it if it is a text"),
        ("a: " + "9" * 5000, 1, 4, "this number has too many digits"),
        ("a: !!int x", 1, 4, "'x' is not what its tag !!int says"),
        ("a: !!python/name:os.system x", 1, 4, "the tag !!python/name:os.system has no meaning here; leave it out"),
        ("a: !mine {}", 1, 4, "the tag !mine has no meaning here; leave it out"),
        ("a: !!set {b}", 1, 4, "the tag !!set has no meaning here; leave it out"),
        ("a: !!timestamp 2025-01-01", 1, 4, "the tag !!timestamp has no meaning here; leave it out"),
        ("a: x\x00y", 1, 5, "the character U+0000 cannot stand in YAML; escape it"),
        (b"a: 1\nb\xe4: 2\n", 2, 2, "not UTF-8; save the file in UTF-8"),
        ("a: " + "[" * 101 + "]" * 101, 1, 104, "more than 100 levels; use $ref and $defs instead"),
        ("a: " + "[" * 900, 1, 104, "more than 100 levels; use $ref and $defs instead"),
    ],
)
def test_yaml_that_cannot_be_read_is_refused_with_its_position(
    text: str | bytes, line: int, column: int, reason: str
) -> None:
    assert refusal(text) == (line, column, reason)


def test_yaml_of_any_depth_is_refused() -> None:
    # Where the parser itself gives up, and so the position, differs between its releases.
    assert refusal("a: " + "[" * 200_000)[2] == "more than 100 levels; use $ref and $defs instead"


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "the file is empty; a schema is an object"),
        ("[]", 1, 1, "a schema file must hold an object at its top"),
        ('{"a": 1,}', 1, 9, "not JSON: no comma may stand before '}'"),
        ('{"a": [1,\n]}', 2, 1, "not JSON: no comma may stand before ']'"),
        ("{a: 1}", 1, 2, "not JSON: a key in double quotes must stand here"),
        ('{"a" 1}', 1, 6, "not JSON: a colon must follow the key"),
        ('{"a": 1 "b": 2}', 1, 9, "not JSON: a comma or '}' must stand here"),
        ('{"a": tru}', 1, 7, "not JSON: a value must stand here, got 'tru'"),
        ('{"a": NaN}', 1, 7, "not JSON: a value must stand here, got 'NaN'"),
        ('{"a": // no\n1}', 1, 7, "not JSON: a value must stand here, got '/'"),
        ('{"a":', 1, 6, "not JSON: the file ends where a value must stand"),
        ('{"a": "b', 1, 7, "not JSON: this string does not end"),
        ('{"a": "\\x"}', 1, 8, "not JSON: there is no such escape in JSON"),
        ('{"a": "b\n"}', 1, 9, "not JSON: a string holds no control characters and no line breaks; escape them"),
        ('{"a": 012}', 1, 8, "not JSON: a comma or '}' must stand here"),
        ('{"a": 1e999}', 1, 7, "1e999 is too large for a number"),
        ('{"a": ' + "9" * 5000 + "}", 1, 7, "this number has too many digits"),
        ('{"a": 1,\n "a": 2}', 2, 2, "the key 'a' is here for the second time, first in line 1"),
        ("{} {}", 1, 4, "the document ends before this; one file holds one document"),
        (
            '{"a": "\\ud800"}',
            1,
            7,
            "a text holds one half of a surrogate pair, which is not a character; write both halves",
        ),
        ('{"a": ' + "[" * 200_000, 1, 107, "more than 100 levels; use $ref and $defs instead"),
    ],
)
def test_json_that_cannot_be_read_is_refused_with_its_position(text: str, line: int, column: int, reason: str) -> None:
    assert refusal(text, source="x.json") == (line, column, reason)


def test_aliases_do_not_expand_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    _, _, reason = refusal("\n".join(lines))
    assert reason == "the aliases expand to more than 100,000 values; use $ref and $defs instead"


@pytest.mark.parametrize(
    "text", ["a: [1, {b: x}]\n", "a: 1\nb: yes\nc: 012\n", "a: &x {b: 1}\nc: *x\n", "a: |\n  text\nb: >\n  text\n"]
)
def test_both_parsers_of_pyyaml_read_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read(text)
    monkeypatch.setattr("memshelf_gen.yamltext._PARSER", yaml.SafeLoader)
    assert read(text) == fast


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ["b.yaml", "a.json", "c/d.yml", "c/E.YAML", "README.md", ".hidden.yaml", ".git/x.yaml", "c/.x/y.yaml"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    folder = load(tmp_path, shown="schemas")
    assert [document.source for document in folder.documents] == ["a.json", "b.yaml", "c/E.YAML", "c/d.yml"]
    assert [document.path for document in folder.documents] == [
        "schemas/a.json",
        "schemas/b.yaml",
        "schemas/c/E.YAML",
        "schemas/c/d.yml",
    ]
    assert folder.problems == ()


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: b: c")
    (tmp_path / "worse.json").write_text("{")
    (tmp_path / "good.yaml").write_text("{}")
    folder = load(tmp_path, shown="schemas")
    assert [document.source for document in folder.documents] == ["good.yaml"]
    assert [problem.path for problem in folder.problems] == ["schemas/bad.yaml", "schemas/worse.json"]
    assert folder.unread == {"bad.yaml", "worse.json"}


def test_every_doubled_key_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\na: 2\nb: {c: 1, c: 2}\n1: d\n")
    folder = load(tmp_path, shown="schemas")
    assert [(problem.line, problem.column) for problem in folder.problems] == [(2, 1), (3, 11), (4, 1)]
    assert [document.value for document in folder.documents] == [{"a": 1, "b": {"c": 1}}]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    problems = load(tmp_path / "schemas", shown="schemas").problems
    assert list(map(str, problems)) == [
        "schemas: there is no such folder; [tool.memshelf] schemas names the schema folder"
    ]


def test_a_folder_without_schemas_is_a_fault(tmp_path: Path) -> None:
    problems = load(tmp_path, shown="schemas").problems
    assert list(map(str, problems)) == [
        "schemas: there is no schema in this folder; names of schemas end in .yaml, .yml or .json"
    ]


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("{}")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    folder = load(tmp_path, shown="schemas")
    assert [document.source for document in folder.documents] == ["x.yaml"]
    assert list(map(str, folder.problems)) == ["schemas/loop: a link to a folder is not followed; put the files here"]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text("{}", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "link.yaml").symlink_to("pipe.json")
    (tmp_path / "null.json").symlink_to(os.devnull)
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "dead.json").symlink_to("nowhere")
    folder = load(tmp_path, shown="schemas")
    told = "is no file; only files and folders belong into the schema folder"
    assert [document.source for document in folder.documents] == ["good.json"]
    assert sorted(map(str, folder.problems)) == [
        "schemas/dead.json: cannot be read: No such file or directory",
        f"schemas/link.yaml: {told}",
        "schemas/loop.json: cannot be read: Too many levels of symbolic links",
        f"schemas/null.json: {told}",
        f"schemas/pipe.json: {told}",
    ]


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is root may read anything, so the system's refusal is played."""
    (tmp_path / "deep").mkdir()
    for name in ("a.json", "b.json", "deep/c.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    reading, scanning = Path.read_bytes, os.scandir

    def read_bytes(path: Path) -> bytes:
        if path.name == "a.json":
            raise PermissionError(13, "Permission denied")
        return reading(path)

    def scandir(path: Path) -> Any:
        if path.name == "deep":
            raise PermissionError(13, "Permission denied")
        return scanning(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    monkeypatch.setattr(os, "scandir", scandir)
    folder = load(tmp_path, shown="schemas")
    assert [document.source for document in folder.documents] == ["b.json"]
    assert sorted(map(str, folder.problems)) == [
        "schemas/a.json: cannot be read: Permission denied",
        "schemas/deep: cannot be read: Permission denied",
    ]
