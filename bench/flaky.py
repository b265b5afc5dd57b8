"""A bad network on loopback: a proxy that refuses, delays and cuts connections by chance, and now
and then is down."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random

from bench.proxy import listening

_OUTAGE_EVERY = 400
_OUTAGE_LASTS = 60
"""Counted in connections."""


@dataclass(slots=True)
class Network:
    """The proxy's port, and what it did to connections."""

    port: int = 0
    connections: int = 0
    refused: int = 0
    delayed: int = 0
    cut: int = 0
    """Reset somewhere in an answer."""


@contextmanager
def flaky(host: str, port: int, chance: Random) -> Iterator[Network]:
    """A bad network in front of a server."""
    network = Network()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await _connection(network, host, port, chance, reader, writer)
        _reset(writer)

    with listening(serve) as network.port:
        yield network


async def _connection(
    network: Network,
    host: str,
    port: int,
    chance: Random,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    network.connections += 1
    dice = chance.random()
    if network.connections % _OUTAGE_EVERY < _OUTAGE_LASTS or dice < 0.04:
        network.refused += 1
        return
    allowed = None
    if dice < 0.10:
        network.cut += 1
        allowed = int(chance.expovariate(1 / 1500))
    elif dice < 0.14:
        network.delayed += 1
        await asyncio.sleep(chance.uniform(0.1, 2))
    upstream_reader, upstream_writer = await asyncio.open_connection(host, port)
    try:
        asking = asyncio.create_task(_copy(reader, upstream_writer, None))
        await _copy(upstream_reader, writer, allowed)
        asking.cancel()
    finally:
        upstream_writer.close()


async def _copy(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, allowed: int | None
) -> None:
    """Pass bytes on until the source ends or so many are through."""
    with suppress(OSError):
        while piece := await source.read(4096):
            if allowed is not None:
                piece = piece[:allowed]
                allowed -= len(piece)
            target.write(piece)
            await target.drain()
            if allowed == 0:
                return
        target.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close without a goodbye (RST)."""
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()
