"""Which handler of the tests' application runs which job."""

from __future__ import annotations

from memshelf.registry import Registered, Registry
from tests.runtime.app import handlers

from .catalog import ECHO, FAIL, LETTER, PLAIN, SLOW

registry = Registry(
    (
        Registered(ECHO, handlers.echo),
        Registered(FAIL, handlers.fail),
        Registered(LETTER, handlers.letter),
        Registered(PLAIN, handlers.plain),
        Registered(SLOW, handlers.slow),
    )
)
