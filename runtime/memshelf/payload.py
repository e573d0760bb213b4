"""The payload models: the base class of the generated ones, and how they are written and read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import MISSING

from memshelf.errors import InputError, ModelDisagrees
from memshelf.paths import MOST_LEVELS, Steps, place

__all__ = ["MISSING", "Payload", "read", "wire"]

M = TypeVar("M", bound=BaseModel)


class Payload(BaseModel):
    """The base class of generated payload models.

    Code may spell a field as Python does or as the schema does; data has the schema's names.
    """

    model_config = ConfigDict(
        extra="allow",
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        protected_namespaces=(),
        ser_json_inf_nan="constants",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def wire(model: BaseModel) -> dict[str, Any]:
    """Write a model as the object that travels: the schema's names, JSON's types, unset fields left out.

    A default that was changed in place (`payload.tags.append("x")`) counts as set from then on. A subclass is written
    with all of its fields. What JSON cannot carry (NaN, a lone surrogate) stays as it is, for `plain` to refuse.

    Raises:
        InputError: the model contains itself.
    """
    if _has_mutable_default(type(model)):
        _set_changed_defaults(model)
    try:
        return model.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False, serialize_as_any=True)
    except ValueError:
        # A string that is not Unicode has no JSON; as Python's value it goes on to be refused with its path.
        return _dumped_as_python(model)


def read(model_type: type[M], data: Mapping[str, Any]) -> M:
    """Read an object that its schema accepts as its model, without a change where the types are exact.

    JSON Schema has one kind of number: `1.0` is an integer, and so is `1e19`. Such numbers take a second look.

    Raises:
        ModelDisagrees: the model refuses it: a fault of memshelf.
    """
    # Names of Python are not accepted here: under an open schema `template_id` is a property of its own.
    with suppress(ValidationError):
        return model_type.model_validate(data, strict=True, by_alias=True, by_name=False)
    with suppress(ValidationError):
        return model_type.model_validate(data, by_alias=True, by_name=False)
    try:
        return model_type.model_validate(_with_whole_numbers(data), by_alias=True, by_name=False)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        listed = "".join(f"\n  {place(_steps(each['loc'], data))}: {each['type']}" for each in found[:20])
        raise ModelDisagrees(
            f"{model_type.__name__}: the schema accepts a payload that its generated model refuses: "
            f"a fault of memshelf, please report it{listed}"
        ) from None


def _with_whole_numbers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _with_whole_numbers(item) for key, item in value.items()}
        case list():
            return [_with_whole_numbers(item) for item in value]
    return value


def _dumped_as_python(model: BaseModel) -> dict[str, Any]:
    try:
        return model.model_dump(mode="python", by_alias=True, exclude_unset=True, warnings=False, serialize_as_any=True)
    except ValueError:
        raise InputError(f"{type(model).__name__}: contains itself; a payload must be a tree") from None


def _set_changed_defaults(value: object, levels: int = MOST_LEVELS) -> None:
    if not levels:
        return  # Too deep, or a cycle: refused later.
    match value:
        case BaseModel():
            for name, field in _mutable_defaults(type(value)).items():
                if name not in value.model_fields_set and getattr(value, name) != _default(field):
                    value.model_fields_set.add(name)
            inner = [*value.__dict__.values(), *(value.model_extra or {}).values()]
        case dict():
            inner = list(value.values())
        case list() | tuple():
            inner = list(value)
        case _:
            return
    for item in inner:
        _set_changed_defaults(item, levels - 1)


@cache
def _has_mutable_default(model_type: type[BaseModel]) -> bool:
    """Whether the model, or one inside it, has a default that can be changed in place; most have none."""
    return any(map(_mutable_defaults, _reached(model_type, set())))


def _reached(annotation: Any, seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Give the models that an annotation names, and those that they name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        seen.add(annotation)
        for field in annotation.model_fields.values():
            _reached(field.annotation, seen)
    for part in get_args(annotation):
        _reached(part, seen)
    return seen


@cache
def _mutable_defaults(model_type: type[BaseModel]) -> dict[str, FieldInfo]:
    return {
        name: field
        for name, field in model_type.model_fields.items()
        if field.default_factory is not None or isinstance(field.default, list | dict | BaseModel)
    }


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True, validated_data={})


def _steps(loc: Steps, data: object) -> Steps:
    """Leave out of a place the steps that only pydantic knows, such as the members of a union."""
    steps: list[str | int] = []
    for position, step in enumerate(loc):
        match data:
            case dict() if step in data:
                data = data[step]
            case list() if isinstance(step, int) and step < len(data):
                data = data[step]
            case _ if position < len(loc) - 1:
                continue
        steps.append(step)
    return tuple(steps)
