"""The rules of `memshelf-gen breaking`: each kind of change by its name, backward and forward, and how grave it is."""

from __future__ import annotations

from collections.abc import Mapping

from memshelf_gen.finding import Severity

_NARROWED = {
    "max-length": "the longest text",
    "min-length": "the shortest text",
    "max-items": "the longest list",
    "min-items": "the shortest list",
    "max-properties": "the most members",
    "min-properties": "the fewest members",
    "maximum": "the largest number",
    "minimum": "the smallest number",
    "exclusive-maximum": "the bound above",
    "exclusive-minimum": "the bound below",
}
_CHANGED = {
    "pattern": "the pattern",
    "format": "the format",
    "multiple-of": "the step of numbers",
    "unique-items": "the ban on equal items",
    "not": "what is excluded",
    "condition": "the condition (if, then, else)",
    "dependency": "what one property demands of others",
    "property-names": "the rule for names",
    "contains": "what a list must contain",
    "unevaluated": "the ban on what no branch names",
}
_OTHERS = {
    "required-added": (
        "required-removed",
        "a property is required that could be left out",
        "a required property may be left out",
    ),
    "property-removed": (
        "property-added",
        "a property is gone, and others are refused",
        "a property is new, and old workers refuse those that they do not know",
    ),
    "property-added-to-open": (
        "property-removed-from-open",
        "a property is described where anything was taken",
        "a property is not described any more, and anything is taken",
    ),
    "closed": ("opened", "properties that nobody names are refused", "properties that nobody names are taken"),
    "additional-narrowed": ("additional-widened", "other properties are taken less", "other properties are taken more"),
    "pattern-property-added": (
        "pattern-property-removed",
        "properties whose names match are described anew",
        "properties whose names match are not described any more",
    ),
    "type-narrowed": ("type-widened", "a type is not taken any more", "another type is taken"),
    "type-added": ("type-removed", "a type is demanded where none was", "no type is demanded any more"),
    "enum-value-removed": ("enum-value-added", "a value is not taken any more", "another value is taken"),
    "enum-added": ("enum-removed", "only listed values are taken", "values need not be listed any more"),
    "const-changed": ("const-changed", "the one value is another", "the one value is another"),
    "const-added": ("const-removed", "only one value is taken", "any other value is taken too"),
    "items-added": (
        "items-removed",
        "items are described where anything was taken",
        "items are not described any more",
    ),
    "items-closed": ("items-opened", "further items are refused", "further items are taken"),
    "union-branch-removed": ("union-branch-added", "a branch of a union is gone", "a union has another branch"),
    "union-added": (
        "union-removed",
        "only the branches of a union are taken",
        "more than the branches of a union is taken",
    ),
    "union-overlap": (
        "union-overlap",
        "a value may be taken by two branches of oneOf",
        "a value may be taken by two branches of oneOf",
    ),
    "forbidden": ("allowed", "nothing is taken here any more", "something is taken where nothing was"),
    "schema-narrowed": ("schema-widened", "less is taken than before", "more is taken than before"),
}
_NAMED: dict[str, tuple[str, str, str]] = {
    **{
        f"{name}-narrowed": (f"{name}-widened", f"{text} is limited more", f"{text} is limited less")
        for name, text in _NARROWED.items()
    },
    **{
        f"{name}-added": (f"{name}-removed", f"{text} is limited now", f"{text} is not limited any more")
        for name, text in _NARROWED.items()
    },
    **{
        f"{name}-changed": (f"{name}-changed", f"{text} is another", f"{text} is another")
        for name, text in _CHANGED.items()
    },
    **{f"{name}-added": (f"{name}-removed", f"{text} is new", f"{text} is gone") for name, text in _CHANGED.items()},
    **_OTHERS,
}
FORWARD: Mapping[str, str] = {kind: mirrored for kind, (mirrored, _, _) in _NAMED.items()}
"""How a change is called that old workers refuse: the same walk with the sides exchanged, under the mirrored name."""

SETTINGS: Mapping[str, tuple[Severity, str]] = {
    "job-removed": ("error", "the job is gone: those that wait are run by nobody"),
    "job-renamed": (
        "error",
        "the job has another name on the wire: those that wait under the old one are run by nobody",
    ),
    "previous-name-removed": ("warning", "a name of before is gone: jobs that still wait under it are run by nobody"),
    "file-moved": (
        "note",
        "the file is elsewhere: nothing changes on the wire, but methods, classes and the handler have other names",
    ),
    "queue-changed": ("error", "jobs that wait in the old queue are run only by workers that still serve it"),
    "version-lowered": ("error", "workers leave jobs of a newer version alone, so those that wait are run by nobody"),
    "max-payload-lowered": ("error", "payloads that were small enough are too large now, those that wait among them"),
    "retries-lowered": ("warning", "jobs that failed a few times are given up earlier"),
    "max-lost-lowered": ("warning", "jobs whose workers died are given up earlier"),
    "timeout-lowered": ("warning", "runs that were quick enough are cut off"),
    "acknowledge-loosened": ("warning", "outcomes are written later: when a worker dies, more of its jobs run again"),
    "keep-shortened": ("warning", "jobs that ended are removed earlier; with none their ids can be used again"),
    "concurrency-changed": ("note", "a worker runs another number of these jobs at once"),
    "isolation-changed": ("note", "handlers run elsewhere: in the worker's loop, in threads, or in child processes"),
    "backoff-changed": ("note", "the waits between retries are others"),
    "past-invalid": ("warning", "the schema of before has a fault, so that nothing can be compared"),
    "unused-excuse": ("note", "an excuse excuses nothing"),
}
"""What is told of a job beside its payload: how grave it is, and why."""

TEXTS: Mapping[str, str] = {
    **{kind: text for kind, (_, text, _) in _NAMED.items()},
    **{mirrored: text for kind, (mirrored, _, text) in _NAMED.items() if mirrored != kind},
    **{rule: text for rule, (_, text) in SETTINGS.items()},
}
"""Every rule with its sentence."""
