"""Schemas as rules see them: each with its keywords, its place, what it refers to, and the file around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import jsonschema_rs

from memshelf_gen.bundle import bundle
from memshelf_gen.canonical import Around, around, is_endless, is_satisfiable
from memshelf_gen.document import Document, Mark, Steps
from memshelf_gen.edits import Edit
from memshelf_gen.emit.relax import relax
from memshelf_gen.jobkeys import JOB
from memshelf_gen.judging import judge
from memshelf_gen.keywords import IN_PLACE, Draft
from memshelf_gen.parse import parse
from memshelf_gen.pointers import follow, pointer
from memshelf_gen.references import Dangling, Place, References
from memshelf_gen.spec import Json

Judge: TypeAlias = jsonschema_rs.Validator


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a rule has to say of a schema; the engine makes a finding of it."""

    at: Steps
    """The steps from the file's root to the value that is meant."""
    text: str
    """What is wrong, without a full stop."""
    fix: str = ""
    """What would be right, in the imperative."""
    mark: Mark | None = None
    """Where it stands, if that is not where its value begins."""
    witness: Any = None
    """A payload or a value that proves it."""
    edits: tuple[Edit, ...] = ()
    """What `--fix` does about it, where that is mechanical; all of them are made, or none."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One schema, an object or true or false, somewhere in a file: what a rule is asked about."""

    file: SchemaFile
    at: Steps
    """The steps from the file's root: `("properties", "to")`; empty for the root itself."""
    schema: Json | bool
    parent: Subject | None
    """The schema around this one; None for the root."""

    @property
    def keywords(self) -> Json:
        """What an object says; nothing for true and false."""
        return self.schema if isinstance(self.schema, dict) else {}

    @property
    def keyword(self) -> str:
        """The keyword of the schema around it that holds this one: `properties`, `oneOf`; empty at the root."""
        return str(self.at[len(self.parent.at)]) if self.parent else ""

    @property
    def is_job(self) -> bool:
        """Whether this is the whole payload of a job."""
        return not self.at and JOB in self.keywords

    @property
    def in_place(self) -> bool:
        """Whether it judges the very value that the schema around it judges: as a branch of `allOf` for instance."""
        return self.keyword in IN_PLACE

    def flaw(
        self, text: str, *steps: str | int, fix: str = "", witness: Any = None, edits: tuple[Edit, ...] = ()
    ) -> Flaw:
        """Say what is wrong with this schema, or with the value some steps inside it."""
        return Flaw((*self.at, *steps), text, fix, witness=witness, edits=edits)

    def inside(self, keyword: str) -> Iterator[Subject]:
        """Give the schemas directly inside this one under a keyword."""
        return (each for each in self.file.below(self) if each.keyword == keyword)

    def target(self) -> Subject | None:
        """Give what its `$ref` leads to; None without one, and where a fault bars the way."""
        reference = self.keywords.get("$ref")
        return self.file.project.follow(self, reference) if isinstance(reference, str) else None

    def judge(self) -> Judge | None:
        """Compile this schema as payloads are judged, formats asserted; None where a fault bars the way."""
        return self.file.judge(self.at)


