"""Calendars to measure with: years of one person's life, of any size and the same at every run.

Two events in a hundred are series. One in eight is a one-on-one with a guest, one in seventeen a
one-on-one by title only; half are meetings of several, the others appointments alone. Every text
carries the VTIMEZONE of its zone, as calendar apps write them, and many carry an alarm and a
description. All of it lies between three years ago and four months ahead, where nothing is skipped
as old."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

ME = "sam@example.com"
SERIES_SHARE = 0.02
PAST = timedelta(days=3 * 365 - 10)
AHEAD = timedelta(days=110)

_FIRST = (
    *(
        "Ada",
        "Ben",
        "Cleo",
        "Dan",
        "Eva",
        "Finn",
        "Gita",
        "Hugo",
        "Ines",
        "Jane",
        "Karl",
        "Lena",
        "Miro",
        "Nora",
    ),
    *(
        "Olaf",
        "Pia",
        "Quinn",
        "Rosa",
        "Stig",
        "Tara",
        "Udo",
        "Vera",
        "Wim",
        "Xenia",
        "Yusuf",
        "Zoe",
        "Anouk",
        "Bilal",
    ),
    *(
        "Chiara",
        "Dara",
        "Emil",
        "Freya",
        "Gael",
        "Hana",
        "Ivo",
        "Jola",
        "Kaya",
        "Luca",
        "Maja",
        "Nils",
        "Orla",
        "Paul",
    ),
    *("Ravi", "Selma", "Tom", "Una", "Viggo", "Wanda", "Yara", "Zeno"),
)
_LAST = (
    *(
        "Abel",
        "Brandt",
        "Castro",
        "Dahl",
        "Eriksen",
        "Fischer",
        "Grant",
        "Holm",
        "Ito",
        "Jansen",
        "Keller",
        "Lindt",
    ),
    *(
        "Moreau",
        "Novak",
        "Okafor",
        "Petrov",
        "Quist",
        "Rossi",
        "Silva",
        "Tanaka",
        "Ueda",
        "Vogel",
        "Weiss",
        "Xu",
    ),
    *(
        "Yilmaz",
        "Zeller",
        "Amari",
        "Bauer",
        "Conti",
        "Diaz",
        "Engel",
        "Ferro",
        "Gupta",
        "Hansen",
        "Ivanov",
        "Joshi",
    ),
    *("Kovac", "Lopez", "Meyer", "Nguyen"),
)

_ZONES = {
    "Europe/Berlin": (
        "+0100",
        "+0200",
        "CET",
        "CEST",
        "3;BYDAY=-1SU",
        "10;BYDAY=-1SU",
        "T020000",
        "T030000",
    ),
    "America/New_York": (
        "-0500",
        "-0400",
        "EST",
        "EDT",
        "3;BYDAY=2SU",
        "11;BYDAY=1SU",
        "T020000",
        "T020000",
    ),
}
_ALARM = (
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
)
_ESSAY = (
    "DESCRIPTION:Agenda: what was decided last time\\, what is open\\, who takes what.\\n\r\n"
    " Dial in at https://meet.example.com/b4c1-77aa-90fe or by phone\\; the code is 4\r\n"
    " 71 902 118. Notes are kept in the usual place\\, please add yours beforehand.\r\n"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who stands in the calendar, and may be a contact."""

    name: str
    email: str


def people(count: int) -> list[Person]:
    """The first `count` people (2,000 at most), always the same."""
    names = [f"{first} {last}" for last, first in product(_LAST, _FIRST)]
    return [
        Person(name, f"person{number}@example.com") for number, name in enumerate(names[:count])
    ]


def events(count: int, now: datetime) -> Iterator[tuple[str, str]]:
    """`count` events as (UID, iCalendar text), one text at a time. `now` is aware."""
    chance = random.Random(20261101)
    known = people(300)
    zones = {name: _vtimezone(name) for name in _ZONES}
    every = round(1 / SERIES_SHARE)
    for number in range(count):
        uid = f"event-{number:05d}@bench.example.com"
        zone = "America/New_York" if chance.random() < 0.1 else "Europe/Berlin"
        start = now - PAST + (PAST + AHEAD) * (number / count)
        start = start.astimezone(UTC).replace(
            hour=chance.randrange(7, 18), minute=chance.choice((0, 15, 30, 45))
        )
        body = _about(chance, known, zone)
        rule = _rule(chance, start, zone) if number % every == 0 else ""
        yield uid, _text(uid, start, zone, zones[zone], rule, body)


