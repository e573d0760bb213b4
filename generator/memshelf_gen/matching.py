"""Make texts that match a regular expression of ECMA-262, short and readable ones first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

_LIKED = "abcdeABCDE012345xyzXYZ-_. @/:+,;=#%&!?~*'\"()[]{}<>|$^\\\t\n"
"""What is taken from a class of signs, in this order, as far as the class has it."""
_FAR = "éßøñ中日αβ€½٣Ⅷ😀\u00a0\u2028\x07"
"""Signs for classes of Unicode, and for those that exclude all of the above."""
_MOST = 40_000
"""Signs of a text; longer ones would be no help to anybody."""

Test: TypeAlias = Callable[[str], bool]
_DIGIT, _WORD = re.compile(r"[0-9]"), re.compile(r"[A-Za-z0-9_]")
_CLASSES: dict[str, Test] = {
    "d": lambda sign: bool(_DIGIT.match(sign)),
    "w": lambda sign: bool(_WORD.match(sign)),
    "s": str.isspace,
}
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_PROPERTIES: dict[str, Test] = {
    "L": str.isalpha,
    "Lu": str.isupper,
    "Ll": str.islower,
    "N": str.isnumeric,
    "Nd": str.isdecimal,
    "P": lambda sign: sign in "-_.@/:,;#%&!?*'\"()[]{}\\",
    "S": lambda sign: sign in "+=~<>|$^€",
    "Z": str.isspace,
    "Letter": str.isalpha,
    "Alphabetic": str.isalpha,
    "digit": str.isdecimal,
}


def matching(pattern: str, *, shortest: int = 0) -> Iterator[str]:
    """Give different texts that match a pattern somewhere, most of them; the caller has to look.

    Args:
        pattern: The regular expression; one that cannot be read gives nothing.
        shortest: How many signs a text needs at least; repetitions are stretched for it.
    """
    try:
        reading = _Reading(pattern)
        parts = reading.alternatives()
        if reading.at < len(pattern):  # a bracket is closed that nobody opened
            return
    except (_Unreadable, RecursionError):
        return
    seen: set[str] = set()
    for more, choice in ((0, 0), (1, 1), (0, 2), (3, 3), (shortest, 0), (0, 1), (2, 5), (7, 8), (shortest, 1)):
        text = _Writing(more, choice).write(parts)
        if shortest <= len(text) <= _MOST and text not in seen:
            seen.add(text)
            yield text


class _Unreadable(Exception):
    """The pattern has a construct that is not known here."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """One sign: those that it may be, the liked ones first."""

    choices: str


@dataclass(frozen=True, slots=True)
class _Group:
    """Alternatives in brackets, each a list of parts."""

    number: int
    ways: list[list[_Part]]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A part that is repeated."""

    part: _Part
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Again:
    """What a group has matched, once more."""

    number: int


_Part: TypeAlias = _Sign | _Group | _Repeat | _Again


@dataclass(slots=True)
class _Writing:
    """Writes one text: `more` repetitions than are needed, and of what can be chosen the one numbered `choice`."""

    more: int
    choice: int
    groups: dict[int, str] = field(default_factory=dict)
    turn: int = 0

    def write(self, ways: list[list[_Part]]) -> str:
        return "".join(self.part(part) for part in ways[self.choice % len(ways)])

    def part(self, part: _Part) -> str:
        match part:
            case _Sign(choices):
                self.turn += 1
                return choices[(self.choice and self.choice + self.turn) % len(choices)]
            case _Group(number, ways):
                self.groups[number] = self.write(ways)
                return self.groups[number]
            case _Repeat(inner, least, most):
                times = least + self.more
                return "".join(self.part(inner) for _ in range(min(times, _MOST) if most is None else min(times, most)))
            case _Again(number):
                return self.groups.get(number, "")


