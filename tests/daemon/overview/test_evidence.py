"""What was counted and what was not, gathered so that somebody can read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from daemon.overview.evidence import evidence, usual_gap_of

FIRST = datetime(2024, 1, 4, 11, tzinfo=UTC)
MEANINGS = {"not-one-to-one": "There were not exactly two of you.", "declined": "No."}


def event(weeks: int, title: str, code: str, reason: str = "") -> dict[str, Any]:
    start = (FIRST + timedelta(weeks=weeks)).isoformat()
    return {"start": start, "title": title, "code": code, "reason": reason, "all_day": False}


def test_events_of_one_title_are_one_with_the_latest_and_the_first() -> None:
    weekly = [event(week, "Stand-up", "declined", "You declined.") for week in range(150)]
    [declined] = evidence(weekly, "code", MEANINGS)
    [alike] = declined.alike
    assert (alike.title, alike.times, declined.events) == ("Stand-up", 150, 150)
    assert (alike.first, alike.latest) == (FIRST, FIRST + timedelta(weeks=149))


def test_every_event_stands_for_itself_when_asked_for() -> None:
    weekly = [event(week, "Stand-up", "declined") for week in range(3)]
    [declined] = evidence(weekly, "code", MEANINGS, each=True)
    assert [alike.latest for alike in declined.alike] == [
        FIRST + timedelta(weeks=week) for week in (2, 1, 0)
    ]


def test_a_code_means_what_all_its_events_say_or_what_holds_for_all_of_them() -> None:
    two, three = "Two people were on it.", "Three people were on it."
    team = event(1, "Team", "not-one-to-one", two)
    [agreed] = evidence([team, event(2, "Board", "not-one-to-one", two)], "code", MEANINGS)
    assert agreed.meaning == two
    [mixed] = evidence([team, event(2, "Board", "not-one-to-one", three)], "code", MEANINGS)
    assert mixed.meaning == MEANINGS["not-one-to-one"]


def test_the_code_of_the_latest_event_comes_first() -> None:
    events = [event(1, "A", "declined"), event(3, "B", "not-one-to-one"), event(2, "C", "declined")]
    codes = evidence(events, "code", MEANINGS)
    assert [(same.code, [alike.title for alike in same.alike]) for same in codes] == [
        ("not-one-to-one", ["B"]),
        ("declined", ["C", "A"]),
    ]


def test_how_often_is_said_of_several_days_only() -> None:
    weekly = [event(week, "Coffee", "declined") for week in range(4)]
    assert usual_gap_of(weekly) == 7
    assert usual_gap_of(weekly[:3]) is None
