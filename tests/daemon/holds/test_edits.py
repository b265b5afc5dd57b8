"""Touched or rewritten: whose change is it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import hold_event, hold_text, seal
from daemon.holds.edits import (
    FIELDS,
    as_draft,
    as_intended,
    breaks_its_seal,
    edited_fields,
    fields_in_words,
    is_sealed,
    says_yes,
)

START = datetime(2026, 4, 21, 8, 0, tzinfo=UTC)
DRAFT = HoldDraft(
    "fikad-x", "Coffee with Jane Doe?", START, START + timedelta(minutes=45), "Why\n\nHow"
)
WRITTEN = as_intended(replace(DRAFT, seal=seal(DRAFT)))

CHANGES: dict[str, Any] = {
    "title": "Coffee with Jane Doe",
    "start": START + timedelta(hours=1),
    "end": START + timedelta(hours=1),
    "all_day": True,
    "status": "confirmed",
    "transparent": False,
    "private": False,
    "description": "Why",
    "location": "Café Rosa",
    "extras": ("VALARM",),
}


def test_what_a_faithful_server_gives_back_is_untouched() -> None:
    event = hold_event(hold_text(DRAFT, START))
    assert event is not None
    assert edited_fields(WRITTEN, event) == ()
    assert is_sealed(event)
    assert is_sealed(WRITTEN)
    assert as_intended(as_draft(event)) == event


@pytest.mark.parametrize("field", FIELDS)
def test_every_change_is_named_and_breaks_the_seal(field: str) -> None:
    event = replace(WRITTEN, **{field: CHANGES[field]})
    assert edited_fields(WRITTEN, event) == (field,)
    assert breaks_its_seal(event)
    assert not is_sealed(event)


def test_every_field_that_a_user_can_touch_is_compared() -> None:
    assert {*FIELDS, "uid", "seal", "withdrawn"} == set(HoldEvent.__dataclass_fields__)


@pytest.mark.parametrize(
    "change",
    [
        {"description": " Why  How\r\n"},
        {"seal": ""},
        {"withdrawn": True},
        {"extras": ()},
        {"title": "Coffee  with Jane Doe? "},
    ],
)
def test_rewriting_is_not_touching(change: dict[str, Any]) -> None:
    assert edited_fields(WRITTEN, replace(WRITTEN, **change)) == ()


def test_the_order_of_what_was_added_is_no_change() -> None:
    added = replace(WRITTEN, extras=("ATTENDEE", "VALARM"))
    assert edited_fields(added, replace(added, extras=("VALARM", "ATTENDEE"))) == ()


def test_changes_are_named_as_the_user_knows_them() -> None:
    assert fields_in_words(("title", "all_day", "transparent")) == "title, length, free or busy"
    assert fields_in_words(()) == ""


def test_nothing_of_a_draft_is_lost_on_its_way_to_a_calendar_and_back() -> None:
    full = HoldDraft("fikad-y", "T?", START, START, "D", False, "Rosa", True, "seal")
    assert as_draft(as_intended(full)) == full


@pytest.mark.parametrize(
    "change",
    [{"extras": ("VALARM",)}, {"status": "confirmed"}, {"private": False}, {"all_day": True}],
    ids=lambda change: next(iter(change)),
)
def test_a_seal_on_what_no_fikad_writes_is_not_believed(change: dict[str, Any]) -> None:
    """Anybody can work out a seal that fits."""
    event = replace(WRITTEN, **change)
    assert not is_sealed(replace(event, seal=seal(event)))


def test_other_zones_are_the_same_instant() -> None:
    from zoneinfo import ZoneInfo

    assert (
        edited_fields(WRITTEN, replace(WRITTEN, start=START.astimezone(ZoneInfo("Asia/Kolkata"))))
        == ()
    )


def test_without_a_seal_nothing_is_known() -> None:
    bare = replace(WRITTEN, seal="", title="x")
    assert not is_sealed(bare)
    assert not breaks_its_seal(bare)


@pytest.mark.parametrize(
    ("change", "yes"),
    [
        ({"title": "Coffee with Jane Doe"}, 'you removed the "?"'),
        ({"title": "Coffee with Jane Doe, Rosa"}, 'you removed the "?"'),
        ({"title": "Coffee with Jane Doe? yes"}, 'you wrote "yes"'),
        ({"title": "yes"}, 'you wrote "yes"'),
        ({"title": "Lunch at Rosa, Jane!"}, ""),
        ({"extras": ("ATTENDEE", "VALARM")}, "you invited somebody"),
        ({"status": "confirmed"}, "you confirmed it"),
        ({"transparent": False}, "you set it to busy"),
        ({}, ""),
        ({"title": ""}, ""),
        ({"title": "Lunch with Jane Doe?"}, ""),
        ({"title": "Coffee with Jane Doe? ☕"}, ""),
        ({"title": "Coffee with Jane Doe？"}, ""),
        ({"title": "snooze 3 wekks"}, ""),
        ({"title": "Dentist", "transparent": False, "status": "confirmed"}, ""),
        ({"title": "not now", "extras": ("ATTENDEE",)}, ""),
        ({"title": "Lunch with Jane", "extras": ("ATTENDEE",)}, "you invited somebody"),
        ({"status": "cancelled"}, ""),
        ({"extras": ("VALARM",), "location": "Rosa", "start": START - timedelta(days=1)}, ""),
    ],
)
def test_which_changes_say_yes(change: dict[str, Any], yes: str) -> None:
    assert says_yes(WRITTEN, replace(WRITTEN, **change)) == yes


def test_what_was_so_from_the_start_says_nothing() -> None:
    rewritten = replace(WRITTEN, status="confirmed", transparent=False, extras=("ATTENDEE",))
    assert says_yes(rewritten, rewritten) == ""


def test_one_of_several_question_marks_is_enough() -> None:
    asks_twice = replace(WRITTEN, title="Coffee? With Jane?")
    assert says_yes(asks_twice, replace(asks_twice, title="Coffee? With Jane"))
    assert not says_yes(asks_twice, replace(asks_twice, title="Coffee? With Jane? Rosa"))
