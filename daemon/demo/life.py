"""Two years of Sam's calendars: who Sam meets, and all that only looks like meeting somebody.

Everything is relative to `now`, so the story is the same on any day: Jane and Omar are overdue, Lee
has gone quiet, Priya is met every week, Tomás is booked, Noor is new. Around them stands what fikad
must not be fooled by: meetings that were declined or cancelled, team meetings, rooms, birthdays,
flights, holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vRecur

ZONE = ZoneInfo("Europe/Berlin")
ME = "sam@example.com"
CALENDARS = ("Personal", "Work")
WEEKS = 104
"""How far back the life goes."""

PEOPLE = {
    "jane": "Jane Doe",
    "omar": "Omar Haddad",
    "priya": "Priya Nair",
    "lee": "Lee Chen",
    "rose": "Rose-Lynn Carter",
    "tomas": "Tomás Ortega",
    "klaus": "Klaus Weber",
    "amira": "Amira Said",
    "noor": "Noor Rahman",
}

CONFIG = """\
timezone = "Europe/Berlin"
me = ["sam@example.com"]

[accounts.home]
type = "caldav"
url = "{url}"
username = "sam"
password = {{ file = "{password}" }}

[holds]
account = "home"
calendar = "Coffee"

[rhythm]
per_week = 3
open = 4
notice = "1 day"

[availability]
monday = ["09:00-18:00"]
tuesday = ["09:00-18:00"]
wednesday = ["09:00-18:00"]
thursday = ["09:00-20:00"]
friday = ["09:00-17:00"]

[occasions.coffee]
title = "Coffee with {{name}}?"
minutes = 45
between = ["09:30-11:30", "14:30-16:30"]
days = ["mon", "tue", "wed", "thu", "fri"]

[occasions.lunch]
title = "Lunch with {{name}}?"
minutes = 60
between = ["12:00-14:00"]
days = ["mon", "tue", "wed", "thu", "fri"]

[circles.council]
cadence = "1 month"
weight = 1.5

[circles.friends]
cadence = "6 weeks"

[circles.wider]
cadence = "3 months"
weight = 0.8
"""

CIRCLES = {
    "jane": "council",
    "omar": "council",
    "priya": "council",
    "amira": "council",
    "lee": "wider",
    "rose": "friends",
    "tomas": "friends",
    "klaus": "friends",
    "noor": "wider",
}


def config_text(url: str, password_file: str) -> str:
    """Sam's config file, for a server at `url`."""
    contacts = "".join(
        f'\n[[contacts]]\nname = "{name}"\nemails = ["{email(key)}"]\ncircle = "{CIRCLES[key]}"\n'
        for key, name in PEOPLE.items()
    )
    return CONFIG.format(url=url, password=password_file) + contacts


def email(key: str) -> str:
    """The address a person of the demo uses."""
    return f"{key}@example.org"


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


def life(now: datetime) -> Iterator[DemoEvent]:
    """Sam's events up to `now` (aware) and a little beyond, in a fixed order."""
    monday = _monday(now)
    yield from _coffees_with_jane(monday)
    yield from _lunches_with_omar(monday)
    yield from _weeklies_with_priya(monday)
    yield from _old_friends(monday)
    yield from _meetings_that_were_not(monday)
    yield from _work(monday)
    yield from _days(monday)


def _monday(now: datetime) -> date:
    today = now.astimezone(ZONE).date()
    return today - timedelta(days=today.weekday())


def _coffees_with_jane(monday: date) -> Iterator[DemoEvent]:
    """Every fourth week, with an invitation, until nine weeks ago."""
    for number, weeks in enumerate(range(WEEKS, 8, -4)):
        start = _at(monday, -weeks, 2, 10, 0)
        yield _event(
            "Personal",
            f"jane-{number}",
            "Coffee",
            start,
            60,
            [Guest(ME), Guest(email("jane"))],
            location="Café Krone",
        )


