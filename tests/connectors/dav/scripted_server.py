"""A server that says, byte for byte, what it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Any

Turn = Callable[[BufferedIOBase], None]
"""Answers one request by writing; returns."""


@dataclass(slots=True)
class Scripted:
    """What the server was sent, and by how many connections."""

    url: str = ""
    turns: list[Turn] = field(default_factory=list)
    """One for each request, in their order."""
    heads: list[str] = field(default_factory=list)
    """The request line and headers of each request."""
    connections: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)


@contextmanager
def scripted(*turns: Turn) -> Iterator[Scripted]:
    """A server for so many requests; a connection is closed when a turn raises EOFError."""
    server = Scripted(turns=list(turns))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            server.connections += 1
            with suppress(OSError, EOFError):
                while (head := self._head()) and server.turns:
                    server.heads.append(head)
                    server.turns.pop(0)(self.wfile)

        def _head(self) -> str:
            head = b""
            reading: Any = self.rfile
            if reading.peek(1)[:1] == b"\x16":  # TLS, which nobody speaks here
                return ""
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                head += line
            size = next(
                (
                    int(line[15:])
                    for line in head.splitlines()
                    if line.startswith(b"Content-Length")
                ),
                0,
            )
            self.rfile.read(size)
            return head.decode("latin-1")

    class Listening(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Listening(("127.0.0.1", 0), Handler) as listening:
        server.url = f"http://127.0.0.1:{listening.server_address[1]}/"
        threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server
        finally:
            server.stopped.set()
            listening.shutdown()


def saying(answer: bytes) -> Turn:
    """The turn that writes this and keeps the connection."""

    def turn(out: BufferedIOBase) -> None:
        out.write(answer)

    return turn


def hanging_up(answer: bytes = b"") -> Turn:
    """The turn that writes this and closes the connection."""

    def turn(out: BufferedIOBase) -> None:
        out.write(answer)
        raise EOFError

    return turn


def whole(body: bytes, *headers: str, status: str = "207 Multi-Status") -> bytes:
    """A whole answer that keeps the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
