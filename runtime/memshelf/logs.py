"""The log: which events there are, and how the commands write them."""

from __future__ import annotations

import logging
import sys
from functools import cache
from typing import Any, Literal, cast

import structlog
from structlog.contextvars import merge_contextvars
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from memshelf.errors import InputError

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

EVENTS = {
    "job.queued": "a producer queued a job",
    "job.started": "a handler begins",
    "job.succeeded": "the handler returned, and that is recorded",
    "job.failed": "the handler raised an error or ran into its timeout",
    "job.retrying": "a failed job will run again, after `again_in`",
    "job.snoozed": "the handler asked for later; the attempt is not counted",
    "job.dead": "the job failed, or its worker was lost, too often, or the handler discarded it",
    "job.cancelled": "a person cancelled the job",
    "job.handed_back": "a stopping worker gave the job back; the attempt is not counted",
    "job.postponed": "the job may be meant for another version of the code, and waits for it",
    "job.quarantined": "the job cannot be what its producer promised",
    "job.set_aside": "documents that no claim and no rescue could reach were quarantined; `problem` says why",
    "job.lease_lost": "another worker took the job; what this one would have written is refused",
    "job.rescued": "a worker stopped its heartbeat, and its job was taken from it",
    "job.unknown": "jobs of this name wait, and no handler of this worker runs them; said once",
    "job.unstoppable": "a plain function ran past its timeout and goes on in its thread",
    "job.interrupted_often": "the job was handed back again and again",
    "child.started": "a child process is ready for jobs with `isolation: process`",
    "child.crashed": "the process of a handler ended in the middle of its job, whose attempt failed; `error` says how",
    "child.killed": "a handler did not end when it was asked to, and its process was killed; `reason` says why",
    "child.recycled": "a child process has run enough jobs, or holds too much memory, and ends",
    "child.unstartable": "no child process could be started; the job waits, and its attempt is not counted",
    "worker.schemas_changed": "the schema folder is not what the worker's code was made of: run memshelf-gen",
    "worker.started": "a worker begins to claim jobs",
    "worker.stopping": "a worker claims no more and lets its jobs end",
    "worker.stopped": "a worker has ended",
    "services.unclosed": "the closing of services did not end; they were left behind",
    "listener.unfinished": "listeners were still at work long after the worker had stopped; they were cancelled",
    "worker.unrecorded": "outcomes could not be written before the worker ended; these jobs will run again",
    "claim.failed": "the database did not answer a claim; it is tried again",
    "record.failed": "the database did not take an outcome; it is tried again",
    "record.refused": "the database refused an outcome for good; it is written without its error's text",
    "job.broken": "memshelf itself failed to run a job: please report it; the job counts as failed",
    "worker.broken": "a part of the worker failed: please report it; the worker stops",
    "heartbeat.failed": "the database did not take a heartbeat; it is tried again",
    "rescue.failed": "the database did not answer a rescuer; it is tried again",
    "sweep.failed": "the database did not answer the slow sweep; it is tried again an hour later",
    "schedule.failed": "the database did not answer or refused to make the jobs of ticks; it is tried again",
    "schedule.unusable": "a stored schedule cannot be read, or names a time zone that this machine does not know",
    "schedule.invalid": "a schedule's payload is not valid under the schema that this worker has; it is left out",
    "schedule.deployed": "the schedules of this worker's schemas were put into force in place of earlier ones",
    "schedule.waiting": "this worker's schemas were replaced by others, whose workers are alive; it keeps theirs",
    "wake.failed": "a change stream broke; the worker polls until it stands again",
    "wake.polling": "the server has no change streams; the worker polls",
    "supervisor.started": "a supervisor has started a worker's process",
    "supervisor.restarting": "a worker's process ended by itself and is started again, after `again_in`",
    "supervisor.killing": "workers did not end in time and are killed",
    "dev.started": "the development worker runs",
    "dev.changed": "files changed, and the worker is started again",
    "dev.not_generated": "the code could not be generated anew",
    "dev.ended": "the development worker ended by itself",
    "listener.failed": "a listener of the application raised an error",
}
"""Every event of memshelf's own log, and what it says; handlers add events of theirs."""


def configure(format: Literal["auto", "json", "console"] = "auto", level: str = "info") -> None:
    """Write the log to standard error; the commands call this, the library never does.

    An application that has configured structlog keeps its configuration. The standard library's logging is sent the
    same way if it has no handler yet. Tracebacks never show local variables, since those hold payloads.

    Args:
        format: `auto` is `console` on a terminal and `json` elsewhere.
        level: the least level that is written, one of `LEVELS`.

    Raises:
        InputError: there is no such level.
    """
    if level.lower() not in LEVELS:
        raise InputError(f"log level: must be one of {', '.join(LEVELS)}, got {level!r}")
    if structlog.is_configured():
        return
    least = LEVELS[level.lower()]
    pretty = format == "console" or (format == "auto" and sys.stderr.isatty())
    rendering = _for_people() if pretty else _for_machines()
    shared: list[Processor] = [
        merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        # An application that configures structlog when its handlers are imported is followed.
        cache_logger_on_first_use=False,
    )
    _adopt_standard_logging(shared, rendering, least)


def get(name: str) -> FilteringBoundLogger:
    """Give a logger.

    It follows structlog's configuration at the time of each call. Without one, which is usual in a program that only
    uses memshelf as a library, events go to the standard library's logger of that name.
    """
    return cast(FilteringBoundLogger, _Logger(name))


def heard(name: str, level: str) -> bool:
    """Whether an event of a logger and a level may be written anywhere, as far as the logger itself can tell."""
    return structlog.is_configured() or _standard(name).isEnabledFor(LEVELS[level])


@cache
def _standard(name: str) -> logging.Logger:
    return logging.getLogger(name)


class _Logger:
    """Finds the logger that is right now."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if structlog.is_configured():
            return getattr(structlog.get_logger(self._name).bind(logger=self._name), attribute)
        standard = structlog.wrap_logger(
            _standard(self._name),
            processors=[merge_contextvars, _as_record],
            wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        )
        return getattr(standard, attribute)


def _as_record(logger: WrappedLogger, method: str, event: EventDict) -> tuple[tuple[str], dict[str, Any]]:
    """Turn an event into the arguments of a standard logger."""
    caught = event.pop("exc_info", None)
    words = [str(event.pop("event", "")), *(f"{key}={value!r}" for key, value in event.items())]
    return (" ".join(words),), {"exc_info": caught} if caught else {}


def _for_machines() -> list[Processor]:
    return [
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(),
    ]


def _for_people() -> list[Processor]:
    return [
        _printable,
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=24
        ),
    ]


def _printable(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Escape control characters: names come from the database, and a terminal obeys them."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode("ascii")
    return event


def _adopt_standard_logging(shared: list[Processor], rendering: list[Processor], least: int) -> None:
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root.addHandler(handler)
    root.setLevel(least)
    driver = logging.getLogger("pymongo")
    if driver.level == logging.NOTSET:
        # At debug the driver logs whole commands, and with them the payloads.
        driver.setLevel(max(least, logging.INFO))
