"""A content line with a time in it, as a time: a date, an aware datetime, or a length.

Three kinds of time stand in calendars (RFC 5545 section 3.3.5): an instant in UTC, a wall-clock
time in a named zone, and a floating one that means "whatever the clock shows where you are".
Floating times stay naive here until somebody knows whose clock is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from icalendar.prop import vDDDTypes

from connectors.ical.content_line import parts
from connectors.ical.fragments import Surroundings
from connectors.ical.zones import defined, named, named_loosely
from connectors.sanitize import sanitize

Moment = date | datetime
"""A date (all day), a naive datetime (floating) or an aware one."""
Period = tuple[datetime, datetime | timedelta]

FIRST_YEAR, LAST_YEAR = 1600, 2200
"""Years beyond these are slips or traps. Address books date birthdays without a year to 1604."""


_PLAIN_TIME = re.compile(r"[0-9]{8}T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z?")
"""`YYYYMMDDTHHMMSS`, as nearly all times are written. All others, and what is not in the calendar,
are left to icalendar."""


class UnreadableTimeError(ValueError):
    """A time that cannot be read. The text completes the sentence "this event was set aside because
    …"."""


class UnknownZoneError(UnreadableTimeError):
    """A time in a zone that nobody knows."""


def moment(line: str, around: Surroundings) -> Moment:
    """The date or time on a DTSTART, DTEND or RECURRENCE-ID line. Raises UnreadableTimeError."""
    value = next(iter(_values(line, around)))
    if isinstance(value, (timedelta, tuple)):
        raise UnreadableTimeError(f"{_shown(line)} is not a date or time")
    return value


def moments(line: str, around: Surroundings) -> Iterator[Moment | Period]:
    """The dates, times and periods on an RDATE or EXDATE line; none when it is empty. Raises
    UnreadableTimeError."""
    if not line.rpartition(":")[2].strip():
        return
    for value in _values(line, around):
        if isinstance(value, timedelta):
            raise UnreadableTimeError(f"{_shown(line)} is not a list of dates or times")
        yield value


def length(line: str) -> tuple[int, timedelta]:
    """A DURATION as whole days by the calendar and an exact rest (RFC 5545 section 3.3.6): on the
    day the clocks change, `P1D` is the same time tomorrow and `PT24H` is not. Raises
    UnreadableTimeError."""
    _, text = _parts(line)
    value = _parsed(text, line)
    if not isinstance(value, timedelta):
        raise UnreadableTimeError(f"{_shown(line)} is not a duration")
    if "PT" in text.upper():
        return 0, value
    return value.days, value - timedelta(days=value.days)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day in a zone."""
    return datetime.combine(day, time(), zone)


def _values(line: str, around: Surroundings) -> Iterator[Moment | Period | timedelta]:
    params, text = _parts(line)
    tzid = params.get("TZID")
    as_date = str(params.get("VALUE", "")).upper() == "DATE"
    for part in text.split(","):
        value = _parsed(part, line)
        if isinstance(value, tuple):
            start, end = value
            yield (
                _in_zone(start, tzid, around),
                end if isinstance(end, timedelta) else _in_zone(end, tzid, around),
            )
        elif isinstance(value, datetime):
            yield value.date() if as_date else _in_zone(value, tzid, around)
        else:
            yield value


def _in_zone(when: datetime, tzid: object, around: Surroundings) -> datetime:
    """The time in the zone that its TZID names. A time in UTC keeps its instant, whatever zone
    stands beside it."""
    if not tzid:
        return when.replace(tzinfo=UTC) if when.tzinfo is not None else when
    name = str(tzid)
    zone: tzinfo | None = named(name)
    if zone is None:
        if when.tzinfo is not None:
            return when.replace(tzinfo=UTC)
        zone = _defined_zone(name, around)
    return when.replace(tzinfo=zone) if when.tzinfo is None else when.astimezone(zone)


def _defined_zone(name: str, around: Surroundings) -> tzinfo:
    lines = around.definitions.get(name)
    if lines is None:
        loosely = named_loosely(name)
        if loosely is None:
            raise UnknownZoneError(f'nobody knows its time zone "{sanitize(name, 80)}"')
        return loosely
    try:
        return defined(lines)
    except Exception as error:
        raise UnknownZoneError(
            f'its time zone "{sanitize(name, 80)}" is not defined properly'
        ) from error


def _parts(line: str) -> tuple[Mapping[str, object], str]:
    try:
        _, params, text = parts(line)
    except Exception as error:
        raise UnreadableTimeError(f"{_shown(line)} is garbled") from error
    return params, text


def _parsed(text: str, line: str) -> Moment | Period | timedelta:
    try:
        value = _plain_time(text) or vDDDTypes.from_ical(text.strip().upper())  # type: ignore[no-untyped-call]
    except Exception as error:
        raise UnreadableTimeError(f"{_shown(line)} cannot be read") from error
    if not isinstance(value, (date, timedelta, tuple)):
        raise UnreadableTimeError(f"{_shown(line)} cannot be read")
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(part, date) and not FIRST_YEAR <= part.year <= LAST_YEAR:
            raise UnreadableTimeError(f"the year in {_shown(line)} is absurd")
    return value


def _plain_time(text: str) -> datetime | None:
    if _PLAIN_TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _shown(line: str) -> str:
    return f'"{sanitize(line, 80)}"'
