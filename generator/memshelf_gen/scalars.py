"""Make texts and numbers that fit what a schema says of them: usual ones first, then those at the bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs

from memshelf_gen.facts import Facts
from memshelf_gen.matching import matching

FORMATS: dict[str, tuple[str, ...]] = {
    "date-time": ("2025-01-31T12:00:00Z", "2024-02-29T23:59:59.5+02:00", "1998-12-31T23:59:60Z"),
    "date": ("2025-01-31", "2024-02-29"),
    "time": ("12:00:00Z", "23:59:59.5+02:00"),
    "duration": ("PT30S", "P1DT2H", "P3W"),
    "email": ("ada@example.com", "a@b.co", '"ada l"@example.com'),
    "idn-email": ("ada@example.com", "ädä@example.com"),
    "hostname": ("example.com", "a"),
    "idn-hostname": ("example.com", "bücher.example"),
    "ipv4": ("192.0.2.1", "0.0.0.0"),
    "ipv6": ("2001:db8::1", "::"),
    "uri": ("https://example.com/a", "urn:example:a", "mailto:ada@example.com"),
    "uri-reference": ("/a", "https://example.com/a", "#a"),
    "iri": ("https://example.com/a", "https://example.com/ä"),
    "iri-reference": ("/a", "/ä"),
    "uri-template": ("https://example.com/{id}", "/a"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"),
    "json-pointer": ("/a", ""),
    "relative-json-pointer": ("0", "1/a"),
    "regex": ("^a+$", "a"),
}
"""Texts of each format, one of a usual look first."""

_USUAL = ("text", "a", "2025-01-31", "ada@example.com", "https://example.com/a", "0", "A-1 b_é")
_LONGEST = 20_000
_WHOLE = 2**63 - 1
"""The largest integer that a payload can carry."""


def texts(found: Facts) -> Iterator[str]:
    """Give texts, those of its formats and patterns first, then texts at the bounds of its length."""
    least, most = int(found.most("minLength") or 0), found.least("maxLength")
    rules = [{key: part[key] for key in ("format", "pattern") if key in part} for part in found.parts]
    fits = _judge(json.dumps([rule for rule in rules if rule]))
    for text in _texts(found, least, most):
        if least <= len(text) and (most is None or len(text) <= most) and fits(text):
            yield text


@lru_cache(1000)
def _judge(rules: str) -> Callable[[str], bool]:
    """Give the function that tells whether a text has the formats and matches the patterns."""
    if rules == "[]":
        return lambda _: True
    try:
        return jsonschema_rs.Draft202012Validator({"allOf": json.loads(rules)}, validate_formats=True).is_valid
    except (ValueError, jsonschema_rs.ValidationError):
        return lambda _: False


def _texts(found: Facts, least: int, most: Any) -> Iterator[str]:
    for name in found.all("format"):
        for text in FORMATS.get(name, ()):
            yield text
            yield from _stretched(name, least)
    for pattern in found.all("pattern"):
        yield from matching(pattern, shortest=min(least, _LONGEST))
    yield from (text.ljust(min(least, _LONGEST), "a") for text in _USUAL[:1])
    if most is not None and most <= _LONGEST:
        yield "a" * int(most)
        yield "😀" * int(most)
    if least <= _LONGEST:
        yield "a" * least
    yield from _USUAL
    if most is None:
        yield "a" * max(300, least)


def _stretched(name: str, least: int) -> Iterator[str]:
    """Give a longer text of a format that has any length."""
    more = "a" * min(least, _LONGEST)
    match name:
        case "uri" | "iri" | "uri-reference" | "iri-reference":
            yield f"https://example.com/{more}"
        case "email" | "idn-email" if least <= 64:
            yield f"{more[:64]}@example.com"
        case _:
            return


def numbers(found: Facts, *, whole: bool) -> Iterator[int | float]:
    """Give numbers, small ones first, then those at the bounds and between them."""
    low, high = found.most("minimum"), found.least("maximum")
    above, below = found.most("exclusiveMinimum"), found.least("exclusiveMaximum")
    steps = [each for each in found.all("multipleOf") if each > 0]
    step = max(steps, default=1 if whole else None)
    wished: list[int | float] = [1, 0, 2, -1, 10, 100]
    for bound in (low, high, above, below):
        wished += [bound, bound + 1, bound - 1] if bound is not None else []
        wished += [bound + 0.5, bound - 0.5] if bound is not None and not whole else []
    wished += [] if whole else [0.5, 1.5, -2.25]
    wished += [1000, -1000, 2**31, 2**53, 10**12]
    for number in wished:
        for each in (number, *(_multiples(number, step) if step else ())):
            fits = (low is None or each >= low) and (high is None or each <= high)
            inside = (above is None or each > above) and (below is None or each < below)
            if fits and inside and math.isfinite(each) and (not whole or each == int(each)) and abs(each) <= _WHOLE:
                yield int(each) if each == int(each) else each


def _multiples(number: int | float, step: int | float) -> tuple[int | float, ...]:
    """Give the multiples of a step around a number."""
    count = math.floor(number / step)
    return (count * step, (count + 1) * step)
