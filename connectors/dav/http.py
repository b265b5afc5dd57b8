"""One request out, one whole answer back, or one clear error: `http.client`, shut in.

No discovery by DNS, no redirects, no `.netrc`, no environment. Connections are kept for the next
request. Everything that can go wrong between here and the server ends here, so that no message ever
holds a secret."""

from __future__ import annotations

import http.client
import re
import socket
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from select import POLLIN, poll
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.dav.credentials import Credentials
from connectors.dav.failures import LostAnswerError, failure
from connectors.dav.login import Login
from connectors.dav.origin import origin_of, without_userinfo
from connectors.errors import UnreachableError
from connectors.http_reading import TimedSocket, headers_of, response_on, whole_body
from connectors.sanitize import sanitize
from connectors.traced_request import Traced, shown_address
from connectors.trust import context, speaks_tls

_MAX_BYTES = 256 * 1024 * 1024
_SLOWNESS = 4
"""A server may take this many times the timeout to begin its answer: listing thousands of events
for the first time takes some servers a minute."""
_MOST_TIMEOUTS = 10
"""An answer that trickles in is given up after this many times the time-out."""
_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""What may stand in the target of a request as it is (RFC 3986), escapes included."""
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_QUESTIONS = {"GET", "OPTIONS", "PROPFIND", "REPORT"}
"""Methods that change nothing: asked twice, they do no harm (RFC 9110 section 9.2.1)."""
_BROKEN = (http.client.HTTPException, zlib.error, OSError, ValueError)
"""Whatever `http.client` and the parts beneath it raise."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    path: str
    """The path that answered, after redirects."""

    @property
    def text(self) -> str:
        """The body as text with plain line ends; iCalendar and vCard are UTF-8 (RFC 5545 section
        3.1.4, RFC 6350 section 3.1)."""
        return self.body.decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    scheme: str
    """By which the credentials are given, "basic" or "digest"."""


