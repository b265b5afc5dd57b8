"""The question that a home was asked last, and its whole answer: asked once more, it is enough to
see whether the answer is the same, byte for byte.

That needs nothing that reads answers, nor what speaks all of HTTP. It goes out as HTTP/1.0, so that
an answer is sent in one piece and ends where the connection does. Whatever is not plainly the same
is another answer, and asked for again by `connectors.dav.wire`, which says what it means."""

from __future__ import annotations

import socket
import time
from binascii import b2a_base64

TYPE_CHECKING = False  # typing costs half as much as the question
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

MOST_BYTES = 64 << 10
"""A longer answer is not kept: some hundred calendars are shorter."""
_HEAD_BYTES = 32 << 10
_PIECE_BYTES = 1 << 16
_STEP_SECONDS = 30.0
_ALL_SECONDS = 4 * _STEP_SECONDS


def question(
    origin: tuple[str, str, int], target: str, depth: int, body: bytes, answer: bytes
) -> dict[str, Any] | None:
    """As JSON: a PROPFIND of `target`, as it stands in a request line, at this scheme, host and
    port, and what was answered. None for what is not asked again in this way."""
    scheme, host, port = origin
    plain = scheme in {"http", "https"} and host.isascii() and ":" not in host
    if not plain or not target.isascii() or len(answer) > MOST_BYTES:
        return None
    return {
        "at": [scheme, host, port],
        "target": target,
        "depth": depth,
        "body": body.decode(),
        "answer": answer.decode("latin-1"),
    }


def answered_the_same(
    asked: Mapping[str, Any], username: str, password: str | None, ca: Path | str | None
) -> bool:
    """Ask again, with Basic credentials where there is a password: whether the server gives the
    same answer. Raises OSError and UnreachableError where there is none, also where an authority is
    trusted that `connectors.trust.lazy_context` leaves out."""
    scheme, host, port = asked["at"]
    expected: bytes = asked["answer"].encode("latin-1")
    deadline = time.monotonic() + _ALL_SECONDS
    connected = socket.create_connection((host, port), _STEP_SECONDS)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if scheme == "https":
            from connectors.trust import lazy_context

            connected = lazy_context(ca).wrap_socket(connected, server_hostname=host)
        connected.sendall(_request(asked, username, password))
        return _said(connected, len(expected), deadline) == expected
    finally:
        connected.close()


def _request(asked: Mapping[str, Any], username: str, password: str | None) -> bytes:
    scheme, host, port = asked["at"]
    body: bytes = asked["body"].encode()
    usual = port == (443 if scheme == "https" else 80)
    lines = [
        f"PROPFIND {asked['target']} HTTP/1.0",
        f"Host: {host}" if usual else f"Host: {host}:{port}",
        "User-Agent: fikad",
        "Accept: */*",
        f"Depth: {asked['depth']}",
        'Content-Type: application/xml; charset="utf-8"',
        f"Content-Length: {len(body)}",
    ]
    if password is not None:
        login = b2a_base64(f"{username}:{password}".encode(), newline=False).decode()
        lines.append(f"Authorization: Basic {login}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _said(connected: socket.socket, length: int, deadline: float) -> bytes | None:
    """The body of a multistatus, up to `length` bytes and what came with the last of them; None for
    any other answer, and for one of another length."""
    head, received = b"", b""
    while time.monotonic() < deadline:
        piece = connected.recv(_PIECE_BYTES)
        received += piece
        if not head and b"\r\n\r\n" in received:
            head, _, received = received.partition(b"\r\n\r\n")
            if not _is_multistatus(head, length):
                return None
        if head and len(received) >= length:
            return received
        if not piece or (not head and len(received) > _HEAD_BYTES):
            return None
    return None


def _is_multistatus(head: bytes, length: int) -> bool:
    status, *lines = head.split(b"\r\n")
    said = [line.partition(b":") for line in lines]
    lengths = [value.strip() for name, _, value in said if name.lower() == b"content-length"]
    return (
        status[:7] == b"HTTP/1."
        and status[8:13] in {b" 207 ", b" 207"}
        and all(value == b"%d" % length for value in lengths)
    )
