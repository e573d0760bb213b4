"""What breaks and what does not: the examples of the page, refactorings, settings, excuses, git, folders."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from docs.draw_breaking import CASES, PAGE, draw
from memshelf_gen.breaking import compare
from memshelf_gen.breakingrules import FORWARD, TEXTS
from memshelf_gen.change import Level
from memshelf_gen.finding import Finding
from memshelf_gen.parse import read_project
from memshelf_gen.problem import InvalidInput
from tests.generator.projects import EMAIL, Json, job, make, nested, write
from tests.generator.test_cli import run


def judged(folder: Path, old: Json, new: Json, level: Level = "backward", **files: Json) -> list[Finding]:
    """Give what a change of the one job breaks; every witness is judged here once more."""
    was, now = folder / "was", folder / "now"
    for each in (was, now):
        each.mkdir(exist_ok=True)
    before = make(was, {"thing.json": old, **files})
    config = make(now, {"thing.json": new, **files})
    found = list(compare(config, str(was), level=level).findings)
    judges = [
        jsonschema_rs.validator_for(read_project(each).jobs[0].bundle, validate_formats=True)
        for each in (before, config)
    ]
    for finding in found:
        if finding.witness is not None:
            assert sorted(judge.is_valid(finding.witness) for judge in judges) == [False, True]
    return found


def whole(text: str) -> Json:
    written: Json = yaml.safe_load(text)
    return job({}) | written


@pytest.mark.parametrize(("rule", "before", "after", "good"), CASES, ids=[f"{case[0]}" for case in CASES])
def test_an_example_breaks_and_its_better_one_does_not(
    tmp_path: Path, rule: str, before: str, after: str, good: str
) -> None:
    found = judged(tmp_path, whole(before), whole(after))
    assert {each.rule for each in found} == {rule}
    assert all(each.severity == "error" and each.witness is not None for each in found)
    assert judged(tmp_path, whole(before), whole(good)) == []


@pytest.mark.parametrize(("rule", "before", "after", "good"), CASES, ids=[f"{case[0]}" for case in CASES])
def test_the_change_back_breaks_workers_of_before(
    tmp_path: Path, rule: str, before: str, after: str, good: str
) -> None:
    found = judged(tmp_path, whole(after), whole(before), "forward")
    assert {each.rule for each in found} == {FORWARD[rule]}
    assert all(each.witness is not None for each in found)
    assert judged(tmp_path, whole(good), whole(before), "forward") == []


def test_the_page_is_drawn_from_the_rules() -> None:
    assert draw() == PAGE.read_text(encoding="utf-8"), "run python docs/draw_breaking.py"
    assert [rule for rule in TEXTS if f"`{rule}`" not in draw() and f"### {rule}\n" not in draw()] == []


LEVEL = {"enum": ["low", "high"]}
ADDRESS = nested({"city": {"type": "string", "maxLength": 9}}, {"additionalProperties": False}, required=["city"])
REFACTORINGS: list[tuple[str, Json, Json]] = [
    ("a part moved to $defs", job({"a": ADDRESS}), job({"a": {"$ref": "#/$defs/A"}}, {"$defs": {"A": ADDRESS}})),
    ("a part wrapped in allOf", job({"a": ADDRESS}), job({"a": {"allOf": [ADDRESS]}})),
    ("an enum as oneOf", job({"a": LEVEL}), job({"a": {"oneOf": [{"const": "high"}, {"const": "low"}]}})),
    ("an order", job({"a": {}, "b": LEVEL}), job({"b": {"enum": ["high", "low"]}, "a": {}})),
    ("words", job({"a": ADDRESS}), job({"a": {**ADDRESS, "description": "Where.", "title": "A"}})),
    (
        "a bound written twice",
        job({"a": {"maxLength": 5}}),
        job({"a": {"allOf": [{"maxLength": 5}, {"maxLength": 9}]}}),
    ),
    ("required moved", job({"a": {}}, required=["a"]), job({"a": {}}, {"allOf": [{"required": ["a"]}]})),
    ("integer of integer or number", job({"a": {"type": ["integer", "number"]}}), job({"a": {"type": "number"}})),
    ("a draft", job({"a": ADDRESS}) | {"$schema": "http://json-schema.org/draft-07/schema#"}, job({"a": ADDRESS})),
    (
        "a tuple in another draft",
        job({"a": {"type": "array", "items": [LEVEL], "additionalItems": False}})
        | {"$schema": "http://json-schema.org/draft-07/schema#"},
        job({"a": {"type": "array", "prefixItems": [LEVEL], "items": False}}),
    ),
]


@pytest.mark.parametrize(("name", "old", "new"), REFACTORINGS, ids=[each[0] for each in REFACTORINGS])
def test_a_refactoring_is_no_change(tmp_path: Path, name: str, old: Json, new: Json) -> None:
    assert judged(tmp_path, old, new, "full") == []
    assert judged(tmp_path, new, old, "full") == []


def test_a_shared_file_may_move(tmp_path: Path) -> None:
    shared = {"$defs": {"A": ADDRESS}}
    for name, file in (("was", "a.json"), ("now", "common/b.json")):
        (tmp_path / name).mkdir()
        make(tmp_path / name, {"thing.json": job({"a": {"$ref": f"{file}#/$defs/A"}}), file: shared})
    assert run(tmp_path / "now", "breaking", "--against", "../was").exit_code == 0


def test_a_change_in_a_shared_file_is_found_there_and_before(tmp_path: Path) -> None:
    for name, most in (("was", 9), ("now", 5)):
        (tmp_path / name).mkdir()
        shared = f"$defs:\n  A:\n    type: string\n    maxLength: {most}\n"
        make(tmp_path / name, {"thing.json": job({"a": {"$ref": "a.yaml#/$defs/A"}}), "a.yaml": shared})
    output = run(tmp_path / "now", "breaking", "--against", "../was").output
    assert output.startswith("schemas/a.yaml:4:5: error: a: the longest text is limited more (9 became 5)")
    assert "it was ../was/schemas/a.yaml:4:5" in output
    assert '[max-length-narrowed]\n    witness: {"a": "textaa"}\n' in output


def test_a_schema_that_contains_itself_is_compared(tmp_path: Path) -> None:
    def tree(most: int) -> Json:
        node = nested({"name": {"type": "string", "maxLength": most}, "next": {"$ref": "#/$defs/Node"}})
        return job({"top": {"$ref": "#/$defs/Node"}}, {"$defs": {"Node": node}})

    assert judged(tmp_path, tree(5), tree(6)) == []
    [found] = judged(tmp_path, tree(6), tree(5))
    assert (found.rule, found.where) == ("max-length-narrowed", "top.name")


def settings(**keys: Any) -> Json:
    return EMAIL | {"x-job": {"name": "send-email", **keys}}


SETTINGS: list[tuple[Json, Json, str, str]] = [
    (settings(), settings(queue="mail"), "queue-changed", "error"),
    (settings(version=2), settings(), "version-lowered", "error"),
    (settings(max_payload="2MB"), settings(), "max-payload-lowered", "error"),
    (settings(), settings(retries=1), "retries-lowered", "warning"),
    (settings(), settings(max_lost=1), "max-lost-lowered", "warning"),
    (settings(timeout="none"), settings(timeout="1h"), "timeout-lowered", "warning"),
    (settings(timeout="1h"), settings(timeout="59 minutes"), "timeout-lowered", "warning"),
    (settings(acknowledge="each"), settings(), "acknowledge-loosened", "warning"),
    (settings(), settings(keep={"succeeded": "none"}), "keep-shortened", "warning"),
    (settings(), settings(keep={"dead": "30d"}), "keep-shortened", "warning"),
    (settings(), settings(concurrency=1), "concurrency-changed", "note"),
    (settings(), settings(isolation="process"), "isolation-changed", "note"),
    (settings(), settings(retries={"delay": "1m"}), "backoff-changed", "note"),
    (settings(), settings(name="mail"), "job-renamed", "error"),
    (settings(previous_names=["mail"]), settings(), "previous-name-removed", "warning"),
]


@pytest.mark.parametrize(("old", "new", "rule", "severity"), SETTINGS)
def test_a_change_of_settings_is_told(tmp_path: Path, old: Json, new: Json, rule: str, severity: str) -> None:
    assert [(each.rule, each.severity) for each in judged(tmp_path, old, new)] == [(rule, severity)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (settings(), settings(retries=5, timeout="1d", max_lost=9, version=2, max_payload="2MB", priority=1)),
        (settings(timeout="60s"), settings(timeout="1m")),
        (settings(), settings(acknowledge="each")),
        (settings(keep={"succeeded": "1d"}), settings(keep={"succeeded": "forever", "cancelled": "2w"})),
        (settings(name="mail"), settings(previous_names=["mail"])),
    ],
)
def test_a_harmless_change_of_settings_is_not_told(tmp_path: Path, old: Json, new: Json) -> None:
    assert judged(tmp_path, old, new) == []


def test_a_raised_version_asks_nothing_of_workers_of_before(tmp_path: Path) -> None:
    new = job({"a": {"enum": [1, 2]}})
    old = job({"a": {"enum": [1]}})
    assert [each.rule for each in judged(tmp_path, old, new, "full")] == ["enum-value-added"]
    assert judged(tmp_path, old, new | {"x-job": {"version": 2}}, "full") == []


def project(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> Path:
    for name, files in (("was", old), ("now", new)):
        (tmp_path / name).mkdir()
        make(tmp_path / name, files)
    return tmp_path / "now"


def test_a_job_that_is_gone_is_refused_until_it_is_excused(tmp_path: Path) -> None:
    folder = project(tmp_path, {"a.json": EMAIL, "b.json": job({})}, {"b.json": job({})})
    result = run(folder, "breaking", "--against", "../was")
    assert result.exit_code == 1
    assert "send-email: the job is gone" in result.output
    excuse = '{job = "send-email", rule = "job-removed", reason = "nobody waits"}'
    (folder / "pyproject.toml").write_text(f"[tool.memshelf.breaking]\nallow = [{excuse}]\n", encoding="utf-8")
    assert run(folder, "breaking", "--against", "../was").exit_code == 0
    result = run(folder, "breaking", "--against", ".")
    assert (result.exit_code, "[unused-excuse]" in result.output) == (0, True)


def test_a_file_may_be_renamed_while_the_wire_name_stays(tmp_path: Path) -> None:
    folder = project(tmp_path, {"a.json": EMAIL}, {"b.json": EMAIL})
    result = run(folder, "breaking", "--against", "../was")
    assert (result.exit_code, "note: " in result.output, "[file-moved]" in result.output) == (0, True, True)


def test_a_breaking_change_is_excused_with_its_rule_and_place(tmp_path: Path) -> None:
    old, new = job({"a": {"maxLength": 9}, "b": {"maxLength": 9}}), job({"a": {"maxLength": 5}, "b": {"maxLength": 5}})
    excuse = {"rule": "max-length-narrowed", "path": "a", "reason": "never longer"}
    found = judged(tmp_path, old, new | {"x-job": {"allow_breaking": [excuse]}})
    assert [each.where for each in found] == ["b"]


@pytest.mark.parametrize(
    "excuse",
    [
        {"rule": "max-length-narrowed"},
        {"rule": "max-length-narrowed", "reason": " "},
        {"rule": "max-lenght-narrowed", "reason": "x"},
    ],
)
def test_an_excuse_needs_a_rule_that_is_and_a_reason(tmp_path: Path, excuse: Json) -> None:
    with pytest.raises(InvalidInput):
        judged(tmp_path, job({}), job({}) | {"x-job": {"allow_breaking": [excuse]}})


def test_levels_come_from_the_run_the_job_and_the_project(tmp_path: Path) -> None:
    old, new = job({"a": {"enum": [1, 2]}}), job({"a": {"enum": [1]}})
    folder = project(tmp_path, {"a.json": old}, {"a.json": new})
    assert run(folder, "breaking", "--against", "../was").exit_code == 1
    assert run(folder, "breaking", "--against", "../was", "--level", "forward").exit_code == 0
    (folder / "pyproject.toml").write_text('[tool.memshelf]\ncompatibility = "none"\n', encoding="utf-8")
    assert run(folder, "breaking", "--against", "../was").exit_code == 0
    write(folder / "schemas/a.json", new | {"x-job": {"compatibility": "full"}})
    assert run(folder, "breaking", "--against", "../was").exit_code == 1


def test_a_schema_of_before_with_a_fault_is_a_warning(tmp_path: Path) -> None:
    folder = project(tmp_path, {"a.json": EMAIL | {"required": "to"}}, {"a.json": EMAIL})
    result = run(folder, "breaking", "--against", "../was")
    assert (result.exit_code, "[past-invalid]" in result.output) == (1, True)
    assert run(folder, "breaking", "--against", "../was", "--fail-on", "error").exit_code == 0


@pytest.mark.parametrize("form", ["json", "github", "junit", "sarif"])
def test_findings_are_written_for_programs(tmp_path: Path, form: str) -> None:
    old, new = job({"a": {"enum": [1, 2]}}), job({"a": {"enum": [1]}})
    folder = project(tmp_path, {"a.json": old}, {"a.json": new})
    result = run(folder, "breaking", "--against", "../was", "--format", form)
    assert (result.exit_code, "enum-value-removed" in result.output) == (1, True)
    if form == "json":
        answer = json.loads(result.output)
        assert (answer["ok"], answer["findings"][0]["witness"]) == (False, {"a": 2})
        assert run(folder, "breaking", "--against", "../was", "--json").output == result.output


def test_this_project_breaks_nothing_of_itself() -> None:
    root = Path(__file__).parents[2]
    assert run(root, "breaking", "--against", os.fspath(root), "--level", "full").exit_code == 0


@pytest.mark.parametrize("keyword", [{"contentEncoding": "base64"}, {"contentMediaType": "application/json"}])
def test_what_the_runtime_takes_for_an_annotation_breaks_nothing(tmp_path: Path, keyword: Json) -> None:
    dialect = {"$schema": "http://json-schema.org/draft-07/schema#"}
    assert (
        judged(tmp_path, job({"a": {"type": "string"}}, dialect), job({"a": {"type": "string", **keyword}}, dialect))
        == []
    )


D = "https://json-schema.org/draft/2020-12/schema"
SEVEN = "http://json-schema.org/draft-07/schema#"
TREE: Json = {
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {"children": {"items": {"$dynamicRef": "#node"}}},
}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            {"thing": job({"pair": {"$ref": "pair.json"}}), "pair": {"$schema": SEVEN, "items": [{"enum": [1, 2]}]}},
            {"thing": job({"pair": {"$ref": "pair.json"}}), "pair": {"$schema": SEVEN, "items": [{"enum": [1]}]}},
            [("enum-value-removed", "pair.0")],
        ),
        (
            {"thing": job({"pair": {"items": [{"maxLength": 5}]}}, {"$schema": SEVEN})},
            {"thing": job({"pair": {"prefixItems": [{"maxLength": 4}]}})},
            [("max-length-narrowed", "pair.0")],
        ),
        (
            {
                "thing": job({"tree": {"$ref": "tree.json"}, "n": {"maximum": 9}}, {"$dynamicAnchor": "node"}),
                "tree": TREE,
            },
            {
                "thing": job({"tree": {"$ref": "tree.json"}, "n": {"maximum": 8}}, {"$dynamicAnchor": "node"}),
                "tree": TREE,
            },
            [("maximum-narrowed", "n")],
        ),
    ],
)
def test_schemas_of_several_drafts_and_with_dynamic_references_are_compared_place_by_place(
    tmp_path: Path, old: dict[str, Json], new: dict[str, Json], found: list[tuple[str, str]]
) -> None:
    for folder, files in (("was", old), ("now", new)):
        (tmp_path / folder).mkdir()
        config = make(tmp_path / folder, {f"{name}.json": each for name, each in files.items()})
    told = compare(config, str(tmp_path / "was")).findings
    assert sorted((each.rule, each.where) for each in told) == found
    assert all(each.witness is not None for each in told)


def test_what_cannot_be_read_in_a_schema_of_before_is_told_of_all_that_lead_to_it(tmp_path: Path) -> None:
    shared = {"$defs": {"A": {"type": "string"}}}
    now = {"a.json": job({"a": {"$ref": "s.json#/$defs/A"}}), "b.json": job({}), "c.json": job({}), "s.json": shared}
    folder = project(tmp_path, now | {"s.json": "{", "c.json": "{"}, now)
    result = run(folder, "breaking", "--against", "../was")
    text = "the schema of before has a fault, so that nothing can be compared: ../was/schemas/"
    assert [line.partition(": not JSON")[0] for line in result.output.splitlines()] == [
        f"schemas/a.json:1:93: warning: {text}s.json:1:2",
        f"schemas/c.json:1:93: warning: {text}c.json:1:2",
        f"schemas/s.json:1:1: warning: {text}s.json:1:2",
        "1 job compared with ../was: 3 findings: 3 warnings",
    ]
    write(folder / "schemas/c.json", job({}) | {"x-job": {"compatibility": "none"}})
    excuse = {"rule": "past-invalid", "reason": "it never worked"}
    write(folder / "schemas/a.json", now["a.json"] | {"x-job": {"allow_breaking": [excuse]}})
    (folder / "schemas/s.json").write_text((tmp_path / "now/schemas/s.json").read_text(encoding="utf-8"))
    assert run(folder, "breaking", "--against", "../was").output.count("warning: ") == 1


@pytest.mark.parametrize("against", [".", "./", "schemas", "schemas/"])
def test_a_folder_of_before_is_a_project_or_its_schemas(tmp_path: Path, against: str) -> None:
    make(tmp_path, {"a.json": EMAIL, "deep/b.json": job({})})
    assert run(tmp_path, "breaking", "--against", against).output.startswith("2 jobs compared")


def test_what_only_another_file_changes_is_found(tmp_path: Path) -> None:
    """The job's own file is byte for byte the same: its metaschema, a file with an `$id`, and an anchor are not."""
    dialect = "https://example.com/mine"
    home = "https://json-schema.org/draft/2020-12/vocab/"

    def meta(*vocabularies: str) -> Json:
        return {"$schema": D, "$id": dialect, "$vocabulary": {f"{home}{each}": True for each in vocabularies}}

    thing = job({"a": {"maxLength": 5}}) | {"$schema": dialect}
    folder = project(
        tmp_path,
        {"thing.json": thing, "meta.json": meta("core", "applicator")},
        {"thing.json": thing, "meta.json": meta("core", "applicator", "validation")},
    )
    assert "a: the longest text is limited" in run(folder, "breaking", "--against", "../was").output


