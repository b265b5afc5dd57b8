"""From when to when an event lasts: DTSTART with DTEND or DURATION, and how long its repetitions
last.

An all-day event has dates; everything else has instants. A length given by DTEND is exact in every
repetition, one given in days by DURATION follows the calendar (RFC 5545 section 3.8.5.3), so a
night shift keeps its eight hours when the clocks change, and an event whose start falls into the
gap keeps its length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from connectors.ical.fragments import Fragment
from connectors.ical.moments import Moment, UnreadableTimeError, length, midnight, moment
from connectors.ical.zones import named, named_loosely, utc

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventSpan:
    """When an event lasts."""

    start: Moment
    """As written: a date for an all-day event, else an aware datetime in the event's own zone."""
    start_utc: datetime
    end_utc: datetime
    """Exclusive. For an all-day event both are midnight UTC: only their dates mean something."""
    days: int
    """Length: whole days by the calendar, then …"""
    rest: timedelta
    """… an exact rest."""

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)

    def end_from(self, start: datetime) -> datetime:
        """The end in UTC of a repetition that starts at `start` (aware, in the event's zone)."""
        return (
            utc(start + timedelta(days=self.days)) + self.rest
            if self.days
            else utc(start) + self.rest
        )

    def busy(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The instants in UTC between which it occupies the calendar of somebody in `zone`."""
        if not self.all_day:
            return self.start_utc, self.end_utc
        return utc(midnight(self.start_utc.date(), zone)), utc(midnight(self.end_utc.date(), zone))


def clock(fragment: Fragment, zone: tzinfo) -> tzinfo:
    """Whose clock floating times mean: the calendar's (X-WR-TIMEZONE) where it names one, else the
    user's."""
    name = fragment.around.zone
    return (named(name) or named_loosely(name) if name else None) or zone


def one_line(fragment: Fragment, name: str) -> str | None:
    """The only line of a property that may stand once; repeated alike it counts once. Raises
    UnreadableTimeError."""
    lines = fragment.lines.get(name)
    if not lines:
        return None
    if any(line != lines[0] for line in lines[1:]):
        raise UnreadableTimeError(f"it has several different {name}")
    return lines[0]


def read_span(fragment: Fragment, zone: tzinfo) -> EventSpan:
    """When the event of a fragment lasts; floating times are read in `zone`. Raises
    UnreadableTimeError."""
    line = one_line(fragment, "DTSTART")
    if line is None:
        raise UnreadableTimeError("it has no start")
    start = moment(line, fragment.around)
    end_line, length_line = one_line(fragment, "DTEND"), one_line(fragment, "DURATION")
    end = moment(end_line, fragment.around) if end_line is not None else None
    days, rest = (
        length(length_line) if length_line is not None and end is None else (0, timedelta())
    )
    if days < 0 or rest < timedelta():
        raise UnreadableTimeError("it ends before it starts")
    if isinstance(start, datetime):
        return _timed(start if start.tzinfo else start.replace(tzinfo=zone), end, days, rest)
    return _all_day(start, end, days, rest)


def in_window(
    first: datetime, last: datetime, all_day: bool, start: datetime, end: datetime, zone: tzinfo
) -> bool:
    """Whether something from `first` to `last` (UTC, exclusive) overlaps the window from `start` to
    `end`.

    What takes no time belongs to the window in which it begins. All-day events are compared by
    their dates, which are those of the user's `zone`."""
    if all_day:
        start = start.astimezone(zone).replace(tzinfo=UTC)
        end = end.astimezone(zone).replace(tzinfo=UTC)
    if first == last:
        return start <= first < end
    return first < end and last > start


def _timed(start: datetime, end: Moment | None, days: int, rest: timedelta) -> EventSpan:
    """Without an end it takes no time (RFC 5545 section 3.6.1). An end without a zone has the zone
    of the start."""
    start_utc = utc(start)
    if end is None:
        try:
            end_utc = utc(start + timedelta(days=days)) + rest
        except OverflowError:
            raise UnreadableTimeError("its length is absurd") from None
        return EventSpan(start, start_utc, end_utc, days, rest)
    if not isinstance(end, datetime):
        end = midnight(end, start.tzinfo or UTC)
    end = end if end.tzinfo else end.replace(tzinfo=start.tzinfo)
    end_utc = utc(end)
    if (
        end.tzinfo is start.tzinfo
        and end.date() == start.date()
        and end_utc - start_utc < end - start
    ):
        end_utc = max(end_utc, _after_a_gap(start, start_utc, end))
    if end_utc < start_utc:
        raise UnreadableTimeError("it ends before it starts")
    return EventSpan(start, start_utc, end_utc, 0, end_utc - start_utc)


def _after_a_gap(start: datetime, start_utc: datetime, end: datetime) -> datetime:
    """The end in UTC of an event that starts at a time which the clocks skip: it starts later then
    (RFC 5545 section 3.3.5) and keeps its length. Any other event just ends when it says."""
    if start_utc.astimezone(start.tzinfo).replace(tzinfo=None) == start.replace(tzinfo=None):
        return utc(end)
    return start_utc + (end.replace(tzinfo=None) - start.replace(tzinfo=None))


def _all_day(start: date, end: Moment | None, days: int, rest: timedelta) -> EventSpan:
    """Dates alone count. An end on the first day itself is a common slip (DTEND is exclusive): one
    day is meant."""
    if isinstance(end, datetime):
        end = end.date() + _DAY if end.time() != end.time().min else end.date()
    if end is not None:
        if end < start:
            raise UnreadableTimeError("it ends before it starts")
        days = (end - start).days
    elif rest:
        days += 1
    days = max(days, 1)
    first = midnight(start, UTC)
    try:
        return EventSpan(start, first, first + timedelta(days=days), days, timedelta())
    except OverflowError:
        raise UnreadableTimeError("its length is absurd") from None
