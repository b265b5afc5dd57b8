"""A ledger of before has everything in its new form, or stays whole in the old one."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import HoldEvent, Occurrence, Problem
from daemon.judging.verdict import Verdict
from daemon.ledger.backup import backup_ledger
from daemon.ledger.bodies import occurrence_json
from daemon.ledger.ledger import Ledger, ledger_view, open_ledger, scratch_copy
from daemon.ledger.migrations import MIGRATIONS
from daemon.ledger.packing import packed
from daemon.ledger.store import ledger_path, seconds
from tests.daemon.ledger.test_occurrences import COFFEE, EVER, WEEK, weekly
from tests.daemon.world import SUNDAY

[BODIES] = [number for number, script in enumerate(MIGRATIONS) if "CREATE TABLE bodies" in script]
"""Up to here occurrences were stored one by one, each whole, and texts as they are."""

OURS = HoldEvent("fikad-a-b", "Coffee?", SUNDAY, SUNDAY + timedelta(hours=1))
HOLD = Occurrence("fikad-a-b", OURS.start, OURS.end, "Coffee?", hold=OURS)
SERIES = weekly(40)
SERIES[7] = replace(
    SERIES[7], start=SERIES[7].start + timedelta(days=1), title="Late", exception=True
)
ELSEWHERE = replace(COFFEE, uid="x", original_start=None, start=EVER[0] + WEEK)
BIRTHDAY = Occurrence(
    *("day", SUNDAY, SUNDAY + timedelta(days=1), 'Says "birthday_of":'),
    kind="birthday",
    birthday_of="card",
)
TEXT = "BEGIN:VEVENT\r\nSUMMARY:Kaffee mit Jürgen\r\nEND:VEVENT\r\n" * 9
PROBLEM = Problem("p", "Nobody can read it", SUNDAY, SUNDAY + WEEK)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a fikad from before."""
    state = tmp_path / "state"
    with monkeypatch.context() as before:
        before.setattr("daemon.ledger.ledger.MIGRATIONS", MIGRATIONS[:BODIES])
        with open_ledger(state) as ledger:
            home, work = (ledger.add_calendar("home", name, name).id for name in ("Home", "Work"))
            fill(ledger, home, "series", TEXT, SERIES, appeared=3)
            fill(ledger, home, "hold", "UID:fikad-a-b", [HOLD])
            fill(ledger, work, "series", TEXT + "more", [ELSEWHERE, ELSEWHERE])
            ledger._run("INSERT INTO groups VALUES (?, 'broken', 0, 0)", home)
            ledger._run(
                "INSERT INTO problems VALUES (?, 'broken', ?, ?, ?, ?)",
                *(home, PROBLEM.uid, PROBLEM.reason, seconds(PROBLEM.start), seconds(PROBLEM.end)),
            )
            fill(ledger, work, "birthday", "", [BIRTHDAY])
            ledger._run(
                "INSERT INTO counted VALUES ('jane doe', ?, ?, ?, 'title', 'Why', ?)",
                *(COFFEE.uid, seconds(COFFEE.start), seconds(COFFEE.end), whole(COFFEE)),
            )
            ledger.add_met("jane doe", SUNDAY, SUNDAY)
    return state


def fill(
    ledger: Ledger,
    calendar: int,
    group: str,
    text: str,
    occurrences: list[Occurrence],
    appeared: int = 0,
) -> None:
    """Store a group as it was stored then."""
    ledger._run(
        "INSERT INTO resources VALUES (?, ?, '\"1\"', ?, ?, NULL, NULL)",
        *(calendar, f"{group}.ics", group, text),
    )
    ledger._run("INSERT INTO groups VALUES (?, ?, 1, ?)", calendar, group, appeared)
    for each in occurrences:
        ledger._run(
            "INSERT INTO occurrences VALUES (?, ?, ?, ?, ?, ?)",
            *(calendar, group, each.uid, seconds(each.start), seconds(each.end), whole(each)),
        )


def whole(occurrence: Occurrence) -> str:
    """An occurrence as it was stored then."""
    return occurrence_json().dump_json(occurrence, exclude_defaults=True).decode()


