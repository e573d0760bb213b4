"""Exported schemas are what a producer in another language needs: one file a job, self-contained, with an address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.exports.contracts import contracts
from memshelf_gen.parse import read_project
from memshelf_gen.settings import read_config
from tests.generator.projects import EMAIL, Json, job, make, nested, tree, write
from tests.generator.test_cli import answer, run
from tests.nodejs import ask

ROOT = Path(__file__).parents[2]
TREE: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
}


def exported(folder: Path) -> dict[str, Json]:
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir())}


def test_each_job_has_a_file_and_an_entry_in_the_index(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "billing/invoice.json": job({"id": {"type": "integer"}})})
    done = answer(run(tmp_path, "export", "schemas", "--out", "out", "--json"))
    files = ["out/billing-invoice.schema.json", "out/send-email.schema.json", "out/index.json"]
    assert done == {"ok": True, "created": files, "updated": [], "removed": []}
    written = exported(tmp_path / "out")
    known = {each.names.wire: each for each in read_project(config).jobs}
    entries = written.pop("index.json")["jobs"]
    assert [(each["name"], each["file"], each["digest"], each["version"], each["queue"]) for each in entries] == [
        ("billing-invoice", "billing-invoice.schema.json", known["billing-invoice"].digest, 1, "default"),
        ("send-email", "send-email.schema.json", known["send-email"].digest, 1, "default"),
    ]
    for entry in entries:
        schema = written[entry["file"]]
        assert list(schema)[:2] == ["$schema", "$id"]
        assert schema.pop("$id") == entry["id"] == f"urn:memshelf:{entry['name']}"
        assert schema == known[entry["name"]].bundle


def test_the_address_is_the_authors_or_begins_as_the_project_says(tmp_path: Path) -> None:
    own = {**EMAIL, "$id": "https://acme.example/email"}
    make(tmp_path, {"a.json": own, "b.json": job({})}, id_base="https://acme.example/jobs/")
    run(tmp_path, "export", "schemas", "--out", "out")
    written = exported(tmp_path / "out")
    assert written["send-email.schema.json"]["$id"] == "https://acme.example/email"
    assert written["b.schema.json"]["$id"] == "https://acme.example/jobs/b"


def test_dynamic_references_are_exported_as_plain_ones(tmp_path: Path) -> None:
    thing = job({"tree": {"$ref": "tree.json"}}, {"$dynamicAnchor": "node", "unevaluatedProperties": False})
    make(tmp_path, {"thing.json": thing, "tree.json": TREE})
    run(tmp_path, "export", "schemas", "--out", "out")
    schema = exported(tmp_path / "out")["thing.schema.json"]
    assert "$dynamic" not in json.dumps(schema)
    judge = jsonschema_rs.Draft202012Validator(schema)
    assert judge.is_valid({"tree": {"value": 1, "children": [{"tree": {}}]}})
    assert not judge.is_valid({"tree": {"children": [{"value": 1}]}})


def test_only_what_differs_is_written_and_only_what_was_exported_is_removed(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "old.json": job({})})
    run(tmp_path, "export", "schemas", "--out", "out")
    write(tmp_path / "out/own.schema.json", "{}")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    (config.schema_folder / "old.json").unlink()
    done = answer(run(tmp_path, "export", "schemas", "--out", "out", "--json"))
    assert done == {"ok": True, "created": [], "updated": ["out/index.json"], "removed": ["out/old.schema.json"]}
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert after.keys() == {"index.json", "own.schema.json", "send-email.schema.json"}
    assert [name for name in after if after[name] != before[name]] == ["index.json"]
    assert run(tmp_path, "export", "schemas", "--out", "out").output == "up to date\n"


def test_check_tells_missing_changed_and_stale_files_and_writes_nothing(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "old.json": job({})})
    run(tmp_path, "export", "schemas", "--out", "out")
    assert run(tmp_path, "export", "schemas", "--out", "out", "--check").output == "no drift\n"
    (config.schema_folder / "old.json").unlink()
    write(config.schema_folder / "new.json", job({}))
    write(config.schema_folder / "email.json", {**EMAIL, "title": "Mail"})
    before = tree(tmp_path)
    result = run(tmp_path, "export", "schemas", "--out", "out", "--check", "--json")
    assert result.exit_code == 1
    told = answer(result)
    assert told["ok"] is False
    assert [(each["kind"], each["path"]) for each in told["differences"]] == [
        ("missing", "out/new.schema.json"),
        ("stale", "out/send-email.schema.json"),
        ("stale", "out/index.json"),
        ("obsolete", "out/old.schema.json"),
    ]
    assert '+  "title": "Mail"' in told["differences"][1]["diff"]
    said = run(tmp_path, "export", "schemas", "--out", "out", "--check").output
    assert "missing   out/new.schema.json: is not there; this export writes it\n" in said
    assert "obsolete  out/old.schema.json: no job asks for it any more\n" in said
    assert said.endswith("drift: 1 missing, 2 stale, 1 obsolete; run this export again without --check\n")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["index.json", "send-email.schema.json"])
def test_a_file_of_somebody_elses_is_not_overwritten(tmp_path: Path, name: str) -> None:
    make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "out" / name, '{"name": "mine"}')
    before = tree(tmp_path)
    result = run(tmp_path, "export", "schemas", "--out", "out")
    assert result.exit_code == 2
    assert f"out/{name}: is here already, and memshelf-gen did not write it" in result.stderr
    assert tree(tmp_path) == before


def test_an_index_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    run(tmp_path, "export", "schemas", "--out", "out")
    write(tmp_path / "kept.json", "{}")
    index = json.loads((tmp_path / "out/index.json").read_text())
    index["jobs"] += [{"file": "../kept.json"}, {"file": str(tmp_path / "kept.json")}, {"file": 1}, None]
    write(tmp_path / "out/index.json", index)
    assert run(tmp_path, "export", "schemas", "--out", "out").exit_code == 0
    assert (tmp_path / "kept.json").exists()


@pytest.mark.parametrize("name", ["send-email", "mail", "billing/email", "billing/email.json", "billing.email"])
def test_one_job_is_printed_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    spec = {**EMAIL, "x-job": {"name": "send-email", "previous_names": ["mail"]}}
    config = make(tmp_path, {"billing/email.json": spec})
    files = contracts(read_project(config), id_base=config.id_base)
    assert run(tmp_path, "export", "schemas", name).output == files["send-email.schema.json"]
    told = answer(run(tmp_path, "export", "schemas", name, "--json"))
    assert (told["name"], told["text"]) == ("send-email", files["send-email.schema.json"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["send-emial"], "send-emial: there is no such job; did you mean 'send-email'?"),
        ([], "--out: name a folder: --out contracts; or name one job to print"),
        (["--out", "-"], "--out: name a folder"),
        (["send-email", "--check"], "JOB: one job is printed"),
        (["send-email", "--out", "out"], "JOB: one job is printed"),
    ],
)
def test_what_cannot_be_exported_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    make(tmp_path, {"email.json": EMAIL})
    result = run(tmp_path, "export", "schemas", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    told = answer(run(tmp_path, "export", "schemas", *arguments, "--json"))
    assert told["ok"] is False
    assert said in ": ".join((told["problems"][0]["path"], told["problems"][0]["text"]))


def test_ajv_in_strict_mode_takes_the_examples_schemas_and_judges_as_we_do() -> None:
    project = read_project(read_config(ROOT / "pyproject.toml"))
    files = contracts(project, id_base="urn:memshelf:")
    schemas = [json.loads(text) for name, text in files.items() if name != "index.json"]
    payloads: list[tuple[str, Any]] = []
    for schema in schemas:
        for example in schema.get("examples", []):
            payloads += [(schema["$id"], each) for each in (example, {**example, "strange": 1}, {}, [example])]
            payloads += [(schema["$id"], {**example, key: 1.5}) for key in schema["properties"]]
    payloads += [("urn:memshelf:send-email", {"to": to, "subject": "Hi"}) for to in ("a@example.com", "a", "", "a@b@c")]
    judges = {each["$id"]: jsonschema_rs.validator_for(each, validate_formats=True) for each in schemas}
    expected = [judges[address].is_valid(payload) for address, payload in payloads]
    assert {True, False} == set(expected)
    assert ask("judge.cjs", {"schemas": schemas, "payloads": payloads}) == expected


def test_ajv_takes_a_schema_made_of_dynamic_references(tmp_path: Path) -> None:
    thing = job({"tree": {"$ref": "tree.json"}}, {"$dynamicAnchor": "node", "unevaluatedProperties": False})
    other = job({"tree": {"$ref": "tree.json"}, "at": nested({})}, {"$dynamicAnchor": "node"})
    config = make(tmp_path, {"thing.json": thing, "other.json": other, "tree.json": TREE})
    files = contracts(read_project(config), id_base="https://acme.example/jobs/")
    payloads = [
        ("https://acme.example/jobs/thing", {"tree": {"children": [{"tree": {}}]}}),
        ("https://acme.example/jobs/thing", {"tree": {"children": [{"value": 1}]}}),
        ("https://acme.example/jobs/other", {"tree": {"children": [{"value": 1}]}, "at": {}}),
    ]
    schemas = [json.loads(text) for name, text in files.items() if name != "index.json"]
    assert ask("judge.cjs", {"schemas": schemas, "payloads": payloads}) == [True, False, True]
