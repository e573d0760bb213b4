"""Relax schemas into ones that admit at least as much and that datamodel-code-generator types exactly.

Judging payloads is the work of the bundled JSON Schema. The models are its typed view: they must take every valid
payload and may take more. So whatever a Python type cannot say exactly is left out here: patterns, `not`, `if`,
enumerations of numbers (1.0 is a valid 1). Each object with properties becomes a class; everything else is written
where it is used. A schema without a type admits everything else beside its objects and lists, and so does its type. A
reference that runs in a circle without passing a class is Any.
A format refuses nothing here: it chooses the kind of `str` that reads it (readings.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from memshelf_gen.emit.admitted import admitted
from memshelf_gen.emit.asked import asked
from memshelf_gen.emit.classnames import class_names
from memshelf_gen.emit.defaults import default_of
from memshelf_gen.emit.fields import field_names
from memshelf_gen.emit.kinds import (
    KINDS,
    Vagueness,
    enumeration,
    field_limits,
    limits,
    narrowed,
    plain,
    unite,
    vagueness,
)
from memshelf_gen.emit.parts import Part, gather, gather_object, gather_root
from memshelf_gen.emit.places import Place, Places
from memshelf_gen.emit.readings import reading
from memshelf_gen.emit.shape import Absent, ClassShape, FieldShape, Relaxed, RelaxedFile
from memshelf_gen.emit.tags import find_tags
from memshelf_gen.keywords import DEFAULT_DIALECT, IN_PLACE
from memshelf_gen.spec import Json, ProjectSpec

_DECIDING = frozenset(("type", "$ref", "enum", "const", "oneOf", "anyOf", "allOf"))
"""Keywords by which a schema may say what kind of value it is about."""
_EVALUATING = IN_PLACE | {"contains", "$ref", "$dynamicRef", "$recursiveRef"}


def relax(project: ProjectSpec) -> Relaxed:
    """Give every file's classes."""
    places = Places(project)
    relaxer = _Relaxer(places)
    for job in project.jobs:
        relaxer.make_root(Place(job.source), job.description)
    for shared in project.shared:
        for place in places.definitions(shared.source):
            relaxer.relax(place)
    return relaxer.result(project)


