"""Find a schema by its place: the file, and the path inside it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from memshelf_gen.circles import circles
from memshelf_gen.spec import Json, ProjectSpec


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One position in one schema file."""

    source: str
    path: tuple[str, ...] = ()
    """The steps from the document's root: `("properties", "lines", "items")`."""

    def below(self, *steps: str | int) -> Place:
        """Give the place some steps further down."""
        return Place(self.source, (*self.path, *map(str, steps)))


class Places:
    """All schema files of a project, addressed by place."""

    def __init__(self, project: ProjectSpec) -> None:
        self._documents: dict[str, Json] = {job.source: job.schema for job in project.jobs}
        self._documents.update({shared.source: shared.schema for shared in project.shared})
        self._sources = {
            document["$id"].rstrip("#"): source
            for source, document in self._documents.items()
            if isinstance(document.get("$id"), str)
        }

    def __getitem__(self, place: Place) -> Any:
        """Give what stands at a place; a place that does not exist admits everything."""
        found: Any = self._documents[place.source]
        for step in place.path:
            match found:
                case dict() if step in found:
                    found = found[step]
                case list() if step.isdecimal() and int(step) < len(found):
                    found = found[int(step)]
                case _:
                    return True
        return found

    def __contains__(self, place: Place) -> bool:
        return self[place] is not True

    def is_opaque(self, place: Place) -> bool:
        """Tell whether references below this place have a base address of their own."""
        schema = self[place]
        return bool(place.path) and isinstance(schema, dict) and "$id" in schema

    def definitions(self, source: str) -> Iterator[Place]:
        """Give the document itself and each of its definitions."""
        yield Place(source)
        for keyword in ("$defs", "definitions"):
            found = self._documents[source].get(keyword)
            for key in found if isinstance(found, dict) else ():
                yield Place(source, (keyword, key))

    def target(self, place: Place, reference: object) -> Place | None:
        """Give the place that a `$ref` at this place means, or None when it is not in the project."""
        if not isinstance(reference, str):
            return None
        address, fragment = urldefrag(reference)
        source = place.source if not address else self._source(place.source, address)
        if source is None:
            return None
        if fragment and not fragment.startswith("/"):
            return self._anchored(source, fragment)
        steps = [unquote(step).replace("~1", "/").replace("~0", "~") for step in fragment.split("/")[1:]]
        target = Place(source, tuple(steps))
        return target if target in self else None

    def annotation(self, place: Place, keyword: str, absent: Any, *, through: bool = True) -> Any:
        """Give an annotation such as `description`: the schema's own, or else (`through`) that of what it refers to."""
        seen: set[Place] = set()
        here: Place | None = place
        while here is not None and here not in seen:
            seen.add(here)
            schema = self[here]
            if not isinstance(schema, dict):
                return absent
            if keyword in schema:
                return schema[keyword]
            if not through:
                return absent
            here = self.target(here, schema.get("$ref"))
        return absent

    @cached_property
    def circular(self) -> frozenset[str]:
        """The files that refer to each other in a circle."""
        near = {source: self._near(source) for source in self._documents}
        return frozenset(source for circle in circles(near) for source in circle if len(circle) > 1)

    def _near(self, source: str) -> set[str]:
        """Give every other file that a file refers to."""
        place = Place(source)
        found = {target.source for each in set(_references(self[place])) if (target := self.target(place, each))}
        return found - {source}

    def _source(self, source: str, address: str) -> str | None:
        near = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(address)))
        if near in self._documents:
            return near
        own = self._documents[source].get("$id")
        return self._sources.get(urljoin(own, address) if isinstance(own, str) else address)

    def _anchored(self, source: str, anchor: str) -> Place | None:
        waiting = [Place(source)]
        while waiting:
            place = waiting.pop()
            found = self[place]
            if isinstance(found, dict) and found.get("$anchor") == anchor:
                return place
            steps = found if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ()
            named = place.path[-1:] in (("properties",), ("$defs",), ("definitions",))
            waiting += [place.below(step) for step in steps if named or step not in ("enum", "const", "examples")]
        return None


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
