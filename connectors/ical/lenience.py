"""What programs write in their own ways, and what they mean by it.

Outlook marks what lasts all day beside times, Apple adds the time on the way, and some name zones
that nobody knows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from connectors.ical.fragments import Fragment
from connectors.ical.moments import UnknownZoneError, UnreadableTimeError, length, midnight, moments
from connectors.ical.spans import EventSpan

_TRAVEL = "X-APPLE-TRAVEL-DURATION"
_MOST_TRAVEL = timedelta(days=1)
_ZONE_NAMED = re.compile(r';TZID=(?:"[^"]*"|[^:;,]*)', re.IGNORECASE)


def without_zones(fragment: Fragment) -> Fragment:
    """The same event, its times floating where nobody knows their zone."""

    def floating(line: str) -> str:
        try:
            list(moments(line, fragment.around))
        except UnknownZoneError:
            return _ZONE_NAMED.sub("", line)
        except UnreadableTimeError:
            pass  # no zone would mend it: whoever reads the line says what is wrong with it
        return line

    times = [
        name
        for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE")
        if name in fragment.lines
    ]
    return replace(
        fragment,
        lines=fragment.lines | {name: list(map(floating, fragment.lines[name])) for name in times},
    )


def as_days(span: EventSpan, zone: tzinfo) -> EventSpan:
    """What Outlook marks as lasting all day, though it is written with times: the dates at whose
    midnights it starts and ends, in the zone it is written in or else in the user's."""
    if not isinstance(span.start, datetime):
        return span
    for where in (span.start.tzinfo, zone):
        start, end = span.start_utc.astimezone(where), span.end_utc.astimezone(where)
        if start.time() == end.time() == time():
            days = max((end.date() - start.date()).days, 1)
            first = midnight(start.date(), UTC)
            return EventSpan(start.date(), first, first + timedelta(days=days), days, timedelta())
    return span


def modified(fragment: Fragment) -> datetime | None:
    """When this version was written. In UTC by the standard; without a zone UTC is meant."""
    lines = fragment.lines.get("LAST-MODIFIED") or fragment.lines.get("DTSTAMP")
    try:
        when = datetime.fromisoformat(lines[0].rpartition(":")[2].strip()) if lines else None
        return when.astimezone(UTC) if when and when.tzinfo else when and when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def travel(fragment: Fragment) -> timedelta:
    """The time on the way that Apple's calendar shows before an event."""
    lines = fragment.lines.get(_TRAVEL)
    if not lines:
        return timedelta()
    try:
        days, rest = length(lines[0])
    except UnreadableTimeError:
        return timedelta()
    return min(max(timedelta(days=days) + rest, timedelta()), _MOST_TRAVEL)
