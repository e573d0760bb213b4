"""What queues and commands are made of, each part imported when it is first used."""

from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.client_session import ClientSession

from memshelf.document import read as read_document
from memshelf.events import Event, Listener, Listeners
from memshelf.flows.enqueue import enqueue
from memshelf.flows.shelf import get as get_job
from memshelf.handle import AsyncJobHandle, JobHandle
from memshelf.mongo import AsyncStore, Store
from memshelf.options import JobId, ManyOptions, QueueOptions, ScheduleOptions
from memshelf.order import order, order_many
from memshelf.payload import Payload
from memshelf.reading import read_payload, read_unknown
from memshelf.registry import Registry
from memshelf.replaying import Replayed, ReplayOptions, replaying
from memshelf.schedules import AsyncSchedules, Schedules
from memshelf.selection import JobFilter
from memshelf.settings import Settings
from memshelf.timetable import EveryOptions, Schedule, of_run_time
from memshelf.when import When

__all__ = [
    "AsyncClientSession",
    "AsyncJobHandle",
    "AsyncMongoClient",
    "AsyncSchedules",
    "AsyncStore",
    "ClientSession",
    "Event",
    "EveryOptions",
    "JobFilter",
    "JobHandle",
    "JobId",
    "Listener",
    "Listeners",
    "ManyOptions",
    "MongoClient",
    "Payload",
    "QueueOptions",
    "Registry",
    "ReplayOptions",
    "Replayed",
    "Schedule",
    "ScheduleOptions",
    "Schedules",
    "Settings",
    "Store",
    "When",
    "enqueue",
    "get_job",
    "of_run_time",
    "order",
    "order_many",
    "read_document",
    "read_payload",
    "read_unknown",
    "replaying",
]
