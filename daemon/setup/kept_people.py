"""The people of an address book, by their labels: who may become a contact, and how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from connectors.address_book import AddressBookAccount, Card, labels_by_uid
from connectors.errors import UnreachableError
from daemon.config.values import folded
from daemon.discovery.addresses import same_name
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.rhythm import DEFAULT_CIRCLES
from daemon.durations import CADENCES

FIRST_LABEL = "Fika"
"""The label that is waited for where a book has none."""
UNKNOWN_CADENCE = timedelta(days=90)
"""Of people whom the calendars do not show to be met."""
_LEAST_CADENCE = timedelta(weeks=2)
_SLACK = 1.1
"""As where a cadence is proposed for one person: a gap may miss it by so much."""
_MANY = 40
"""Nobody stays in touch one-on-one with everybody of a label with more people."""


@dataclass(frozen=True, slots=True)
class BookContents:
    """What is in the address books of one login, or in files."""

    books: tuple[tuple[Card, ...], ...]
    """The cards of each book: a label reaches no further than its book."""

    @property
    def people(self) -> tuple[Card, ...]:
        """Everybody who has a name and is alive."""
        return tuple(
            card
            for book in self.books
            for card in book
            if not card.is_group and not card.dead and card.name.strip()
        )


@dataclass(frozen=True, slots=True)
class LabelledPeople:
    """A label and who has it."""

    label: str
    people: tuple[Card, ...]
    met: tuple[FoundPerson, ...]
    """Those of them whom the calendars show."""

    @property
    def cadence(self) -> timedelta:
        """Proposed: what the usual gap between meetings with them is, else three months, or what a
        well-known circle of that name has."""
        gaps = [person.gap_days for person in self.met if person.gap_days is not None]
        if not gaps:
            return DEFAULT_CIRCLES.get(self.label.casefold(), UNKNOWN_CADENCE)
        gap = median(gaps)
        within = (step for step in CADENCES if gap <= step.days * _SLACK)
        return max(_LEAST_CADENCE, next(within, CADENCES[-1]))


def read_contents(account: AddressBookAccount, now: datetime) -> BookContents:
    """Read every book that no machine fills, once, and close the account. Raises AccountError."""
    try:
        books = []
        for book in account.books(now):
            if book.automatic:
                continue
            batches = list(book.changes(None, {}, complete=True))
            if not batches or not batches[-1].last:
                raise UnreachableError(f'the address book "{book.name}" was not read to its end')
            cards = {stored.href: stored.card for batch in batches for stored in batch.changed}
            books.append(tuple(cards.values()))
        return BookContents(tuple(books))
    finally:
        account.close()


def by_label(contents: BookContents, met: Sequence[FoundPerson]) -> tuple[LabelledPeople, ...]:
    """Each label with its people, those first whose people are met most, then the smallest."""
    spelled: dict[str, str] = {}
    bearers: dict[str, list[Card]] = defaultdict(list)
    for book in contents.books:
        labels = labels_by_uid(book)
        for card in BookContents((book,)).people:
            for label in sorted(labels[card.uid]):
                spelled.setdefault(folded(label), label)
                bearers[folded(label)].append(card)
    labelled = [
        LabelledPeople(spelled[key], tuple(cards), found_among(cards, met))
        for key, cards in bearers.items()
        if key
    ]
    return tuple(sorted(labelled, key=lambda each: (-len(each.met), len(each.people), each.label)))


def found_among(cards: Iterable[Card], met: Iterable[FoundPerson]) -> tuple[FoundPerson, ...]:
    """Those met who are on one of the cards: by address, else by full name."""
    emails: set[str] = set()
    names: set[tuple[str, ...]] = set()
    for card in cards:
        emails.update(card.emails)
        names.update(same_name(name) for name in (card.name, *card.aliases))
    return tuple(
        person
        for person in met
        if not emails.isdisjoint(person.addresses) or same_name(person.name) in names
    )


def proposed(labelled: Sequence[LabelledPeople]) -> tuple[int, ...]:
    """The labels to propose, counted from 1: those of a few people some of whom are met; where
    nobody is met anywhere, an only label."""
    few = [
        number for number, each in enumerate(labelled, 1) if each.met and len(each.people) <= _MANY
    ]
    only = len(labelled) == 1 and len(labelled[0].people) <= _MANY
    return tuple(few or ([1] if only else []))


CIRCLE_NOTES: Mapping[str, str] = {
    "close": "those closest to you",
    "council": "those whose counsel you value",
    "friends": "good friends",
    "wider": "those you like to see now and then",
    "distant": "those far away",
}
"""Who is meant by the circles that are proposed."""
