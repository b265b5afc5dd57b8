"""A server that is far away: a proxy on loopback through which every byte arrives late."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.proxy import listening


@contextmanager
def far(host: str, port: int, round_trip_seconds: float) -> Iterator[int]:
    """A server as it is seen from far away; yields the port. Half of a round trip is spent on the
    way there, half on the way back, however much is on the way at once."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        late = round_trip_seconds / 2
        await asyncio.gather(_carry(reader, back, late), _carry(there, writer, late))

    with listening(serve) as told:
        yield told


async def _carry(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float
) -> None:
    """Pass on what arrives, each piece so much later, in order, until the source ends."""
    loop = asyncio.get_running_loop()
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, piece = await on_the_way.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                return
            target.write(piece)
            await target.drain()

    delivering = asyncio.create_task(deliver())
    with suppress(OSError):
        while piece := await source.read(1 << 16):
            on_the_way.put_nowait((loop.time() + seconds, piece))
    on_the_way.put_nowait((loop.time() + seconds, b""))
    with suppress(OSError):
        await delivering
    target.close()
