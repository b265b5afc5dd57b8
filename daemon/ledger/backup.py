"""Copies of the ledger, one a night, the last seven kept.

SQLite's own backup takes one consistent picture while others go on writing. A copy is made under
another name and checked before it gets its own, so a file with a backup's name always is a whole
ledger."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from connectors.atomic_file import draft_of, flush_folder
from daemon.ledger.store import LedgerError, ledger_path

KEPT = 7
_NAME = re.compile(r"ledger-\d{4}-\d{2}-\d{2}\.db")


def backup_ledger(state: Path, day: date) -> Path:
    """Copy the ledger of a state folder to `backups/ledger-DAY.db` (0600; a copy of the same day is
    replaced) and drop all but the last seven. Returns the copy. Raises LedgerError."""
    folder = state / "backups"
    copy = folder / f"ledger-{day.isoformat()}.db"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        # Made by us, so that it is private from its first byte on.
        with draft_of(copy) as draft:
            _copy(ledger_path(state), draft)
            draft.replace(copy)
        flush_folder(folder)
        for old in sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))[:-KEPT]:
            old.unlink()
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(
            f"the ledger was not backed up ({error})", f"check the space and rights of {folder}"
        ) from error
    return copy


def _copy(ledger: Path, target: Path) -> None:
    with (
        closing(
            sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
        ) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        # One file that needs no other beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the copy is damaged, and so may be the ledger")
    with target.open("rb") as written:
        os.fsync(written.fileno())
