"""JSON-Schema-Test-Suite as schema folders: each of its schemas is the payload of a job, or a property of one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urljoin

from tests.corpora import SUITE, read
from tests.generator.projects import Json

DIALECTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
SERVER = "http://localhost:1234/"
"""Where the suite says that its remotes are found."""


@dataclass(frozen=True, slots=True)
class Case:
    """One schema of the suite in one form, with its tests."""

    key: str
    """The job's file without its suffix."""
    file: str
    """`draft2020-12/ref.json`."""
    title: str
    files: dict[str, Json]
    """The schema folder's files for it, the job's own first."""
    tests: tuple[tuple[str, Any, bool], ...]
    """What each is about, the payload, and whether it is valid."""


@dataclass(slots=True)
class SuiteProject:
    """Cases that can share one schema folder, because no two of them give one `$id` to different schemas."""

    cases: list[Case] = field(default_factory=list)
    files: dict[str, Json] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def projects(cases: Iterable[Case]) -> list[SuiteProject]:
    """Put the cases into as few projects as their `$id`s allow."""
    made: list[SuiteProject] = []
    for case in cases:
        ids = {each: path for path, document in case.files.items() for each in _ids(document)}
        home = next((one for one in made if all(one.ids.get(each, ids[each]) == ids[each] for each in ids)), None)
        if home is None:
            home = SuiteProject()
            made.append(home)
        home.cases.append(case)
        home.files.update(case.files)
        home.ids.update(ids)
    return made


def cases(draft: str) -> Iterator[Case]:
    """Give every schema of a draft, in a property of a job, and as the job's payload too where objects test it.

    One with an `$id` stands in the property as well as in a file of its own.
    """
    number = 0
    for path, content in read(SUITE, f"json/tests/{draft}/").items():
        for group in json.loads(content):
            number += 1
            stem = f"{draft.replace('-', '').removeprefix('draft')}n{number}"
            file = path.removeprefix("json/tests/")
            tests = tuple((each["description"], each["data"], each["valid"]) for each in group["tests"])
            yield _wrapped(stem, file, group, draft, tests)
            if _stands_alone(group["schema"], draft):
                yield _wrapped(stem, file, group, draft, tests, embedded=True)
            objects = tuple(each for each in tests if isinstance(each[1], dict))
            schema = group["schema"]
            if objects and isinstance(schema, dict) and "object" in _types(schema):
                root = {"$schema": DIALECTS[draft], "x-job": {}, **copy.deepcopy(schema)}
                yield Case(
                    f"r{stem}", file, group["description"], {f"r{stem}.json": root, **remotes(schema, draft)}, objects
                )


def _stands_alone(schema: Any, draft: str) -> bool:
    """Tell whether a schema means the same wherever it is embedded, because references in it begin at its own `$id`."""
    own = schema.get(_word_of_id(DIALECTS[draft])) if isinstance(schema, dict) else None
    has_own = isinstance(own, str) and not own.startswith("#")
    is_ignored = has_own and "$ref" in schema and draft in ("draft4", "draft6", "draft7")
    return has_own and not is_ignored and schema.get("$schema", DIALECTS[draft]) == DIALECTS[draft]


def _wrapped(
    stem: str, file: str, group: Json, draft: str, tests: tuple[tuple[str, Any, bool], ...], *, embedded: bool = False
) -> Case:
    """Put a schema into a property: as it is, or in a file of its own where its references mean its own root."""
    schema = group["schema"]
    plain = {key: value for key, value in schema.items() if key != "$schema"} if isinstance(schema, dict) else schema
    own_root = ("$ref", "$id", "$dynamic", "$recursive", *(["id"] if draft == "draft4" else []))
    apart = any(f'"{word}' in json.dumps(plain) for word in own_root) or (
        isinstance(schema, dict) and schema.get("$schema", DIALECTS[draft]) != DIALECTS[draft]
    )
    apart = apart and not embedded
    key = f"{'e' if embedded else 'w'}{stem}"
    job: Json = {
        "$schema": DIALECTS[draft],
        "x-job": {},
        "type": "object",
        "properties": {"value": {"$ref": f"s{stem}.json"} if apart else plain},
        "required": ["value"],
    }
    own = {f"s{stem}.json": {"$schema": DIALECTS[draft], **schema}} if apart else {}
    files = {f"{key}.json": job, **own, **remotes(schema, draft)}
    wrapped = tuple((about, {"value": data}, valid) for about, data, valid in tests)
    return Case(key, file, group["description"], files, wrapped)


def _types(schema: Json) -> list[str]:
    kind = schema.get("type", "object")
    return kind if isinstance(kind, list) else [kind]


def remotes(schema: Any, draft: str) -> dict[str, Json]:
    """Give the files of the suite's server that a schema may reach."""
    known = _served(draft)
    found: dict[str, Json] = {}
    waiting = [("http://schemas.invalid/", schema)]
    while waiting:
        base, document = waiting.pop()
        strings = set(_strings(document))
        bases = {base}
        for _ in range(3):
            bases |= {urljoin(one, each) for one in bases for each in strings}
        for address in {urljoin(one, each).partition("#")[0] for one in bases for each in strings} & known.keys():
            for path, served in known[address].items():
                if path not in found:
                    found[path] = served
                    waiting.append((address, served))
    return dict(sorted(found.items()))


@cache
def _served(draft: str) -> dict[str, dict[str, Json]]:
    """Give the files for each address of the suite's server, as a schema folder has them: each with its `$id`.

    A document without a dialect is written in that of the schema that refers to it. Where it has another `$id` than its
    address, a file with this address refers to it.
    """
    served: dict[str, dict[str, Json]] = {}
    for path, content in read(SUITE, "json/remotes/").items():
        below = path.removeprefix("json/remotes/")
        folder = below.partition("/")[0]
        if (folder.startswith("draft") and folder not in DIALECTS) or folder == "v1":
            continue
        address = f"{SERVER}{below}"
        dialect = DIALECTS.get(folder, DIALECTS[draft])
        word = _word_of_id(dialect)
        document = {"$schema": dialect, word: address, **json.loads(content)}
        own = urljoin(address, document[word])
        home = below if folder in DIALECTS else f"{draft}/{below}"
        served[address] = {f"remotes/{home}": document}
        if own.removesuffix("#") != address:
            served[address][f"at/{home}"] = {"$schema": dialect, word: address, "allOf": [{"$ref": own}]}
    return served


def _ids(document: Any) -> Iterator[str]:
    """Give the addresses that a document's `$id`s are, wherever they stand."""
    word = _word_of_id(document["$schema"])
    root = urljoin("http://schemas.invalid/", document.get(word, ""))
    for each in _below(document):
        own = each.get(word)
        if isinstance(own, str) and not own.startswith("#"):
            yield urljoin(root, own).removesuffix("#")


def _word_of_id(dialect: str) -> str:
    return "id" if dialect == DIALECTS["draft4"] else "$id"


def _below(node: Any) -> Iterator[Json]:
    match node:
        case dict():
            yield node
            for value in node.values():
                yield from _below(value)
        case list():
            for value in node:
                yield from _below(value)


def _strings(node: Any) -> Iterator[str]:
    for each in _below(node):
        yield from (
            value for key, value in each.items() if (key == "id" or key.startswith("$")) and isinstance(value, str)
        )
