"""Which handler of the fault suite runs which job."""

from __future__ import annotations

from memshelf.registry import Registered, Registry
from tests.faults.app.catalog import ACT, CAREFUL, FRAGILE, HASTY, THREAD
from tests.faults.app.handlers import act, act_in_thread

registry = Registry(
    (
        Registered(ACT, act),
        Registered(THREAD, act_in_thread),
        Registered(HASTY, act),
        Registered(FRAGILE, act),
        Registered(CAREFUL, act),
    )
)
