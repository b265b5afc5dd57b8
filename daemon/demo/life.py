"""Two years of Sam's calendars: who Sam meets, and all that only looks like meeting somebody.

Everything is relative to `now`, so the story is the same on any day: Jane and Omar are overdue, Lee
has gone quiet, Priya is met every week, Tomás is booked, Noor is new. Around them stands what fikad
must not be fooled by: meetings that were declined or cancelled, team meetings, rooms, birthdays,
flights, holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from icalendar import Event, vRecur

from daemon.demo.events import (
    ME,
    ZONE,
    DemoEvent,
    Guest,
    at,
    calendar_text,
    component,
    demo_event,
)

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
        start = at(monday, -weeks, 2, 10, 0)
        yield demo_event(
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
        yield demo_event(
            "Personal",
            f"omar-{number}",
            titles[number % len(titles)],
            at(monday, -weeks, 3, 12, 30),
            60,
        )


def _weeklies_with_priya(monday: date) -> Iterator[DemoEvent]:
    """A weekly one-on-one in a room, with two weeks of holidays taken out and one moved to the
    Friday."""
    start = at(monday, -WEEKS, 1, 14, 0)
    guests = [
        Guest(ME),
        Guest(email("priya")),
        Guest("room-3@resource.calendar.google.com", kind="RESOURCE"),
    ]
    series = component("priya-weekly", "Priya / Sam", start, 30, guests)
    series.add("rrule", vRecur({"FREQ": "WEEKLY"}))
    series.add("exdate", [at(monday, -20, 1, 14, 0), at(monday, -19, 1, 14, 0)])
    moved = component("priya-weekly", "Priya / Sam", at(monday, -3, 4, 15, 0), 30, guests)
    moved.add("recurrence-id", at(monday, -3, 1, 14, 0))
    yield DemoEvent("Work", "priya-weekly", calendar_text(series, moved))


def _old_friends(monday: date) -> Iterator[DemoEvent]:
    """Lee, long ago; walks with Rose-Lynn; calls with Klaus; Tomás, already booked for next
    week."""
    for number, weeks in enumerate((100, 92, 80, 66)):
        guests = [Guest(ME), Guest(email("lee"))]
        yield demo_event(
            "Personal",
            f"lee-{number}",
            "Dinner at Lee's place",
            at(monday, -weeks, 5, 19, 0),
            150,
            guests,
        )
    for number, weeks in enumerate(range(90, 9, -9)):
        yield demo_event(
            "Personal", f"rose-{number}", "Walk with Rose-Lynn", at(monday, -weeks, 6, 11, 0), 90
        )
    for number, weeks in enumerate(range(60, 1, -5)):
        yield demo_event(
            "Personal", f"klaus-{number}", "Call Klaus Weber", at(monday, -weeks, 0, 17, 0), 30
        )
    for number, weeks in enumerate(range(70, 6, -7)):
        guests = [Guest(ME), Guest(email("tomas"))]
        yield demo_event(
            "Personal", f"tomas-{number}", "Breakfast", at(monday, -weeks, 4, 8, 30), 60, guests
        )
    booked = [Guest(ME), Guest(email("tomas"))]
    yield demo_event("Personal", "tomas-next", "Breakfast", at(monday, 1, 4, 8, 30), 60, booked)


def _meetings_that_were_not(monday: date) -> Iterator[DemoEvent]:
    """Declined, cancelled, unanswered, gift ideas and birthdays."""
    declined = [Guest(ME), Guest(email("jane"), "DECLINED")]
    yield demo_event("Personal", "jane-declined", "Coffee", at(monday, -4, 2, 10, 0), 60, declined)
    mine = [Guest(ME, "DECLINED"), Guest(email("omar"))]
    yield demo_event(
        "Personal",
        "omar-declined",
        "Beer",
        at(monday, -2, 4, 19, 0),
        90,
        mine,
        organizer=email("omar"),
    )
    cancelled = [Guest(ME), Guest(email("rose"))]
    yield demo_event(
        "Personal",
        "rose-cancelled",
        "Walk",
        at(monday, -1, 6, 11, 0),
        90,
        cancelled,
        status="CANCELLED",
    )
    waiting = [Guest(ME, "NEEDS-ACTION"), Guest(email("lee"))]
    yield demo_event(
        "Work",
        "lee-unanswered",
        "Catch up?",
        at(monday, -6, 1, 9, 0),
        30,
        waiting,
        organizer=email("lee"),
    )
    yield demo_event("Personal", "gift", "Buy present for Jane Doe", at(monday, -1, 5, 12, 0), 60)
    birthday = Event()
    birthday.add("uid", "jane-birthday")
    birthday.add("dtstamp", datetime(2024, 1, 1, tzinfo=UTC))
    birthday.add("summary", "Jane's birthday")
    birthday.add("dtstart", monday - timedelta(weeks=WEEKS))
    birthday.add("rrule", vRecur({"FREQ": "YEARLY"}))
    birthday.add("transp", "TRANSPARENT")
    yield DemoEvent("Personal", "jane-birthday", calendar_text(birthday))


def _work(monday: date) -> Iterator[DemoEvent]:
    """Team meetings, a daily stand-up, reviews: many people, no one-on-one. Some of next week is
    taken."""
    team = [
        Guest(ME),
        *(Guest(email(key)) for key in ("priya", "amira", "omar")),
        Guest("lists@example.org", kind="GROUP"),
    ]
    weekly = component("team", "Team meeting", at(monday, -WEEKS, 0, 10, 0), 60, team)
    weekly.add("rrule", vRecur({"FREQ": "WEEKLY"}))
    yield DemoEvent("Work", "team", calendar_text(weekly))
    standup = component("standup", "Stand-up", at(monday, -WEEKS, 0, 9, 15), 15, team[:4])
    standup.add("rrule", vRecur({"FREQ": "WEEKLY", "BYDAY": ["MO", "TU", "WE", "TH", "FR"]}))
    yield DemoEvent("Work", "standup", calendar_text(standup))
    for week in range(-8, 4):
        guests = [Guest(ME), *(Guest(f"client{n}@example.net") for n in range(3))]
        yield demo_event(
            "Work", f"client-{week}", "Client review", at(monday, week, 2, 14, 0), 120, guests
        )
        yield demo_event("Work", f"focus-{week}", "Writing", at(monday, week, 3, 9, 0), 150)


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
        yield DemoEvent("Personal", uid, calendar_text(event))
