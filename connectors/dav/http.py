"""One request out, one whole answer back, or one clear error: the HTTP library, shut in.

No discovery by DNS, no redirects, no `.netrc`, no environment. Everything that can go wrong between
here and the server ends here, so that no message ever holds a secret."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.dav.failures import failure
from connectors.dav.login import Login
from connectors.dav.origin import origin_of, without_userinfo
from connectors.errors import UnreachableError, UnreadableError
from connectors.sanitize import sanitize
from connectors.trace import Traced, shown_address
from connectors.trust import demand_authorities, speaks_tls

_MAX_BYTES = 256 * 1024 * 1024
_SLOWNESS = 4
"""A server may take this many times the timeout to begin its answer: listing thousands of events
for the first time takes some servers a minute."""
_MOST_TIMEOUTS = 10
"""An answer that trickles in is given up after this many times the time-out."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names are found in any case."""
    body: bytes
    path: str
    """The path that answered, after redirects."""

    @property
    def text(self) -> str:
        """The body as text with plain line ends; iCalendar and vCard are UTF-8 (RFC 5545 section
        3.1.4, RFC 6350 section 3.1)."""
        return self.body.decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")


class Http:
    """Sends single requests. The library's client is built at the first: importing it is not
    cheap."""

    clock: datetime | None = None
    """What the server's clock said at its last answer (aware); None where it has none."""

    def __init__(self, login: Login) -> None:
        self.requests = 0
        self.base = without_userinfo(login.url)
        self.host = sanitize(urlsplit(self.base).netloc)
        self._login = login
        self._client: Any = None

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def once(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], scheme: str
    ) -> HttpAnswer:
        """Send one request, with the credentials by this `scheme` ("basic" or "digest"). Raises
        LostAnswerError when it was sent and no whole answer came, UnreachableError when it surely
        was not sent, UnreadableError for an answer without end."""
        client = self._connect(scheme)
        from caldav.lib.http_sync import CaseInsensitiveDict, requests

        broken = (
            requests.exceptions.RequestException,
            requests.packages.urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        )
        seconds = self._login.timeout_seconds
        # Without a password the address itself may be what lets one in.
        where = shown_address(url, secret=self._login.password is None)
        try:
            with Traced(method, where) as traced:
                response = client.session.request(
                    method,
                    url,
                    data=body or None,
                    headers={"User-Agent": "fikad", **headers},
                    auth=client.auth,
                    timeout=(seconds, _SLOWNESS * seconds),
                    allow_redirects=False,
                    stream=True,
                )
                try:
                    content = self._read(response)
                finally:
                    response.close()
                traced.answered(response.status_code, len(content))
        except broken as error:
            self.close()
            # not chained: the library's own text and frames hold the headers, and so the password
            failed = failure(error, self.host, seconds)
            slow = isinstance(error, requests.exceptions.Timeout)
            raise (failed if slow else self.tls_after_all() or failed) from None
        headers_said = CaseInsensitiveDict(response.headers)
        self.clock = _moment(headers_said.get("Date"))
        return HttpAnswer(response.status_code, headers_said, content, urlsplit(url).path or "/")

    def tls_after_all(self) -> UnreachableError | None:
        """What to say where plain http is spoken to a port that speaks TLS."""
        scheme, host, port = origin_of(self.base)
        if scheme == "http" and speaks_tls(host, port):
            return UnreachableError(
                f"{self.host} speaks TLS at this port", "write https:// in the account's url"
            )
        return None

    def _connect(self, scheme: str) -> Any:
        if self._client is not None:
            return self._client
        trusted = demand_authorities(self._login.ca)
        from caldav import DAVClient
        from caldav.lib import http_sync

        password = self._login.password
        client = DAVClient(
            url=self.base,
            username=self._login.username if password is not None else None,
            password=password,
            auth_type=scheme if password is not None else None,
            timeout=self._login.timeout_seconds,  # given once more with each request
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

    def _read(self, response: Any) -> bytes:
        body = bytearray()
        deadline = time.monotonic() + _MOST_TIMEOUTS * self._login.timeout_seconds
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
        said = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return said if said.tzinfo else None