def _lunches_with_omar(monday: date) -> Iterator[DemoEvent]:
    """By title only, the way private appointments are written."""
    titles = (
        "Lunch with Omar",
        "lunch w/ Omar",
        "Omar Haddad <> Sam, lunch",
        "Mittag: Lunch Omar Haddad",
    )
    for number, weeks in enumerate(range(WEEKS - 2, 5, -6)):
        yield _event(
            "Personal",
            f"omar-{number}",
            titles[number % len(titles)],
            _at(monday, -weeks, 3, 12, 30),
            60,
        )


def _weeklies_with_priya(monday: date) -> Iterator[DemoEvent]:
    """A weekly one-on-one in a room, with two weeks of holidays taken out and one moved to the
    Friday."""
    start = _at(monday, -WEEKS, 1, 14, 0)
    guests = [
        Guest(ME),
        Guest(email("priya")),
        Guest("room-3@resource.calendar.google.com", kind="RESOURCE"),
    ]
    series = _vevent("priya-weekly", "Priya / Sam", start, 30, guests)
    series.add("rrule", vRecur({"FREQ": "WEEKLY"}))
    series.add("exdate", [_at(monday, -20, 1, 14, 0), _at(monday, -19, 1, 14, 0)])
    moved = _vevent("priya-weekly", "Priya / Sam", _at(monday, -3, 4, 15, 0), 30, guests)
    moved.add("recurrence-id", _at(monday, -3, 1, 14, 0))
    yield DemoEvent("Work", "priya-weekly", _calendar(series, moved))


def _old_friends(monday: date) -> Iterator[DemoEvent]:
    """Lee, long ago; walks with Rose-Lynn; calls with Klaus; Tomás, already booked for next
    week."""
    for number, weeks in enumerate((100, 92, 80, 66)):
        guests = [Guest(ME), Guest(email("lee"))]
        yield _event(
            "Personal",
            f"lee-{number}",
            "Dinner at Lee's place",
            _at(monday, -weeks, 5, 19, 0),
            150,
            guests,
        )
    for number, weeks in enumerate(range(90, 9, -9)):
        yield _event(
            "Personal", f"rose-{number}", "Walk with Rose-Lynn", _at(monday, -weeks, 6, 11, 0), 90
        )
    for number, weeks in enumerate(range(60, 1, -5)):
        yield _event(
            "Personal", f"klaus-{number}", "Call Klaus Weber", _at(monday, -weeks, 0, 17, 0), 30
        )
    for number, weeks in enumerate(range(70, 6, -7)):
        guests = [Guest(ME), Guest(email("tomas"))]
        yield _event(
            "Personal", f"tomas-{number}", "Breakfast", _at(monday, -weeks, 4, 8, 30), 60, guests
        )
    booked = [Guest(ME), Guest(email("tomas"))]
    yield _event("Personal", "tomas-next", "Breakfast", _at(monday, 1, 4, 8, 30), 60, booked)


def _meetings_that_were_not(monday: date) -> Iterator[DemoEvent]:
    """Declined, cancelled, unanswered, gift ideas and birthdays."""
    declined = [Guest(ME), Guest(email("jane"), "DECLINED")]
    yield _event("Personal", "jane-declined", "Coffee", _at(monday, -4, 2, 10, 0), 60, declined)
    mine = [Guest(ME, "DECLINED"), Guest(email("omar"))]
    yield _event(
        "Personal",
        "omar-declined",
        "Beer",
        _at(monday, -2, 4, 19, 0),
        90,
        mine,
        organizer=email("omar"),
    )
    cancelled = [Guest(ME), Guest(email("rose"))]
    yield _event(
        "Personal",
        "rose-cancelled",
        "Walk",
        _at(monday, -1, 6, 11, 0),
        90,
        cancelled,
        status="CANCELLED",
    )
    waiting = [Guest(ME, "NEEDS-ACTION"), Guest(email("lee"))]
    yield _event(
        "Work",
        "lee-unanswered",
        "Catch up?",
        _at(monday, -6, 1, 9, 0),
        30,
        waiting,
        organizer=email("lee"),
    )
    yield _event("Personal", "gift", "Buy present for Jane Doe", _at(monday, -1, 5, 12, 0), 60)
    birthday = Event()
    birthday.add("uid", "jane-birthday")
    birthday.add("dtstamp", datetime(2024, 1, 1, tzinfo=UTC))
    birthday.add("summary", "Jane's birthday")
    birthday.add("dtstart", monday - timedelta(weeks=WEEKS))
    birthday.add("rrule", vRecur({"FREQ": "YEARLY"}))
    birthday.add("transp", "TRANSPARENT")
    yield DemoEvent("Personal", "jane-birthday", _calendar(birthday))


