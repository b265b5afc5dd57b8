"""Who is chosen and for which place, and what the choice is asked of those who are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.address_book import YearlyDay
from daemon.config.schema import Challenge
from daemon.judging.recency import Standing
from daemon.planning.balance import Emphasis
from daemon.planning.fit import Habit
from daemon.planning.slots import Slot
from tests.daemon.planning.plans import (
    HOUR,
    at,
    chosen,
    due,
    held,
    make,
    person,
    rhythm,
    slot,
    waiting,
)

MINUTE = timedelta(minutes=1)
FAR: dict[str, Any] = {
    "occasions": ("coffee", "call"),
    "timezone": ZoneInfo("America/New_York"),
}


def lasting(day: int, hour: int, minute: int, minutes: int, occasion: str = "coffee") -> Slot:
    start = at(day, hour, minute)
    return Slot(occasion, start, start + minutes * MINUTE)


# --- whose place it is ---


def test_the_day_of_a_place_is_that_of_the_users_zone() -> None:
    """Monday 23:30 in London is Tuesday in Berlin, and Tuesday has a hold."""
    start = datetime(2026, 11, 9, 23, 30, tzinfo=UTC)
    late, hold = Slot("coffee", start, start + HOUR), held(10, 18)
    in_berlin = make(due("jane"), late, holds=(hold,), by=rhythm(per_day=1))
    assert waiting(in_berlin) == {"jane": "day"}
    in_london = make(due("jane"), late, holds=(hold,), by=rhythm(per_day=1), zone=ZoneInfo("UTC"))
    assert chosen(in_london) == {"jane": start}


def test_the_balance_is_asked_about_those_who_are_due_the_most_pressing_first() -> None:
    asked: list[tuple[list[str], int]] = []

    def emphasis(who: Sequence[Standing], places: int) -> dict[str, Emphasis]:
        asked.append(([standing.contact.key for standing in who], places))
        return {}

    who = (*due("lee", weeks=5), *due("omar", weeks=7), *due("jane", weeks=9))
    make(who, slot(9, 10), slot(16, 10), by=rhythm(per_week=1, open=5), emphasis=emphasis)
    assert asked == [(["jane", "omar"], 2)]


def test_who_is_worth_the_same_is_chosen_by_name_whatever_the_order() -> None:
    jane, omar = (due(key)[0] for key in ("jane", "omar"))
    for who in ((jane, omar), (omar, jane)):
        assert list(chosen(make(who, slot(9, 10)))) == ["jane"]


def test_a_day_that_has_a_hold_bears_as_many_as_are_left() -> None:
    day = [slot(9, hour) for hour in (8, 12, 16)]
    two = make(due("jane", "omar", "lee"), *day, by=rhythm(per_day=2))
    assert len(two.proposals) == 2
    one = make(due("jane", "omar"), *day, holds=(held(9, 19),), by=rhythm(per_day=2))
    assert (len(one.proposals), waiting(one)) == (1, {"omar": "day"})
    left = make(due("jane", "omar", "lee"), *day, holds=(held(9, 20),), by=rhythm(per_day=3))
    assert len(left.proposals) == 2


def test_places_that_lie_apart_by_the_buffer_alone_are_two() -> None:
    next_to_each_other = lasting(9, 10, 0, 60), lasting(9, 11, 15, 60)
    made = make(due("jane", "omar"), *next_to_each_other, by=rhythm(buffer="15 minutes"))
    assert sorted(chosen(made).values()) == [at(9, 10), at(9, 11, 15)]


def test_what_is_shorter_than_the_buffer_is_placed_too() -> None:
    call = lasting(9, 10, 0, 10, "call")
    made = make(due(person("jane", occasions=("call",))), call, by=rhythm(buffer="15 minutes"))
    assert chosen(made) == {"jane": at(9, 10)}


def test_the_room_that_is_only_for_a_circle_is_no_reason_for_the_others() -> None:
    """When the friends have had theirs, the week is full for everybody else by the rhythm alone."""
    dates = {"name": "more", "from": "2026-11-09", "until": "2026-11-15", "per_week": 5}
    friends = (Challenge.model_validate({**dates, "circle": "friends"}),)
    people = [person("jane", circle="work"), person("lee"), person("omar", circle="friends")]
    slots = [slot(day, 10) for day in (9, 10, 11, 12)]
    made = make(due(*people), *slots, by=rhythm(per_week=1), challenges=friends)
    assert sorted(chosen(made)) == ["jane", "omar"]
    assert waiting(made) == {"lee": "week"}


# --- how holds are spread ---


def test_crowding_moves_a_hold_but_keeps_nobody_from_one() -> None:
    """Monday and Tuesday are one part of the week, and so little is lost until Wednesday."""
    who = due(person("jane", weight=20.0), "omar")
    assert chosen(make(who, slot(9, 10), slot(10, 10))) == {"jane": at(9, 10), "omar": at(10, 10)}
    spread = make(who, slot(9, 10), slot(10, 10), slot(11, 10))
    assert chosen(spread) == {"jane": at(9, 10), "omar": at(11, 10)}
    asleep = due(person("lee", **(FAR | {"occasions": ("call",)})))
    calls = slot(9, 9, "call"), slot(10, 10), slot(11, 10)
    beside = make((*who, *asleep), slot(9, 10), *calls)
    assert chosen(beside) == chosen(spread), "whoever can have nothing changes nothing"


def test_what_crowding_costs_goes_by_the_best_that_anybody_could_get() -> None:
    """However bad a place somebody could have as well, Saturday goes before a second hold in one
    part of the week."""
    others = ("a", "b", "c", "d", "e", "walk")
    who = due(person("jane", weight=3.0), person("omar", occasions=("coffee", *others)))
    places = slot(9, 10), slot(10, 10), slot(14, 10), slot(22, 10, "walk")
    assert chosen(make(who, *places)) == {"jane": at(9, 10), "omar": at(14, 10)}


# --- for which place ---


def test_the_best_place_of_a_day_is_taken_and_not_the_first() -> None:
    day = [slot(9, hour) for hour in (10, 12, 14, 16)]
    usual = {"jane": Habit(14 * 60)}
    made = make(due("jane"), *day, by=rhythm(per_day=1), habits=usual)
    assert chosen(made) == {"jane": at(9, 14)}


def test_who_cannot_have_the_best_place_of_a_time_gets_the_next_best() -> None:
    """Jane's lunch, which she likes better than coffee, lies on the first coffee of the late
    morning; so Omar's is the second of them and not the third."""
    jane, omar = person("jane", occasions=("lunch", "coffee")), person("omar")
    coffees = [lasting(9, 9, 0, 60), *(lasting(9, 11, minute, 60) for minute in (15, 50, 55))]
    lunch = lasting(9, 10, 0, 90, "lunch")
    made = make(due(jane, omar), *coffees, lunch, by=rhythm(per_day=2, buffer="15 minutes"))
    assert chosen(made) == {"jane": at(9, 10), "omar": at(9, 11, 50)}


