"""What memshelf.testing promises to the tests of an application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
import svcs
from pymongo import MongoClient

from memshelf import (
    Context,
    Discard,
    DuplicateJobError,
    Job,
    PayloadError,
    Registered,
    Registry,
    Retry,
    Settings,
    Snooze,
    UnknownJobError,
    WhenError,
)
from memshelf.errors import InputError
from memshelf.jobtype import JobType
from memshelf.testing import (
    MovableClock,
    clocked_queue,
    drain,
    drain_blocking,
    fake_context,
    fake_job,
    inline_queue,
    queued,
    recording_queue,
    run_due,
    work_one,
    work_one_blocking,
)
from tests.runtime.app.catalog import ECHO, FAIL, LETTER, PLAIN, SLOW
from tests.runtime.app.models import EchoPayload, FailPayload, LetterPayload
from tests.runtime.app.queues import AsyncJobQueue, JobQueue
from tests.runtime.app.registry import registry

MORNING = datetime(2030, 1, 7, 9, tzinfo=UTC)


class Mailer:
    """A service of the tests."""

    def __init__(self) -> None:
        self.sent: list[str] = []


def one(job_type: JobType[Any], handler: Any, services: Any = None) -> Registry:
    """Make a registry of one job."""
    return Registry([Registered(job_type, handler)], services=services)


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings(
        mongo_url=mongo_url, database=database_name, process_every="100ms", lease="2s", heartbeat_every="200ms"
    )


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    with JobQueue(settings=settings) as opened:
        yield opened


class TestFakes:
    def test_a_fake_job_is_what_a_handler_gets(self) -> None:
        payload = LetterPayload(to="Ada", template_id="receipt")
        job = fake_job(payload, id="letter-1", name="send-letter", attempts=2, meta={"tenant": "acme"})
        assert (job.id, job.name, job.attempts, job.state, job.meta) == (
            "letter-1",
            "send-letter",
            2,
            "running",
            {"tenant": "acme"},
        )
        assert job.payload is payload

    def test_fake_jobs_have_ids_of_their_own(self) -> None:
        assert fake_job(EchoPayload()).id != fake_job(EchoPayload()).id

    def test_a_context_gives_the_services_of_a_mapping(self) -> None:
        mailer = Mailer()
        assert fake_context({Mailer: mailer}).get(Mailer) is mailer
        with pytest.raises(svcs.exceptions.ServiceNotFoundError):
            fake_context().get(Mailer)

    def test_a_context_takes_the_function_by_which_the_application_registers(self) -> None:
        closed: list[str] = []

        def make() -> Iterator[Mailer]:
            yield Mailer()
            closed.append("mailer")

        with fake_context(lambda services: services.register_factory(Mailer, make)) as context:
            assert context.get(Mailer) is context.get(Mailer)
            assert closed == []
        assert closed == ["mailer"]

    def test_a_context_closes_services_made_by_coroutines(self) -> None:
        closed: list[str] = []

        async def make() -> Any:
            yield Mailer()
            closed.append("mailer")

        async def story() -> None:
            async with fake_context(lambda services: services.register_factory(Mailer, make)) as context:
                await context.aget(Mailer)

        asyncio.run(story())
        assert closed == ["mailer"]

    def test_what_a_handler_logs_can_be_read(self) -> None:
        context = fake_context()
        context.log.bind(user="ada").info("email.sent", to=1)
        context.log.debug("detail")
        assert context.logged == [
            {"event": "email.sent", "user": "ada", "to": 1, "log_level": "info"},
            {"event": "detail", "log_level": "debug"},
        ]

    def test_a_context_is_interrupted_by_the_test(self) -> None:
        context = fake_context()
        assert not context.stopping
        context.interrupt()
        assert context.stopping

    def test_the_time_that_remains_follows_the_clock(self) -> None:
        clock = MovableClock(MORNING)
        context = fake_context(deadline=timedelta(seconds=30), clock=clock, attempt=3)
        assert (context.remaining, context.attempt) == (30.0, 3)
        clock.advance("20s")
        assert context.remaining == 10.0
        clock.advance("20s")
        assert context.remaining == 0.0
        assert fake_context().remaining is None

    def test_without_a_clock_of_the_tests_the_time_that_remains_is_real(self) -> None:
        context = fake_context(deadline=timedelta(hours=1))
        first, second = context.remaining, context.remaining
        assert first is not None
        assert second is not None
        assert 3600 >= first >= second > 0


class TestClock:
    def test_a_clock_with_a_start_stands_until_it_is_moved(self) -> None:
        clock = MovableClock("2030-01-07T10:00:00+01:00")
        assert clock.now() == MORNING == clock.now()
        assert clock.advance("1h30m") == MORNING + timedelta(minutes=90)
        assert clock.set(MORNING) == MORNING
        assert clock.advance(timedelta(seconds=1)) == MORNING + timedelta(seconds=1)

    def test_a_clock_without_a_start_goes_with_the_real_time(self) -> None:
        clock = MovableClock()
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        assert before <= clock.now() <= datetime.now(UTC)
        clock.advance("1 day")
        assert clock.at(MORNING) == MORNING + timedelta(days=1)

    def test_a_clock_shows_whole_milliseconds_as_the_database_does(self) -> None:
        assert MovableClock(MORNING.replace(microsecond=1999)).now().microsecond == 1000

    @pytest.mark.parametrize("start", [datetime(2030, 1, 7), "2030-01-07T09:00:00", "tomorrow"])
    def test_a_start_without_a_zone_is_refused(self, start: Any) -> None:
        with pytest.raises(WhenError, match="2030-01-07T09:00:00Z"):
            MovableClock(start)

    def test_a_clock_is_not_advanced_backwards(self) -> None:
        with pytest.raises(WhenError, match="set"):
            MovableClock().advance(timedelta(seconds=-1))


class TestRecording:
    def test_what_is_queued_is_kept_as_it_would_be_stored(self) -> None:
        queue = recording_queue(JobQueue, clock=MovableClock(MORNING))
        job = queue.queue_letter(LetterPayload(to="Ada", template_id="receipt"), meta={"tenant": "acme"})
        [letter] = queued(queue)
        assert isinstance(queue, JobQueue)
        assert (letter.id, letter.name, letter.state, letter.run_at) == (job.id, "send-letter", "ready", MORNING)
        assert letter.payload == {"to": "Ada", "templateId": "receipt"}
        assert (letter.document["queue"], letter.document["priority"], letter.document["meta"]) == (
            "post",
            7,
            {"tenant": "acme"},
        )

    def test_the_handle_reads_as_from_a_real_queue(self) -> None:
        queue = recording_queue(JobQueue)
        job = queue.queue_letter({"to": "Ada"})
        assert (job.payload.to, job.state, job.refresh().attempts, queue.get(job.id).name) == (
            "Ada",
            "ready",
            0,
            "send-letter",
        )

    def test_a_bad_payload_is_refused_and_not_recorded(self) -> None:
        queue = recording_queue(JobQueue)
        bad: Any = {"times": "often"}
        with pytest.raises(PayloadError, match=r"\$\.times"):
            queue.queue_fail(bad)
        with pytest.raises(PayloadError, match="payload 1"):
            queue.queue_fail_many([{"times": 1}, bad])
        assert queued(queue) == []

    def test_words_are_read_by_the_clock(self) -> None:
        clock = MovableClock(MORNING)
        queue = recording_queue(JobQueue, clock=clock)
        queue.schedule_echo("in 30 minutes", {})
        clock.advance("1 hour")
        queue.schedule_echo("tomorrow at noon", {}, timezone="Europe/Berlin")
        with pytest.raises(WhenError, match="past"):
            queue.schedule_echo(MORNING, {})
        assert [each.run_at for each in queued(queue)] == [
            MORNING + timedelta(minutes=30),
            datetime(2030, 1, 8, 11, tzinfo=UTC),
        ]

    def test_many_are_recorded_in_order(self) -> None:
        queue = recording_queue(JobQueue)
        queue.queue_fail_many([{"times": number} for number in range(3)])
        assert [each.payload for each in queued(queue)] == [{"times": 0}, {"times": 1}, {"times": 2}]

    def test_an_id_is_taken_once(self) -> None:
        queue = recording_queue(JobQueue)
        for _ in range(2):
            queue.queue_fail({"times": 1}, id="a")
            queue.queue_fail_many([{"times": 1}, {"times": 2}], ids=["a", "b"])
        with pytest.raises(DuplicateJobError, match="a"):
            queue.queue_fail({"times": 3}, id="a")
        with pytest.raises(DuplicateJobError, match="b"):
            queue.queue_fail_many([{"times": 3}, {"times": 4}], ids=["b", "c"])
        assert [each.id for each in queued(queue)] == ["a", "b", "c"]

    def test_the_asyncio_queue_records_too(self) -> None:
        async def story() -> AsyncJobQueue:
            async with recording_queue(AsyncJobQueue, clock=MovableClock(MORNING)) as queue:
                job = await queue.queue_fail({"times": 1}, id="a")
                await queue.schedule_echo("in 1 hour", {})
                with pytest.raises(DuplicateJobError):
                    await queue.queue_fail({"times": 2}, id="a")
                assert (await job.refresh()).state == "ready"
                return queue

        assert [(each.name, each.run_at) for each in queued(asyncio.run(story()))] == [
            ("fail", MORNING),
            ("echo", MORNING + timedelta(hours=1)),
        ]

    def test_it_is_no_database(self) -> None:
        queue = recording_queue(JobQueue)
        job = queue.queue_echo({})
        for refused in (job.cancel, job.remove, job.replay, lambda: job.schedule("in 1 hour")):
            with pytest.raises(NotImplementedError, match="no database behind"):
                refused()
        with pytest.raises(NotImplementedError, match="no database behind"):
            _ = queue._store.client

    def test_a_real_queue_has_no_list(self) -> None:
        with pytest.raises(InputError, match="recording_queue"):
            queued(JobQueue())


class TestInline:
    def test_a_handler_runs_before_the_queue_method_returns(self) -> None:
        mailer = Mailer()

        def handle(job: Job[LetterPayload], context: Context) -> None:
            context.get(Mailer).sent.append(job.payload.to)

        queue = inline_queue(JobQueue, one(LETTER, handle), services={Mailer: mailer})
        job = queue.queue_letter({"to": "Ada"})
        assert (mailer.sent, job.state, job.attempts) == (["Ada"], "succeeded", 1)
        assert job.started_at is not None
        assert job.finished_at is not None

    @pytest.mark.parametrize("beside_a_loop", [False, True])
    def test_a_blocking_queue_runs_coroutines_too(self, beside_a_loop: bool) -> None:
        seen: list[str] = []

        async def handle(job: Job[EchoPayload], context: Context) -> None:
            await asyncio.sleep(0)
            seen.append(str(job.payload.text))

        def story() -> None:
            assert inline_queue(JobQueue, one(ECHO, handle)).queue_echo({"text": "hello"}).state == "succeeded"

        async def story_in_a_loop() -> None:
            story()

        if beside_a_loop:
            asyncio.run(story_in_a_loop())
        else:
            story()
        assert seen == ["hello"]

    def test_an_asyncio_queue_runs_both_kinds(self) -> None:
        seen: list[str] = []

        async def coroutine(job: Job[Any], context: Context) -> None:
            await asyncio.sleep(0)
            seen.append(job.name)

        def plain(job: Job[Any], context: Context) -> None:
            asyncio.run(asyncio.sleep(0))  # Possible only in a thread without a loop.
            seen.append(job.name)

        async def story() -> list[str]:
            both = Registry([Registered(ECHO, coroutine), Registered(PLAIN, plain)])
            queue = inline_queue(AsyncJobQueue, both)
            jobs = [await queue.queue_echo({}), await queue.queue_plain({"seconds": 0})]
            return [job.state for job in jobs]

        assert asyncio.run(story()) == ["succeeded", "succeeded"]
        assert seen == ["echo", "plain"]

    def test_a_handlers_error_reaches_the_test_and_is_noted_on_the_job(self) -> None:
        queue = inline_queue(JobQueue, registry, clock=MovableClock(MORNING))
        with pytest.raises(RuntimeError, match="attempt 1 of 1"):
            queue.queue_fail({"times": 1})
        [job] = queued(queue)
        assert (job.state, job.document["attempts"], job.run_at) == ("ready", 1, MORNING + timedelta(milliseconds=50))
        [error] = job.document["errors"]
        assert (error["kind"], error["type"], error["at"]) == ("error", "RuntimeError", MORNING)

    def test_errors_can_be_left_to_the_job(self) -> None:
        clock = MovableClock(MORNING)
        queue = inline_queue(JobQueue, registry, errors="record", clock=clock)
        job = queue.queue_fail({"times": 9})
        states = [job.state]
        while states[-1] == "ready":
            clock.advance("50ms")
            [ran] = run_due(queue)
            states.append(ran.state)
        assert states == ["ready", "ready", "ready", "dead"]
        assert [error.attempt for error in job.refresh().errors] == [1, 2, 3, 4]

    def test_an_interrupt_is_never_left_to_the_job(self) -> None:
        def handle(job: Job[Any], context: Context) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            inline_queue(JobQueue, one(ECHO, handle), errors="record").queue_echo({})

    def test_what_a_handler_asks_for_is_on_the_handle(self) -> None:
        asked: dict[str, Exception] = {
            "retry": Retry(after="10 minutes", reason="busy"),
            "snooze": Snooze("1 hour"),
            "discard": Discard("gone"),
        }

        def handle(job: Job[EchoPayload], context: Context) -> None:
            raise asked[str(job.payload.text)]

        queue = inline_queue(JobQueue, one(ECHO, handle), clock=MovableClock(MORNING))
        retried, snoozed, discarded = (queue.queue_echo({"text": word}) for word in asked)
        assert (retried.state, retried.attempts, retried.run_at) == ("ready", 1, MORNING + timedelta(minutes=10))
        assert (snoozed.state, snoozed.attempts, snoozed.run_at) == ("ready", 0, MORNING + timedelta(hours=1))
        assert (discarded.state, [error.message for error in discarded.errors]) == ("dead", ["gone"])
        assert snoozed.errors == ()

    def test_a_job_for_later_waits_for_the_clock(self) -> None:
        clock = MovableClock(MORNING)
        queue = inline_queue(JobQueue, registry, clock=clock)
        job = queue.schedule_echo("in 2 hours", {})
        assert (job.state, run_due(queue)) == ("ready", [])
        clock.advance("2 hours")
        assert [each.id for each in run_due(queue)] == [job.id]
        assert (job.refresh().state, run_due(queue)) == ("succeeded", [])

    def test_due_jobs_run_in_a_workers_order(self) -> None:
        clock = MovableClock(MORNING)
        queue = inline_queue(JobQueue, registry, clock=clock)
        queue.schedule_echo("in 2 hours", {}, id="late")
        queue.schedule_echo("in 1 hour", {}, id="early")
        queue.schedule_echo("in 3 hours", {}, id="urgent", priority=9)
        clock.advance("1 day")
        assert [each.id for each in run_due(queue)] == ["urgent", "early", "late"]

    def test_due_jobs_of_an_asyncio_queue_are_awaited(self) -> None:
        async def story() -> list[str]:
            clock = MovableClock(MORNING)
            queue = inline_queue(AsyncJobQueue, registry, clock=clock)
            await queue.schedule_echo("in 1 hour", {})
            clock.advance("1 hour")
            return [each.state for each in await run_due(queue)]

        assert asyncio.run(story()) == ["succeeded"]

    @pytest.mark.parametrize("kind", [JobQueue, AsyncJobQueue])
    def test_what_a_handler_queues_runs_when_it_has_ended(self, kind: Any) -> None:
        order: list[str] = []

        def parent(job: Job[Any], context: Context) -> None:
            context.get(JobQueue).queue_slow({"seconds": 0})
            order.append("parent")

        async def parent_async(job: Job[Any], context: Context) -> None:
            await (await context.aget(AsyncJobQueue)).queue_slow({"seconds": 0})
            order.append("parent")

        async def child(job: Job[Any], context: Context) -> None:
            order.append("child")

        both = Registry([Registered(ECHO, parent if kind is JobQueue else parent_async), Registered(SLOW, child)])
        queue: Any = inline_queue(kind, both)
        if kind is JobQueue:
            queue.queue_echo({})
        else:
            asyncio.run(queue.queue_echo({}))
        assert order == ["parent", "child"]
        assert [each.state for each in queued(queue)] == ["succeeded", "succeeded"]

    def test_several_tasks_may_queue_at_once(self) -> None:
        meeting: list[Any] = []

        async def handle(job: Job[EchoPayload], context: Context) -> None:
            if not meeting:
                meeting.append(asyncio.Event())
                await meeting[0].wait()
            meeting[0].set()

        async def story() -> list[str]:
            queue = inline_queue(AsyncJobQueue, one(ECHO, handle))
            return [job.state for job in await asyncio.gather(queue.queue_echo({}), queue.queue_echo({}))]

        assert asyncio.run(asyncio.wait_for(story(), 10)) == ["succeeded", "succeeded"]

    def test_the_rest_of_many_waits_after_an_error(self) -> None:
        queue = inline_queue(JobQueue, registry)
        with pytest.raises(RuntimeError):
            queue.queue_fail_many([{"times": 0}, {"times": 1}, {"times": 0}])
        queue.queue_echo({})
        assert [each.state for each in queued(queue)] == ["succeeded", "ready", "ready", "succeeded"]
        assert [each.state for each in queued(queue)][2] == "ready"
        assert [each.state for each in run_due(queue)][:1] == ["succeeded"]

    def test_services_are_the_registrys_unless_the_test_gives_others(self) -> None:
        theirs, ours, closed = Mailer(), Mailer(), list[str]()
        seen: list[Mailer] = []

        def application(services: svcs.Registry) -> None:
            def make() -> Iterator[Mailer]:
                yield theirs
                closed.append("theirs")

            services.register_factory(Mailer, make)

        def handle(job: Job[Any], context: Context) -> None:
            seen.append(context.get(Mailer))

        inline_queue(JobQueue, one(ECHO, handle, application)).queue_echo({})
        inline_queue(JobQueue, one(ECHO, handle, application), services={Mailer: ours}).queue_echo({})
        assert (seen, closed) == ([theirs, ours], ["theirs"])

    def test_the_log_is_bound_to_the_job(self) -> None:
        async def handle(job: Job[Any], context: Context) -> None:
            context.log.info("echo.heard")

        with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
            structlog.configure()
            try:
                job = inline_queue(JobQueue, one(ECHO, handle)).queue_echo({})
            finally:
                structlog.reset_defaults()
        assert [(each["event"], each["job"], each["name"], each["attempt"]) for each in logged] == [
            ("echo.heard", str(job.id), "echo", 1)
        ]

    def test_a_job_without_a_handler_is_an_error(self) -> None:
        with pytest.raises(UnknownJobError, match="fail"):
            inline_queue(JobQueue, one(FAIL, None)).queue_echo({})

    def test_only_inline_queues_have_due_jobs(self) -> None:
        with pytest.raises(InputError, match="inline_queue"):
            run_due(recording_queue(JobQueue))


class TestAsAWorkerDoes:
    """An inline queue and a real worker leave the same behind."""

    @pytest.mark.parametrize("asked", [None, Retry(after="1h"), Snooze("1h"), Discard("gone"), ValueError("no")])
    def test_an_attempt_ends_alike(
        self, asked: Exception | None, settings: Settings, queue: JobQueue, mongo_client: MongoClient[dict[str, Any]]
    ) -> None:
        def handle(job: Job[Any], context: Context) -> None:
            if asked is not None:
                raise asked

        inline = inline_queue(JobQueue, one(LETTER, handle), errors="record", settings=settings)
        inline.queue_letter({"to": "Ada"}, id="a", meta={"b": 1})
        queue.queue_letter({"to": "Ada"}, id="a", meta={"b": 1})
        drain_blocking(one(LETTER, handle), settings=settings)
        stored = mongo_client[settings.database]["jobs"].find_one({"_id": "a"})
        assert stored is not None
        [here] = queued(inline)
        assert told(here.document) == told(stored)


def told(document: dict[str, Any]) -> dict[str, Any]:
    """Give what a document says apart from times, leases and machines."""
    errors = [
        {key: error[key] for key in ("attempt", "kind", "type", "message")} for error in document.get("errors", ())
    ]
    timed = {key for key in document if key.endswith("At") and key != "expireAt"}
    kept = {
        key: document[key] for key in ("_id", "name", "data", "state", "queue", "priority", "attempts", "lost", "meta")
    }
    waits = document["runAt"].replace(tzinfo=UTC) - datetime.now(UTC) > timedelta(seconds=1)
    return {**kept, "errors": errors, "timed": timed, "waits": waits}


class TestDraining:
    def test_drain_runs_everything_that_is_due(self, queue: JobQueue, settings: Settings) -> None:
        jobs = [
            queue.queue_echo({"text": "hi"}),
            queue.queue_plain({"seconds": 0}),
            queue.queue_echo({}, queue="elsewhere"),
            queue.queue_letter({"to": "Ada"}),
        ]
        later = queue.schedule_echo("in 1 hour", {})
        ended = drain_blocking(registry, settings=settings)
        assert {job.id for job in ended} == {job.id for job in jobs}
        assert {job.state for job in ended} == {"succeeded"}
        assert later.refresh().state == "ready"
        assert drain_blocking(registry, settings=settings) == []

    def test_drain_gives_jobs_with_their_payloads_and_errors(self, queue: JobQueue, settings: Settings) -> None:
        def handle(job: Job[EchoPayload], context: Context) -> None:
            raise Discard("no use")

        queue.queue_echo({"text": "hi"})
        [job] = drain_blocking(one(ECHO, handle), settings=settings)
        assert (job.payload.text, job.state, job.errors[0].message) == ("hi", "dead", "no use")

    def test_drain_is_awaited_beside_an_asyncio_queue(self, settings: Settings) -> None:
        async def story() -> list[str]:
            async with AsyncJobQueue(settings=settings) as queue:
                await queue.queue_echo({})
                return [job.state for job in await drain(registry, settings=settings)]

        assert asyncio.run(story()) == ["succeeded"]

    def test_a_drain_that_takes_too_long_names_what_was_running(self, queue: JobQueue, settings: Settings) -> None:
        job = queue.queue_slow({"seconds": 60})
        with pytest.raises(TimeoutError, match=f"slow {job.id}"):
            drain_blocking(registry, settings=settings, timeout=1)
        assert (job.refresh().state, job.attempts) == ("ready", 0)

    def test_work_one_runs_one_job(self, queue: JobQueue, settings: Settings) -> None:
        queue.queue_echo({}, id="second", priority=1)
        queue.queue_echo({}, id="first", priority=9)
        first = work_one_blocking(registry, settings=settings)
        assert first is not None
        assert (first.id, first.state, queue.get("second").state) == ("first", "succeeded", "ready")
        second = asyncio.run(work_one(registry, settings=settings))
        assert second is not None
        assert second.id == "second"
        assert work_one_blocking(registry, settings=settings) is None

    def test_work_one_counts_a_quarantined_job(
        self, queue: JobQueue, settings: Settings, mongo_client: MongoClient[dict[str, Any]]
    ) -> None:
        bad, good = queue.queue_fail({"times": 0}), queue.queue_fail({"times": 0})
        mongo_client[settings.database]["jobs"].update_one({"_id": bad.id}, {"$set": {"data": {"times": "often"}}})
        job = work_one_blocking(registry, settings=settings)
        assert job is not None
        assert (job.id, job.state, good.refresh().state) == (bad.id, "quarantined", "ready")

    def test_work_one_runs_a_job_that_must_run_alone(
        self, queue: JobQueue, settings: Settings, mongo_client: MongoClient[dict[str, Any]]
    ) -> None:
        job = queue.queue_echo({})
        mongo_client[settings.database]["jobs"].update_one({"_id": job.id}, {"$set": {"lost": 2}})
        ran = work_one_blocking(registry, settings=settings)
        assert ran is not None
        assert ran.state == "succeeded"


class TestClockOnAServer:
    def test_a_moved_clock_makes_jobs_due_in_their_order(self, queue: JobQueue, settings: Settings) -> None:
        clock = MovableClock()
        queue.schedule_echo("in 2 hours", {}, id="b")
        queue.schedule_echo("in 1 hour", {}, id="a")
        queue.schedule_echo("in 3 hours", {}, id="c")
        queue.queue_echo({}, id="now")
        clock.advance("2 hours")
        one_at_a_time = settings.model_copy(update={"max_concurrency": 1})
        ended = drain_blocking(registry, settings=one_at_a_time, clock=clock)
        assert [job.id for job in ended] == ["now", "a", "b"]
        assert queue.get("c").state == "ready"

    def test_a_retry_waits_by_the_clock(self, queue: JobQueue, settings: Settings) -> None:
        clock = MovableClock()

        def handle(job: Job[FailPayload], context: Context) -> None:
            if context.attempt <= job.payload.times:
                raise Retry(after="10 minutes")

        def attempts() -> list[tuple[str, int]]:
            return [
                (job.state, job.attempts) for job in drain_blocking(one(FAIL, handle), settings=settings, clock=clock)
            ]

        queue.schedule_fail("in 1 hour", {"times": 1})
        clock.advance("1 hour")
        assert attempts() == [("ready", 1)]
        clock.advance("9 minutes")
        assert attempts() == []
        clock.advance("1 minute")
        assert attempts() == [("succeeded", 2)]

    def test_a_standing_clock_is_exact(self, settings: Settings) -> None:
        clock = MovableClock(MORNING + timedelta(days=3650))
        with clocked_queue(JobQueue, clock, settings=settings) as queue:
            job = queue.schedule_echo("in 1 hour", {})
            now = queue.queue_echo({})
            assert job.run_at == clock.now() + timedelta(hours=1)
            assert [each.id for each in drain_blocking(registry, settings=settings, clock=clock)] == [now.id]
            clock.advance("59m 59s")
            assert drain_blocking(registry, settings=settings, clock=clock) == []
            clock.advance("1s")
            assert [each.id for each in drain_blocking(registry, settings=settings, clock=clock)] == [job.id]

    def test_an_asyncio_queue_follows_a_clock(self, settings: Settings) -> None:
        async def story() -> timedelta:
            clock = MovableClock()
            clock.advance("1 day")
            async with clocked_queue(AsyncJobQueue, clock, settings=settings) as queue:
                return (await queue.queue_echo({})).run_at - datetime.now(UTC)

        assert asyncio.run(story()) > timedelta(hours=23)

    def test_a_clock_behind_the_server_holds_nothing_back(self, queue: JobQueue, settings: Settings) -> None:
        job = queue.queue_echo({})
        assert [
            each.id for each in drain_blocking(registry, settings=settings, clock=MovableClock("2020-01-01T00:00:00Z"))
        ] == [job.id]
