"""The two drivers that perform a flow: one blocks, one awaits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pymongo.errors import PyMongoError

from memshelf.call import Call, Flow

R = TypeVar("R")


def drive(flow: Flow[R], perform: Callable[[Call], Any]) -> R:
    """Perform a flow's calls one by one and give what it returns."""
    try:
        call = next(flow)
        while True:
            try:
                reply = perform(call)
            except PyMongoError as error:
                call = flow.throw(error)
            else:
                call = flow.send(reply)
    except StopIteration as end:
        result: R = end.value
        return result


async def drive_async(flow: Flow[R], perform: Callable[[Call], Awaitable[Any]]) -> R:
    """Perform a flow's calls one by one, awaiting each, and give what it returns."""
    try:
        call = next(flow)
        while True:
            try:
                reply = await perform(call)
            except PyMongoError as error:
                call = flow.throw(error)
            else:
                call = flow.send(reply)
    except StopIteration as end:
        result: R = end.value
        return result
