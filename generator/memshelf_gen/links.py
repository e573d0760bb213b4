"""Check the references of all documents: each leads to a schema, and none leads in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from memshelf_gen.circles import circles
from memshelf_gen.effort import MOST, excessive
from memshelf_gen.keywords import IN_PLACE, children, links
from memshelf_gen.problem import Problem
from memshelf_gen.references import Dangling, Place, References


def check_references(references: References) -> Iterator[Problem]:
    """Give every reference that leads nowhere, or back to itself, or on more ways than can be followed."""
    edges: dict[Place, list[Place]] = {}
    for place, schema in references.places():
        edges[place] = _in_place(references, place)
        for keyword, reference in links(schema, references.drafts[place.source]).items():
            try:
                target = references.target(place, reference)
            except Dangling as fault:
                if str(fault):
                    yield _problem(references, place, keyword, str(fault))
                continue
            edges[place].append(target)
    yield from _check_names_of_resources(references)
    found = [sorted(circle) for circle in circles(edges)]
    yield from (_circular(references, circle) for circle in found)
    for place in excessive(edges, without={place for circle in found for place in circle}):
        text = f"more than {MOST:,} schemas are asked about one value here; refer to each of them once"
        yield references.documents[place.source].problem(place.steps, text)


def _problem(references: References, place: Place, keyword: str, text: str) -> Problem:
    return references.documents[place.source].problem((*place.steps, keyword), text)


def _in_place(references: References, place: Place) -> list[Place]:
    """Give the schemas inside a schema that judge the same value."""
    schema, draft = references[place], references.drafts[place.source]
    if draft == "draft-07" and isinstance(schema, dict) and "$ref" in schema:
        return []
    return [place.below(steps) for steps, _ in children(schema, draft) if steps[0] in IN_PLACE]


def _check_names_of_resources(references: References) -> Iterator[Problem]:
    """Give every `$id` and every anchor that two schemas have."""
    for place, keyword, other in references.doubles:
        document = references.documents[place.source]
        schema = references[place]
        first = references.documents[other.source]
        mark = first.mark((*other.steps, keyword))
        text = f"{schema[keyword]!r} names another schema already, in {first.path}:{mark.line}"
        yield document.problem((*place.steps, keyword), text)


def _circular(references: References, circle: list[Place]) -> Problem:
    each = ((each, links(references[each], references.drafts[each.source])) for each in circle)
    place, keyword = next((place, keyword) for place, found in each for keyword in found)
    text = "leads back to itself without reaching a value, so that no payload can be judged"
    return _problem(references, place, keyword, f"{references[place][keyword]!r} {text}")
