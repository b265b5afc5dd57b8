"""How an event of the demo is written: as a calendar program would, its time zone with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress

ZONE = ZoneInfo("Europe/Berlin")
ME = "sam@example.com"

_TIME_ZONE = Timezone.from_ical(
    """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""
)
"""RFC 5545 section 3.6.5 demands it beside a TZID; Radicale works it out anew for each event that
comes without, which takes five times as long as storing the event."""


@dataclass(frozen=True, slots=True)
class DemoEvent:
    """One event as it will be put on the server."""

    calendar: str
    uid: str
    text: str


@dataclass(frozen=True, slots=True)
class Guest:
    """An ATTENDEE: an address, its PARTSTAT and CUTYPE."""

    address: str
    answer: str = "ACCEPTED"
    kind: str = "INDIVIDUAL"


def at(monday: date, weeks: int, weekday: int, hour: int, minute: int) -> datetime:
    """That time by Sam's clock, so many weeks and days (0: Monday) after a Monday."""
    day = monday + timedelta(weeks=weeks, days=weekday)
    return datetime.combine(day, time(hour, minute), ZONE)


def demo_event(
    calendar: str,
    uid: str,
    title: str,
    start: datetime,
    minutes: int,
    guests: list[Guest] | None = None,
    *,
    organizer: str = ME,
    location: str = "",
    status: str = "CONFIRMED",
) -> DemoEvent:
    """One appointment with a start and an end; with guests it is an invitation of `organizer`."""
    event = component(uid, title, start, minutes, guests or [], organizer)
    event["status"] = status
    if location:
        event.add("location", location)
    return DemoEvent(calendar, uid, calendar_text(event))


def meeting(start: datetime) -> str:
    """The text of an hour's meeting that somebody put on that time."""
    return calendar_text(component("sudden", "Budget, urgent", start.astimezone(UTC), 60, []))


def component(
    uid: str, title: str, start: datetime, minutes: int, guests: list[Guest], organizer: str = ME
) -> Event:
    """The VEVENT of an appointment, for a series to be made of it."""
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", datetime(2024, 1, 1, tzinfo=UTC))
    event.add("summary", title)
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=minutes))
    if guests:
        event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    for guest in guests:
        address = vCalAddress(f"mailto:{guest.address}")
        address.params["PARTSTAT"] = guest.answer
        address.params["CUTYPE"] = guest.kind
        event.add("attendee", address)
    return event


def calendar_text(*events: Event) -> str:
    """The iCalendar text of one resource, as a calendar program would send it."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//fikad//demo//EN")
    calendar.add_component(_TIME_ZONE)
    for event in events:
        calendar.add_component(event)
    return str(calendar.to_ical().decode())
