"""A CalDAV server that can be told to be wrong.

Left alone it is a small, correct server with one user, one home (`/sam/`) and one calendar
(`/sam/cal/`) kept in memory. `before` and `after` spoil single answers; the switches imitate what
real servers are known to do: sabre/dav's multiget, DAViCal's, SOGo's blind writes, weak ETags,
truncated or forgetful histories, Digest authentication."""

from __future__ import annotations

import hashlib
import http.server
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.connectors.caldav.outbox import OUTBOX, Outbox

HOME, CALENDAR = "/sam/", "/sam/cal/"
_OPEN = (
    '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    ' xmlns:S="http://calendarserver.org/ns/">'
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: str

    @property
    def is_sync(self) -> bool:
        return "sync-collection" in self.body

    @property
    def is_multiget(self) -> bool:
        return "calendar-multiget" in self.body

    @property
    def is_query(self) -> bool:
        return "calendar-query" in self.body


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Silence(Exception):
    """Raised by a hook: never answer (until the server stops)."""


class Cut(Exception):
    """Raised by a hook: break the connection off without an answer."""


Hook = Callable[[Asked], "Said | None"]


@dataclass(slots=True)
class Hostile:
    """What the server holds, how it misbehaves, and what it was asked."""

    url: str = ""
    objects: dict[str, str] = field(default_factory=dict)
    """Name to text, in `/sam/cal/`. Change them by `store` and `drop`."""
    asked: list[Asked] = field(default_factory=list)
    before: Hook | None = None
    """Answers in the server's place; None lets it answer."""
    after: Hook | None = None
    """Called once the server has done its work; an answer replaces its own."""
    sync: bool = True
    ctag: bool = True
    page: int | None = None
    """Changes per sync answer; more are truncated with 507."""
    forgetful: bool = False
    """Answers every sync token as if nothing had changed."""
    multiget: str = "right"
    """`sabre`: 404 for all when one is missing; `davical`: leaves the missing out."""
    hides: str = ""
    """What becomes of private events of others: `davical` lists none, and gives them under their
    addresses; `sogo` takes them, and neither lists nor gives them."""
    weak: bool = False
    blind: bool = False
    """Ignores If-Match and If-None-Match."""
    privileges: str | None = "<D:privilege><D:all/></D:privilege>"
    digest: tuple[str, str] | None = None
    """Name and password, asked for by Digest alone."""
    second: int | None = None
    """What its clock says, in seconds since the epoch. If set, its tokens are whole seconds too
    (SOGo's)."""
    undated: str = ""
    """A method whose answers come without a Date (SOGo's REPORT)."""
    times: dict[str, int] = field(default_factory=dict)
    """When each object changed or went, where there is a clock."""
    outbox: Outbox | None = None
    """Where questions about free/busy are posted, if anywhere."""
    changes: list[str] = field(default_factory=list)
    revisions: dict[str, int] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    # --- what the user's other programs do ---

    def store(self, name: str, text: str) -> None:
        self.objects[name] = text
        self._changed(name)

    def drop(self, name: str) -> None:
        del self.objects[name]
        self._changed(name)

    def _changed(self, name: str) -> None:
        self.changes.append(name)
        self.revisions[name] = len(self.changes)
        self.times[name] = self.second or 0

    def token(self) -> str:
        return (
            f"t{len(self.changes)}"
            if self.second is None
            else f"{max(self.times.values(), default=0)}"
        )

    def etag(self, name: str) -> str:
        return ("W/" if self.weak else "") + f'"r{self.revisions[name]}"'

    def listed(self) -> list[str]:
        return [
            name
            for name, text in self.objects.items()
            if not (self.hides and "CLASS:PRIVATE" in text)
        ]

    def writes(self) -> list[Asked]:
        return [request for request in self.asked if request.method in {"PUT", "DELETE"}]

    # --- answers ---

    def answer(self, asked: Asked) -> Said:
        said = self.before(asked) if self.before else None
        if said is None and self.digest and not _digest_is_right(asked, *self.digest):
            said = Said(
                401,
                headers={"WWW-Authenticate": 'Digest realm="sam, and co", nonce="n0", qop="auth"'},
            )
        if said is not None:
            return said
        handle = {
            "PROPFIND": self._propfind,
            "REPORT": self._report,
            "GET": self._get,
            "PUT": self._put,
            "POST": self._post,
        }
        said = handle.get(asked.method, self._delete)(asked)
        return (self.after(asked) if self.after else None) or said

    def _propfind(self, asked: Asked) -> Said:
        if asked.path in {"/", HOME, CALENDAR}:
            parts = [self._collection(asked.path)]
            if asked.headers.get("depth") == "1":
                parts += [self._collection(CALENDAR)] if asked.path == HOME else []
                parts += (
                    [self._entry(name) for name in self.listed()] if asked.path == CALENDAR else []
                )
            return multistatus(*parts)
        return Said(404)

    def _collection(self, path: str) -> str:
        props = f"<D:current-user-principal><D:href>{HOME}</D:href></D:current-user-principal>"
        kind = "<D:collection/>"
        if path == HOME:
            props += f"<C:calendar-home-set><D:href>{HOME}</D:href></C:calendar-home-set>"
            props += "<C:calendar-user-address-set><D:href>mailto:Sam@Example.com</D:href>"
            props += "<D:href>/sam/</D:href>"
            props += "<D:href>urn:uuid:0A-1B</D:href></C:calendar-user-address-set>"
            if self.outbox is not None:
                at = f"<D:href>{OUTBOX}</D:href>"
                props += f"<C:schedule-outbox-URL>{at}</C:schedule-outbox-URL>"
        if path == CALENDAR:
            kind += "<C:calendar/>"
            props += "<D:displayname>Work</D:displayname>"
            props += f"<D:sync-token>{self.token()}</D:sync-token>" if self.sync else ""
            props += f"<S:getctag>{self.token()}</S:getctag>" if self.ctag else ""
            if self.privileges is not None:
                granted = "D:current-user-privilege-set"
                props += f"<{granted}>{self.privileges}</{granted}>"
        return part(path, props + f"<D:resourcetype>{kind}</D:resourcetype>")

    def _entry(self, name: str, *, text: bool = False) -> str:
        data = f"<C:calendar-data>{escape(self.objects[name])}</C:calendar-data>" if text else ""
        return part(CALENDAR + name, f"<D:getetag>{escape(self.etag(name))}</D:getetag>{data}")

    def _report(self, asked: Asked) -> Said:
        if asked.is_sync:
            return self._sync(asked)
        if asked.is_multiget:
            wanted = [
                path.rpartition("/")[2] for path in re.findall("<D:href>(.*?)</D:href>", asked.body)
            ]
            missing = [name for name in wanted if name not in self.listed()]
            if missing and self.multiget == "sabre":
                return multistatus(*(gone(CALENDAR + name) for name in wanted))
            told = [self._entry(name, text=True) for name in wanted if name in self.listed()]
            lost = [] if self.multiget == "davical" else [gone(CALENDAR + name) for name in missing]
            return multistatus(*told, *lost)
        uid = "".join(re.findall("<C:text-match[^>]*>(.*?)</C:text-match>", asked.body))
        return multistatus(
            *(self._entry(n, text=True) for n in self.listed() if f"UID:{uid}" in self.objects[n])
        )

    def _sync(self, asked: Asked) -> Said:
        token = "".join(re.findall("<D:sync-token>(.*?)</D:sync-token>", asked.body))
        latest = len(self.changes)
        if self.second is not None:
            names = {name: None for name, at in self.times.items() if at > int(token)}
            parts = [
                self._entry(name) if name in self.objects else gone(CALENDAR + name)
                for name in names
            ]
            return multistatus(*parts, token=self.token())
        if not self.sync:
            return Said(403)
        if self.forgetful:
            return multistatus(token=f"t{latest}")
        if not re.fullmatch(r"t\d+", token) or int(token[1:]) > latest:
            return Said(403, '<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>')
        since = int(token[1:])
        until = latest if self.page is None else min(latest, since + self.page)
        names = dict.fromkeys(self.changes[since:until])
        hidden = self.objects.keys() - set(self.listed())
        there = [name for name in names if name not in hidden]
        parts = [
            self._entry(name) if name in self.objects else gone(CALENDAR + name) for name in there
        ]
        if until < latest:
            parts.append(gone(CALENDAR).replace("404 Not Found", "507 Insufficient Storage"))
        return multistatus(*parts, token=f"t{until}")

    def _get(self, asked: Asked) -> Said:
        name = asked.path.removeprefix(CALENDAR)
        if name not in (self.listed() if self.hides == "sogo" else self.objects):
            return Said(404)
        return Said(
            200, self.objects[name], {"ETag": self.etag(name), "Content-Type": "text/calendar"}
        )

    def _refuses(self, asked: Asked, name: str) -> bool:
        if self.blind:
            return False
        wanted = asked.headers.get("if-match")
        if wanted is not None and (name not in self.objects or wanted != self.etag(name)):
            return True
        return asked.headers.get("if-none-match") == "*" and name in self.objects

    def _put(self, asked: Asked) -> Said:
        name = asked.path.removeprefix(CALENDAR)
        if self._refuses(asked, name):
            return Said(412)
        existed = name in self.objects
        self.store(name, asked.body)
        return Said(204 if existed else 201)

    def _post(self, asked: Asked) -> Said:
        if self.outbox is None:
            return Said(405)
        status, body = self.outbox.post(asked.path, asked.headers, asked.body)
        return Said(status, body, {"Content-Type": "application/xml"})

    def _delete(self, asked: Asked) -> Said:
        name = asked.path.removeprefix(CALENDAR)
        if asked.method != "DELETE":
            return Said(405)
        if self._refuses(asked, name):
            return Said(412)
        if name not in self.objects:
            return Said(404)
        self.drop(name)
        return Said(204)


def multistatus(*parts: str, token: str | None = None) -> Said:
    """A 207 with these parts."""
    tail = f"<D:sync-token>{token}</D:sync-token>" if token else ""
    return Said(
        207, _OPEN + "".join(parts) + tail + "</D:multistatus>", {"Content-Type": "application/xml"}
    )


def part(href: str, props: str) -> str:
    """A resource with properties."""
    stat = f"<D:propstat><D:prop>{props}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
    return f"<D:response><D:href>{escape(href)}</D:href>{stat}</D:response>"


def gone(href: str) -> str:
    """A resource that is not there."""
    return (
        f"<D:response><D:href>{escape(href)}</D:href><D:status>HTTP/1.1 404 Not "
        "Found</D:status></D:response>"
    )


def silence(asked: Asked) -> Said:
    """A hook: never answer."""
    del asked
    raise Silence


def cut(asked: Asked) -> Said:
    """A hook: break the connection off."""
    del asked
    raise Cut


def _digest_is_right(asked: Asked, name: str, password: str) -> bool:
    """RFC 7616 with MD5 and qop=auth."""
    said = asked.headers.get("authorization", "")
    if not said.startswith("Digest "):
        return False
    given = {
        key: quoted or bare
        for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', said)
    }

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret, target = (
        md5(f"{name}:{given.get('realm')}:{password}"),
        md5(f"{asked.method}:{given.get('uri')}"),
    )
    middle = ":".join(
        (given.get("nonce", ""), given.get("nc", ""), given.get("cnonce", ""), given.get("qop", ""))
    )
    return given.get("username") == name and given.get("response") == md5(
        f"{secret}:{middle}:{target}"
    )


class _Listening(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


def _handler(server: Hostile) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # headers and body in one packet, or the client's delayed ACK costs 40 ms each time
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:
            del format, args

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(server.second if timestamp is None else timestamp)

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            asked = Asked(
                self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body
            )
            server.asked.append(asked)
            try:
                said = server.answer(asked)
            except Silence:
                server.stopped.wait(20)
                self.close_connection = True
                return
            except Cut:
                self.close_connection = True
                return
            payload = said.body.encode()
            self.send_response_only(said.status)
            if asked.method != server.undated:
                self.send_header("Date", self.date_time_string())
            for name, value in said.headers.items():
                self.send_header(name, value)
            if said.status != 204:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            if said.status != 204:
                self.wfile.write(payload)

    for method in ("GET", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR", "POST"):
        setattr(Handler, f"do_{method}", Handler.serve)
    return Handler


@contextmanager
def hostile(tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """A server on a free port of loopback."""
    server = Hostile()
    listening = _Listening(("127.0.0.1", 0), _handler(server))
    server.url = f"http://127.0.0.1:{listening.server_port}/"
    if tls is not None:
        listening.socket = tls.wrap_socket(listening.socket, server_side=True)
        server.url = f"https://localhost:{listening.server_port}/"
    thread = threading.Thread(
        target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        listening.shutdown()
        thread.join(timeout=10)
        listening.server_close()
