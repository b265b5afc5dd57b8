"""Address books as they were read last: their cards, how reading went, and from where to go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter

from connectors.address_book import Card, StoredCard
from connectors.base import Problem
from daemon.ledger.polled import Polled, StoredBook
from daemon.ledger.store import ledger_errors, seconds


@cache
def _card_json() -> TypeAdapter[Card]:
    """How a card is stored; made when first needed, since pydantic takes its time."""
    return TypeAdapter(Card)


@cache
def _cards_json() -> TypeAdapter[list[Card]]:
    return TypeAdapter(list[Card])


class Books(Polled):
    """Cards by book (`StoredBook.id`), and how each address book of the config fared."""

    def keep_address_books(self, names: Iterable[str]) -> None:
        """Forget what was read from address books that are configured no more."""
        keep, known = set(names), self._all("SELECT name FROM addressbooks")
        with self.transaction():
            for (name,) in known:
                if name not in keep:
                    self._run("DELETE FROM addressbooks WHERE name = ?", name)
                    self._run("DELETE FROM books WHERE addressbook = ?", name)

    def add_book(self, address_book: str, ref: str, name: str) -> StoredBook:
        """The book's row, made when it is new; its name as it is now."""
        self._run(
            "INSERT INTO books (addressbook, ref, name) VALUES (?, ?, ?)"
            " ON CONFLICT (addressbook, ref) DO UPDATE SET name = excluded.name",
            address_book,
            ref,
            name,
        )
        return self.books(address_book)[ref]

    def forget_book(self, book: int) -> None:
        """Drop all that was read from it."""
        self._run("DELETE FROM books WHERE id = ?", book)

    def stored_cards(self, book: int) -> dict[str, StoredCard]:
        """A book's cards by href."""
        rows = self._all("SELECT href, etag, body FROM cards WHERE book = ? ORDER BY href", book)
        cards = _cards_json().validate_json(f"[{','.join(row[2] for row in rows)}]")
        return {
            href: StoredCard(href, etag, card)
            for (href, etag, _), card in zip(rows, cards, strict=True)
        }

    def known_cards(self, book: int) -> dict[str, str | None]:
        """Every stored href with its ETag."""
        return dict(self._all("SELECT href, etag FROM cards WHERE book = ?", book))

    def cards(self, address_book: str) -> list[list[Card]]:
        """The cards of each book of an address book of the config, as they were read last."""
        rows = self._all(
            "SELECT '[' || group_concat(body) || ']' FROM"
            " (SELECT book, body FROM cards JOIN books ON books.id = book WHERE addressbook = ?"
            "  ORDER BY book, href) GROUP BY book ORDER BY book",
            address_book,
        )
        return [_cards_json().validate_json(bodies) for (bodies,) in rows]

    def store_cards(self, book: int, changed: Sequence[StoredCard], removed: Iterable[str]) -> None:
        """Belongs into the transaction that records the token (`finish_book`)."""
        dump = _card_json().dump_json
        with ledger_errors(self._path):
            self._db.executemany(
                "DELETE FROM cards WHERE book = ? AND href = ?", ((book, href) for href in removed)
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?)",
                (
                    (
                        book,
                        stored.href,
                        stored.etag,
                        dump(stored.card, exclude_defaults=True).decode(),
                    )
                    for stored in changed
                ),
            )

    def finish_book(
        self, book: int, version: str | None, token: str | None, reconciled: datetime | None
    ) -> None:
        """Record version and token; belongs into the transaction that stores the cards. See
        `Calendars.finish_reading`."""
        self.drop_quiet_mark()
        self._run(
            "UPDATE books SET version = ?, token = ?, reconciled = coalesce(?, reconciled)"
            " WHERE id = ?",
            version,
            token,
            seconds(reconciled),
            book,
        )

    def note_broken_cards(
        self, book: int, problems: Iterable[Problem], over: Iterable[str] | None
    ) -> None:
        """Keep what could not be read, until it is read or goes (`over`: UIDs and hrefs), or a full
        reading (None) no longer meets it."""
        if over is None:
            self._run("DELETE FROM broken_cards WHERE book = ?", book)
        else:
            gone = json.dumps(sorted(over))
            sql = (
                "DELETE FROM broken_cards WHERE book = ? AND uid IN (SELECT value FROM "
                "json_each(?))"
            )
            self._run(sql, book, gone)
        for problem in problems:
            sql = "INSERT OR REPLACE INTO broken_cards VALUES (?, ?, ?)"
            self._run(sql, book, problem.uid, problem.reason)

    def broken_cards(self) -> list[tuple[str, str, Problem]]:
        """What was set aside: address book of the config, book, problem."""
        rows = self._all(
            "SELECT addressbook, name, uid, reason FROM broken_cards JOIN books ON books.id = book"
            " ORDER BY addressbook, name, uid"
        )
        return [(row[0], row[1], Problem(row[2], row[3])) for row in rows]