class SchemaFile:
    """One file, with every schema in it."""

    def __init__(self, document: Document, project: Project) -> None:
        self.document = document
        self.project = project
        self.draft: Draft = project.references.drafts[document.source]

    @property
    def is_job(self) -> bool:
        """Whether it describes a job; others hold shared definitions."""
        return JOB in self.document.value

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Every schema of the file, each after the one around it."""
        return tuple(self._by_steps.values())

    @property
    def root(self) -> Subject:
        """The whole file."""
        return self._by_steps[()]

    def get(self, at: Steps) -> Subject | None:
        """Give the schema at some steps, if one stands there."""
        return self._by_steps.get(at)

    def below(self, subject: Subject) -> tuple[Subject, ...]:
        """Give the schemas directly inside a schema."""
        return self._children.get(subject.at, ())

    @cached_property
    def bundle(self) -> Json | None:
        """The file with all that it refers to; None when it can reach a fault."""
        return bundle(self.project.references, self.document.source).schema if self.is_sound else None

    @cached_property
    def is_sound(self) -> bool:
        """Whether neither this file nor one that its references lead to has a fault."""
        return self.project.faulty.isdisjoint(self.project.references.reached(self.document.source))

    def judge(self, at: Steps) -> Judge | None:
        """Compile the schema at some steps, in its file."""
        return judge(self._asking(self._reference(at)), registry=self._around.registry) if self._stays(at) else None

    def meet(self, one: Steps, other: Steps) -> bool:
        """Tell whether it is certain that some value is valid under both of two schemas of the file."""
        if self._is_endless or not (self._stays(one) and self._stays(other)):
            return False
        schema = self._asking({"allOf": [self._reference(one), self._reference(other)]})
        return is_satisfiable(schema, self._around) == "yes"

    @cached_property
    def _is_endless(self) -> bool:
        return is_endless(self.bundle)

    def _stays(self, at: Steps) -> bool:
        """Tell whether a schema can be asked for where it was written."""
        if self.bundle is None:
            return False
        try:
            follow(self.bundle, pointer(at))
        except LookupError:  # the file stands among newer ones, and in their draft this keyword has another name
            return False
        return True

    def _asking(self, schema: Json) -> Json:
        """Give a schema in the dialect of the bundle."""
        return {"$schema": (self.bundle or {})["$schema"], **schema}

    def _reference(self, at: Steps) -> Json:
        return {"$ref": f"{_ADDRESS}{pointer(at)}"}

    @cached_property
    def _around(self) -> Around:
        return around({_ADDRESS: self.bundle or {}})

    @cached_property
    def _by_steps(self) -> dict[Steps, Subject]:
        found: dict[Steps, Subject] = {}
        for place, schema in self.project.references.places(self.document.source):
            at = place.steps
            above = next((found[at[:length]] for length in range(len(at) - 1, -1, -1) if at[:length] in found), None)
            found.setdefault(at, Subject(self, at, schema, above))
        return found

    @cached_property
    def _children(self) -> Mapping[Steps, tuple[Subject, ...]]:
        found: dict[Steps, list[Subject]] = {}
        for subject in self.subjects:
            if subject.parent:
                found.setdefault(subject.parent.at, []).append(subject)
        return {at: tuple(listed) for at, listed in found.items()}


_ADDRESS = "urn:memshelf:linted"


@dataclass
class Project:
    """All files of a schema folder."""

    references: References
    faulty: frozenset[str] = frozenset()
    """The sources of files with a fault that stops generation."""
    files: dict[str, SchemaFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = {
            source: SchemaFile(document, self) for source, document in sorted(self.references.documents.items())
        }

    def follow(self, subject: Subject, reference: str) -> Subject | None:
        """Give the schema that a reference in a schema means."""
        try:
            place = self.references.target(Place(subject.file.document.source, subject.at), reference)
        except Dangling:
            return None
        file = self.files.get(place.source)
        return file.get(place.steps) if file and place.source not in self.faulty else None

    def referrers(self, subject: Subject) -> tuple[Subject, ...]:
        """Give the schemas whose `$ref` leads to a schema."""
        return tuple(self._referrers.get(subject, ()))

    @cached_property
    def _referrers(self) -> Mapping[Subject, list[Subject]]:
        found: dict[Subject, list[Subject]] = {}
        for source, file in self.files.items():
            for subject in file.subjects if source not in self.faulty else ():
                if target := subject.target():
                    found.setdefault(target, []).append(subject)
        return found

    @cached_property
    def untyped(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """The properties whose generated fields are Any, by file and path; none where a fault leaves that open."""
        return frozenset() if self.faulty else frozenset(relax(parse(self.references)).untyped)

    @cached_property
    def titles(self) -> Mapping[str, SchemaFile]:
        """The first file that has each title."""
        found: dict[str, SchemaFile] = {}
        for file in self.files.values():
            title = file.document.value.get("title")
            if isinstance(title, str):
                found.setdefault(title, file)
        return found

    def is_used(self, subject: Subject) -> bool:
        """Tell whether a `$ref` leads to a schema, or to one within it; said too where a fault leaves that open."""
        place = Place(subject.file.document.source, subject.at)
        return place in self._used or bool(self.faulty) or self.references.has_dynamic

    @cached_property
    def _used(self) -> frozenset[Place]:
        targets = self._referrers
        return frozenset(
            Place(each.file.document.source, each.at[:length]) for each in targets for length in range(len(each.at) + 1)
        )
