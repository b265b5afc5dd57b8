"""Requests for plans, by the wall clock of Berlin in November 2026, and what came of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from daemon.config.schema import Rhythm
from daemon.judging.recency import Held, Met, RecencyInputs, Standing, standings
from daemon.people.contacts import Contact
from daemon.planning.planner import plan
from daemon.planning.request import Plan, PlanRequest
from daemon.planning.slots import Slot

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 8, 16, tzinfo=UTC)  # 17:00 in Berlin
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time in Berlin in November 2026, as an instant."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def slot(day: int, hour: int, occasion: str = "coffee") -> Slot:
    return Slot(occasion, at(day, hour), at(day, hour) + HOUR)


def held(day: int, hour: int, state: str = "proposed", key: str = "someone", uid: str = "") -> Held:
    return Held(key, at(day, hour), at(day, hour) + HOUR, state, "coffee", uid)  # type: ignore[arg-type]


def rhythm(**changes: object) -> Rhythm:
    return Rhythm.model_validate({"per_week": 10, "per_day": 10, "open": 10} | changes)


def person(key: str, **more: object) -> Contact:
    return Contact(key=key, name=key.title(), cadence=6 * WEEK, **more)  # type: ignore[arg-type]


def due(*people: Contact | str, weeks: int = 7) -> tuple[Standing, ...]:
    """Standings of people last met so many weeks ago, the first a little longer than the next."""
    contacts = [someone if isinstance(someone, Contact) else person(someone) for someone in people]
    ends = [SUNDAY - weeks * WEEK + candidate * HOUR for candidate in range(len(contacts))]
    meetings = [
        Met(contact.key, end - HOUR, end, "attendee")
        for contact, end in zip(contacts, ends, strict=True)
    ]
    return standings(contacts, RecencyInputs(now=SUNDAY, zone=BERLIN, meetings=meetings))


def make(
    who: tuple[Standing, ...],
    *slots: Slot,
    by: Rhythm | None = None,
    holds: tuple[Held, ...] = (),
    **more: Any,
) -> Plan:
    facts: dict[str, Any] = {
        "held": holds,
        "rhythm": by or rhythm(),
        "zone": BERLIN,
        "now": SUNDAY,
    } | more
    return plan(PlanRequest(standings=who, slots=slots, **facts))


def chosen(made: Plan) -> dict[str, datetime]:
    return {proposal.contact.key: proposal.slot.start for proposal in made.proposals}


def waiting(made: Plan) -> dict[str, str]:
    return {waiting.contact_key: waiting.code for waiting in made.waiting}


WEEKDAYS = [slot(day, hour) for day in (9, 10, 11, 12, 13) for hour in (10, 12, 14)]
