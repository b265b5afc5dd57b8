"""Of one event in several calendars the newest version speaks; copies that agree all stand."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import HoldEvent, Occurrence
from daemon.judging.versions import newest

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def copy(calendar: str, start: datetime = START, **more: Any) -> Occurrence:
    return Occurrence(
        more.pop("uid", "one"), start, start + timedelta(hours=1), calendar=calendar, **more
    )


def instance(calendar: str, number: int, start: datetime | None = None, **more: Any) -> Occurrence:
    original = START + number * DAY
    return copy(calendar, start or original, recurring=True, original_start=original, **more)


def standing(*occurrences: Occurrence) -> list[tuple[str, datetime]]:
    """Calendar and start of what stands, in whichever order it is read."""
    orders = itertools.islice(itertools.permutations(occurrences), 24)
    [outcome] = {
        tuple(sorted((occurrence.calendar, occurrence.start) for occurrence in newest(order)))
        for order in orders
    }
    return list(outcome)


def test_the_highest_sequence_speaks_wherever_it_stands() -> None:
    assert standing(copy("old", sequence=0), copy("new", START + 7 * DAY, sequence=1)) == [
        ("new", START + 7 * DAY)
    ]


def test_in_one_calendar_too_the_highest_sequence_speaks() -> None:
    assert standing(copy("a", sequence=0), copy("a", START + 7 * DAY, sequence=1)) == [
        ("a", START + 7 * DAY)
    ]


def test_of_one_sequence_the_later_modified_speaks() -> None:
    old = copy("old", START + 7 * DAY, modified=START)
    assert standing(old, copy("new", modified=START + DAY)) == [("new", START)]


def test_copies_that_say_the_same_all_stand_whichever_was_modified_last() -> None:
    assert len(standing(copy("a", modified=START), copy("b", modified=START + DAY))) == 2


def test_what_agrees_with_any_newer_copy_stands() -> None:
    old, newer = copy("a", modified=START), copy("b", START + DAY, modified=START + DAY)
    newest_of_all = copy("c", modified=START + 2 * DAY)
    assert standing(old, newer, newest_of_all) == [("a", START), ("c", START)]


def test_copies_of_one_version_that_disagree_all_stand() -> None:
    assert len(standing(copy("a", modified=START), copy("b", START + DAY, modified=START))) == 2


def test_of_several_versions_in_one_calendar_the_newest_speaks_for_it() -> None:
    early, late = copy("a", modified=START - DAY), copy("a", modified=START + 2 * DAY)
    other = copy("b", START + DAY, modified=START + DAY)
    assert standing(early, late, other) == [("a", START)]


def test_a_cancellation_that_a_newer_copy_took_back_is_over() -> None:
    cancelled, back = copy("a", status="cancelled", modified=START), copy("b", modified=START + DAY)
    assert standing(cancelled, back) == [("b", START)]


def test_a_cancellation_of_the_same_sequence_speaks_also_in_the_same_calendar() -> None:
    cancelled = copy("a", status="cancelled", modified=START)
    [occurrence] = newest([copy("a", modified=START), cancelled])
    assert occurrence.status == "cancelled"
    [series_is_over] = newest([instance("a", 1), instance("a", 2), copy("b", status="cancelled")])
    assert series_is_over.status == "cancelled"


def test_several_events_of_one_calendar_that_wrongly_share_a_uid_all_stand() -> None:
    assert (
        len(standing(copy("a", modified=START), copy("a", START + DAY, modified=START + DAY))) == 2
    )


def test_a_series_is_overtaken_instance_by_instance() -> None:
    moved = instance("new", 1, START + timedelta(hours=30), exception=True, sequence=1)
    instances = standing(instance("old", 0), instance("old", 1), instance("new", 0), moved)
    assert instances == [("new", START), ("new", moved.start), ("old", START)]


def test_an_instance_that_a_text_speaks_of_alone_is_overtaken_by_its_own_versions_only() -> None:
    moved = instance("a", 1, START + timedelta(hours=30), exception=True, sequence=1)
    newer_series = instance("b", 0, sequence=5)
    assert standing(moved, newer_series) == [("a", moved.start), ("b", START)]
    moved_again = instance("b", 1, START + timedelta(hours=31), exception=True, sequence=2)
    assert standing(moved, newer_series, moved_again) == [
        ("b", START),
        ("b", moved_again.start),
    ]


def test_a_series_that_was_moved_as_a_whole_is_overtaken_as_a_whole() -> None:
    hour = timedelta(hours=1)
    later = [
        copy("new", START + n * DAY + hour, original_start=START + n * DAY + hour, sequence=1)
        for n in range(2)
    ]
    assert {
        calendar for calendar, _ in standing(instance("old", 0), instance("old", 1), *later)
    } == {"new"}


def test_events_without_a_uid_and_holds_are_left_alone() -> None:
    hold = HoldEvent("fikad-a", "Coffee?", START, START)
    pairs = [
        [copy("a", uid=""), copy("b", START + DAY, uid="", sequence=1)],
        [
            copy("a", uid="fikad-a", hold=hold),
            copy("b", START + DAY, uid="fikad-a", sequence=1, hold=hold),
        ],
    ]
    for pair in pairs:
        assert newest(pair) == pair
