"""What the calendars hold and whose they are, as the ledger has it; and everybody met in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from daemon.address_books.known import contacts_of
from daemon.discovery.addresses import same_name
from daemon.discovery.discovery import Discovery, DiscoveryInputs, discover
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.rhythm import DEFAULT_CIRCLES
from daemon.judging.known_holds import HoldVerdict
from daemon.people.folding import fold

if TYPE_CHECKING:
    from connectors.address_book import Card
    from connectors.base import Occurrence
    from daemon.config.schema import Config
    from daemon.ledger.ledger import Ledger
    from daemon.people.contacts import Contact

_AHEAD = timedelta(days=400)
"""How far ahead is looked for what is booked with somebody."""


@dataclass(frozen=True, slots=True)
class CalendarHistory:
    """Everything that people are found from."""

    occurrences: Iterable[Occurrence]
    """By start; they can be gone through again and again."""
    mine: frozenset[str]
    """The user's addresses, lower case."""
    holds: Mapping[str, HoldVerdict]
    contacts: Sequence[Contact]
    """Of the config and the address books."""


def history_in(ledger: Ledger, config: Config, now: datetime) -> CalendarHistory:
    """What was read into the ledger, from the config's `history` before `now` (aware): for as long
    as the ledger is open."""
    return CalendarHistory(
        ledger.each(now - config.history, now + _AHEAD),
        frozenset(address.lower() for address in config.me).union(
            *(state.addresses for state in ledger.accounts().values())
        ),
        {
            hold.uid: HoldVerdict(hold.contact_key, hold.state == "accepted")
            for hold in ledger.holds()
        },
        contacts_of(config, ledger),
    )


def circles_of(config: Config) -> dict[str, timedelta]:
    """The circles to choose from with their cadences: the config's own, else the usual ones."""
    return {name: circle.cadence for name, circle in config.circles.items()} or dict(
        DEFAULT_CIRCLES
    )


def everybody(
    config: Config, history: CalendarHistory, now: datetime, cards: Iterable[Card] = ()
) -> Discovery:
    """Everybody met one-on-one up to `now`; `cards` come from the user's address book."""
    return discover(
        DiscoveryInputs(
            occurrences=history.occurrences,
            mine=history.mine,
            rules=config.meetings,
            now=now,
            zone=config.zone,
            vocabulary=config.vocabulary,
            known=tuple(history.contacts),
            cards=tuple(cards),
            holds=history.holds,
            circles=circles_of(config),
        )
    )


def perhaps_mine(found: Discovery) -> dict[str, str]:
    """The addresses that are proposed for `me` instead of as a contact, with a sentence for
    each."""
    return {
        email: f"{email} may be yours too, since {why}: if so, add it to `me` in the config."
        for email, why in found.perhaps_own.items()
    }


def in_address_books(
    people: Iterable[FoundPerson], cards: Iterable[tuple[str, Card]]
) -> dict[str, str]:
    """In whose address book those found are without being contacts: its name in the config by
    `FoundPerson.key`. By address, else by a name of several words that one card alone bears."""
    by_email: dict[str, str] = {}
    by_name: dict[tuple[str, ...], list[str]] = {}
    for book, card in cards:
        by_email |= dict.fromkeys(card.emails, book)
        by_name.setdefault(same_name(card.name), []).append(book)

    def book_of(person: FoundPerson) -> str:
        books = (by_email[email] for email in person.addresses if email in by_email)
        words = same_name(person.name)
        alone = by_name.get(words, ()) if len(words) > 1 else ()
        return next(books, alone[0] if len(alone) == 1 else "")

    return {person.key: book for person in people if not person.known and (book := book_of(person))}


def nameable(people: Iterable[FoundPerson], contacts: Iterable[Contact]) -> tuple[FoundPerson, ...]:
    """Those found who may be shown: not the paused among `contacts`, nor anybody who bears their
    name: that proves nothing, but whoever is paused may be dead."""
    silent = [contact for contact in contacts if contact.paused]
    names = {same_name(name) for contact in silent for name in (contact.name, *contact.aliases)}
    emails = {email for contact in silent for email in contact.emails}
    words = [fold(contact.name) for contact in silent]

    def speaks_of(label: str) -> bool:
        return any(word in fold(label) for word in words) or any(email in label for email in emails)

    return tuple(
        replace(
            person,
            perhaps_also=tuple(label for label in person.perhaps_also if not speaks_of(label)),
        )
        for person in people
        if same_name(person.name) not in names and emails.isdisjoint(person.addresses)
    )