def _work(monday: date) -> Iterator[DemoEvent]:
    """Team meetings, a daily stand-up, reviews: many people, no one-on-one. Some of next week is
    taken."""
    team = [
        Guest(ME),
        *(Guest(email(key)) for key in ("priya", "amira", "omar")),
        Guest("lists@example.org", kind="GROUP"),
    ]
    weekly = _vevent("team", "Team meeting", _at(monday, -WEEKS, 0, 10, 0), 60, team)
    weekly.add("rrule", vRecur({"FREQ": "WEEKLY"}))
    yield DemoEvent("Work", "team", _calendar(weekly))
    standup = _vevent("standup", "Stand-up", _at(monday, -WEEKS, 0, 9, 15), 15, team[:4])
    standup.add("rrule", vRecur({"FREQ": "WEEKLY", "BYDAY": ["MO", "TU", "WE", "TH", "FR"]}))
    yield DemoEvent("Work", "standup", _calendar(standup))
    for week in range(-8, 4):
        guests = [Guest(ME), *(Guest(f"client{n}@example.net") for n in range(3))]
        yield _event(
            "Work", f"client-{week}", "Client review", _at(monday, week, 2, 14, 0), 120, guests
        )
        yield _event("Work", f"focus-{week}", "Writing", _at(monday, week, 3, 9, 0), 150)


def _days(monday: date) -> Iterator[DemoEvent]:
    """Whole days: a conference trip in two weeks, last summer's holiday, public holidays that block
    nothing."""
    for uid, title, first, days, transparent in (
        ("trip", "Conference in Lisbon", monday + timedelta(weeks=2), 3, False),
        ("holiday", "Holiday in Brittany", monday - timedelta(weeks=20), 14, False),
        ("public", "Public holiday", monday + timedelta(weeks=1, days=1), 1, True),
    ):
        event = Event()
        event.add("uid", uid)
        event.add("dtstamp", datetime(2024, 1, 1, tzinfo=UTC))
        event.add("summary", title)
        event.add("dtstart", first)
        event.add("dtend", first + timedelta(days=days))
        event.add("transp", "TRANSPARENT" if transparent else "OPAQUE")
        yield DemoEvent("Personal", uid, _calendar(event))


def _at(monday: date, weeks: int, weekday: int, hour: int, minute: int) -> datetime:
    day = monday + timedelta(weeks=weeks, days=weekday)
    return datetime.combine(day, time(hour, minute), ZONE)


def _event(
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
    event = _vevent(uid, title, start, minutes, guests or [], organizer)
    event["status"] = status
    if location:
        event.add("location", location)
    return DemoEvent(calendar, uid, _calendar(event))


def meeting(start: datetime) -> str:
    """The text of an hour's meeting that somebody put on that time."""
    return _calendar(_vevent("sudden", "Budget, urgent", start.astimezone(UTC), 60, []))


def _vevent(
    uid: str, title: str, start: datetime, minutes: int, guests: list[Guest], organizer: str = ME
) -> Event:
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


def _calendar(*events: Event) -> str:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//fikad//demo//EN")
    for event in events:
        calendar.add_component(event)
    return str(calendar.to_ical().decode())
