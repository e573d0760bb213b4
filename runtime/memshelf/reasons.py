"""What an error of the driver says to a person, without the driver's inner life."""

from __future__ import annotations

import re

from pymongo.errors import OperationFailure, PyMongoError

NOISE = re.compile(r"(\s*\(configured timeouts.*|, Timeout: [0-9.]+s.*|, full error: .*)$", re.DOTALL)


def reason(error: PyMongoError) -> str:
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
