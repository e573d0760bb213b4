"""Where things are measured: collections of a random name, which nobody else uses and which go at the end."""

from __future__ import annotations

import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo import WriteConcern
from pymongo.errors import OperationFailure, PyMongoError

from memshelf.errors import InputError, StoreUnavailable
from memshelf.flows.prepare import prepare
from memshelf.mongo import WORKERS_SUFFIX, Store
from memshelf.reasons import reason
from memshelf.settings import Settings

PREFIX = "memshelf_bench_"
UNAUTHORIZED = 13


@dataclass(frozen=True, slots=True)
class Place:
    """Collections that are made ready: one for jobs, and one like it for plain inserts."""

    settings: Settings
    """Those of the user, but for the names."""
    raw: str
    """The collection of the plain inserts."""
    store: Store

    @property
    def collections(self) -> tuple[str, ...]:
        """All that is written to."""
        jobs = self.settings.collection
        return (jobs, jobs + WORKERS_SUFFIX, self.raw, self.raw + WORKERS_SUFFIX)

    @property
    def raw_collection(self) -> Any:
        """The collection of the plain inserts, under the write concern of the jobs."""
        durable = WriteConcern("majority", wtimeout=self.settings.write_timeout_ms)
        return self.store.client[self.settings.database].get_collection(self.raw, write_concern=durable)


def new_names(settings: Settings, *, inside: bool) -> Settings:
    """Give the settings with a name that nobody has: of a database, or of a collection inside the settings' one."""
    name = PREFIX + secrets.token_hex(6)
    return settings.model_copy(update={"collection": name} if inside else {"database": name, "collection": "jobs"})


def shown_name(settings: Settings) -> str:
    """Say in a few words what is made and dropped again."""
    if settings.collection.startswith(PREFIX):
        return f"the collection {settings.collection} of the database {settings.database}"
    return f"the database {settings.database}"


@contextmanager
def place(settings: Settings, *, tell: Callable[[str], None]) -> Iterator[Place]:
    """Make the collections, and drop them again whatever happens.

    Args:
        settings: with the names that `new_names` gave.
        tell: hears that they are gone, or which ones are not.

    Raises:
        InputError: the user may not do what is needed; nothing is left.
        StoreUnavailable: the collections could not be dropped.
    """
    store = Store(settings)
    made = Place(settings, settings.collection + "_raw", store)
    try:
        _refuse_without_rights(made)
        try:
            for name in (settings.collection, made.raw):
                other = Store(settings.model_copy(update={"collection": name}), store.client)
                other.run(prepare(name))
            yield made
        finally:
            _drop(made, tell)
    finally:
        store.close()


def _refuse_without_rights(made: Place) -> None:
    """Do with an empty collection what is done later with full ones."""
    name, left = made.settings.database, ""
    database = made.store.client[name]
    try:
        database.create_collection(made.raw)
        left = f"; the empty collection {made.raw} is left"
        database.drop_collection(made.raw)
    except KeyboardInterrupt:
        with _undisturbed():
            database.drop_collection(made.raw)
        raise
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
        raise InputError(
            f"the user may not make and drop collections in the database {name}: {reason(error)}{left}\n"
            "  give it the role readWrite there, or measure in a database where it has that, with --inside"
        ) from error


def _drop(made: Place, tell: Callable[[str], None]) -> None:
    """Drop the collections one by one: a database goes with its last one, and dropping it whole is another right."""
    name, shown = made.settings.database, shown_name(made.settings)
    database = made.store.client[name]
    try:
        with _undisturbed():
            for each in made.collections:
                database.drop_collection(each)
    except PyMongoError as error:
        left = ", ".join(f"{name}.{each}" for each in made.collections)
        raise StoreUnavailable(f"{shown} could not be dropped, so drop what is there of {left}: {reason(error)}") from (
            error
        )
    tell(f"{shown} is dropped")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second Ctrl-C wait: the first one is why this is under way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
