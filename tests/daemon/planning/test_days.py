"""Why somebody who is due gets no slot, day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from daemon.judging.recency import Held
from daemon.planning.capacity import Capacity
from daemon.planning.days import closed_days
from daemon.planning.pace import Pace
from daemon.planning.slots import Closed, Openings, Slot
from daemon.reasons import Reason
from tests.daemon.planning.plans import BERLIN, HOUR, SUNDAY, at, held, rhythm, slot


def nobody(one: Slot) -> bool:
    return False


def told(
    *slots: Slot,
    holds: tuple[Held, ...] = (),
    closed: tuple[Closed, ...] = (),
    busy: Callable[[Slot], bool] = nobody,
    zone: ZoneInfo = BERLIN,
    **caps: int,
) -> list[tuple[int, str]]:
    """Closed days with their sentences."""
    by = rhythm(**caps)
    room = Capacity(by, zone, SUNDAY, holds, Pace(by))
    days = closed_days(Openings(slots, closed), room, zone, busy)
    return [(one.day.day, one.reason) for one in days]


def test_an_open_day_is_closed_to_somebody_where_everything_on_it_is() -> None:
    noon, evening = slot(9, 12), slot(9, 18)
    assert told(noon, evening) == []
    assert told(noon, evening, holds=(held(9, 12),)) == []
    assert told(noon, holds=(held(9, 12),)) == [
        (9, "Open, but other suggestions are at that time.")
    ]
    assert told(noon, evening, holds=(held(9, 8),), per_day=1) == [
        (9, "Open, but the day has enough suggestions.")
    ]
    assert told(noon, slot(16, 12), holds=(held(10, 8),), per_week=1) == [
        (9, "Open, but the week has enough suggestions.")
    ]


def test_a_day_is_said_to_be_theirs_where_it_is_closed_by_when_they_are_busy() -> None:
    noon, evening = slot(9, 12), slot(9, 18)
    busy = "Open, but they are busy at those times."
    assert told(noon, evening, busy=lambda one: True) == [(9, busy)]
    assert told(noon, evening, busy=lambda one: one == noon) == []
    assert told(noon, evening, holds=(held(9, 12),), busy=lambda one: one == evening) == [(9, busy)]
    full = told(noon, holds=(held(9, 8),), busy=lambda one: True, per_day=1)
    assert full == [(9, "Open, but the day has enough suggestions.")]


def test_days_come_in_order_with_those_that_are_closed_to_everybody() -> None:
    away = Closed(date(2026, 11, 10), Reason("blackout"))
    holds = (held(9, 12), held(11, 12))
    days = told(slot(9, 12), slot(11, 12), slot(12, 12), holds=holds, closed=(away,))
    assert [day for day, _ in days] == [9, 10, 11]


def test_a_day_is_one_of_the_users_clock() -> None:
    """Half past eleven at night in London is the next day in Berlin."""
    late = Slot("coffee", datetime(2026, 11, 9, 23, 30, tzinfo=UTC), at(10, 1, 30))
    for zone, day in ((BERLIN, 10), (ZoneInfo("UTC"), 9)):
        assert [one for one, _ in told(late, busy=lambda one: True, zone=zone)] == [day]
    assert late.end - late.start == HOUR
