"""Write and follow JSON pointers in fragments of references (RFC 6901, section 6): `#/$defs/Address`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote


def pointer(steps: tuple[str | int, ...]) -> str:
    """Write steps as the fragment of a reference."""
    escaped = (quote(str(step).replace("~", "~0").replace("/", "~1"), safe="$!'()*+,;=:@?") for step in steps)
    return "".join(["#", *(f"/{step}" for step in escaped)])


def steps_in(fragment: str) -> list[str]:
    """Give the steps of a fragment as texts, those into lists too."""
    return [unquote(step).replace("~1", "/").replace("~0", "~") for step in fragment.split("/")[1:]]


def follow(root: Any, fragment: str) -> tuple[tuple[str | int, ...], Any]:
    """Give the steps of a fragment, and what stands there. Raises LookupError when nothing does."""
    steps: tuple[str | int, ...] = ()
    found = root
    for text in steps_in(fragment):
        match found:
            case dict() if text in found:
                steps, found = (*steps, text), found[text]
            case list() if text.isdecimal() and int(text) < len(found):
                steps, found = (*steps, int(text)), found[int(text)]
            case _:
                raise LookupError(fragment)
    return steps, found
