"""What queues and commands are made of, each part imported when it is first used."""

from __future__ import annotations

from memshelf.lazy import lazy

_HOMES = {
    "AsyncClientSession": "pymongo.asynchronous.client_session",
    "AsyncJobHandle": "memshelf.handle",
    "AsyncMongoClient": "pymongo",
    "AsyncSchedules": "memshelf.schedules",
    "AsyncStore": "memshelf.mongo",
    "ClientSession": "pymongo.client_session",
    "EveryOptions": "memshelf.timetable",
    "Event": "memshelf.events",
    "JobFilter": "memshelf.selection",
    "JobHandle": "memshelf.handle",
    "JobId": "memshelf.options",
    "Listener": "memshelf.events",
    "Listeners": "memshelf.events",
    "ManyOptions": "memshelf.options",
    "MongoClient": "pymongo",
    "Payload": "memshelf.payload",
    "QueueOptions": "memshelf.options",
    "Registry": "memshelf.registry",
    "ReplayOptions": "memshelf.replaying",
    "Replayed": "memshelf.replaying",
    "Schedule": "memshelf.timetable",
    "ScheduleOptions": "memshelf.options",
    "Schedules": "memshelf.schedules",
    "Settings": "memshelf.settings",
    "Store": "memshelf.mongo",
    "When": "memshelf.when",
    "enqueue": "memshelf.flows.enqueue",
    "get_job": "memshelf.flows.shelf:get",
    "of_run_time": "memshelf.timetable",
    "order": "memshelf.order",
    "order_many": "memshelf.order",
    "read_document": "memshelf.document:read",
    "read_payload": "memshelf.reading",
    "read_unknown": "memshelf.reading",
    "replaying": "memshelf.replaying",
}

__getattr__, __dir__ = lazy(__name__, _HOMES)
