"""Which handler of the fault suite runs which job."""

from __future__ import annotations

import os
import time

from memshelf.registry import Registered, Registry
from tests.faults.app.catalog import (
    ACT,
    CAREFUL,
    FRAGILE,
    HASTY,
    ISOLATED,
    ISOLATED_HASTY,
    ISOLATED_PLAIN,
    OWN_LOOP,
    THREAD,
)
from tests.faults.app.handlers import act, act_in_thread, register

time.sleep(float(os.environ.get("ACT_SLOW_IMPORT", "0")))
registry = Registry(
    (
        Registered(ACT, act),
        Registered(THREAD, act_in_thread),
        Registered(HASTY, act),
        Registered(FRAGILE, act),
        Registered(CAREFUL, act),
        Registered(ISOLATED, act),
        Registered(ISOLATED_PLAIN, act_in_thread),
        Registered(ISOLATED_HASTY, act),
        Registered(OWN_LOOP, act),
    ),
    services=register,
)
