"""Open the jobs that the settings name, and say in one line why that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from memshelf.errors import StoreUnavailable
from memshelf.mongo import Store
from memshelf.reasons import reason, shorten
from memshelf.settings import Settings
from memshelf.variables import mask


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Store]:
    """Give the store, and close it afterwards.

    Raises:
        SettingsError: a setting has a bad value.
        StoreUnavailable: the server does not answer, or refuses.
    """
    settings = settings or Settings.load()
    store = Store(settings)
    try:
        with explained(settings):
            yield store
    finally:
        store.close()


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """Turn the driver's errors into one line with the server's address.

    Raises:
        StoreUnavailable: in place of an error of the driver.
    """
    try:
        yield
    except StoreUnavailable as error:
        raise StoreUnavailable(_text(settings, str(error))) from error
    except PyMongoError as error:
        raise StoreUnavailable(_text(settings, reason(error))) from error


def _text(settings: Settings, why: str) -> str:
    address = mask(settings.mongo_url.get_secret_value())
    return f"{shorten(why)}\n  asked: {address} (MEMSHELF_MONGO_URL), database {settings.database}"