@dataclass(slots=True)
class _Relaxer:
    places: Places
    classes: dict[Place, ClassShape | None] = field(default_factory=dict)
    """The classes made so far, which have their names when all are; None while one is in the making."""
    keys: int = 0
    """How many keys were given; a job's class has another than before if some job of before referred to it."""
    documents: dict[Place, Json] = field(default_factory=dict)
    unions: list[tuple[Place, ...]] = field(default_factory=list)
    active: set[Place] = field(default_factory=set)
    begun: dict[Place, Json] = field(default_factory=dict)
    """What is known already of places that are not finished: that an object there will be of their class."""
    loose: set[Place] = field(default_factory=set)
    """The payloads whose own schema admits more than objects: so does a reference to one of them."""
    untyped: dict[Place, None] = field(default_factory=dict)
    """The properties whose fields are Any."""

    def make_root(self, place: Place, description: str) -> None:
        """Make a job's payload class: always a class, whatever keywords its schema uses."""
        if gather(self.places, place) is None:
            self.loose.add(place)
        self.make_class(place, gather_root(self.places, place), description)

    def relax(self, place: Place) -> Json:
        """Give the relaxed schema at a place; `{}` admits everything."""
        if place in self.loose:
            return narrowed(
                unite([{"$ref": place}, *(plain(kind) for kind in KINDS if kind != "object")]), self.kinds(place)
            )
        if place in self.classes:
            return {"$ref": place}
        if place in self.active:
            return self.begun.get(place, {})
        self.active.add(place)
        try:
            return self.relax_new(place, self.places[place])
        finally:
            self.active.discard(place)

    def relax_new(self, place: Place, schema: Any) -> Json:
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema and not self.places.extends(place):
            target = self.places.target(schema["$ref"])
            return {} if target is None else self.relax(target)
        if "const" in schema:
            return enumeration([schema["const"]])
        if "enum" in schema:
            return enumeration(schema["enum"])
        if (only := self.only_branch(place, schema)) is not None:
            return self.relax(only)
        if (part := gather(self.places, place)) and part.properties:
            return self.make_class(place, part, self.description(place))
        return self.clearest(place, schema)

    def only_branch(self, place: Place, schema: Json) -> Place | None:
        """Give the one branch of an `allOf` that only wraps a reference, to describe it anew for instance."""
        wraps = isinstance(schema.get("allOf"), list) and len(schema["allOf"]) == 1
        return place.below("allOf", 0) if wraps and not schema.keys() & {"type", "properties", "required"} else None

    def union(self, place: Place, schema: Json) -> Json:
        """Give the union of `oneOf` or `anyOf`; `{}` where it says nothing about types."""
        keyword = "oneOf" if "oneOf" in schema else "anyOf"
        branches = schema.get(keyword)
        if not isinstance(branches, list):
            return {}
        united = unite([self.relax(place.below(keyword, index)) for index in range(len(branches))])
        self.unions.append(tuple(one["$ref"] for one in united.get("anyOf", []) if "$ref" in one))
        return united

    def clearest(self, place: Place, schema: Json) -> Json:
        """Give the reading that says most. All of them hold; those that come later are tried only where it pays."""
        kinds = self.kinds(place)
        found: list[Json] = [{}]
        for read in (self.union, self.typed, self.of_no_type, self.of_all):
            if (best := min(found, key=vagueness)) and vagueness(best) is Vagueness.NONE:
                return best
            found.append(narrowed(read(place, schema), kinds))
        return min(found, key=vagueness)

    def of_all(self, place: Place, schema: Json) -> Json:
        """Give the branch of `allOf`, or the target of a reference, that says most; of objects all is gathered."""
        branches = [(each, self.places[each]) for each in self.places.together(place)]
        relaxed = [self.relax(each) for each, one in branches if isinstance(one, dict) and _DECIDING & one.keys()]
        return min(relaxed, key=vagueness, default={})

    def of_no_type(self, place: Place, schema: Json) -> Json:
        """Give what a schema without a type says of objects and of lists, beside everything else that it admits."""
        if "type" in schema:
            return {}
        found = self.several(place, schema, KINDS)
        members = found.get("anyOf", [])
        return (
            found
            if any("$ref" in one or one.get("items") or one.get("additionalProperties") for one in members)
            else {}
        )

    def kinds(self, place: Place) -> tuple[str, ...]:
        """Give the types that a schema itself lists; all where it lists none."""
        kind = self.places[place].get("type", KINDS)
        return (kind,) if isinstance(kind, str) else tuple(kind)

    def typed(self, place: Place, schema: Json) -> Json:
        kind = schema.get("type")
        return self.several(place, schema, tuple(kind)) if isinstance(kind, list) else self.of_kind(place, schema, kind)

    def several(self, place: Place, schema: Json, kinds: tuple[str, ...]) -> Json:
        """Give the union of several types; what refers back here meanwhile gets the class, and else what is certain."""
        if "object" in kinds and gather_object(self.places, place).properties:
            rest = [plain(kind) for kind in kinds if kind != "object"]
            self.begun[place] = unite([{"$ref": place.below("type", "object")}, *rest])
        return unite([self.of_kind(place, schema, kind) for kind in kinds])

    def of_kind(self, place: Place, schema: Json, kind: Any) -> Json:
        match kind:
            case "string":
                return {"type": kind, **self.reading(place, schema), **limits(schema, kind)}
            case "integer" | "number":
                return {"type": kind, **limits(schema, kind)}
            case "boolean" | "null":
                return {"type": kind}
            case "array":
                return {"type": kind, "items": self.items(place, schema), **limits(schema, kind)}
            case "object":
                own = place.below("type", "object")
                if own in self.classes:
                    return {"$ref": own}
                part = gather_object(self.places, place)
                if part.properties:
                    return self.make_class(own, part, self.description(place))
                return {"type": kind, "additionalProperties": self.values(place, schema)}
            case _:
                return {}

    def items(self, place: Place, schema: Json) -> Json:
        """Give the type of a list's items: of those that have a schema by their index, and of the others."""
        old = isinstance(schema.get("items"), list)
        first, others = ("items", "additionalItems") if old else ("prefixItems", "items")
        heads = [self.relax(place.below(first, index)) for index in range(len(schema.get(first) or ()))]
        if others not in schema and "unevaluatedItems" in schema and not _EVALUATING & schema.keys():
            others = "unevaluatedItems"
        rest = schema.get(others, True)
        if rest is False or (heads and schema.get("maxItems", len(heads) + 1) <= len(heads)):
            return unite(heads)
        return unite([*heads, self.relax(place.below(others))]) if isinstance(rest, dict) else {}

    def reading(self, place: Place, schema: Json) -> Json:
        """Give the class that reads texts of this format, if there is one."""
        dialect = self.places[Place(place.source)].get("$schema")
        found = reading(schema.get("format"), dialect)
        return {} if found is None else {"reading": found}

    def values(self, place: Place, schema: Json) -> Json:
        """Give the type of an object's values when no property has a name."""
        others = schema.get("additionalProperties", True)
        if others is True:
            return {}
        places = [place.below("patternProperties", key) for key in schema.get("patternProperties") or {}]
        places += [place.below("additionalProperties")] if isinstance(others, dict) else []
        return unite([self.relax(each) for each in places])

    def make_class(self, place: Place, part: Part, description: str) -> Json:
        """Make the class of an object; it is known at once, so that its own fields may refer to it."""
        self.keys += 1
        key = f"C{self.keys}"
        self.classes[place] = None
        possible = {
            key: left
            for key, found in part.properties.items()
            if (left := [one for one in found if self.places[one] is not False])
        }
        names = field_names(possible)
        types = {key: unite([self.relax(one) for one in found]) for key, found in possible.items()}
        self.untyped.update({one: None for key, found in possible.items() if not types[key] for one in found})
        fields = [self.make_field(part, key, name, types[key]) for key, name in names.items()]
        self.documents[place] = {
            "type": "object",
            "properties": {name: types[key] for key, name in names.items()},
            "required": [one.name for one in fields if one.required],
            "additionalProperties": not part.closed,
        }
        self.classes[place] = ClassShape(key, "", part.closed, tuple(fields), description)
        return {"$ref": place}

    def make_field(self, part: Part, wire: str, name: str, typed: Json) -> FieldShape:
        place = part.properties[wire][0]
        required = wire in part.required
        default = Absent.DEFAULT if required else self.places.annotation(place, "default", Absent.DEFAULT)
        shown = default if default is Absent.DEFAULT else default_of(default, typed, self.found)
        builds = "$ref" in typed and shown is not Absent.DEFAULT
        # A class says itself what it is.
        description = self.description(place, through="$ref" not in typed)
        return FieldShape(name, wire, required, description, field_limits(typed), shown, builds)

    def found(self, place: Place) -> tuple[ClassShape, Json] | None:
        shape = self.classes.get(place)
        return None if shape is None else (shape, self.documents[place])

    def description(self, place: Place, *, through: bool = True) -> str:
        text = self.places.annotation(place, "description", "", through=through)
        return text if isinstance(text, str) else ""

    def result(self, project: ProjectSpec) -> Relaxed:
        modules = {one.source: one.names.module for one in project.jobs}
        modules.update({one.source: one.module for one in project.shared})
        names = class_names(project, self.places, self.classes)
        shapes = {
            place: replace(shape, name=names[place]) for place, shape in self.classes.items() if shape is not None
        }
        by_source: dict[str, list[ClassShape]] = {}
        for place, shape in shapes.items():
            by_source.setdefault(place.source, []).append(shape)
        return Relaxed(
            files=tuple(RelaxedFile(each, modules[each], tuple(own)) for each, own in sorted(by_source.items())),
            types={
                shape.key: {field: asked(typed, shapes) for field, typed in self.documents[place]["properties"].items()}
                for place, shape in shapes.items()
            },
            tags=find_tags(self.unions, shapes, self.documents),
            admitted={
                job.source: admitted(
                    Place(job.source), shapes, self.documents, job.bundle.get("$schema", DEFAULT_DIALECT)
                )
                for job in project.jobs
            },
            untyped=tuple((place.source, place.path) for place in self.untyped),
        )
