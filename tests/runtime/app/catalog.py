"""The jobs of the tests' application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memshelf.durations import parse_duration as duration
from memshelf.jobtype import BundledSchema, Catalog, JobType
from memshelf.retry import RetryPolicy

if TYPE_CHECKING:
    from .models import EchoPayload, FailPayload, LetterPayload, PlainPayload, SlowPayload

_PACKAGE = __name__.rpartition(".")[0]


def _echo() -> type[EchoPayload]:
    from .models import EchoPayload

    return EchoPayload


def _fail() -> type[FailPayload]:
    from .models import FailPayload

    return FailPayload


def _letter() -> type[LetterPayload]:
    from .models import LetterPayload

    return LetterPayload


def _plain() -> type[PlainPayload]:
    from .models import PlainPayload

    return PlainPayload


def _slow() -> type[SlowPayload]:
    from .models import SlowPayload

    return SlowPayload


ECHO = JobType(
    name="echo",
    key="echo",
    description="Write the job's id into the journal.",
    payload=_echo,
    schema=BundledSchema(
        package=_PACKAGE,
        path="schemas/echo.json",
        digest="sha256:ee31a0f7930814b4f87e7a8636803e992e957f70f4abdaea9cd0c07472b955af",
    ),
)

FAIL = JobType(
    name="fail",
    key="fail",
    description="Raise until there were more attempts than `times`.",
    payload=_fail,
    schema=BundledSchema(
        package=_PACKAGE,
        path="schemas/fail.json",
        digest="sha256:fed713bffc4491f36189614a6aee2aadf1fc8b8b2eb4a178476edcd640740345",
    ),
    retries=RetryPolicy(max=3, backoff="fixed", delay=duration("50ms"), jitter=False),
)

LETTER = JobType(
    name="send-letter",
    key="letter",
    description="Send one letter by post.",
    payload=_letter,
    schema=BundledSchema(
        package=_PACKAGE,
        path="schemas/letter.json",
        digest="sha256:c7193d036c307db7bf9783ed6152a99f4917f19915316f558dc8107b343b2f0f",
    ),
    queue="post",
    priority=7,
    previous_names=("post-letter",),
)

PLAIN = JobType(
    name="plain",
    key="plain",
    description="Sleep in a thread.",
    payload=_plain,
    schema=BundledSchema(
        package=_PACKAGE,
        path="schemas/plain.json",
        digest="sha256:790b032899fc2512861079d3b0d0f355ec49d2b3e8319ca142599fe6d6a691cc",
    ),
)

SLOW = JobType(
    name="slow",
    key="slow",
    description="Sleep in a coroutine.",
    payload=_slow,
    schema=BundledSchema(
        package=_PACKAGE,
        path="schemas/slow.json",
        digest="sha256:808b78232a141595758ef5c61f5130e001e8d73dd646d3a29515879e28ac4700",
    ),
)

catalog = Catalog((ECHO, FAIL, LETTER, PLAIN, SLOW))
