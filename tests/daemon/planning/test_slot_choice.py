"""Why a slot was chosen: each reason only where it decided."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from daemon.config.schema import Rhythm
from daemon.judging.recency import Held
from daemon.people.contacts import Contact
from daemon.planning.busy import TimeSpan
from daemon.planning.capacity import Capacity
from daemon.planning.fit import Fit, Habit, by_occasion
from daemon.planning.pace import Pace
from daemon.planning.slot_choice import why_slot
from daemon.planning.slots import Slot
from daemon.reasons import Reason
from tests.daemon.planning.plans import BERLIN, SUNDAY, at, held, person, rhythm, slot

JANE = person("jane")
COFFEE = {"occasion": "coffee"}


def why(
    place: int,
    *slots: Slot,
    whom: Contact = JANE,
    holds: tuple[Held, ...] = (),
    by: Rhythm | None = None,
    **more: Any,
) -> Reason:
    """Why the place of that number."""
    by = by or rhythm()
    places = next(iter(by_occasion(slots, BERLIN).values()))
    room = Capacity(by, BERLIN, SUNDAY, holds, Pace(by))
    facts: dict[str, Any] = {"rhythm": by, "now": SUNDAY, "habits": {}}
    fit = Fit(**(facts | more))
    return why_slot(places[place], places, whom, fit, room)


def test_the_usual_weekday_is_the_reason_even_for_the_first_place() -> None:
    for weekday, code in ((0, "usual-day"), (1, "first"), (None, "first")):
        reason = why(0, slot(9, 10), slot(10, 10), habits={"jane": Habit(12 * 60, weekday)})
        assert reason.code == code
    assert why(0, slot(9, 10), habits={"jane": Habit(720, 0)}).values == {"weekday": 0}
    assert why(0, slot(9, 10)) == Reason("first", COFFEE)


def test_the_first_place_at_which_they_are_awake_is_told_by_name() -> None:
    far = person("jane", timezone=ZoneInfo("America/New_York"))
    night, day = slot(9, 10, "call"), slot(9, 15, "call")
    told = {"occasion": "call", "name": "Jane"}
    assert why(1, night, day, whom=far) == Reason("first-awake", told)
    assert why(1, night, day) != Reason("first-awake", told)


def test_the_first_place_at_which_they_are_not_known_to_be_busy_is_told_by_name() -> None:
    busy = {"jane": (TimeSpan(at(9, 10), at(9, 11)),)}
    told = {"occasion": "coffee", "name": "Jane"}
    assert why(1, slot(9, 10), slot(9, 12), known_busy=busy) == Reason("first-both-free", told)
    later = why(2, slot(9, 10), slot(9, 11), slot(9, 12), known_busy=busy)
    assert later.code != "first-both-free"


def test_the_first_place_that_other_suggestions_leave_is_told_as_that() -> None:
    taken = why(1, slot(9, 10), slot(9, 14), holds=(held(9, 10),))
    assert taken == Reason("first-left", COFFEE)
    assert why(2, slot(9, 10), slot(9, 12), slot(9, 14), holds=(held(9, 10),)).code != "first-left"


def test_the_usual_hour_is_the_reason_only_where_no_earlier_place_is_as_close() -> None:
    day = slot(9, 10), slot(9, 12), slot(9, 14)
    assert why(2, *day, habits={"jane": Habit(14 * 60)}) == Reason("usual-time", COFFEE)
    assert why(2, *day, habits={"jane": Habit(13 * 60)}).code != "usual-time", "noon is as close"
    assert why(2, *day, habits={"jane": Habit(12 * 60)}).code != "usual-time"
    assert why(2, *day).code != "usual-time"


def test_a_distance_from_others_is_the_reason_where_no_earlier_place_has_as_much() -> None:
    week = slot(9, 10), slot(10, 10), slot(12, 10)
    assert why(1, *week, holds=(held(9, 16),)) == Reason("apart", COFFEE)
    assert why(2, *week, holds=(held(9, 16), held(11, 16))) == Reason("apart", COFFEE)
    assert why(2, *week, holds=(held(8, 16),)) == Reason("together", COFFEE), "as is the second"
    assert why(2, *week, holds=(held(12, 16),)) == Reason("together", COFFEE)
    assert why(2, *week) == Reason("together", COFFEE)
