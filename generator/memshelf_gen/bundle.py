"""Make one self-contained schema of a job's document and of whatever it refers to in other files."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.document import Steps
from memshelf_gen.keywords import ADDRESSES, DEFAULT_DIALECT, Draft, children, filled, is_private, links
from memshelf_gen.modern import keeps_place, modern
from memshelf_gen.naming import module_name
from memshelf_gen.pointers import pointer
from memshelf_gen.references import Place, References
from memshelf_gen.scopes import NOWHERE, Scope, entered, meant, standing
from memshelf_gen.spec import Json


@dataclass(frozen=True, slots=True)
class Bundle:
    """A self-contained schema."""

    schema: Json
    origins: Mapping[Steps, Place]
    """For the steps of each schema that was moved here, the place where it was written."""


def bundle(references: References, source: str, *, draft: Draft | None = None) -> Bundle:
    """Give the document of a file with every outside `$ref` moved into its definitions, and without `x-` keys.

    References become pointers from the root, so that neither `$id` nor anchors are needed to follow them. A schema from
    which dynamic references lead elsewhere on different ways is there once for each.

    Args:
        references: All files.
        source: The file.
        draft: The draft of the bundle: the file's own, or 2020-12; if not given, 2020-12 where several are needed.
    """
    own = references.drafts[source]
    if draft is None and len(set(references.drafts.values())) > 1:
        draft = own if {references.drafts[each] for each in references.reached(source)} == {own} else "2020-12"
    bundling = _Bundling(references, source, draft or own)
    schema = bundling.run()
    return Bundle(schema, {(bundling.container, name): place for (place, _), name in bundling.names.items()})


def digest(document: Json) -> str:
    """Give `sha256:` and the digest of a document's canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


@dataclass(slots=True)
class _Bundling:
    references: References
    source: str
    draft: Draft
    names: dict[tuple[Place, Scope], str] = field(default_factory=dict)
    """The schemas that are moved, each on the ways of one scope, with their names in the order of discovery."""
    found: deque[tuple[Place, Scope]] = field(default_factory=deque)
    """Those among them that are not copied yet."""

    def run(self) -> Json:
        root = Place(self.source)
        own = self.references[root]
        is_own = self.draft == self.references.drafts[self.source]
        dialect = own.get("$schema", DEFAULT_DIALECT) if is_own else DEFAULT_DIALECT
        copied: Json = {"$schema": dialect, **self.copy(root, NOWHERE)}
        moved: Json = {}
        while self.found:
            place, scope = self.found.popleft()
            moved[self.names[place, scope]] = self.copy(place, scope)
        if moved:
            copied[self.container] = {**copied.get(self.container, {}), **moved}
        return copied

    @property
    def container(self) -> str:
        return "definitions" if self.draft == "draft-07" else "$defs"

    def copy(self, place: Place, around: Scope) -> Any:
        """Copy one schema, with its references turned to where their targets stand in the bundle."""
        schema = self.references[place]
        if not isinstance(schema, dict):
            return schema
        draft = self.references.drafts[place.source]
        scope = entered(self.references, around, place)
        inside = {steps: self.copy(place.below(steps), scope) for steps, _ in children(schema, draft)}
        copied: Json = {}
        more: list[Json] = []
        found = links(schema, draft)
        for keyword, value in schema.items():
            if is_private(keyword) or keyword in ADDRESSES or self.is_moved_apart(place, keyword):
                continue
            if keyword not in found:
                copied[keyword] = filled(keyword, value, inside)
                continue
            reference = {"$ref": self.address(meant(self.references, scope, place, keyword, value), scope)}
            if "$ref" in copied:
                more.append(reference)
            else:
                copied |= reference
        copied |= {"allOf": [*copied.get("allOf", []), *more]} if more else {}
        return copied if draft == self.draft else modern(copied, draft)

    def is_moved_apart(self, place: Place, keyword: str) -> bool:
        """Tell whether these are another file's definitions: those that are needed are moved one by one."""
        return place.source != self.source and keyword in ("$defs", "definitions")

    def address(self, target: Place, scope: Scope) -> str:
        """Give where a schema stands in the bundle as it is reached within a scope."""
        scope = entered(self.references, scope, target)
        if self.stays(target) and scope == standing(self.references, target):
            return pointer(target.steps)
        if (target, scope) not in self.names:
            self.names[target, scope] = self.free_name(target)
            self.found.append((target, scope))
        return pointer((self.container, self.names[target, scope]))

    def stays(self, target: Place) -> bool:
        """Tell whether a schema can be found in the bundle where it was written."""
        stays = target.source == self.source and target not in self.references.adopted
        return stays and (self.draft == self.references.drafts[self.source] or keeps_place(target.steps))

    def free_name(self, target: Place) -> str:
        """Name a schema from another file after its own name there, or after its file."""
        taken = {*self.names.values(), *self.references[Place(self.source)].get(self.container, {})}
        stem = posixpath.splitext(posixpath.basename(target.source))[0]
        last = str(target.steps[-1]) if target.steps else stem
        long = f"{module_name(target.source)}.{last}"
        wishes = [last, long, *(f"{long}.{number}" for number in range(2, len(taken) + 3))]
        return next(wish for wish in wishes if wish not in taken)
