"""Name the class of each object in a schema after the place where it stands."""

from __future__ import annotations

from memshelf_gen.emit.fields import RESERVED_CLASSES, class_name, singular
from memshelf_gen.emit.places import Place, Places
from memshelf_gen.spec import ProjectSpec


class ClassNames:
    """The names of one project's classes: given on first request, all different within one file.

    Files that refer to each other in a circle count as one, because their classes stand in one module.

    A payload is `EmailPayload`, an entry of `$defs` has its own name (`Card`), and an object inside another is named
    after it: `EmailPayloadLine` is one of the `lines` of an `EmailPayload`.
    """

    def __init__(self, project: ProjectSpec, places: Places) -> None:
        self._places = places
        self._circular = places.circular
        self._taken: dict[str, set[str]] = {}
        self._names: dict[Place, str] = {}
        for job in project.jobs:
            self._name(Place(job.source), f"{job.names.class_stem}Payload")
        sources = [job.source for job in project.jobs] + [shared.source for shared in project.shared]
        for source in sources:
            for place in places.definitions(source):
                if place.path:
                    self._name(place, class_name(place.path[-1]))
        for shared in project.shared:
            self._name(Place(shared.source), class_name(shared.module.rpartition(".")[2]))

    def __getitem__(self, place: Place) -> str:
        """Give the name of the class at a place."""
        if place not in self._names:
            self._name(place, self._wish(place))
        return self._names[place]

    def _wish(self, place: Place) -> str:
        """Compose a name of the nearest named place above and the steps from there."""
        above = Place(place.source, place.path[:-1])
        return (self._names.get(above) or self._wish(above)) + self._step(place)

    def _step(self, place: Place) -> str:
        """Say what a place is to the one above it; empty for steps that only lead on."""
        *above, step = place.path
        match above[-1] if above else "":
            case "properties":
                listed = self._places[place]
                plural = isinstance(listed, dict) and listed.get("type") == "array"
                return class_name(singular(step) if plural else step)
            case "anyOf" | "oneOf":
                return class_name(self._tag(place)) or f"Variant{int(step) + 1}"
            case _:
                return "Value" if step in ("additionalProperties", "patternProperties") else ""

    def _tag(self, place: Place) -> str:
        """Give the value of the constant property that tells a variant from its neighbours."""
        schema = self._places[place]
        properties = schema.get("properties") if isinstance(schema, dict) else None
        for value in properties.values() if isinstance(properties, dict) else ():
            if isinstance(value, dict) and isinstance(value.get("const"), str):
                return str(value["const"])
        return ""

    def _name(self, place: Place, wish: str) -> None:
        # A name without capitals could be a field's too, and a field hides the class of its own name.
        plain = wish.isidentifier() and wish not in RESERVED_CLASSES and wish != wish.lower()
        wish = wish if plain else f"{wish or 'Nameless'}Model"
        wish = wish if wish.isidentifier() else f"Model{wish}"
        taken = self._taken.setdefault("" if place.source in self._circular else place.source, set())
        free, number = wish, 2
        while free in taken:
            free, number = f"{wish}{number}", number + 1
        taken.add(free)
        self._names[place] = free
