"""The judge: its verdicts, when it is compiled, and which validator stands behind it."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from memshelf.errors import MemshelfError, Problem
from memshelf.judge import Compiler, Engine, Judge, Schema, default_compiler, python_compiler, rs_compiler

EMAIL: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["to", "subject"],
    "properties": {
        "to": {"type": "string", "format": "email"},
        "subject": {"type": "string"},
        "templateId": {"type": "string"},
        "priority": {"enum": ["low", "normal", "high"], "default": "normal"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        "payment": {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]},
    },
    "$defs": {
        "Line": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"amount": {"type": ["null", "number"]}},
        },
        "Card": {
            "type": "object",
            "required": ["kind", "brand"],
            "properties": {"kind": {"const": "card"}, "brand": {"enum": ["visa", "amex"]}},
        },
        "Transfer": {
            "type": "object",
            "required": ["kind", "iban"],
            "properties": {"kind": {"const": "transfer"}, "iban": {"type": "string"}},
        },
    },
}


@pytest.fixture(params=[rs_compiler, python_compiler], ids=["jsonschema-rs", "jsonschema"])
def compiler(request: pytest.FixtureRequest) -> Compiler:
    """Give each of the two compilers in turn."""
    made: Compiler = request.param()
    return made


def told(schema: Schema, data: object, compiler: Compiler) -> list[str]:
    judge = Judge(schema, compiler=compiler)
    problems = [str(problem) for problem in judge.problems(data)]
    assert judge.is_valid(data) is (not problems)
    return problems


PAYMENT_OF_NEITHER = "$.payment.kind: must be one of 'card', 'transfer'"
EMAILS: list[tuple[dict[str, Any], list[str]]] = [
    ({"to": "a@example.com", "subject": "Hi"}, []),
    ({"to": "a@example.com"}, ["$: required property 'subject' is missing"]),
    ({}, ["$: required property 'subject' is missing", "$: required property 'to' is missing"]),
    ({"to": "secret", "subject": 1}, ["$.subject: must be a string", "$.to: must match the format email"]),
    (
        {"to": "a@example.com", "subject": "", "template_id": "secret"},
        ["$: unexpected property 'template_id'; did you mean 'templateId'?"],
    ),
    ({"to": "a@example.com", "subject": "", "zzz": 1}, ["$: unexpected property 'zzz'"]),
    (
        {"to": "a@example.com", "subject": "", "priority": "secret"},
        ["$.priority: must be one of 'low', 'normal', 'high'"],
    ),
    (
        {"to": "a@example.com", "subject": "", "lines": [{}, {"amount": "secret"}, {"amout": 1}]},
        [
            "$.lines[1].amount: must be a number or null",
            "$.lines[2]: unexpected property 'amout'; did you mean 'amount'?",
        ],
    ),
    ({"to": "a@example.com", "subject": "", "payment": {"kind": "secret"}}, [PAYMENT_OF_NEITHER]),
    ({"to": "a@example.com", "subject": "", "payment": {}}, ["$.payment: required property 'kind' is missing"]),
    ({"to": "a@example.com", "subject": "", "payment": "secret"}, ["$.payment: must be an object"]),
    (
        {"to": "a@example.com", "subject": "", "payment": {"kind": "card", "brand": "secret"}},
        ["$.payment.brand: must be one of 'visa', 'amex'"],
    ),
    (
        {"to": "a@example.com", "subject": "", "payment": {"kind": "transfer"}},
        ["$.payment: required property 'iban' is missing"],
    ),
]


@pytest.mark.parametrize(("data", "expected"), EMAILS)
def test_a_problem_says_where_and_what_would_be_right(data: Any, expected: list[str], compiler: Compiler) -> None:
    problems = told(EMAIL, data, compiler)
    assert problems == expected
    assert "secret" not in "".join(problems)


def test_problems_of_one_payload_among_many_say_which(compiler: Compiler) -> None:
    assert Judge({"type": "object"}, compiler=compiler).problems([], 3) == [Problem("$", "must be an object", 3)]


def test_a_hundred_levels_are_judged(compiler: Compiler) -> None:
    schema = {"$ref": "#/$defs/node", "$defs": {"node": {"additionalProperties": {"$ref": "#/$defs/node"}}}}
    data: dict[str, Any] = {}
    for _ in range(99):
        data = {"a": data}
    assert Judge(schema, compiler=compiler).is_valid(data)


def test_a_dialect_that_is_not_known_is_an_error(compiler: Compiler) -> None:
    judge = Judge({"$schema": "http://json-schema.org/draft-03/schema#"}, compiler=compiler)
    with pytest.raises(MemshelfError, match=r"^\$schema: must be one of https://json-schema.org/draft/2020-12/schema"):
        judge.is_valid({})


def test_the_network_is_never_asked(compiler: Compiler) -> None:
    with pytest.raises(Exception, match=r"example\.invalid"):
        Judge({"$ref": "https://example.invalid/schema.json"}, compiler=compiler).is_valid({})


def test_a_schema_is_compiled_once_and_not_before_it_is_needed() -> None:
    compiled: list[Schema] = []
    started = threading.Barrier(8)

    def compiler(schema: Schema, dialect: str) -> Engine:
        compiled.append(schema)
        return rs_compiler()(schema, dialect)

    judge = Judge(EMAIL, compiler=compiler)
    assert compiled == []

    def ask(_: int) -> bool:
        started.wait()
        return judge.is_valid({"to": "a@example.com", "subject": ""})

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(8)))
    assert compiled == [EMAIL]


def test_jsonschema_rs_is_the_judge() -> None:
    assert default_compiler() is rs_compiler()


def test_jsonschema_stands_in_where_the_wheel_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    monkeypatch.delitem(sys.modules, "memshelf.judge_rs", raising=False)
    assert default_compiler() is python_compiler()
    assert Judge(EMAIL).problems({"to": "a@example.com"}) == [Problem("$", "required property 'subject' is missing")]


def test_without_any_validator_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("jsonschema_rs", "jsonschema"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in ("memshelf.judge_rs", "memshelf.judge_python"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ImportError, match=r"install jsonschema-rs, or .* jsonschema\[format-nongpl\]"):
        Judge(EMAIL).is_valid({})
