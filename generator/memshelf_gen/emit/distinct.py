"""Give each of several things a name of its own, which depends on no other thing unless both want the same name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

K = TypeVar("K")

_WORDS = """
space bang quote hash dollar percent and tick open close star plus comma hyphen dot slash colon semicolon less equals
more question at open backslash close caret backtick open bar close tilde
"""
_SIGNS = dict(zip(" !\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~", _WORDS.split(), strict=True))
_LONGEST = 4
"""Words that tell how a name is written."""
_SHORTEST = 6
"""Signs of a digest, where nothing else tells two names apart."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a thing would be called if it were alone."""

    name: str
    apart: str
    """What it is called where another thing has the name."""
    rank: tuple[int | str, ...]
    """Of several that want one name, the lowest has it."""
    key: str
    """What it is called in the schema; of this the digest is made that is the last resort."""


def distinct(wishes: Mapping[K, Wish], taken: Collection[str] = (), *, between: str = "") -> dict[K, str]:
    """Name everything, in whatever order it comes.

    A name that is wished for goes to one thing, the name that tells it apart to another. Where neither is left, a
    digest of the schema's name follows, `between` before it.
    """
    waiting = sorted(wishes, key=lambda each: (wishes[each].rank, wishes[each].key))
    used = {*taken}
    names: dict[K, str] = {}
    for wanted in (_name, _apart, partial(_digested, used, between)):
        for each in waiting:
            if (name := wanted(wishes[each])) not in used:
                names[each] = name
                used.add(name)
        waiting = [each for each in waiting if each not in names]
    return {each: names[each] for each in wishes}


def spelled(text: str) -> str:
    """Say in words how a name is written: `a-b` with a `hyphen`, `$ref` with a `dollar`, `templateId` in `camel`."""
    words = [_SIGNS.get(sign) or f"u{ord(sign):04x}" for sign in text if sign != "_" and not _is_plain(sign)]
    bare = text.strip("_")
    words += ["underscore"] * (len(text) - len(bare) if bare else 0)
    letters = re.sub("[^A-Za-z]", "", text)
    if letters != letters.lower():
        capital = letters[0].isupper()
        words.append("upper" if letters.isupper() else "pascal" if capital else "camel")
    return "_".join(words[:_LONGEST]) or ("plain" if text else "empty")


def _is_plain(sign: str) -> bool:
    """Tell whether a sign is in Python's name as it is; by a Unicode that every Python has."""
    old = unicodedata.ucd_3_2_0
    return sign not in _SIGNS and old.category(sign)[0] in "LMN" and old.normalize("NFKC", sign) == sign


def _name(wish: Wish) -> str:
    return wish.name


def _apart(wish: Wish) -> str:
    return wish.apart


def _digested(used: Collection[str], between: str, wish: Wish) -> str:
    digest = hashlib.sha256(wish.key.encode("utf-8", "surrogatepass")).hexdigest()
    lengths = range(_SHORTEST, len(digest) + 1)
    return next(name for length in lengths if (name := f"{wish.apart}{between}{digest[:length]}") not in used)
