"""Find a witness of a gap: a whole payload that one bundle takes and the other refuses, judged by both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema_rs.canonical import CanonicalizationError

from memshelf_gen.canonical import canonical
from memshelf_gen.gap import ANY, Gap, Path
from memshelf_gen.instances import instances
from memshelf_gen.judging import judge
from memshelf_gen.keywords import DEFAULT_DIALECT, schemas
from memshelf_gen.pairing import TAKEN, Pair, together
from memshelf_gen.pointers import pointer
from memshelf_gen.spec import Json

_TRIED = 400
"""Values that are tried for a place, and payloads around it."""
_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Looks for payloads that `taken` takes and `judging` refuses; both are bundles as the runtime has them."""

    taken: Json
    judging: Json

    def of(self, gap: Gap, pair: Pair) -> Any:
        """Give the smallest witness of a gap that is found; None when none is."""
        values = list(islice(_values(gap, pair), 40))
        if not values:
            return self.anywhere(gap.path)
        around = {"allOf": [self.taken, _around(gap.path, {"enum": values}, _patterns(pair))]}
        found = list(islice(filter(self.proves_at(gap.path), instances(around, _TRIED, root=self.taken)), _ENOUGH))
        if not found:
            return self.anywhere(gap.path)
        return self.smaller(min(found, key=_size), gap.path)

    def anywhere(self, path: Path = ()) -> Any:
        """Give the smallest payload of those that the schema suggests by itself that proves a change at a place."""
        found = list(islice(filter(self.proves_at(path), instances(self.taken, 2 * _TRIED)), _ENOUGH))
        return self.smaller(min(found, key=_size), path) if found else None

    def proves_at(self, path: Path) -> Any:
        """Give the function that tells whether a payload is taken by the one and refused by the other, at a place."""
        taking, judging = judge(self.taken), judge(self.judging)

        def proves(payload: Any) -> bool:
            if not isinstance(payload, dict) or not taking.is_valid(payload) or judging.is_valid(payload):
                return False
            return any(_meets(error.instance_path, path) for error in judging.iter_errors(payload))

        return proves

    def smaller(self, payload: Any, path: Path) -> Any:
        """Leave out of a witness what it does not need."""
        proves = self.proves_at(path)
        going = True
        while going:
            going = False
            for less in _less(payload):
                if proves(less):
                    payload, going = less, True
                    break
        return payload


def _values(gap: Gap, pair: Pair) -> Iterator[Any]:
    """Give values for the place itself: what is taken there without what still is, as far as it can be told."""
    said = [spot for spot in gap.taken if spot.address == TAKEN]
    refs: list[Json] = [{"$ref": pointer(spot.steps)} for spot in said if "not" not in spot.steps[-1:]]
    root = json.loads(json.dumps(pair.taken).replace(f'"{TAKEN}#', '"#'))
    taking, judging = pair.judge(together(gap.taken)), pair.judge(gap.narrow)
    for less in _subtracted(gap, pair):
        for value in instances({"allOf": [*refs, less]}, _TRIED, root=root):
            if taking.is_valid(value) and not judging.is_valid(value):
                yield value


def _subtracted(gap: Gap, pair: Pair) -> Iterator[Json | bool]:
    """Give hints at the difference: the canonical one if there is one, the schema's own values, and none."""
    dialect = {"$schema": DEFAULT_DIALECT}
    narrow = gap.narrow if isinstance(gap.narrow, dict) else {"allOf": [gap.narrow]}
    inner = narrow.get("not")
    if isinstance(inner, dict) and "const" in inner:
        yield inner
    if pair.is_endless():
        yield True
        return
    one = canonical({**dialect, "allOf": [together(gap.taken)]}, pair.around)
    other = canonical({**dialect, **{key: narrow[key] for key in narrow if key != "$schema"}}, pair.around)
    if one is not None and other is not None:
        try:
            made = one.subtract(other).to_json_schema()
        except CanonicalizationError:
            made = True
        if isinstance(made, dict) and "$ref" not in json.dumps(made):
            yield made
    yield True


def _patterns(pair: Pair) -> list[str]:
    """Give the regular expressions of names in both bundles: a member may have to match one."""
    every = [each for side in (pair.judging, pair.taken) for _, each in schemas(side, "2020-12")]
    return [regex for each in every if isinstance(each, dict) for regex in each.get("patternProperties", {})]


def _around(path: Path, inner: Json, patterns: list[str]) -> Json:
    """Give a schema of payloads in which something stands at a place."""
    for step in reversed(path):
        match step:
            case int():
                inner = {"type": "array", "minItems": step + 1, "prefixItems": [*[True] * step, inner]}
            case "*":
                lists = {"type": "array", "minItems": 1, "prefixItems": [inner]}
                objects: Json = {"type": "object", "minProperties": 1, "additionalProperties": inner}
                objects["patternProperties"] = dict.fromkeys(patterns, inner)
                inner = {"anyOf": [lists, objects]}
            case _:
                inner = {"type": "object", "required": [step], "properties": {step: inner}}
    return inner


def _meets(error: Any, path: Path) -> bool:
    """Tell whether an error stands at a place, above it, or below it."""
    steps = list(error)
    return all(one == other or other == ANY for one, other in zip(steps, path, strict=False))


def _less(payload: Any) -> Iterator[Any]:
    """Give a payload with one member or item less, at every depth."""
    if isinstance(payload, dict):
        for key in payload:
            yield {name: value for name, value in payload.items() if name != key}
        for key, value in payload.items():
            for less in _less(value):
                yield {**payload, key: less}
    elif isinstance(payload, list):
        for index in range(len(payload) - 1, -1, -1):
            yield [*payload[:index], *payload[index + 1 :]]
        for index, value in enumerate(payload[:20]):
            for less in _less(value):
                yield [*payload[:index], less, *payload[index + 1 :]]
    elif isinstance(payload, str) and len(payload) > 8:
        yield payload[: len(payload) // 2]
        yield payload[:-1]


def _size(payload: Any) -> int:
    return len(json.dumps(payload))
