"""Accounts and calendars as they were read last: how it went, and from where to go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daemon.ledger.counted import Counted
from daemon.ledger.reading_state import ReadingState
from daemon.ledger.store import moment, seconds


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


class Calendars(Counted):
    """What is remembered of each account and calendar."""

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

    def save_memo(self, account: str, memo: Mapping[str, Any]) -> None:
        """What the account wants to be given back (see `connectors.base.Account.memo`)."""
        self._run("UPDATE accounts SET memo = ? WHERE name = ?", json.dumps(memo), account)

    def keep_accounts(self, names: Iterable[str]) -> None:
        """Forget what was read from accounts that are configured no more."""
        keep = json.dumps(sorted(names))
        with self.transaction():
            self._run(
                "DELETE FROM accounts WHERE name NOT IN (SELECT value FROM json_each(?))", keep
            )
            gone = "FROM calendars WHERE account NOT IN (SELECT value FROM json_each(?))"
            if self._all(f"SELECT 1 {gone} LIMIT 1", keep):
                self.judge_anew()
                self._run(f"DELETE {gone}", keep)

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

    def add_calendar(self, account: str, ref: str, name: str, owner: str = "") -> StoredCalendar:
        """The calendar's row, made when it is new; its name and owner as they are now."""
        known = self.calendars(account).get(ref)
        if known is not None and (known.name, known.owner) == (name, owner):
            return known
        with self.transaction():
            self.judge_anew()  # verdicts name the calendar, and depend on whose it is
            self._run(
                "INSERT INTO calendars (account, ref, name, owner) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (account, ref) DO UPDATE SET name = excluded.name, owner = "
                "excluded.owner",
                account,
                ref,
                name,
                owner,
            )
        return self.calendars(account)[ref]

    def forget_calendar(self, calendar: int) -> None:
        """Drop all that was read from it."""
        with self.transaction():
            self.judge_anew()
            self._run("DELETE FROM calendars WHERE id = ?", calendar)

    def save_window(self, calendar: int, start: datetime, end: datetime, zone: str) -> None:
        """Record the window and zone in which the calendar's groups are expanded now."""
        self._run(
            "UPDATE calendars SET expanded_from = ?, expanded_to = ?, zone = ? WHERE id = ?",
            seconds(start),
            seconds(end),
            zone,
            calendar,
        )

    def finish_reading(
        self, calendar: int, version: str | None, token: str | None, reconciled: datetime | None
    ) -> None:
        """Record token and version; belongs into the transaction that stores the last batch."""
        self._run(
            "UPDATE calendars SET version = ?, token = ?, complete = 1, reconciled = coalesce(?, "
            "reconciled)"
            " WHERE id = ?",
            version,
            token,
            seconds(reconciled),
            calendar,
        )
