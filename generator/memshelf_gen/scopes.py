"""Follow dynamic references: each means one schema, once it is known on which way its value was reached.

`$dynamicRef` (2020-12) and `$recursiveRef` (2019-09) mean the outermost schema on the way with the anchor they name
(JSON Schema 2020-12, section 8.2.3.2). A way enters files, and parts with an `$id`. The first with an anchor wins, so
all that matters of a way is its scope: the schema that each anchor means on it.
"""

from __future__ import annotations

from typing import TypeAlias

from memshelf_gen.references import Place, References

Scope: TypeAlias = frozenset[tuple[str, Place]]
NOWHERE: Scope = frozenset()


def entered(references: References, scope: Scope, place: Place) -> Scope:
    """Give the scope after a way has gone on to a schema."""
    anchors = references.resources[place].dynamic if references.has_dynamic else {}
    known = dict(scope)
    return scope | {(anchor, target) for anchor, target in anchors.items() if anchor not in known}


def standing(references: References, place: Place) -> Scope:
    """Give the scope of a schema that is reached from the root of its file through all that it stands in."""
    scope = NOWHERE
    for length in range(len(place.steps) + 1):
        around = Place(place.source, place.steps[:length])
        scope = entered(references, scope, around) if around in references.resources else scope
    return scope


def meant(references: References, scope: Scope, place: Place, keyword: str, reference: str) -> Place:
    """Give the schema that a reference, under its keyword at a place, means within a scope. Raises Dangling."""
    target, anchor = _sought(references, place, keyword, reference)
    return target if anchor is None else dict(scope).get(anchor, target)


def meanings(references: References, place: Place, keyword: str, reference: str) -> set[Place]:
    """Give the schemas that a reference may mean on any way. Raises Dangling."""
    target, anchor = _sought(references, place, keyword, reference)
    if anchor is None:
        return {target}
    return {one.dynamic[anchor] for one in references.resources.values() if anchor in one.dynamic}


def _sought(references: References, place: Place, keyword: str, reference: str) -> tuple[Place, str | None]:
    """Give the schema that a reference means by itself, and the anchor if others with it may be meant."""
    target = references.target(place, reference)
    anchor = "" if keyword == "$recursiveRef" else reference.partition("#")[2]
    is_dynamic = keyword != "$ref" and references.resources[target].dynamic.get(anchor) == target
    return target, anchor if is_dynamic else None
