"""A proxy on loopback that holds every request back for some milliseconds, as a network would."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BLOCK = 1 << 16


@contextmanager
def slow(port: int, delay: float, host: str = "127.0.0.1") -> Iterator[int]:
    """Give the port behind which the server at another port answers so many seconds later."""
    loop = asyncio.new_event_loop()
    ready: list[int] = []
    opened = threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda *ends: _carry(ends, (host, port), delay), "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])
        opened.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        rest = asyncio.all_tasks(loop)
        for each in rest:
            each.cancel()
        if rest:
            loop.run_until_complete(asyncio.wait(rest))
        loop.close()

    task = loop.create_task(serve())
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    opened.wait()
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(5)


async def _carry(
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter], server: tuple[str, int], delay: float
) -> None:
    far = await asyncio.open_connection(*server)
    await asyncio.gather(_pump(near[0], far[1], delay), _pump(far[0], near[1], 0.0))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    """Carry bytes, each block a delay after it came, in order."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        while block := await source.read(BLOCK):
            if delay:
                loop.call_later(delay, target.write, block)
            else:
                target.write(block)
                await target.drain()
    loop.call_later(delay, target.close)
