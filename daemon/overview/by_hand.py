"""What the user enters by hand: that somebody was met, is to be left alone, or a note on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.durations import parse_duration
from daemon.holds.cooldown import cooldown_after
from daemon.holds.moments import met_at, until
from daemon.holds.orders import LONGEST_SNOOZE, read_past_day, read_when
from daemon.ledger.ledger import ledger_view, open_ledger
from daemon.overview.contact import facts_of_contact
from daemon.overview.naming import contacts_in, the_contact
from daemon.people.contacts import Contact


class UnclearTimeError(FikadError):
    """A day or a time that cannot be understood, or that is ahead where it must be over."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Entered:
    """Whom something was entered for, and the time that came of it."""

    contact: Contact
    when: datetime
    """When they were met, until when they are left alone, or when the note was written."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Enters into the ledger of a state folder what is said of a contact. Raises UnknownNameError,
    LedgerError."""

    config: Config
    state: Path

    def met(self, name: str, on: str, now: datetime) -> Entered:
        """That they were met: now, or at noon of a day in the user's zone that is not ahead
        ("2026-11-22", "yesterday", "12 May"). Raises UnclearTimeError."""
        when = _noon_of(on, now, self.config) if on else now
        contact = self._contact(name, now)
        with open_ledger(self.state) as ledger:
            ledger.add_met(contact.key, when, now)
        return Entered(contact, when)

    def snooze(self, name: str, how_long: str, now: datetime) -> Entered:
        """That they are left alone: for so long ("3 weeks", "3w"), until then ("until 12 Jan"),
        else for as long as they rest anyway. Raises UnclearTimeError."""
        until = _put_off(how_long, now, self.config) if how_long else None
        contact = self._contact(name, now)
        if until is None:
            rest = cooldown_after(1, contact.cadence, self.config.rhythm.rest)
            until = now + min(rest, LONGEST_SNOOZE)
        with open_ledger(self.state) as ledger:
            ledger.snooze(contact.key, until, now)
        return Entered(contact, until)

    def note(self, name: str, text: str, now: datetime) -> Entered:
        """A note on them, in one line; an empty one removes it."""
        contact = self._contact(name, now)
        with open_ledger(self.state) as ledger:
            ledger.note(contact.key, " ".join(text.split()), now)
        return Entered(contact, now)

    def note_on(self, name: str, now: datetime) -> tuple[Contact, str]:
        """The note on them, "" when there is none."""
        contact = self._contact(name, now)
        with ledger_view(self.state) as ledger:
            record = ledger.people().get(contact.key)
        return contact, record.note if record else ""

    def facts(self, contact: Contact, now: datetime) -> dict[str, Any]:
        """What is known of a contact since, as JSON."""
        with ledger_view(self.state) as ledger:
            return facts_of_contact(contact.key, self.config, ledger, now)

    def _contact(self, name: str, now: datetime) -> Contact:
        return the_contact(contacts_in(self.config, self.state, now), name)


def _noon_of(on: str, now: datetime, config: Config) -> datetime:
    """Noon of a day that is not ahead; of today at the latest now."""
    advice = 'write the day as 2026-11-22, "12 May" or "yesterday"'
    try:
        day = date.fromisoformat(on.strip())
    except ValueError:
        when = read_past_day(on, config.language)
        if when is None:
            raise UnclearTimeError(f'"{on}" is no day that fikad understands', advice) from None
        if when.kind == "date" and when.number > 0:
            day = now.astimezone(config.zone).date() + timedelta(days=when.number)
        else:
            return met_at(when, now, config.zone)
    if day > now.astimezone(config.zone).date():
        raise UnclearTimeError(
            f'"{on}" is in the future', "`met` is for meetings that took place; name an earlier day"
        )
    return min(now, datetime.combine(day, time(12), config.zone))


def _put_off(how_long: str, now: datetime, config: Config) -> datetime:
    """The end of a span from now, or the time named."""
    try:
        return now + min(parse_duration(how_long), LONGEST_SNOOZE)
    except ValueError:
        when = read_when(how_long, config.language)
    if when is None:
        raise UnclearTimeError(
            f'"{how_long}" is no time that fikad understands',
            'write for example "3 weeks", "3w", "until 12 Jan" or "until January"',
        )
    return until(when, now, config.zone)
