"""Mend what is mechanical: make the edits of findings in the files' texts, until none is left that can be made."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from memshelf_gen.disk import Plan, carry_out
from memshelf_gen.finding import Finding
from memshelf_gen.lint.inspection import Inspection, Mend, inspect
from memshelf_gen.lint.rule import Rule
from memshelf_gen.load import read_document
from memshelf_gen.nodes import Unreadable
from memshelf_gen.retouch import NotMade, retouched
from memshelf_gen.settings import ProjectConfig

_ROUNDS = 20
"""What mends one finding can bring others to light: behind a misspelt keyword, say."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What mending did, or would do."""

    findings: tuple[Finding, ...]
    """What was mended."""
    files: Mapping[str, tuple[bytes, bytes]]
    """The files that change, by their paths in the project: before and after."""
    left: Inspection
    """What is found afterwards."""


def mend(
    config: ProjectConfig, rules: Sequence[Rule], *, only: Collection[str] = (), sources: Collection[str] | None = None
) -> Mended:
    """Work out what mends the schemas of a project, and write nothing. The arguments are those of an inspection."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    paths: dict[str, str] = {}
    done: list[Finding] = []
    found = inspect(config, rules, only=only, sources=sources)
    for _ in range(_ROUNDS):
        fresh: list[Finding] = []
        for source, mends in _by_file(found.mends).items():
            if source not in after:
                before[source] = (config.schema_folder / source).read_bytes()
            content = after.get(source, before[source])
            new, made = _mended(source, content, mends)
            if made:
                after[source] = new
                paths[source] = mends[0].finding.path
                fresh += made
        if not fresh:
            break
        done += fresh
        found = inspect(config, rules, only=only, sources=sources, instead=after)
    return Mended(
        tuple(sorted(done)), {paths[source]: (before[source], new) for source, new in sorted(after.items())}, found
    )


def write(config: ProjectConfig, mended: Mended) -> None:
    """Write the files, all of them or none, each at once."""
    carry_out(Plan(writes={config.root / path: new for path, (_, new) in mended.files.items()}))


def _by_file(mends: Iterable[Mend]) -> Mapping[str, list[Mend]]:
    found: dict[str, list[Mend]] = {}
    for each in mends:
        found.setdefault(each.source, []).append(each)
    return found


def _mended(source: str, content: bytes, mends: Sequence[Mend]) -> tuple[bytes, list[Finding]]:
    """Make edits in one file, the last first, so that the others keep their places and names."""
    faults: list[Unreadable] = []
    try:
        document = read_document(content, faults, source=source, path=source)
    except Unreadable:
        return content, []
    made: list[Mend] = []
    for each in reversed(mends):
        try:
            better = retouched(document, each.edits)
        except NotMade:
            better = document
        if better.text != document.text or any(each.edits == other.edits for other in made):
            document = better
            made.append(each)
    head = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return head + document.text.encode(), [each.finding for each in made]
