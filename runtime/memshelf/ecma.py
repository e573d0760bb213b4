"""Regular expressions as JSON Schema means them (ECMA-262), in the dialect of Python's `re`."""

from __future__ import annotations

import re
from functools import lru_cache

from memshelf.categories import members
from memshelf.errors import MemshelfError

_TOKEN = re.compile(
    r"\\u\{(?P<point>[0-9A-Fa-f]+)\}|\\[pP]\{(?P<property>[\w=]+)\}|\\c(?P<control>[A-Za-z])|\\k<(?P<back>\w+)>|\\(?P<escaped>.)|\(\?<(?P<group>[A-Za-z_]\w*)>|."
    r"|\n",
    re.DOTALL,
)
_ESCAPES = {"d": "[0-9]", "D": "[^0-9]", "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]"}
_ESCAPES_IN_CLASS = {"d": "0-9", "w": "A-Za-z0-9_"}


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern: `$` means the very end, `\\d` and `\\w` are ASCII, named groups are spelt as in JavaScript.

    Raises:
        MemshelfError: the pattern uses what Python has not, such as `\\p{Script=Greek}`.
    """
    try:
        return re.compile(_translated(pattern))
    except re.error as error:
        raise MemshelfError(f"the pattern {pattern} is beyond Python's re ({error}); install jsonschema-rs") from None


def _translated(pattern: str) -> str:
    out = []
    in_class = False
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        out.append(_token(token, in_class))
        if text == "[":
            in_class = True
        elif text == "]":
            in_class = False
    return "".join(out)


def _token(token: re.Match[str], in_class: bool) -> str:
    match token.lastgroup:
        case "point":
            return re.escape(chr(int(token["point"], 16)))
        case "control":
            return re.escape(chr(ord(token["control"]) % 32))
        case "property":
            characters = members(token["property"], negated=token.group().startswith("\\P"))
            if characters is None:
                return token.group()  # Which `re` refuses.
            return characters if in_class else f"[{characters}]"
        case "back":
            return f"(?P={token['back']})"
        case "group":
            return token.group() if in_class else f"(?P<{token['group']}>"
        case "escaped":
            return (_ESCAPES_IN_CLASS if in_class else _ESCAPES).get(token["escaped"], token.group())
    match token.group():
        case "$" if not in_class:
            return r"\Z"
        case "[" if in_class:
            return r"\["
        case text:
            return text
