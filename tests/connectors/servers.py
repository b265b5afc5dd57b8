"""Real CalDAV servers on loopback, and the two strangers a test needs beside them.

`radicale()` and `xandikos()` start the servers that people run, in a thread of this process, on a
free port and in a temporary folder. `send`, `put`, `get`, `delete`, `propfind` and `make_calendar`
are *another program* at work in the
same calendar: plain HTTP, nothing of fikad in it. `wire` stands between fikad and a server: it
keeps what went over the wire and can spoil an answer, lose one, or do something behind fikad's back
just before a request arrives."""

from __future__ import annotations

import asyncio
import base64
import http.client
import http.server
import json
import logging
import socketserver
import tempfile
import threading
import urllib.parse
import wsgiref.simple_server
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.waiting import SECONDS

Credentials = tuple[str, str] | None


# --- another program ---


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")


def send(
    method: str,
    url: str,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    auth: Credentials = None,
    timeout_seconds: float = 20.0,
) -> Reply:
    """One request, no redirects followed, nothing retried."""
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname is not None
    sent = dict(headers or {})
    if auth is not None:
        sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_seconds)
    try:
        path = parts.path or "/"
        payload = body.encode() if isinstance(body, str) else body
        connection.request(method, path + ("?" + parts.query if parts.query else ""), payload, sent)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def put(url: str, text: str, auth: Credentials = None, **headers: str) -> Reply:
    """Store a calendar object the way another program does (`If_Match="…"` becomes If-Match)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = send("PUT", url, text, {"Content-Type": "text/calendar; charset=utf-8", **named}, auth)
    assert reply.status in (200, 201, 204), f"PUT {url}: {reply.status} {reply.body[:300]!r}"
    return reply


def get(url: str, auth: Credentials = None) -> Reply:
    return send("GET", url, auth=auth)


def delete(url: str, auth: Credentials = None) -> Reply:
    reply = send("DELETE", url, auth=auth)
    assert reply.status in (200, 204), f"DELETE {url}: {reply.status} {reply.body[:300]!r}"
    return reply


def propfind(
    url: str, props: str = "<getetag/>", depth: int = 1, auth: Credentials = None
) -> Reply:
    """PROPFIND with the named properties (of the DAV: namespace; C: is CalDAV)."""
    body = (
        '<propfind xmlns="DAV:" '
        f'xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>{props}</prop></propfind>'
    )
    reply = send(
        "PROPFIND", url, body, {"Depth": str(depth), "Content-Type": "application/xml"}, auth
    )
    assert reply.status == 207, f"PROPFIND {url}: {reply.status} {reply.body[:300]!r}"
    return reply


def make_calendar(url: str, name: str, auth: Credentials = None) -> str:
    """MKCALENDAR, returning its URL. `name` is what the user calls it."""
    body = (
        '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
        f"<displayname>{escape(name)}</displayname>"
        "<C:supported-calendar-component-set><C:comp "
        'name="VEVENT"/></C:supported-calendar-component-set>'
        "</prop></set></C:mkcalendar>"
    )
    reply = send("MKCALENDAR", url, body, {"Content-Type": "application/xml"}, auth)
    assert reply.status in (200, 201), f"MKCALENDAR {url}: {reply.status} {reply.body[:300]!r}"
    return url


def make_address_book(url: str, name: str, auth: Credentials = None) -> str:
    """Extended MKCOL (RFC 5689, RFC 6352 section 6.3.1), returning its URL."""
    kind = "<resourcetype><collection/><A:addressbook/></resourcetype>"
    body = (
        '<mkcol xmlns="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><set><prop>'
        f"{kind}<displayname>{escape(name)}</displayname></prop></set></mkcol>"
    )
    reply = send("MKCOL", url, body, {"Content-Type": "application/xml"}, auth)
    assert reply.status in (200, 201), f"MKCOL {url}: {reply.status} {reply.body[:300]!r}"
    return url


def rename_calendar(url: str, name: str, auth: Credentials = None) -> None:
    """What a calendar app does when its user calls a calendar something else."""
    called = f"<prop><displayname>{escape(name)}</displayname></prop>"
    body = f'<propertyupdate xmlns="DAV:"><set>{called}</set></propertyupdate>'
    reply = send("PROPPATCH", url, body, {"Content-Type": "application/xml"}, auth)
    assert reply.status == 207, f"PROPPATCH {url}: {reply.status} {reply.body[:300]!r}"


# --- the wire ---


@dataclass(slots=True)
class Exchange:
    """One request as it went over the wire, and what came back."""

    method: str
    path: str
    """Percent-encoded, as sent."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    reply: Reply | None = None

    @property
    def conditional(self) -> bool:
        """A write that can only apply to what its sender has seen (RFC 9110 13.1)."""
        match = self.headers.get("if-match", "").strip()
        return match.startswith('"') or self.headers.get("if-none-match", "").strip() == "*"


