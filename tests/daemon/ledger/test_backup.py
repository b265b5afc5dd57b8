"""The nightly backup: whole, private, the last seven, whatever is written meanwhile."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from daemon.ledger.backup import KEPT, backup_ledger
from daemon.ledger.ledger import open_ledger
from daemon.ledger.store import LedgerError

NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with open_ledger(tmp_path / "state") as ledger:
        ledger.add_met("jane doe", NOW, NOW)
    return tmp_path / "state"


def test_a_backup_is_a_ledger_with_everything_in_it(state, tmp_path):
    copy = backup_ledger(state, TODAY)
    (tmp_path / "restored").mkdir()
    copy.rename(tmp_path / "restored" / "ledger.db")
    with open_ledger(tmp_path / "restored") as ledger:
        assert ledger.people()["jane doe"].met == (NOW,)


def test_it_is_private(state):
    copy = backup_ledger(state, TODAY)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert [path.name for path in copy.parent.iterdir()] == [copy.name], (
        "one file, and nothing beside it"
    )


def test_what_others_write_meanwhile_disturbs_neither(state):
    with open_ledger(state) as ledger, ledger.transaction():
        ledger.put("written", "meanwhile")
        copy = backup_ledger(state, TODAY)
    assert (
        sqlite3.connect(copy).execute("SELECT value FROM meta WHERE key = 'written'").fetchone()
        is None
    )
    with open_ledger(state) as ledger:
        assert ledger.get("written") == "meanwhile"


def test_the_last_seven_are_kept_and_nothing_else_is_touched(state):
    (state / "backups").mkdir()
    (state / "backups" / "mine.db").touch()
    for number in range(10):
        backup_ledger(state, TODAY + timedelta(days=number))
    kept = sorted(path.name for path in (state / "backups").glob("ledger-*"))
    assert kept == [
        f"ledger-{TODAY + timedelta(days=number)}.db" for number in range(10 - KEPT, 10)
    ]
    assert (state / "backups" / "mine.db").exists()


def test_one_that_fails_says_so_and_leaves_the_others(state):
    before = backup_ledger(state, date(2026, 11, 21))
    (state / "ledger.db").write_bytes(b"not a ledger at all" * 100)
    with pytest.raises(LedgerError, match="not backed up"):
        backup_ledger(state, TODAY)
    assert sorted(path.name for path in before.parent.glob("ledger-*")) == [before.name]
