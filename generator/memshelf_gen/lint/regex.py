"""Read a regular expression far enough to tell what in it other languages read otherwise, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

# ECMA-262, section 22.2.1, with the flag u: what JSON Schema 2020-12 recommends (section 6.4).
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(,?)(\d*)\})(\??)")
_ESCAPE = re.compile(
    r"\\(?:(?P<control>c[A-Za-z])|(?P<hex>x[0-9A-Fa-f]{2})|(?P<code>u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\})"
    r"|(?P<property>[pP]\{[\w=]+\})|(?P<named>k<\w+>)|(?P<number>[1-9]\d*)|(?P<shorthand>[dDwWsS])|(?P<border>[bB])"
    r"|(?P<plain>[fnrtv0^$\\.*+?()\[\]{}|/-])|(?P<other>x\{[0-9A-Fa-f]+\}|[\s\S]))"
)
_GROUP = re.compile(
    r"\((?:\?(?:(?P<look>=|!|<=|<!)|(?P<plain>:)|<(?P<name>[A-Za-z_$][\w$]*)>"
    r"|(?P<foreign>P<\w+>|P=\w+\)|#[^)]*\)|>|[a-zA-Z^-]+[:)]|)))?"
)
_SIGNS = {"\\d": "0-9", "\\w": "A-Za-z0-9_"}
Reach: TypeAlias = Literal["foreign", "rare", "unlike"]
"""Not in ECMA-262; in it, but not in all others; in all others, with another meaning."""


@dataclass(frozen=True, slots=True)
class Construct:
    """Something in a pattern that not everybody reads alike."""

    text: str
    """As it is written: `(?i)`."""
    reach: Reach
    what: str
    """What it is, and who lacks it or reads it otherwise."""

    @property
    def is_spelt_out(self) -> bool:
        """Whether a class of signs says the same."""
        return self.text.lower() in _SIGNS


@dataclass(frozen=True, slots=True)
class Part:
    """A repeated or a single part of a way through a pattern."""

    kind: Literal["sign", "anchor", "group", "look"]
    text: str
    ways: tuple[tuple[Part, ...], ...] = ()
    """The alternatives of a group."""
    least: int = 1
    most: int | None = 1


@dataclass(slots=True)
class Regex:
    """A pattern, read from left to right."""

    pattern: str
    ways: tuple[tuple[Part, ...], ...] = ()
    constructs: list[Construct] = field(default_factory=list)
    at: int = 0

    def __post_init__(self) -> None:
        self.ways = self._alternatives()
        while self.at < len(self.pattern):  # a bracket that closes nothing
            self._found(self.pattern[self.at], "foreign", "closes nothing; escape it")
            self.at += 1
            self._alternatives()

    def _found(self, text: str, reach: Reach, what: str) -> None:
        self.constructs.append(Construct(text, reach, what))

    def _alternatives(self) -> tuple[tuple[Part, ...], ...]:
        ways: list[list[Part]] = [[]]
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.pattern[self.at] == "|":
                self.at += 1
                ways.append([])
            else:
                ways[-1].append(self._repeated(self._atom()))
        return tuple(map(tuple, ways))

    def _atom(self) -> Part:
        sign = self.pattern[self.at]
        match sign:
            case "(":
                return self._group()
            case "[":
                return self._bracket()
            case "\\":
                return self._escape(in_bracket=False)
        self.at += 1
        if sign in "]{}":
            self._found(sign, "foreign", "stands for itself in some languages only; escape it")
        return Part("anchor" if sign in "^$" else "sign", sign)

    def _group(self) -> Part:
        start = self.at
        opened = _GROUP.match(self.pattern, self.at)
        assert opened is not None
        self.at = opened.end()
        text = opened.group()
        if opened["look"]:
            kind = "lookbehind" if "<" in opened["look"] else "lookahead"
            self._found(text, "rare", f"is a {kind}: Go, Rust and others with RE2's engine have none")
        elif opened["foreign"] is not None:
            self._found(text, "foreign", _foreign_group(text))
            if text.endswith(")"):
                return Part("anchor", text)
        ways = self._alternatives()
        self.at += 1
        return Part("look" if opened["look"] else "group", self.pattern[start : self.at], ways)

    def _repeated(self, part: Part) -> Part:
        bounds = _QUANTIFIER.match(self.pattern, self.at)
        if bounds is None:
            return part
        self.at = bounds.end()
        text = part.text + bounds.group()
        if self.pattern.startswith("+", self.at):
            self._found(f"{bounds.group()}+", "foreign", "is a possessive quantifier, which ECMA-262 has not")
            self.at += 1
        match bounds.group()[0]:
            case "*":
                least, most = 0, None
            case "+":
                least, most = 1, None
            case "?":
                least, most = 0, 1
            case _:
                least = int(bounds[1])
                most = int(bounds[3]) if bounds[3] else None if bounds[2] else least
        return Part(part.kind, text if part.ways else part.text, part.ways, least, most)

    def _bracket(self) -> Part:
        start = self.at
        self.at += 1
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            posix = re.compile(r"\[:\^?\w+:\]").match(self.pattern, self.at)
            if posix:
                self._found(posix.group(), "foreign", "is a class of POSIX, which ECMA-262 has not")
                self.at = posix.end()
            elif self.pattern[self.at] == "\\":
                self._escape(in_bracket=True)
            else:
                self.at += 1
        self.at += 1
        return Part("sign", self.pattern[start : self.at])

    def _escape(self, *, in_bracket: bool) -> Part:
        found = _ESCAPE.match(self.pattern, self.at)
        if found is None:
            self.at += 1
            return Part("sign", "\\")
        self.at = found.end()
        text = found.group()
        match found.lastgroup:
            case "property":
                self._found(text, "rare", "is a class of Unicode: Python's re has none, Go has short names only")
            case "named" | "number":
                self._found(text, "rare", "is a reference back: Go, Rust and others with RE2's engine have none")
            case "code" if "{" in text:
                self._found(text, "rare", "is a code point: Python and Go write it otherwise")
            case "code" | "control":
                self._found(text, "rare", "is an escape that Go and RE2 have not")
            case "shorthand" | "border" if text != "\\b" or not in_bracket:
                self._found(text, "unlike", _unlike(text))
            case "plain" if text == "\\-" and not in_bracket:
                self._found(
                    text, "foreign", "is an escape that ECMA-262 refuses with the flag u; leave the backslash out"
                )
            case "other":
                self._found(text, "foreign", _foreign_escape(text))
        anchor = found.lastgroup == "border" and not in_bracket
        return Part("anchor" if anchor else "sign", text)


def spelt_out(pattern: str) -> str:
    """Write the digits and letters of ASCII where a pattern has `\\d` and `\\w`, as ECMA-262 reads them."""
    parts, at, in_bracket = [], 0, False
    while at < len(pattern):
        found = _ESCAPE.match(pattern, at)
        sign = found.group() if found else pattern[at]
        in_bracket = sign == "[" or (in_bracket and sign != "]")
        # Beside a hyphen it may stand for one end of a range, which is an error in some languages only.
        is_end = in_bracket and "-" in (pattern[at - 1 : at], pattern[at + len(sign) :][:1])
        signs = _SIGNS.get(sign.lower(), "") if not is_end else ""
        if signs and in_bracket and sign.islower():
            sign = signs
        elif signs and not in_bracket:
            sign = f"[{'^' if sign.isupper() else ''}{signs}]"
        parts.append(sign)
        at += len(found.group()) if found else 1
    return "".join(parts)


def _unlike(text: str) -> str:
    match text[1].lower():
        case "d":
            return "means digits of ASCII in ECMA-262, of every script in Python, .NET and Rust; write [0-9]"
        case "w":
            return "means letters of ASCII in ECMA-262, of every script in Python, .NET and Rust; write [A-Za-z0-9_]"
        case "s":
            return "means any space of Unicode in ECMA-262, of ASCII in Go and RE2; write the spaces that are meant"
        case _:
            return "means borders of words of ASCII in ECMA-262, of every script in Python, .NET and Rust"


def _foreign_group(text: str) -> str:
    if text.startswith(("(?P<", "(?P=")):
        return "is a named group as Python and Go write it; ECMA-262 writes (?<name>…) and \\k<name>"
    if text.startswith("(?#"):
        return "is a comment, which ECMA-262 has not"
    if text.startswith("(?>"):
        return "is an atomic group, which ECMA-262 has not"
    if re.match(r"\(\?[a-zA-Z^-]+[:)]", text):
        return "is a flag within the pattern, which most languages have and ECMA-262 has not"
    return "is a group that ECMA-262 has not"


def _foreign_escape(text: str) -> str:
    meant = {"\\A": "write ^", "\\Z": "write $", "\\z": "write $", "\\h": "write [ \\t]", "\\a": "write \\x07"}
    return f"is an escape that ECMA-262 has not; {meant.get(text, 'write the sign itself')}"
