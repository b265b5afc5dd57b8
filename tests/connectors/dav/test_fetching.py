"""Texts come in large batches, the next asked for while the last is worked on; and what a server
cannot do with so is asked for in the careful way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import Changes
from connectors.caldav.calendar import CalDAVCalendar
from connectors.dav.fetching import BATCH, SMALL_BATCH
from connectors.errors import UnreachableError
from tests.connectors.caldav.an_account import NOW, account, event, names
from tests.connectors.caldav.hostile_server import Asked, Cut, Hostile, Said
from tests.waiting import until

COUNT = BATCH + SMALL_BATCH + 5


@pytest.fixture
def filled(server: Hostile) -> Hostile:
    """Holds more events than two batches."""
    for number in range(COUNT):
        server.store(f"e{number}.ics", event(f"e{number}"))
    return server


def sizes(server: Hostile) -> list[int]:
    """Of each multiget."""
    return [asked.body.count("<D:href>") for asked in server.asked if asked.is_multiget]


def test_the_next_batch_is_asked_for_before_the_last_is_worked_on(
    filled: Hostile, calendar: CalDAVCalendar
) -> None:
    batches = calendar.changes(None, {})
    assert len(next(batches).changed) == BATCH
    _until_asked(filled, [BATCH, COUNT - BATCH])
    assert names(list(batches)) == {f"e{number}.ics" for number in range(BATCH, COUNT)}
    assert sizes(filled) == [BATCH, COUNT - BATCH]


def test_a_reading_that_is_given_up_halfway_leaves_no_answer_for_the_next_question(
    filled: Hostile,
) -> None:
    reader = account(filled.url)
    (calendar,) = reader.calendars(NOW)
    version = calendar.current_version()
    abandoned = calendar.changes(None, {})
    next(abandoned)
    _until_asked(filled, [BATCH, COUNT - BATCH])
    assert calendar.current_version() == version
    del abandoned
    assert calendar.current_version() == version
    assert len(names(list(calendar.changes(None, {})))) == COUNT
    assert reader.requests == len(filled.asked)


def test_an_answer_that_was_lost_while_the_last_batch_was_worked_on_is_asked_for_again(
    filled: Hostile, calendar: CalDAVCalendar
) -> None:
    def tired(asked: Asked) -> Said | None:
        if asked.is_multiget and sizes(filled) == [BATCH, COUNT - BATCH]:
            raise Cut
        return None

    filled.before = tired
    assert len(names(list(calendar.changes(None, {})))) == COUNT
    assert sizes(filled) == [BATCH, COUNT - BATCH, COUNT - BATCH]


@pytest.mark.parametrize(
    "said", [Said(413), Said(403), Said(500), Said(504), Said(207, "<D:multistatus"), None]
)
def test_a_server_that_cannot_do_with_large_batches_is_asked_for_small_ones(
    filled: Hostile, calendar: CalDAVCalendar, said: Said | None
) -> None:
    def small(asked: Asked) -> Said | None:
        if not asked.is_multiget or asked.body.count("<D:href>") <= SMALL_BATCH:
            return None
        if said is None:
            raise Cut
        return said

    filled.before = small
    assert len(names(list(calendar.changes(None, {})))) == COUNT
    large = [BATCH] * (2 if said is None else 1)  # a connection that breaks off is tried anew
    assert sizes(filled) == [*large, *[SMALL_BATCH] * (BATCH // SMALL_BATCH), SMALL_BATCH, 5]
    assert "GET" not in {asked.method for asked in filled.asked}


def test_a_server_that_fails_on_small_batches_too_is_down(
    filled: Hostile, calendar: CalDAVCalendar
) -> None:
    filled.before = lambda asked: Said(500) if asked.is_multiget else None
    with pytest.raises(UnreachableError):
        list(calendar.changes(None, {}))
    assert sizes(filled) == [BATCH, SMALL_BATCH]


def test_what_came_before_a_failure_was_given(filled: Hostile, calendar: CalDAVCalendar) -> None:
    failing = False

    def failure(asked: Asked) -> Said | None:
        return Said(500) if failing or (asked.is_multiget and "e1.ics<" not in asked.body) else None

    filled.before = failure
    came: Iterator[Changes] = calendar.changes(None, {})
    assert len(next(came).changed) == BATCH
    with pytest.raises(UnreachableError):
        next(came)


def _until_asked(server: Hostile, expected: list[int]) -> None:
    until(lambda: sizes(server) == expected, what=lambda: f"{sizes(server)} to be {expected}")
