"""What a worker and its child say to each other: frames of one byte that says what it is, and one BSON document.

A document begins with its own length, so that a claimed job travels as it came from the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bson

TERMS, JOB, ASK, END = b"t", b"j", b"a", b"e"
"""From the worker: under which terms the next job runs, the job, the wish that it ends, and that there are no more."""
READY, BROKEN, BEGUN, OUTCOME = b"r", b"b", b"g", b"o"
"""From the child: it has its registry, it has none, the handler begins, and how the attempt ended."""

HEAD = 5
"""Bytes that say what a frame is and how long."""
EMPTY: dict[str, Any] = {}


def frame(kind: bytes, document: dict[str, Any] | bytes = EMPTY) -> bytes:
    """Make a frame; a document that is encoded already is taken as it is."""
    return kind + (document if isinstance(document, bytes) else bson.encode(document))


def length(head: bytes | bytearray) -> int:
    """Give how many bytes follow the first ones of a frame."""
    return int.from_bytes(head[1:HEAD], "little") - (HEAD - 1)


class Splitter:
    """Makes frames of what comes in pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take a piece; give the kind and the document of each frame that is complete now."""
        self._held += piece
        while len(self._held) >= HEAD and len(self._held) >= (whole := HEAD + length(self._held[:HEAD])):
            found = bytes(self._held[:whole])
            del self._held[:whole]
            yield found[:1], found[1:]
