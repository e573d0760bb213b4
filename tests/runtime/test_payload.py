"""The base of the payload models: two spellings, what is left out, and what travels."""

from __future__ import annotations

import math
import warnings
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from memshelf.errors import InputError, MemshelfError, ModelDisagrees
from memshelf.payload import MISSING, Payload, read, wire
from memshelf.plain import NotPlain, plain


class Color(StrEnum):
    RED = "red"


class Line(Payload):
    text: str
    """What it is."""
    amount: int | float | MISSING = MISSING
    tags: list[str] | MISSING = Field(default_factory=lambda: ["new"])


class Closed(Payload, extra="forbid"):
    kind: Literal["closed"]
    class_: Annotated[str | MISSING, Field(validation_alias="class", serialization_alias="class")] = MISSING


class Other(Payload, extra="forbid"):
    kind: Literal["other"]


class Order(Payload):
    number: int
    template_id: Annotated[str | MISSING, Field(validation_alias="templateId", serialization_alias="templateId")] = (
        MISSING
    )
    note: str | MISSING | None = MISSING
    priority: Literal["low", "high"] | MISSING = "low"
    lines: list[Line] | MISSING = MISSING
    first: Line | MISSING = MISSING
    limits: dict[str, int] | MISSING = Field(default={"a": 1})
    choice: Annotated[Closed | Other, Field(discriminator="kind")] | MISSING = MISSING
    anything: Any | MISSING = MISSING
    color: Color | MISSING = MISSING


def made(model: Any, **values: Any) -> Any:
    """Make a model in a way that a type checker would refuse."""
    return model(**values)


def test_code_may_spell_a_field_both_ways() -> None:
    assert Order(number=1, template_id="x") == made(Order, number=1, templateId="x")


def test_data_has_the_schemas_spelling_alone() -> None:
    order = read(Order, {"number": 1, "template_id": "extra", "templateId": "x"})
    assert (order.template_id, order.model_extra) == ("x", {"template_id": "extra"})
    assert wire(order) == {"number": 1, "templateId": "x", "template_id": "extra"}


def test_what_is_not_set_is_left_out_and_shows_its_default() -> None:
    order = Order(number=1)
    assert wire(order) == {"number": 1}
    assert (order.priority, order.limits, order.note, order.lines) == ("low", {"a": 1}, MISSING, MISSING)


def test_null_is_not_absent() -> None:
    assert wire(Order(number=1, note=None)) == {"number": 1, "note": None}
    assert wire(Order(number=1, note=MISSING)) == {"number": 1}
    with pytest.raises(ValidationError):
        made(Order, number=1, lines=None)


def test_a_default_that_is_set_travels() -> None:
    assert wire(Order(number=1, priority="low")) == {"number": 1, "priority": "low"}


def test_unset_fields_of_models_inside_are_left_out_too() -> None:
    order = Order(number=1, lines=[Line(text="a"), Line(text="b", amount=2.0)], first=made(Line, text="c", color="red"))
    assert wire(order) == {
        "number": 1,
        "lines": [{"text": "a"}, {"text": "b", "amount": 2.0}],
        "first": {"text": "c", "color": "red"},
    }


def test_a_change_after_construction_travels() -> None:
    order = Order(number=1, lines=[Line(text="a")], first=Line(text="b"))
    assert order.lines is not MISSING
    assert order.first is not MISSING
    order.template_id = "x"
    order.lines.append(Line(text="c"))
    order.first.amount = 3
    assert wire(order) == {
        "number": 1,
        "templateId": "x",
        "lines": [{"text": "a"}, {"text": "c"}],
        "first": {"text": "b", "amount": 3},
    }


def test_a_default_that_is_changed_in_place_travels() -> None:
    order = made(Order, number=1, lines=[Line(text="a")], extra=[{"inner": Line(text="b")}])
    order.limits["b"] = 2
    for line in (order.lines[0], order.model_extra["extra"][0]["inner"]):
        line.tags.append("late")
    assert wire(order) == {
        "number": 1,
        "lines": [{"text": "a", "tags": ["new", "late"]}],
        "limits": {"a": 1, "b": 2},
        "extra": [{"inner": {"text": "b", "tags": ["new", "late"]}}],
    }


