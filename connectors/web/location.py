"""The address at which a calendar is published.

Whoever knows it can read the calendar, so it is a secret: nothing that is shown, logged or raised
names more of it than the host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from connectors.network import on_this_machine
from connectors.sanitize import sanitize

_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}
"""webcal was http when it was made up; those who publish calendars today mean https by it."""
_UNFIT = re.compile(r"[\s\\\x00-\x1f\x7f]")
_UNCHANGED = "/%:=&?~+!$,;'@()*[]"


class LocationError(ValueError):
    """This is no address of a calendar. As text it goes on after the name of what holds it, and
    never quotes it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Location:
    """Where a calendar is published."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    """Path and query, as they are sent."""

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """Host, and port where it is not the scheme's own, as in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The host, for people."""
        return sanitize(self.netloc, 200)

    @property
    def url(self) -> str:
        """The whole address: a secret."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    def followed(self, reference: str) -> Location:
        """Where a redirect leads. Raises LocationError."""
        try:
            return location_of(urljoin(self.url, reference))
        except ValueError as error:
            if isinstance(error, LocationError):
                raise
            raise LocationError("is not a web address", "") from None


def is_address(text: str) -> bool:
    """Whether a text is meant as a web address, however it goes on."""
    return text.partition("://")[0].lower() in _SCHEMES and "://" in text


def location_of(written: str) -> Location:
    """The place that an address means: https (also as webcal and webcals), or plain http on this
    machine. Raises LocationError."""
    parts, host, port = _taken_apart(written.strip())
    scheme = _SCHEMES[parts.scheme.lower()]
    if "@" in parts.netloc:
        raise LocationError(
            "must not hold a login", "where one is needed, read the calendar by CalDAV instead"
        )
    if scheme == "http" and not on_this_machine(host):
        raise LocationError(
            "is plain http, which anybody on the way can read",
            "write https://; http is for localhost only",
        )
    target = quote(parts.path or "/", safe=_UNCHANGED)
    if parts.query:
        target += "?" + quote(parts.query, safe=_UNCHANGED)
    return Location(scheme, host, port or (443 if scheme == "https" else 80), target)


def _taken_apart(written: str) -> tuple[SplitResult, str, int | None]:
    """An address, its host as DNS writes it, and its port where it names one."""
    try:
        parts = urlsplit("" if _UNFIT.search(written) else written)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), "", None
    if parts.scheme.lower() not in _SCHEMES or not host or port == 0:
        raise LocationError(
            "is not a web address", 'it looks like "https://calendar.example.com/….ics"'
        )
    return parts, host, port
