"""What the user enters by hand: that somebody was met, is to be left alone, or a note on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from daemon.config.schema import Config
from daemon.holds.cooldown import cooldown_after
from daemon.holds.orders import LONGEST_SNOOZE
from daemon.ledger.ledger import ledger_view, open_ledger
from daemon.overview.contact import facts_of_contact
from daemon.overview.naming import contacts_in, the_contact
from daemon.people.contacts import Contact


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

    def met(self, name: str, day: date | None, now: datetime) -> Entered:
        """That they were met: now, or at noon of a day in the user's zone that is not ahead."""
        contact = self._contact(name, now)
        when = now
        if day is not None:
            when = min(now, datetime.combine(day, time(12), self.config.zone))
        with open_ledger(self.state) as ledger:
            ledger.add_met(contact.key, when, now)
        return Entered(contact, when)

    def snooze(self, name: str, span: timedelta | None, now: datetime) -> Entered:
        """That they are left alone: for so long, else for as long as they rest anyway."""
        contact = self._contact(name, now)
        if span is None:
            span = cooldown_after(1, contact.cadence, self.config.rhythm.rest)
        until = now + min(span, LONGEST_SNOOZE)
        with open_ledger(self.state) as ledger:
            ledger.snooze(contact.key, until, now)
        return Entered(contact, until)

    def note(self, name: str, text: str, now: datetime) -> Entered:
        """A note on them, in one line; an empty one removes it."""
        contact = self._contact(name, now)
        with open_ledger(self.state) as ledger:
            ledger.note(contact.key, " ".join(text.split()), now)
        return Entered(contact, now)

    def facts(self, contact: Contact, now: datetime) -> dict[str, Any]:
        """What is known of a contact since, as JSON."""
        with ledger_view(self.state) as ledger:
            return facts_of_contact(contact.key, self.config, ledger, now)

    def _contact(self, name: str, now: datetime) -> Contact:
        return the_contact(contacts_in(self.config, self.state, now), name)
