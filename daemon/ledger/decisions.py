"""What was decided: holds, and what the user said by hand. Durable when a call returns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from daemon.holds.digest import Digest
from daemon.holds.record import Hold
from daemon.ledger.store import Store, ledger_errors, moment, seconds


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """What the ledger knows of a contact beside the calendars."""

    added: datetime
    snoozed_until: datetime | None = None
    never: bool = False
    note: str = ""
    met: tuple[datetime, ...] = ()
    """Entered by hand."""


EntryWord = Literal["met", "snooze", "never", "note"]
_ENTRIES_KEPT = 200
"""So far back can be taken back what was entered."""


@dataclass(frozen=True, slots=True)
class ManualEntry:
    """Something that was entered for a contact, by a command or by an order in a hold's title."""

    id: int
    contact: str
    word: EntryWord
    at: datetime
    """When it was entered, UTC."""
    before: Mapping[str, Any]
    """Of `met` the time that was added (`met`, in seconds); of all others the fields of the
    contact's record that it changed, as they were."""


@dataclass(frozen=True, slots=True)
class KnownHoldCalendar:
    """What is remembered of the calendar that holds are written to."""

    where: str
    """Where the account led."""
    ref: str | None
    """`Calendar.id`; None while it is being made."""
    made: bool
    """fikad made it; else it was found by its name."""


@cache
def hold_json() -> TypeAdapter[Hold]:
    """How a hold is stored; made when first needed, since pydantic takes its time."""
    return TypeAdapter(Hold)


@cache
def _digests_json() -> TypeAdapter[dict[str, Digest]]:
    return TypeAdapter(dict[str, Digest])


