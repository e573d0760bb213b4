"""The judge of payloads: valid under a job's JSON Schema, or what is wrong.

The judge is jsonschema-rs. Where its wheel cannot be imported, jsonschema with its format checker takes its place;
both give their findings as `Fault`, so that the texts are the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from memshelf.errors import MemshelfError, Problem
from memshelf.faults import Fault, problems

Schema: TypeAlias = Mapping[str, Any]
Compiler: TypeAlias = Callable[[Schema, str], "Engine"]

_DIALECTS = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "http://json-schema.org/draft-07/schema": "draft-07",
}


class Engine(Protocol):
    """A compiled schema."""

    def is_valid(self, data: object, /) -> bool:
        """Whether the schema accepts the data."""
        ...

    def faults(self, data: object, /) -> Iterable[Fault]:
        """Give what is wrong, in no order."""
        ...


class Judge:
    """Judges payloads by one schema, which is compiled on first use; safe to share between threads."""

    def __init__(self, schema: Schema, *, compiler: Compiler | None = None) -> None:
        self._schema = schema
        self._compiler = compiler
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def is_valid(self, data: object) -> bool:
        """Whether the schema accepts the data, which has passed `plain`."""
        engine = self._engine or self._compiled()
        return engine.is_valid(data)

    def problems(self, data: object, index: int | None = None) -> list[Problem]:
        """Give what is wrong with the data, sorted and at most twenty; nothing if the schema accepts it.

        Args:
            data: the payload, which has passed `plain`.
            index: which payload it is, when several are judged together.
        """
        engine = self._engine or self._compiled()
        if engine.is_valid(data):
            return []
        return problems(engine.faults(data), index)

    def _compiled(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _compile(self._schema, self._compiler or default_compiler())
            return self._engine


def default_compiler() -> Compiler:
    """Give the best compiler that can be imported."""
    try:
        return rs_compiler()
    except ImportError as missing:
        try:
            return python_compiler()
        except ImportError:
            raise ImportError(
                "no JSON Schema validator can be imported; install jsonschema-rs, or where it has no wheel "
                "jsonschema[format-nongpl]"
            ) from missing


def rs_compiler() -> Compiler:
    """Give the compiler of jsonschema-rs."""
    from memshelf.judge_rs import RsEngine

    return RsEngine


def python_compiler() -> Compiler:
    """Give the compiler of jsonschema, which is slower and stands in for jsonschema-rs."""
    from memshelf.judge_python import PythonEngine

    return PythonEngine


def _compile(schema: Schema, compiler: Compiler) -> Engine:
    dialect = _dialect(schema)
    try:
        return compiler(schema, dialect)
    except ValueError as error:
        raise MemshelfError(f"the schema cannot be compiled: {error}") from error


def _dialect(schema: Schema) -> str:
    written = schema.get("$schema", "https://json-schema.org/draft/2020-12/schema")
    dialect = _DIALECTS.get(str(written).removesuffix("#"))
    if dialect is None:
        raise MemshelfError(f"$schema: must be one of {', '.join(_DIALECTS)}, got {written!r}")
    return dialect
