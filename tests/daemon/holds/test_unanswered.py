"""What is recorded, and told, of a hold that nobody answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.holds.facts import Create, Facts, Move, Rewrite, Withdraw
from daemon.holds.transition import transition
from tests.daemon.holds.test_transition import (
    BUSY,
    CREATING,
    DRAFT,
    FOUND,
    LATER,
    MET,
    MOVED_DRAFT,
    NOW,
    PROPOSED,
    QUIET,
    START,
    sealed,
)

AUCKLAND = ZoneInfo("Pacific/Auckland")
DISPLACED = replace(BUSY, next_draft=MOVED_DRAFT)
SNOOZED = replace(QUIET, snoozed_until=NOW + timedelta(days=1))
NEVER_WRITTEN = "v1"

# --- a create that never happened


def tried_again(facts: Facts) -> tuple[object, str, str]:
    became = transition(CREATING, None, replace(facts, calendar_version=NEVER_WRITTEN), NOW)
    return became.action, became.hold.state, became.reason


def test_a_create_that_is_done_late_or_not_at_all_says_why() -> None:
    assert tried_again(QUIET) == (Create(DRAFT), "creating", "It was not written yet.")
    assert tried_again(DISPLACED) == (Create(MOVED_DRAFT), "creating", "Something lies on it.")
    assert tried_again(SNOOZED) == (None, "withdrawn", "Jane Doe is snoozed.")
    assert tried_again(BUSY) == (
        None,
        "withdrawn",
        "Something lies on it. No other slot is open.",
    )
    assert tried_again(replace(BUSY, slots_known=False)) == (
        None,
        "creating",
        "Something lies on it. Another slot is looked for when all calendars can be read.",
    )


# --- kept


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (SNOOZED, "Jane Doe is snoozed."),
        (replace(QUIET, paused=True), "Jane Doe is paused."),
        (replace(QUIET, removed=True), "Jane Doe is not among your contacts any more."),
        (replace(QUIET, last_met=MET + timedelta(days=1)), "You have met Jane Doe."),
        (
            replace(QUIET, booked=LATER, zone=AUCKLAND),
            "You already meet Jane Doe on Tue 21 Apr 21:45.",
        ),
    ],
)
def test_why_a_hold_is_withdrawn_is_told_and_recorded(facts: Facts, reason: str) -> None:
    became = transition(PROPOSED, FOUND, facts, NOW)
    assert became.action == Withdraw()
    assert became.reason == became.hold.reason == reason
    assert became.hold.decided_at == NOW


def test_a_copy_of_a_hold_under_its_own_name_is_no_rival() -> None:
    assert transition(PROPOSED, FOUND, replace(QUIET, rivals=(FOUND,)), NOW).action is None


def test_two_fikads_agree_which_hold_stays_also_where_names_have_no_dashes() -> None:
    dashed, plain = (replace(FOUND, uid=uid) for uid in ("fikad-b-b", "fikadaa"))
    second = replace(PROPOSED, uid=dashed.uid, baseline=dashed)
    assert transition(second, dashed, replace(QUIET, rivals=(plain,)), NOW).action == Withdraw()
    first = replace(PROPOSED, uid=plain.uid, baseline=plain)
    assert transition(first, plain, replace(QUIET, rivals=(dashed,)), NOW).action is None


def test_a_hold_whose_text_is_not_true_any_more_is_written_anew_where_it_is() -> None:
    """Nobody is told: nothing happened to it."""
    anew = sealed(replace(DRAFT, description="Why\n\nOther times"))
    old = replace(PROPOSED, occasion="coffee", renewed_at=NOW - timedelta(days=1))
    became = transition(old, FOUND, replace(QUIET, renewed_draft=anew), NOW)
    assert (became.action, became.reason) == (Rewrite(anew), "")
    record = became.hold
    assert (record.draft, record.intent, record.renewed_at) == (anew, "update", NOW)
    assert (record.occasion, record.moves) == ("coffee", ())
    young = replace(old, renewed_at=NOW - timedelta(hours=23))
    assert transition(young, FOUND, replace(QUIET, renewed_draft=anew), NOW).action is None


# --- moved


def test_a_displaced_hold_tells_what_displaced_it_and_keeps_why_this_person() -> None:
    became = transition(replace(PROPOSED, why="It has been long."), FOUND, DISPLACED, NOW)
    assert (became.action, became.reason) == (Move(MOVED_DRAFT), "Something lies on it.")
    assert became.hold.reason == (
        "It has been long. Moved from Tue 21 Apr 08:00: something lies on it."
    )
    record = became.hold
    assert (record.moves, record.moved_from, record.renewed_at) == ((NOW,), START, NOW)


def test_a_slot_at_the_same_time_is_no_move_and_renews_the_text_alone() -> None:
    longer = sealed(replace(DRAFT, end=DRAFT.end + timedelta(minutes=15)))
    hold = replace(PROPOSED, occasion="coffee", reason="As it was.")
    became = transition(hold, FOUND, replace(BUSY, next_draft=longer, next_occasion="walk"), NOW)
    assert (became.action, became.reason) == (Move(longer), "Something lies on it.")
    record = became.hold
    assert (record.draft, record.intent, record.renewed_at) == (longer, "update", NOW)
    assert (record.moves, record.moved_from, record.occasion) == ((), None, "coffee")
    assert record.reason == "As it was."


@pytest.mark.parametrize(
    ("moves", "moved"),
    [
        ((), True),
        ((NOW - timedelta(hours=2),), True),
        ((NOW - timedelta(hours=2), NOW - timedelta(hours=1)), False),
        # It is the 20th in Auckland since noon: these were yesterday.
        ((NOW - timedelta(hours=5), NOW - timedelta(hours=4)), True),
        ((NOW - timedelta(hours=4), NOW - timedelta(hours=1)), True),
    ],
)
def test_a_hold_moves_at_most_twice_a_day_by_the_users_clock(
    moves: tuple[datetime, ...], moved: bool
) -> None:
    facts = replace(DISPLACED, zone=AUCKLAND)
    became = transition(replace(PROPOSED, moves=moves), FOUND, facts, NOW)
    assert (became.action == Move(MOVED_DRAFT)) is moved
    if not moved:
        assert became.hold.moves == moves
        assert became.reason.endswith("It was moved twice today, so it stays until tomorrow.")
