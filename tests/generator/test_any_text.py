"""Whatever texts a schema holds, its code is Python that black leaves alone, and its payloads come through."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import black
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from memshelf.payload import read, wire
from memshelf_gen.pipeline import generate
from tests.generator.projects import Json, importable, job, make, nested

SIGNS = [
    "a",
    "B",
    "_",
    "-",
    "1",
    "$",
    "%",
    "#",
    "{",
    "}",
    "(",
    ")",
    "[",
    ",",
    '"',
    "'",
    "\\",
    "/",
    "~",
    "~1",
    ",)",
    '"""',
    "'''",
    "MISSING",
    "Any",
    "#/$defs/",
    "\\N{DASH}",
    "é",
    "ﬁ",
    "😀",
]
CODE = ["  # ", "def ", "class ", "self, ", " = TypedDict(", "import ", " -> None:", ": ..."]
UNSEEN = ["\n", "\r", "\t", "\x85", "\u2028", "\u202e", "\ufeff", "\x7f"]
TEXTS = st.lists(st.sampled_from([*SIGNS, *CODE, *UNSEEN]), max_size=5).map("".join)
KINDS = ("const", "enum", "default", "date", "reference", "object", "list")


@settings(
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.dictionaries(TEXTS, st.tuples(st.sampled_from(KINDS), TEXTS), min_size=1, max_size=5), TEXTS, TEXTS)
def test_any_text_is_safe_wherever_a_schema_may_have_one(
    fields: dict[str, tuple[str, str]], definition: str, description: str
) -> None:
    made = {name: property_of(kind, text, definition) for name, (kind, text) in fields.items()}
    data = {name: value for name, (_, value) in made.items()}
    item = nested({definition: {"type": "string"}}, {"title": description, "description": description})
    schema = job(
        {name: {"description": description, **each} for name, (each, _) in made.items()},
        {"$defs": {definition: item}, "description": description or "Nothing."},
    )
    with tempfile.TemporaryDirectory() as folder:
        config = make(Path(folder), {"thing.json": schema}, generated="built", jobs="built_jobs")
        generate(config)
        for path in config.generated_folder.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert black.format_str(text, mode=black.Mode()) == text
        with importable(config) as package:
            assert import_module("built.catalog").THING.schema.judge.is_valid(data)
            assert import_module("built.dicts.thing").ThingPayloadDict(data) == data
            assert wire(read(package.ThingPayload, data)) == wire(package.ThingPayload(**data)) == data


def property_of(kind: str, text: str, definition: str) -> tuple[Json, Any]:
    """Give the schema of a property with a text in it, and a value."""
    step = quote(definition.replace("~", "~0").replace("/", "~1"), safe="~")
    match kind:
        case "const":
            return {"const": text}, text
        case "enum":
            return {"enum": [text, f"{text}."]}, text
        case "default":
            return {"type": "string", "default": text}, f"{text}."
        case "date":
            return {"type": "string", "format": "date", "default": "2026-01-01", "title": text}, "2026-01-02"
        case "reference":
            return {"$ref": f"#/$defs/{step}"}, {definition: text}
        case "object":
            return nested({text: {"type": "string"}}, {"description": text}), {text: definition}
        case _:
            return {"type": "array", "items": nested({text: {"const": text}}, required=[text])}, [{text: text}]
