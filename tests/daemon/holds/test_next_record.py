"""The next record of a hold: closed, moved, put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from daemon.holds.facts import Withdraw
from daemon.holds.next_record import MOVES_A_DAY, close, noted, redrafted, why_moved
from tests.daemon.holds.test_transition import (
    CREATING,
    DRAFT,
    END,
    FOUND,
    MOVED_DRAFT,
    NOW,
    PROPOSED,
    QUIET,
    START,
)


def test_what_is_closed_waits_for_a_removal_at_most() -> None:
    closed = close(CREATING, "withdrawn", "You have met.", NOW)
    assert (closed.hold.state, closed.hold.intent, closed.hold.intent_version) == (
        "withdrawn",
        None,
        None,
    )
    assert closed.reason == closed.hold.reason == "You have met."
    assert closed.action is None
    removed = close(PROPOSED, "lapsed", "It passed.", END + timedelta(days=1), Withdraw())
    assert (removed.hold.intent, removed.action) == ("delete", Withdraw())
    assert removed.hold.decided_at == END


def test_a_new_title_names_the_contact_as_they_are_called_by_now_and_an_old_one_as_then() -> None:
    called = replace(QUIET, called="Jane Roe")
    retitled = replace(MOVED_DRAFT, title="Walk with Jane Roe?")
    assert redrafted(PROPOSED, called, retitled, "walk").contact_name == "Jane Roe"
    assert redrafted(PROPOSED, called, MOVED_DRAFT, "").contact_name == "Jane Doe"
    assert redrafted(PROPOSED, QUIET, retitled, "").contact_name == "Jane Doe"


def test_a_hold_written_anew_keeps_its_name_and_its_occasion_where_none_is_given() -> None:
    hold = replace(PROPOSED, occasion="coffee")
    other = replace(MOVED_DRAFT, uid="fikad-other")
    assert redrafted(hold, QUIET, other, "").draft == MOVED_DRAFT
    assert redrafted(hold, QUIET, other, "").occasion == "coffee"
    assert redrafted(hold, QUIET, other, "walk").occasion == "walk"
    assert MOVED_DRAFT.uid == DRAFT.uid


def test_the_last_moves_of_a_day_are_remembered() -> None:
    hold = PROPOSED
    for hour in range(MOVES_A_DAY + 1):
        hold = noted(hold, START + timedelta(hours=hour), NOW + timedelta(hours=hour))
    last = NOW + timedelta(hours=MOVES_A_DAY)
    assert hold.moves == (NOW + timedelta(hours=1), last)
    assert hold.moved_from == START + timedelta(hours=MOVES_A_DAY)
    assert hold.renewed_at == last


def test_a_moved_hold_tells_why_this_person_why_this_slot_and_what_moved_it() -> None:
    facts = replace(QUIET, zone=ZoneInfo("Europe/Berlin"), next_reason="You often meet then.")
    hold = replace(PROPOSED, why="It has been six weeks.")
    assert why_moved(hold, FOUND, facts, "Dentist lies on it.") == (
        "It has been six weeks. You often meet then. "
        "Moved from Tue 21 Apr 10:00: dentist lies on it."
    )
    bare = why_moved(replace(PROPOSED, why=""), FOUND, QUIET, "It lies on it.")
    assert bare == "Moved from Tue 21 Apr 08:00: it lies on it."
