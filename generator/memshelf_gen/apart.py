"""Bundle the files of a job apart from each other, where dynamic references or several drafts need that.

`$dynamicRef` (2020-12) and `$recursiveRef` (2019-09) mean the outermost schema on the way to the value that has the
anchor, and each `$id` begins a new part of that way. So each file keeps an `$id` and stands whole in the definitions,
as JSON Schema 2020-12 describes in section 9.3 (bundling), and references become addresses of these parts.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from memshelf_gen.keywords import DEFAULT_DIALECT, children, filled, is_private
from memshelf_gen.naming import module_name
from memshelf_gen.references import REFERENCES, Place, References
from memshelf_gen.spec import Json

_DYNAMIC = {"$dynamicRef": "$dynamicAnchor", "$recursiveRef": "$recursiveAnchor"}


def needs_apart(references: References, source: str) -> bool:
    """Tell whether a file can reach files of other drafts, or a dynamic reference with several possible meanings."""
    if len(set(references.drafts.values())) > 1:
        reached = _reached(references, source)
        if len({references.drafts[each] for each in reached}) > 1:
            return True
    return references.has_dynamic and _is_dynamic(references, source)


def _is_dynamic(references: References, source: str) -> bool:
    """Tell whether a dynamic reference that a file can reach has more than one schema that it could mean."""
    anchors: Counter[object] = Counter()
    sought: set[object] = set()
    for _, schema in references.places(*_reached(references, source)):
        if not isinstance(schema, dict):
            continue
        for reference, anchor in _DYNAMIC.items():
            if schema.get(anchor):
                anchors[schema[anchor]] += 1
            if reference in schema:
                sought.add(schema[reference].partition("#")[2] or True)
    return any(anchors[each] > 1 for each in sought)


def bundle_apart(references: References, source: str) -> Json:
    """Give the file's schema with every file that it can reach in its definitions, whole and under its own `$id`."""
    root, *others = _reached(references, source)
    copied = _whole(references, root)
    container = "definitions" if references.drafts[root] == "draft-07" else "$defs"
    for other in others:
        name = other if references.is_published(other) else module_name(other)
        copied[container] = {**copied.get(container, {}), name: _whole(references, other)}
    return copied


def _reached(references: References, source: str) -> list[str]:
    """Give a file and all files that its references lead to, in the order of discovery."""
    found = [source]
    for each in found:
        for place, schema in references.places(each):
            for keyword in REFERENCES if isinstance(schema, dict) else ():
                if keyword in schema:
                    target = references.target(place, schema[keyword]).source
                    found += [target] if target not in found else []
    return found


def _whole(references: References, source: str) -> Json:
    place = Place(source)
    dialect = references[place].get("$schema", DEFAULT_DIALECT)
    own: Json = _copy(references, place)
    own = {key: value for key, value in own.items() if key not in ("$schema", "$id")}
    return {"$schema": dialect, "$id": references.resources[place].url, **own}


def _copy(references: References, place: Place) -> Any:
    schema = references[place]
    if not isinstance(schema, dict):
        return schema
    draft = references.drafts[place.source]
    inside = {steps: _copy(references, place.below(steps)) for steps, _ in children(schema, draft)}
    copied: Json = {}
    for keyword, value in schema.items():
        if is_private(keyword):
            continue
        copied[keyword] = (
            _address(references, place, value) if keyword in REFERENCES else filled(keyword, value, inside)
        )
    return copied


def _address(references: References, place: Place, reference: str) -> str:
    """Give a reference to another file the address that this file has in the bundle."""
    address, _, fragment = reference.partition("#")
    if not address:
        return reference
    url = references.resources[references.target(place, address)].url
    return f"{url}#{fragment}" if fragment else url
