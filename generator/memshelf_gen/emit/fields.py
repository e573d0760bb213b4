"""Make Python names of the names that schemas use: for fields, and for the classes of nested objects."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

from memshelf_gen.emit.distinct import Wish, distinct, spelled
from memshelf_gen.emit.readings import READING_CLASSES
from memshelf_gen.naming import python_name

# pydantic's own names and those of its metaclass, names that the generated classes use in their annotations, and those
# of the Payload base: a field of such a name would hide them. A fixed list, so that output does not change with
# pydantic's version.
_TYPING = "Annotated Any ConfigDict Field Literal MISSING NotRequired Payload TypedDict None True False"
_BUILTIN = "bool dict float int list str"
_PYDANTIC = """
construct copy from_orm json mro parse_file parse_obj parse_raw register schema schema_json update_forward_refs validate
"""
RESERVED_FIELDS = frozenset(f"{_TYPING} {_BUILTIN} {_PYDANTIC}".split())
RESERVED_CLASSES = frozenset(f"{_TYPING} Mapping Model Sequence Typed".split()) | READING_CLASSES
HIDDEN_BY_FIELDS = frozenset(f"{_TYPING} {_BUILTIN}".split())
"""Names that annotations use: within a class that has a field of such a name, the name would mean the field."""


def field_names(wire_names: Iterable[str]) -> dict[str, str]:
    """Give each name of an object's properties its Python name, all different.

    A name that is a good Python name already keeps it, whatever its neighbours are. Of others that want one name the
    first has it, those that are identifiers before those that are not; the rest says how it is spelled on the wire:
    beside `ref`, `$ref` is `ref_dollar`. The order of properties does not matter.
    """
    names = {wire: field_name(wire) for wire in wire_names}
    if len({*names.values()}) == len(names):
        return names
    return distinct({wire: _wish(wire, name) for wire, name in names.items()}, between="_")


def _wish(wire: str, name: str) -> Wish:
    rank = (name != wire, name.rstrip("_") != wire, not wire.isidentifier(), wire)
    return Wish(name, _unhidden(f"{name.rstrip('_')}_{spelled(wire)}"), rank, wire)


def field_name(wire: str) -> str:
    """Give the Python name of one property: `templateId` is `template_id`, `class` is `class_`."""
    good = wire.isidentifier() and wire == wire.lower() == unicodedata.normalize("NFKC", wire) and wire[0] != "_"
    snake = wire if good else python_name(wire, prefix="field")
    return _unhidden(snake)


def _unhidden(name: str) -> str:
    """Put `_` behind a name that means something else; with it the name is good, also as a property's own."""
    is_hidden = keyword.iskeyword(name) or name in RESERVED_FIELDS or re.fullmatch("model_.*[^_]|model_", name)
    return f"{name}_" if is_hidden else name


def class_name(text: str) -> str:
    """Give a name in CamelCase: `bill_to` is `BillTo`; empty when nothing of the text can stand in a name."""
    parts = re.split(r"[\W_]+", unicodedata.normalize("NFKC", text))
    return "".join(part[:1].upper() + part[1:] for part in parts)


def singular(text: str) -> str:
    """Give the name of one item of a list named in the plural: `lines` is `line`, `addresses` is `address`."""
    for ending, single in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if text.lower().endswith(ending) and len(text) > len(ending) + 1:
            return text[: -len(ending)] + single
    if re.search(r"[^siuSIU]s$", text) and len(text) > 2:
        return text[:-1]
    return f"{text}_item"