class Lost(Exception):
    """Raised by a hook: the connection breaks without an answer."""


@dataclass(slots=True)
class Wire:
    """A proxy in front of a server. `url` replaces the server's own."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)
    before: Callable[[Exchange], Reply | None] | None = None
    """Called before a request is handed on. A Reply is answered in the server's place; Lost breaks
    the connection."""
    after: Callable[[Exchange], Reply | None] | None = None
    """Called when the server has answered (`exchange.reply`). A Reply replaces it; Lost loses the
    answer."""

    def writes(self) -> list[Exchange]:
        """PUT, DELETE, POST, PATCH and MOVE: whatever can change an event."""
        return [
            e
            for e in self.exchanges
            if e.method in {"PUT", "DELETE", "POST", "PATCH", "MOVE", "COPY"}
        ]

    def clear(self) -> None:
        self.exchanges.clear()
        self.before = self.after = None


METHODS = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH", "OPTIONS"]
METHODS += ["PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR", "MKCOL", "MOVE", "COPY"]
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "te",
    "upgrade",
    "date",
    "server",
}


def _proxy_handler(record: Wire, host: str, port: int) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def log_message(self, format: str, *args: object) -> None:
            del format, args

        def relay(self) -> None:
            body = self._body()
            exchange = Exchange(
                self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body
            )
            record.exchanges.append(exchange)
            try:
                exchange.reply = (
                    record.before(exchange) if record.before else None
                ) or self._forward(exchange)
                spoiled = record.after(exchange) if record.after else None
            except Lost:
                self.close_connection = True
                return
            self._answer(spoiled or exchange.reply)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _forward(self, exchange: Exchange) -> Reply:
            kept = {
                k: v
                for k, v in self.headers.items()
                if k.lower() not in HOP_BY_HOP | {"accept-encoding"}
            }
            connection = http.client.HTTPConnection(host, port, timeout=30)
            try:
                connection.request(exchange.method, exchange.path, exchange.body, kept)
                answer = connection.getresponse()
                return Reply(
                    answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
                )
            finally:
                connection.close()

        def _answer(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if reply.status not in (204, 304):
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD" and reply.status not in (204, 304):
                self.wfile.write(reply.body)

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.relay)
    return Handler


class _ProxyServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up (a test of a time-out) is no news."""


@contextmanager
def wire(target: str) -> Iterator[Wire]:
    """A recording proxy on a free port in front of `target` (a server's root URL)."""
    parts = urllib.parse.urlsplit(target)
    assert parts.hostname is not None
    assert parts.port is not None
    record = Wire(url="")
    server = _ProxyServer(("127.0.0.1", 0), _proxy_handler(record, parts.hostname, parts.port))
    record.url = f"http://127.0.0.1:{server.server_port}/"
    with _serving(server):
        yield record


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


# --- Radicale ---


@dataclass(slots=True)
class Server:
    """A running server. `add_user` gives each test a home of its own."""

    url: str
    """Its root, with a slash at the end."""
    folder: Path
    passwords: dict[str, str] = field(default_factory=dict)
    """What `htpasswd` holds; empty: any user, no password."""

    def home(self, user: str) -> str:
        """The URL of the user's calendar home set."""
        raise NotImplementedError

    def add_user(self, user: str, password: str | None = None) -> str:
        """Make a principal and return its URL. Calendars go below `home(user)`."""
        raise NotImplementedError

    def auth(self, user: str) -> Credentials:
        """What another program logs in with."""
        raise NotImplementedError

    def fill(self, calendar_url: str, texts: Mapping[str, str]) -> None:
        """Put many objects (name -> text) into a new calendar at once, past HTTP: quick enough for
        thousands."""
        raise NotImplementedError


@dataclass(slots=True)
class RadicaleServer(Server):
    def home(self, user: str) -> str:
        return f"{self.url}{user}/"

    def add_user(self, user: str, password: str | None = None) -> str:
        if password is not None:
            self.passwords[user] = password
            lines = "".join(f"{name}:{secret}\n" for name, secret in self.passwords.items())
            (self.folder / "htpasswd").write_text(lines)
        reply = send("MKCOL", self.home(user), auth=self.auth(user))
        assert reply.status in (201, 405), f"MKCOL: {reply.status}"
        return self.home(user)

    def auth(self, user: str) -> Credentials:
        return user, self.passwords.get(user, "any")

    def fill(self, calendar_url: str, texts: Mapping[str, str]) -> None:
        folder = (
            self.folder
            / "collections"
            / "collection-root"
            / urllib.parse.urlsplit(calendar_url).path.strip("/")
        )
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")

    def make_read_only_calendar(self, user: str, name: str, texts: Mapping[str, str]) -> str:
        """A calendar (href -> text) that its owner cannot write, as a shared one is. Returns its
        URL."""
        folder = self.folder / "collections" / "collection-root" / user / "readonly"
        folder.mkdir(parents=True)
        (folder / ".Radicale.props").write_text(
            json.dumps({"tag": "VCALENDAR", "D:displayname": name})
        )
        self.fill(f"{self.home(user)}readonly/", texts)
        return f"{self.home(user)}readonly/"


