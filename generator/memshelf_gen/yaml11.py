"""What readers of YAML 1.1 take an unquoted word for, where YAML 1.2 says something else.

YAML 1.2 dropped these readings in 2009; PyYAML, Ruby and many command line tools still have them. The tables are those
of https://yaml.org/type/ (bool, int, float, timestamp).
"""

from __future__ import annotations

import re

_BOOL = re.compile(r"(yes|Yes|YES|on|On|ON)|(no|No|NO|off|Off|OFF)")
_BINARY = re.compile(r"[-+]?0b[01_]+")
_OCTAL = re.compile(r"([-+]?)0([0-7_]+)")
_NO_OCTAL = re.compile(r"[-+]?0[0-9]+|[-+]?0o[0-7]+|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?[0-9]+\.[0-9]*[eE][0-9]+")
_SIXTIES = re.compile(r"([-+]?)([0-9][0-9_]*(?::[0-5]?[0-9])+)(\.[0-9_]*)?")
_GROUPED = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_SUSPECT = re.compile(r"(?i)\b(?:yes|no|on|off)\b|[0-9][0-9:_.-]*[0-9eEbBoO:_]")


def may_be_read_otherwise(text: str) -> bool:
    """Tell quickly whether a whole file can have such a word at all."""
    return _SUSPECT.search(text) is not None


def read_otherwise(word: str) -> str:
    """Say what YAML 1.1 takes an unquoted word for; empty where both versions agree."""
    if not word or word[0] not in "yYnNoO+-0123456789":
        return ""
    if found := _BOOL.fullmatch(word):
        return "true" if found[1] else "false"
    if _BINARY.fullmatch(word):
        return f"the number {int(word.replace('_', ''), 2)}"
    if (found := _OCTAL.fullmatch(word)) and found[2].strip("_"):
        return f"the number {int(found[1] + found[2].replace('_', ''), 8)}"
    if _NO_OCTAL.fullmatch(word):
        return "a text"
    if found := _SIXTIES.fullmatch(word):
        total = 0
        for part in found[2].replace("_", "").split(":"):
            total = total * 60 + int(part)
        return f"the number {found[1].strip('+')}{total}{found[3] or ''}"
    if "_" in word and _GROUPED.fullmatch(word):
        return f"the number {word.replace('_', '')}"
    return "a date" if _DATE.fullmatch(word) else ""
