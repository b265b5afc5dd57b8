"""How readings are stored: many batches in one step, and nothing that came is lost when the rest
does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from connectors.base import Changes, Problem, Resource
from connectors.errors import UnreachableError
from connectors.ical.expansion_job import Expansion, ExpansionJob
from daemon.cycle.reading import AHEAD
from daemon.ledger.ledger import Ledger
from tests.daemon.world import (
    SUNDAY,
    Clock,
    Fikad,
    Inline,
    Open,
    calendars,
    config,
    event,
    meeting,
)


class Batches:
    """A calendar's changes, in batches of the test's making."""

    def __init__(self, *batches: Changes, failure: Exception | None = None) -> None:
        self.batches, self.failure = batches, failure

    def __call__(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Any]:
        yield from self.batches
        if self.failure:
            raise self.failure


def resource(number: int, title: str = "Lunch with Jane Doe") -> Resource:
    return Resource(
        f"{number}.ics",
        f'"{title}"',
        event(str(number), title, SUNDAY - timedelta(days=number + 1)),
    )


def read(batches: Batches) -> tuple[Fikad, list[int]]:
    """A fikad after one pass over these batches, and how many texts each transaction stored."""
    theirs = calendars()
    stored: list[int] = []
    store = Ledger.store_texts

    def counting(ledger: Ledger, calendar: int, changed: Any, removed: Any) -> None:
        stored.append(len(changed))
        store(ledger, calendar, changed, removed)

    fikad = Fikad(config(), theirs.open)
    with (
        patch.object(type(theirs.personal), "changes", batches, create=True),
        patch.object(Ledger, "store_texts", counting),
    ):
        fikad.once("none")
    return fikad, [number for number in stored if number]


def test_small_batches_are_stored_together() -> None:
    batches = [Changes((resource(number),)) for number in range(9)]
    fikad, stored = read(Batches(*batches, Changes(token="after", last=True)))
    assert set(stored) == {9}
    assert len(fikad.situation().counted) == 9


def test_of_two_states_of_an_event_in_one_reading_the_later_counts() -> None:
    batches = (
        Changes((resource(3),)),
        Changes((resource(3, "Lunch alone"),)),
        Changes(token="t", last=True),
    )
    fikad, _ = read(Batches(*batches))
    assert not fikad.situation().counted


@pytest.mark.parametrize("number", [1, 5])
def test_what_came_before_a_failure_is_kept(number: int) -> None:
    batches = [Changes((resource(index),)) for index in range(number)]
    fikad, _ = read(Batches(*batches, failure=UnreachableError("gone")))
    assert len(fikad.situation().counted) == number
    assert [state.state for state in fikad.ledger.accounts().values()] == ["error"]


def test_a_pass_that_finds_nothing_new_judges_no_past_again() -> None:
    theirs = calendars(
        *(meeting("Jane Doe", SUNDAY - timedelta(days=days)) for days in range(20, 200, 10))
    )
    fikad = Fikad(config(), theirs.open)
    fikad.once("none")
    with patch.object(Ledger, "each", side_effect=AssertionError("the past was read again")):
        fikad.once("none")
        assert len(fikad.situation().counted) == 18


def test_what_a_limit_ended_is_tried_again_every_day() -> None:
    """A machine that had no time for a healthy event has some another day; that nothing changed is
    no reason not to."""
    theirs = calendars(meeting("Jane Doe", SUNDAY - timedelta(days=20)))
    clock = Clock()
    fikad = Fikad(config(), theirs.open, clock)
    with patch.object(Inline, "expand", _out_of_time):
        fikad.once("none")
    assert [problem.reason for _, _, problem in fikad.ledger.problems()] == ["out of time"]
    fikad.once("none")
    assert fikad.ledger.problems(), "it was tried again at every poll"
    clock.now += timedelta(days=1)
    fikad.once("none")
    assert not fikad.ledger.problems()
    assert len(fikad.situation().counted) == 1


def _out_of_time(expander: Inline, jobs: Iterable[ExpansionJob]) -> Iterator[tuple[str, Expansion]]:
    for job in jobs:
        yield job.key, Expansion((), (Problem("", "out of time"),), unfinished=True)


# --- how far ahead and back ---


def starts(fikad: Fikad, uid: str = "series") -> list[datetime]:
    """When an event takes place, as far as it is known."""
    known = fikad.ledger.occurrences(SUNDAY - timedelta(days=9999), SUNDAY + timedelta(days=9999))
    return [occurrence.start for occurrence in known if occurrence.uid == uid]


def weekly(start: datetime) -> str:
    return event("series", "Choir", start, "RRULE:FREQ=WEEKLY")


def test_what_changes_while_the_horizon_moves_on_is_known_as_far_as_all_the_rest() -> None:
    home = calendars(weekly(SUNDAY))
    fikad = Fikad(config(), home.open)
    fikad.once("none")
    fikad.clock.forward(days=100)
    home.put(weekly(SUNDAY + timedelta(hours=1)))
    fikad.once("none")
    assert starts(fikad)[-1] > fikad.clock() + AHEAD - timedelta(days=7)


def test_what_changes_while_the_history_is_lengthened_is_known_as_far_back_as_all_the_rest() -> (
    None
):
    begun = SUNDAY - timedelta(weeks=300)
    home = calendars(weekly(begun))
    fikad = Fikad(config(history="1 year"), home.open)
    fikad.once("none")
    assert starts(fikad)[0] > SUNDAY - timedelta(weeks=60)
    fikad.config = config(history="4 years")
    home.put(weekly(begun + timedelta(hours=1)))
    fikad.once("none")
    assert starts(fikad)[0] < SUNDAY - timedelta(weeks=200)


# --- which calendars ---


def test_a_calendar_that_is_deselected_by_any_of_its_names_is_forgotten_and_not_missed() -> None:
    for name in ("id-1", "Sam", "primary"):
        home = calendars(meeting("Jane Doe", SUNDAY - timedelta(days=20)))
        home.account.held[0] = Open(
            "id-1", "Sam", also_called=("primary",), resources=home.personal.resources
        )
        fikad = Fikad(config(), home.open)
        fikad.once("none")
        assert len(fikad.situation().counted) == 1
        home_entry = {"type": "files", "path": "/nowhere", "ignore": [name]}
        fikad.config = config(accounts={"home": home_entry})
        assert fikad.once("none").complete
        assert not fikad.situation().counted
