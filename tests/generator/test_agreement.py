"""The models of schemas made up at random take what the judge takes, and give it back."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from memshelf.judge import Judge
from memshelf.payload import read, wire
from memshelf_gen.emit.models import payloads
from memshelf_gen.emit.style import shape
from memshelf_gen.naming import name_job
from memshelf_gen.spec import JobSpec, ProjectSpec, RetrySpec
from tests.generator.projects import Json

KEYS = ["a", "b", "kind", "class", "a-b", "A"]
TEXTS = ["", "x", "card", "cash", "12", "2020-01-01", "true"]
NUMBERS: list[int | float] = [0, 1, -1, 2, 5, 10, 2**40, 0.5, 1.0, 2.5, -3.25]
REFERENCES = ["#", "#/$defs/X", "#/$defs/Y"]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes schemas up, and values that are likely to fit them."""

    random: Random

    def root(self) -> Json:
        schema = self.object(0)
        return {**schema, "type": "object", "$defs": {"X": self.schema(1), "Y": self.schema(1)}}

    def schema(self, depth: int) -> Any:
        simple = ["any", "scalar", "scalar", "enum", "const", "reference", "text", "number"]
        kind = self.random.choice(simple if depth > 3 else [*simple, "union", "all", "list", "types", *["object"] * 4])
        match kind:
            case "any":
                return self.random.choice([{}, True])
            case "scalar":
                return {"type": self.random.choice(["string", "integer", "number", "boolean", "null"])}
            case "enum":
                return {"enum": [self.value(2) for _ in range(self.random.randint(1, 3))]}
            case "const":
                return {"const": self.value(2)}
            case "reference":
                return {"$ref": self.random.choice(REFERENCES)}
            case "text":
                return {"type": "string", "minLength": self.random.randint(0, 2), "maxLength": 5.0}
            case "number":
                limit = self.random.choice(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
                number = self.random.choice([1, 2, 0.5, 2.0])
                return {"type": self.random.choice(["integer", "number"]), limit: number, "default": self.value(2)}
            case "union":
                return {self.random.choice(["oneOf", "anyOf"]): self.schemas(depth)}
            case "all":
                return {"allOf": self.schemas(depth)}
            case "list":
                return {"type": "array", "items": self.schema(depth + 1), "maxItems": self.random.randint(1, 3)}
            case "types":
                types = self.random.sample(["string", "integer", "null", "object", "array", "boolean"], 3)
                return {"type": types, "properties": {"a": self.schema(depth + 1)}, "items": self.schema(depth + 1)}
            case _:
                return self.object(depth)

    def object(self, depth: int) -> Json:
        below = depth + 1
        properties = {key: self.schema(below) for key in self.random.sample(KEYS, self.random.randint(0, 4))}
        often: dict[str, Callable[[], Any]] = {
            "required": lambda: self.random.sample(KEYS, 1),
            "additionalProperties": lambda: self.random.choice([False, False, True, {"type": "string"}]),
            "default": lambda: self.value(1),
        }
        seldom: dict[str, Callable[[], Any]] = {
            "patternProperties": lambda: {"^a": self.schema(below)},
            "unevaluatedProperties": lambda: False,
            "if": lambda: self.schema(below),
            "then": lambda: self.schema(below),
            "not": lambda: self.schema(below),
            "oneOf": lambda: self.schemas(below),
        }
        kind = {"type": "object"} if self.random.random() < 0.9 else {}
        return {**kind, "properties": properties, **self.some(often, 0.4), **self.some(seldom, 0.07)}

    def schemas(self, depth: int) -> list[Any]:
        return [self.schema(depth + 1) for _ in range(self.random.randint(1, 3))]

    def some(self, keywords: dict[str, Callable[[], Any]], chance: float) -> Json:
        return {key: make() for key, make in keywords.items() if self.random.random() < chance}

    def value(self, depth: int) -> Any:
        inner = [] if depth > 2 else ["list", "object"]
        match self.random.choice(["text", "number", "truth", *inner]):
            case "text":
                return self.random.choice(TEXTS)
            case "number":
                return self.random.choice(NUMBERS)
            case "list":
                return [self.value(depth + 1) for _ in range(self.random.randint(0, 3))]
            case "object":
                return {key: self.value(depth + 1) for key in self.random.sample([*KEYS, "zz"], 2)}
            case _:
                return self.random.choice([True, False, None])

    def fitting(self, schema: Any, root: Json, depth: int = 0) -> Any:
        """Make a value that has a good chance to be valid."""
        match schema:
            case _ if depth > 6:
                return self.value(depth)
            case {"$ref": str(reference)}:
                target = root if reference == "#" else root["$defs"][reference[-1]]
                return self.fitting(target, root, depth + 1)
            case {"const": value}:
                return value
            case {"enum": list(values)}:
                return self.random.choice(values)
            case {"oneOf": list(branches)} | {"anyOf": list(branches)} | {"allOf": list(branches)}:
                return self.fitting(self.random.choice(branches), root, depth + 1)
            case {"type": list(types)}:
                return self.fitting({**schema, "type": self.random.choice(types)}, root, depth)
            case {"type": "string"}:
                return self.random.choice(TEXTS)
            case {"type": "integer" | "number"}:
                return self.random.choice(NUMBERS)
            case {"type": "array"}:
                return [self.fitting(schema.get("items"), root, depth + 1) for _ in range(self.random.randint(0, 2))]
            case {"properties": dict(properties)}:
                wanted = {key for key in properties if self.random.random() < 0.6} | {*schema.get("required", [])}
                return {key: self.fitting(properties.get(key), root, depth + 1) for key in sorted(wanted)}
            case _:
                return self.value(depth)


@pytest.mark.parametrize("seed", range(12))
def test_a_valid_payload_is_taken_and_given_back(seed: int) -> None:
    maker = Maker(Random(seed))
    valid = 0
    for number in range(10):
        schema = maker.root()
        judge = Judge(schema)
        with model_of(schema, f"agreement_{seed}_{number}") as model:
            for _ in range(30):
                payload = maker.fitting(schema, schema)
                if isinstance(payload, dict) and not judge.problems(payload):
                    valid += 1
                    assert same(wire(read(model, payload)), payload), (schema, payload)
    assert valid > 20


class model_of:
    """Make the payload model of a schema; its module goes with the block."""

    def __init__(self, schema: Json, name: str) -> None:
        spec = JobSpec(
            names=name_job("thing.json"),
            source="thing.json",
            description="",
            version=1,
            queue="default",
            priority=5,
            concurrency=None,
            retries=RetrySpec(),
            max_lost=5,
            timeout=None,
            acknowledge="batched",
            isolation=None,
            max_payload=1,
            previous_names=(),
            schedule=(),
            schema=schema,
            bundle=schema,
            digest="",
        )
        self.text = shape(payloads(ProjectSpec((spec,), ()), schemas="schemas")["models/thing.py"])
        self.module = ModuleType(name)

    def __enter__(self) -> type[BaseModel]:
        sys.modules[self.module.__name__] = self.module
        exec(compile(self.text, self.module.__name__, "exec"), self.module.__dict__)
        model: type[BaseModel] = self.module.ThingPayload
        return model

    def __exit__(self, *_: object) -> None:
        del sys.modules[self.module.__name__]


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1, but 1.0 is."""
    return json.dumps(list(leaves(one)), sort_keys=True) == json.dumps(list(leaves(other)), sort_keys=True)


def leaves(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    match value:
        case dict():
            yield path, sorted(value)
            for key in sorted(value):
                yield from leaves(value[key], f"{path}.{key}")
        case list():
            yield path, len(value)
            for index, item in enumerate(value):
                yield from leaves(item, f"{path}[{index}]")
        case float() if value == int(value):
            yield path, int(value)
        case _:
            yield path, value
