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
    (r"^\p{L}+$", "Größe", True),
    (r"^\p{L}+$", "a1", False),
    (r"^\p{Lu}\p{Ll}$", "Éa", True),
    (r"^\p{Lu}\p{Ll}$", "aÉ", False),
    (r"^\p{Uppercase_Letter}$", "A", True),
    (r"^\p{gc=Nd}$", "٣", True),
    (r"^\P{L}$", "1", True),
    (r"^\P{L}$", "é", False),
    (r"^[\p{L}\d -]+$", "Straße 3-a", True),
    (r"^[\p{L}\d -]+$", "a.b", False),
    (r"^[^\p{P}]$", "!", False),
    (r"^[\P{L}a]$", "a", True),
    (r"^[\P{L}a]$", "b", False),
    (r"^\p{Cased_Letter}$", "ǅ", True),
    ("b", "abc", True),
]


@pytest.mark.parametrize(("pattern", "text", "matches"), PATTERNS)
def test_patterns_mean_what_ecma_262_says(pattern: str, text: str, matches: bool, compiler: Compiler) -> None:
    assert Judge({"pattern": pattern}, compiler=compiler).is_valid(text) is matches
    assert Judge({"patternProperties": {pattern: False}}, compiler=compiler).is_valid({text: 1}) is not matches


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": r"^\p{Script=Greek}+$"},
        {"properties": {"pattern": {"type": "string"}, "name": {"items": [{"pattern": r"\p{Emoji}"}]}}},
        {"$defs": {"Name": {"patternProperties": {r"^\p{Greek}$": True}}}},
    ],
)
def test_a_pattern_that_python_cannot_read_is_refused_before_any_payload_is_judged(schema: dict[str, object]) -> None:
    """A payload that the pattern does not concern would pass, until one comes that it does."""
    judge = Judge(schema, compiler=python_compiler())
    with pytest.raises(MemshelfError, match="install jsonschema-rs"):
        judge.is_valid(1)


def test_what_only_looks_like_a_pattern_is_left_alone() -> None:
    schema = {
        "properties": {"pattern": {"const": {"pattern": "("}}, "patternProperties": {"enum": [{"pattern": "("}]}},
        "default": {"pattern": "("},
        "$defs": {"pattern": {"examples": [{"pattern": "("}]}},
    }
    assert Judge(schema, compiler=python_compiler()).is_valid({"pattern": {"pattern": "("}})
