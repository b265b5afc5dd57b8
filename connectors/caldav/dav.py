"""The wire to one CalDAV server: requests out, whole answers or one clear error back.

Everything that can go wrong between here and the server ends in this module, so that nothing but
`AccountError` leaves the connector and no message ever holds a secret. Credentials are sent to the
configured origin alone: redirects are followed within it and refused beyond it, and neither
`.netrc` nor environment variables are read. Basic credentials go with the first request (a server
such as Cyrus answers strangers politely instead of asking who they are); Digest is used where the
server offers nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from connectors.caldav.failures import (
    FailedAnswerError,
    LostAnswerError,
    StrayError,
    failure,
    refusal,
)
from connectors.caldav.multistatus import Multistatus, parse
from connectors.errors import (
    AccountError,
    CredentialsError,
    MissingError,
    UnreachableError,
    UnreadableError,
)
from connectors.sanitize import sanitize
from connectors.trust import demand_authorities, speaks_tls

XML = {"Content-Type": 'application/xml; charset="utf-8"'}

_REDIRECTS = {301, 302, 307, 308}
_MAX_REDIRECTS = 5
_MAX_BYTES = 256 * 1024 * 1024
_SLOWNESS = 4
"""A server may take this many times the timeout to begin its answer: listing thousands of events
for the first time takes some servers a minute."""
_MOST_TIMEOUTS = 10
"""An answer that trickles in is given up after this many times the time-out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names are found in any case."""
    body: bytes
    path: str
    """The path that answered, after redirects."""

    @property
    def text(self) -> str:
        """The body as text with plain line ends; iCalendar is UTF-8 (RFC 5545 section 3.1.4)."""
        return self.body.decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL, in lower case, the port filled in; nothing at all for what is
    no URL."""
    try:
        parts = urlsplit(url)
        scheme, port = parts.scheme.lower(), parts.port
    except ValueError:
        return "", "", 0
    return scheme, (parts.hostname or "").lower(), port or (443 if scheme == "https" else 80)