class Decisions(Store):
    """What nobody could read again."""

    def people(self) -> dict[str, ContactRecord]:
        """Everything entered by hand, by contact key."""
        met: dict[str, list[datetime]] = {}
        for contact, when in self._all("SELECT contact, met FROM manual ORDER BY met"):
            met.setdefault(contact, []).append(datetime.fromtimestamp(when, UTC))
        return {
            row[0]: ContactRecord(
                datetime.fromtimestamp(row[1], UTC),
                moment(row[2]),
                bool(row[3]),
                row[4],
                tuple(met.get(row[0], ())),
            )
            for row in self._all("SELECT contact, added, snoozed_until, never, note FROM people")
        }

    def add_people(self, contacts: Iterable[str], now: datetime) -> None:
        """Remember when contacts were first seen in the config."""
        with self.transaction(), ledger_errors(self._path):
            self._db.executemany(
                "INSERT OR IGNORE INTO people (contact, added) VALUES (?, ?)",
                ((contact, seconds(now)) for contact in contacts),
            )

    def add_met(self, contact: str, when: datetime, now: datetime) -> None:
        """A meeting entered by hand."""
        with self.transaction():
            self.add_people([contact], now)
            known = "SELECT 1 FROM manual WHERE contact = ? AND met = ?"
            if self._all(known, contact, seconds(when)):
                return
            self._run("INSERT INTO manual VALUES (?, ?)", contact, seconds(when))
            self._enter(contact, "met", now, {"met": seconds(when)})

    def snooze(self, contact: str, until: datetime | None, now: datetime) -> None:
        """The contact is left alone until then (None: no more). It takes an earlier `never`
        back."""
        with self.transaction():
            self._enter_change(contact, "snooze", now, snoozed_until=seconds(until), never=0)

    def never(self, contact: str, now: datetime) -> None:
        """The user's `never`: the contact is not suggested again."""
        with self.transaction():
            self._enter_change(contact, "never", now, never=1)

    def note(self, contact: str, text: str, now: datetime) -> None:
        """The user's own note on a contact; empty removes it."""
        with self.transaction():
            self._enter_change(contact, "note", now, note=text)

    def entries(self) -> list[ManualEntry]:
        """What was entered lately and was not taken back, oldest first."""
        rows = self._all("SELECT id, contact, word, at, before FROM entries ORDER BY id")
        return [
            ManualEntry(
                row[0], row[1], row[2], datetime.fromtimestamp(row[3], UTC), json.loads(row[4])
            )
            for row in rows
        ]

    def take_back(self, entry: ManualEntry) -> None:
        """Make an entry, the contact's last one, undone: what stood there before stands again."""
        with self.transaction():
            if entry.word == "met":
                sql = "DELETE FROM manual WHERE contact = ? AND met = ?"
                self._run(sql, entry.contact, entry.before["met"])
            else:
                self._set(entry.contact, entry.before)
            self._run("DELETE FROM entries WHERE id = ?", entry.id)

    def take_back_rest(self, hold: Hold) -> None:
        """Let a contact no longer rest after the dismissal of this hold."""
        self.save_hold(replace(hold, rest_taken_back=True))

    def _enter_change(
        self, contact: str, word: EntryWord, now: datetime, **fields: int | str | None
    ) -> None:
        """Change fields of a contact's record, and keep what they were."""
        self.add_people([contact], now)
        columns = ", ".join(fields)
        sql = f"SELECT {columns} FROM people WHERE contact = ?"  # noqa: S608 - ours
        before = dict(zip(fields, self._all(sql, contact)[0], strict=True))
        if before != fields:
            self._set(contact, fields)
            self._enter(contact, word, now, before)

    def _set(self, contact: str, fields: Mapping[str, int | str | None]) -> None:
        columns = ", ".join(f"{name} = ?" for name in fields)
        sql = f"UPDATE people SET {columns} WHERE contact = ?"  # noqa: S608 - ours
        self._run(sql, *fields.values(), contact)

    def _enter(
        self, contact: str, word: EntryWord, now: datetime, before: Mapping[str, Any]
    ) -> None:
        sql = "INSERT INTO entries (contact, word, at, before) VALUES (?, ?, ?, ?)"
        self._run(sql, contact, word, seconds(now), json.dumps(before))
        self._run(
            "DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?", _ENTRIES_KEPT
        )

    def holds(self) -> list[Hold]:
        """Every hold ever decided, oldest first."""
        load = hold_json().validate_json
        records = [load(row[0]) for row in self._all("SELECT body FROM holds")]
        return sorted(records, key=lambda hold: (hold.created_at, hold.uid))

    def holds_without_introduction(self) -> list[Hold]:
        """The records that do not tell whom they introduce, in no order: an older version's."""
        sql = "SELECT body FROM holds WHERE json_extract(body, '$.introduces') IS NULL"
        return [hold_json().validate_json(body) for (body,) in self._all(sql)]

    def hold_calendars(self, account: str) -> set[str]:
        """Where in an account holds stand, or may stand, that are not over and done with:
        `Calendar.id`s."""
        rows = self._all(
            "SELECT DISTINCT json_extract(body, '$.calendar') FROM holds WHERE json_extract(body, "
            "'$.account') = ?"
            " AND (state NOT IN ('missed', 'dismissed', 'withdrawn', 'lapsed')"
            " OR json_extract(body, '$.intent') IS NOT NULL)",
            account,
        )
        return {row[0] for row in rows}

    def save_hold(self, hold: Hold) -> None:
        """Durable when it returns (unless inside a transaction)."""
        body = hold_json().dump_json(hold).decode()
        self._run(
            "INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?)",
            hold.uid,
            hold.contact_key,
            hold.state,
            body,
        )

    def drop_hold(self, uid: str) -> None:
        """Forget a hold that certainly was never written."""
        self._run("DELETE FROM holds WHERE uid = ?", uid)

    def lost_holds(self) -> int:
        """How many holds were taken back and not replaced since the last plan."""
        return int(self.get("lost") or 0)

    def count_lost_hold(self) -> None:
        """One more hold was taken back."""
        self.put("lost", str(self.lost_holds() + 1))

    def count_replaced_hold(self) -> bool:
        """One that was taken back is replaced; whether there was one."""
        lost = self.lost_holds()
        if lost:
            self.put("lost", str(lost - 1))
        return bool(lost)

    def forget_lost_holds(self) -> None:
        """A plan was carried out: from now on it is counted anew."""
        self.put("lost", "0")

    def known_hold_calendar(self, account: str, name: str) -> KnownHoldCalendar | None:
        """The calendar that the config calls `name` in an account, once it was found or its making
        was begun."""
        sql = "SELECT place, ref, made FROM hold_calendars WHERE account = ? AND name = ?"
        rows = self._all(sql, account, name)
        return KnownHoldCalendar(rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None

    def save_known_hold_calendar(self, account: str, name: str, place: KnownHoldCalendar) -> None:
        """Durable when it returns (unless inside a transaction)."""
        sql = (
            "INSERT OR REPLACE INTO hold_calendars (account, name, place, ref, made) VALUES (?, "
            "?, ?, ?, ?)"
        )
        self._run(sql, account, name, place.where, place.ref, int(place.made))

    def drop_known_hold_calendar(self, account: str, name: str) -> None:
        """Forget a calendar that certainly was never made."""
        self._run("DELETE FROM hold_calendars WHERE account = ? AND name = ?", account, name)

    def digests(self) -> dict[str, Digest]:
        """The weekly digests that still matter, by UID."""
        stored = self.get("looks")
        return _digests_json().validate_json(stored) if stored else {}

    def save_digests(self, digests: Mapping[str, Digest]) -> None:
        """All of them. Durable when it returns (unless inside a transaction)."""
        self.put("looks", _digests_json().dump_json(dict(digests)).decode() if digests else "")
