"""When contacts are known to be busy: what of it closes a slot, and how it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.planning.busy import TimeSpan
from daemon.planning.known_busy import KEPT, KnownBusy, as_text, from_text, is_busy

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LUNCH = TimeSpan(NOON, NOON + HOUR)


@pytest.mark.parametrize(
    ("start", "end", "busy"),
    [
        (NOON - HOUR, NOON, False),
        (NOON + HOUR, NOON + 2 * HOUR, False),
        (NOON - HOUR, NOON + HOUR / 60, True),
        (NOON + HOUR * 59 / 60, NOON + 2 * HOUR, True),
        (NOON + HOUR / 4, NOON + HOUR / 2, True),
        (NOON - HOUR, NOON + 2 * HOUR, True),
    ],
)
def test_a_slot_is_closed_by_what_it_shares_time_with_and_not_by_what_it_touches(
    start: datetime, end: datetime, busy: bool
) -> None:
    assert is_busy((LUNCH,), start, end) == busy
    assert not is_busy((), start, end)


def test_what_is_known_is_kept_whole() -> None:
    known = KnownBusy(
        NOON, {"jane": (LUNCH,), "bob": ()}, frozenset({"ann"}), {"home": "it is down", "": "none"}
    )
    assert from_text(as_text(known)) == known
    assert known.answered == {"jane", "bob", "ann"}
    assert from_text(None) == from_text("") == from_text(as_text(KnownBusy())) == KnownBusy()


KNOWN = KnownBusy(NOON, {"jane": (LUNCH,), "bob": ()}, frozenset({"ann", "lee"}), {"": "none"})


def test_what_was_told_holds_for_less_than_a_week_and_not_before_it_was_asked() -> None:
    assert KNOWN.at(NOON) is KNOWN
    assert KNOWN.at(NOON + KEPT - HOUR) is KNOWN
    nothing = KnownBusy(troubles={"": "none"})
    assert KNOWN.at(NOON + KEPT) == KNOWN.at(NOON - HOUR) == nothing
    assert nothing.at(NOON) == nothing


def test_what_is_of_others_is_left_out() -> None:
    mine = KnownBusy(NOON, {"jane": (LUNCH,)}, frozenset({"lee"}), {"": "none"})
    assert KNOWN.among({"jane", "lee", "omar"}) == mine
