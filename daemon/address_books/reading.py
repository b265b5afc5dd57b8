"""Reading address books into the ledger: cards and their token in one transaction.

Nobody is taken away on missing data. A book that fails, that suddenly is empty, that is not listed
any more, or in which a label is gone that had people, keeps what was read before and says so; the
other books go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.address_book import AddressBook, AddressBookAccount, CardChanges, StoredCard
from connectors.errors import (
    AccountError,
    CredentialsError,
    MissingError,
    UnreachableError,
)
from daemon.address_books.book_reading import BookReading
from daemon.address_books.merging import labelled
from daemon.config.schema import AddressBookEntry
from daemon.durations import counted
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AddressBookState, StoredBook
from daemon.ledger.reading_state import ReadingState, SuspectError, state_of
from daemon.polling.news import has_no_news, must_reconcile

SUSPECT_FROM = 5
"""A book that had this many people and now has none is not believed."""


def names_of(book: AddressBook) -> set[str]:
    """Everything the config may call a book."""
    return {book.id, book.name}


def choose(listed: Iterable[AddressBook], entry: AddressBookEntry) -> list[AddressBook]:
    """The books that the config means: those it names, else all that no machine fills. Raises
    MissingError."""
    offered = list(listed)
    if entry.books is None:
        return [book for book in offered if not book.automatic]
    for name in entry.books:
        if not any(name in names_of(book) for book in offered):
            known = ", ".join(sorted(book.name for book in offered)) or "none"
            raise MissingError(
                f'there is no address book "{name}"; there is {known}',
                "correct `books` in the config",
            )
    return [book for book in offered if names_of(book).intersection(entry.books)]


def read_books(
    account: AddressBookAccount,
    entry: AddressBookEntry,
    ledger: Ledger,
    now: datetime,
    *,
    accept_empty: bool = False,
) -> BookReading:
    """Bring the ledger up to date with one address book of the config. Never raises AccountError:
    the reading's state says it. `accept_empty` believes what suddenly is gone."""
    name, sent = account.name, account.requests
    before = ledger.address_books().get(name, AddressBookState(name))
    names, changed = list[str](), 0
    failure: AccountError | None = None
    listed: Sequence[AddressBook] = ()
    try:
        chosen = choose(listed := account.books(now), entry)
        _forget_others(name, chosen, entry, ledger, accept_empty=accept_empty)
        for book in chosen:
            names.append(book.name)
            try:
                reading = _Reading(name, book, entry, ledger, now)
                changed += reading.read(accept_empty=accept_empty)
            except (CredentialsError, UnreachableError):
                raise
            except AccountError as error:
                failure = failure or error
    except AccountError as error:
        failure = error
    state: ReadingState = "ok" if failure is None else state_of(failure)
    last = now if failure is None else before.last_success
    ledger.save_address_book(AddressBookState(name, state, str(failure or ""), last, account.memo))
    sent = account.requests - sent
    return BookReading(name, state, str(failure or ""), tuple(names), changed, sent, tuple(listed))


def failed(name: str, error: AccountError, ledger: Ledger) -> BookReading:
    """The reading of an address book that could not even be opened (no password, bad settings)."""
    before = ledger.address_books().get(name, AddressBookState(name))
    ledger.save_address_book(replace(before, state=state_of(error), message=str(error)))
    return BookReading(name, state_of(error), str(error))


def _forget_others(
    name: str,
    chosen: Iterable[AddressBook],
    entry: AddressBookEntry,
    ledger: Ledger,
    *,
    accept_empty: bool,
) -> None:
    """Drop what the config deselected. A book that vanished by itself is kept and reported."""
    listed = {book.id for book in chosen}
    others = [stored for ref, stored in ledger.books(name).items() if ref not in listed]
    for stored in others:
        deselected = entry.books is not None and not {stored.ref, stored.name}.intersection(
            entry.books
        )
        if not (accept_empty or deselected) and ledger.known_cards(stored.id):
            raise MissingError(
                f'the address book "{stored.name}" is not listed any more',
                f"its people stay; if you removed it, run `fikad once --accept-empty {name}`",
            )
    for stored in others:
        ledger.forget_book(stored.id)


