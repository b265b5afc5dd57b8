"""What is recorded, and told, of a hold that the user did something with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.holds.answered import follow
from daemon.holds.facts import CountAsMet, Move, Snooze, Withdraw
from daemon.holds.record import Hold, confirmed
from daemon.holds.transition import transition
from tests.daemon.holds.test_transition import (
    ACCEPTED_AS,
    ASKED,
    ASKS,
    CLOSED,
    CONFIRMS,
    CREATING,
    DRAGGED,
    END,
    FOUND,
    LATER,
    MOVED_DRAFT,
    MOVING,
    NOW,
    PINNED,
    PROPOSED,
    QUIET,
    START,
    TITLE,
    WISHED,
    YES,
    completed,
    every,
)

SOON = NOW + timedelta(hours=1)
TUESDAY = replace(FOUND, title="tuesday")

# --- orders


def test_an_order_that_is_found_again_is_removed_again_for_the_reason_it_was_given() -> None:
    skipped = replace(FOUND, title="skip")
    followed = transition(PROPOSED, skipped, QUIET, NOW).hold
    gone = confirmed(followed, None)
    back = transition(gone, skipped, QUIET, SOON)
    assert (back.hold.intent, back.action) == ("delete", Withdraw())
    assert back.reason == followed.reason == 'You wrote "skip".'
    assert back.hold.decided_at == NOW
    cancelled = transition(followed, replace(skipped, status="cancelled"), QUIET, SOON)
    assert (cancelled.hold.intent, cancelled.action) == (None, None)


def test_what_holds_no_order_cannot_be_followed() -> None:
    with pytest.raises(ValueError, match="no order"):
        follow(PROPOSED, FOUND, QUIET, NOW, removable=True)


@pytest.mark.parametrize(
    ("title", "effect"),
    [
        ("next month", Snooze(datetime(2026, 4, 30, 12, tzinfo=UTC))),
        ("met yesterday", CountAsMet(datetime(2026, 4, 19, 0, tzinfo=UTC))),
    ],
)
def test_days_in_orders_begin_where_the_user_lives(title: str, effect: object) -> None:
    """In Auckland, twelve hours ahead, it is the 20th already."""
    facts = replace(QUIET, zone=ZoneInfo("Pacific/Auckland"))
    assert transition(PROPOSED, replace(FOUND, title=title), facts, NOW).effect == effect


def test_a_quoted_title_is_cut_and_cannot_end_its_quotation() -> None:
    told = transition(PROPOSED, replace(FOUND, title='"skip"'), QUIET, NOW).hold.reason
    assert told == "You wrote \"'skip'\"."
    long = f"Coffee with {'x' * 80}?"
    draft = replace(PROPOSED.draft, title=long, seal="")
    hold = replace(PROPOSED, draft=draft, baseline=replace(FOUND, title=long, seal=""))
    event = replace(FOUND, title=f"{long} skip", seal="")
    told = transition(hold, event, QUIET, NOW).hold.reason
    assert len(told) == len('You wrote "".') + 60


# --- another time


@pytest.mark.parametrize("hold", [CREATING, PROPOSED, replace(PINNED, baseline=FOUND)])
def test_a_move_as_told_is_recorded_as_a_fresh_question(hold: Hold) -> None:
    moved = transition(replace(hold, why="It has been long."), TUESDAY, WISHED, SOON)
    assert moved.action == Move(MOVED_DRAFT)
    assert moved.reason == 'You wrote "tuesday".'
    record = moved.hold
    assert (record.decided_at, record.moved_from, record.renewed_at) == (None, START, SOON)
    assert (record.order, record.intent_version) == ("another time: Tuesday", None)
    assert record.reason.startswith("It has been long. Moved from Tue 21 Apr")
    assert record.reason.endswith('you wrote "tuesday".')


@every(CLOSED)
def test_a_closed_hold_that_names_another_time_is_the_users(hold: Hold) -> None:
    became = transition(hold, TUESDAY, WISHED, NOW)
    assert (became.hold.state, became.action) == ("pinned", None)


def test_another_time_with_somebody_who_is_not_to_be_asked_any_more_withdraws() -> None:
    for facts in (
        replace(WISHED, last_met=NOW),
        replace(WISHED, snoozed_until=SOON),
        replace(WISHED, paused=True),
    ):
        became = transition(PROPOSED, TUESDAY, facts, NOW)
        assert (became.hold.state, became.hold.intent) == ("withdrawn", "delete")
        assert (became.action, became.hold.decided_at) == (Withdraw(), NOW)
        assert became.reason.startswith(("You have met Jane", "Jane Doe is"))


def test_a_hold_can_be_moved_as_told_until_it_ends() -> None:
    assert transition(PROPOSED, TUESDAY, WISHED, END - timedelta(seconds=1)).action is not None
    late = transition(PROPOSED, TUESDAY, WISHED, END)
    assert (late.hold.state, late.action) == ("pinned", None)


def test_why_a_hold_is_not_moved_as_told_is_said() -> None:
    changed = transition(PROPOSED, replace(TUESDAY, location="Rosa"), WISHED, NOW)
    assert "moving it is left to you" in changed.hold.reason
    waiting = transition(PROPOSED, TUESDAY, replace(QUIET, slots_known=False), NOW)
    assert 'You wrote "tuesday"' in waiting.reason


# --- theirs


def test_an_answer_is_as_old_as_it_is_and_told_once() -> None:
    pinned = transition(PROPOSED, DRAGGED, QUIET, NOW)
    assert (pinned.hold.decided_at, pinned.reason) == (NOW, "You changed it: start, end.")
    still = transition(pinned.hold, replace(DRAGGED, location="Rosa"), QUIET, SOON)
    assert (still.hold.decided_at, still.reason) == (NOW, "")
    accepted = transition(pinned.hold, ACCEPTED_AS, QUIET, SOON)
    assert (accepted.hold.decided_at, accepted.reason) == (SOON, 'You removed the "?".')


def test_an_answer_that_is_seen_after_the_end_was_given_by_then() -> None:
    assert transition(PROPOSED, ACCEPTED_AS, QUIET, LATER).hold.decided_at == END


def test_what_is_the_users_waits_for_no_write() -> None:
    for hold in (CREATING, MOVING):
        record = transition(hold, ACCEPTED_AS, QUIET, NOW).hold
        assert (record.intent, record.intent_version) == (None, None)


def test_what_the_completing_write_set_is_no_new_answer() -> None:
    busy = replace(ASKED, **YES["busy"])
    accepted = transition(ASKS, busy, CONFIRMS, NOW)
    assert accepted.hold.reason == "You set it to busy."
    done = transition(confirmed(accepted.hold, completed(busy)), completed(busy), CONFIRMS, SOON)
    assert done.hold.reason == "You set it to busy."
    again = transition(
        done.hold, replace(completed(busy), title=TITLE, location="Rosa"), CONFIRMS, SOON
    )
    assert again.hold.reason == "You set it to busy."


@pytest.mark.parametrize(
    "change",
    [{}, {"status": "confirmed"}, {"transparent": False}],
    ids=["title", "confirmed", "busy"],
)
def test_who_takes_the_answering_lines_out_themselves_has_not_completed_it(
    change: dict[str, Any],
) -> None:
    """It is not taken for fikad's own writing, which sets all three."""
    said = replace(ASKED, title="Coffee with Jane Doe", description="mine", **change)
    assert transition(ASKS, said, CONFIRMS, NOW).hold.completed is None


# --- missed


@pytest.mark.parametrize("hold", [CREATING, MOVING, PINNED])
def test_what_was_missed_is_told_once_and_since_its_end(hold: Hold) -> None:
    event = replace(ACCEPTED_AS, title="missed")
    missed = transition(hold, event, QUIET, LATER)
    assert missed.reason == missed.hold.reason == 'You wrote "missed": it did not happen.'
    assert missed.hold.decided_at == END
    assert (missed.hold.intent, missed.hold.intent_version) == (None, None)
    longer = transition(missed.hold, replace(event, end=LATER), QUIET, LATER)
    assert (longer.hold.state, longer.hold.decided_at, longer.reason) == ("missed", END, "")