def check(ledger: Ledger) -> None:
    """Everything is there."""
    home, work = ledger.calendars("home")["Home"].id, ledger.calendars("home")["Work"].id
    stored = [
        *(replace(each, account="home", calendar="Home") for each in (*SERIES, HOLD)),
        *[replace(ELSEWHERE, account="home", calendar="Work")] * 2,
        replace(BIRTHDAY, account="home", calendar="Work"),
    ]
    kept = ledger.occurrences(*EVER)
    assert Counter(kept) == Counter(stored)
    assert ledger.texts(home, ["series"]) == {"series": (TEXT,)}
    assert ledger.texts(work, ["series"]) == {"series": (TEXT + "more",)}
    assert ledger.known(home).groups == {"hold.ics": "hold", "series.ics": "series"}
    [hold] = ledger.found_holds()
    assert (hold.resource.text, hold.event) == ("UID:fikad-a-b", OURS)
    assert [each.href for _, _, each in ledger.mentioning("fikad-a-b")] == ["hold.ics"]
    assert ledger.problems() == [("home", "Home", PROBLEM)]
    assert (ledger.appeared("series"), ledger.appeared("x")) == (3, 0)
    assert ledger.groups(home) == ["broken", "hold", "series"]
    assert [each.birthday_of for each in ledger.birthdays(SUNDAY)] == ["card"]
    [verdict] = ledger.counted(SUNDAY, SUNDAY + WEEK)
    assert verdict == Verdict("jane doe", COFFEE, counted=True, rule="title", reason="Why")
    assert ledger.people()["jane doe"].met == (SUNDAY,)
    assert ledger._all("SELECT count(*) FROM bodies") == [(5,)]
    assert ledger._all("PRAGMA foreign_key_check") == []
    assert ledger._all("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("way", [open_ledger, scratch_copy, ledger_view])
def test_a_ledger_of_before_is_there_whole(state: Path, way: Callable[[Path], Ledger]) -> None:
    with way(state) as ledger:
        check(ledger)


def test_what_goes_from_it_goes_whole(state: Path) -> None:
    with open_ledger(state) as ledger:
        ledger.keep_accounts([])
        for table in ("resources", "groups", "bodies", "occurrences", "problems"):
            assert ledger._all(f"SELECT count(*) FROM {table}") == [(0,)], table


@pytest.mark.parametrize("call", [1, 3, 6])
def test_a_crash_in_between_leaves_the_old_one(
    state: Path, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while texts (1, 3) or bodies (6) are packed."""
    calls = 0

    def killed(text: str) -> str | bytes:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return packed(text)

    child = os.fork()
    if not child:
        monkeypatch.setattr("daemon.ledger.ledger.packed", killed)
        try:
            open_ledger(state)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with closing(sqlite3.connect(ledger_path(state))) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (BODIES,)
        assert db.execute("SELECT count(*) FROM occurrences").fetchone() == (len(SERIES) + 4,)
    with open_ledger(state) as ledger:
        check(ledger)


def test_a_backup_of_before_can_be_restored(state: Path, tmp_path: Path) -> None:
    copy = backup_ledger(state, SUNDAY.date())
    (tmp_path / "restored").mkdir()
    copy.rename(ledger_path(tmp_path / "restored"))
    with open_ledger(tmp_path / "restored") as ledger:
        check(ledger)


def test_what_the_old_form_took_is_given_back(state: Path) -> None:
    with closing(sqlite3.connect(ledger_path(state))) as db, db:
        [calendar] = db.execute("SELECT min(id) FROM calendars").fetchone()
        db.executemany(
            "INSERT INTO resources VALUES (?, ?, NULL, ?, ?, NULL, NULL)",
            ((calendar, str(number), str(number), TEXT * 4) for number in range(300)),
        )
    before = ledger_path(state).stat().st_size
    open_ledger(state).close()
    assert ledger_path(state).stat().st_size < before / 4


def test_texts_are_told_by_their_type(state: Path) -> None:
    with open_ledger(state) as ledger:
        kinds = dict(ledger._all("SELECT href, typeof(text) FROM resources WHERE calendar = 1"))
    assert kinds == {"series.ics": "blob", "hold.ics": "text"}
