"""One GET to a host that nobody vouches for.

It goes to the host in the address and no other: redirects are followed within it, and a name that
leads to this machine or into a private network is not called, unless the address itself says that
it is there. The number that is connected to is the very one that was judged, so no second look-up
can change it. An answer is given up that is too large (also once unpacked) or too slow, drop by
drop included. Neither `.netrc` nor environment variables are read. No message holds more of the
address than its host."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from connectors.errors import AccountError, UnreachableError
from connectors.http_reading import TimedSocket, headers_of, response_on, seconds_left, whole_body
from connectors.network import in_private_network, is_public, on_this_machine
from connectors.sanitize import sanitize
from connectors.traced_request import Traced
from connectors.trust import context
from connectors.web.location import Location, LocationError

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
LATER = "nothing to do here, fikad tries again later"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited, and for how much."""

    step_seconds: float = 30
    """For the connection, and between two pieces of the answer."""
    all_seconds: float = 120
    """From the first look-up to the last byte."""
    most_bytes: int = 50 * 2**20
    """Of the calendar's text."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """One answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Fetcher:
    """Asks one location."""

    def __init__(self, location: Location, limits: Limits) -> None:
        self.requests = 0
        self._location = location
        self._limits = limits

    def get(self, conditions: Mapping[str, str]) -> WebAnswer:
        """GET with such headers; any status but a redirect is returned. Raises UnreachableError,
        and UnreadableError when the answer is too large or packed in an unknown way."""
        deadline = time.monotonic() + self._limits.all_seconds
        location = self._location
        for _ in range(_MOST_REDIRECTS):
            try:
                answer = self._once(location, conditions, deadline)
            except AccountError:
                raise
            except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
                # not chained: the library's own text and frames hold the address
                raise _failure(error, location.shown) from None
            if answer.status not in _REDIRECTS:
                return answer
            location = _followed(location, answer.headers.get("location", ""))
        raise UnreachableError(
            f"{location.shown} redirects in circles", "check the account's address"
        )

    def _once(
        self, location: Location, conditions: Mapping[str, str], deadline: float
    ) -> WebAnswer:
        with closing(self._connected(location, deadline)) as connected:
            self.requests += 1
            connection: Any = http.client.HTTPConnection(location.host)
            connection.sock = TimedSocket(connected, deadline, self._limits.step_seconds)
            asked = {
                "Host": location.netloc,
                "User-Agent": "fikad",
                "Accept": "text/calendar, */*;q=0.1",
                "Accept-Encoding": "gzip",
                "Connection": "close",
                **conditions,
            }
            with Traced("GET", location.shown) as traced:
                connection.request("GET", location.target, headers=asked)
                response = response_on(connection)
                headers = headers_of(response)
                unwanted = response.status in _REDIRECTS or response.status == 304
                body = (
                    b""
                    if unwanted
                    else whole_body(
                        response,
                        headers,
                        self._limits.most_bytes,
                        location.shown,
                        "check the account's address",
                    )
                )
                traced.answered(response.status, len(body))
            return WebAnswer(response.status, headers, body)

    def _connected(self, location: Location, deadline: float) -> socket.socket:
        """A connection, with TLS where the address says so, to a number that may be called."""
        numbers = socket.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM)
        allowed = [number for number in numbers if _may_be_called(location.host, str(number[4][0]))]
        if not allowed:
            raise UnreachableError(
                f"{location.shown} leads to this machine or into a private network, where fikad"
                " does not look for published calendars",
                "check the account's address; a server of your own is read by CalDAV",
            )
        plain = self._first_that_answers(allowed, deadline)
        if location.scheme == "http":
            return plain
        try:
            plain.settimeout(seconds_left(deadline, self._limits.step_seconds))
            return context(None).wrap_socket(plain, server_hostname=location.host)
        except BaseException:
            plain.close()
            raise

    def _first_that_answers(self, addresses: list[Any], deadline: float) -> socket.socket:
        failed: OSError | None = None
        for family, kind, protocol, _, address in addresses:
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(seconds_left(deadline, self._limits.step_seconds))
                plain.connect(address)
            except OSError as error:
                plain.close()
                failed = failed or error
            else:
                return plain
        raise failed or OSError("no address")


def _may_be_called(host: str, number: str) -> bool:
    """Whether what a host's name led to is where its own address says that it is: in the world,
    unless the name itself stands for this machine or a private network."""
    address = ip_address(number.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    if on_this_machine(host):
        return bool(mapped.is_loopback)
    if in_private_network(host):
        return not mapped.is_loopback and not mapped.is_multicast
    return is_public(address)


def _followed(location: Location, reference: str) -> Location:
    try:
        target = location.followed(reference)
    except LocationError:
        raise UnreachableError(
            f"{location.shown} points to nowhere", "check the account's address"
        ) from None
    if target.origin != location.origin:
        raise UnreachableError(
            f"{location.shown} points to {target.shown}, where fikad does not go unasked",
            "open the address in a browser; if it asks for a login, publish the calendar anew, and"
            " if you trust where it leads, give fikad that address",
        )
    return target


def _failure(error: Exception, host: str) -> UnreachableError:
    """What an exception of the libraries means, in words that hold no address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = sanitize(error.verify_message, 120)
        return UnreachableError(
            f"{host} shows a TLS certificate that can't be trusted ({why})",
            "check the account's address; where its authority is a private one, name that"
            " authority's certificate in SSL_CERT_FILE",
        )
    if isinstance(error, socket.gaierror):
        return UnreachableError(
            f"{host} can't be found (DNS)", "check the account's address and the network"
        )
    if isinstance(error, ssl.SSLError):
        return UnreachableError(
            f"{host} and fikad do not agree on TLS", "check the account's address"
        )
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(f"{host} refused the connection", LATER)
    if isinstance(error, TimeoutError):
        return UnreachableError(f"{host} did not answer in time", LATER)
    return UnreachableError(f"{host} broke the connection off", LATER)
