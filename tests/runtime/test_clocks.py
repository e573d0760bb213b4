"""The server's time as this process tells it: late by the error of its measurement, and never early."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf.clocks import ServerClock

SERVER = datetime(2031, 5, 17, 12, tzinfo=UTC)


@given(round_trip=st.floats(0, 10), answered=st.floats(0, 1))
def test_a_time_is_never_ahead_of_the_server_and_late_by_the_error_at_most(round_trip: float, answered: float) -> None:
    """The answer is cut off to milliseconds, and made at any moment between the question and its arrival."""
    clock = ServerClock()
    received = time.monotonic()
    sent = received - round_trip
    clock.measured(SERVER, sent=sent, received=received)
    told, error, asked = clock.now(), clock.error, time.monotonic()
    behind = round_trip * (1 - answered)
    for cut_off in (0.0, 0.000999):
        true = SERVER + timedelta(seconds=cut_off + behind + (asked - received))
        assert told <= true
        assert told + error >= true - timedelta(seconds=asked - received, microseconds=2)


def test_an_old_measurement_is_less_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ServerClock()
    now = time.monotonic()
    clock.measured(SERVER, sent=now, received=now)
    fresh = clock.error
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert clock.error - fresh >= timedelta(milliseconds=6)
    assert SERVER + timedelta(seconds=59.9) < clock.now() < SERVER + timedelta(seconds=60)
