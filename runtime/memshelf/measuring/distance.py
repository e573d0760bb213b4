"""A server that is further away than it is: the settings that lead there, through a proxy of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from memshelf.errors import InputError
from memshelf.measuring.proxy import slow
from memshelf.mongo import client_options
from memshelf.settings import Settings


@contextmanager
def further_away(settings: Settings, delay: timedelta) -> Iterator[Settings]:
    """Give settings under which each request reaches the primary so much later.

    Raises:
        InputError: the connection is encrypted, which ties it to the server's name.
        PyMongoError: there is no primary to be found.
    """
    if not delay:
        yield settings
        return
    url = settings.mongo_url.get_secret_value()
    if url.startswith("mongodb+srv://") or parse_uri(url)["options"].get("tls"):
        raise InputError("--delay: needs a connection without TLS, which goes by the server's own name")
    with MongoClient[dict[str, object]](url, **client_options(settings)) as client:
        client.admin.command("ping")
        address = client.primary or client.address
    if address is None:
        raise InputError("--delay: needs a server with one address")
    with slow(address[1], delay.total_seconds(), address[0]) as port:
        yield settings.model_copy(update={"mongo_url": SecretStr(_through(url, port))})


def _through(url: str, port: int) -> str:
    """Lead a connection string to one port of this machine, whatever the server says its name is."""
    credentials, _, _ = url.removeprefix("mongodb://").rpartition("@")
    _, _, rest = url.removeprefix("mongodb://").rpartition("@")[2].partition("/")
    database, _, options = rest.partition("?")
    kept = [each for each in options.split("&") if each and not each.lower().startswith("directconnection=")]
    before = f"{credentials}@" if credentials else ""
    return f"mongodb://{before}127.0.0.1:{port}/{database}?{'&'.join([*kept, 'directConnection=true'])}"
