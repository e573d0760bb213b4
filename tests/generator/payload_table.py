"""Schemas of one property, each with payload values that are valid under it."""

from __future__ import annotations

from typing import Any

from tests.generator.projects import Json, nested

CARD = nested({"kind": {"const": "card"}, "token": {"type": "string"}}, required=["kind", "token"])
TRANSFER = nested({"kind": {"enum": ["sepa", "wire"]}, "iban": {"type": "string"}}, required=["kind", "iban"])
LOOSE = nested({"kind": {"type": "string"}, "token": {"type": "integer"}})
ITEM = nested({"id": {"type": "integer"}}, required=["id"])
DEFINITIONS: Json = {
    "Card": CARD,
    "Transfer": TRANSFER,
    "Loose": LOOSE,
    "Item": ITEM,
    "Node": nested({"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}, {"additionalProperties": False}),
    "Free": {"properties": {"self": {"$ref": "#/$defs/Free"}, "n": {"type": "integer"}}},
    "Loop": {"type": "array", "items": {"$ref": "#/$defs/Loop"}},
    "Level": {"enum": ["low", "high"], "default": "low", "description": "How much."},
    "a/b~c": {"type": "integer"},
}

AGREEING: list[tuple[Json, list[Any]]] = [
    ({"anyOf": [{"enum": []}, {"type": "integer"}]}, [3]),
    ({"type": "string"}, ["", "5", "é😀", "2020-01-01"]),
    ({"type": "string", "minLength": 1, "maxLength": 2}, ["a", "😀😀"]),
    ({"type": "string", "pattern": "^(?!x)"}, ["y"]),
    ({"type": "string", "format": "date-time"}, ["2020-01-01T00:00:00.000000000+00:00", "1990-12-31T23:59:60Z"]),
    ({"type": "string", "format": "uuid"}, ["2EB8AA08-AA98-11EA-B4AA-73B441D16380"]),
    ({"type": "string", "format": "ipv6"}, ["::0:0"]),
    ({"type": "string", "format": "date", "minLength": 10}, ["0000-01-01"]),
    ({"type": ["string", "null"], "format": "duration"}, ["P1Y2M", None]),
    ({"type": "array", "items": {"type": "string", "format": "iri"}}, [["http://ex\u2100mple/"]]),
    ({"type": "object", "additionalProperties": {"type": "string", "format": "time"}}, [{"a": "23:59:60z"}]),
    ({"anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]}, ["::", "0.0.0.0"]),
    (
        {"anyOf": [{"type": "string", "format": "date"}, {"enum": ["now"]}, {"type": "integer"}]},
        ["now", "2020-01-01", 1],
    ),
    ({"type": "string", "format": "nobody-knows"}, ["x"]),
    ({"format": "date"}, ["2020-01-01", 1, None]),
    (nested({"limits": {"type": "string"}, "type": {"type": "integer"}}), [{"limits": "a", "type": 1}]),
    ({"type": "integer"}, [0, -(2**63), 2**63 - 1]),
    ({"type": "integer", "minimum": 0.5, "maximum": 9}, [1, 9]),
    ({"type": "integer", "exclusiveMinimum": 0}, [1]),
    ({"type": "integer", "multipleOf": 3}, [3]),
    ({"type": "number"}, [1, 1.5, 1.0, -0.0, 1e308, 2**53 + 1]),
    ({"type": "number", "minimum": 0.5, "exclusiveMaximum": 10}, [0.5, 9, 9.5]),
    ({"type": "boolean"}, [True, False]),
    ({"type": "null"}, [None]),
    ({"type": ["string", "null"], "maxLength": 3}, [None, "abc"]),
    ({"type": ["integer", "null"], "maximum": 3}, [None, 3]),
    ({"type": ["string", "integer", "boolean"]}, ["1", 1, True]),
    ({"anyOf": [{"type": "string"}, {"type": "number"}]}, ["1", 1, 1.5]),
    ({"anyOf": [{"type": "number"}, {"type": "string"}]}, ["1", 1, 1.5]),
    ({"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, [True, 1, 0]),
    ({"enum": ["a", 'b"\\', "\n"]}, ["a", 'b"\\', "\n"]),
    ({"enum": [1, 2.5, "a", None, True, [1], {"x": 1}]}, [1, 2.5, "a", None, True, [1], {"x": 1}]),
    ({"const": "a"}, ["a"]),
    ({"const": 1}, [1]),
    ({"const": {"a": [1]}}, [{"a": [1]}]),
    ({"type": "array"}, [[], [1, "a", None, {"b": 1}]]),
    ({"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 2}, [[1], [1, 2.5]]),
    ({"type": "array", "items": {"type": "string", "maxLength": 2}, "uniqueItems": True}, [["b", "a"]]),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, [[1, "a"], [1, "a", None], []]),
    ({"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}}, [[1, "a"]]),
    ({"type": "array", "items": False}, [[]]),
    ({"type": "object"}, [{}, {"a": [1]}]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"a": 1}]),
    ({"type": "object", "additionalProperties": False}, [{}]),
    ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}, [{"x1": 1}]),
    ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}}, [{"x1": 1, "y": "a"}]),
    (nested({"a": {"type": "string"}}, {"additionalProperties": {"type": "integer"}}), [{"a": "b", "c": 1}]),
    (nested({"a": {"type": "string"}}, {"additionalProperties": False}), [{}, {"a": "b"}]),
    (
        nested({"a": {"type": "string"}}, {"patternProperties": {"^x": {}}, "additionalProperties": False}),
        [{"a": "b", "x1": None}],
    ),
    (nested({"a": {"type": "string"}}, {"unevaluatedProperties": False}), [{"a": "b"}]),
    (nested({"a": True, "b": False}), [{"a": [1]}, {}]),
    (nested({"a": {"type": "string"}}, required=["b"]), [{"b": 1}]),
    ({"properties": {"a": {"type": "string"}}}, [{"a": "b"}, 5, "text", None, [1], True, 1.5]),
    ({"properties": {"a": {"$ref": "#/$defs/Free"}}}, [{"a": {"self": {"self": [0]}, "n": 1}}, {"a": "b"}]),
    ({"items": {"type": "integer"}}, [[1], [], {"a": "b"}, "text", None, True]),
    ({"additionalProperties": {"type": "integer"}}, [{"a": 1}, ["b"], "text", None]),
    (
        {"oneOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}}, {"required": ["b"]}]},
        [{"b": 1}, {"a": "x"}],
    ),
    (
        {
            "type": "object",
            "anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "integer"}}}],
        },
        [{"a": "x", "b": "y"}, {"a": 1, "b": 2}, {}],
    ),
    ({"type": ["object", "array"], "anyOf": [{"type": "string"}, {"items": {"type": "integer"}}]}, [[1], {"a": None}]),
    ({"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {}}}]}, [{"a": "x", "b": 1}, [1], "x"]),
    ({"allOf": [{"properties": {"a": {"type": "integer"}}}, {"type": ["string", "object"]}]}, [{"a": 1}, "x"]),
    ({"allOf": [{"type": "object"}, {"additionalProperties": {"type": "integer"}}]}, [{"a": 1}]),
    ({"$ref": "#/$defs/Item", "properties": {"more": {"type": "string"}}}, [{"id": 1, "more": "x"}]),
    ({"$ref": "#/$defs/Free", "properties": {"more": {"type": "string"}}}, [{"n": 1, "more": "x"}, 5, {"self": None}]),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False}, [[1, "a"], [1], []]),
    ({"type": "array", "prefixItems": [{"type": "integer"}], "maxItems": 1}, [[1], []]),
    ({"type": "array", "prefixItems": [{"type": "integer"}], "unevaluatedItems": {"type": "string"}}, [[1, "a"]]),
    (
        {"type": "array", "contains": {"type": "string"}, "unevaluatedItems": {"type": "integer"}},
        [["a", 1], ["a"]],
    ),
    (
        {
            "type": "object",
            "patternProperties": {"^x": {"type": "integer"}},
            "additionalProperties": {"type": "string"},
        },
        [{"x1": 1, "y": "a"}],
    ),
    ({"enum": [[1, "a"], [], {"x": 1.5}]}, [[1, "a"], [], {"x": 1.5}]),
    ({"$ref": "#/$defs/Item"}, [{"id": 1}, {"id": 1, "more": None}]),
    ({"$ref": "#/$defs/Item", "required": ["more"]}, [{"id": 1, "more": 1}]),
    ({"$ref": "#/$defs/Node"}, [{}, {"children": [{"children": []}]}]),
    ({"$ref": "#/$defs/Loop"}, [[], [[], [[]]]]),
    ({"$ref": "#/$defs/a~1b~0c"}, [1]),
    ({"$ref": "#/properties/first"}, ["a"]),
    ({"type": ["object", "null"], "properties": {"a": {"type": "integer"}}}, [None, {"a": 1, "b": 2}]),
    ({"allOf": [{"$ref": "#/$defs/Item"}, {"properties": {"b": {"type": "number"}}}]}, [{"id": 1, "b": 2}]),
    ({"allOf": [{"properties": {"b": {"type": "number"}}}, {"$ref": "#/$defs/Item"}]}, [{"id": 1, "b": 2}]),
    ({"allOf": [{"$ref": "#/$defs/Item"}], "description": "Again."}, [{"id": 1}]),
    ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, ["abc"]),
    ({"allOf": [{"$ref": "#/$defs/Item"}, nested({"id": {"minimum": 0}})]}, [{"id": 1}]),
    ({"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]}, [{"kind": "card", "token": "t"}]),
    (
        {"type": "object", "oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]},
        [{"kind": "wire", "iban": "i", "more": 1}],
    ),
    (
        {"anyOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Loose"}]},
        [{"kind": "card", "token": "t"}, {"kind": "card", "token": 1}, {}],
    ),
    (
        {
            "type": "array",
            "items": {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}, {"type": "null"}]},
        },
        [[{"kind": "sepa", "iban": "i"}, None, {"kind": "card", "token": "t"}]],
    ),
    (
        nested({"k": {"type": "string"}}, {"oneOf": [{"required": ["k"]}, {"required": ["l"]}]}),
        [{"k": "a"}, {"l": 1}],
    ),
    (
        nested({"k": {"type": "string"}}, {"if": {"required": ["k"]}, "then": {"required": ["l"]}}),
        [{"k": "a", "l": 1}],
    ),
    ({"not": {"type": "string"}}, [1, None]),
    ({"type": "object", "propertyNames": {"maxLength": 2}}, [{"ab": 1}]),
    (True, [1, {"a": [None]}]),  # type: ignore[list-item]
]
