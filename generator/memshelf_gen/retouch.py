"""Make edits in the text of a schema file, so that every byte stays that need not change, comments above all.

A library that writes YAML anew changes more than it was asked to: a round trip through ruamel.yaml, with no edit at
all, changes lines in most of the example's schemas. So an edit is a stretch of text that is replaced, taken away or put
in between. What comes out is read again: it must be the document that the edit means, or the edit is not made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from memshelf_gen.document import Document, Steps
from memshelf_gen.edits import Add, Edit, Impossible, Remove, Rename, Replace, edited, whole
from memshelf_gen.jsontext import json_pieces
from memshelf_gen.load import read_document
from memshelf_gen.nodes import Unreadable
from memshelf_gen.pieces import Piece, Word
from memshelf_gen.yaml11 import read_otherwise
from memshelf_gen.yamltext import yaml_pieces

_PLAIN = re.compile(r"[A-Za-z_$](?:[A-Za-z0-9_$./-]|[: ](?=[A-Za-z0-9_$/]))*")
"""Words that YAML takes for a text without quotes, unless they mean something."""
_MEANING = re.compile(r"true|false|null|yes|no|on|off|y|n", re.IGNORECASE)


class NotMade(Exception):
    """An edit that cannot be made without changing more of the text than it says."""


def retouched(document: Document, edits: Iterable[Edit]) -> Document:
    """Make edits in a file's text, one after the other, all of them or none.

    Raises:
        NotMade: one of them cannot be made.
    """
    for edit in edits:
        document = _retouched(document, edit)
    return document


def _retouched(document: Document, edit: Edit) -> Document:
    try:
        wanted = edited(document.value, edit)
        text = _Retouching(document).text(edit)
    except (Impossible, LookupError) as error:
        raise NotMade(str(error)) from error
    faults: list[Unreadable] = []
    try:
        made = read_document(text.encode(), faults, source=document.source, path=document.path)
    except Unreadable as fault:
        raise NotMade(fault.text) from fault
    # Not only equal: 1 is not 1.0 and not true, and the keys have their order.
    if faults or json.dumps(made.value) != json.dumps(wanted):
        raise NotMade("the text would say something else")
    return made


@dataclass(frozen=True, slots=True)
class _Retouching:
    document: Document

    def text(self, edit: Edit) -> str:
        """Give the text with one edit made."""
        root = (json_pieces if self.document.is_json else yaml_pieces)(self.document.text)
        match edit:
            case Rename(at, key):
                word, _ = root.at(at[:-1]).member(str(at[-1]))
                return self.put(word.start, word.end, self.written(key, instead=word))
            case Replace(at, value):
                piece = root.at(at)
                return self.put(piece.start, piece.end, self.written(value, instead=piece))
            case Remove():
                return self.without(root, whole(self.document.value, edit))
            case Add(at, value, before):
                return self.added(root.at(at[:-1]), str(at[-1]), value, before)

    def put(self, start: int, end: int, new: str) -> str:
        text = self.document.text
        return f"{text[:start]}{new}{text[end:]}"

    def written(self, value: Any, *, instead: Piece | Word | None = None) -> str:
        """Write a value, with the quotes of what stood there."""
        if self.document.is_json:
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            return f"[{', '.join(self.written(each) for each in value)}]"
        if not isinstance(value, str):
            # Readers of YAML 1.1 take a number with an exponent for a text, unless it has a point.
            return re.sub(r"^(-?[0-9]+)e", r"\1.0e", json.dumps(value, ensure_ascii=False))
        quote = self.document.text[instead.start] if instead and instead.start < instead.end else ""
        if quote == '"' or not value.isprintable():
            return json.dumps(value, ensure_ascii=False)
        if quote != "'" and _PLAIN.fullmatch(value) and not _MEANING.fullmatch(value) and not read_otherwise(value):
            return value
        return "'" + value.replace("'", "''") + "'"

    def without(self, root: Piece, at: Steps) -> str:
        holder, step = root.at(at[:-1]), at[-1]
        stretches = [(word.start, value.end) for word, value in holder.members] or [
            (item.start, item.end) for item in holder.items
        ]
        index = step if isinstance(step, int) else holder.index(step)
        start, end = stretches[index]
        if holder.is_flow:
            if index + 1 < len(stretches):
                return self.put(start, stretches[index + 1][0], "")
            return self.put(stretches[index - 1][1] if index else start, end, "")
        if len(stretches) == 1:
            raise NotMade("nothing would be left between the lines around")
        text = self.document.text
        line = text.rfind("\n", 0, start) + 1
        if re.fullmatch(r" *- +" if holder.items else r" *", text[line:start]):
            stop = end if text[end - 1 : end] == "\n" else text.find("\n", end) + 1 or len(text)
            return self.put(line, stop, "")
        if index + 1 == len(stretches):
            raise NotMade("it begins on the line of something else")
        return self.put(start, stretches[index + 1][0], "")

    def added(self, holder: Piece, key: str, value: Any, before: str | None) -> str:
        """Put a member before another one: on a line of its own where that one has such, with its indentation."""
        text = self.document.text
        sibling, known = holder.members[holder.index(before) if before else 0]
        line = text.rfind("\n", 0, sibling.start) + 1
        lead = text[line : sibling.start]
        between = text[sibling.end : known.start]
        colon = between if between in (":", ": ", " : ") and (self.document.is_json or between != ":") else ": "
        written = f"{self.written(key)}{colon}{self.written(value)}"
        end = "\r\n" if text[: text.find("\n")].endswith("\r") else "\n"
        if not holder.is_flow:
            return self.put(sibling.start, sibling.start, f"{written}{end}{re.sub(r'[^ ]', ' ', lead)}")
        if lead.strip():
            return self.put(sibling.start, sibling.start, f"{written},{' ' if colon != ':' else ''}")
        return self.put(sibling.start, sibling.start, f"{written},{end}{lead}")
