"""Patterns of JSON Schema: what they match, by jsonschema-rs and by Python's `re`."""

from __future__ import annotations

import pytest

from memshelf.errors import MemshelfError
from memshelf.judge import Compiler, Judge, python_compiler, rs_compiler


@pytest.fixture(params=[rs_compiler, python_compiler], ids=["jsonschema-rs", "jsonschema"])
def compiler(request: pytest.FixtureRequest) -> Compiler:
    """Give each of the two compilers in turn."""
    made: Compiler = request.param()
    return made


PATTERNS = [
    ("^[A-Z]{2}$", "GB", True),
    ("^[A-Z]{2}$", "GB\n", False),
    (r"^\d+$", "12", True),
    (r"^\d+$", "٣", False),
    (r"^\w+$", "a_1", True),
    (r"^\w+$", "é", False),
    (r"^[\w.-]+$", "a.b-c", True),
    (r"^[\d]$", "٣", False),
    (r"^[^\d]$", "a", True),
    (r"^\D$", "٣", True),
    (r"^[$]$", "$", True),
    (r"^\$$", "$", True),
    (r"^a\/b$", "a/b", True),
    (r"^(?<year>\d{4})$", "2025", True),
    (r"^(?=a)\w(?!c)", "ab", True),
    (r"^\u00e9$", "é", True),
    (r"^\cA$", "\x01", True),
    (r"^[\\]$", "\\", True),
    ("b", "abc", True),
]


@pytest.mark.parametrize(("pattern", "text", "matches"), PATTERNS)
def test_patterns_mean_what_ecma_262_says(pattern: str, text: str, matches: bool, compiler: Compiler) -> None:
    assert Judge({"pattern": pattern}, compiler=compiler).is_valid(text) is matches
    assert Judge({"patternProperties": {pattern: False}}, compiler=compiler).is_valid({text: 1}) is not matches


def test_a_pattern_that_python_cannot_read_is_no_verdict() -> None:
    judge = Judge({"pattern": r"^\p{L}+$"}, compiler=python_compiler())
    with pytest.raises(MemshelfError, match="install jsonschema-rs"):
        judge.is_valid("a")
