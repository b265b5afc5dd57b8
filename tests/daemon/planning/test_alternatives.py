"""What else is open for the occasion of a hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from daemon.config.schema import Challenge, Rhythm
from daemon.judging.recency import Held
from daemon.people.contacts import Contact
from daemon.planning.alternatives import other_times, overlap, slots_left
from daemon.planning.fit import Habit
from daemon.planning.request import PlanRequest
from daemon.planning.slots import Slot
from tests.daemon.world import BERLIN

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
JANE = Contact("jane", "Jane", timedelta(weeks=4))
ROOMY = Rhythm(per_week=20, per_day=5, open=30)


def slot(day: int, hour: float, occasion: str = "coffee") -> Slot:
    start = MONDAY + timedelta(days=day, hours=hour)
    return Slot(occasion, start, start + timedelta(minutes=45))


def held(day: int, hour: float, uid: str = "one") -> Held:
    of = slot(day, hour)
    return Held("jane", of.start, of.end, "proposed", "coffee", uid)


def others(hold: Held, *slots: Slot, count: int = 2, offered: Any = None, **more: Any) -> list[str]:
    given = {"rhythm": ROOMY, "held": (hold,), **more}
    request = PlanRequest(slots=slots, zone=BERLIN, now=MONDAY, **given)
    chosen = other_times(JANE, hold, request, count, offered or (lambda slot: False))
    return [f"{(one.start - MONDAY).days}/{one.start.hour}" for one in chosen]


def test_each_has_a_day_of_its_own_as_long_as_there_are_enough() -> None:
    days = [slot(1, 9), slot(1, 14), slot(2, 9), slot(2, 14), slot(3, 9)]
    assert others(held(1, 9), *days) == ["2/9", "3/9"]
    assert others(held(1, 9), *days, count=5) == ["1/14", "2/9", "2/14", "3/9"]
    assert others(held(1, 9), *days, count=0) == []


def test_the_usual_weekday_and_hour_come_first() -> None:
    week = [slot(day, hour) for day in range(1, 5) for hour in (9, 14)]
    thursday = {"jane": Habit(minute=15 * 60, weekday=3)}  # Berlin
    assert "3/14" in others(held(1, 9), *week, count=1, habits=thursday)


def test_another_occasion_the_hold_itself_and_what_is_held_are_no_other_times() -> None:
    lunch, taken = slot(2, 9, "lunch"), held(3, 9, "another")
    assert others(held(1, 9), lunch, slot(1, 9.5), slot(3, 9), held=(held(1, 9), taken)) == []


def test_what_was_offered_stays_while_it_is_open() -> None:
    week = [slot(day, 9) for day in range(1, 5)]
    assert others(held(1, 9), *week, offered=lambda one: one == week[3]) == ["2/9", "4/9"]
    assert others(held(1, 9), *week[:3], offered=lambda one: one == slot(4, 9)) == ["2/9", "3/9"]


def test_a_week_that_the_caps_leave_goes_before_a_full_one() -> None:
    full = Rhythm(per_week=1, per_day=1, open=3)
    next_week = held(8, 9, "another")
    these = [slot(3, 9), slot(9, 9)]
    given = {"rhythm": full, "held": (held(1, 9), next_week)}
    assert others(held(1, 9), *these, count=1, **given) == ["3/9"]
    assert others(held(1, 9), *these, count=2, **given) == ["3/9", "9/9"]


def test_days_are_those_of_the_users_clock() -> None:
    """Half past eleven at night in London is the next day in Berlin."""
    late, noon, next_noon = slot(1, 23.5), slot(2, 12), slot(3, 12)
    assert others(held(1, 23.5), noon, next_noon, count=1) == ["3/12"]
    assert others(held(1, 9), late, noon, next_noon) == ["1/23", "3/12"]
    once = Rhythm(per_week=9, per_day=1, open=9)
    taken = held(2, 9, "another"), held(1, 23.5, "third")
    given = {"rhythm": once, "held": taken[1:]}
    assert others(held(1, 9), noon, slot(8, 12), count=1, **given) == ["8/12"]


def test_where_nothing_of_its_occasion_is_open_there_are_no_other_times() -> None:
    assert others(held(1, 9)) == []


def test_a_day_by_itself_is_better_than_one_with_another_hold() -> None:
    crowded = (held(1, 9), held(2, 15, "another"))
    assert others(held(1, 9), slot(2, 9), slot(4, 9), held=crowded, count=1) == ["4/9"]


def test_the_room_of_a_circle_is_its_peoples() -> None:
    dates = {"name": "more", "from": "2026-11-30", "until": "2026-12-06", "per_week": 5}
    full: dict[str, Any] = {
        "rhythm": Rhythm(per_week=1, per_day=5, open=30),
        "held": (held(1, 9), held(2, 9, "another")),
    }
    for circle, best in (("friends", "4/9"), ("work", "8/9")):
        room = (Challenge.model_validate({**dates, "circle": circle}),)
        friend = replace(JANE, circle="friends")
        request = PlanRequest(
            slots=(slot(4, 9), slot(8, 9)), zone=BERLIN, now=MONDAY, challenges=room, **full
        )
        (one,) = other_times(friend, held(1, 9), request, 1)
        assert f"{(one.start - MONDAY).days}/{one.start.hour}" == best


def test_spans_that_only_touch_have_no_time_in_common() -> None:
    assert not overlap(slot(1, 9), slot(1, 9.75))
    assert not overlap(slot(1, 9.75), slot(1, 9))
    assert overlap(slot(1, 9), slot(1, 9.5))
    assert overlap(slot(1, 9.5), slot(1, 9))


def test_slots_are_left_beside_a_hold_where_it_is_and_not_where_it_was() -> None:
    grid = [slot(2, 9 + quarter / 4) for quarter in range(8)]
    assert slots_left(held(1, 9), grid, [held(2, 9.5)]) == 3
    assert slots_left(held(1, 9, ""), grid, [held(2, 9.5, "another")]) == 1
    assert slots_left(held(1, 9, ""), grid, [held(2, 9.5, "")]) == 1


def test_slots_are_counted_that_can_all_be_had() -> None:
    grid = [slot(2, 9 + quarter / 4) for quarter in range(8)]  # 9:00 to 11:30
    assert slots_left(held(1, 9), grid) == 3
    assert slots_left(held(2, 9), grid) == 2
    assert slots_left(held(1, 9), grid, [held(1, 9), held(2, 9.5, "another")]) == 1
    assert slots_left(held(1, 9), [slot(3, 9, "lunch")]) == 0
