"""Laying out lines: black leaves what comes out as it is."""

from __future__ import annotations

import random

import black
import pytest
from black.mode import TargetVersion
from hypothesis import given, settings
from hypothesis import strategies as st

from memshelf_gen.emit.layout import lay_out
from memshelf_gen.emit.leaves import UnknownCode
from memshelf_gen.emit.width import width

TARGETS = {TargetVersion.PY311, TargetVersion.PY312, TargetVersion.PY313}
WORDS = ["a", "bb", "EmailPayload", "x" * 30, "y" * 70, "LongerNameOfAClassThatGoesOn", "straße", "名前の長い"]
ATOMS = [
    '"text"',
    '"with (brackets] in it"',
    "'a\"b'",
    '"漢字"',
    "5",
    "-3",
    "1_000_000",
    "None",
    "1.5e-07",
    "()",
    "[]",
    "{}",
]


def value(rng: random.Random, depth: int = 0) -> str:
    """Give an expression such as a default or an argument."""
    word = rng.choice(WORDS)
    inner = [value(rng, depth + 1) for _ in range(rng.randint(1, 3))] if depth < 3 else ["1"]
    named = ", ".join(f"{rng.choice(WORDS)}{number}={each}" for number, each in enumerate(inner))
    listed = ", ".join(inner)
    items = ", ".join(f'"{rng.choice(WORDS)}{number}": {each}' for number, each in enumerate(inner))
    atom = rng.choice([*WORDS, *ATOMS])
    return rng.choice(
        [
            atom,
            atom,
            f"{word}.{atom}" if atom in WORDS else atom,
            f"{word}({named})",
            f"{word}({named}, last=({inner[0]},))",
            f"[{listed}]",
            f"({listed}, 1)",
            f"({listed}, 1, 2,)",
            f"{{{items}}}",
            f"{word}.model_validate({listed}, by_name=False)",
        ]
    )


def annotation(rng: random.Random, depth: int = 0) -> str:
    """Give a type annotation."""
    word = rng.choice([*WORDS, "str", "None", "Any"])
    if depth > 2:
        return word
    inner = [annotation(rng, depth + 1) for _ in range(rng.randint(2, 4))]
    texts = ", ".join(f'"{rng.choice(WORDS)}{number}"' for number in range(rng.randint(1, 5)))
    return rng.choice(
        [
            word,
            " | ".join(inner),
            f"Literal[{texts}]",
            f"Annotated[{inner[0]}, Field(alias={value(rng, 3)})]",
            f"list[{inner[0]}]",
            f"dict[str, {inner[0]}]",
        ]
    )


def statement(rng: random.Random) -> str:
    """Give a statement of a kind that generated code has."""
    word = rng.choice(WORDS)
    names = ", ".join(f"{rng.choice(WORDS)}{number}" for number in range(rng.randint(1, 8)))
    parameters = "".join(f", {rng.choice(WORDS)}{number}: {annotation(rng)}" for number in range(rng.randint(0, 3)))
    return rng.choice(
        [
            f"{word}: {annotation(rng)} = {value(rng, 1)}",
            f"{word}: {annotation(rng)}",
            f"{word} = {value(rng)}",
            f"return {value(rng)}",
            f"from .models.{word} import {names}",
            f"{word}({value(rng, 1)})",
            f"{word} = {rng.choice(WORDS)}({value(rng, 1)}, one={value(rng, 1)},)",
            f"{word}({value(rng, 1)}, {value(rng, 1)},)",
            f"{word}: {annotation(rng)} = Field(default_factory=lambda: {word}.model_validate({value(rng, 2)}))",
            f"def __init__(self, *{parameters or ', a: int'}{rng.choice(['', ' = ...'])}) -> None: ...",
            f"async def {word}(self{parameters}, **options: Unpack[Q]) -> list[JobHandle[{annotation(rng, 3)}]]: ...",
            f"def {word}() -> type[{annotation(rng, 3)}]: ...",
        ]
    )


def by_black(text: str, limit: int) -> list[str]:
    mode = black.Mode(target_versions=TARGETS, line_length=limit)
    return black.format_str(text, mode=mode).splitlines()


@given(st.integers(0, 2**32), st.sampled_from([60, 79, 88, 100, 120]))
@settings(max_examples=400, deadline=None)
def test_a_statement_is_broken_as_black_breaks_it(seed: int, limit: int) -> None:
    text = statement(random.Random(seed))
    assert [*lay_out(text, depth=0, limit=limit)] == by_black(text, limit)


def test_a_statement_inside_a_class_is_indented() -> None:
    text = f"x: Annotated[str, Field(validation_alias='{'a' * 60}')]".replace("'", '"')
    below = [line.removeprefix("    ") for line in lay_out(text, depth=1, limit=88)]
    assert below == by_black(text, 84)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownCode):
        lay_out(f"x = {'y' * 90} @ z", depth=0, limit=88)


def test_wide_signs_take_two_columns() -> None:
    assert [width(text) for text in ("abc", "é", "漢字", "😀", "")] == [3, 1, 4, 2, 0]
