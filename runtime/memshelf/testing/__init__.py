"""What tests of an application need: fake jobs and contexts, queues without a server, and workers that end."""

from memshelf.testing.clock import MovableClock
from memshelf.testing.draining import clocked_queue, drain, drain_blocking, work_one, work_one_blocking
from memshelf.testing.fakes import FakeContext, Services, fake_context, fake_job
from memshelf.testing.inline import inline_queue, run_due
from memshelf.testing.recording import Queued, queued, recording_queue

__all__ = [
    "FakeContext",
    "MovableClock",
    "Queued",
    "Services",
    "clocked_queue",
    "drain",
    "drain_blocking",
    "fake_context",
    "fake_job",
    "inline_queue",
    "queued",
    "recording_queue",
    "run_due",
    "work_one",
    "work_one_blocking",
]
