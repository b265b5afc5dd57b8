"""The message with which somebody may be asked now: what `fikad ask` tells. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.cycle.reading import SLACK
from daemon.durations import iso_time
from daemon.holds.ask import Message, message
from daemon.holds.moments import When, lies_in
from daemon.holds.orders import read_when
from daemon.ledger.ledger import Ledger, ledger_view
from daemon.overview.naming import the_contact
from daemon.people.contacts import Contact
from daemon.planning.slots import Slot
from daemon.practice.asking import NOTHING, Offer, for_the_hold, invitation, of_open_slots
from daemon.situation.assessing import contacts_now, read_situation
from daemon.situation.situation import Situation


class UnknownTimeError(FikadError):
    """A text that names no time to come."""

    exit_code = 2


class NotReadError(FikadError):
    """What is open is not known: an account could not be read."""

    exit_code = 12


class NothingOpenError(FikadError):
    """No slot is open in the span that was named."""


@dataclass(frozen=True, slots=True)
class PreparedAsk:
    """A message, and what it offers."""

    contact: Contact
    occasion: str
    slots: tuple[Slot, ...]
    """The first is the one that is asked for, the others are its other times."""
    message: Message

    def as_json(self, config: Config) -> dict[str, Any]:
        """The facts as JSON; times with the offset of the user's zone."""
        times = [
            {"start": iso_time(slot.start, config.zone), "end": iso_time(slot.end, config.zone)}
            for slot in self.slots
        ]
        return {
            "contact": self.contact.name,
            "occasion": self.occasion,
            "times": times,
            "message": self.message.text,
            "link": self.message.link,
        }


def ask(config: Config, state: Path, name: str, when: str, now: datetime) -> PreparedAsk:
    """What to send to the contact meant by `name`: for the hold ahead where `when` is empty and
    there is one, else for open slots at the time that `when` names.

    Raises UnknownNameError, UnknownTimeError, NotReadError, NothingOpenError, LedgerError."""
    named = read_when(when, config.language) if when else None
    if when and named is None:
        raise UnknownTimeError(
            f'"{when}" names no time to come', 'write for example "next week" or "on tuesday"'
        )
    with ledger_view(state) as ledger:
        contact = the_contact(contacts_now(config, ledger, now), name)
        _demand_read(config, ledger)
        situation = read_situation(config, ledger, now)
    occasion, slots = for_the_hold(situation, contact) if named is None else NOTHING
    if not slots:
        occasion, slots = _open(situation, contact, named)
    if not slots:
        raise NothingOpenError(
            f"nothing is open for {contact.name}{f' {when}' if when else ''}",
            f"`fikad why {contact.name}` says what closes the days up to your horizon",
        )
    asked = invitation(situation, contact, (occasion, slots))
    return PreparedAsk(
        contact, occasion, slots, message(asked, config.ask, config.zone, config.writer)
    )


def _demand_read(config: Config, ledger: Ledger) -> None:
    known = ledger.accounts()
    unread = [
        account
        for account in config.accounts
        if account not in known
        or known[account].state != "ok"
        or known[account].last_success is None
    ]
    if unread:
        raise NotReadError(
            f"what is open is not known: {', '.join(unread)} could not be read",
            "run `fikad once`, and `fikad check` if that fails",
        )


def _open(situation: Situation, contact: Contact, when: When | None) -> Offer:
    """The slots that suit best of those at a time."""
    there = situation if when is None else _as_far_as_is_known(situation)
    zone, today = situation.config.zone, situation.today
    slots = [
        slot
        for slot in there.open(contact.key).slots
        if when is None or lies_in(when, slot.start.astimezone(zone).date(), today)
    ]
    return of_open_slots(there, contact, slots)


def _as_far_as_is_known(situation: Situation) -> Situation:
    """The situation without notice, and with a horizon up to which series surely are expanded: who
    names a time means it."""
    rhythm = situation.config.rhythm
    wider = {"horizon": rhythm.horizon + SLACK, "notice": timedelta()}
    config = situation.config.model_copy(update={"rhythm": rhythm.model_copy(update=wider)})
    return replace(situation, config=config)
