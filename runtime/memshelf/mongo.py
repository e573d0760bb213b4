"""The connections to MongoDB and how a call is made on them."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, MongoClient, ReadPreference, WriteConcern
from pymongo.errors import ConnectionFailure, PyMongoError

from memshelf.call import Call, Flow, Target
from memshelf.clocks import ServerClock
from memshelf.drive import drive, drive_async
from memshelf.errors import StoreUnavailable
from memshelf.settings import Settings
from memshelf.unpack import CODEC, LENIENT, RAW

R = TypeVar("R")

CURSORS = frozenset({"find", "aggregate", "list_collections"})
WORKERS_SUFFIX = ".workers"
SCHEDULES_SUFFIX = "_schedules"


class Store:
    """The jobs of one collection, for blocking callers; connects on first use and again after a fork."""

    def __init__(self, settings: Settings, client: MongoClient[Any] | None = None) -> None:
        self.settings = settings
        self.clock = ServerClock()
        self._given = client
        self._client = client
        self._targets = _Targets(settings)
        self._pid = os.getpid()

    @property
    def client(self) -> MongoClient[Any]:
        """The client in use; one of our own is made when it is first needed."""
        if self._client is None or (self._pid != os.getpid() and self._given is None):
            self._client = MongoClient(self.settings.mongo_url.get_secret_value(), **client_options(self.settings))
            self._pid = os.getpid()
        return self._client

    def run(self, flow: Flow[R]) -> R:
        """Perform a flow."""
        return drive(flow, self._perform)

    def now(self) -> datetime:
        """Give the server's time.

        Raises:
            StoreUnavailable: the time was not known yet and no server answers.
        """
        if self.clock.stale:
            sent = time.monotonic()
            try:
                hello = self.client.admin.command("hello", codec_options=CODEC)
            except PyMongoError as error:
                raise StoreUnavailable(f"MongoDB cannot be reached, nothing was done: {error}") from error
            self.clock.measured(hello["localTime"], sent=sent, received=time.monotonic())
        return self.clock.now()

    def close(self) -> None:
        """Close the client if it is ours."""
        if self._client is not None and self._given is None:
            self._client.close()
            self._client = None
            self._targets = _Targets(self.settings)

    def _perform(self, asked: Call) -> Any:
        target = self._targets.find(self.client, asked)
        try:
            reply = getattr(target, asked.method)(*asked.args, **asked.options)
            return list(reply) if asked.method in CURSORS else reply
        except ConnectionFailure:
            self.clock.forget()
            raise


class AsyncStore:
    """The jobs of one collection, for asyncio; connects on first use, in the loop that uses it."""

    def __init__(self, settings: Settings, client: AsyncMongoClient[Any] | None = None) -> None:
        self.settings = settings
        self.clock = ServerClock()
        self._given = client
        self._client = client
        self._targets = _Targets(settings)

    @property
    def client(self) -> AsyncMongoClient[Any]:
        """The client in use; one of our own is made when it is first needed."""
        if self._client is None:
            self._client = AsyncMongoClient(self.settings.mongo_url.get_secret_value(), **client_options(self.settings))
        return self._client

    async def run(self, flow: Flow[R]) -> R:
        """Perform a flow."""
        return await drive_async(flow, self._perform)

    async def now(self) -> datetime:
        """Give the server's time.

        Raises:
            StoreUnavailable: the time was not known yet and no server answers.
        """
        if self.clock.stale:
            sent = time.monotonic()
            try:
                hello = await self.client.admin.command("hello", codec_options=CODEC)
            except PyMongoError as error:
                raise StoreUnavailable(f"MongoDB cannot be reached, nothing was done: {error}") from error
            self.clock.measured(hello["localTime"], sent=sent, received=time.monotonic())
        return self.clock.now()

    async def close(self) -> None:
        """Close the client if it is ours."""
        if self._client is not None and self._given is None:
            await self._client.close()
            self._client = None
            self._targets = _Targets(self.settings)

    async def _perform(self, asked: Call) -> Any:
        target = self._targets.find(self.client, asked)
        try:
            reply = getattr(target, asked.method)(*asked.args, **asked.options)
            if asked.method == "find":
                return await reply.to_list()
            if asked.method in CURSORS:
                return await (await reply).to_list()
            return await reply
        except ConnectionFailure:
            self.clock.forget()
            raise


def client_options(settings: Settings) -> dict[str, Any]:
    """Give the options under which a client of ours connects."""
    return {
        "appname": "memshelf",
        "maxPoolSize": settings.max_pool_size,
        "minPoolSize": settings.min_pool_size,
        "socketTimeoutMS": settings.socket_timeout_ms,
        "serverSelectionTimeoutMS": settings.server_selection_timeout_ms,
        "retryWrites": True,
        "retryReads": True,
    }


class _Targets:
    """The collections of one client, each made once: making one takes longer than the rest of a call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: tuple[Any, dict[Target, Any]] = (None, {})

    def find(self, client: Any, asked: Call) -> Any:
        """Give the collection or database of a call; a client is new on first use and after a fork."""
        owner, made = self._made
        if owner is not client:
            self._made = _, made = client, {}
        found = made.get(asked.target)
        if found is None:
            found = made[asked.target] = _target(client, self._settings, asked)
        return found


def _target(client: Any, settings: Settings, asked: Call) -> Any:
    """Give the collection or database that a call goes to.

    Only raw reads are strict about text that is not UTF-8, one document at a time: anybody may have stored a name that
    is none, and a listing of names must not fail for all of them.
    """
    database = client.get_database(settings.database, LENIENT)
    durable = WriteConcern("majority", wtimeout=settings.write_timeout_ms)
    match asked.target:
        case "database":
            return database
        case "jobs":
            return database.get_collection(settings.collection, LENIENT, ReadPreference.PRIMARY, durable)
        case "raw":
            return database.get_collection(settings.collection, RAW, ReadPreference.PRIMARY, durable)
        case "quick":
            return database.get_collection(settings.collection, LENIENT, ReadPreference.PRIMARY, WriteConcern(1))
        case "schedules":
            return database.get_collection(
                settings.collection + SCHEDULES_SUFFIX, LENIENT, ReadPreference.PRIMARY, durable
            )
        case "workers":
            return database.get_collection(
                settings.collection + WORKERS_SUFFIX, LENIENT, ReadPreference.PRIMARY, WriteConcern(1)
            )