def without_userinfo(url: str) -> str:
    """The URL without the `user:password@` that people paste into it; empty for what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _joined(base: str, target: str) -> str:
    """`target` as seen from `base`; empty, which no origin matches, for what is no URL."""
    try:
        return urljoin(base, target)
    except ValueError:
        return ""


class Wire:
    """Sends requests to one origin. The HTTP client is built at the first request: importing it is
    not cheap."""

    clock: datetime | None = None
    """What the server's clock said at its last answer (aware); None where it has none."""

    def __init__(
        self,
        account: str,
        url: str,
        username: str,
        password: str | None,
        memo: MutableMapping[str, Any],
        timeout_seconds: float,
        ca: Path | None = None,
    ) -> None:
        self.requests = 0
        self.base = without_userinfo(url)
        self.host = sanitize(urlsplit(self.base).netloc)
        self._account = account
        self._username = username
        self._password = password
        self._memo = memo
        self._timeout = timeout_seconds
        self._ca = ca
        self._client: Any = None

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # --- asking ---

    def propfind(self, path: str, depth: int, body: bytes) -> tuple[Multistatus, str]:
        """PROPFIND: what the server says, and the path that said it. Raises MissingError on 404,
        UnreadableError when the answer is no multistatus or names no resource at all."""
        answer = self.send("PROPFIND", path, body, {"Depth": str(depth), **XML})
        found = self.multistatus(answer)
        if not found.parts:
            raise UnreadableError(
                f"{self.host} gave an empty list for {sanitize(path)}",
                "nothing was concluded from it",
            )
        if all(part.status in {404, 410} for part in found.parts):  # Xandikos says so inside a 207
            raise MissingError(
                f"{self.host} has nothing at {sanitize(path)}",
                "check the url, or the calendar's name",
            )
        return found, answer.path

    def report(self, path: str, body: bytes, depth: int | None) -> Answer:
        """REPORT; the caller judges the status."""
        return self.send(
            "REPORT", path, body, ({} if depth is None else {"Depth": str(depth)}) | XML
        )

    def multistatus(self, answer: Answer) -> Multistatus:
        """The multistatus of an answer that has to be one."""
        if answer.status != 207:
            raise self.refusal(answer)
        return parse(answer.body, self.host)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and read the answer.

        401, 429 and 5xx raise here (CredentialsError, FailedAnswerError), except 501 and 507, which
        say something about the request; every other status is returned. Raises LostAnswerError when
        the request was sent and no whole answer came from the server itself, StrayError at a
        redirect to another origin, and UnreachableError when the request surely was not sent."""
        scheme, host, _ = origin_of(self.base)
        if scheme not in {"http", "https"} or not host:
            raise UnreachableError(
                f"the url of account {self._account} is no web address", "it begins with https://"
            )
        url = _joined(self.base, path)
        if origin_of(url) != origin_of(self.base):
            raise self.stray(url)
        for _ in range(_MAX_REDIRECTS):
            answer = self._authenticated(method, url, body, headers or {})
            if answer.status not in _REDIRECTS:
                break
            url = self._followed(url, answer)
        else:
            raise UnreachableError(f"{self.host} redirects in circles", "check the account's url")
        if answer.status == 429 or (answer.status >= 500 and answer.status not in {501, 507}):
            # the server behind it may still be working on the request
            by_gateway = answer.status in {502, 504}
            raise (LostAnswerError if by_gateway else FailedAnswerError)(
                f"{self.host} answered with error {answer.status}",
                "nothing to do here, fikad tries again later",
            )
        return answer

    def refusal(self, answer: Answer, *, writing: bool = False) -> AccountError:
        """The error that a status nobody asked for stands for."""
        secure = self._tls_after_all() if answer.status == 400 else None
        return secure or refusal(self.host, answer.path, answer.status, writing=writing)

    def _tls_after_all(self) -> UnreachableError | None:
        """What to say where plain http is spoken to a port that speaks TLS."""
        scheme, host, port = origin_of(self.base)
        if scheme == "http" and speaks_tls(host, port):
            return UnreachableError(
                f"{self.host} speaks TLS at this port", "write https:// in the account's url"
            )
        return None

    # --- redirects and credentials ---

    def _followed(self, url: str, answer: Answer) -> str:
        target = _joined(url, answer.headers.get("location", ""))
        if origin_of(target) != origin_of(self.base):
            raise self.stray(target)
        return without_userinfo(target)

    def stray(self, url: str) -> StrayError:
        """The error for an address on another origin."""
        scheme, host, port = origin_of(url)
        there = (
            sanitize(f"{scheme}://{host}" + ("" if port in {80, 443} else f":{port}"), 200)
            if host
            else "nowhere"
        )
        return StrayError(
            f"{self.host} points to {there}, and your password was not sent there",
            "if you trust it, make it the account's url",
            without_userinfo(url) if host else "",
        )

    def _authenticated(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        answer = self._once(method, url, body, headers)
        if answer.status != 401:
            return answer
        if self._password is None:
            raise CredentialsError(
                f"{self.host} asks for a password and account {self._account} has none", "set one"
            )
        offered = _schemes(answer.headers.get("www-authenticate", ""))
        used = self._scheme()
        if used not in offered and offered & {"basic", "digest"}:
            self._memo["auth"] = "digest" if "digest" in offered else "basic"
            self.close()
            answer = self._once(method, url, body, headers)
        elif offered and not offered & {"basic", "digest"}:
            raise CredentialsError(
                f"{self.host} wants another kind of sign-in ({sanitize(', '.join(sorted(offered)), 60)})",
                "make an app password there",
            )
        if answer.status == 401:
            raise CredentialsError(
                f"{self.host} refused the user name or password of account {self._account}",
                f"check them, or run `fikad auth {self._account}`",
            )
        return answer

    def _scheme(self) -> str:
        return "digest" if self._memo.get("auth") == "digest" else "basic"

    # --- the HTTP library ---

    def _connect(self) -> Any:
        """The library's client, shut in: no discovery by DNS, no redirects, no `.netrc`, no
        environment."""
        if self._client is not None:
            return self._client
        trusted = demand_authorities(self._ca)
        from caldav import DAVClient
        from caldav.lib import http_sync

        client = DAVClient(
            url=self.base,
            username=self._username if self._password is not None else None,
            password=self._password,
            auth_type=self._scheme() if self._password is not None else None,
            timeout=self._timeout,  # given once more with each request
            enable_rfc6764=False,
            huge_tree=False,
            rate_limit_handle=False,
            headers={"User-Agent": "fikad"},
        )
        if http_sync.USE_NIQUESTS:
            # Its own requests to certificate authorities (revocation lists) would tell a third
            # party about every poll and cost more than the poll; HTTP/3 gains nothing on one
            # request in a quarter of an hour.
            client.session.close()
            client.session = http_sync.requests.Session(
                disable_http3=True, revocation_configuration=None
            )
        client.session.trust_env = False
        if trusted is not None:
            client.session.verify = str(trusted)
        for adapter in client.session.adapters.values():
            adapter.send = self._counted(adapter.send)
        self._client = client
        return client

    def _counted(self, send: Any) -> Any:
        def counting(*args: Any, **kwargs: Any) -> Any:
            self.requests += 1
            return send(*args, **kwargs)

        return counting

    def _once(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        client = self._connect()
        from caldav.lib.http_sync import CaseInsensitiveDict, requests

        broken = (
            requests.exceptions.RequestException,
            requests.packages.urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        )
        try:
            response = client.session.request(
                method,
                url,
                data=body or None,
                headers={"User-Agent": "fikad", **headers},
                auth=client.auth,
                timeout=(self._timeout, _SLOWNESS * self._timeout),
                allow_redirects=False,
                stream=True,
            )
            try:
                content = self._read(response)
            finally:
                response.close()
        except broken as error:
            self.close()
            # not chained: the library's own text and frames hold the headers, and so the password
            failed = failure(error, self.host, self._timeout)
            slow = isinstance(error, requests.exceptions.Timeout)
            raise (failed if slow else self._tls_after_all() or failed) from None
        headers_said = CaseInsensitiveDict(response.headers)
        self.clock = _moment(headers_said.get("Date"))
        return Answer(response.status_code, headers_said, content, urlsplit(url).path or "/")

    def _read(self, response: Any) -> bytes:
        body = bytearray()
        deadline = time.monotonic() + _MOST_TIMEOUTS * self._timeout
        for chunk in response.iter_content(1 << 16):
            body += chunk
            if len(body) > _MAX_BYTES:
                raise UnreadableError(
                    f"{self.host} gave an answer of more than {_MAX_BYTES >> 20} MB",
                    "check the account's url",
                )
            if time.monotonic() > deadline:
                raise TimeoutError
        return bytes(body)


def _moment(date: str | None) -> datetime | None:
    """A Date header as an aware time; None for what is none."""
    try:
        found = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def _schemes(header: str) -> set[str]:
    """The authentication schemes a WWW-Authenticate header offers (RFC 9110 section 11.6.1), lower
    case.

    A comma ends a challenge or a parameter; a scheme is a word before a blank or on its own, never
    before `=`."""
    starts = (piece.strip().split(" ", 1)[0] for piece in header.split(","))
    return {start.lower() for start in starts if start and "=" not in start and '"' not in start}
