"""The ledger: fikad's memory, one SQLite file.

Two kinds of things live here. What was *read* (texts, tokens, expanded occurrences) is a copy of the calendars and
can be thrown away: the next pass reads it again. What was *decided* (holds, and what the user said by hand) is kept
durably: a call that returned has reached the disk (WAL, synchronous FULL). Texts and the token that they belong to
are always stored in one transaction.

Times are stored as whole seconds since the epoch, UTC.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import FikadError, HoldEvent, Occurrence, Problem, Resource
from daemon.holds.transition import Hold
from daemon.judging.meetings import Verdict
from daemon.ledger.migrations import MIGRATIONS

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class LedgerError(FikadError):
    """The state folder or the ledger in it cannot be used: full disk, no permission, damaged or newer file."""


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


@dataclass(frozen=True, slots=True)
class AccountState:
    """How reading an account went last."""

    name: str
    state: str = "ok"
    """ok, auth, error or suspect."""
    message: str = ""
    last_success: datetime | None = None
    memo: Mapping[str, Any] | None = None
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundHold:
    """An event of ours as last read."""

    account: str
    calendar: str
    """`Calendar.id`."""
    resource: Resource
    event: HoldEvent


@dataclass(frozen=True, slots=True)
class Person:
    """What the ledger knows of a contact beside the calendars."""

    added: datetime
    snoozed_until: datetime | None = None
    never: bool = False
    note: str = ""
    met: tuple[datetime, ...] = ()
    """Entered by hand."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """One group's expansion, to be stored."""

    group: str
    occurrences: Sequence[Occurrence]
    problems: Sequence[Problem]
    recurring: bool


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@cache
def _occurrence_json() -> TypeAdapter[Occurrence]:
    from pydantic import TypeAdapter

    return TypeAdapter(Occurrence)


@cache
def _occurrences_json() -> TypeAdapter[list[Occurrence]]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[Occurrence])


@cache
def _hold_json() -> TypeAdapter[Hold]:
    from pydantic import TypeAdapter

    return TypeAdapter(Hold)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as a LedgerError that says what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(_advice(path, error)) from error


def _advice(path: Path, error: Exception) -> str:
    text = str(error)
    if "full" in text or "No space" in text:
        return f"the disk is full, nothing was recorded in {path}: free some space and run fikad again"
    if "not a database" in text or "malformed" in text:
        return f"{path} is damaged: move it aside, or restore one of the backups beside it, and run fikad again"
    if "locked" in text:
        return f"{path} is in use by another program: try again when it has finished"
    return f"cannot use {path} ({text}): check that its folder exists and that you may write there"


