"""The waits between retries: how they grow, where they end, and what no policy can be."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf.errors import InputError
from memshelf.retry import Backoff, RetryPolicy

STEADY = RetryPolicy(jitter=False)
WAITS = st.timedeltas(timedelta(0), timedelta(days=3650))
POLICIES = st.builds(
    RetryPolicy,
    max=st.integers(0, 1000),
    backoff=st.sampled_from(["exponential", "linear", "fixed"]),
    delay=WAITS,
    max_delay=WAITS,
    jitter=st.booleans(),
)
MILLISECOND = timedelta(milliseconds=1)


def seconds(policy: RetryPolicy, failures: range) -> list[float]:
    return [policy.wait(count, random.Random(0)).total_seconds() for count in failures]


def test_the_default_is_three_retries_with_doubled_waits_and_jitter() -> None:
    assert RetryPolicy() == RetryPolicy(
        max=3, backoff="exponential", delay=timedelta(seconds=10), max_delay=timedelta(hours=1), jitter=True
    )


def test_exponential_waits_double_up_to_the_longest() -> None:
    assert seconds(STEADY, range(1, 12)) == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


def test_linear_waits_grow_by_one_delay() -> None:
    policy = RetryPolicy(backoff="linear", max_delay=timedelta(seconds=35), jitter=False)
    assert seconds(policy, range(1, 6)) == [10, 20, 30, 35, 35]


def test_fixed_waits_stay() -> None:
    assert seconds(RetryPolicy(backoff="fixed", jitter=False), range(1, 4)) == [10, 10, 10]


def test_a_delay_above_the_longest_wait_is_kept() -> None:
    policy = RetryPolicy(delay=timedelta(hours=2), jitter=False)
    assert seconds(policy, range(1, 4)) == [7200, 7200, 7200]


def test_jitter_spreads_between_the_half_and_the_whole() -> None:
    rng = random.Random(1)
    drawn = [RetryPolicy().wait(1, rng).total_seconds() for _ in range(2000)]
    assert min(drawn) >= 5
    assert max(drawn) <= 10
    assert min(drawn) < 5.1
    assert max(drawn) > 9.9
    assert 7.3 < sum(drawn) / len(drawn) < 7.7


def test_the_same_randomness_gives_the_same_wait() -> None:
    assert RetryPolicy().wait(4, random.Random(7)) == RetryPolicy().wait(4, random.Random(7))


def test_without_jitter_no_randomness_is_drawn() -> None:
    rng = random.Random(3)
    before = rng.getstate()
    STEADY.wait(5, rng)
    assert rng.getstate() == before


def test_a_policy_is_a_value() -> None:
    assert hash(RetryPolicy(max=2)) == hash(RetryPolicy(max=2))
    with pytest.raises(AttributeError):
        RetryPolicy().max = 5  # type: ignore[misc]


@pytest.mark.parametrize("failures", [0, -1])
def test_a_wait_needs_a_failure(failures: int) -> None:
    with pytest.raises(ValueError, match="failures must be at least 1"):
        RetryPolicy().wait(failures, random.Random(0))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"max": -1}, "max: must be an integer of at least 0, got -1"),
        ({"max": True}, "max: must be an integer of at least 0, got True"),
        ({"max": 1.5}, "max: must be an integer"),
        ({"backoff": "fibonacci"}, "backoff: must be exponential, linear or fixed, got 'fibonacci'"),
        ({"backoff": ["fixed"]}, "backoff: must be"),
        ({"delay": timedelta(seconds=-1)}, "delay: must be a timedelta that is not negative"),
        ({"delay": 10}, "delay: must be a timedelta"),
        ({"max_delay": "1h"}, "max_delay: must be a timedelta"),
        ({"jitter": 1}, "jitter: must be True or False, got 1"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(values: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError) as caught:
        RetryPolicy(**values)
    assert fault in str(caught.value)


def test_all_faults_are_named_at_once() -> None:
    bad: dict[str, Any] = {"max": -1, "delay": None, "jitter": "yes"}
    with pytest.raises(InputError, match=r"max: .*; delay: .*; jitter: "):
        RetryPolicy(**bad)


@given(policy=POLICIES, failures=st.integers(1, 10**12), seed=st.integers())
def test_every_wait_is_whole_milliseconds_within_its_limits(policy: RetryPolicy, failures: int, seed: int) -> None:
    wait = policy.wait(failures, random.Random(seed))
    assert wait % MILLISECOND == timedelta(0)
    assert timedelta(0) <= wait <= max(policy.delay, policy.max_delay)


@given(
    backoff=st.sampled_from(["exponential", "linear", "fixed"]),
    delay=WAITS,
    longest=WAITS,
    failures=st.integers(1, 200),
)
def test_without_jitter_waits_never_shrink(
    backoff: Backoff, delay: timedelta, longest: timedelta, failures: int
) -> None:
    policy = RetryPolicy(backoff=backoff, delay=delay, max_delay=longest, jitter=False)
    assert policy.wait(failures, random.Random(0)) <= policy.wait(failures + 1, random.Random(0))


@given(policy=POLICIES, failures=st.integers(1, 200), seed=st.integers())
def test_jitter_takes_away_at_most_half(policy: RetryPolicy, failures: int, seed: int) -> None:
    whole = RetryPolicy(backoff=policy.backoff, delay=policy.delay, max_delay=policy.max_delay, jitter=False).wait(
        failures, random.Random(0)
    )
    assert whole / 2 <= policy.wait(failures, random.Random(seed)) <= whole
