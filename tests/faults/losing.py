"""A connection that is lost at one chosen call: before the server has it, or after the server has done it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pymongo.errors import AutoReconnect, NetworkTimeout, PyMongoError, ServerSelectionTimeoutError, WTimeoutError

from memshelf.call import Call
from memshelf.mongo import Store
from memshelf.settings import Settings

Moment: TypeAlias = Literal["before", "after"]
LOSSES: dict[Moment, tuple[PyMongoError, ...]] = {
    "before": (AutoReconnect("lost before"), ServerSelectionTimeoutError("no server")),
    "after": (AutoReconnect("lost after"), NetworkTimeout("silent"), WTimeoutError("no majority", 64, {})),
}
"""Every error that a driver raises at such a moment."""


class LosingStore(Store):
    """A store on a real server that loses one call."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.calls: list[str] = []
        self._number: int | None = None
        self._moment: Moment = "before"
        self._error: PyMongoError = AutoReconnect("lost")

    def lose(self, number: int, moment: Moment, error: PyMongoError) -> None:
        """Count anew, and lose the call of this number."""
        self.calls.clear()
        self._number, self._moment, self._error = number, moment, error

    def _perform(self, asked: Call) -> Any:
        number = len(self.calls)
        self.calls.append(asked.method)
        if number != self._number:
            return super()._perform(asked)
        if self._moment == "after":
            super()._perform(asked)
        raise self._error