RADICALE_RIGHTS = """
[root]
user = .*
collection =
permissions = R

[principal]
user = .+
collection = {user}
permissions = RW

[read-only]
user = .+
collection = {user}/readonly
permissions = r

[calendars]
user = .+
collection = {user}/[^/]+
permissions = rw
"""
"""The calendar `readonly` cannot be written by its owner."""


@contextmanager
def radicale(*, htpasswd: bool = False) -> Iterator[RadicaleServer]:
    """A Radicale. Without `htpasswd` every password is right; with it those given to `add_user`
    are."""
    import radicale.config
    import radicale.server
    from radicale.app import Application

    logging.getLogger("radicale").setLevel(logging.CRITICAL + 1)
    with tempfile.TemporaryDirectory(prefix="fikad-radicale-") as temporary:
        folder = Path(temporary)
        (folder / "htpasswd").touch()
        (folder / "rights").write_text(RADICALE_RIGHTS)
        auth: dict[str, object] = {"type": "none", "delay": 0}
        if htpasswd:
            auth = {"type": "htpasswd", "htpasswd_filename": str(folder / "htpasswd"), "delay": 0}
            auth["htpasswd_encryption"] = "plain"
        configuration = radicale.config.load([])
        configuration.update(
            {
                "server": {"delay_on_error": 0, "validate_path_value": "none"},
                "auth": auth,
                "rights": {"type": "from_file", "file": str(folder / "rights")},
                "storage": {
                    "filesystem_folder": str(folder / "collections"),
                    "_filesystem_fsync": False,
                },
                "logging": {"level": "critical"},
            },
            "the tests",
            privileged=True,
        )

        class Threaded(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is no news."""

        listening = Threaded(("127.0.0.1", 0), radicale.server.RequestHandler)
        listening.set_app(Application(configuration))
        with _serving(listening):
            yield RadicaleServer(f"http://127.0.0.1:{listening.server_port}/", folder)


# --- Xandikos ---


@dataclass(slots=True)
class XandikosServer(Server):
    """Serves one user per instance: without a password Xandikos takes everybody for that one."""

    user: str = "sam"
    backend: Any = None
    """Xandikos' own."""

    def home(self, user: str) -> str:
        return f"{self.url}{user}/calendars/"

    def add_user(self, user: str, password: str | None = None) -> str:
        assert user == self.user, "one Xandikos serves one user: start another"
        assert password is None, "Xandikos refuses passwords over plain HTTP"
        return f"{self.url}{user}/"

    def auth(self, user: str) -> Credentials:
        del user
        return None

    def fill(self, calendar_url: str, texts: Mapping[str, str]) -> None:
        from dulwich.index import index_entry_from_stat, locked_index
        from dulwich.objects import Blob

        store = self.backend.get_resource(urllib.parse.urlsplit(calendar_url).path).store
        with locked_index(store.repo.index_path()) as index:
            for name, text in texts.items():
                path = Path(store.repo.path) / name
                path.write_bytes(text.encode())
                blob = Blob.from_string(text.encode())
                store.repo.object_store.add_object(blob)
                index[name.encode()] = index_entry_from_stat(path.lstat(), blob.id)
            store._commit_tree(index, b"Filled")
        store._invalidate_index_cache()


@contextmanager
def xandikos(user: str = "sam") -> Iterator[XandikosServer]:
    """A Xandikos that takes everybody for `user` and asks for no password."""
    from aiohttp import web
    from xandikos.web import SingleUserFilesystemBackend, XandikosApp

    logging.getLogger("xandikos").setLevel(logging.CRITICAL + 1)
    with tempfile.TemporaryDirectory(prefix="fikad-xandikos-") as temporary:
        backend = SingleUserFilesystemBackend(temporary)
        backend._mark_as_principal(f"/{user}/")
        backend.create_principal(f"/{user}/")
        app = XandikosApp(backend, current_user_principal=f"/{user}/", strict=True)

        async def handle(request: web.Request) -> web.StreamResponse:
            answer: web.StreamResponse = await app.aiohttp_handler(request, "/")
            return answer

        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        async def start() -> tuple[web.AppRunner, int]:
            application = web.Application(client_max_size=64 * 2**20)
            application.router.add_route("*", "/{path_info:.*}", handle)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return runner, runner.addresses[0][1]

        runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=SECONDS)
        try:
            yield XandikosServer(
                f"http://127.0.0.1:{port}/", Path(temporary), user=user, backend=backend
            )
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=SECONDS)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=10)
            loop.close()
