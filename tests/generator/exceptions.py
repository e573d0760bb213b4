"""The tests of JSON-Schema-Test-Suite in which the design decides otherwise, one by one, each with its reason.

Of the mandatory tests of draft 2020-12 only those are here that the suite's own optional tests contradict, and of the
optional ones only integers outside of 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from tests.generator.suite import DIALECTS

Named: TypeAlias = tuple[str, str, str]
"""A test by its file, the description of its group, and its own."""

_FORMATS = """
    email idn-email regex ipv4 ipv6 idn-hostname hostname date date-time time json-pointer relative-json-pointer iri
    iri-reference uri uri-reference uri-template uuid duration
"""
_ASSERTED = {f"{name} format": [f"invalid {name} string is only an annotation by default"] for name in _FORMATS.split()}
_CONTENT = {
    "validation of string-encoded content based on media type": ["an invalid JSON document"],
    "validation of binary string-encoding": ["an invalid base64 string (% is not a valid character)"],
    "validation of binary-encoded media type documents": [
        "a validly-encoded invalid JSON document",
        "an invalid base64 string that is valid JSON",
    ],
}
_LARGE = {
    "integer": ["a bignum is an integer", "a negative bignum is an integer"],
    "number": ["a bignum is a number", "a negative bignum is a number"],
    "maximum integer comparison": ["comparison works for high numbers"],
    "minimum integer comparison": ["comparison works for very negative numbers"],
}
_FLOAT = "a float is not an integer even without fractional part"
_REASONS = (
    (
        "formats are asserted: the suite's optional tests of formats refuse the very same values of the same schemas",
        ["draft2020-12/format.json"],
        _ASSERTED,
    ),
    (
        "optional, and of an older draft: an encoding is an annotation in every later one, and for others",
        ["draft7/optional/content.json"],
        _CONTENT,
    ),
    (
        "optional, and of draft-04 alone: a whole number is an integer however it is written, as in every later draft",
        ["draft4/optional/zeroTerminatedFloats.json"],
        {"some languages do not distinguish between different types of numeric value": [_FLOAT]},
    ),
    (
        "integers outside of 64 bits are no payload, since MongoDB has none",
        [f"{draft}/optional/bignum.json" for draft in DIALECTS],
        _LARGE,
    ),
)


def _named() -> Iterator[tuple[Named, str]]:
    for reason, files, groups in _REASONS:
        for file in files:
            for group, tests in groups.items():
                yield from (((file, group, about), reason) for about in tests)


EXCEPTIONS: dict[Named, str] = dict(_named())
"""Why each of them is answered otherwise."""
