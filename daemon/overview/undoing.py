"""Taking back what the user entered last: by a command, by an order in a hold's title, or by
dismissing a hold, after which the contact rests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.holds.record import Hold
from daemon.ledger.decisions import EntryWord, ManualEntry
from daemon.ledger.ledger import Ledger, ledger_view, open_ledger
from daemon.overview.contact import facts_of_contact
from daemon.overview.naming import the_contact
from daemon.people.contacts import Contact
from daemon.situation.assessing import contacts_now, read_situation
from daemon.situation.situation import Situation


class NothingToUndoError(FikadError):
    """Nothing was entered that could be taken back."""


@dataclass(frozen=True, slots=True)
class LastWord:
    """What was entered last: an entry, the dismissals that let a contact rest, or both, where one
    order was the two of them."""

    contact: str
    entry: ManualEntry | None
    dismissed: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What is undone now."""

    contact: Contact
    word: EntryWord | Literal["rest"]
    when: datetime
    """Of `met` the time of the meeting, else when it was entered."""
    note: str = ""
    """Of `note` the text that stands again; empty: none."""


def last_word(entries: Iterable[ManualEntry], dismissed: Iterable[Hold]) -> LastWord | None:
    """The latest of entries (oldest first) and of dismissals that count; None when there is
    none."""
    resting = sorted(dismissed, key=_second)
    entry = next(reversed(list(entries)), None)
    if entry is None or (resting and _second(resting[-1]) > entry.at):
        return LastWord(resting[-1].contact_key, None, (resting[-1],)) if resting else None
    together = (
        hold
        for hold in resting
        if hold.contact_key == entry.contact and _second(hold) == entry.at and hold.order
    )
    return LastWord(entry.contact, entry, tuple(together))


def undo(config: Config, state: Path, name: str, now: datetime) -> TakenBack:
    """Take back the last word, or that of the contact named. No hold comes back, and what was
    taken back cannot be brought back. Raises NothingToUndoError, UnknownNameError, LedgerError."""
    with open_ledger(state) as ledger:
        contact = the_contact(contacts_now(config, ledger, now), name) if name else None
        situation = read_situation(config, ledger, now)
        keys = [contact.key] if contact else list(situation.contacts)
        word = last_word(_entries(ledger, keys), _dismissed(situation, keys))
        if word is None:
            raise NothingToUndoError(
                f"there is nothing to take back for {contact.name}"
                if contact
                else "there is nothing to take back",
                "undo is for what was entered by met, snooze or note, in a hold's title, or by"
                " dismissing a hold",
            )
        with ledger.transaction():
            if word.entry:
                ledger.take_back(word.entry)
            for hold in word.dismissed:
                ledger.take_back_rest(hold)
        return _taken_back(word, situation.contacts[word.contact])


def facts(config: Config, state: Path, taken: TakenBack, now: datetime) -> dict[str, Any]:
    """What is known of the contact since, as JSON, and what was taken back (`undone`)."""
    with ledger_view(state) as ledger:
        known = facts_of_contact(taken.contact.key, config, ledger, now)
    return {"undone": taken.word, **known}


def _entries(ledger: Ledger, keys: Sequence[str]) -> list[ManualEntry]:
    return [entry for entry in ledger.entries() if entry.contact in keys]


def _dismissed(situation: Situation, keys: Sequence[str]) -> list[Hold]:
    return [hold for key in keys for hold in situation.fruitless(key) if hold.dismissed_at]


def _second(hold: Hold) -> datetime:
    """When it was dismissed, as precisely as entries are kept. What counts as fruitless was
    decided."""
    decided = hold.dismissed_at or hold.created_at
    return decided.astimezone(UTC).replace(microsecond=0)


def _taken_back(word: LastWord, contact: Contact) -> TakenBack:
    entry = word.entry
    if entry is None:
        return TakenBack(contact, "rest", _second(word.dismissed[-1]))
    if entry.word == "met":
        return TakenBack(contact, "met", datetime.fromtimestamp(entry.before["met"], UTC))
    return TakenBack(contact, entry.word, entry.at, str(entry.before.get("note", "")))
