"""The payload models: the base class of the generated ones, and how they are written and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import MISSING, PydanticSerializationError

from memshelf.errors import ModelDisagrees
from memshelf.paths import place

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

    What JSON cannot carry (NaN, a lone surrogate) stays as it is, for `plain` to refuse with its path.
    """
    try:
        return model.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
    except PydanticSerializationError:
        return model.model_dump(mode="python", by_alias=True, exclude_unset=True, warnings=False)


def read(model_type: type[M], data: Mapping[str, Any]) -> M:
    """Read an object that its schema accepts as its model.

    Raises:
        ModelDisagrees: the model refuses it: a fault of memshelf.
    """
    try:
        return model_type.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        listed = "".join(f"\n  {place(each['loc'])}: {each['type']}" for each in error.errors(include_input=False)[:20])
        raise ModelDisagrees(
            f"{model_type.__name__}: the schema accepts a payload that its generated model refuses: "
            f"a fault of memshelf, please report it{listed}"
        ) from None