def test_a_list_that_need_not_contain_anything_is_a_witness(tmp_path: Path) -> None:
    inner: Json = {"contains": {"const": 1}}
    [found] = judged(tmp_path, job({"a": {**inner, "minContains": 0}}), job({"a": inner}))
    assert (found.rule, found.severity, found.witness) == ("contains-changed", "error", {"a": []})


def test_conditions_that_hold_together_are_compared_at_once(tmp_path: Path) -> None:
    """Each doubles the ways on which a value may be valid, and with twelve their canonical form took a minute."""

    def conditions(most: int, last: str) -> Json:
        rules = [{"if": {"required": [f"k{n}"]}, "then": {"required": [f"z{n}"]}} for n in range(30)]
        return job(
            {"b": {"maxLength": most}, "a": {"allOf": [*rules[:-1], {**rules[-1], "then": {"required": [last]}}]}}
        )

    start = time.process_time()
    assert judged(tmp_path, conditions(9, "z"), conditions(9, "z"), "full") == []
    [found] = judged(tmp_path, conditions(9, "z"), conditions(5, "z"))
    assert (found.rule, found.where, found.severity) == ("max-length-narrowed", "b", "error")
    [found] = judged(tmp_path, conditions(9, "z"), conditions(9, "y"))
    assert (found.rule, found.where) == ("condition-changed", "a")
    assert time.process_time() - start < 30
