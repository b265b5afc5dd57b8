"""HTTP/1.1 as the standard library speaks it, within limits of time and size.

`http.client` waits anew for every piece that arrives and takes as many as there are. Here a
deadline is seen to at each piece, in the head of an answer as in its body, and a body ends where it
becomes too large, also once unpacked."""

from __future__ import annotations

import http.client
import io
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.errors import UnreadableError

if TYPE_CHECKING:
    import socket

_CHUNK_BYTES = 1 << 16
_GZIP = 31
"""zlib's number for the gzip format with the largest window."""


def seconds_left(deadline: float, step_seconds: float) -> float:
    """How many seconds may be waited now for one step; `deadline` by `time.monotonic`. Raises
    TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, step_seconds)


class TimedSocket:
    """What `http.client` wants of a socket, with the deadline seen to at every piece."""

    def __init__(self, connected: socket.socket, deadline: float, step_seconds: float) -> None:
        self.deadline = deadline
        """By `time.monotonic`; may be moved at any time."""
        self.ended = False
        """Whether the other side has closed it."""
        self._connected, self._step_seconds = connected, step_seconds

    def sendall(self, data: bytes) -> None:
        self._connected.settimeout(seconds_left(self.deadline, self._step_seconds))
        self._connected.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        """One piece of the answer; 0 at its end."""
        self._connected.settimeout(seconds_left(self.deadline, self._step_seconds))
        count = 0
        with suppress(ssl.SSLEOFError):  # an end without goodbye: the length says if it was early
            count = self._connected.recv_into(buffer)
        self.ended = not count
        return count

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Pieces(self))

    def close(self) -> None:
        """Whoever opened the socket closes it, once the answer was read."""


class _Pieces(io.RawIOBase):
    def __init__(self, timed: TimedSocket) -> None:
        super().__init__()
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._timed.receive_into(buffer)


def response_on(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """The answer to what was sent on the connection of a `TimedSocket`, its head read.
    `http.client` takes a head that breaks off for a whole one, and a hint (103) for the answer
    itself: both raise HTTPException here."""
    timed: Any = connection.sock
    response = connection.getresponse()
    if timed.ended or response.status < 200:
        raise http.client.HTTPException
    return response


def headers_of(response: http.client.HTTPResponse) -> dict[str, str]:
    """The headers by their names in lower case; those given several times as one list (RFC 9110
    section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def whole_body(
    response: http.client.HTTPResponse,
    headers: Mapping[str, str],
    most_bytes: int,
    host: str,
    advice: str,
) -> bytes:
    """The body to its end, unpacked where it is gzip. Raises UnreadableError, in the name of `host`
    and with this `advice`, when it is too large or packed otherwise; `http.client`'s, zlib's and
    the socket's errors when it does not come whole."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in {"", "identity", "gzip", "x-gzip"}:
        raise UnreadableError(
            f"{host} packs its answer in a way that nobody asked for",
            "nothing to do here, fikad tries again later",
        )
    body, received = bytearray(), 0
    unpacking = zlib.decompressobj(_GZIP) if packed.endswith("gzip") else None
    for chunk in _chunks(response):
        received += len(chunk)
        room = most_bytes + 1 - len(body)
        body += chunk if unpacking is None else unpacking.decompress(chunk, room)
        if max(len(body), received) > most_bytes:
            raise UnreadableError(
                f"{host} gave an answer of more than {most_bytes >> 20} MB", advice
            )
    nothing = not received and (response.status == 204 or response.status >= 400)
    if response.length or not (unpacking is None or unpacking.eof or nothing):
        raise http.client.IncompleteRead(b"")
    return bytes(body)


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(_CHUNK_BYTES):
        yield chunk
