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

    key: str
    """Its name among all classes of the project, which no code shows."""
    name: str
    closed: bool
    """Whether other properties than the known ones are refused."""
    fields: tuple[FieldShape, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class RelaxedFile:
    """One schema file's classes."""

    source: str
    module: str
    classes: tuple[ClassShape, ...]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Every file of a project, relaxed."""

    files: tuple[RelaxedFile, ...]
    types: Mapping[str, Mapping[str, Json]]
    """For each class, by its key, the types of its fields: as datamodel-code-generator reads them."""
    tags: Mapping[frozenset[str], str]
    """Unions of classes that one field tells apart: the classes' keys and the field's name."""
    admitted: Mapping[str, Json]
    """For each job's file what its classes admit, as a schema."""
    untyped: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The properties whose fields are Any, each with its file and the steps to it."""
