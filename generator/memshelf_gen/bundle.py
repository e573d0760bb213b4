"""Make one self-contained schema of a job's document and of whatever it refers to in other files."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from memshelf_gen.apart import bundle_apart, needs_apart
from memshelf_gen.document import Steps
from memshelf_gen.keywords import DEFAULT_DIALECT, children, filled, is_private
from memshelf_gen.naming import module_name
from memshelf_gen.references import REFERENCES, Place, References
from memshelf_gen.spec import Json

_ADDRESSES = frozenset(("$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"))


def bundle(references: References, source: str) -> Json:
    """Give the document of a file with every outside `$ref` moved into its definitions, and without `x-` keys.

    References become pointers from the root, so that neither `$id` nor anchors are needed to follow them. A dynamic
    reference that can mean one schema only becomes a plain one. The rare others need the files to stay apart, and
    so do files of several drafts.
    """
    if needs_apart(references, source):
        return bundle_apart(references, source)
    return _Bundling(references, source).run()


def origins(references: References, source: str) -> dict[Steps, Place]:
    """Give for the steps of each schema that a bundle has from elsewhere the place where it was written."""
    if needs_apart(references, source):
        return {}
    bundling = _Bundling(references, source)
    bundling.run()
    return {(bundling.container, name): place for place, name in bundling.names.items()}


def digest(document: Json) -> str:
    """Give `sha256:` and the digest of a document's canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def without_private(references: References, source: str) -> Json:
    """Give the document of a file as its author wrote it, but without `x-` keys where a schema has its keywords."""
    found: Json = _strip(references, Place(source))
    return found


def pointer(steps: Steps) -> str:
    """Write steps as the fragment of a reference (RFC 6901, section 6): `#/$defs/Address`."""
    escaped = (quote(str(step).replace("~", "~0").replace("/", "~1"), safe="$!'()*+,;=:@?") for step in steps)
    return "".join(["#", *(f"/{step}" for step in escaped)])


@dataclass(slots=True)
class _Bundling:
    references: References
    source: str
    names: dict[Place, str] = field(default_factory=dict)
    """The schemas of other files that are moved into this one, with their names there, in the order of discovery."""
    found: deque[Place] = field(default_factory=deque)
    """Those among them that are not copied yet."""

    def run(self) -> Json:
        root = Place(self.source)
        own = self.references[root]
        copied: Json = {"$schema": own.get("$schema", DEFAULT_DIALECT), **self.copy(root)}
        moved: Json = {}
        while self.found:
            place = self.found.popleft()
            moved[self.names[place]] = self.copy(place)
        if moved:
            copied[self.container] = {**copied.get(self.container, {}), **moved}
        return copied

    @property
    def container(self) -> str:
        return "definitions" if self.references.drafts[self.source] == "draft-07" else "$defs"

    def copy(self, place: Place) -> Any:
        """Copy one schema, with its references turned to where their targets stand in the bundle."""
        schema = self.references[place]
        if not isinstance(schema, dict):
            return schema
        inside = {steps: self.copy(place.below(steps)) for steps, _ in children(schema, self._draft(place))}
        copied: Json = {}
        more: list[Json] = []
        for keyword, value in schema.items():
            if is_private(keyword) or keyword in _ADDRESSES or self.is_moved_apart(place, keyword):
                continue
            if keyword not in REFERENCES:
                copied[keyword] = filled(keyword, value, inside)
            elif "$ref" not in copied:
                copied["$ref"] = self.address(place, value)
            else:
                more.append({"$ref": self.address(place, value)})
        return {**copied, "allOf": [*copied.get("allOf", []), *more]} if more else copied

    def is_moved_apart(self, place: Place, keyword: str) -> bool:
        """Tell whether these are another file's definitions: those that are needed are moved one by one."""
        return place.source != self.source and keyword in ("$defs", "definitions")

    def address(self, place: Place, reference: str) -> str:
        target = self.references.target(place, reference)
        if target.source == self.source and target not in self.references.adopted:
            return pointer(target.steps)
        if target not in self.names:
            self.names[target] = self.free_name(target)
            self.found.append(target)
        return pointer((self.container, self.names[target]))

    def free_name(self, target: Place) -> str:
        """Name a schema from another file after its own name there, or after its file."""
        taken = {*self.names.values(), *self.references[Place(self.source)].get(self.container, {})}
        stem = posixpath.splitext(posixpath.basename(target.source))[0]
        last = str(target.steps[-1]) if target.steps else stem
        long = f"{module_name(target.source)}.{last}"
        wishes = [last, long, *(f"{long}.{number}" for number in range(2, len(taken) + 3))]
        return next(wish for wish in wishes if wish not in taken)

    def _draft(self, place: Place) -> Any:
        return self.references.drafts[place.source]


def _strip(references: References, place: Place) -> Any:
    schema = references[place]
    if not isinstance(schema, dict):
        return schema
    draft = references.drafts[place.source]
    inside = {steps: _strip(references, place.below(steps)) for steps, _ in children(schema, draft)}
    return {key: filled(key, value, inside) for key, value in schema.items() if not is_private(key)}
