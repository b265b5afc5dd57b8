"""Somebody who publishes a calendar at a secret address, and can be told to do it badly."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

SECRET = "s3cr3t-t0k3n"
PATH = f"/private-{SECRET}/basic.ics"
QUERY = "CacheKey=k3y-t00"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_seconds: float = 0
    """One byte of the body at a time, with such a pause."""
    length: int | None = None
    """What Content-Length says; its own length if None."""


@dataclass(slots=True)
class Publisher:
    """One feed. `hook` answers in its place."""

    base: str = ""
    events: dict[str, str] = field(default_factory=dict)
    """Text of each event by key."""
    name: str = ""
    header: str = ""
    """More lines of the calendar's own."""
    etags: bool = True
    modified: str = ""
    """A Last-Modified header."""
    extra: dict[str, str] = field(default_factory=dict)
    """More headers."""
    packed: bool = False
    hook: Callable[[], Reply | None] = lambda: None
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of each request, names in lower case."""
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.base}{PATH}?{QUERY}"

    def text(self) -> str:
        named = f"X-WR-CALNAME:{self.name}\r\n" if self.name else ""
        inner = "".join(
            text[text.index("BEGIN:VEVENT") : text.index("END:VCALENDAR")]
            for text in self.events.values()
        )
        return (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//publisher//EN\r\n{named}{self.header}"
            f"{inner}END:VCALENDAR\r\n"
        )

    def answer(self, headers: Mapping[str, str]) -> Reply:
        if (reply := self.hook()) is not None:
            return reply
        body = self.text().encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        said = {"Content-Type": "text/calendar", **self.extra}
        if self.etags:
            said["ETag"] = etag
        if self.modified:
            said["Last-Modified"] = self.modified
        same = self.etags and headers.get("if-none-match") == etag
        if same or (self.modified and headers.get("if-modified-since") == self.modified):
            return Reply(304, b"", said)
        if self.packed and "gzip" in headers.get("accept-encoding", ""):
            return Reply(200, gzip.compress(body), {**said, "Content-Encoding": "gzip"})
        return Reply(200, body, said)


@contextmanager
def publisher(tls: ssl.SSLContext | None = None) -> Iterator[Publisher]:
    """A feed on this machine (http, or https as localhost)."""
    feed = Publisher()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            feed.asked.append({**headers, ":path": self.path})
            reply = feed.answer(headers)
            with suppress(OSError):
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                length = len(reply.body) if reply.length is None else reply.length
                if reply.status != 304:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                if not reply.drip_seconds:
                    self.wfile.write(reply.body)
                    return
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    if feed.stopped.wait(reply.drip_seconds):
                        return

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients break off on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    port = server.server_address[1]
    feed.base = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        feed.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
