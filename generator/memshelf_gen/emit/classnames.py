"""Name the class of each object in a schema after the place where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.emit.distinct import Wish, distinct, spelled
from memshelf_gen.emit.fields import RESERVED_CLASSES, class_name, singular
from memshelf_gen.emit.places import Place, Places
from memshelf_gen.emit.variants import tags
from memshelf_gen.spec import ProjectSpec

_INSIDE = {"additionalProperties", "items"}
_NAMED = {"$defs", "allOf", "anyOf", "definitions", "oneOf", "patternProperties", "prefixItems", "properties"}
"""Keywords below which the classes of a payload stand: one schema, and several with a name or a number each."""


def class_names(project: ProjectSpec, places: Places, classes: Collection[Place]) -> dict[Place, str]:
    """Give the name of each class, all different within one file; other files do not matter.

    A payload is `EmailPayload`, an entry of `$defs` has its own name (`Card`), and an object inside another is named
    after it: `EmailPayloadLine` is one of the `lines` of an `EmailPayload`. Names are given from the outside inwards,
    those of one depth at once, so that none depends on the order in a schema, or on a neighbour that wants another.
    """
    modules = {shared.source: shared.module for shared in project.shared}
    namer = _Namer(places, {job.source: job.names.class_stem for job in project.jobs}, modules)
    # Whatever could be a class has a name, or another would lose its own on the day that it becomes one.
    named = {place for source in (*namer.stems, *modules) for place in places.definitions(source)}
    named |= {place for source in (*namer.stems, *modules) for place in _objects(places, source)}
    levels: dict[tuple[str, int], list[Place]] = {}
    for place in named.union(map(_owner, classes)):
        levels.setdefault((place.source, namer.level(place)), []).append(place)
    taken: dict[str, set[str]] = {}
    for (source, _), alike in sorted(levels.items()):
        names = distinct({place: namer.wish(place) for place in alike}, taken.setdefault(source, set()))
        taken[source].update(names.values())
        namer.names.update(names)
    return {place: namer.names[_owner(place)] for place in classes}


@dataclass(frozen=True, slots=True)
class _Namer:
    """Says what a class would be called, once those around it have their names."""

    places: Places
    stems: Mapping[str, str]
    """What a job's classes begin with, for the files of jobs."""
    modules: Mapping[str, str]
    """The modules of the other files."""
    names: dict[Place, str] = field(default_factory=dict)
    tags: dict[Place, list[str]] = field(default_factory=dict)

    def level(self, place: Place) -> int:
        """Give the turn of a place: a payload, definitions, a file of definitions, and what is nested, by its depth."""
        if not place.path:
            return 0 if place.source in self.stems else 2
        return 1 if _is_definition(place) else 2 + len(place.path)

    def wish(self, place: Place) -> Wish:
        """Say what the class at a place would be called."""
        if not place.path:
            name, apart, rank = self._file(place.source)
        elif _is_definition(place):
            own = place.path[-1]
            name = class_name(own)
            apart, rank = f"{name}{class_name(spelled(own))}", int(name != own)
        else:
            name, apart, rank = self._nested(place)
        return Wish(_safe(name), _safe(apart), (rank, *place.path), "/".join(place.path))

    def _file(self, source: str) -> tuple[str, str, int]:
        if source in self.stems:
            return f"{self.stems[source]}Payload", f"{self.stems[source]}PayloadModel", 0
        name = class_name(self.modules[source].rpartition(".")[2])
        return name, f"{name}File", 0

    def _nested(self, place: Place) -> tuple[str, str, int]:
        """Compose a name of the nearest class or definition above, and of the steps that lead from there."""
        above = Place(place.source, place.path[:-1])
        own, apart, rank = self._step(place)
        if above in self.names:
            around = self.names[above]
        else:
            around, other, before = self._nested(above)
            if not own:
                return around, other, before
        return around + own, around + apart, rank

    def _step(self, place: Place) -> tuple[str, str, int]:
        """Say what a place is to the one above it: shortly, so that it is told apart, and which comes first.

        Steps that only lead on are empty.
        """
        step = place.path[-1]
        match _keyword_above(place.path):
            case "properties":
                whole = class_name(step)
                listed = self.places[place]
                if isinstance(listed, dict) and listed.get("type") == "array":
                    return class_name(singular(step)), f"{whole}Item", 2
                return whole, f"{whole}{class_name(spelled(step))}", int(whole != step[:1].upper() + step[1:])
            case "anyOf" | "oneOf":
                number = f"Variant{int(step) + 1}"
                return self._variant(place) or number, number, 0
            case "" if step in ("additionalProperties", "patternProperties"):
                return "Value", "Value", 0
            case _:
                return "", "Item" if step == "items" else "Part", 0

    def _variant(self, place: Place) -> str:
        around = Place(place.source, place.path[:-1])
        if around not in self.tags:
            self.tags[around] = tags(self.places, around)
        return class_name(self.tags[around][int(place.path[-1])])


def _objects(places: Places, source: str) -> Iterator[Place]:
    """Give each place in a file that is an object by its own type."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), places[Place(source)])]
    while waiting:
        path, schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        if "properties" in schema or "object" in (schema.get("type"), *_listed(schema.get("type"))):
            yield Place(source, path)
        for keyword in _INSIDE & schema.keys():
            waiting.append(((*path, keyword), schema[keyword]))
        for keyword in _NAMED & schema.keys():
            inner = schema[keyword]
            steps = inner.items() if isinstance(inner, dict) else enumerate(_listed(inner))
            waiting += [((*path, keyword, str(step)), each) for step, each in steps]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _keyword_above(path: tuple[str, ...]) -> str:
    """Give the keyword that the last step is a name or a number below; empty if that step is a keyword itself.

    A property may be called `oneOf`.
    """
    above = opened = ""
    for step in path:
        above, opened = opened, step if not opened and step in _NAMED else ""
    return above


def _owner(place: Place) -> Place:
    """Give the place whose name a class has: an object that is one of several types has that of the whole."""
    return Place(place.source, place.path[:-2]) if place.path[-2:] == ("type", "object") else place


def _is_definition(place: Place) -> bool:
    return len(place.path) == 2 and place.path[0] in ("$defs", "definitions")


def _safe(name: str) -> str:
    """Make a name that neither means something else in generated code nor could be a field's.

    A field hides the class of its own name, and names of fields have no capitals.
    """
    plain = name.isidentifier() and name not in RESERVED_CLASSES and name != name.lower()
    name = name if plain else f"{name or 'Nameless'}Model"
    return name if name.isidentifier() else f"Model{name}"
