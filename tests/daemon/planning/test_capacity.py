"""How much room the caps leave, what runs into which, and what is said when none is left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.config.schema import Challenge, Rhythm
from daemon.judging.recency import Held
from daemon.planning.capacity import Capacity, why_waiting
from daemon.planning.fit import CandidateSlot, by_occasion
from daemon.planning.pace import Pace
from daemon.planning.slots import Slot
from daemon.reasons import Reason, in_words
from tests.daemon.planning.plans import BERLIN, SUNDAY, at, held, rhythm, slot

MINUTE = timedelta(minutes=1)
COFFEE = ("coffee",)


def capacity(
    *holds: Held,
    by: Rhythm | None = None,
    now: datetime = SUNDAY,
    zone: ZoneInfo = BERLIN,
    challenges: tuple[Challenge, ...] = (),
) -> Capacity:
    by = by or rhythm()
    return Capacity(by, zone, now, holds, Pace(by, challenges))


def place(one: Slot) -> CandidateSlot:
    (candidate,) = by_occasion([one], BERLIN)[one.occasion]
    return candidate


def why(room: Capacity, *slots: Slot) -> Reason:
    return why_waiting(COFFEE, by_occasion(slots, BERLIN), room)


# --- what is left ---


def test_each_hold_takes_one_place_of_its_week_and_one_of_its_day() -> None:
    room = capacity(held(9, 10), held(9, 14), by=rhythm(per_week=3, per_day=3))
    assert [room.left_in(date(2026, 11, day)) for day in (2, 9, 16)] == [3, 1, 3]
    assert [room.left_on(date(2026, 11, day)) for day in (8, 9, 10)] == [3, 1, 3]
    room.take(place(slot(9, 16)))
    assert (room.left_in(date(2026, 11, 9)), room.left_on(date(2026, 11, 9))) == (0, 0)


def test_more_holds_than_the_caps_bear_leave_nothing_and_never_less() -> None:
    """The user lowered the caps since."""
    room = capacity(held(9, 10), held(9, 14), by=rhythm(per_week=1, per_day=1, open=1))
    assert (room.left_in(date(2026, 11, 9)), room.left_on(date(2026, 11, 9))) == (0, 0)
    assert room.left(by_occasion([slot(16, 10)], BERLIN)) == 0
    assert room.is_full


def test_no_more_are_left_than_the_weeks_with_a_slot_bear() -> None:
    room = capacity(held(9, 10), by=rhythm(per_week=2, open=5))
    slots = [slot(9, 12), slot(10, 12), slot(16, 12), slot(17, 12, "walk")]
    assert room.left(by_occasion(slots, BERLIN)) == 3
    assert room.left(by_occasion(slots[:2], BERLIN)) == 1
    assert room.left({}) == 0


def test_a_hold_is_open_until_it_ends_or_is_accepted() -> None:
    holds = held(9, 10), held(9, 12, "pinned"), held(9, 14, "accepted")
    assert capacity(*holds, now=at(9, 11) - MINUTE).open == 2
    assert capacity(*holds, now=at(9, 11)).open == 1
    assert capacity(*holds, now=at(9, 13)).open == 0


def test_today_is_a_day_of_the_users_zone() -> None:
    """Sunday half past eleven at night in London is Monday in Berlin, the first day of a challenge
    that wants more open at a time two weeks on."""
    dates = {"name": "more", "from": "2026-11-16", "until": "2026-11-22", "per_week": 9}
    more = (Challenge.model_validate(dates),)
    late = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    by = rhythm(open=2)
    assert capacity(by=by, now=late, challenges=more).most_open == 9
    assert capacity(by=by, now=late, zone=ZoneInfo("UTC"), challenges=more).most_open == 2
    assert capacity(now=late).this_week == date(2026, 11, 9)


# --- what runs into what ---


@pytest.mark.parametrize(
    ("start", "minutes", "refused"),
    [
        (at(9, 9, 15), 30, None),  # the buffer before it is kept
        (at(9, 9, 16), 30, "taken"),
        (at(9, 11, 15), 30, None),
        (at(9, 11, 14), 30, "taken"),
        (at(9, 10, 15), 30, "taken"),
        (at(9, 9), 180, "taken"),
    ],
)
def test_a_place_keeps_the_buffer_to_every_hold_and_no_more(
    start: datetime, minutes: int, refused: str | None
) -> None:
    room = capacity(held(9, 10), by=rhythm(buffer="15 minutes"))
    assert room.refuses(place(Slot("coffee", start, start + minutes * MINUTE))) == refused


def test_a_full_week_is_said_before_a_full_day_and_a_full_day_before_a_hold() -> None:
    hold, same = held(9, 10), place(slot(9, 10))
    assert capacity(hold, by=rhythm(per_week=1, per_day=1)).refuses(same) == "week"
    assert capacity(hold, by=rhythm(per_week=2, per_day=1)).refuses(same) == "day"
    assert capacity(hold, by=rhythm(per_week=2, per_day=2)).refuses(same) == "taken"


def test_drinks_keep_an_evening_to_other_drinks_on_either_side_and_nothing_else_does() -> None:
    drinks = Held("lee", at(11, 20), at(11, 22), "accepted", "drinks")
    evenings = [place(slot(day, 16, "drinks")) for day in (9, 10, 11, 12, 13)]
    refused = [None, "taken", "taken", "taken", None]
    assert [capacity(drinks).refuses(evening) for evening in evenings] == refused
    assert capacity(drinks).refuses(place(slot(12, 20))) is None
    assert capacity(held(11, 20)).refuses(place(slot(12, 20, "drinks"))) is None


def test_a_day_counts_for_less_the_more_is_on_it_and_half_as_much_beside_it_down_to_half() -> None:
    def on(day: int, *days: int) -> float:
        return capacity(*(held(one, 10) for one in days)).spread(place(slot(day, 14)))

    assert on(11) == on(11, 9) == on(11, 13) == 1
    assert on(11, 10) == on(11, 12) == pytest.approx(0.95)
    assert on(11, 11) == on(11, 10, 12) == pytest.approx(0.9)
    assert on(11, 11, 11, 12) == pytest.approx(0.75)
    assert on(11, *(11,) * 6) == 0.5


# --- why somebody waits ---


def test_no_slot_at_all_names_what_was_looked_for() -> None:
    assert why(capacity(by=rhythm(open=0))) == Reason("no-slot", {"occasions": COFFEE})


def test_a_rhythm_of_nothing_a_week_is_no_reason_where_a_challenge_makes_room_in_one() -> None:
    dates = {"name": "more", "from": "2026-11-16", "until": "2026-11-20", "per_week": 1}
    more = (Challenge.model_validate(dates),)
    by = rhythm(per_week=0)
    off = Reason("rhythm-off", {"setting": "per_week"})
    assert why(capacity(by=by), slot(9, 10)) == off
    assert why(capacity(by=by, challenges=more), slot(9, 10)) == off
    assert why(capacity(by=by, challenges=more), slot(9, 10), slot(16, 10)).code != "rhythm-off"
    nothing_a_day = rhythm(per_week=0, per_day=0)
    assert why(capacity(by=nothing_a_day, challenges=more), slot(16, 10)) == off


@pytest.mark.parametrize(
    ("holds", "slots", "said"),
    [
        ((9,), (10,), "This week already has 1 suggestion."),
        ((16,), (17,), "Next week already has 1 suggestion."),
        ((23, 24), (25,), "Every week with an open slot already has 2 suggestions."),
        ((9, 16, 17), (10, 18), "Every week with an open slot already has 1 suggestion."),
    ],
)
def test_full_weeks_are_told_by_which_they_are_and_how_many_they_have_at_least(
    holds: tuple[int, ...], slots: tuple[int, ...], said: str
) -> None:
    holding = (held(day, 10) for day in holds)
    room = capacity(*holding, by=rhythm(per_week=1), now=at(9, 8))
    assert in_words(why(room, *(slot(day, 14) for day in slots))) == said


def test_a_full_day_beside_a_full_week_is_told_as_both() -> None:
    room = capacity(held(9, 10), held(10, 10), held(16, 10), by=rhythm(per_week=2, per_day=1))
    assert why(room, slot(11, 14), slot(16, 14)) == Reason("day", {"occasions": COFFEE})
    assert why(room, slot(16, 14)) == Reason("day", {"occasions": COFFEE})


def test_where_something_is_left_others_came_first() -> None:
    room = capacity(held(9, 10))
    taken, left = slot(9, 10), slot(9, 14)
    assert why(room, taken) == Reason("taken", {"occasions": COFFEE})
    assert why(room, taken, left) == Reason("taken", {"occasions": COFFEE}, "others-first")
