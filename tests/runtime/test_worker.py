"""What becomes of a job: the ways in which its handler can end, what runs beside it, and who is told."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from memshelf import Context, Discard, Event, Job, Retry, Settings, Snooze, Worker
from tests.runtime.app.catalog import ECHO, FAIL, SLOW
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, nothing, with_worker


def test_a_queued_job_runs_once_and_is_kept_for_a_week(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    job = queue.queue_echo({"text": "hello"})
    seen: list[str] = []

    async def handle(job: Job[Any], context: Context) -> None:
        seen.append(job.payload.text)

    drained(settings, handle)
    stored = jobs.find_one({"_id": job.id})
    assert seen == ["hello"]
    assert (stored["state"], stored["attempts"]) == ("succeeded", 1)
    assert timedelta(days=6) < stored["expireAt"] - stored["finishedAt"] <= timedelta(days=7)


def test_plain_functions_and_callable_objects_are_handlers_too(queue: JobQueue, settings: Settings) -> None:
    seen: list[str] = []

    def plain(job: Job[Any], context: Context) -> None:
        seen.append("plain")

    class Caller:
        async def __call__(self, job: Job[Any], context: Context) -> None:
            seen.append("object")

    queue.queue_echo({})
    drained(settings, plain)
    queue.queue_echo({})
    drained(settings, Caller())
    assert seen == ["plain", "object"]


def test_a_failing_job_dies_after_its_retries_with_every_error_kept(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_fail({"times": 9})

    async def handle(job: Job[Any], context: Context) -> None:
        raise ValueError(f"attempt {context.attempt}")

    async def story(worker: Worker) -> None:
        dead = asyncio.Event()
        worker.on("dead", lambda event: dead.set())
        await dead.wait()

    with_worker(settings, handle, story, FAIL)
    job.refresh()
    assert (job.state, job.attempts) == ("dead", 4)
    assert [(error.attempt, error.type, error.message) for error in job.errors] == [
        (number, "ValueError", f"attempt {number}") for number in (1, 2, 3, 4)
    ]
    assert all("in handle" in error.traceback for error in job.errors)


def test_a_handler_chooses_how_its_attempt_ends(queue: JobQueue, settings: Settings) -> None:
    snoozed, retried, discarded = (queue.queue_echo({"text": word}) for word in ("snooze", "retry", "discard"))

    async def handle(job: Job[Any], context: Context) -> None:
        match job.payload.text:
            case "snooze":
                raise Snooze("1 hour")
            case "retry":
                raise Retry(after="2 hours", reason="the receiver is busy")
            case "discard":
                raise Discard("no such customer")

    drained(settings, handle)
    for job in (snoozed, retried, discarded):
        job.refresh()
    now = datetime.now(UTC)
    assert (snoozed.state, snoozed.attempts, snoozed.errors) == ("ready", 0, ())
    assert timedelta(minutes=59) < snoozed.run_at - now <= timedelta(hours=1)
    assert (retried.state, retried.attempts, retried.errors[0].message) == ("ready", 1, "the receiver is busy")
    assert timedelta(minutes=119) < retried.run_at - now <= timedelta(hours=2)
    assert (discarded.state, discarded.errors[0].kind, discarded.errors[0].message) == (
        "dead",
        "discard",
        "no such customer",
    )


def test_a_coroutine_past_its_timeout_is_cancelled_and_counts_as_failed(queue: JobQueue, settings: Settings) -> None:
    quick = dataclasses.replace(SLOW, timeout=timedelta(milliseconds=100))
    job = queue.queue(quick, {"seconds": 60})
    cancelled: list[bool] = []

    async def handle(job: Job[Any], context: Context) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(context.stopping)

    drained(settings, handle, job=quick)
    job.refresh()
    assert cancelled == [True]
    assert (job.state, job.errors[0].kind) == ("ready", "timeout")


def test_a_thread_past_its_timeout_is_reported_and_keeps_its_slot(queue: JobQueue, settings: Settings) -> None:
    quick = dataclasses.replace(SLOW, timeout=timedelta(milliseconds=100), concurrency=1)
    first, second = (queue.queue(quick, {"seconds": 0}) for _ in range(2))
    let_go, started = threading.Event(), []

    def handle(job: Job[Any], context: Context) -> None:
        started.append(job.id)
        if len(started) == 1:
            let_go.wait(30)

    async def story(worker: Worker) -> None:
        failed, succeeded = asyncio.Event(), asyncio.Event()
        worker.on("failed", lambda event: failed.set())
        worker.on("succeeded", lambda event: succeeded.set())
        await failed.wait()
        assert started == [first.id]
        let_go.set()
        await succeeded.wait()

    with_worker(settings, handle, story, quick)
    assert first.refresh().errors[0].kind == "timeout"
    assert second.refresh().state == "succeeded"


def test_no_more_run_at_once_than_the_schema_allows(queue: JobQueue, settings: Settings) -> None:
    narrow = dataclasses.replace(ECHO, concurrency=3)
    queue.queue_many(narrow, [{} for _ in range(20)])
    at_once, most = 0, 0

    async def handle(job: Job[Any], context: Context) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1

    drained(settings, handle, job=narrow)
    assert most == 3


def test_higher_priorities_run_first(queue: JobQueue, settings: Settings) -> None:
    for priority in (1, 9, 5):
        queue.queue_echo({"text": str(priority)}, priority=priority)
    order: list[str] = []

    async def handle(job: Job[Any], context: Context) -> None:
        order.append(job.payload.text)

    drained(settings.model_copy(update={"max_concurrency": 1}), handle)
    assert order == ["9", "5", "1"]


def test_a_running_job_is_cancelled_from_afar(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_slow({"seconds": 60})

    async def handle(job: Job[Any], context: Context) -> None:
        await asyncio.sleep(60)

    async def story(worker: Worker) -> None:
        started, cancelled = asyncio.Event(), asyncio.Event()
        worker.on("started", lambda event: started.set())
        worker.on("cancelled", lambda event: cancelled.set())
        await started.wait()
        assert await asyncio.to_thread(job.cancel) == "running"
        await cancelled.wait()

    with_worker(settings, handle, story, SLOW)
    assert job.refresh().state == "cancelled"


def test_events_are_told_after_the_record(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo({})
    told: list[tuple[str, str]] = []

    def listen(event: Event) -> None:
        told.append((event.name, jobs.find_one({"_id": event.job_id})["state"]))

    def on(worker: Worker) -> None:
        worker.on("started", listen)
        worker.on("succeeded", listen)

    drained(settings, nothing, on=on)
    assert told == [("started", "running"), ("succeeded", "succeeded")]


def test_a_listener_that_fails_harms_nobody(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    def on(worker: Worker) -> None:
        worker.on("succeeded", lambda event: 1 / 0)  # type: ignore[arg-type, return-value]

    drained(settings, nothing, on=on)
    assert job.refresh().state == "succeeded"


def test_the_log_says_where_a_handler_failed_and_no_payload_value(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_fail({"times": 4711})

    async def handle(job: Job[Any], context: Context) -> None:
        raise ValueError(f"cannot use {job.payload.times}")

    with structlog.testing.capture_logs() as told:
        drained(settings, handle, job=FAIL)
    (failed,) = [each for each in told if each["event"] == "job.failed" and each["attempt"] == 1]
    assert failed["error"].startswith("ValueError at runtime/test_worker.py:")
    assert failed["error"].endswith(" in handle")
    assert "4711" not in repr(told)
    assert job.refresh().errors[0].message == "cannot use 4711"


def test_a_cancellation_counts_even_if_the_attempt_fails_first(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_fail({"times": 9})

    async def handle(running: Job[Any], context: Context) -> None:
        await asyncio.to_thread(job.cancel)
        raise ValueError("too late to stop")

    drained(settings, handle, job=FAIL)
    assert job.refresh().state == "cancelled"
    assert job.errors[0].message == "too late to stop"
