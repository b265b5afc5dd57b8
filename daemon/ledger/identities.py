"""Who is who: which card of an address book stands for which contact, so that what is recorded for
somebody stays theirs under another name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daemon.ledger.decisions import Decisions, hold_json
from daemon.ledger.store import ledger_errors


class Identities(Decisions):
    """Contact keys by the UID of a card."""

    def identities(self) -> dict[str, str]:
        """The contact key of every card that ever stood for a contact, by the card's UID."""
        return dict(self._all("SELECT uid, contact FROM identities"))

    def save_identities(self, identities: Mapping[str, str]) -> None:
        """What was known of other cards stays."""
        with self.transaction(), ledger_errors(self._path):
            self._db.executemany(
                "INSERT OR REPLACE INTO identities VALUES (?, ?)", identities.items()
            )

    def carry_over(self, renamed: Mapping[str, str]) -> None:
        """Everything recorded under one key is recorded under another from now on: `renamed` gives
        the new keys by the old ones, all of them at once, so that two may change places. What was
        recorded under both is joined."""
        if not renamed:
            return
        touched = json.dumps(sorted({*renamed, *renamed.values()}))
        with self.transaction():
            self._carry_records(renamed, touched)
            self._carry_rows("manual", renamed, touched)
            self._carry_rows("counted", renamed, touched)
            self._carry_holds(renamed)
            self._carry_entries(renamed)

    def _carry_records(self, renamed: Mapping[str, str], touched: str) -> None:
        rows = self._taken("people", "contact, added, snoozed_until, never, note", touched)
        joined: dict[str, tuple[int, int | None, int, str]] = {}
        # Those that keep their key come first, so that of two notes theirs stands in front.
        for contact, added, snoozed, never, note in sorted(rows, key=lambda row: row[0] in renamed):
            key = renamed.get(contact, contact)
            if key in joined:
                before = joined[key]
                notes = dict.fromkeys(text for text in (before[3], note) if text)
                snoozes = [until for until in (before[1], snoozed) if until is not None]
                joined[key] = (
                    min(before[0], added),
                    max(snoozes, default=None),
                    max(before[2], never),
                    "; ".join(notes),
                )
            else:
                joined[key] = (added, snoozed, never, note)
        for key, record in joined.items():
            self._run("INSERT INTO people VALUES (?, ?, ?, ?, ?)", key, *record)

    def _carry_rows(self, table: str, renamed: Mapping[str, str], touched: str) -> None:
        """Rows of a table whose first column is the contact key."""
        for contact, *rest in self._taken(table, "*", touched):
            marks = ", ".join("?" * (1 + len(rest)))
            sql = f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608 - ours
            self._run(sql, renamed.get(contact, contact), *rest)

    def _carry_entries(self, renamed: Mapping[str, str]) -> None:
        keys = json.dumps(sorted(renamed))
        sql = "SELECT id, contact FROM entries WHERE contact IN (SELECT value FROM json_each(?))"
        for entry, contact in self._all(sql, keys):
            self._run("UPDATE entries SET contact = ? WHERE id = ?", renamed[contact], entry)

    def _taken(self, table: str, columns: str, touched: str) -> list[Any]:
        """The rows of these contacts, taken out of their table."""
        where = "WHERE contact IN (SELECT value FROM json_each(?))"
        rows = self._all(f"SELECT {columns} FROM {table} {where}", touched)  # noqa: S608 - ours
        self._run(f"DELETE FROM {table} {where}", touched)  # noqa: S608 - ours
        return rows

    def _carry_holds(self, renamed: Mapping[str, str]) -> None:
        keys = json.dumps(sorted(renamed))
        sql = (
            "SELECT body FROM holds WHERE contact IN (SELECT value FROM json_each(?1))"
            " OR json_extract(body, '$.introduces') IN (SELECT value FROM json_each(?1))"
        )
        for (body,) in self._all(sql, keys):
            hold = hold_json().validate_json(body)
            introduced = hold.introduces
            self.save_hold(
                replace(
                    hold,
                    contact_key=renamed.get(hold.contact_key, hold.contact_key),
                    introduces=renamed.get(introduced, introduced) if introduced else introduced,
                )
            )
