"""What an address book is to fikad, whatever it speaks: read at each poll, never written.

A *card* is one person, or one group of people. Reading gives *changes* since a token, as with
calendars; the caller keeps the cards and the token together. A card is handed over as a value, so
nobody outside the connectors knows how a book writes it down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from connectors.base import Problem


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """A birthday or an anniversary. The year is often left out (RFC 6350 section 4.3.1)."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One person, or one group, as an address book has it. All texts are inert."""

    uid: str
    """What stays when everything else changes: the card's UID, or Google's resource name."""
    name: str
    """The full name, or the label that a group stands for."""
    is_group: bool = False
    first_name: str = ""
    """As the card itself parts it; empty where it doesn't."""
    aliases: tuple[str, ...] = ()
    """Nicknames and other spellings."""
    emails: tuple[str, ...] = ()
    """Lower case."""
    phones: tuple[str, ...] = ()
    """As written, the preferred and mobile ones first."""
    labels: tuple[str, ...] = ()
    """Labels that the card itself names (CATEGORIES)."""
    groups: tuple[str, ...] = ()
    """UIDs of the groups that this person says to be in (Google's memberships)."""
    members: tuple[str, ...] = ()
    """Of a group: UIDs of the people that it says to be in it."""
    timezone: str = ""
    """A name of the IANA database, else empty."""
    birthday: YearlyDay | None = None
    anniversary: YearlyDay | None = None
    dead: bool = False
    """The card has a date, or a place, of death (RFC 6474)."""


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card under the name that the book stores it by."""

    href: str
    etag: str | None
    card: Card


@dataclass(frozen=True, slots=True)
class CardChanges:
    """One batch of what changed in a book. Batches may be stored one by one; only the last has
    `token` and `removed`, so nothing is forgotten on half a reading."""

    changed: tuple[StoredCard, ...] = ()
    removed: tuple[str, ...] = ()
    """Hrefs that are gone."""
    token: str | None = None
    """What to ask from next time; opaque."""
    last: bool = False
    problems: tuple[Problem, ...] = ()
    """Cards that could not be read, by UID or href. The others go on."""


class AddressBook(Protocol):
    """One address book of a login or a folder. Methods raise `AccountError` subclasses only."""

    @property
    def id(self) -> str:
        """Stable within the login: a URL path, a folder's name, `contacts` at Google."""
        ...

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def automatic(self) -> bool:
        """Filled by a machine ("Recently contacted"): left out unless the config names it."""
        ...

    @property
    def version(self) -> str | None:
        """Equal to the stored one: nothing changed, don't ask. None: only `changes` can tell."""
        ...

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        """What changed since `token`, in batches; `known` maps every stored href to its ETag.
        `token=None`, an expired token or `complete=True` compares a full listing with `known`."""
        ...


class AddressBookAccount(Protocol):
    """One login, or one folder, that holds address books."""

    @property
    def name(self) -> str:
        """Its name in the config (`[addressbooks.NAME]`)."""
        ...

    @property
    def requests(self) -> int:
        """Requests sent since construction."""
        ...

    @property
    def memo(self) -> dict[str, Any]:
        """What to remember between processes (JSON; never a secret)."""
        ...

    def books(self, now: datetime) -> Sequence[AddressBook]:
        """Every address book, unfiltered: one request in all, where nothing changed."""
        ...

    def close(self) -> None: ...


def labels_by_uid(cards: Iterable[Card]) -> dict[str, frozenset[str]]:
    """The labels of each person: those on their card, and the names of the groups that they say to
    be in or that say to have them."""
    everybody = tuple(cards)
    group_names = {card.uid: card.name for card in everybody if card.is_group}
    labels = {
        card.uid: {*card.labels, *(group_names[uid] for uid in card.groups if uid in group_names)}
        for card in everybody
        if not card.is_group
    }
    for group in everybody:
        for uid in group.members if group.is_group else ():
            if uid in labels:
                labels[uid].add(group.name)
    return {uid: frozenset(names) for uid, names in labels.items()}
