"""What an error of the driver means: in words for a person, and whether it will pass by itself."""

from __future__ import annotations

import re

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

NOISE = re.compile(r"(\s*\(configured timeouts.*|, Timeout: [0-9.]+s.*|, full error: .*)$", re.DOTALL)


def passing(error: Exception) -> bool:
    """Tell whether the same call may succeed later: the server was away, changed its role, or took too long."""
    match error:
        case ConnectionFailure() | WriteConcernError() | ExecutionTimeout():
            return True
        case BulkWriteError():
            return not (error.details or {}).get("writeErrors")
        case PyMongoError():
            return error.has_error_label("RetryableWriteError")
    return False


def reason(error: BaseException) -> str:
    """Give the reason in one line."""
    text = str(error)
    if isinstance(error, OperationFailure) and isinstance(error.details, dict):
        text = str(error.details.get("errmsg", text))
    if "hint provided does not correspond" in text:
        return "an index of memshelf's is missing; start a worker or run `memshelf db indexes --create`"
    return shorten(text)


def shorten(text: str) -> str:
    """Cut off timeouts, the topology and the raw reply, which the driver appends to its reasons."""
    return " ".join(NOISE.sub("", text).split())[:500]