class Ledger:
    """An open ledger. Use `open_ledger` or `scratch_copy`; close it, or use it as a context manager."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._path = path

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk when it returns. Nested use joins the outer one."""
        if self._db.in_transaction:
            yield
            return
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _all(self, sql: str, *values: object) -> list[Any]:
        with _told(self._path):
            return self._db.execute(sql, values).fetchall()

    def _run(self, sql: str, *values: object) -> None:
        with _told(self._path):
            self._db.execute(sql, values)

    # --- small facts

    def get(self, key: str) -> str | None:
        """A small fact by name; None when it was never set."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else None

    def put(self, key: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    # --- accounts and calendars

    def accounts(self) -> dict[str, AccountState]:
        rows = self._all("SELECT name, state, message, last_success, memo, addresses FROM accounts")
        return {
            name: AccountState(name, state, message, _moment(last), json.loads(memo), frozenset(json.loads(addresses)))
            for name, state, message, last, memo, addresses in rows
        }

    def save_account(self, account: AccountState) -> None:
        self._run(
            "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
            account.name,
            account.state,
            account.message,
            _seconds(account.last_success),
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
            self._run("DELETE FROM accounts WHERE name NOT IN (SELECT value FROM json_each(?))", keep)
            gone = "FROM calendars WHERE account NOT IN (SELECT value FROM json_each(?))"
            if self._all(f"SELECT 1 {gone} LIMIT 1", keep):
                self._judge_anew()
                self._run(f"DELETE {gone}", keep)

    def calendars(self, account: str) -> dict[str, StoredCalendar]:
        """The account's calendars by `Calendar.id`."""
        rows = self._all(
            "SELECT id, account, ref, name, version, token, complete, reconciled, expanded_from, expanded_to, zone"
            " FROM calendars WHERE account = ?",
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
                reconciled=_moment(row[7]),
                expanded_from=_moment(row[8]),
                expanded_to=_moment(row[9]),
                zone=row[10],
            )
            for row in rows
        }

    def add_calendar(self, account: str, ref: str, name: str) -> StoredCalendar:
        """The calendar's row, made when it is new; its name as it is now."""
        known = self.calendars(account).get(ref)
        if known is not None and known.name == name:
            return known
        with self.transaction():
            self._judge_anew()  # verdicts name the calendar
            self._run(
                "INSERT INTO calendars (account, ref, name) VALUES (?, ?, ?)"
                " ON CONFLICT (account, ref) DO UPDATE SET name = excluded.name",
                account,
                ref,
                name,
            )
        return self.calendars(account)[ref]

    def forget_calendar(self, calendar: int) -> None:
        """Drop all that was read from it."""
        with self.transaction():
            self._judge_anew()
            self._run("DELETE FROM calendars WHERE id = ?", calendar)

    def save_window(self, calendar: int, start: datetime, end: datetime, zone: str) -> None:
        """Record the window and zone in which the calendar's groups are expanded now."""
        self._run(
            "UPDATE calendars SET expanded_from = ?, expanded_to = ?, zone = ? WHERE id = ?",
            _seconds(start),
            _seconds(end),
            zone,
            calendar,
        )

    def finish_reading(
        self, calendar: int, version: str | None, token: str | None, reconciled: datetime | None
    ) -> None:
        """Record token and version; belongs into the transaction that stores the last batch."""
        self._run(
            "UPDATE calendars SET version = ?, token = ?, complete = 1, reconciled = coalesce(?, reconciled)"
            " WHERE id = ?",
            version,
            token,
            _seconds(reconciled),
            calendar,
        )

    # --- what was read

    def known(self, calendar: int) -> dict[str, str | None]:
        """Every stored href with its ETag."""
        return dict(self._all("SELECT href, etag FROM resources WHERE calendar = ?", calendar))

    def resource(self, calendar: int, href: str) -> Resource | None:
        rows = self._all("SELECT href, etag, text, grp FROM resources WHERE calendar = ? AND href = ?", calendar, href)
        return Resource(*rows[0]) if rows else None

    def group_texts(
        self, calendar: int, changed: Sequence[Resource], removed: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """The texts of every group that a batch touches, as they will be once it is stored; empty: the group goes."""
        touched = {*removed, *(resource.href for resource in changed)}
        groups: dict[str, list[str]] = {resource.group or resource.href: [] for resource in changed}
        sql = "SELECT grp FROM resources WHERE calendar = ? AND href IN (SELECT value FROM json_each(?))"
        for (group,) in self._all(sql, calendar, json.dumps(sorted(touched))):
            groups.setdefault(group, [])
        for group, href, text in self._of_groups(calendar, groups):
            if href not in touched:
                groups[group].append(text)
        for resource in changed:
            groups[resource.group or resource.href].append(resource.text)
        return {group: tuple(texts) for group, texts in groups.items()}

    def _of_groups(self, calendar: int, groups: Iterable[str]) -> list[Any]:
        """Group, href and text of every stored resource of these groups."""
        # Without being told, SQLite takes the primary key and reads the whole calendar for every group.
        sql = (
            "SELECT grp, href, text FROM resources INDEXED BY resources_by_group"
            " WHERE calendar = ? AND grp IN (SELECT value FROM json_each(?)) ORDER BY grp, href"
        )
        return self._all(sql, calendar, json.dumps(list(groups)))

    def store_texts(self, calendar: int, changed: Sequence[Resource], removed: Sequence[str]) -> None:
        """Store and drop texts."""
        with _told(self._path):
            self._db.executemany(
                "DELETE FROM resources WHERE calendar = ? AND href = ?", ((calendar, href) for href in removed)
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?)",
                ((calendar, r.href, r.etag, r.group or r.href, r.text) for r in changed),
            )

    def texts(self, calendar: int, groups: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The stored texts by group, each group's in the order of their hrefs."""
        found: dict[str, list[str]] = {}
        for group, _, text in self._of_groups(calendar, groups):
            found.setdefault(group, []).append(text)
        return {group: tuple(texts) for group, texts in found.items()}

    def groups(self, calendar: int, *, recurring_only: bool = False) -> list[str]:
        sql = "SELECT grp FROM groups WHERE calendar = ? AND recurring >= ?"
        return [row[0] for row in self._all(sql, calendar, int(recurring_only))]

    def note_unread(self, calendar: int, problems: Iterable[Problem], touched: Collection[str] | None) -> None:
        """Keep what could not even be fetched, until it is read, goes, or a full reading (`touched` is None) no longer
        meets it. `touched` are the hrefs that were read or went."""
        unread = [
            row[0] for row in self._all("SELECT grp FROM groups WHERE calendar = ? AND grp GLOB 'unread:*'", calendar)
        ]
        found = [Expanded(f"unread:{one.uid}", (), (one,), recurring=False) for one in problems]
        over = {
            group
            for group in unread
            if touched is None or any(href.endswith(group.removeprefix("unread:")) for href in touched)
        }
        self.store_expanded(calendar, over.union(one.group for one in found), found)

    def store_expanded(self, calendar: int, groups: Iterable[str], expanded: Sequence[Expanded]) -> None:
        """Replace the occurrences and problems of these groups; a group that is not among the expanded goes."""

        def dump(occurrence: Occurrence) -> str:
            return _occurrence_json().dump_json(occurrence, exclude_defaults=True).decode()

        touched = json.dumps(list(groups))
        self._judge_anew_if_past(calendar, touched, expanded)
        self._run(
            "DELETE FROM groups WHERE calendar = ? AND grp IN (SELECT value FROM json_each(?))", calendar, touched
        )
        with _told(self._path):
            self._db.executemany(
                "INSERT INTO groups VALUES (?, ?, ?)", ((calendar, one.group, int(one.recurring)) for one in expanded)
            )
            self._db.executemany(
                "INSERT INTO occurrences VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (calendar, one.group, o.uid, _seconds(o.start), _seconds(o.end), dump(o))
                    for one in expanded
                    for o in one.occurrences
                ),
            )
            self._db.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (calendar, one.group, p.uid, p.reason, _seconds(p.start), _seconds(p.end))
                    for one in expanded
                    for p in one.problems
                ),
            )

    def occurrences(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Every stored occurrence that overlaps [start, end), by start, with its account and calendar filled in."""
        # The plus keeps SQLite from taking the index by start, which would read the whole history.
        return self._load_occurrences("ends >= ? AND +starts < ?", _seconds(start), _seconds(end))

    def beginning(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Every stored occurrence that begins in [start, end), as `occurrences` gives them."""
        return self._load_occurrences("starts >= ? AND starts < ?", _seconds(start), _seconds(end))

    def found_holds(self) -> list[FoundHold]:
        """Every event of ours that stands in a calendar, as last read; the first occurrence where it was repeated."""
        rows = self._all(
            "SELECT account, ref, href, etag, text, r.grp, body FROM occurrences o"
            " JOIN calendars c ON c.id = o.calendar"
            " JOIN resources r INDEXED BY resources_by_group ON r.calendar = o.calendar AND r.grp = o.grp"
            " WHERE o.uid GLOB 'fikad*' ORDER BY +starts DESC"
        )
        found = {}
        for account, ref, href, etag, text, group, body in rows:
            event = _occurrence_json().validate_json(body).hold
            if event is not None:
                found[account, ref, event.uid] = FoundHold(account, ref, Resource(href, etag, text, group), event)
        return list(found.values())

    def mentioning(self, uid: str) -> list[tuple[str, str, Resource]]:
        """Every resource with a UID in its text or name: account, `Calendar.id`, resource. Reads all texts."""
        rows = self._all(
            "SELECT account, ref, href, etag, text, grp FROM resources r JOIN calendars c ON c.id = r.calendar"
            " WHERE instr(text, ?1) OR instr(href, ?1) ORDER BY c.id, href",
            uid,
        )
        return [(account, ref, Resource(*rest)) for account, ref, *rest in rows]

    def _load_occurrences(self, where: str, *values: object) -> list[Occurrence]:
        rows = self._all(
            "SELECT body, account, name FROM occurrences o JOIN calendars c ON c.id = o.calendar"  # noqa: S608 - `where` is ours
            f" WHERE {where} ORDER BY starts, ends, o.uid, c.id",
            *values,
        )
        # One JSON array for all is several times faster than one call each.
        bodies = ",".join(
            f'{row[0][:-1]},"account":{json.dumps(row[1])},"calendar":{json.dumps(row[2])}}}' for row in rows
        )
        return _occurrences_json().validate_json(f"[{bodies}]")

    def foreign_count(self, calendar: int) -> int:
        """How many stored resources are not holds of ours."""
        sql = (
            "SELECT count(*) FROM resources r WHERE r.calendar = ? AND NOT EXISTS (SELECT 1 FROM occurrences o"
            " WHERE o.calendar = r.calendar AND o.grp = r.grp AND o.uid GLOB 'fikad*')"
        )
        return int(self._all(sql, calendar)[0][0])

    def problems(self) -> list[tuple[str, str, Problem]]:
        """What was set aside: account, calendar, problem."""
        rows = self._all(
            "SELECT account, name, uid, reason, starts, ends FROM problems p JOIN calendars c ON c.id = p.calendar"
            " ORDER BY account, name, uid"
        )
        return [(row[0], row[1], Problem(row[2], row[3], _moment(row[4]), _moment(row[5]))) for row in rows]

    # --- what was decided

    def people(self) -> dict[str, Person]:
        """Everything entered by hand, by contact key."""
        met: dict[str, list[datetime]] = {}
        for contact, seconds in self._all("SELECT contact, met FROM manual ORDER BY met"):
            met.setdefault(contact, []).append(datetime.fromtimestamp(seconds, UTC))
        return {
            row[0]: Person(
                datetime.fromtimestamp(row[1], UTC), _moment(row[2]), bool(row[3]), row[4], tuple(met.get(row[0], ()))
            )
            for row in self._all("SELECT contact, added, snoozed_until, never, note FROM people")
        }

    def add_people(self, contacts: Iterable[str], now: datetime) -> None:
        """Remember when contacts were first seen in the config."""
        with self.transaction(), _told(self._path):
            self._db.executemany(
                "INSERT OR IGNORE INTO people (contact, added) VALUES (?, ?)",
                ((contact, _seconds(now)) for contact in contacts),
            )

    def add_met(self, contact: str, when: datetime, now: datetime) -> None:
        """A meeting entered by hand."""
        with self.transaction():
            self.add_people([contact], now)
            self._run("INSERT OR IGNORE INTO manual VALUES (?, ?)", contact, _seconds(when))

    def snooze(self, contact: str, until: datetime | None, now: datetime) -> None:
        """The contact is left alone until then (None: no more). It takes an earlier `never` back."""
        with self.transaction():
            self.add_people([contact], now)
            self._run("UPDATE people SET snoozed_until = ?, never = 0 WHERE contact = ?", _seconds(until), contact)

    def never(self, contact: str, now: datetime) -> None:
        """The user's `never`: the contact is not suggested again."""
        with self.transaction():
            self.add_people([contact], now)
            self._run("UPDATE people SET never = 1 WHERE contact = ?", contact)

    def note(self, contact: str, text: str, now: datetime) -> None:
        """The user's own note on a contact; empty removes it."""
        with self.transaction():
            self.add_people([contact], now)
            self._run("UPDATE people SET note = ? WHERE contact = ?", text, contact)

    def holds(self) -> list[Hold]:
        """Every hold ever decided, oldest first."""
        load = _hold_json().validate_json
        found = [load(row[0]) for row in self._all("SELECT body FROM holds")]
        return sorted(found, key=lambda hold: (hold.created_at, hold.uid))

    def hold_calendars(self, account: str) -> set[str]:
        """Where in an account holds stand, or may stand, that are not over and done with: `Calendar.id`s."""
        rows = self._all(
            "SELECT DISTINCT json_extract(body, '$.calendar') FROM holds WHERE json_extract(body, '$.account') = ?"
            " AND (state NOT IN ('dismissed', 'withdrawn', 'lapsed') OR json_extract(body, '$.intent') IS NOT NULL)",
            account,
        )
        return {row[0] for row in rows}

    def save_hold(self, hold: Hold) -> None:
        """Durable when it returns (unless inside a transaction)."""
        body = _hold_json().dump_json(hold).decode()
        self._run("INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?)", hold.uid, hold.contact_key, hold.state, body)

    def drop_hold(self, uid: str) -> None:
        """Forget a hold that certainly was never written."""
        self._run("DELETE FROM holds WHERE uid = ?", uid)

    # --- what counts, judged once

    def judged_until(self, key: str) -> datetime | None:
        """What began before this has been judged for good, if the judging was done under `key` and nothing of it has
        changed since; None: everything must be judged."""
        judged, until = self._judged()
        return datetime.fromtimestamp(until, UTC) if judged == key else None

    def counted(self, start: datetime, end: datetime) -> list[Verdict]:
        """The recorded meetings that ended since `start` and began before `end`, sorted by start."""
        rows = self._all(
            "SELECT contact, rule, reason, body FROM counted WHERE ends >= ? AND starts < ? ORDER BY starts, contact",
            _seconds(start),
            _seconds(end),
        )
        occurrences = _occurrences_json().validate_json(f"[{','.join(row[3] for row in rows)}]")
        return [
            Verdict(contact, occurrence, counted=True, rule=rule, reason=reason)
            for (contact, rule, reason, _), occurrence in zip(rows, occurrences, strict=True)
        ]

    def record_counted(
        self, key: str, counted: Iterable[Verdict], since: datetime | None, until: datetime
    ) -> list[Verdict]:
        """Record which meetings count and return those that were not recorded before.

        Only those that began since `since` are looked at, None: all. From now on, what began before `until` is taken
        as judged for good under `key`.
        """
        fresh = [one for one in counted if since is None or one.occurrence.start >= since]
        rows = {row[:3]: row for row in map(_counted_row, fresh)}
        sql = "SELECT contact, uid, starts, ends, rule, reason, body FROM counted WHERE starts >= ?"
        before = {row[:3]: row for row in self._all(sql, -(1 << 62) if since is None else _seconds(since))}
        changed = [row for meeting, row in rows.items() if before.get(meeting) != row]
        gone = before.keys() - rows.keys()
        if changed or gone or since is None or until - since >= _JUDGED_EVERY:
            with self.transaction(), _told(self._path):
                self._db.executemany("DELETE FROM counted WHERE contact = ? AND uid = ? AND starts = ?", gone)
                self._db.executemany("INSERT OR REPLACE INTO counted VALUES (?, ?, ?, ?, ?, ?, ?)", changed)
                self.put("judged", f"{key} {_seconds(until)}")
        return [one for one in fresh if _counted_row(one)[:3] not in before]

    def _judged(self) -> tuple[str, int]:
        """The key under which the past was judged, and the second until which."""
        key, _, until = (self.get("judged") or " 0").partition(" ")
        return key, int(until)

    def _judge_anew(self) -> None:
        self._run("DELETE FROM meta WHERE key = 'judged'")

    def _judge_anew_if_past(self, calendar: int, groups: str, expanded: Iterable[Expanded]) -> None:
        """Judge anew when occurrences come or go in the part of the past that was judged for good."""
        _, until = self._judged()
        sql = (
            "SELECT 1 FROM occurrences WHERE calendar = ? AND grp IN (SELECT value FROM json_each(?))"
            " AND +starts < ? LIMIT 1"
        )
        if until and (
            any(o.start.timestamp() < until for one in expanded for o in one.occurrences)
            or self._all(sql, calendar, groups, until)
        ):
            self._judge_anew()


_JUDGED_EVERY = timedelta(days=1)
"""How often what is judged for good moves on. In between, a pass that finds nothing new writes nothing of it."""


def _counted_row(verdict: Verdict) -> tuple[str, str, int, int, str, str, str]:
    one = verdict.occurrence
    body = _occurrence_json().dump_json(one, exclude_defaults=True).decode()
    starts, ends = int(one.start.timestamp()), int(one.end.timestamp())
    return verdict.contact_key, one.uid, starts, ends, verdict.rule, verdict.reason, body


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise LedgerError(f"{path} was written by a newer fikad: update fikad, or use another --state folder")
    for number in range(version, len(MIGRATIONS)):
        db.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")


_CACHE_KIB = 16 << 10
"""Texts arrive in no order, so a first reading touches the whole file again and again."""


def _connect(target: str, path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(target, timeout=5, isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return db


def _connect_to_look(path: Path) -> sqlite3.Connection:
    """A connection that creates and changes no file. Without a write-ahead log nobody is writing, and SQLite, which
    would make one even to read, is told so."""
    logged = path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro" if logged else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=5, isolation_level=None)


def ledger_path(state: Path) -> Path:
    """Where the ledger lies in a state folder."""
    return state / "ledger.db"


def open_ledger(state: Path) -> Ledger:
    """The ledger in a state folder, made when missing: folder 0700, file 0600. Raises LedgerError."""
    path = ledger_path(state)
    with _told(path):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        db = _connect(str(path), path)
        db.execute("PRAGMA journal_mode = WAL")
        _migrate(db, path)
    return Ledger(db, path)


def scratch_copy(state: Path) -> Ledger:
    """A copy of the ledger in memory (empty when there is none), for passes that must leave no trace."""
    path = ledger_path(state)
    with _told(path):
        db = _connect(":memory:", path)
        if path.exists():
            source = _connect_to_look(path)
            try:
                source.backup(db)
            finally:
                source.close()
            db.execute("PRAGMA foreign_keys = ON")
        _migrate(db, path)
    return Ledger(db, path)


def ledger_view(state: Path) -> Ledger:
    """The ledger for looking only; an empty one when there is none yet. Never creates or changes a file."""
    path = ledger_path(state)
    with _told(path):
        if not path.exists():
            return scratch_copy(state)
        db = _connect_to_look(path)
        if db.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
            db.close()
            return scratch_copy(state)
    return Ledger(db, path)
