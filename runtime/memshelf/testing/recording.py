"""A queue that judges payloads for real and keeps a list of its jobs instead of storing them.

There is no database behind it, and no imitation of one: it answers the calls by which a job is queued or read again by
its id, and refuses every other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.results import InsertManyResult, InsertOneResult

from memshelf.call import Call, Flow
from memshelf.drive import drive, drive_async
from memshelf.errors import InputError
from memshelf.flows.enqueue import DUPLICATE_KEY
from memshelf.mongo import AsyncStore, Store
from memshelf.options import JobId
from memshelf.queues import AsyncQueue, BlockingQueue
from memshelf.settings import Settings
from memshelf.states import State
from memshelf.testing.clock import MovableClock

Q = TypeVar("Q", bound=BlockingQueue | AsyncQueue)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Queued:
    """One job that was queued."""

    name: str
    """The job's name on the wire."""
    payload: dict[str, Any]
    """The payload as it travels, with the schema's names."""
    document: dict[str, Any]
    """The whole document, as it would be stored."""

    @property
    def id(self) -> JobId:
        """The job's id."""
        job_id: JobId = self.document["_id"]
        return job_id

    @property
    def state(self) -> State:
        """`ready` until an inline queue ran the job."""
        state: State = self.document["state"]
        return state

    @property
    def run_at(self) -> datetime:
        """Not before this time; aware, UTC."""
        run_at: datetime = self.document["runAt"]
        return run_at


def recording_queue(kind: type[Q], *, settings: Settings | None = None, clock: MovableClock | None = None) -> Q:
    """Make a queue that needs no server: payloads and options are judged for real, `queued` lists its jobs.

    A job that is queued again under its id is accepted or refused as by the real queue. Handles can be read and
    refreshed. A transaction's commit is not waited for. What needs a database raises NotImplementedError: cancelling,
    moving, replaying and removing.

    Args:
        kind: the generated class, `JobQueue` or `AsyncJobQueue`.
        settings: default: from the environment; no connection is made.
        clock: by which `in 30 minutes` is read; default: the real time.
    """
    ledger, told = Ledger(), clock or MovableClock()
    return with_store(
        kind,
        settings,
        lambda chosen: RecordingStore(chosen, told, ledger),
        lambda chosen: AsyncRecordingStore(chosen, told, ledger),
    )


def queued(queue: BlockingQueue | AsyncQueue) -> list[Queued]:
    """List the jobs of a recording or inline queue in the order in which they were queued, as they are now.

    Raises:
        InputError: the queue is neither.
    """
    store = queue._store
    if not isinstance(store, RecordingStore | AsyncRecordingStore):
        raise InputError(f"queue: must come from recording_queue or inline_queue, got a real {type(queue).__name__}")
    return [entry(document) for document in store.ledger.documents.values()]


def entry(document: Mapping[str, Any]) -> Queued:
    """Show one document of a ledger."""
    return Queued(document["name"], document["data"], dict(document))


class Ledger:
    """The jobs that a queue without a database was given, by their ids, in order."""

    def __init__(self) -> None:
        self.documents: dict[JobId, dict[str, Any]] = {}
        self._fresh: list[dict[str, Any]] = []

    def take(self) -> list[dict[str, Any]]:
        """Give the documents that were queued since this was asked last."""
        taken, self._fresh = self._fresh, []
        return taken

    def answer(self, asked: Call) -> Any:
        """Answer a call of queueing.

        Raises:
            DuplicateKeyError, BulkWriteError: an id is taken, as the driver says it.
            NotImplementedError: the call is not one of queueing.
        """
        match asked.method, asked.args:
            case "insert_one", (dict() as document,):
                if not self._add(document):
                    raise DuplicateKeyError("the id is taken", DUPLICATE_KEY)
                return InsertOneResult(document["_id"], True)
            case "insert_many", (documents,):
                taken = [index for index, document in enumerate(documents) if not self._add(document)]
                if taken:
                    raise BulkWriteError({"writeErrors": [{"index": each, "code": DUPLICATE_KEY} for each in taken]})
                return InsertManyResult([document["_id"] for document in documents], True)
            case "find", ({"_id": chosen, **rest}, *_) if not rest:
                ids = chosen["$in"] if isinstance(chosen, Mapping) else [chosen]
                return [self.documents[job_id] for job_id in ids if job_id in self.documents]
            case _:
                raise no_database(asked.method)

    def _add(self, document: dict[str, Any]) -> bool:
        """Keep the very document, so that the handle made of it afterwards shows what became of the job meanwhile."""
        if document["_id"] in self.documents:
            return False
        self.documents[document["_id"]] = document
        self._fresh.append(document)
        return True


class RecordingStore(Store):
    """A ledger where a blocking queue looks for its database."""

    def __init__(self, settings: Settings, told: MovableClock, ledger: Ledger) -> None:
        super().__init__(settings)
        self.told = told
        self.ledger = ledger

    @property
    def client(self) -> MongoClient[Any]:
        """Refuse."""
        raise no_database("client")

    def run(self, flow: Flow[R]) -> R:
        """Perform a flow of queueing."""
        return drive(flow, self.ledger.answer)

    def now(self) -> datetime:
        """Give the test's time."""
        return self.told.now()


class AsyncRecordingStore(AsyncStore):
    """A ledger where an asyncio queue looks for its database."""

    def __init__(self, settings: Settings, told: MovableClock, ledger: Ledger) -> None:
        super().__init__(settings)
        self.told = told
        self.ledger = ledger

    @property
    def client(self) -> AsyncMongoClient[Any]:
        """Refuse."""
        raise no_database("client")

    async def run(self, flow: Flow[R]) -> R:
        """Perform a flow of queueing."""

        async def perform(asked: Call) -> Any:
            return self.ledger.answer(asked)

        return await drive_async(flow, perform)

    async def now(self) -> datetime:
        """Give the test's time."""
        return self.told.now()


def no_database(wanted: str) -> NotImplementedError:
    """Say that this was too much to ask."""
    return NotImplementedError(
        f"{wanted}: there is no database behind a recording or inline queue, it can only queue jobs and read them "
        "again by id; cancel, schedule, replay and remove are tested on a real server: the fixture memshelf_settings "
        "gives a database, memshelf.testing.drain runs its jobs"
    )


def with_store(
    kind: type[Q],
    settings: Settings | None,
    blocking: Callable[[Settings], Store],
    awaiting: Callable[[Settings], AsyncStore],
) -> Q:
    """Make a queue that works on a store of the test's."""
    chosen = settings or Settings.load()
    queue = kind(settings=chosen)
    if isinstance(queue, BlockingQueue):
        queue._store = blocking(chosen)
    else:
        queue._store = awaiting(chosen)
    return queue
