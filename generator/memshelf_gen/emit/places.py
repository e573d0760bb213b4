"""Find a schema by its place: the file, and the path inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from memshelf_gen.pointers import steps_in
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

    def definitions(self, source: str) -> Iterator[Place]:
        """Give the document itself and each of its definitions."""
        yield Place(source)
        for keyword in ("$defs", "definitions"):
            found = self._documents[source].get(keyword)
            for key in found if isinstance(found, dict) else ():
                yield Place(source, (keyword, key))

    def target(self, reference: object) -> Place | None:
        """Give the place that a `$ref` means, or None when there is no such place."""
        if not isinstance(reference, str):
            return None
        source, _, fragment = reference.rpartition("#")
        target = Place(source, tuple(steps_in(fragment)))
        return target if source in self._documents and target in self else None

    def extends(self, place: Place) -> bool:
        """Tell whether a schema refers to another and names properties too, which draft-07 ignores."""
        schema = self[place]
        dialect = self._documents[place.source].get("$schema")
        return {"$ref", "properties"} <= schema.keys() and "draft-07" not in str(dialect)

    def together(self, place: Place) -> list[Place]:
        """Give the other schemas that hold wherever this one does: those of its `allOf`, and what it extends."""
        schema = self[place]
        target = self.target(schema.get("$ref"))
        referred = [] if target is None else [target]
        branches = schema.get("allOf")
        if not isinstance(branches, list) or ("$ref" in schema and not self.extends(place)):
            return referred
        return [*referred, *(place.below("allOf", index) for index in range(len(branches)))]

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
            here = self.target(schema.get("$ref"))
        return absent
