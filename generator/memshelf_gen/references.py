"""Resolve `$ref`s: inside one file, to other files of the schema folder, to anchors, and never anywhere else."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from memshelf_gen.dialects import settle_dialects
from memshelf_gen.document import Document, Steps
from memshelf_gen.keywords import KEYWORDS, Draft, children, draft_of, is_private, links
from memshelf_gen.older import upgraded
from memshelf_gen.pointers import steps_in
from memshelf_gen.published import published

FOLDER = "http://schemas.invalid/"
"""The address of the schema folder: `.invalid` can never be a real one (RFC 2606)."""


class Dangling(Exception):
    """A reference that leads nowhere; its text says why, and is empty when the fault is reported already."""

    def __init__(self, text: str, *, unread: str = "") -> None:
        self.unread = unread
        """The file that it leads to, if that cannot be read."""
        super().__init__(text)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One schema in one file."""

    source: str
    steps: Steps = ()

    def below(self, steps: Steps) -> Place:
        """Give the place some steps further down."""
        return Place(self.source, (*self.steps, *steps))


@dataclass(frozen=True, slots=True)
class Resource:
    """A file, or a part of it with an `$id` of its own: what the fragment of a reference is looked up in."""

    root: Place
    url: str
    anchors: dict[str, Place]
    dynamic: dict[str, Place]
    """The schemas that dynamic references look for: by `$dynamicAnchor`; under no name the root, if it is recursive."""


def join(base: str, address: str) -> str:
    """Give the address that another means inside a resource, without a fragment (RFC 3986, section 5)."""
    try:
        return urldefrag(urljoin(base, address)).url
    except ValueError:  # what looks like a host in brackets and is none
        return address


