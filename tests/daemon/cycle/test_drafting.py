"""What a hold says when it is written, and whether it shows as free."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.base import HoldEvent
from daemon.cycle.accounts import AccountsRead
from daemon.cycle.drafting import Around, shows_free
from daemon.cycle.inputs import gather
from daemon.judging.recency import Held
from daemon.planning.slots import Slot
from tests.daemon.world import (
    HOLDS,
    SUNDAY,
    Fikad,
    calendars,
    config,
    meeting,
    met_long_ago,
    new_ledger,
    person,
)

HOUR = timedelta(hours=1)
START = SUNDAY + timedelta(days=2)


def written(*texts: str, **tables: Any) -> HoldEvent:
    """The hold with which Jane is asked."""
    home = calendars(*(texts or met_long_ago(["Jane Doe"])))
    fikad = Fikad(config(**tables), home.open)
    fikad.once()
    hold = home.hold(fikad.hold().uid)
    assert hold is not None
    return hold


def test_a_new_hold_tells_dates_by_the_clock_of_the_user() -> None:
    late = meeting("Jane Doe", datetime.fromisoformat("2026-09-27T22:30+00:00"))
    assert "Monday, 28 September 2026" in written(late).description
    assert "Sunday, 27 September 2026" in written(late, timezone="UTC").description


def test_what_is_done_from_afar_is_asked_for_by_the_clocks_of_both() -> None:
    away = [person("Jane Doe", timezone="America/New_York", occasions=["call"])]
    assert "your time" in written(contacts=away).description
    near = [person("Jane Doe", timezone="America/New_York", occasions=["coffee"])]
    assert "your time" not in written(contacts=near).description


def test_where_no_place_is_named_nothing_is_said_of_one() -> None:
    ask = {"message": "Coffee, {first_name}? See you at {place}."}
    assert "See you" not in written(ask=ask).description
    occasions = {"coffee": {"place": "Rosa"}}
    assert "See you at Rosa." in written(ask=ask, occasions=occasions).description


@pytest.mark.parametrize(("show_as", "free"), [("free", True), ("busy", False), ("auto", True)])
def test_a_new_hold_shows_as_the_config_says(show_as: str, free: bool) -> None:
    holds = {"account": "home", "calendar": HOLDS, "show_as": show_as}
    assert written(holds=holds).transparent == free


@pytest.mark.parametrize("show_as", ["free", "busy", "auto"])
def test_with_three_other_slots_left_a_hold_may_show_as_free(show_as: str) -> None:
    """Where the config leaves it to fikad; slots at a time that is held count for nothing."""
    made = config(holds={"account": "home", "calendar": HOLDS, "show_as": show_as})
    inputs = gather(made, new_ledger(), AccountsRead([], ()), SUNDAY, complete=True)

    def held(hours: int, uid: str = "") -> Held:
        start = START + hours * HOUR
        return Held("jane doe", start, start + HOUR, "proposed", "coffee", uid)

    slots = [Slot("coffee", START + n * HOUR, START + (n + 1) * HOUR) for n in range(5)]
    hold, other = held(0, "fikad-1"), held(4, "fikad-2")
    for around, plenty in (
        (Around(slots[:4]), True),
        (Around(slots[:3]), False),
        (Around(slots, [hold, other]), True),
        (Around(slots[1:], [hold, other, held(3, "fikad-3")]), False),
    ):
        free = plenty if show_as == "auto" else show_as == "free"
        assert shows_free(inputs, hold, around) == free
