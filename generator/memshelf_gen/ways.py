"""Count the ways on which a value may be valid: the alternatives of conditions and branches that hold together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.keywords import children
from memshelf_gen.pointers import follow
from memshelf_gen.spec import Json

_MANY = 1_000_000
_DEEP = 150
"""How far the count goes into a schema; what lies deeper costs no more than what has been counted."""


def ways(schema: Json | bool, documents: Mapping[str, Json]) -> int:
    """Give the most ways at any place of a schema of draft 2020-12: `allOf` multiplies, `anyOf` and `oneOf` add.

    Args:
        schema: The schema; a reference without an address leads into it.
        documents: What references with an address lead into.
    """
    counting = _Counting({"": schema, **documents})
    counting.here(schema, 0)
    return counting.most


@dataclass(slots=True)
class _Counting:
    documents: Mapping[str, Any]
    most: int = 1
    known: dict[str, int] = field(default_factory=dict)

    def here(self, schema: Any, depth: int) -> int:
        """Give the ways for one value, and note the most."""
        if not isinstance(schema, dict) or depth > _DEEP:
            return 1
        counts: dict[str, list[int]] = {}
        for steps, child in children(schema, "2020-12"):
            counts.setdefault(str(steps[0]), []).append(self.here(child, depth + 1))
        found = self.target(schema["$ref"], depth) if isinstance(schema.get("$ref"), str) else 1
        for keyword in ("allOf", "not"):
            for each in counts.get(keyword, ()):
                found = min(found * each, _MANY)
        for keyword in ("anyOf", "oneOf"):
            found = min(found * sum(counts.get(keyword, [1])), _MANY)
        for each in counts.get("dependentSchemas", ()):
            found = min(found * (each + 1), _MANY)
        if "if" in counts:
            found = min(found * sum(counts.get(keyword, [1])[0] for keyword in ("then", "else")), _MANY)
        self.most = max(self.most, found)
        return found

    def target(self, reference: str, depth: int) -> int:
        """Give the ways of what a reference means; within itself a schema adds none."""
        if reference not in self.known:
            self.known[reference] = 1
            address, _, fragment = reference.partition("#")
            try:
                _, schema = follow(self.documents[address], f"#{fragment}")
            except LookupError:
                return 1
            self.known[reference] = self.here(schema, depth + 1)
        return self.known[reference]
