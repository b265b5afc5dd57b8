"""The ledger: fikad's memory, one SQLite file.

Two kinds of things live here. What was *read* (texts, tokens, expanded occurrences) is a copy of
the calendars and address books and
can be thrown away: the next pass reads it again. What was *decided* (holds, and what the user said
by hand) is kept
durably: a call that returned has reached the disk (WAL, synchronous FULL). Texts and the token that
they belong to are always stored in one transaction."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from daemon.ledger.books import Books
from daemon.ledger.calendars import Calendars
from daemon.ledger.identities import Identities
from daemon.ledger.migrations import MIGRATIONS
from daemon.ledger.packing import packed, unpacked
from daemon.ledger.readings import Readings
from daemon.ledger.store import LedgerError, connect, ledger_errors, ledger_path
from daemon.ledger.texts import may_name_ours


class Ledger(Calendars, Readings, Books, Identities):
    """An open ledger: what was read (`Calendars`, `Readings`, `Books`), what follows from it
    (`Counted`), what was decided (`Decisions`), and for whom (`Identities`).

    Use `open_ledger`, `ledger_view` or `scratch_copy`; close it, or use it as a context manager.
    """


def _migrate(db: sqlite3.Connection, path: Path) -> bool:
    """Bring a ledger to the newest version; whether it was of an older one."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise LedgerError(
            f"{path} was written by a newer fikad", "update fikad, or use another --state folder"
        )
    if version == len(MIGRATIONS):
        return False
    db.create_function("packed", 1, packed, deterministic=True)
    db.create_function("unpacked", 1, unpacked, deterministic=True)
    db.create_function("may_name_ours", 2, may_name_ours, deterministic=True)
    for number in range(version, len(MIGRATIONS)):
        db.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        )
    return bool(version)


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that creates and changes no file. Without a write-ahead log nobody is writing,
    and SQLite, which would make one even to read, is told so."""
    logged = path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro" if logged else "immutable=1"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=5, isolation_level=None
    )


def open_ledger(state: Path) -> Ledger:
    """The ledger in a state folder, made when missing: folder 0700, file 0600. Raises
    LedgerError."""
    path = ledger_path(state)
    with ledger_errors(path):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        db = connect(str(path))
        db.execute("PRAGMA journal_mode = WAL")
        if _migrate(db, path):
            # What the old form took is given back. Where that cannot be, it is used again.
            with suppress(sqlite3.OperationalError):
                db.execute("VACUUM")
    return Ledger(db, path)


def scratch_copy(state: Path) -> Ledger:
    """A copy of the ledger in memory (empty when there is none), for passes that must leave no
    trace."""
    path = ledger_path(state)
    with ledger_errors(path):
        db = connect(":memory:")
        if path.exists():
            source = _connect_read_only(path)
            try:
                source.backup(db)
            finally:
                source.close()
            db.execute("PRAGMA foreign_keys = ON")
        _migrate(db, path)
    return Ledger(db, path)


def ledger_view(state: Path) -> Ledger:
    """The ledger for looking only; an empty one when there is none yet. Never creates or changes a
    file."""
    path = ledger_path(state)
    with ledger_errors(path):
        if not path.exists():
            return scratch_copy(state)
        db = _connect_read_only(path)
        if db.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
            db.close()
            return scratch_copy(state)
    return Ledger(db, path)
