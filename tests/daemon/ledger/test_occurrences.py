"""Occurrences come back as they were stored, and what they have in common is stored once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Attendee, Occurrence, Resource
from daemon.ledger.ledger import Ledger
from daemon.ledger.packing import packed, unpacked
from daemon.ledger.readings import Expanded
from daemon.ledger.store import LedgerError, ledger_errors
from tests.daemon.occurrences import occurrences_in_memory
from tests.daemon.world import SUNDAY, new_ledger

WEEK = timedelta(weeks=1)
EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
GUESTS = tuple(Attendee(f"guest{number}@example.com", f"Guest {number}") for number in range(9))
COFFEE = Occurrence(
    *("series", SUNDAY, SUNDAY + timedelta(hours=1), "Coffee"), attendees=GUESTS, recurring=True
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with new_ledger() as ledger:
        yield ledger


def store(ledger: Ledger, *occurrences: Occurrence, group: str = "a", place: str = "Home") -> int:
    """Into a group of a calendar of this name; its id."""
    calendar = ledger.add_calendar("home", place, place).id
    ledger.store_texts(calendar, [Resource(group, '"1"', "text")], [])
    ledger.store_expanded(calendar, [group], [Expanded(group, occurrences, [], recurring=True)])
    return calendar


def weekly(count: int) -> list[Occurrence]:
    return [
        replace(
            COFFEE,
            start=COFFEE.start + number * WEEK,
            end=COFFEE.end + number * WEEK,
            original_start=COFFEE.start + number * WEEK,
        )
        for number in range(count)
    ]


MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis wants it naive
    lambda moment: moment.replace(microsecond=0)
)
OCCURRENCES = st.builds(
    Occurrence,
    uid=st.sampled_from(["a", "b", 'c"']),
    start=MOMENTS,
    end=MOMENTS,
    title=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300),
    all_day=st.booleans(),
    attendees=st.sampled_from([(), GUESTS]),
    original_start=st.none() | MOMENTS,
    modified=st.none() | MOMENTS,
    travel=st.sampled_from([timedelta(), timedelta(minutes=20)]),
)


@settings(max_examples=40)
@given(st.lists(OCCURRENCES, max_size=6))
def test_occurrences_come_back_as_they_were_stored(occurrences: list[Occurrence]) -> None:
    with new_ledger() as ledger:
        store(ledger, *occurrences)
        kept = ledger._load("1")
    stored = [replace(each, account="home", calendar="Home") for each in occurrences]
    assert Counter(kept) == Counter(stored)


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), max_size=900))
def test_a_text_comes_back_as_it_was_packed(text: str) -> None:
    assert unpacked(packed(text)) == text
    assert len(packed(text)) <= len(text.encode())


@pytest.mark.parametrize("damaged", [packed("A meeting" * 99)[:-2], packed("ä" * 99)[3:], b"\0"])
def test_a_damaged_text_is_told_as_a_damaged_file(damaged: bytes, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is damaged"), ledger_errors(tmp_path):
        unpacked(damaged)


def test_a_calendar_text_is_packed_to_less_than_half() -> None:
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Another Corp//Mail 1.0//EN\r\n"
        "BEGIN:VEVENT\r\nUID:73ac1e\r\nDTSTAMP:20240307T113015Z\r\nSUMMARY:Tea with Ida\r\n"
        "DTSTART;TZID=Europe/Paris:20240311T150000\r\nDTEND;TZID=Europe/Paris:20240311T160000\r\n"
        "ATTENDEE;CN=Ida;PARTSTAT=ACCEPTED:mailto:ida@example.org\r\nSEQUENCE:0\r\n"
        "STATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert len(packed(text)) * 2 < len(text)


def test_a_series_tells_its_guests_once(ledger: Ledger) -> None:
    store(ledger, *weekly(100))
    assert ledger._all("SELECT count(*) FROM bodies") == [(1,)]
    kept = ledger.occurrences(*EVER)
    assert [(each.start, each.original_start) for each in kept] == [
        (each.start, each.original_start) for each in weekly(100)
    ]
    assert {id(each.attendees) for each in kept} == {id(kept[0].attendees)}


def test_a_guest_of_many_events_is_in_memory_once(ledger: Ledger) -> None:
    sam = Attendee("sam@example.com", "Sam", answer="accepted")
    for day in range(20):
        tea = replace(
            COFFEE,
            uid=f"tea-{day}",
            start=COFFEE.start + timedelta(days=day),
            end=COFFEE.end + timedelta(days=day),
            attendees=GUESTS[day % 3 :],
            organizer=sam,
        )
        store(ledger, tea, group=f"tea-{day}")
    kept = ledger.occurrences(*EVER)
    assert [each.attendees for each in kept] == [GUESTS[day % 3 :] for day in range(20)]
    assert [each.organizer for each in kept] == [sam] * 20
    assert len({id(row) for each in kept for row in (*each.attendees, each.organizer)}) == 10


def test_an_instance_that_somebody_touched_has_guests_of_its_own(ledger: Ledger) -> None:
    ordinary = weekly(3)
    touched = replace(ordinary[1], attendees=GUESTS[:1], exception=True)
    store(ledger, ordinary[0], touched, ordinary[2])
    assert [len(each.attendees) for each in ledger.occurrences(*EVER)] == [9, 1, 9]


def test_only_the_events_that_are_wanted_are_told(ledger: Ledger) -> None:
    store(ledger, *weekly(3))
    store(ledger, replace(COFFEE, uid="tea", title="Tea", attendees=()), group="b")
    asked: list[str] = []

    def wanted(occurrence: Occurrence) -> bool:
        asked.append(occurrence.title)
        return occurrence.title == "Tea"

    assert [each.title for each in ledger.occurrences(*EVER, wanted)] == ["Tea"]
    assert sorted(asked) == ["Coffee", "Tea"]


def test_what_a_newer_version_elsewhere_has_overtaken_is_not_told_though_that_is_not_wanted(
    ledger: Ledger,
) -> None:
    store(ledger, COFFEE)
    moved = replace(COFFEE, title="Tea", start=SUNDAY + WEEK, end=COFFEE.end + WEEK, sequence=1)
    store(ledger, moved, place="Work")
    assert ledger.occurrences(*EVER, lambda occurrence: occurrence.title == "Coffee") == []


STORED = st.lists(
    st.tuples(
        st.sampled_from(["Home", "Work"]),
        st.sampled_from(["a", "b"]),
        st.lists(
            st.builds(
                replace,
                st.just(COFFEE),
                uid=st.sampled_from(["series", "tea", "fikad-look-20260301", "fikadlook20260301"]),
                start=st.integers(-9, 9).map(lambda weeks: SUNDAY + weeks * WEEK),
                end=st.integers(9, 12).map(lambda weeks: SUNDAY + weeks * WEEK),
                title=st.sampled_from(["Coffee", "Tea"]),
                sequence=st.integers(0, 2),
                status=st.sampled_from(["confirmed", "cancelled"]),
            ),
            max_size=6,
        ),
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(STORED, st.integers(-10, 10), st.integers(0, 14), st.integers(1, 4))
def test_one_after_another_they_are_the_same_as_all_at_once(
    stored: list[tuple[str, str, list[Occurrence]]], first: int, weeks: int, few: int
) -> None:
    start = SUNDAY + first * WEEK
    with new_ledger() as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr("daemon.ledger.occurrences._IN_MEMORY", few)
        patch.setattr("daemon.ledger.occurrences._UIDS_AT_A_TIME", 1)
        for place, group, occurrences in stored:
            store(ledger, *occurrences, group=group, place=place)
        each = ledger.each(start, start + weeks * WEEK)
        assert list(each) == ledger.occurrences(start, start + weeks * WEEK)
        assert list(each) == list(each)


def test_of_those_told_one_after_another_few_are_in_memory(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.ledger.occurrences._IN_MEMORY", 5)
    for day in range(60):
        start = SUNDAY + timedelta(days=day)
        tea = replace(COFFEE, uid=f"tea-{day}", start=start, end=start + timedelta(hours=1))
        store(ledger, tea, group=f"tea-{day}")
    before = occurrences_in_memory()
    told = enumerate(ledger.each(*EVER))
    most = max(occurrences_in_memory() for place, _ in told if place % 10 == 4)
    assert most - before <= 3 * 5


def test_a_damaged_text_says_what_to_do(ledger: Ledger) -> None:
    calendar = ledger.add_calendar("home", "Home", "Home").id
    ledger.store_texts(calendar, [Resource("a", '"1"', "BEGIN:VEVENT\r\n" * 99)], [])
    ledger._run("UPDATE resources SET text = substr(text, 1, length(text) - 1)")
    with pytest.raises(LedgerError, match="is damaged"):
        ledger.texts(calendar, ["a"])


# --- holds without an occurrence ---


@pytest.mark.parametrize("uid", ["fikad-a-b", "fikad7k2", "other"])
def test_a_hold_is_looked_for_in_all_texts_that_may_name_it(ledger: Ledger, uid: str) -> None:
    calendar = ledger.add_calendar("home", "Home", "Home").id
    texts = (f"UID:{uid}", "UID:x", f"DESCRIPTION:instead of {uid}.", "PRODID:-//fikad//google//EN")
    resources = [Resource(f"{number}.ics", None, text) for number, text in enumerate(texts)]
    ledger.store_texts(calendar, [*resources, Resource(f"{uid}.ics", None, "")], [])
    found = {resource.href for _, _, resource in ledger.mentioning(uid)}
    assert found == {"0.ics", "2.ics", f"{uid}.ics"}
