"""Describe the classes that payloads are made of, before any of them is Python text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from memshelf_gen.spec import Json


class Absent(Enum):
    """The one value that says: this field has no default."""

    DEFAULT = "no default"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in a default that has to be of the class that reads its format."""

    text: str
    by: str
    """The name of that class."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One property of an object."""

    name: str
    """The Python name: `template_id`."""
    wire: str
    """The name in JSON: `templateId`."""
    required: bool
    description: str = ""
    limits: Mapping[str, int | float] = field(default_factory=dict)
    """pydantic's constraints: `max_length`, `ge` and so on."""
    default: Any = Absent.DEFAULT
    builds: bool = False
    """Whether the default is an object that the field's class has to be built from."""


@dataclass(frozen=True, slots=True)
class ClassShape:
    """One object type of a payload."""

    name: str
    closed: bool
    """Whether other properties than the known ones are refused."""
    fields: tuple[FieldShape, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class RelaxedFile:
    """One schema file's classes, with the document from which datamodel-code-generator makes them."""

    source: str
    module: str
    classes: tuple[ClassShape, ...]
    document: Json
    circular: bool
    """Whether other files refer to this one and it to them, so that their classes have to share a module."""

    @property
    def ascii_module(self) -> str:
        """The module as datamodel-code-generator is told it: see `ascii_module`."""
        return ascii_module(self.module)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Every file of a project, relaxed."""

    files: tuple[RelaxedFile, ...]
    tags: Mapping[frozenset[str], str]
    """Unions of classes that one field tells apart: the classes' names and the field's."""
    admitted: Mapping[str, Json]
    """For each job's file what its classes admit, as a schema."""


def ascii_module(dotted: str) -> str:
    """Spell a module in ASCII: `café` is `_636166c3a9`, since datamodel-code-generator would make it `caf_`.

    No module of a schema begins with an underscore, so the spelling is nobody else's name.
    """
    return ".".join(part if part.isascii() else f"_{part.encode('utf-8').hex()}" for part in dotted.split("."))