class _Reading:
    """One book of an address book of the config, and what the ledger knows of it."""

    def __init__(
        self,
        address_book: str,
        book: AddressBook,
        entry: AddressBookEntry,
        ledger: Ledger,
        now: datetime,
    ) -> None:
        self._name, self._book, self._entry = address_book, book, entry
        self._ledger, self._now = ledger, now
        self._stored: StoredBook = ledger.add_book(address_book, book.id, book.name)

    def read(self, *, accept_empty: bool) -> int:
        """Store what changed, if it can be believed. The number of cards that changed or went."""
        book, stored = self._book, self._stored
        if has_no_news(book, stored, self._now):
            return 0
        complete = must_reconcile(stored, self._now)
        batches = book.changes(stored.token, self._ledger.known_cards(stored.id), complete=complete)
        changes = _as_one(list(batches), book.name)
        if (changes.changed or changes.removed) and not accept_empty:
            self._demand_believable(changes)
        over = {*changes.removed}
        over.update(name for one in changes.changed for name in (one.href, one.card.uid))
        everything = complete or stored.token is None
        with self._ledger.transaction():
            self._ledger.store_cards(stored.id, changes.changed, changes.removed)
            self._ledger.note_broken_cards(
                stored.id, changes.problems, None if everything else over
            )
            self._ledger.finish_book(
                stored.id, book.version, changes.token, self._now if everything else None
            )
        return len(changes.changed) + len(changes.removed)

    def _demand_believable(self, changes: CardChanges) -> None:
        """Raises SuspectError where people would be taken away by what looks like a loss."""
        before = self._ledger.stored_cards(self._stored.id)
        gone = set(changes.removed)
        after = {href: stored for href, stored in before.items() if href not in gone}
        after |= {stored.href: stored for stored in changes.changed}
        advice = f"they stay; if that is right, run `fikad once --accept-empty {self._name}`"
        had = _people(before)
        if len(had) >= SUSPECT_FROM and not _people(after):
            raise SuspectError(
                f'the address book "{self._book.name}" had {counted(len(had), "person", "people")}'
                " and now has none",
                advice,
            )
        for label, missed in self._lost_labels(before, after):
            raise SuspectError(
                f'the label "{label}" of {counted(missed, "person", "people")} is gone from the'
                f' address book "{self._book.name}"',
                advice,
            )

    def _lost_labels(
        self, before: Mapping[str, StoredCard], after: Mapping[str, StoredCard]
    ) -> list[tuple[str, int]]:
        """The mapped labels that had people and have none, with how many of those would be nobody's
        contact any more."""
        then, now = self._by_label(before), self._by_label(after)
        elsewhere = [
            cards
            for ref, book in self._ledger.books(self._name).items()
            if ref != self._book.id
            for cards in [self._ledger.stored_cards(book.id)]
        ]
        kept = set[str]().union(
            *now.values(),
            *(people for cards in elsewhere for people in self._by_label(cards).values()),
        )
        return [
            (label, len(people - kept))
            for label, people in then.items()
            if people and not now[label] and people - kept
        ]

    def _by_label(self, cards: Mapping[str, StoredCard]) -> dict[str, set[str]]:
        """The UIDs of those who bear each of the mapped labels."""
        everybody = [stored.card for stored in cards.values()]
        return {
            label: {
                card.card.uid for card in labelled("", {label: label}, everybody, ()) if card.circle
            }
            for label in self._entry.circles
        }


def _people(cards: Mapping[str, StoredCard]) -> set[str]:
    return {stored.card.uid for stored in cards.values() if not stored.card.is_group}


def _as_one(batches: Sequence[CardChanges], name: str) -> CardChanges:
    """All batches of one reading together. Raises UnreachableError where the last is missing."""
    if not batches or not batches[-1].last:
        raise UnreachableError(
            f'the address book "{name}" was not read to its end', "fikad tries again"
        )
    return replace(
        batches[-1],
        changed=tuple(
            {stored.href: stored for batch in batches for stored in batch.changed}.values()
        ),
        removed=tuple(href for batch in batches for href in batch.removed),
        problems=tuple(problem for batch in batches for problem in batch.problems),
    )