def weekly_series(count: int, now: datetime) -> Iterator[tuple[str, str]]:
    """`count` series as `events` gives events: each every week for ten years, five of them past."""
    chance = random.Random(20261102)
    known, zone = people(300), "Europe/Berlin"
    definition = _vtimezone(zone)
    for number in range(count):
        start = (
            (now - timedelta(days=5 * 365 + number % 7))
            .astimezone(UTC)
            .replace(hour=chance.randrange(7, 18), minute=chance.choice((0, 15, 30, 45)))
        )
        uid, rule = f"series-{number:05d}@bench.example.com", "RRULE:FREQ=WEEKLY;COUNT=520\r\n"
        yield uid, _text(uid, start, zone, definition, rule, _about(chance, known, zone))


def _about(chance: random.Random, known: list[Person], zone: str) -> str:
    """What an event is about: title, guests, description."""
    # A few people are met often, most now and then.
    friend = known[min(int(chance.expovariate(1 / 40)), len(known) - 1)]
    kind = chance.random()
    if kind < 0.12:
        lines = [
            f"SUMMARY:{chance.choice(('Coffee', 'Lunch', 'Catch-up', '1:1'))} with {friend.name}",
            _organizer(),
        ]
        lines += [_guest(ME, "Sam", "ACCEPTED"), _guest(friend.email, friend.name, "ACCEPTED")]
    elif kind < 0.18:
        lines = [
            f"SUMMARY:{chance.choice(('Coffee', 'Walk', 'Call', 'Dinner'))} with {friend.name}"
        ]
    elif kind < 0.65:
        lines = [
            f"SUMMARY:{chance.choice(('Team meeting', 'Planning', 'Review', 'Retrospective'))}",
            _organizer(),
        ]
        lines.append(
            _guest(ME, "Sam", chance.choice(("ACCEPTED", "ACCEPTED", "TENTATIVE", "DECLINED")))
        )
        guests = chance.sample(known, chance.randrange(3, 13))
        lines += [_guest(guest.email, guest.name, "ACCEPTED") for guest in guests]
    else:
        titles = ("Dentist", "Groceries", "Gym", "Parents evening", "Focus", "Train")
        lines = [f"SUMMARY:{chance.choice(titles)}"]
    lines.append(f"LOCATION:Room {chance.randrange(1, 40)} ({zone})")
    body = "\r\n".join(lines) + "\r\n"
    return (
        body + (_ESSAY if chance.random() < 0.5 else "") + (_ALARM if chance.random() < 0.4 else "")
    )


def _organizer() -> str:
    return f"ORGANIZER;CN=Sam:mailto:{ME}"


def _guest(email: str, name: str, answer: str) -> str:
    return (
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};\r\n"
        f" CN={name}:mailto:{email}"
    )


def _rule(chance: random.Random, start: datetime, zone: str) -> str:
    """Weekly for half a year, monthly or yearly for ever, daily for two weeks; some with an
    instance left out."""
    rule = chance.choice(
        ("WEEKLY;COUNT=26", "WEEKLY;COUNT=26", "MONTHLY", "YEARLY", "DAILY;COUNT=14")
    )
    days = {"W": 7, "D": 1}.get(rule[0])
    left_out = (
        f"EXDATE;TZID={zone}:{start + timedelta(days=days):%Y%m%dT%H%M%S}\r\n" if days else ""
    )
    return f"RRULE:FREQ={rule}\r\n" + (left_out if chance.random() < 0.3 else "")


def _text(uid: str, start: datetime, zone: str, definition: str, rule: str, body: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example Corp//Calendar 4.2//EN\r\n"
        "CALSCALE:GREGORIAN\r\n"
        f"{definition}BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T080000Z\r\n"
        "CREATED:20260101T080000Z\r\n"
        f"SEQUENCE:1\r\nDTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}\r\n"
        f"DTEND;TZID={zone}:{start + timedelta(minutes=45):%Y%m%dT%H%M%S}\r\n"
        f"{rule}{body}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def _vtimezone(name: str) -> str:
    winter, summer, short, short_summer, begins, ends, at, back = _ZONES[name]
    month, day = begins.split(";")
    last_month, last_day = ends.split(";")
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nX-LIC-LOCATION:{name}\r\n"
        f"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:{winter}\r\nTZOFFSETTO:{summer}\r\n"
        f"TZNAME:{short_summer}\r\n"
        f"DTSTART:19700308{at}\r\nRRULE:FREQ=YEARLY;BYMONTH={month};{day}\r\nEND:DAYLIGHT\r\n"
        f"BEGIN:STANDARD\r\nTZOFFSETFROM:{summer}\r\nTZOFFSETTO:{winter}\r\nTZNAME:{short}\r\n"
        f"DTSTART:19701101{back}\r\nRRULE:FREQ=YEARLY;BYMONTH={last_month};{last_day}\r\n"
        "END:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
    )
