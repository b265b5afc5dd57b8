"""Putting people who were found in the calendars, or on cards, into the config, by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from connectors.address_book import Card
from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.config.values import folded
from daemon.discovery.found_person import FoundPerson
from daemon.durations import duration_text
from daemon.people.folding import fold
from daemon.setup.config_writer import NewContact, read_text, replace_config, with_contacts

_MOST_HINTS = 3


class NobodyFoundError(FikadError):
    """Nobody in the calendars, or more than one, goes by the name to be added."""


class DuplicateError(FikadError):
    """Somebody to be added is in the config already."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be added by name."""

    name: str
    addresses: tuple[str, ...] = ()
    """Lower case, the most used first."""
    spellings: tuple[str, ...] = ()
    """Other ways in which the name is written."""
    aliases: tuple[str, ...] = ()
    """The other names that their card has."""
    circle: str = ""
    """Proposed; empty where none comes close."""
    cadence: timedelta | None = None
    """Proposed, if anything is."""
    shown: bool = True
    """Whether they may be named to the user."""


def candidates(
    people: Iterable[FoundPerson],
    shown: Iterable[FoundPerson],
    cards: Iterable[Card],
    silent: Set[str],
) -> list[Candidate]:
    """Everybody met, of whom those `shown` may be named; then the people on `cards` who never were,
    of whom nobody whose name (folded) or address is in `silent` is named. The dead are left out."""
    living = [card for card in cards if not card.dead and card.name.strip()]
    named, theirs = {person.key for person in shown}, list[Card]()
    met = []
    for person in people:
        own = [card for card in living if _is_on(card, person)]
        met.append(_met(person, own, shown=person.key in named))
        theirs += own
    return met + [
        _unmet(card, shown=silent.isdisjoint({folded(card.name), *card.emails}))
        for card in living
        if card not in theirs
    ]


def _met(person: FoundPerson, cards: Iterable[Card], *, shown: bool) -> Candidate:
    return Candidate(
        " ".join(person.name.split()),
        person.addresses,
        person.spellings,
        tuple(dict.fromkeys(alias for card in cards for alias in card.aliases)),
        person.circle,
        person.cadence,
        shown,
    )


def _unmet(card: Card, *, shown: bool) -> Candidate:
    name = " ".join(card.name.split())
    return Candidate(name, card.emails, card.aliases, card.aliases, shown=shown)


def _is_on(card: Card, person: FoundPerson) -> bool:
    """Whether a card is that of somebody found: it has an address of theirs, or their name and no
    other address."""
    if person.addresses and card.emails:
        return not {*card.emails}.isdisjoint(person.addresses)
    return folded(card.name) == folded(person.name)


def add_found(
    path: Path, config: Config, everybody: Sequence[Candidate], names: Sequence[str]
) -> list[NewContact]:
    """Put everybody named into the config file, or nobody. Raises NobodyFoundError,
    DuplicateError, ConfigWriteError."""
    before = read_text(path) or ""
    wanted = {name: _the_one(everybody, name) for name in names}
    contacts = [_contact(person, name, config) for name, person in wanted.items()]
    _refuse_duplicates(config, contacts)
    replace_config(path, before, with_contacts(before, contacts))
    return contacts


def _contact(person: Candidate, name: str, config: Config) -> NewContact:
    """The contact to be written for a candidate, with no more than the circle does not say anyway;
    of several addresses only one, when that alone was named; no other name that a contact of the
    config has."""
    address = name.strip().lower()
    circle = config.circles.get(person.circle)
    taken = {folded(other) for entry in config.contacts for other in (entry.name, *entry.aliases)}
    taken.add(folded(person.name))
    own = circle is not None and circle.cadence == person.cadence
    return NewContact(
        person.name,
        (address,) if address in person.addresses else person.addresses,
        tuple(alias for alias in person.aliases if folded(alias) not in taken),
        circle=person.circle if circle else "",
        cadence="" if own or person.cadence is None else duration_text(person.cadence),
    )


def _refuse_duplicates(config: Config, contacts: Sequence[NewContact]) -> None:
    names = {
        folded(name): entry.name
        for entry in config.contacts
        for name in (entry.name, *entry.aliases)
    }
    owners = {email: entry.name for entry in config.contacts for email in entry.emails}
    for contact in contacts:
        known = names.get(folded(contact.name)) or next(
            (owners[email] for email in contact.emails if email in owners), ""
        )
        if known:
            new = [email for email in contact.emails if email not in owners]
            advice = (
                f"add {' and '.join(new)} to their `emails` there, if that is whom you mean"
                if new
                else ""
            )
            raise DuplicateError(
                f'nothing was added, since "{known}" is in your config already', advice
            )
        names[folded(contact.name)] = contact.name
        owners |= dict.fromkeys(contact.emails, contact.name)


def _the_one(everybody: Sequence[Candidate], name: str) -> Candidate:
    """The person meant by a name, another spelling, an address or the beginning of a name. Raises
    NobodyFoundError, which names only those who may be."""
    wanted = fold(name)
    shown = [person for person in everybody if person.shown]
    matches = [
        person
        for person in everybody
        if wanted == fold(person.name) or name.strip().lower() in person.addresses
    ]
    matches = matches or [person for person in shown if wanted in map(fold, person.spellings)]
    matches = matches or [
        person for person in shown if wanted and fold(person.name).startswith(wanted)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise NobodyFoundError(
            f'"{name}" could be {_list(matches)}', "write the full name or an address"
        )
    close = difflib.get_close_matches(
        wanted, [fold(person.name) for person in shown], n=_MOST_HINTS, cutoff=0.5
    )
    hints = [person for person in shown if fold(person.name) in close]
    advice = (
        f"did you mean {_list(hints)}?" if hints else "see `fikad discover` for everybody found"
    )
    raise NobodyFoundError(f'nobody called "{name}" was found', advice)


def _list(people: Sequence[Candidate]) -> str:
    shown = [
        f'"{person.name}" ({person.addresses[0]})'
        if person.addresses and person.addresses[0] != person.name
        else f'"{person.name}"'
        for person in people
    ]
    return " or ".join(shown[:5])