@dataclass(slots=True)
class _Reading:
    """Reads a pattern from left to right."""

    pattern: str
    at: int = 0
    groups: int = 0
    names: dict[str, int] = field(default_factory=dict)

    def alternatives(self) -> list[list[_Part]]:
        ways: list[list[_Part]] = [[]]
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.taken("|"):
                ways.append([])
            elif (part := self.atom()) is not None:
                ways[-1].append(self.repeated(part))
        return ways

    def taken(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def found(self, regex: str) -> re.Match[str] | None:
        match = re.compile(regex).match(self.pattern, self.at)
        self.at = match.end() if match else self.at
        return match

    def atom(self) -> _Part | None:
        if self.taken("^") or self.taken("$") or self.taken("\\b") or self.taken("\\B"):
            return None
        if self.taken("("):
            return self.group()
        if self.taken("["):
            return self.bracket()
        if self.taken("."):
            return _chosen(lambda sign: sign != "\n")
        if self.taken("\\"):
            if number := self.found(r"[1-9][0-9]*"):
                return _Again(int(number[0]))
            if name := self.found(r"k<(\w+)>"):
                return _Again(self.names.get(name[1], 0))
            test = self.escape()
            return _Sign(test) if isinstance(test, str) else _chosen(test)
        self.at += 1
        return _Sign(self.pattern[self.at - 1])

    def group(self) -> _Part | None:
        look = self.found(r"\?(=|!|<=|<!)")
        plain = self.found(r"\?:")
        named = self.found(r"\?<(\w+)>")
        number = 0
        if not look and not plain:
            self.groups += 1
            number = self.groups
            if named:
                self.names[named[1]] = number
        ways = self.alternatives()
        if not self.taken(")"):
            raise _Unreadable
        if look:
            self.found(r"[?*+]|\{[0-9,]*\}")
            return None
        return _Group(number, ways)

    def repeated(self, part: _Part) -> _Part:
        bounds = self.found(r"([?*+])\??|\{([0-9]+)(,?)([0-9]*)\}\??")
        if bounds is None:
            return part
        if bounds[1]:
            return _Repeat(part, int(bounds[1] == "+"), 1 if bounds[1] == "?" else None)
        least = int(bounds[2])
        return _Repeat(part, least, int(bounds[4]) if bounds[4] else None if bounds[3] else least)

    def bracket(self) -> _Sign:
        negated = self.taken("^")
        tests: list[Test] = []
        signs = ""
        while not self.taken("]"):
            first = self.in_bracket()
            if not isinstance(first, str):
                tests.append(first)
            elif self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at):
                self.at += 1
                last = self.in_bracket()
                if not isinstance(last, str):
                    raise _Unreadable
                tests.append(_within(first, last))
                signs += first + last
            else:
                signs += first
                tests.append(_within(first, first))
        if negated:
            return _chosen(lambda sign: not any(test(sign) for test in tests))
        return _chosen(lambda sign: any(test(sign) for test in tests), own=signs)

    def in_bracket(self) -> str | Test:
        if self.at >= len(self.pattern):
            raise _Unreadable
        if self.taken("\\b"):
            return "\b"
        if self.taken("\\"):
            return self.escape()
        self.at += 1
        return self.pattern[self.at - 1]

    def escape(self) -> str | Test:
        if code := self.found(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]+)\}"):
            return chr(int(code[1] or code[2] or code[3], 16))
        if control := self.found(r"c([A-Za-z])"):
            return chr(ord(control[1]) % 32)
        if named := self.found(r"([pP])\{(?:[A-Za-z_]+=)?([A-Za-z_]+)\}"):
            test = _PROPERTIES.get(named[2]) or _PROPERTIES.get(named[2][:1]) or str.isalpha
            return test if named[1] == "p" else _other_than(test)
        if self.at >= len(self.pattern):
            raise _Unreadable
        sign = self.pattern[self.at]
        self.at += 1
        if sign.lower() in _CLASSES:
            test = _CLASSES[sign.lower()]
            return test if sign.islower() else _other_than(test)
        return _CONTROL.get(sign, sign)


def _chosen(test: Test, *, own: str = "") -> _Sign:
    """Give a sign of those that pass a test; `own` are the signs that the pattern itself names."""
    liked = "".join(sign for sign in _LIKED if test(sign)) or own or "".join(sign for sign in _FAR if test(sign))
    if not liked:
        raise _Unreadable
    return _Sign(liked)


def _within(first: str, last: str) -> Test:
    return lambda sign: first <= sign <= last


def _other_than(test: Test) -> Test:
    return lambda sign: not test(sign)
