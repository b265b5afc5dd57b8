"""Asking less and less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import HoldDraft
from daemon.holds.cooldown import (
    cooldown_after,
    cooldown_until,
    fruitless_in_a_row,
    loosening,
    wait_after,
)
from daemon.holds.record import Hold, State

WEEK = timedelta(weeks=1)
T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DRAFT = HoldDraft("fikad-x", "Coffee with Jane Doe?", T0, T0 + timedelta(minutes=45), "")


def hold(state: State, week: int) -> Hold:
    when = T0 + week * WEEK
    decided = None if state == "proposed" else when
    return Hold(
        f"fikad-{week}",
        "jane doe",
        "Jane Doe",
        "home",
        "Fikad",
        state,
        when,
        DRAFT,
        decided_at=decided,
    )


def test_a_dismissal_rests_a_quarter_of_the_cadence_and_doubles() -> None:
    assert [cooldown_after(n, 12 * WEEK, WEEK) / WEEK for n in range(6)] == [0, 3, 6, 12, 24, 24]


def test_a_rest_is_at_least_the_least() -> None:
    assert [cooldown_after(n, 2 * WEEK, WEEK) / WEEK for n in range(1, 5)] == [1, 2, 4, 4]
    assert cooldown_after(1, WEEK, 10 * WEEK) == 10 * WEEK
    assert cooldown_after(9, WEEK, 10 * WEEK) == 10 * WEEK


def test_lapses_wait_longer_and_longer_up_to_a_cadence() -> None:
    assert [wait_after(n, 6 * WEEK, WEEK) / WEEK for n in range(6)] == [0, 1, 2, 4, 6, 6]
    assert [wait_after(n, 2.5 * WEEK, WEEK) / WEEK for n in range(1, 4)] == [1, 2, 2.5]


@given(
    st.integers(0, 10_000),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=99999 * 365 // 4)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=99999)),
)
def test_rests_never_shrink_and_never_overflow(
    n: int, cadence: timedelta, least: timedelta
) -> None:
    for rest in (cooldown_after, wait_after):
        assert (
            rest(n, cadence, least)
            <= rest(n + 1, cadence, least)
            <= max(cadence * 2, least, cadence / 4)
        )


def test_a_row_ends_at_a_meeting_and_at_what_the_user_took_up() -> None:
    holds = [
        hold("dismissed", 0),
        hold("pinned", 1),
        hold("lapsed", 2),
        hold("withdrawn", 3),
        hold("dismissed", 4),
        hold("proposed", 5),
    ]
    assert [fruitless.uid for fruitless in fruitless_in_a_row(reversed(holds), None)] == [
        "fikad-2",
        "fikad-4",
    ]
    assert [fruitless.uid for fruitless in fruitless_in_a_row(holds, T0 + 3 * WEEK)] == ["fikad-4"]
    assert fruitless_in_a_row(holds, T0 + 9 * WEEK) == ()
    assert fruitless_in_a_row([], None) == ()


def test_a_hold_that_was_accepted_and_missed_ends_a_row() -> None:
    holds = [hold("lapsed", 0), hold("missed", 1), hold("lapsed", 2)]
    assert fruitless_in_a_row(holds, None) == (holds[2],)


@pytest.mark.parametrize("state", ["pinned", "withdrawn", "lapsed"])
def test_one_that_stood_again_untouched_counts_as_dismissed_when_it_was(state: State) -> None:
    back = replace(hold(state, 2), refused_at=T0 + WEEK)
    rows = fruitless_in_a_row([hold("dismissed", 0), back], None)
    assert [fruitless.uid for fruitless in rows] == ["fikad-0", "fikad-2"]
    assert cooldown_until(rows, 12 * WEEK, WEEK) == T0 + WEEK + 6 * WEEK
    assert fruitless_in_a_row([back], T0 + WEEK) == ()


def test_what_came_to_nothing_by_the_end_of_a_meeting_belongs_to_the_row_before_it() -> None:
    assert fruitless_in_a_row([hold("lapsed", 0)], T0) == ()
    assert fruitless_in_a_row([hold("lapsed", 0)], T0 - timedelta(seconds=1)) != ()


def test_a_refusal_found_together_with_an_acceptance_is_rested() -> None:
    refused, taken = (
        replace(hold("dismissed", 0), uid="fikad-a"),
        replace(hold("accepted", 0), uid="fikad-b"),
    )
    assert fruitless_in_a_row([refused, taken], None) == (refused,)


def test_a_contact_rests_from_the_last_refusal() -> None:
    rows = fruitless_in_a_row([hold("dismissed", 0), hold("dismissed", 4), hold("lapsed", 5)], None)
    assert cooldown_until(rows, 12 * WEEK, WEEK) == T0 + 10 * WEEK
    assert cooldown_until(rows[2:], 12 * WEEK, WEEK) == T0 + 6 * WEEK
    assert cooldown_until((), 12 * WEEK, WEEK) is None


def test_a_refusal_makes_the_wait_after_a_lapse_no_longer() -> None:
    rows = fruitless_in_a_row([hold("dismissed", 0), hold("lapsed", 1)], None)
    assert cooldown_until(rows, 4 * WEEK, WEEK) == T0 + 2 * WEEK


def test_a_rest_beyond_the_calendar_is_for_ever() -> None:
    late = replace(hold("dismissed", 0), decided_at=datetime(9999, 12, 1, tzinfo=UTC))
    assert cooldown_until((late,), timedelta(days=9999), WEEK) == datetime.max.replace(tzinfo=UTC)


def test_after_three_in_a_row_a_longer_cadence_is_suggested() -> None:
    holds = (hold("dismissed", 0), hold("lapsed", 1), hold("lapsed", 2))
    assert loosening(holds[1:], 6 * WEEK) == ""
    assert loosening(holds, 6 * WEEK).startswith(
        "3 suggestions in a row came to nothing: a longer cadence than 6 weeks"
    )


def test_what_another_fikad_took_back_is_waited_for_like_a_lapse() -> None:
    """It would take back the next one as well, and so on for ever."""
    own = hold("withdrawn", 0)
    anothers = [replace(hold("withdrawn", week), by_another=True) for week in (0, 1)]
    assert cooldown_until(fruitless_in_a_row([own], None), 6 * WEEK, WEEK) is None
    assert cooldown_until(fruitless_in_a_row(anothers[:1], None), 6 * WEEK, WEEK) == T0 + WEEK
    assert cooldown_until(fruitless_in_a_row(anothers, None), 6 * WEEK, WEEK) == T0 + 3 * WEEK


def test_what_another_fikad_took_back_is_no_reason_for_a_longer_cadence() -> None:
    anothers = tuple(replace(hold("withdrawn", week), by_another=True) for week in range(9))
    assert fruitless_in_a_row(anothers, None) == anothers, "they make the contact wait"
    assert loosening(anothers, 6 * WEEK) == ""
