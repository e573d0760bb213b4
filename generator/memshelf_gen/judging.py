"""Compile schemas so that they judge as the runtime does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from memshelf_gen.keywords import Draft, draft_of
from memshelf_gen.spec import Json

VALIDATORS: Mapping[Draft, type[jsonschema_rs.Validator]] = {
    "draft-07": jsonschema_rs.Draft7Validator,
    "2019-09": jsonschema_rs.Draft201909Validator,
    "2020-12": jsonschema_rs.Draft202012Validator,
}


class _Annotation:
    """A keyword that refuses nothing."""

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None: ...

    def validate(self, instance: Any) -> None: ...


_KEYWORDS: Mapping[str, type[jsonschema_rs.KeywordValidator]] = {
    "contentEncoding": _Annotation,
    "contentMediaType": _Annotation,
}
"""What draft-07 leaves to the validator, and the runtime takes as every later draft does."""


def judge(schema: Json, *, registry: jsonschema_rs.Registry | None = None) -> jsonschema_rs.Validator:
    """Compile a schema whose references lead into itself or a registry: formats are asserted, by the schema's draft."""
    draft = draft_of(schema) or "2020-12"
    keywords = dict(_KEYWORDS) if draft == "draft-07" else {}
    return VALIDATORS[draft](schema, validate_formats=True, offline=True, registry=registry, keywords=keywords)
