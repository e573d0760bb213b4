"""The metaschema for editors takes what is valid, explains every key, and works in a real language server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.breaking import compare
from memshelf_gen.exports.published import EDITORS, metaschema
from memshelf_gen.jobkeys import job_metaschema
from memshelf_gen.keywords import DRAFTS, KEYWORDS
from memshelf_gen.lint.rules import own_rules
from memshelf_gen.lint.suppressions import INVALID, UNUSED
from memshelf_gen.load import load
from memshelf_gen.settings import read_config
from tests.generator.projects import EMAIL, Json, job, make, tree, write
from tests.generator.suite import DIALECTS, cases
from tests.generator.test_cli import answer, run
from tests.languageserver import LanguageServer, language_server

HERE = Path(__file__).parent
KEYWORD_TEXTS = json.loads((HERE.parents[1] / "docs/keywords.json").read_text(encoding="utf-8"))
HEAD = "# yaml-language-server: $schema=.job.schema.json\n$schema: https://json-schema.org/draft/2020-12/schema\n"
MARK = "‸"
"""Where the cursor stands in a text."""


@pytest.fixture(scope="module")
def judge() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(metaschema()))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LanguageServer, Path]]:
    folder = tmp_path_factory.mktemp("project")
    run(folder, "init")
    run(folder, "new", "billing/refund")
    with language_server(folder) as started:
        yield started, folder / "schemas"


def silent(schema: Any, at: str, definitions: Json) -> Iterator[str]:
    """Give the place of every key in a schema that says nothing about itself, nor does what it refers to."""
    for key, each in schema.get("properties", {}).items():
        meant = definitions[each["$ref"].rpartition("/")[2]] if each and "$ref" in each else {}
        if each is not False and not {**meant, **each}.get("description"):
            yield f"{at}.{key}"
        if each:
            yield from silent(each, f"{at}.{key}", definitions)


def test_every_key_has_a_description() -> None:
    for document in (job_metaschema(), json.loads(metaschema())):
        definitions = document["$defs"]
        found = [silent(each, name, definitions) for name, each in ({"": document} | definitions).items()]
        assert [key for keys in found for key in keys] == []
    assert KEYWORD_TEXTS.keys() == {name for keywords in KEYWORDS.values() for name in keywords}
    assert all(text.endswith(".") for text in KEYWORD_TEXTS.values())


def test_it_is_valid_and_refers_to_nothing_outside() -> None:
    document = json.loads(metaschema())
    jsonschema_rs.meta.validate(document)
    references = {each.split('"')[0] for each in metaschema().split('"$ref": "')[1:]}
    assert {each[:8] for each in references} == {"#/$defs/"}
    assert {each[8:] for each in references} <= document["$defs"].keys()


@pytest.mark.parametrize("draft", [name for name, dialect in DIALECTS.items() if dialect.rstrip("#") in DRAFTS])
def test_it_takes_a_schema_if_and_only_if_the_drafts_own_metaschema_does(
    draft: str, judge: jsonschema_rs.Validator
) -> None:
    official = jsonschema_rs.validator_for({"$schema": DIALECTS[draft], "$ref": DIALECTS[draft]})
    schemas = [next(iter(case.files.values())) for case in cases(draft)]
    for schema in [each for each in schemas if each.get("$schema") == DIALECTS[draft]]:
        for variant in (schema, *damaged(schema)):
            assert judge.is_valid(variant) == official.is_valid(variant), variant


def damaged(schema: Json) -> Iterator[Json]:
    """Give copies of a schema in which one keyword has a value of another kind."""
    for keyword in schema:
        if not keyword.startswith(("$", "x-")):
            for value in (-1, 1.5, "text", ["text", "text"], [1], {"a": 1}, {"a": "("}, True, None):
                yield {**schema, keyword: value}


def test_it_takes_every_schema_of_ours_and_refuses_settings_that_cannot_be(judge: jsonschema_rs.Validator) -> None:
    folders = [HERE.parents[1] / "schemas", *HERE.glob("golden/*/schemas")]
    taken = [document.value for folder in folders for document in load(folder, shown="schemas").documents]
    assert len(taken) > 10
    assert [each for each in taken if not judge.is_valid(each)] == []
    wrong: tuple[Any, ...] = ({"retries": -1}, {"priority": "high"}, {"frobnicate": 1}, {"timeout": "soon"}, [])
    for settings in wrong:
        assert not judge.is_valid({**EMAIL, "x-job": settings})
    assert not judge.is_valid(job({"a": {"x-job": {}}}))
    assert judge.is_valid(job({"a": {"x-own": {}, "widget": "slider"}}))


@pytest.mark.parametrize("suppressions", [{"open-object": "others add to it"}, {"of-another-distribution": "why"}, {}])
def test_it_takes_suppressions_with_a_reason_at_any_level(judge: jsonschema_rs.Validator, suppressions: Json) -> None:
    assert judge.is_valid({**EMAIL, "x-lint": suppressions})
    assert judge.is_valid(job({"a": {"items": {"x-lint": suppressions}}}))


@pytest.mark.parametrize(
    "suppressions", [{"open-object": " "}, {"invalid-x-job": "why"}, {"unused-suppression": "a"}, []]
)
def test_it_refuses_suppressions_that_lint_refuses(judge: jsonschema_rs.Validator, suppressions: Any) -> None:
    assert not judge.is_valid({**EMAIL, "x-lint": suppressions})
    assert not judge.is_valid(job({"a": {"items": {"x-lint": suppressions}}}))


def test_a_dialect_of_ones_own_is_checked_for_its_settings_only(judge: jsonschema_rs.Validator) -> None:
    own = {"$schema": "https://acme.example/dialect", "items": [{}], "x-job": {}}
    assert judge.is_valid(own)
    assert not judge.is_valid({**own, "x-job": {"retries": -1}})
    assert not judge.is_valid({**own, "$schema": next(each for each in DRAFTS if "2020-12" in each)})


def test_it_is_printed_written_and_compared(tmp_path: Path) -> None:
    assert run(tmp_path, "export", "metaschema").output == metaschema()
    assert answer(run(tmp_path, "export", "metaschema", "--json"))["text"] == metaschema()
    assert run(tmp_path, "export", "metaschema", "--out", "a/m.json").output == "created     a/m.json\n"
    assert run(tmp_path, "export", "metaschema", "--out", "a/m.json", "--check").exit_code == 0
    write(tmp_path / "a/m.json", "{}\n")
    assert run(tmp_path, "export", "metaschema", "--out", "a/m.json", "--check").exit_code == 1


def test_a_new_project_and_a_new_job_lead_editors_to_it(tmp_path: Path) -> None:
    run(tmp_path, "init")
    run(tmp_path, "new", "billing/refund")
    assert (tmp_path / "schemas" / EDITORS).read_text(encoding="utf-8") == metaschema()
    for path, file in (("greeting.yaml", EDITORS), ("billing/refund.yaml", f"../{EDITORS}")):
        first = (tmp_path / "schemas" / path).read_text(encoding="utf-8").partition("\n")[0]
        assert first == f"# yaml-language-server: $schema={file}"
    assert run(tmp_path, "check").exit_code == 0


def test_it_is_no_job_and_no_shared_definitions(tmp_path: Path) -> None:
    run(tmp_path, "init")
    assert [each["name"] for each in answer(run(tmp_path, "list", "--json"))["jobs"]] == ["greeting"]
    shutil.copytree(tmp_path / "schemas", tmp_path / "before")
    write(tmp_path / "before" / EDITORS, "{}")
    assert compare(read_config(tmp_path / "pyproject.toml"), str(tmp_path / "before")).findings == ()


def test_a_new_job_in_a_project_without_it_does_without(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    run(tmp_path, "new", "refund")
    assert (tmp_path / "schemas/refund.yaml").read_text(encoding="utf-8").startswith("$schema: ")
    assert not (tmp_path / "schemas" / EDITORS).exists()


def test_it_is_kept_up_to_date_where_it_is(tmp_path: Path) -> None:
    run(tmp_path, "init")
    write(tmp_path / "schemas" / EDITORS, '{"title": "of an older release"}\n')
    before = tree(tmp_path)
    drifted = run(tmp_path, "check", "--json")
    assert (drifted.exit_code, [each["path"] for each in answer(drifted)["differences"]]) == (1, [f"schemas/{EDITORS}"])
    assert tree(tmp_path) == before
    assert answer(run(tmp_path, "--json"))["updated"] == [f"schemas/{EDITORS}"]
    assert (tmp_path / "schemas" / EDITORS).read_text(encoding="utf-8") == metaschema()
    assert run(tmp_path, "check").exit_code == 0


def at_cursor(server: tuple[LanguageServer, Path], text: str) -> dict[str, str]:
    """Give what the language server offers where the text has its mark."""
    program, folder = server
    before = text.partition(MARK)[0]
    file = folder / f"offered{len(list(folder.iterdir()))}.yaml"
    file.write_text(text.replace(MARK, ""), encoding="utf-8")
    program.problems(file)
    return program.completions(file, line=before.count("\n"), column=len(before.rpartition("\n")[2]))


def test_the_language_server_completes_the_keys_of_x_job(server: tuple[LanguageServer, Path]) -> None:
    offered = at_cursor(server, f"{HEAD}x-job:\n  {MARK}\ntype: object\n")
    keys = job_metaschema()["$defs"]["Job"]["properties"]
    assert offered.keys() == keys.keys()
    assert offered["priority"] == keys["priority"]["description"]
    retries = at_cursor(server, f"{HEAD}x-job:\n  retries:\n    {MARK}\n")
    assert retries.keys() == job_metaschema()["$defs"]["Retries"]["properties"].keys()
    assert at_cursor(server, f"{HEAD}x-job:\n  retries:\n    backoff: {MARK}\n").keys() == {
        "exponential",
        "linear",
        "fixed",
    }


def test_the_language_server_completes_suppressions(server: tuple[LanguageServer, Path]) -> None:
    offered = at_cursor(server, f"{HEAD}properties:\n  to:\n    x-lint:\n      {MARK}\n")
    rules = {rule.id: rule for rule in own_rules()}
    assert offered.keys() == {id for id, rule in rules.items() if not rule.stops} - {INVALID.id, UNUSED.id}
    assert "whether it takes properties" in offered["open-object"]


def test_the_language_server_completes_json_schema(server: tuple[LanguageServer, Path]) -> None:
    assert "x-job" in at_cursor(server, f"{HEAD}{MARK}\n")
    inside = at_cursor(server, f"{HEAD}properties:\n  to:\n    {MARK}\n")
    assert {"type", "format", "minLength", "oneOf"} <= inside.keys()
    assert "x-job" not in inside
    assert "date-time" in at_cursor(server, f"{HEAD}properties:\n  to:\n    format: {MARK}\n")
    older = HEAD.replace("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#")
    there = at_cursor(server, f"{older}properties:\n  to:\n    {MARK}\n")
    assert {"additionalItems", "type"} <= there.keys()
    assert "prefixItems" not in there


def test_the_language_server_explains_a_key(server: tuple[LanguageServer, Path]) -> None:
    program, folder = server
    file = folder / "explained.yaml"
    file.write_text(f"{HEAD}x-job:\n  max_lost: 3\ntype: object\n", encoding="utf-8")
    assert program.problems(file) == []
    assert "How often a job may be lost" in program.hover(file, line=3, column=4)
    assert KEYWORD_TEXTS["type"] in program.hover(file, line=4, column=1)


def test_the_language_server_flags_what_cannot_be(server: tuple[LanguageServer, Path]) -> None:
    program, folder = server
    file = folder / "flagged.yaml"
    lines = "x-job:\n  priority: 12\n  timeout: soon\n  frobnicate: 1\nproperties:\n  to: {type: strng}\n"
    file.write_text(f"{HEAD}{lines}", encoding="utf-8")
    told = {each["range"]["start"]["line"]: each["message"] for each in program.problems(file)}
    assert told.keys() == {3, 4, 5, 7}
    assert told[3] == "Value is above the maximum of 9."
    assert told[4] == "must be a duration above zero such as 30s, 1h30m or 5 seconds, or none"
    assert told[5] == "Property frobnicate is not allowed."


def test_the_language_server_finds_nothing_wrong_with_a_new_project(server: tuple[LanguageServer, Path]) -> None:
    program, folder = server
    for path in ("greeting.yaml", "billing/refund.yaml"):
        assert program.problems(folder / path) == []
