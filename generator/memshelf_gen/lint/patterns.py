"""Rules on patterns: what other languages read otherwise, and what is surely meant otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from memshelf_gen.document import Steps
from memshelf_gen.edits import Edit, Rename, Replace
from memshelf_gen.lint.regex import Part, Reach, Regex, spelt_out
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import is_aside


@rule("pattern-not-ecma", "warning", "a pattern has a construct that ECMA-262 has not, whose dialect JSON Schema means")
def pattern_not_ecma(subject: Subject) -> Iterator[Flaw]:
    yield from _constructs(subject, "foreign")


@rule("pattern-not-everywhere", "note", "a pattern has a construct that regular expressions of other languages lack")
def pattern_not_everywhere(subject: Subject) -> Iterator[Flaw]:
    yield from _constructs(subject, "rare")


@rule(
    "pattern-shorthand",
    "note",
    "a pattern has a shorthand such as `\\d`, which languages read differently",
    fixable=True,
)
def pattern_shorthand(subject: Subject) -> Iterator[Flaw]:
    yield from _constructs(subject, "unlike")


def _constructs(subject: Subject, reach: Reach) -> Iterator[Flaw]:
    for steps, regex in _patterns(subject):
        told: set[str] = set()
        for each in regex.constructs:
            what, _, fix = each.what.partition("; ")
            if each.reach == reach and each.text not in told:
                told.add(each.text)
                edits = _spelling((*subject.at, *steps), regex.pattern) if each.is_spelt_out else ()
                yield subject.flaw(f"{each.text} {what}", *steps, fix=fix, edits=edits)


def _spelling(at: Steps, pattern: str) -> tuple[Edit, ...]:
    """Spell out the shorthands of a pattern."""
    written = spelt_out(pattern)
    if written == pattern:
        return ()
    return (Replace(at, written),) if at[-1] == "pattern" else (Rename(at, written),)


@rule("half-anchored-pattern", "warning", "`^a|b$` means: begins with a, or ends with b")
def half_anchored_pattern(subject: Subject) -> Iterator[Flaw]:
    for steps, regex in _patterns(subject):
        ways = [way for way in regex.ways if way]
        begins = [way[0].text == "^" for way in ways]
        ends = [way[-1].text == "$" for way in ways]
        if len(ways) > 1 and begins[0] and ends[-1] and not any(begins[1:]) and not any(ends[:-1]):
            inner = regex.pattern[1:-1]
            text = "only the first alternative is bound to the start, and only the last to the end"
            yield subject.flaw(text, *steps, fix=f"write ^(?:{inner})$")


@rule("unanchored-pattern", "note", "a pattern matches anywhere in a text")
def unanchored_pattern(subject: Subject) -> Iterator[Flaw]:
    for steps, regex in _patterns(subject) if not is_aside(subject) else ():
        if not any(_is_bound(way) or _is_meant_anywhere(way) for way in regex.ways):
            text = "matches anywhere in the text"
            yield subject.flaw(text, *steps, fix="write ^ before and $ behind it if the whole text is meant")


def _is_bound(way: tuple[Part, ...]) -> bool:
    """Tell whether a way has something that is bound to a place: `^`, `$`, a border of a word, something ahead."""
    return any(part.kind in ("anchor", "look") or any(map(_is_bound, part.ways)) for part in way)


def _is_meant_anywhere(way: tuple[Part, ...]) -> bool:
    """Tell whether a way looks for one sign, or takes everything: `\\S`, `@`, `.*`."""
    return len(way) <= 1 and all((part.least, part.most) == (1, 1) or part.text == "." for part in way)


@rule("slow-pattern", "warning", "a pattern can take time without end on some texts")
def slow_pattern(subject: Subject) -> Iterator[Flaw]:
    for steps, regex in _patterns(subject):
        if slow := next((found for way in regex.ways for part in way if (found := _slow(part))), None):
            text = f"{slow.text} repeats what is repeated already, so that some texts take time without end"
            yield subject.flaw(text, *steps, fix="put a sign that must be there between the repetitions")


def _slow(part: Part) -> Part | None:
    """Find a repeated group in which nothing must be there but one repeated sign: `(a+)+`, `(a*b?)*`."""
    if part.kind == "group" and part.most is None and any(map(_is_ambiguous, part.ways)):
        return part
    return next((found for way in part.ways for each in way if (found := _slow(each))), None)


def _is_ambiguous(way: tuple[Part, ...]) -> bool:
    taking = [part for part in way if part.kind in ("sign", "group")]
    needed = [part for part in taking if part.least > 0]
    return len(needed) < 2 and any(part.most is None for part in needed or taking)


def _patterns(subject: Subject) -> Iterator[tuple[tuple[str, ...], Regex]]:
    """Give each pattern of a schema, with the steps to it."""
    pattern = subject.keywords.get("pattern")
    if isinstance(pattern, str):
        yield ("pattern",), _read(pattern)
    for name in subject.keywords.get("patternProperties", ()):
        yield ("patternProperties", name), _read(name)


@lru_cache(1000)
def _read(pattern: str) -> Regex:
    return Regex(pattern)


RULES: tuple[Rule, ...] = (
    pattern_not_ecma,
    pattern_not_everywhere,
    pattern_shorthand,
    half_anchored_pattern,
    unanchored_pattern,
    slow_pattern,
)
