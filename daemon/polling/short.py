"""A short poll: a quiet poll that asks as the one before it asked, and only looks whether every
answer is the same.

The same answer lists the same calendars under the same versions, so where nothing was decided since
and nothing is due, this poll finds what that one found and says what it said. Nothing is loaded
here that reads answers, validates or judges. Whatever is not so leaves all that to the quiet poll,
and is not tried again before a pass has left another mark."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import datetime

from connectors.dav.question import answered_the_same
from connectors.errors import FikadError
from connectors.private_file import first_line, read_private
from daemon.ledger.decided import QUIET, decided_in
from daemon.ledger.lock import locked
from daemon.ledger.migrations import MIGRATIONS
from daemon.polling.prints import config_print, config_text

TYPE_CHECKING = False  # typing is more to load than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

NOTHING_NEW = "nothing new"
"""What a poll without news says to people."""
_LEDGER = "ledger.db"
SHORT = "short"
"""The part of the quiet mark that short polls go by; None where one is not to be tried again."""
KINDS = {"caldav": "accounts", "carddav": "addressbooks"}
"""What is asked so, and in which table of the ledger it stands."""


def said_again(config: str, state: str, now: datetime) -> dict[str, Any] | None:
    """What `fikad once --no-plan --json` says at `now` (aware), if the last quiet poll left in the
    mark what that is known by, and every answer is as it was; recorded as read well. None for
    whatever is otherwise, also where it cannot be known."""
    ledger = os.path.join(state, _LEDGER)  # noqa: PTH118 - pathlib is more to load
    if not os.path.exists(ledger):  # noqa: PTH110 - as above
        return None
    try:
        with locked(state), closing(sqlite3.connect(ledger, timeout=5, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            return _said_again(db, config, now)
    except (sqlite3.Error, OSError, FikadError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _said_again(db: sqlite3.Connection, config: str, now: datetime) -> dict[str, Any] | None:
    text = config_text(config)
    if text is None or db.execute("PRAGMA user_version").fetchone()[0] != len(MIGRATIONS):
        return None
    [kept] = db.execute("SELECT value FROM meta WHERE key = ?", (QUIET,)).fetchone() or ("",)
    mark = json.loads(kept or "{}")
    before = mark.get(SHORT)
    if not before or mark["print"] != config_print(config, text) or mark["propose"] == "all":
        return None
    ends = min(map(datetime.fromisoformat, (mark["until"], before["until"])))
    if not datetime.fromisoformat(mark["since"]) <= now < ends or decided_in(db) != mark["decided"]:
        return None
    asked = [
        (KINDS[access["kind"]], name, access, before["asked"][section][name])
        for section in ("accounts", "books")
        for name, (access, _) in mark[section].items()
    ]
    if all(_has_answered_as_before(db, *each) for each in asked):
        _record(db, [(table, name) for table, name, _, _ in asked], now)
        return dict(before["said"])
    mark[SHORT] = None
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(mark), QUIET))
    return None


def _has_answered_as_before(
    db: sqlite3.Connection,
    table: str,
    name: str,
    access: Mapping[str, Any],
    question: Mapping[str, Any],
) -> bool:
    """Whether it was read well the last time, and answers now what it answered then."""
    sql = f"SELECT state FROM {table} WHERE name = ?"  # noqa: S608 - ours
    if db.execute(sql, (name,)).fetchone() != ("ok",) or not is_short(access):
        return False
    password = None
    if access["secret"]:
        password = first_line(read_private(access["secret"]["file"]) or "")
    try:
        return password != "" and answered_the_same(
            question, access["username"], password, access["ca"]
        )
    except (OSError, FikadError):
        return False


def is_short(access: Mapping[str, Any]) -> bool:
    """Whether what is opened with this access, as JSON, can be asked so: over WebDAV, its password
    in a file if it has one."""
    return access["kind"] in KINDS and (not access["secret"] or access["secret"]["kind"] == "file")


def _record(db: sqlite3.Connection, asked: list[tuple[str, str]], now: datetime) -> None:
    db.execute("BEGIN IMMEDIATE")
    for table, name in asked:
        sql = f"UPDATE {table} SET message = '', last_success = ? WHERE name = ?"  # noqa: S608 - ours
        db.execute(sql, (int(now.timestamp()), name))
    db.execute("COMMIT")
