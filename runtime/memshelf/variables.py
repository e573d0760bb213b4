"""The text of each kind of setting, read or refused with what would be right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import cast

from pydantic import SecretStr
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from memshelf.durations import format_duration, parse_duration
from memshelf.zones import find_zone

FOREVER = "forever"
"""The text of a retention without an end."""
LONGEST_RETENTION = timedelta(days=36_500)

_NAME = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_SWITCHES = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_URI = "mongodb://host:27017/?replicaSet=rs0 or mongodb+srv://host, with user and password percent-encoded"


def read_uri(value: object) -> SecretStr:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        raise ValueError(f"must be a connection string such as {_URI}")
    if text.startswith("mongodb+srv://") and len(text) > len("mongodb+srv://"):
        return SecretStr(text)  # Looking further into it would ask the name server.
    if not text.startswith("mongodb://"):
        raise ValueError(f"must be a connection string such as {_URI}")
    try:
        parse_uri(text)
    except (PyMongoError, ValueError) as error:
        # The driver's text may quote a part of a secret.
        cause = "" if re.search("@|auth|password", text, re.IGNORECASE) else f" ({error})"
        raise ValueError(f"is not a connection string that the driver takes{cause}; write {_URI}") from None
    return SecretStr(text)


def read_database(value: object) -> str:
    text = _text(value)
    if not text or len(text.encode()) > 63 or set(text) & set('/\\. "$*<>:|?\0'):
        raise ValueError(f'must be a MongoDB database name: 1 to 63 bytes without / \\ . " $ or spaces, got {text!r}')
    return text


def read_collection(value: object) -> str:
    text = _text(value)
    if not text or len(text.encode()) > 120 or set(text) & set("$\0") or text.startswith(("system.", ".")):
        raise ValueError(
            f"must be a MongoDB collection name: 1 to 120 bytes without $, not beginning with `system.`, got {text!r}"
        )
    return text


def integer_reader(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,18}\s*", value) else value
        if type(number) is not int or not low <= number <= high:
            raise ValueError(f"must be an integer from {low} to {high}, got {value!r}")
        return number

    return read


def duration_reader(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    """Read a duration between two others, cut to milliseconds."""

    def read(value: object) -> timedelta:
        if not isinstance(value, str | timedelta):
            raise ValueError(f"must be a duration such as `5 seconds`, got {value!r}")
        duration = parse_duration(value.strip()) if isinstance(value, str) else value
        if not least <= duration <= most:
            limits = f"{format_duration(least)} to {format_duration(most)}"
            raise ValueError(f"must be a duration from {limits}, got {format_duration(duration)}")
        return duration - duration % timedelta(milliseconds=1)

    return read


def read_retention(value: object) -> timedelta | None:
    if value is None or (isinstance(value, str) and value.strip() == FOREVER):
        return None
    try:
        return duration_reader(timedelta(0), LONGEST_RETENTION)(value)
    except ValueError as error:
        raise ValueError(f"{error}; or write `{FOREVER}`") from None


def read_queues(value: object) -> tuple[str, ...]:
    names: object = value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            names = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError(f'is not JSON; write default,mail or ["default", "mail"], got {value!r}') from None
    elif isinstance(value, str):
        names = [name.strip() for name in value.split(",") if name.strip()]
    if not isinstance(names, list | tuple):
        raise ValueError(f"must be a list of queue names such as default,mail, got {value!r}")
    bad = [name for name in names if not isinstance(name, str) or not _NAME.fullmatch(name)]
    if bad:
        listed = ", ".join(map(repr, bad))
        raise ValueError(f"{listed}: a queue's name has lower-case letters and digits, joined by single - or .")
    return tuple(dict.fromkeys(cast("Iterable[str]", names)))


def choice_reader(*options: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value.strip().lower() not in options:
            raise ValueError(f"must be {', '.join(options[:-1])} or {options[-1]}, got {value!r}")
        return value.strip().lower()

    return read


def read_switch(value: object) -> bool:
    read = value if isinstance(value, bool) else _SWITCHES.get(str(value).strip().lower())
    if read is None:
        raise ValueError(f"must be true or false, got {value!r}")
    return read


def read_zone(value: object) -> str:
    find_zone(_text(value))
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, got {value!r}")
    return value.strip()


def mask(url: str) -> str:
    """Give a connection string without its credentials."""
    # Greedy up to the last @: a password that was not encoded may hold a / or an @.
    hidden = re.sub(r"//.*@", "//***@", url, flags=re.DOTALL)
    return re.sub(r"(?i)\b(\w*password|authMechanismProperties)=[^&]*", r"\1=***", hidden)
