"""Everybody met one-on-one, from the calendars alone: what `fikad discover` tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import FikadError
from connectors.vcard.exported import Cards, read_cards
from daemon.address_books.known import unlabelled
from daemon.config.schema import WEEKDAY_NAMES, Config
from daemon.config.values import folded
from daemon.discovery.everybody import (
    everybody,
    history_in,
    in_address_books,
    nameable,
    perhaps_mine,
)
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.languages import unread
from daemon.durations import clock_time, iso_time
from daemon.ledger.ledger import ledger_view
from daemon.setup.adding_people import add_found, candidates
from daemon.setup.config_writer import NewContact
from daemon.situation.assessing import contacts_now


@dataclass(frozen=True, slots=True)
class Discovered:
    """Who was found in the calendars, and what else is to be said of them."""

    people: tuple[FoundPerson, ...]
    """Everybody, the most often met first."""
    shown: tuple[FoundPerson, ...]
    """Those of them who may be named."""
    cards: Cards
    perhaps_mine: dict[str, str]
    """Addresses that may be the user's, with a sentence for each."""
    unread: str
    """What is to be said of titles in a language that is not read."""
    in_books: Mapping[str, str]
    """By `FoundPerson.key`: the address book that has those who are no contacts yet."""

    silent: frozenset[str] = frozenset()
    """Names (folded) and addresses of those who are paused."""

    def add(self, config: Config, path: Path, names: Sequence[str]) -> list[NewContact]:
        """Put those named into the config file at `path`, or nobody. Raises NobodyFoundError,
        DuplicateError, ConfigWriteError."""
        everybody = candidates(self.people, self.shown, self.cards.cards, self.silent)
        return add_found(path, config, everybody, names)


def discovered(config: Config, state: Path, vcard: Path | None, now: datetime) -> Discovered:
    """Everybody in the ledger's occurrences, with names and addresses from a vCard file. Raises
    FikadError when nothing was read yet, LedgerError, VCardError for the file."""
    cards = read_cards(vcard) if vcard else Cards((), 0)
    with ledger_view(state) as ledger:
        if not any(account.last_success for account in ledger.accounts().values()):
            raise FikadError("no calendar has been read yet", "run `fikad once --no-plan` first")
        contacts = contacts_now(config, ledger, now)
        unused = unlabelled(config, ledger)
        known = [*cards.cards, *(card for _, card in unused)]
        found = everybody(config, history_in(ledger, config, now), now, known)
    read_in = (config.language,) if config.languages is None else config.languages
    return Discovered(
        found.people,
        nameable(found.people, contacts),
        cards,
        perhaps_mine(found),
        unread(found.titles, read_in),
        in_address_books(found.people, unused),
        frozenset(
            word
            for contact in contacts
            if contact.paused
            for word in (*map(folded, (contact.name, *contact.aliases)), *contact.emails)
        ),
    )


def discovered_facts(
    shown: Sequence[FoundPerson], discovered: Discovered, zone: ZoneInfo
) -> dict[str, Any]:
    """Those shown, the cards and the user's likely addresses as JSON; times with the offset of
    `zone`."""
    cards = discovered.cards
    return {
        "people": [
            person_facts(person, zone)
            | {"address_book": discovered.in_books.get(person.key) or None}
            for person in shown
        ],
        "cards": {"read": len(cards.cards), "skipped": cards.broken},
        "me": list(discovered.perhaps_mine),
    }


def person_facts(person: FoundPerson, zone: ZoneInfo) -> dict[str, Any]:
    """One person as JSON; times with the offset of the user's zone."""
    return {
        "name": person.name,
        "addresses": list(person.addresses),
        "spellings": list(person.spellings),
        "in_config": person.known or None,
        "evidence": list(person.evidence),
        "count": person.count,
        "first_met": iso_time(person.first_met, zone),
        "last_met": iso_time(person.last_met, zone),
        "usual_gap_days": person.gap_days,
        "usual_weekday": None if person.weekday is None else WEEKDAY_NAMES[person.weekday],
        "usual_time": clock_time(person.minute) or None,
        "trend": person.trend,
        "next_booked": iso_time(person.next_booked, zone),
        "proposed": {
            "circle": person.circle or None,
            "cadence_days": person.cadence.days,
            "reason": person.why,
        },
        "same_as": person.same_as or None,
        "perhaps_also": list(person.perhaps_also),
    }
