"""Read one YAML 1.2 document with the core schema: `on` and `no` are texts, `012` is twelve, `1:30` is a text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from memshelf_gen.document import Mark
from memshelf_gen.nodes import MAX_DEPTH, Entry, Node, Scalar, Unreadable, check_text, second_time
from memshelf_gen.pieces import Piece, Word

# YAML 1.2.2, section 10.3.2. PyYAML's own rules are those of YAML 1.1, so only its parser is used and no resolver.
_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TAG = "tag:yaml.org,2002:"
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOO_DEEP = f"more than {MAX_DEPTH} levels; use $ref and $defs instead"
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str, faults: list[Unreadable]) -> Node | None:
    """Give the text's one document; None when it is empty.

    Keys that cannot be are noted in `faults`, and their values left out. Raises Unreadable for anything else.
    """
    if forbidden := _FORBIDDEN.search(text):
        sign = f"U+{ord(forbidden.group()):04X}"
        raise Unreadable(_mark_of(text, forbidden.start()), f"the character {sign} cannot stand in YAML; escape it")
    try:
        return _Reading(yaml.parse(text, Loader=_PARSER), faults).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(text, error) from None


def plain_scalars(text: str, wanted: Callable[[str], Any]) -> Iterator[tuple[Mark, str, Scalar]]:
    """Give the unquoted words of a readable text that are wanted, keys too, each with its position and its value."""
    for event in yaml.parse(text, Loader=_PARSER):
        if isinstance(event, yaml.ScalarEvent) and event.tag is None and not event.style and wanted(event.value):
            mark = _mark(event)
            yield mark, event.value, _plain(event.value, mark)


def yaml_pieces(text: str) -> Piece:
    """Find where the value of a text that was read without a fault is written, and all values in it."""
    return _Finding(yaml.parse(text, Loader=_PARSER)).document()


def _mark_of(text: str, offset: int) -> Mark:
    """Give the line and column of an offset into a text."""
    return Mark(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


@dataclass(slots=True)
class _Reading:
    """The events of one text, turned into nodes without recursion beyond the permitted depth."""

    events: Iterator[yaml.Event]
    faults: list[Unreadable]
    anchors: dict[str, Node | None] = field(default_factory=dict)
    """None while the anchored value is still open: an alias to it would make the value contain itself."""

    def document(self) -> Node | None:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        node = self.node(next(self.events), 0)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise Unreadable(_mark(after), "a second document begins here; one file holds one document")
        return node

    def node(self, event: yaml.Event, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Unreadable(_mark(event), _TOO_DEEP)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchors[anchor] = None
        node = self.content(event, depth)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def alias(self, event: yaml.AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            raise Unreadable(_mark(event), f"there is no anchor &{event.anchor} above this alias")
        node = self.anchors[event.anchor]
        if node is None:
            raise Unreadable(_mark(event), f"the value of &{event.anchor} contains itself; use $ref for recursion")
        return Node(_mark(event), node.content)

    def content(self, event: yaml.Event, depth: int) -> Node:
        mark = _mark(event)
        match event:
            case yaml.ScalarEvent():
                return Node(mark, _scalar(event, mark))
            case yaml.SequenceStartEvent():
                _refuse_tag(event.tag, "seq", mark)
                return Node(mark, list(self.items(depth)))
            case yaml.MappingStartEvent():
                _refuse_tag(event.tag, "map", mark)
                return Node(mark, self.entries(depth))
            case _:
                raise AssertionError(f"the parser sent {event} where a value begins")

    def items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth + 1)

    def entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            mark, key = _mark(event), self.node(event, depth + 1).content
            entry = Entry(mark, self.node(next(self.events), depth + 1))
            if fault := _wrong_key(event, key, entries):
                self.faults.append(Unreadable(mark, fault))
            elif isinstance(key, str):
                entries[key] = entry
        return entries


def _wrong_key(event: yaml.Event, key: object, entries: dict[str, Entry]) -> str:
    """Say why a key cannot stand where it stands; empty when it can."""
    if not isinstance(key, str):
        quoted = f"; quote it: {event.value!r}" if isinstance(event, yaml.ScalarEvent) else ", not a list or an object"
        return f"a key must be a text{quoted}"
    if key == "<<" and isinstance(event, yaml.ScalarEvent) and not event.style:
        return "YAML 1.2 has no merge keys; use $ref, or write the keys out"
    return second_time(key, entries)


def _scalar(event: yaml.ScalarEvent, mark: Mark) -> Scalar:
    """Give a scalar's value: by its tag when it has one, as text when quoted, else by the core schema."""
    text = event.value
    match event.tag:
        case None if event.style:
            return check_text(text, mark)
        case None:
            return _plain(text, mark)
        case "!":
            return check_text(text, mark)
        case tag if tag == f"{_TAG}str":
            return check_text(text, mark)
        case tag if tag.removeprefix(_TAG) in ("int", "float", "bool", "null"):
            value, kind = _plain(text, mark), tag.removeprefix(_TAG)
            if kind == "float" and type(value) is int:
                return float(value)
            if kind == {int: "int", float: "float", bool: "bool"}.get(type(value), "null" if value is None else ""):
                return value
            raise Unreadable(mark, f"{text!r} is not what its tag !!{kind} says")
        case tag:
            raise Unreadable(mark, f"the tag {_short(tag)} has no meaning here; leave it out")


