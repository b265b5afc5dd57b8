"""What a poll looks at first: how every account and address book was read last, from where to go
on, and what was decided since.

Kept apart from the rest of the ledger, so that a poll that finds nothing loads nothing more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.base import Problem
from daemon.ledger.decided import QUIET, decided_in
from daemon.ledger.migrations import MIGRATIONS
from daemon.ledger.reading_state import ReadingState
from daemon.ledger.store import Store, connect, ledger_errors, ledger_path, moment, seconds


@dataclass(frozen=True, slots=True)
class StoredCalendar:
    """What the ledger remembers of reading one calendar."""

    id: int
    account: str
    ref: str
    """`Calendar.id`."""
    name: str
    version: str | None
    token: str | None
    complete: bool
    """Read to its end at least once since it was last empty-handed."""
    reconciled: datetime | None
    expanded_from: datetime | None
    expanded_to: datetime | None
    """The window in which occurrences were expanded."""
    zone: str | None
    """The zone in which floating times were read."""
    owner: str = ""
    """`Calendar.owner`."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """How reading an account went last."""

    name: str
    state: ReadingState = "ok"
    message: str = ""
    last_success: datetime | None = None
    memo: Mapping[str, Any] | None = None
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredBook:
    """What the ledger remembers of reading one book of an address book of the config."""

    id: int
    ref: str
    """`AddressBook.id`."""
    name: str
    version: str | None = None
    token: str | None = None
    reconciled: datetime | None = None
    """When a full listing was compared last; None: it was never read to its end."""

    @property
    def complete(self) -> bool:
        """Read to its end at least once."""
        return self.reconciled is not None


@dataclass(frozen=True, slots=True)
class AddressBookState:
    """How reading an address book of the config (`[addressbooks.NAME]`) went last."""

    name: str
    state: ReadingState = "ok"
    message: str = ""
    last_success: datetime | None = None
    memo: Mapping[str, Any] | None = None


class Polled(Store):
    """How each account, calendar, address book and book was read last."""

    def accounts(self) -> dict[str, AccountState]:
        rows = self._all("SELECT name, state, message, last_success, memo, addresses FROM accounts")
        return {
            name: AccountState(
                name,
                state,
                message,
                moment(last),
                json.loads(memo),
                frozenset(json.loads(addresses)),
            )
            for name, state, message, last, memo, addresses in rows
        }

    def save_account(self, account: AccountState) -> None:
        self._run(
            "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
            account.name,
            account.state,
            account.message,
            seconds(account.last_success),
            json.dumps(account.memo or {}),
            json.dumps(sorted(account.addresses)),
        )

    def calendars(self, account: str) -> dict[str, StoredCalendar]:
        """The account's calendars by `Calendar.id`."""
        rows = self._all(
            "SELECT id, account, ref, name, version, token, complete, reconciled, expanded_from, "
            "expanded_to, zone,"
            " owner FROM calendars WHERE account = ?",
            account,
        )
        return {
            row[2]: StoredCalendar(
                id=row[0],
                account=row[1],
                ref=row[2],
                name=row[3],
                version=row[4],
                token=row[5],
                complete=bool(row[6]),
                reconciled=moment(row[7]),
                expanded_from=moment(row[8]),
                expanded_to=moment(row[9]),
                zone=row[10],
                owner=row[11],
            )
            for row in rows
        }

    def address_books(self) -> dict[str, AddressBookState]:
        """By name in the config."""
        rows = self._all("SELECT name, state, message, last_success, memo FROM addressbooks")
        return {
            name: AddressBookState(name, state, message, moment(last), json.loads(memo))
            for name, state, message, last, memo in rows
        }

    def save_address_book(self, book: AddressBookState) -> None:
        self._run(
            "INSERT OR REPLACE INTO addressbooks VALUES (?, ?, ?, ?, ?)",
            book.name,
            book.state,
            book.message,
            seconds(book.last_success),
            json.dumps(book.memo or {}),
        )

    def books(self, address_book: str) -> dict[str, StoredBook]:
        """The books of an address book of the config by `AddressBook.id`."""
        sql = "SELECT id, ref, name, version, token, reconciled FROM books WHERE addressbook = ?"
        return {
            row[1]: StoredBook(row[0], row[1], row[2], row[3], row[4], moment(row[5]))
            for row in self._all(sql, address_book)
        }

    def problems(self) -> list[tuple[str, str, Problem]]:
        """What was set aside: account, calendar, problem."""
        rows: list[Any] = self._all(
            "SELECT account, name, uid, reason, starts, ends FROM problems p"
            " JOIN groups g ON g.id = p.grp JOIN calendars c ON c.id = g.calendar"
            " ORDER BY account, name, uid"
        )
        return [
            (row[0], row[1], Problem(row[2], row[3], moment(row[4]), moment(row[5])))
            for row in rows
        ]

    def next_edge(self, now: datetime) -> datetime | None:
        """When something that was read begins or ends next (UTC); None where nothing is ahead."""
        edges = [
            self._all(f"SELECT min({edge}) FROM occurrences WHERE {edge} > ?", seconds(now))[0][0]  # noqa: S608 - ours
            for edge in ("starts", "ends")
        ]
        return min(filter(None, map(moment, edges)), default=None)

    def drop_quiet_mark(self) -> None:
        """Let the next poll be a pass."""
        if self.get(QUIET):
            self.put(QUIET, "")

    def decided(self) -> str:
        """A fingerprint of all that was decided: another one once a command, or a pass, has changed
        any of it."""
        with ledger_errors(self._path):
            return decided_in(self._db)


def open_polled(state: Path) -> Polled | None:
    """The ledger in a state folder, for a poll; None where there is none yet, or it is another
    version's. Raises LedgerError."""
    path = ledger_path(state)
    with ledger_errors(path):
        if not path.exists():
            return None
        db = connect(str(path))
        if db.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
            db.close()
            return None
    return Polled(db, path)