def test_of_two_occasions_at_one_time_the_preferred_one_is_taken() -> None:
    for names in (("coffee", "walk"), ("walk", "coffee")):
        made = make(due(person("jane", occasions=names)), slot(9, 10), slot(9, 10, "walk"))
        assert [proposal.occasion for proposal in made.proposals] == [names[0]]
        far_down = person("jane", occasions=(*"abcdef", *names))
        made = make(due(far_down), slot(9, 10), slot(9, 10, "walk"))
        assert [proposal.occasion for proposal in made.proposals] == [names[0]]


@pytest.mark.parametrize(("weeks", "occasion"), [(11, "coffee"), (12, "drinks")])
def test_from_twice_the_cadence_on_the_longer_occasion_is_better(weeks: int, occasion: str) -> None:
    jane = person("jane", occasions=("coffee", "drinks"))
    made = make(due(jane, weeks=weeks), slot(9, 10), lasting(9, 19, 0, 180, "drinks"))
    assert [proposal.occasion for proposal in made.proposals] == [occasion]


def test_who_was_not_seen_for_long_and_has_no_open_slot_waits_for_one() -> None:
    assert waiting(make(due(person("jane", occasions=("dinner",)), weeks=20), slot(9, 10))) == {
        "jane": "no-slot"
    }


# --- when a call goes first ---


def silent() -> tuple[Standing, ...]:
    return due(person("jane", **FAR), weeks=60)


def test_one_call_that_does_not_wake_them_is_enough_to_go_first() -> None:
    made = make(silent(), slot(9, 9, "call"), slot(9, 15), slot(13, 16, "call"))
    assert [proposal.occasion for proposal in made.proposals] == ["call"]


def test_where_no_call_is_open_the_journey_remains() -> None:
    assert [one.occasion for one in make(silent(), slot(9, 15)).proposals] == ["coffee"]


def test_a_call_that_the_caps_refuse_does_not_go_first() -> None:
    who, busy = (*silent(), *due("omar", weeks=8)), (held(10, 9),)
    made = make(who, slot(9, 15), slot(10, 16, "call"), holds=busy, by=rhythm(per_day=1))
    assert chosen(made) == {"jane": at(9, 15)}


def test_a_birthday_does_not_make_anybody_unseen_for_long() -> None:
    jane = person("jane", occasions=("coffee", "drinks"), birthday=YearlyDay(11, 15))
    slots = slot(9, 10), lasting(9, 19, 0, 180, "drinks")
    assert [one.occasion for one in make(due(jane, weeks=10), *slots).proposals] == ["coffee"]
