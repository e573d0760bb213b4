"""The waist of the generator: one value per job, in which nothing knows YAML any more and nothing knows Python yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Every spelling of one job, all derived from its file's path but `wire`."""

    key: str
    """The path without its suffix: `billing/invoice`."""
    wire: str
    """The name on the wire: `billing-invoice`."""
    module: str
    """The dotted module below `models/` and the handler package: `billing.invoice`."""
    method: str
    """The stem of the queue methods: `billing_invoice`."""
    class_stem: str
    """The stem of the class names: `BillingInvoice`, for `BillingInvoicePayload` and `BillingInvoiceHandler`."""
    constant: str
    """The name in the catalog: `BILLING_INVOICE`."""


@dataclass(frozen=True, slots=True)
class RetrySpec:
    """How failures are retried; durations are texts such as `10s`, already known to be good."""

    max: int = 3
    backoff: Literal["exponential", "linear", "fixed"] = "exponential"
    delay: str = "10s"
    max_delay: str = "1h"
    jitter: bool = True


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """One schedule of a job, already known to be good; either `cron` or `every` is given."""

    key: str
    cron: str | None
    every: str | None
    """A duration's text."""
    timezone: str
    payload: Json
    misfire: Literal["skip", "once", "all"]


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job, checked and complete: every default is filled in."""

    names: Names
    source: str
    """The schema file relative to the schema folder, with forward slashes: `billing/invoice.yaml`."""
    description: str
    version: int
    queue: str
    priority: int
    concurrency: int | None
    retries: RetrySpec
    max_lost: int
    timeout: str | None
    """A duration's text, or None for `timeout: none`."""
    acknowledge: Literal["batched", "each"]
    isolation: Literal["loop", "thread", "process"] | None
    """Where the handler runs; None: as its kind of function has it."""
    max_payload: int
    """Bytes."""
    previous_names: tuple[str, ...]
    schedule: tuple[ScheduleSpec, ...]
    schema: Json
    """The document as its author wrote it, without `x-` keys; each `$ref` is `file.yaml#/the/place` that it means."""
    bundle: Json
    """The same, self-contained: every `$ref` resolves inside it, no `x-` keys."""
    digest: str
    """`sha256:` and the digest of the bundle's canonical JSON."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """How long jobs are kept that ended, by state: a duration's text, `forever` or `none`; only what is written."""


@dataclass(frozen=True, slots=True)
class SharedSpec:
    """A file of shared definitions: it has no `x-job`."""

    source: str
    module: str
    schema: Json


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    """Everything that the emitters need to know, sorted by source."""

    jobs: tuple[JobSpec, ...]
    shared: tuple[SharedSpec, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    """The digest of each schema file, as the record of a generation keeps it."""
