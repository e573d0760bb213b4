"""Schemas that were made to hurt are refused with their place, or taken, within bounds of time and memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.generator.projects import Json, job, make, nested, tree

SECONDS, BYTES = 60, 3 << 30
"""What one command may use: CPU time on a slow machine, and addresses, of which it needs far more than memory."""


def bounded(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is killed when it uses too much."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))

    command = [sys.executable, "-m", "memshelf_gen", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, preexec_fn=limit)


def tower(count: int, keyword: str) -> Json:
    """Give a property whose schema names another ten times, that another, and so on."""
    floors: Json = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(count)}
    return job({"a": {"$ref": "#/$defs/d0"}}, {"$defs": {**floors, f"d{count}": {"type": "string"}}})


def deep(levels: int) -> Json:
    schema: Json = {}
    for _ in range(levels):
        schema = nested({"a": schema})
    return schema


LEVELS = "more than 100 levels; use $ref and $defs instead"
WAYS = "more than 100,000 schemas are asked about one value here; refer to each of them once"
REFUSED: dict[str, tuple[Any, str]] = {
    "deep.json": (job({"a": deep(200)}), LEVELS),
    "brackets.json": ('{"x-job":' + "[" * 100_000, LEVELS),
    "brackets.yaml": ("x-job: " + "[" * 100_000, LEVELS),
    "stairs.yaml": ("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 2000)), LEVELS),
    "loop.json": (
        job({"a": {"$ref": "#/$defs/A"}}, {"$defs": {"A": {"allOf": [{"$ref": "#/$defs/A"}]}}}),
        "leads back",
    ),
    "all.json": (tower(30, "allOf"), f"$defs.d25: {WAYS}"),
    "any.json": (tower(30, "anyOf"), f"$defs.d25: {WAYS}"),
    "one.json": (tower(30, "oneOf"), f"$defs.d25: {WAYS}"),
    "laughs.yaml": (
        "x: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(f"x{n}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)),
        "the aliases expand to more than 100,000 values",
    ),
    "repeats.json": (
        job({"a": {"pattern": "((a{100}){100}){100}"}}),
        "properties.a.pattern: must be a regular expression",
    ),
    "groups.json": (job({"a": {"pattern": "(" * 5000 + "a" + ")" * 5000}}), "properties.a.pattern: must be a regular"),
    "digits.json": ('{"x-job": {}, "maximum": ' + "9" * 100_000 + "}", "this number has too many digits"),
    "latin.json": ('{"title": "é"}'.encode("latin-1"), "1:12: not UTF-8; save the file in UTF-8"),
    "wide.json": ("{}".encode("utf-16"), "1:1: not UTF-8; save the file in UTF-8"),
}


def test_each_is_refused_at_its_place_and_nothing_is_written(tmp_path: Path) -> None:
    make(tmp_path, {"good.json": job({})})
    for name, (content, _) in REFUSED.items():
        data = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else None
        (tmp_path / "schemas" / name).write_bytes(json.dumps(content).encode() if data is None else data)
    before = tree(tmp_path)
    result = bounded(tmp_path)
    lines = result.stdout.splitlines() + result.stderr.splitlines()
    assert (result.returncode, tree(tmp_path)) == (2, before)
    for name, (_, told) in REFUSED.items():
        [line] = [each for each in lines if each.startswith(f"schemas/{name}:")]
        assert told in line
        assert all(part.isdecimal() for part in line.split(":")[1:3])
    assert len(lines) == len(REFUSED)


TAKEN: dict[str, Json] = {
    "properties": job({f"p{number}": {"type": "string"} for number in range(10_000)}),
    "itself": job({"a": {"$ref": "#"}}),
    "laughs": job(
        {"a": {"$ref": "#/$defs/d0"}},
        {
            "$defs": {
                **{f"d{n}": nested({f"p{m}": {"$ref": f"#/$defs/d{n + 1}"} for m in range(10)}) for n in range(30)},
                "d30": {"type": "string"},
            }
        },
    ),
    "catastrophe": job({"a": {"pattern": "^(a+)+$"}, "b": {"pattern": "(x+x+)+y"}}),
    "texts": job({"a": {"enum": [f"value-{number:08d}-xxxxxxxxxxxxxxxx" for number in range(160_000)]}}),
    "numbers": job({"a": {"enum": list(range(100_000))}}),
    "branches": job({"a": {"oneOf": [nested({"k": {"const": f"c{n}"}}, required=["k"]) for n in range(3_000)]}}),
    "conditions": job(
        {"a": {"allOf": [{"if": {"required": [f"k{n}"]}, "then": {"required": [f"z{n}"]}} for n in range(50)]}}
    ),
    "long": job({"a": {"minLength": 10**9}, "b": {"minItems": 10**9}, "c": {"minProperties": 10**9}}),
    "name": job({"a" * 100_000: {"description": "x" * 1_000_000}}),
}


LARGE = ("properties", "texts", "numbers", "branches")


@pytest.mark.parametrize("names", [LARGE, tuple(name for name in TAKEN if name not in LARGE)], ids=["large", "odd"])
def test_each_is_generated_and_compared_within_bounds(tmp_path: Path, names: tuple[str, ...]) -> None:
    make(tmp_path, {f"{name}.json": TAKEN[name] for name in names})
    for command in ((), ("check",), ("breaking", "--against", ".")):
        result = bounded(tmp_path, *command)
        assert result.returncode == 0, result.stderr[-2000:]
