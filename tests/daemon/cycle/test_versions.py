"""The newest version of an event speaks in everything that fikad tells, whichever calendar it
stands in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import Occurrence
from daemon.ledger.bodies import occurrence_json
from daemon.ledger.ledger import open_ledger
from daemon.ledger.migrations import MIGRATIONS
from tests.daemon.world import SUNDAY, Calendars, Fikad, calendars, config, event, meeting
from tests.memory import MemoryCalendar

JANE = "jane doe"
YESTERDAY = SUNDAY - timedelta(days=1)
NEXT_WEEK = SUNDAY + timedelta(days=7)


def counted(fikad: Fikad) -> list[str]:
    fikad.once("none")
    return [verdict.occurrence.uid for verdict in fikad.situation().counted]


def second_calendar(theirs: Calendars, owner: str = "") -> MemoryCalendar:
    theirs.account.held.append(MemoryCalendar("Work", owner=owner))
    return theirs.account.held[-1]


def version(number: int, start: object = YESTERDAY, *lines: str) -> str:
    return meeting("Jane Doe", start, f"SEQUENCE:{number}", *lines, uid="one")  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [1, 60])
def test_an_event_that_was_moved_ahead_elsewhere_was_not_met_at_its_old_time(days: int) -> None:
    theirs = calendars(version(0, SUNDAY - timedelta(days=days)))
    second_calendar(theirs).put("one.ics", version(1, NEXT_WEEK))
    fikad = Fikad(config(), theirs.open)
    assert counted(fikad) == []
    assert fikad.situation().booked[JANE].start == NEXT_WEEK


def test_a_version_that_comes_or_goes_later_is_judged_anew_however_long_ago_the_old_one_was() -> (
    None
):
    theirs = calendars(version(0, SUNDAY - timedelta(days=60)))
    work = second_calendar(theirs)
    fikad = Fikad(config(), theirs.open)
    assert counted(fikad) == ["one"]
    fikad.once("none")
    work.put("one.ics", version(1, NEXT_WEEK))
    assert counted(fikad) == []
    work.drop("one.ics")
    assert counted(fikad) == ["one"]


def test_the_old_time_of_an_event_that_was_moved_elsewhere_takes_no_time() -> None:
    theirs = calendars(version(0, NEXT_WEEK))
    second_calendar(theirs).put("one.ics", version(1, NEXT_WEEK + timedelta(days=1)))
    fikad = Fikad(config(), theirs.open)
    fikad.once("none")
    assert [occurrence.start for occurrence in fikad.situation().occurrences] == [
        NEXT_WEEK + timedelta(days=1)
    ]


def test_a_cancellation_kept_as_a_file_cancels() -> None:
    theirs = calendars(version(0))
    cancel = version(0).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL")
    theirs.personal.put("cancel.ics", cancel)
    assert counted(Fikad(config(), theirs.open)) == []


def test_what_stands_in_a_calendar_of_somebody_else_is_theirs() -> None:
    theirs = calendars()
    partners = second_calendar(theirs, owner="/principals/users/kim")
    partners.put("a.ics", event("a", "Coffee with Jane Doe", YESTERDAY))
    fikad = Fikad(config(), theirs.open)
    assert counted(fikad) == []
    partners.owner = ""
    assert counted(fikad) == ["a"]
    theirs.account.owner = frozenset({"/principals/users/kim"})
    partners.owner = "/principals/users/kim"
    assert counted(fikad) == ["a"]


def test_what_was_read_by_an_earlier_fikad_is_expanded_and_judged_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = calendars(version(0, YESTERDAY, "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"))
    [resource] = theirs.personal.resources.values()
    [place] = [number for number, script in enumerate(MIGRATIONS) if "ADD COLUMN owner" in script]
    monkeypatch.setattr("daemon.ledger.ledger.MIGRATIONS", MIGRATIONS[:place])
    with open_ledger(tmp_path) as ledger:
        then = (
            int((SUNDAY - timedelta(days=2000)).timestamp()),
            int((SUNDAY + timedelta(days=99)).timestamp()),
        )
        ledger._run(
            "INSERT INTO calendars VALUES (1, 'home', 'Personal', 'Personal', '1', '1', 1, ?, ?, "
            "?, 'Europe/Berlin')",
            int(SUNDAY.timestamp()),
            *then,
        )
        ledger._run(
            "INSERT INTO resources VALUES (1, ?, ?, 'g', ?)",
            resource.href,
            resource.etag,
            resource.text,
        )
        ledger._run("INSERT INTO groups VALUES (1, 'g', 0)")
        old = Occurrence("one", YESTERDAY, YESTERDAY + timedelta(hours=1), "Coffee with Jane Doe")
        body = occurrence_json().dump_json(old, exclude_defaults=True).decode()
        edges = int(old.start.timestamp()), int(old.end.timestamp())
        ledger._run("INSERT INTO occurrences VALUES (1, 'g', 'one', ?, ?, ?)", *edges, body)
    monkeypatch.undo()
    with open_ledger(tmp_path) as ledger:
        assert counted(Fikad(config(), theirs.open, ledger=ledger)) == []
        assert [occurrence.kind for occurrence in ledger.occurrences(YESTERDAY, SUNDAY)] == [
            "working-location"
        ]
