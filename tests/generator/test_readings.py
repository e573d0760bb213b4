"""Texts with a format, as JSON-Schema-Test-Suite has them: what the judge accepts has a value, what it refuses none."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import get_type_hints
from urllib.parse import SplitResult
from uuid import UUID

from memshelf import formats
from memshelf.judge import Judge
from memshelf_gen.emit.readings import READINGS
from tests.corpora import SUITE, read

DRAFTS = ("draft2019-09", "draft2020-12")
VALUELESS = {
    "a leap second, :60, has no time in Python": re.compile(r":60(\.\d+)?([Zz]|[+-])"),
    "the year 0000 has no date in Python, whose first year is 1": re.compile(r"0000-"),
    "urllib.parse refuses the host of this address": re.compile(r"//.*[\u2100\u2101\u2105\u2106]"),
    "a number of this duration has more digits than Python reads": re.compile(r"\d{4301}"),
}
"""What a valid text's ValueError says, and the texts that it may say it of: those of docs/formats.md."""
TYPES = {
    "date-time": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
    "duration": formats.Duration,
    "uuid": UUID,
    "uri": SplitResult,
    "uri-reference": SplitResult,
    "iri": SplitResult,
    "iri-reference": SplitResult,
    "ipv4": IPv4Address,
    "ipv6": IPv6Address,
}

ADDRESSES = {form for form, kind in TYPES.items() if kind is SplitResult}
"""Formats whose value is read of any text: `urllib.parse` takes every text for an address."""


@dataclass(frozen=True)
class Text:
    draft: str
    form: str
    about: str
    text: str
    valid: bool
    """What the judge says; that it is what the suite says is for another test."""

    def __str__(self) -> str:
        return f"{self.draft}: {self.form}: {self.about}: {self.text!r}"


def texts() -> Iterator[Text]:
    for draft in DRAFTS:
        for path, content in read(SUITE, f"json/tests/{draft}/optional/format/").items():
            form = path.rpartition("/")[2].removesuffix(".json")
            for group in json.loads(content) if form in READINGS else []:
                judge = Judge(group["schema"])
                for test in group["tests"]:
                    if isinstance(test["data"], str):
                        yield Text(draft, form, test["description"], test["data"], judge.is_valid(test["data"]))


def value(text: Text) -> tuple[object, str]:
    """Give a text's value, or None and what its ValueError says."""
    try:
        return getattr(formats, READINGS[text.form])(text.text).value, ""
    except ValueError as error:
        return None, str(error)


def test_the_suite_has_texts_of_every_format_that_is_read() -> None:
    every = list(texts())
    assert {text.form for text in every if text.valid} == READINGS.keys() == TYPES.keys()
    assert len(every) > 400


def test_a_text_that_the_judge_accepts_has_a_value_or_is_one_of_the_known_exceptions() -> None:
    wrong = []
    for text in texts():
        found, why = value(text)
        excused = why in VALUELESS and VALUELESS[why].search(text.text)
        if text.valid and type(found) is not TYPES[text.form] and not excused:
            wrong.append(f"{text}: {why or type(found)}")
    assert wrong == []


def test_a_text_that_the_judge_refuses_has_no_value() -> None:
    assert [
        str(text) for text in texts() if not text.valid and text.form not in ADDRESSES and value(text)[0] is not None
    ] == []


def test_a_value_has_the_type_that_type_checkers_are_told() -> None:
    names = {**vars(formats), "SplitResult": SplitResult, "UUID": UUID}
    told = {
        form: get_type_hints(vars(getattr(formats, word))["value"].fget, names)["return"]
        for form, word in READINGS.items()
    }
    assert told == TYPES
