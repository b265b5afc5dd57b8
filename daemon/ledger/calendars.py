"""Accounts and calendars as they were read last: how it went, and from where to go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from daemon.ledger.counted import Counted
from daemon.ledger.polled import Polled, StoredCalendar
from daemon.ledger.store import seconds


class Calendars(Polled, Counted):
    """What is remembered of each account and calendar."""

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
        """Record token and version; belongs into the transaction that stores the last batch. A pass
        that dies after it has read more than it judged, so the next poll is one."""
        self.drop_quiet_mark()
        self._run(
            "UPDATE calendars SET version = ?, token = ?, complete = 1, reconciled = coalesce(?, "
            "reconciled)"
            " WHERE id = ?",
            version,
            token,
            seconds(reconciled),
            calendar,
        )
