"""The policy of retries: how many failures a job may have, and how long it waits after each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias, get_args

from memshelf.errors import InputError

Backoff: TypeAlias = Literal["exponential", "linear", "fixed"]

_BACKOFFS = get_args(Backoff)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a failing job is run again.

    Raises:
        InputError: a value that no policy can have; all of them are named.
    """

    max: int = 3
    """Failures that are followed by another run: `max=3` allows four runs; 0 is never again."""
    backoff: Backoff = "exponential"
    """How the wait grows: doubled, by one `delay` more, or not at all."""
    delay: timedelta = timedelta(seconds=10)
    """The wait after the first failure."""
    max_delay: timedelta = timedelta(hours=1)
    """No wait is longer, unless `delay` is itself."""
    jitter: bool = True
    """Whether each wait is drawn evenly between its half and its whole, so that jobs that failed together spread."""

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise InputError("retry policy: " + "; ".join(faults))

    def wait(self, failures: int, rng: random.Random) -> timedelta:
        """Give the wait before the next run.

        Args:
            failures: how often the job has failed, from 1.
            rng: where the jitter comes from; not touched without jitter.

        Returns:
            Whole milliseconds between 0 and the longer of `delay` and `max_delay`.

        Raises:
            ValueError: `failures` is below 1.
        """
        if failures < 1:
            raise ValueError(f"failures must be at least 1, got {failures}")
        whole = min(self._grown(failures), max(self.delay, self.max_delay) // _MILLISECOND)
        return timedelta(milliseconds=rng.randint(whole - whole // 2, whole) if self.jitter else whole)

    def _grown(self, failures: int) -> int:
        """Give the milliseconds that the backoff alone would wait; Python's integers do not overflow."""
        first = self.delay // _MILLISECOND
        match self.backoff:
            case "exponential":
                # 2**63 times the smallest wait is past every cap, and a shift by a huge count would fill the memory.
                return first << min(failures - 1, 63)
            case "linear":
                return first * failures
            case "fixed":
                return first


def _faults(policy: RetryPolicy) -> Iterator[str]:
    """Say what no policy can have; for a good one, of which a catalog has hundreds, nothing is formatted."""
    jitter: object = policy.jitter
    if type(policy.max) is not int or policy.max < 0:
        yield f"max: must be an integer of at least 0, got {policy.max!r}"
    if policy.backoff not in _BACKOFFS:
        yield f"backoff: must be exponential, linear or fixed, got {policy.backoff!r}"
    if not _is_wait(policy.delay):
        yield f"delay: must be a timedelta that is not negative, got {policy.delay!r}"
    if not _is_wait(policy.max_delay):
        yield f"max_delay: must be a timedelta that is not negative, got {policy.max_delay!r}"
    if type(jitter) is not bool:
        yield f"jitter: must be True or False, got {jitter!r}"


def _is_wait(value: object) -> bool:
    return isinstance(value, timedelta) and value >= timedelta(0)
