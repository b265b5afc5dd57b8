"""When somebody's birthday comes next, and whose birthday a calendar tells.

A birthday is a day of the year where the user lives. Who was born on 29 February celebrates on the
28th in a year that has no such day, so that nobody is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from connectors.address_book import YearlyDay
from connectors.base import Occurrence
from daemon.people.contacts import Contact

NEARBY = timedelta(weeks=2)
"""For so long before it a birthday counts."""


def next_birthday(contact: Contact, today: date) -> date | None:
    """The next one, today included, in the calendar of the user's zone, as `today`; None where it
    is not known, or the contact is paused or dead: those are named nowhere."""
    if contact.birthday is None or contact.paused or contact.dead:
        return None
    this_year = _in_year(contact.birthday, today.year)
    return this_year if this_year >= today else _in_year(contact.birthday, today.year + 1)


def nearby_birthday(contact: Contact, today: date, until: date | None = None) -> date | None:
    """The next one, if it is no more than two weeks after `until` (by default today)."""
    day = next_birthday(contact, today)
    return day if day is not None and day <= max(until or today, today) + NEARBY else None


def with_birthdays(
    contacts: Mapping[str, Contact],
    occurrences: Iterable[Occurrence],
    identities: Mapping[str, str],
) -> dict[str, Contact]:
    """The contacts (by key), with the birthdays that a calendar knows of those for whom nobody else
    told one. `identities` are contact keys by the UID of a card; a title never tells whose birthday
    it is."""
    told = dict(contacts)
    for occurrence in occurrences:
        if not occurrence.birthday_of or not occurrence.all_day:
            continue
        contact = told.get(identities.get(occurrence.birthday_of, ""))
        if contact is not None and contact.birthday is None:
            day = occurrence.start.date()
            told[contact.key] = replace(contact, birthday=YearlyDay(day.month, day.day))
    return told


def _in_year(birthday: YearlyDay, year: int) -> date:
    try:
        return date(year, birthday.month, birthday.day)
    except ValueError:
        return date(year, 2, 28)
