"""How well a slot fits somebody: what each preference takes off, and what closes a slot to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.config.schema import Rhythm
from daemon.judging.recency import Met
from daemon.people.contacts import Contact
from daemon.planning.busy import TimeSpan
from daemon.planning.fit import Asked, CandidateSlot, Fit, Habit, by_occasion, habits
from daemon.planning.slots import Slot
from tests.daemon.planning.plans import BERLIN, DAY, HOUR, SUNDAY, at, person, slot

MINUTE = timedelta(minutes=1)
MONDAY = date(2026, 11, 9)
NEW_YORK = ZoneInfo("America/New_York")
JANE = person("jane")


def place(start: datetime, minutes: int = 60, occasion: str = "coffee") -> CandidateSlot:
    slots = [Slot(occasion, start, start + minutes * MINUTE)]
    return by_occasion(slots, BERLIN)[occasion][0]


def fit(**more: Any) -> Fit:
    facts: dict[str, Any] = {"rhythm": Rhythm(), "now": SUNDAY, "habits": {}}
    return Fit(**(facts | more))


def value(
    start: datetime, order: int = 0, minutes: int = 60, longest: float = 0, **more: Any
) -> Any:
    return pytest.approx(fit(**more).of(Asked(JANE, longest), order, place(start, minutes)))


# --- habits ---


def met(start: datetime, key: str = "jane") -> Met:
    return Met(key, start, start + HOUR, "attendee")


def test_three_meetings_make_a_habit_and_two_make_none_whoever_comes_first() -> None:
    twos = [met(at(day, 12, 20), "ann") for day in (2, 3)]
    threes = [met(at(day, 12, 20), "jane") for day in (3, 10, 17)]
    assert habits([*twos, *threes], BERLIN) == {"jane": Habit(12 * 60 + 20, 1)}


def test_no_more_than_ten_meetings_count_and_half_of_them_make_a_usual_weekday() -> None:
    tuesdays = [met(at(3, 12) - week * 7 * DAY) for week in range(5)]
    fridays = [met(at(6, 12) - week * 7 * DAY) for week in range(2)]
    others = [met(at(day, 12)) for day in (4, 5, 7)]
    before = met(at(1, 12) - 60 * DAY)
    assert habits([*tuesdays, *fridays, *others, before], BERLIN)["jane"].weekday == 1
    assert habits([*tuesdays[1:], *fridays, *others, before], BERLIN)["jane"].weekday is None


def test_the_weekday_is_the_most_frequent_one_and_of_two_the_first_in_the_week() -> None:
    fridays = [met(at(day, 12)) for day in (6, 13, 20)]
    assert habits([met(at(2, 12)), *fridays], BERLIN)["jane"].weekday == 4
    tuesdays = [met(at(day, 12)) for day in (10, 17, 24)]
    assert habits([*fridays, *tuesdays], BERLIN)["jane"].weekday == 1


def test_the_hour_is_the_middle_one_by_the_users_clock() -> None:
    starts = at(3, 9, 5), at(10, 12, 45), at(17, 19, 50)
    assert habits(map(met, starts), BERLIN)["jane"].minute == 12 * 60 + 45
    assert habits(map(met, starts), NEW_YORK)["jane"].minute == 6 * 60 + 45


# --- what a preference takes off ---


def test_places_are_told_by_the_users_clock() -> None:
    late = datetime(2026, 11, 8, 23, 40, tzinfo=UTC)  # Monday in Berlin
    assert place(late)[1:] == (MONDAY, MONDAY, 40)
    assert place(at(11, 16, 25))[2:] == (MONDAY, 16 * 60 + 25)


def test_a_place_loses_the_more_the_later_it_is_up_to_the_horizon() -> None:
    assert value(SUNDAY) == 1
    assert value(SUNDAY + 7 * DAY) == 0.85
    assert value(SUNDAY + 14 * DAY) == 0.7
    assert value(SUNDAY + 16 * DAY) == 0.7
    assert value(SUNDAY + DAY / 2, rhythm=Rhythm.model_validate({"horizon": "1 day"})) == 0.85


def test_each_further_occasion_loses_a_tenth_down_to_half() -> None:
    assert [value(SUNDAY, order) for order in (0, 1, 4, 5, 9)] == [1, 0.9, 0.6, 0.5, 0.5]


def test_for_somebody_unseen_for_long_a_place_loses_by_what_it_lacks_of_the_longest() -> None:
    assert value(SUNDAY, minutes=60, longest=180) == 0.8
    assert value(SUNDAY, minutes=180, longest=180) == 1
    assert value(SUNDAY, minutes=200, longest=180) == 1


def test_another_weekday_and_another_hour_lose_a_share_each() -> None:
    monday_ten = place(at(9, 10))

    def apart(minute: int, weekday: int | None = None) -> Any:
        return pytest.approx(fit().apart(Habit(minute, weekday), monday_ten))

    assert [apart(10 * 60), apart(10 * 60, 0), apart(10 * 60, 1)] == [0, 0, 0.15]
    assert [apart(13 * 60), apart(16 * 60), apart(22 * 60)] == [0.075, 0.15, 0.15]
    assert [apart(7 * 60), apart(13 * 60, 1)] == [0.075, 1 - 0.85 * 0.925]
    usual = {"jane": Habit(13 * 60, 1)}
    asked = fit(habits=usual, now=at(9, 10)).of(Asked(JANE), 0, monday_ten)
    assert asked == pytest.approx(0.85 * 0.925)


# --- what closes a slot ---


@pytest.mark.parametrize(
    ("hour", "minute", "minutes", "asleep"),
    [
        (8, 0, 30, False),
        (7, 59, 30, True),
        (20, 30, 30, False),
        (20, 30, 31, True),
        (21, 0, 15, True),
        (8, 40, 15, False),
        (7, 50, 15, True),
    ],
)
def test_nobody_is_called_before_eight_or_after_nine_by_their_own_clock(
    hour: int, minute: int, minutes: int, asleep: bool
) -> None:
    far = person("jane", timezone=NEW_YORK)
    there = datetime(2026, 11, 10, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)
    call = Slot("call", there, there + minutes * MINUTE)
    assert fit().asleep(far, call) == asleep
    assert fit().closed(far, call) == asleep
    assert not fit().asleep(person("jane"), call)
    assert not fit(remote=("video",)).asleep(far, call)


def test_a_slot_at_which_somebody_is_known_to_be_busy_is_none_for_them_and_for_nobody_else() -> (
    None
):
    lunch = TimeSpan(at(10, 12), at(10, 13))
    known = fit(known_busy={"jane": (lunch,)})
    noon = place(at(10, 12))
    assert known.of(Asked(JANE), 0, noon) == 0
    assert known.closed(JANE, noon.slot)
    assert not known.closed(person("omar"), noon.slot)
    assert not known.busy(JANE, slot(10, 11)), "until it begins"
    assert not known.busy(JANE, slot(10, 13)), "from its end on"


# --- the shortlist ---


def shortlist(whom: Contact, places: list[CandidateSlot], **more: Any) -> list[CandidateSlot]:
    return fit(**more).shortlist(Asked(whom), places)


def test_the_best_place_of_a_day_is_on_the_shortlist() -> None:
    """The first by itself, and with a habit the two around the usual hour; everything where more
    than that decides."""
    calls = [place(at(10, hour), occasion="call") for hour in (9, 11, 13, 15, 17)]
    assert shortlist(JANE, calls) == calls[:1]
    usual = {"jane": Habit(14 * 60)}
    assert shortlist(JANE, calls, habits=usual) == [calls[0], calls[2], calls[3]]
    assert shortlist(JANE, calls, habits={"jane": Habit(8 * 60)}) == [calls[0], calls[0]]
    assert shortlist(person("jane", timezone=NEW_YORK), calls) == calls
    assert shortlist(person("jane", timezone=NEW_YORK), calls, remote=()) == calls[:1]
    busy = {"jane": (TimeSpan(at(10, 9), at(10, 10)),)}
    assert shortlist(JANE, calls, known_busy=busy) == calls
    assert shortlist(person("omar"), calls, known_busy=busy) == calls[:1]


def test_where_the_clock_was_set_back_between_them_all_places_are_on_the_shortlist() -> None:
    night = datetime(2026, 10, 25, tzinfo=UTC)
    places = [place(night + quarter * 15 * MINUTE, 15) for quarter in range(8)]
    assert shortlist(JANE, places, habits={"jane": Habit(150)}) == places
