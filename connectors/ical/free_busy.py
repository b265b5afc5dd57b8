"""The question when people are busy, and the answer to it, as iCalendar text (RFC 6638 section 5,
RFC 5546 section 3.3).

The question is a VFREEBUSY with METHOD:REQUEST and can be made into nothing else: it holds times
and addresses alone, and no text of anybody's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.calendar_address import calendar_address
from connectors.free_busy import BusySpan
from connectors.ical.outline import edge_of, name_of, unfolded
from connectors.mail_address import is_mail, mail_address

_PRODUCT = "-//fikad//fikad//EN"
_FREE = "FREE"


@dataclass(frozen=True, slots=True)
class FreeBusyRequest:
    """Who asks whose server when which people are busy. Raises ValueError for what is no question:
    no people, a naive time, or something else than an address."""

    organizer: str
    """The asking user, as `connectors.calendar_address` has it."""
    addresses: tuple[str, ...]
    """Bare e-mail addresses, in lower case."""
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        plain = all(mail_address(address) == address for address in self.addresses)
        if not self.addresses or not plain or calendar_address(self.organizer) != self.organizer:
            raise ValueError("a question needs addresses")
        if not (self.start.tzinfo and self.end.tzinfo and self.start < self.end):
            raise ValueError("a question needs two times in their order")

    def text(self, stamp: datetime) -> str:
        """The whole iCalendar text, stamped with an aware time. Equal questions have one UID."""
        from icalendar import Calendar, FreeBusy, vCalAddress

        asked = FreeBusy()
        asked.add("uid", self._uid())
        asked.add("dtstamp", _whole(stamp))
        asked.add("dtstart", _whole(self.start))
        asked.add("dtend", _whole(self.end))
        asked["ORGANIZER"] = vCalAddress(_uri(self.organizer))
        asked["ATTENDEE"] = [vCalAddress(_uri(address)) for address in self.addresses]
        calendar = Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "REQUEST")
        calendar.add_component(asked)
        return str(calendar.to_ical(), "utf-8")

    def _uid(self) -> str:
        parts = (self.organizer, *self.addresses, self.start.isoformat(), self.end.isoformat())
        return f"free-busy-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:32]}"


def busy_spans(text: str) -> tuple[BusySpan, ...] | None:
    """When somebody is busy by the VFREEBUSY of an answer, tentatively or not; None where the text
    has no whole VFREEBUSY in it, or a time that cannot be read: then nothing is known."""
    from connectors.ical.moments import UnreadableTimeError

    lines = _lines(text)
    if lines is None:
        return None
    try:
        return tuple(span for line in lines for span in _periods(line))
    except UnreadableTimeError:
        return None


def _lines(text: str) -> list[str] | None:
    """The FREEBUSY lines of every VFREEBUSY; None where there is none, or one is cut off."""
    lines: list[str] = []
    ended, inside = False, False
    for line in unfolded(text):
        edge = edge_of(line)
        if edge is not None and edge[1] == "VFREEBUSY":
            inside, ended = edge[0], not edge[0]
        elif inside and name_of(line) == "FREEBUSY":
            lines.append(line)
    return lines if ended else None


def _periods(line: str) -> Iterator[BusySpan]:
    """The spans of a FREEBUSY line, none where it tells what is free. Raises
    UnreadableTimeError."""
    from connectors.ical.content_line import parts
    from connectors.ical.fragments import Surroundings
    from connectors.ical.moments import UnreadableTimeError, moments

    try:
        _, parameters, _ = parts(line)
    except Exception as error:
        raise UnreadableTimeError("a line of free/busy is garbled") from error
    if str(parameters.get("FBTYPE", "BUSY")).upper() == _FREE:
        return
    for period in moments(line, Surroundings()):
        if not isinstance(period, tuple):
            raise UnreadableTimeError("free/busy is told in periods")
        start, until = period
        end = start + until if isinstance(until, timedelta) else until
        if start.tzinfo is None or end.tzinfo is None:
            raise UnreadableTimeError("free/busy is told in UTC")
        yield BusySpan(start.astimezone(UTC), end.astimezone(UTC))


def _uri(address: str) -> str:
    """An address as a calendar user address (RFC 5545 section 3.3.3)."""
    return f"mailto:{address}" if is_mail(address) else address


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
