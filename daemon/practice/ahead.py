"""What lies ahead: dates, suggestions and birthdays by day, who waits and why, and who has gone
quiet for so long that a message would be worth most.

Nothing is judged here: a plan says who waits, a standing who has gone quiet, the balance of the
practice which ties are old. Nobody who is paused is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from daemon.holds.record import Hold, is_open
from daemon.judging.recency import Standing
from daemon.people.birthdays import next_birthday
from daemon.people.contacts import Contact
from daemon.planning.request import Waiting
from daemon.practice.this_week import is_left_alone, is_quiet
from daemon.reasons import Reason
from daemon.situation.situation import Situation

_NOT_WAITING = frozenset({"not-due", "booked", "hold", "paused"})
"""Reasons of people who are not due, or have something ahead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on one day ahead."""

    day: date
    """In the user's zone, as `start`."""
    kind: Literal["booked", "asked", "birthday"]
    contact: Contact
    start: datetime | None = None
    """None: all day."""
    occasion: str = ""
    """Its name in the config, where fikad placed it."""


def ahead(situation: Situation, span: timedelta) -> tuple[Entry, ...]:
    """What lies between now and `span` from now, the next first."""
    until = situation.now + span
    entries = [
        entry
        for entry in _entries(situation)
        if situation.today <= entry.day and (entry.start is None or entry.start < until)
        if entry.day <= until.astimezone(situation.config.zone).date()
    ]
    return tuple(sorted(entries, key=_place))


def waiting(situation: Situation) -> tuple[Waiting, ...]:
    """Those who are due and have nothing ahead, the most pressing first: with the code `next` who
    would be asked if holds were proposed now, and the others with why they wait."""
    known = {
        **{each.contact_key: each for each in situation.plan.waiting},
        **{
            each.contact.key: Waiting(each.contact.key, Reason("next"))
            for each in situation.plan.proposals
        },
    }
    return tuple(
        known[key]
        for key, standing in situation.standings.items()
        if key in known and not standing.contact.paused and standing.due <= situation.now
        if known[key].code not in _NOT_WAITING
    )


def gone_quiet(situation: Situation) -> tuple[Standing, ...]:
    """Who has gone quiet, the most pressing first; without the old ties."""
    return tuple(
        standing
        for standing in situation.standings.values()
        if is_quiet(standing) and not situation.balance.is_dormant(standing)
    )


def old_ties(situation: Situation) -> tuple[Standing, ...]:
    """Whom the user has not met for over a year, with nothing ahead, the most pressing first."""
    return tuple(
        standing
        for standing in situation.standings.values()
        if situation.balance.is_dormant(standing) and is_left_alone(standing)
    )


def _entries(situation: Situation) -> Iterator[Entry]:
    zone, contacts = situation.config.zone, situation.contacts
    holds = [hold for hold in situation.holds if _stands(hold, situation)]
    for hold in holds:
        contact = contacts.get(hold.contact_key)
        if contact is not None and not contact.paused:
            start = hold.start.astimezone(zone)
            kind: Literal["booked", "asked"] = "booked" if hold.state == "accepted" else "asked"
            yield Entry(start.date(), kind, contact, start, hold.occasion)
    accepted = {hold.contact_key for hold in holds if hold.state == "accepted"}
    for key, standing in situation.standings.items():
        contact = standing.contact
        if contact.paused:
            continue
        if standing.next_booked and key not in accepted:
            start = standing.next_booked.astimezone(zone)
            yield Entry(start.date(), "booked", contact, start)
        if birthday := next_birthday(contact, situation.today):
            yield Entry(birthday, "birthday", contact)


def _stands(hold: Hold, situation: Situation) -> bool:
    if hold.uid in situation.undone or hold.end <= situation.now:
        return False
    return hold.state == "accepted" or is_open(hold, situation.now)


def _place(entry: Entry) -> tuple[date, bool, datetime | date, str]:
    return entry.day, entry.start is not None, entry.start or entry.day, entry.contact.key