class References:
    """All schemas of a folder, and what each reference in them means."""

    def __init__(self, documents: Iterable[Document], *, unread: Iterable[str] = ()) -> None:
        self.documents = {document.source: document for document in settle_dialects(documents)}
        self.drafts: dict[str, Draft] = {}
        self.resources: dict[Place, Resource] = {}
        """The resource that each schema belongs to."""
        self.doubles: list[tuple[Place, str, Place]] = []
        """Schemas whose `$id` or anchor names another schema already: the later, the keyword, the earlier."""
        self.has_dynamic = False
        """Whether there is a `$dynamicRef` or a `$recursiveRef` anywhere."""
        self._schemas: dict[str, list[tuple[Place, Any]]] = {}
        self.adopted: dict[Place, None] = {}
        """Schemas that stand within a keyword that holds none: they are schemas because a reference leads to them."""
        self._neighbours: dict[str, list[str]] = {}
        self._published: dict[str, Document] = {}
        self._unread = frozenset(unread)
        self._by_url: dict[str, Resource] = {}
        for document in self.documents.values():
            self._take(document)
        self._adopt()

    def __getitem__(self, place: Place) -> Any:
        """Give the schema at a place."""
        return (self.documents.get(place.source) or self._published[place.source]).get(place.steps)

    def is_published(self, source: str) -> bool:
        """Tell whether a source is no file of the folder, but a metaschema that everybody knows."""
        return source in self._published

    def places(self, *sources: str) -> Iterator[tuple[Place, Any]]:
        """Give every schema of these files, or of every file."""
        for source in sources or self._schemas:
            yield from self._schemas[source]

    def target(self, place: Place, reference: str) -> Place:
        """Give the schema that a reference at a place means. Raises Dangling."""
        address, _, fragment = reference.partition("#")
        resource = self.resources[place]
        if address:
            resource = self._file_or_resource(resource, address)
        if not fragment:
            return resource.root
        if not fragment.startswith("/"):
            return self._anchored(resource, unquote(fragment))
        return self._pointed(resource, fragment)

    def reached(self, source: str) -> list[str]:
        """Give a file and all that its references lead to, in the order of discovery; what cannot be read too."""
        found = dict.fromkeys([source])
        waiting = [source]
        while waiting:
            more = [each for each in self._near(waiting.pop(0)) if each not in found]
            found |= dict.fromkeys(more)
            waiting += more
        return list(found)

    def _near(self, source: str) -> list[str]:
        """Give the files that the references in a file lead to."""
        if source not in self._neighbours:
            found: dict[str, None] = {}
            for place, schema in self._schemas.get(source, ()):
                for reference in links(schema, self.drafts[source]).values():
                    try:
                        found[self.target(place, reference).source] = None
                    except Dangling as fault:
                        found |= {fault.unread: None} if fault.unread else {}
            self._neighbours[source] = list(found)
        return self._neighbours[source]

    def _take(self, document: Document) -> None:
        self.drafts[document.source] = draft_of(document.value) or "2020-12"
        self._collect(Place(document.source), document.value, None)

    def _adopt(self) -> None:
        """Take in what references mean beyond the files' own schemas: metaschemas, and schemas in unknown keywords."""
        for source in self._schemas_to_come():
            for place, schema in self._schemas[source]:
                for reference in links(schema, self.drafts[source]).values():
                    with suppress(Dangling):
                        self._adopt_target(self.target(place, reference))

    def _schemas_to_come(self) -> Iterator[str]:
        """Give every source, those too that are taken in meanwhile."""
        given = 0
        while given < len(self._schemas):
            yield list(self._schemas)[given]
            given += 1

    def _adopt_target(self, target: Place) -> None:
        if target in self.resources:
            return
        above = (self._at(target, length) for length in range(len(target.steps) - 1, -1, -1))
        around = next(place for place in above if place in self.resources)
        known = len(self._schemas[target.source])
        self._collect(target, self[target], self.resources[around])
        self.adopted.update(dict.fromkeys(place for place, _ in self._schemas[target.source][known:]))

    def _collect(self, place: Place, schema: Any, around: Resource | None) -> None:
        """Note the resource of a schema and of all schemas below it."""
        resource = self._resource(place, schema, around)
        self.resources[place] = resource
        self._schemas.setdefault(place.source, []).append((place, schema))
        self.has_dynamic |= any(keyword != "$ref" for keyword in links(schema, self.drafts[place.source]))
        for keyword in ("$anchor", "$dynamicAnchor", "$id"):
            anchor = schema.get(keyword) if isinstance(schema, dict) else None
            if isinstance(anchor, str) and keyword == "$dynamicAnchor":
                resource.dynamic.setdefault(anchor, place)
            if isinstance(anchor, str) and (keyword != "$id" or anchor.startswith("#")):
                earlier = resource.anchors.setdefault(anchor.removeprefix("#"), place)
                if earlier != place:
                    self.doubles.append((place, keyword, earlier))
        for steps, child in children(schema, self.drafts[place.source]):
            self._collect(place.below(steps), child, resource)

    def _resource(self, place: Place, schema: Any, around: Resource | None) -> Resource:
        """Give the resource that begins here, or else the one around."""
        url = around.url if around else FOLDER + quote(place.source)
        own = schema.get("$id") if isinstance(schema, dict) else None
        has_own = isinstance(own, str) and not own.startswith("#")
        if around and (not has_own or (self.drafts[place.source] == "draft-07" and "$ref" in schema)):
            return around
        resource = Resource(place, join(url, own) if has_own and isinstance(own, str) else url, {}, {})
        if isinstance(schema, dict) and schema.get("$recursiveAnchor") is True:
            resource.dynamic[""] = place
        if not around:
            self._by_url[url] = resource
        earlier = self._by_url.setdefault(resource.url, resource)
        if earlier != resource:
            self.doubles.append((place, "$id", earlier.root))
        return resource

    def _file_or_resource(self, resource: Resource, address: str) -> Resource:
        source = resource.root.source
        is_path = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", address)
        near = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(address)))
        if is_path and not resource.root.steps:
            if near in self.documents:
                return self.resources[Place(near)]
            if near in self._unread:
                raise Dangling("", unread=near)
        url = join(resource.url, address)
        if url not in self._by_url and (document := published(url)) is not None:
            self._published[url] = upgraded(document)
            self._take(self._published[url])
        if url in self._by_url:
            return self._by_url[url]
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:|//", address):
            raise Dangling(
                f"{address} is outside of the schema folder, and nothing else is read; copy it into the folder"
            )
        if address.startswith(("/", "\\")) or near.split("/")[0] == ".." or re.match("[A-Za-z]:", address):
            raise Dangling(f"{address} is outside of the schema folder; a reference stays inside it and is relative")
        raise Dangling(f"there is no file {near}{self._near_file(source, near)}")

    def _near_file(self, source: str, missing: str) -> str:
        known = difflib.get_close_matches(missing, sorted(self.documents), n=1, cutoff=0.7)
        same = [each for each in sorted(self.documents) if posixpath.basename(each) == posixpath.basename(missing)]
        for each in (*same, *known):
            return f"; did you mean {posixpath.relpath(each, posixpath.dirname(source) or '.')!r}?"
        return "; a reference is relative to its own file"

    def _anchored(self, resource: Resource, anchor: str) -> Place:
        if anchor in resource.anchors:
            return resource.anchors[anchor]
        text = f"there is no anchor {anchor!r} in {resource.root.source}"
        raise Dangling(f"{text}; a pointer begins with a slash, such as #/$defs/Address")

    def _pointed(self, resource: Resource, fragment: str) -> Place:
        steps: Steps = ()
        found: Any = self[resource.root]
        for text in steps_in(fragment):
            step = int(text) if isinstance(found, list) and re.fullmatch("0|[1-9][0-9]*", text) else text
            match found, step:
                case dict(), str() if step in found:
                    found = found[step]
                case list(), int() if step < len(found):
                    found = found[step]
                case _:
                    raise Dangling(self._nothing_at(resource, fragment, str(step), found))
            steps = (*steps, step)
        place = resource.root.below(steps)
        if place in self.resources:
            return place
        private = any(isinstance(step, str) and is_private(step) for step in steps)
        if isinstance(found, dict | bool) and not private and self._may_hold_schemas(place):
            return place
        if private:
            raise Dangling(f"#{fragment} is inside an x- key, which no validator sees; move it into $defs")
        raise Dangling(f"#{fragment} in {resource.root.source} is not a schema")

    def _may_hold_schemas(self, place: Place) -> bool:
        """Tell whether a place lies in a keyword of which this draft does not know that it holds something else."""
        length = max(each for each in range(len(place.steps)) if self._at(place, each) in self.resources)
        keyword = place.steps[length]
        return keyword not in KEYWORDS[self.drafts[place.source]] or keyword == "examples"

    def _at(self, place: Place, length: int) -> Place:
        return Place(place.source, place.steps[:length])

    def _nothing_at(self, resource: Resource, fragment: str, step: str, found: Any) -> str:
        known = list(found) if isinstance(found, dict) else []
        near = difflib.get_close_matches(step, known, n=1, cutoff=0.7)
        hint = f"; did you mean {near[0]!r} for {step!r}?" if near else f"; there is no {step!r}"
        return f"nothing stands at #{fragment} in {resource.root.source}{hint}"
