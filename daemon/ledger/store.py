"""The file itself: statements, transactions, small facts, and what its errors mean for the user.

Times are stored as whole seconds since the epoch, UTC.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from connectors.errors import FikadError


class LedgerError(FikadError):
    """The state folder or the ledger in it cannot be used: full disk, no permission, damaged or
    newer file."""


def seconds(when: datetime | None) -> int | None:
    """An aware time as it is stored."""
    return None if when is None else int(when.timestamp())


def moment(stored: int | None) -> datetime | None:
    """A stored time, UTC."""
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


@contextmanager
def ledger_errors(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as a LedgerError that says what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(*_advice(path, error)) from error


def _advice(path: Path, error: Exception) -> tuple[str, str]:
    """What happened, and what to do."""
    # Not by its words: they may name a path.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = error.errno if isinstance(error, OSError) else None
    if code == sqlite3.SQLITE_FULL or number in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"the disk is full, nothing was recorded in {path}",
            "free some space and run fikad again",
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return (
            f"{path} is damaged",
            "move it aside, or restore one of the backups beside it, and run fikad again",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is in use by another program", "try again when it has finished"
    return (
        f"cannot use {path} ({error})",
        "check that its folder exists and that you may write there",
    )


_CACHE_KIB = 16 << 10
"""Texts arrive in no order, so a first reading touches the whole file again and again."""


def connect(target: str) -> sqlite3.Connection:
    """A connection that may write; what returned is on disk."""
    db = sqlite3.connect(target, timeout=5, isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return db


def ledger_path(state: Path) -> Path:
    """Where the ledger lies in a state folder."""
    return state / "ledger.db"


class Store:
    """An open SQLite file. Every method raises LedgerError when it cannot be used."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the file. Nothing is lost by not doing it."""
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
        with ledger_errors(self._path):
            return self._db.execute(sql, values).fetchall()

    def _run(self, sql: str, *values: object) -> None:
        with ledger_errors(self._path):
            self._db.execute(sql, values)

    def get(self, key: str) -> str | None:
        """A small fact by name; None when it was never set."""
        rows = self._all("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else None

    def placements(self) -> int:
        """How many holds were placed until now: a clock for what came before and after one,
        whatever the time is."""
        return int(self.get("placements") or 0)

    def count_placement(self) -> int:
        """Count one more; what is read from now on came after it."""
        placed = self.placements() + 1
        self.put("placements", str(placed))
        return placed

    def put(self, key: str, value: str) -> None:
        """Keep a small fact under a name, durably."""
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)
