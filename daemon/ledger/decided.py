"""A fingerprint of what was decided, for whoever loads no more of the ledger than this."""

from __future__ import annotations

import zlib

TYPE_CHECKING = False  # typing is more to load than all of this
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

QUIET = "quiet"
"""The fact in which the quiet mark is kept (`daemon.polling.mark`)."""
_DECIDED = ("people", "manual", "entries", "holds", "hold_calendars", "identities")
"""The tables of what nobody could read again."""
_OF_POLLS = (
    *("done.polled", "done.planned", "done.nightly", QUIET),
    *("judged", "judged_lately", "dates_ahead"),
)
"""Facts that polls keep for themselves, or that follow from what was read."""


def decided_in(db: sqlite3.Connection) -> str:
    """Another one once a command, or a pass, has changed anything that was decided. Raises
    sqlite3.Error."""
    sums = []
    for table in _DECIDED:
        rows = db.execute(f"SELECT * FROM {table}")  # noqa: S608 - ours
        sums.append(_checksum(sorted(map(repr, rows))))
    facts = db.execute("SELECT key, value FROM meta ORDER BY key")
    sums.append(_checksum(repr(fact) for fact in facts if fact[0] not in _OF_POLLS))
    return " ".join(sums)


def _checksum(rows: Iterable[str]) -> str:
    count, check = 0, 0
    for row in rows:
        count, check = count + 1, zlib.crc32(row.encode(), check)
    return f"{count}:{check:08x}"