def _plain(text: str, mark: Mark) -> Scalar:
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text[0] in "tT"
    if _NOT_FINITE.fullmatch(text):
        raise Unreadable(mark, f"{text} is no number of JSON; quote it if it is a text")
    try:
        if _INTEGER.fullmatch(text):
            return int(text[2:], 8 if text[1] == "o" else 16) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
    except ValueError:  # Python's limit on the digits of an integer
        raise Unreadable(mark, "this number has too many digits") from None
    if _FLOAT.fullmatch(text):
        raise Unreadable(mark, f"{text} is too large for a number; quote it if it is a text")
    return check_text(text, mark)


def _refuse_tag(tag: str | None, own: str, mark: Mark) -> None:
    if tag not in (None, "!", f"{_TAG}{own}"):
        raise Unreadable(mark, f"the tag {_short(tag or '')} has no meaning here; leave it out")


def _short(tag: str) -> str:
    return f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else tag


def _mark(event: yaml.Event) -> Mark:
    begin = event.start_mark
    return Mark(begin.line + 1, begin.column + 1) if begin is not None else Mark(1, 1)


def _syntax(text: str, error: yaml.MarkedYAMLError) -> Unreadable:
    """Say what the parser did not understand, in the same words with and without the C parser."""
    at = error.problem_mark or error.context_mark
    mark = Mark(at.line + 1, at.column + 1) if at is not None else Mark(1, 1)
    lines = text.split("\n")
    rest = lines[mark.line - 1][mark.column - 1 :] if mark.line <= len(lines) else ""
    if rest.startswith("\t"):
        return Unreadable(mark, "a tab cannot indent YAML; use spaces")
    if "nesting depth" in (error.problem or ""):  # libyaml reads ahead, and since PyYAML 6.0.4 gives up at 1,000 levels
        return Unreadable(mark, _TOO_DEEP)
    what = re.sub(r"^found character .* that cannot start", "found a character that cannot start", error.problem or "")
    context = f" {error.context}" if error.context else ""
    return Unreadable(mark, f"not YAML: {what}{context}")


@dataclass(frozen=True, slots=True)
class _Finding:
    events: Iterator[yaml.Event]

    def document(self) -> Piece:
        next(self.events)
        next(self.events)
        return self.piece(next(self.events))

    def piece(self, event: yaml.Event) -> Piece:
        match event:
            case yaml.MappingStartEvent():
                members: list[tuple[Word, Piece]] = []
                while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
                    key = self.piece(inner)
                    word = Word(key.start, key.end, inner.value if isinstance(inner, yaml.ScalarEvent) else "")
                    members.append((word, self.piece(next(self.events))))
                return self.closed(event, inner, [value for _, value in members], members=tuple(members))
            case yaml.SequenceStartEvent():
                items: list[Piece] = []
                while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                    items.append(self.piece(inner))
                return self.closed(event, inner, items, items=tuple(items))
            case _:
                return Piece(_index(event.start_mark), _index(event.end_mark))

    def closed(
        self,
        begin: yaml.MappingStartEvent | yaml.SequenceStartEvent,
        end: yaml.Event,
        inside: list[Piece],
        *,
        members: tuple[tuple[Word, Piece], ...] = (),
        items: tuple[Piece, ...] = (),
    ) -> Piece:
        """Give an object or a list; without brackets it ends where its last value does, before comments."""
        is_flow = bool(begin.flow_style)
        last = _index(end.end_mark) if is_flow or not inside else inside[-1].end
        return Piece(_index(begin.start_mark), last, is_flow, members, items)


def _index(mark: Any) -> int:
    """Give the offset of a mark, which PyYAML's stubs take for one that may be missing."""
    return int(mark.index)
