"""Rules on texts: their formats."""

from __future__ import annotations

from collections.abc import Iterator

from memshelf_gen.keywords import FORMATS
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.modern import is_asserted
from memshelf_gen.problem import did_you_mean

_KNOWN = frozenset(FORMATS)
_CALLED = {
    "datetime": "date-time",
    "timestamp": "date-time",
    "url": "uri",
    "guid": "uuid",
    "uuid4": "uuid",
    "ip": "ipv4",
    "mail": "email",
    "e-mail": "email",
    "host": "hostname",
    "domain": "hostname",
    "regexp": "regex",
}
DIFFER = {
    "date-time": "leap seconds",
    "time": "leap seconds",
    "duration": "fractions, signs and durations such as P1Y2D",
    "email": "names in quotes and addresses in brackets",
    "idn-email": "signs that only look like @",
    "hostname": "a dot at the end and names that begin with xn--",
    "idn-hostname": "which letters stand in a name",
    "uri": "ports and hosts in brackets",
    "uri-reference": "quotes, ports and hosts in brackets",
    "iri": "backslashes and hosts in brackets",
    "iri-reference": "backslashes",
    "uri-template": "which expressions there are",
    "uuid": "digits of other scripts, and urn:uuid: in front",
    "relative-json-pointer": "digits of other scripts",
    "regex": "what is no construct of ECMA-262",
}
"""What jsonschema-rs, jsonschema and ajv-formats answer differently in JSON-Schema-Test-Suite; others agree in all."""
_MEANS = {
    **dict.fromkeys(("int32", "int64"), "write minimum and maximum"),
    **dict.fromkeys(("float", "double"), "leave it out: type: number is enough"),
    **dict.fromkeys(("byte", "base64"), "write contentEncoding: base64, and a pattern if it must be checked"),
    "binary": "write contentMediaType: application/octet-stream",
    "password": "leave it out; writeOnly: true says that nobody reads it back",
}


@rule("unknown-format", "warning", "a format is one that no validator checks")
def unknown_format(subject: Subject) -> Iterator[Flaw]:
    name = subject.keywords.get("format")
    if not isinstance(name, str) or is_asserted(name, subject.file.draft):
        return
    if name in _KNOWN:
        text = f"{subject.file.draft} has no format {name!r}, so that nothing is checked"
        yield subject.flaw(text, "format", fix="write the file in draft 2020-12, or a pattern")
        return
    meant = _CALLED.get(name.casefold().replace("_", "-"), _CALLED.get(name.casefold()))
    near = f"did you mean {meant!r}?" if meant else did_you_mean(name, _KNOWN).removeprefix("; ")
    fix = _MEANS.get(name) or near or "write a pattern, or leave it out"
    yield subject.flaw(f"there is no format {name!r}, so that nothing is checked", "format", fix=fix)


@rule("validator-format", "note", "validators judge some texts of a format differently")
def validator_format(subject: Subject) -> Iterator[Flaw]:
    name = subject.keywords.get("format")
    if isinstance(name, str) and name in DIFFER and is_asserted(name, subject.file.draft):
        text = f"validators judge {DIFFER[name]} differently"
        yield subject.flaw(text, "format", fix="add a pattern that only takes what all of them take, if that matters")


RULES: tuple[Rule, ...] = (unknown_format, validator_format)
