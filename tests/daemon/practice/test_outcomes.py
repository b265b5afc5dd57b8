"""How many holds asked, how many got a yes, and how many of those dates took place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from daemon.practice.outcomes import Outcomes, outcomes
from tests.daemon.world import (
    ME,
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    address,
    calendars,
    config,
    met_long_ago,
)

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")


def world(**tables: Any) -> tuple[Fikad, Calendars]:
    """Three people who are asked."""
    mine = calendars(*met_long_ago(NAMES))
    fikad = Fikad(config(*NAMES, **tables), mine.open, Clock())
    fikad.once()
    return fikad, mine


def became(fikad: Fikad) -> Outcomes:
    situation = fikad.situation()
    return outcomes(situation.holds, situation.counted, SUNDAY, situation.now)


def say_yes(fikad: Fikad, mine: Calendars, name: str, *more: str) -> str:
    uid = fikad.hold(name).uid
    mine.edit(uid, *more, SUMMARY=f"Coffee with {name}")
    return uid


def test_a_yes_is_ahead_until_its_end_and_then_kept() -> None:
    fikad, mine = world()
    say_yes(fikad, mine, "Jane Doe")
    fikad.once("none")
    assert became(fikad) == Outcomes(asked=3, said_yes=1, kept=0, ahead=1)
    fikad.clock.now += timedelta(weeks=3)
    fikad.once("none")
    assert became(fikad) == Outcomes(asked=3, said_yes=1, kept=1, ahead=0)


def test_a_date_that_was_missed_or_left_the_calendar_was_not_kept() -> None:
    fikad, mine = world()
    missed, gone = (say_yes(fikad, mine, name) for name in ("Jane Doe", "Bob Ray"))
    fikad.once("none")
    fikad.clock.now += timedelta(weeks=3)
    mine.edit(missed, SUMMARY="missed")
    mine.delete(gone)
    fikad.once("none")
    assert became(fikad) == Outcomes(asked=3, said_yes=2, kept=0)


@pytest.mark.parametrize(("answer", "kept"), [("ACCEPTED", 1), ("DECLINED", 0)])
def test_a_guest_who_declined_was_not_met(answer: str, kept: int) -> None:
    fikad, mine = world()
    guests = (
        f"ORGANIZER:mailto:{ME}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        f"ATTENDEE;PARTSTAT={answer}:mailto:{address('Jane Doe')}",
    )
    say_yes(fikad, mine, "Jane Doe", *guests)
    fikad.once("none")
    fikad.clock.now += timedelta(weeks=3)
    fikad.once("none")
    assert (became(fikad).said_yes, became(fikad).kept) == (1, kept)


def test_where_only_a_guest_s_yes_counts_one_s_own_is_not_kept() -> None:
    fikad, mine = world(meetings={"count_holds": "confirmed"})
    say_yes(fikad, mine, "Jane Doe")
    fikad.once("none")
    fikad.clock.now += timedelta(weeks=3)
    fikad.once("none")
    assert (became(fikad).said_yes, became(fikad).kept) == (1, 0)


def test_what_fikad_took_back_itself_asked_nobody() -> None:
    fikad, _ = world()
    fikad.ledger.snooze("jane doe", SUNDAY + timedelta(weeks=9), SUNDAY)
    fikad.once("none")
    assert became(fikad).asked == 2