class Http:
    """Sends single requests to the origin of a login, over one connection that is kept."""

    clock: datetime | None = None
    """What the server's clock said at its last answer (aware), reckoned from the one before where
    that had no date; None where none had one."""

    def __init__(self, login: Login) -> None:
        self.requests = 0
        self.base = without_userinfo(login.url)
        self.host = sanitize(urlsplit(self.base).netloc)
        self._login = login
        self._credentials = Credentials(login)
        self._socket: socket.socket | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._asked: _Request | None = None
        """What was sent and not read yet."""
        self._has_answered = False
        """Whether an answer came on the connection that is kept."""
        self._hangs_up = False
        """Whether the server has closed a connection without having said that it would (SOGo):
        then it may be about to close the one that is kept."""
        self._answered_at = 0.0

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._connection = self._asked = None
        self._has_answered = False

    def ask_ahead(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], scheme: str
    ) -> None:
        """Send a request that changes nothing, if a connection stands open; the next call of `once`
        reads its answer, if it is for the same, and forgets it otherwise. Raises nothing."""
        if self._asked is not None or self._socket is None or _has_ended(self._socket):
            return
        request = _Request(method, url, body, dict(headers), scheme)
        try:
            self._send(request)
        except _BROKEN:
            self.close()
        except BaseException:
            self.close()  # half a request is left in it
            raise
        else:
            self._asked = request

    def once(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], scheme: str
    ) -> HttpAnswer:
        """Send one request, with the credentials by this `scheme` ("basic" or "digest"); by Digest
        once more, where the server wants another nonce answered. A question that met a kept
        connection just as the server closed it is asked once more, on a new one. Raises
        LostAnswerError when it was sent and no whole answer came, UnreachableError when it surely
        was not sent, UnreadableError for an answer without end."""
        request = _Request(method, url, body, dict(headers), scheme)
        answer = self._answer_to_asked(request) or self._exchange(request)
        challenged = answer.status == 401 and scheme == "digest"
        if challenged and self._credentials.accept(answer.headers.get("www-authenticate", "")):
            answer = self._exchange(request)
        return answer

    def _answer_to_asked(self, request: _Request) -> HttpAnswer | None:
        """The answer to what was asked ahead, if it was the same; None where it was not, or the
        answer was lost: the server may have tired of waiting for us."""
        asked, self._asked = self._asked, None
        if asked is None:
            return None
        if asked != request:
            self.close()
            return None
        try:
            return self._exchange(request, sent=True)
        except LostAnswerError:
            return None

    def tls_after_all(self) -> UnreachableError | None:
        """What to say where plain http is spoken to a port that speaks TLS."""
        scheme, host, port = origin_of(self.base)
        if scheme == "http" and speaks_tls(host, port):
            return UnreachableError(
                f"{self.host} speaks TLS at this port", "write https:// in the account's url"
            )
        return None

    def _exchange(self, request: _Request, *, sent: bool = False) -> HttpAnswer:
        url = request.url
        seconds = self._login.timeout_seconds
        # Without a password the address itself may be what lets one in.
        where = shown_address(url, secret=self._login.password is None)
        try:
            with Traced(request.method, where) as traced:
                if not sent:
                    self._send(request)
                connection, timed = self._kept()
                timed.deadline = time.monotonic() + _SLOWNESS * seconds
                response = response_on(connection)
                timed.deadline = time.monotonic() + _MOST_TIMEOUTS * seconds
                said = headers_of(response)
                content = whole_body(
                    response, said, _MAX_BYTES, self.host, "check the account's url"
                )
                traced.answered(response.status, len(content))
        except _BROKEN as error:
            connecting = self._socket is None
            closed = self._has_answered and isinstance(error, ConnectionError)
            self.close()
            self._hangs_up = self._hangs_up or closed
            if closed and not sent and request.method in _QUESTIONS:
                return self._exchange(request)
            # not chained: the library's own text and frames hold the headers, and so the password
            failed = failure(error, self.host, seconds, connecting=connecting)
            slow = isinstance(error, TimeoutError)
            raise (failed if slow else self.tls_after_all() or failed) from None
        except BaseException:
            self.close()  # half an answer is left in it
            raise
        self._has_answered = True
        if response.will_close:
            self.close()
        self._read_clock(said.get("date"))
        return HttpAnswer(response.status, said, content, urlsplit(url).path or "/")

    def _read_clock(self, date: str | None) -> None:
        since, self._answered_at = self._answered_at, time.monotonic()
        told = _moment(date)
        if told is None and self.clock is not None:
            told = self.clock + timedelta(seconds=self._answered_at - since)
        self.clock = told

    def _send(self, request: _Request) -> None:
        if self._hangs_up and request.method not in _QUESTIONS:
            self.close()  # nobody could tell whether a write was carried out
        connection, timed = self._connected()
        target = target_of(request.url)
        proof = self._credentials.header(request.scheme, request.method, target)
        self.requests += 1
        timed.deadline = time.monotonic() + _SLOWNESS * self._login.timeout_seconds
        connection.request(
            request.method,
            target,
            # a GET has no body; whatever else has none says so
            request.body if request.body or request.method != "GET" else None,
            {
                "User-Agent": "fikad",
                "Accept": "*/*",
                "Accept-Encoding": "gzip",
                **request.headers,
                **({} if proof is None else {"Authorization": proof}),
            },
        )

    def _connected(self) -> tuple[http.client.HTTPConnection, TimedSocket]:
        """The connection that is kept, or a new one where there is none or the server has closed
        it."""
        if self._socket is not None and _has_ended(self._socket):
            self._hangs_up = True
            self.close()
        if self._connection is None or self._socket is None:
            self._connection, self._socket = self._connect()
        return self._kept()

    def _kept(self) -> tuple[http.client.HTTPConnection, TimedSocket]:
        connection: Any = self._connection
        return connection, connection.sock

    def _connect(self) -> tuple[http.client.HTTPConnection, socket.socket]:
        scheme, host, port = origin_of(self.base)
        seconds = self._login.timeout_seconds
        secure = context(self._login.ca) if scheme == "https" else None
        connected = socket.create_connection((host, port), seconds)
        try:
            # Small requests wait for nothing.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure is not None:
                connected = secure.wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise
        # Not HTTPSConnection, which reads the system's certificates once more for itself.
        connection = http.client.HTTPConnection(host, port)
        connection.default_port = 80 if secure is None else 443
        connection.sock = TimedSocket(connected, 0.0, _SLOWNESS * seconds)
        return connection, connected


def _has_ended(connected: socket.socket) -> bool:
    """Whether a connection at rest was closed from the other side; whatever was said on it unasked
    is no answer either."""
    looked = poll()
    looked.register(connected, POLLIN)
    return bool(looked.poll(0))


def target_of(url: str) -> str:
    """What stands in the request line for a URL: its path and query, with what may not stand there
    escaped, for servers that spell their hrefs without."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return quote(target, safe=_SAFE if not _NO_ESCAPE.search(target) else _SAFE.replace("%", ""))


def _moment(date: str | None) -> datetime | None:
    """A Date header as an aware time; None for what is none."""
    try:
        said = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return said if said.tzinfo else None
