"""Jobs that are about to start, and threads that end together: none of them is forgotten."""

from __future__ import annotations

import asyncio

from memshelf.arrivals import SLICE, Arrivals
from memshelf.threads import Threads


def test_jobs_start_in_order_slice_by_slice() -> None:
    async def story() -> None:
        started: list[bytes] = []
        empty = asyncio.Event()
        arrivals = Arrivals(started.append, empty.set)
        claimed = [bytes([number]) for number in range(3 * SLICE)]
        arrivals.take(claimed[:-1])
        assert started == claimed[:SLICE]
        arrivals.take(claimed[-1:])
        assert len(arrivals) == 2 * SLICE
        await empty.wait()
        assert (started, len(arrivals)) == (claimed, 0)

    asyncio.run(asyncio.wait_for(story(), 20))


def test_one_that_cannot_start_does_not_keep_the_others() -> None:
    async def story() -> None:
        started: list[bytes] = []
        empty = asyncio.Event()

        def start(raw: bytes) -> None:
            if raw == b"bad":
                raise ValueError
            started.append(raw)

        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        arrivals = Arrivals(start, empty.set)
        arrivals.take([b"good"] * SLICE + [b"bad"] + [b"good"] * SLICE)
        await empty.wait()
        assert len(started) == 2 * SLICE

    asyncio.run(asyncio.wait_for(story(), 20))


def test_every_thread_that_ends_is_heard_of() -> None:
    async def story() -> None:
        threads = Threads()
        for _ in range(5):
            ends = [threads.submit(lambda number=number: number) for number in range(300)]  # type: ignore[misc]
            assert await asyncio.gather(*ends) == list(range(300))
        threads.close()

    asyncio.run(asyncio.wait_for(story(), 60))