def test_what_no_schema_describes_travels_in_an_open_model() -> None:
    assert wire(made(Order, number=1, other={"x": [1, None]})) == {"number": 1, "other": {"x": [1, None]}}


def test_a_closed_model_refuses_what_no_schema_describes() -> None:
    with pytest.raises(ValidationError):
        made(Closed, kind="closed", other=1)


def test_properties_travel_in_the_order_of_the_fields_then_of_the_extras() -> None:
    order = made(Order, z=1, template_id="x", a=2, number=1)
    assert list(wire(order)) == ["number", "templateId", "z", "a"]


def test_json_types_travel() -> None:
    wired = wire(Order(number=1, color=Color.RED, anything=(date(2025, 1, 2), Color.RED)))
    assert wired == {"number": 1, "color": "red", "anything": ["2025-01-02", "red"]}
    assert type(wired["color"]) is str


def test_a_model_made_without_validation_travels_as_it_is_and_without_warnings() -> None:
    order = Order.model_construct(number="1", lines=[{"text": 5}], choice=Line(text="a"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert wire(order) == {"number": "1", "lines": [{"text": 5}], "choice": {"text": "a"}}


def test_a_subclass_travels_with_all_of_its_fields() -> None:
    class Long(Line):
        more: int

    assert wire(Order(number=1, lines=[Long(text="a", more=1)])) == {
        "number": 1,
        "lines": [{"text": "a", "more": 1}],
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\ud800": 1}, 2**63, object()])
def test_what_json_cannot_carry_is_left_for_plain_to_refuse(value: Any) -> None:
    order = made(Order, number=1, anything=[value], extra=value)
    with pytest.raises(NotPlain, match=r"^\$\.anything\[0\]: "):
        plain(wire(order))
    line = Line.model_construct(text="a", amount=value)
    with pytest.raises(NotPlain, match=r"^\$\.lines\[0\]\.amount: "):
        plain(wire(Order.model_construct(number=1, lines=[line])))


def test_a_model_that_contains_itself_is_refused() -> None:
    for model in (Order(number=1), made(Line, text="a", anything=1)):
        holder: Any = model
        holder.anything = [holder]
        with pytest.raises(InputError):
            plain(wire(model))


def test_reading_is_lax_where_the_judge_has_decided() -> None:
    assert read(Order, {"number": 1.0}).number == 1
    assert type(read(Line, {"text": "a", "amount": 1.0}).amount) is float
    assert type(read(Line, {"text": "a", "amount": 1}).amount) is int


def test_a_refusal_by_the_model_says_where_and_shows_no_value() -> None:
    data = {
        "number": 1,
        "templateId": 5,
        "lines": [{"text": "secret"}, {"text": ["secret"]}],
        "choice": {"kind": "closed", "class": {"secret": 1}, "more": "secret"},
        "priority": "secret",
    }
    with pytest.raises(ModelDisagrees) as refused:
        read(Order, data)
    assert str(refused.value).splitlines() == [
        "Order: the schema accepts a payload that its generated model refuses: a fault of memshelf, please report it",
        "  $.templateId: string_type",
        "  $.priority: literal_error",
        "  $.lines[1].text: string_type",
        "  $.choice.class: string_type",
        "  $.choice.more: extra_forbidden",
    ]
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert isinstance(refused.value, MemshelfError)


def test_validation_errors_of_code_show_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        made(Order, number=1, template_id={"secret": 1})
    assert "secret" not in str(refused.value)


def test_a_field_has_its_docstring_as_description() -> None:
    assert Line.model_fields["text"].description == "What it is."


def test_a_field_may_have_a_name_of_pydantics_own() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Model(Payload):
            model_name: str

    assert wire(Model(model_name="x")) == {"model_name": "x"}


class Loose(Payload):
    """A union whose members overlap once pydantic converts, and a whole number."""

    either: bool | int | str | MISSING = MISSING
    whole: int | MISSING = MISSING


@pytest.mark.parametrize("value", [1, 0, True, "12", "true"])
def test_a_value_of_an_exact_type_is_read_without_a_change(value: object) -> None:
    got = read(Loose, {"either": value}).either
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize("value", [1.0, -3.0, 1e19, 1e300])
def test_a_whole_number_may_be_written_as_a_float(value: float) -> None:
    assert read(Loose, {"whole": value}).whole == value
