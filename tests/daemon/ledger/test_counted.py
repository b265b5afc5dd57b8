"""What follows from the past, and what is booked, is told from the ledger as long as nothing of it
changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Occurrence
from daemon.judging.meetings import DatesAhead
from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger
from tests.daemon.ledger.test_occurrences import store
from tests.daemon.world import SUNDAY, new_ledger

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVENT = Occurrence("tea", SUNDAY, SUNDAY + HOUR, "Tea with Jane", location="Corner Café")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with new_ledger() as ledger:
        yield ledger


def met(contact: str, days: int, hours: int = 1, **fields: Any) -> Verdict:
    """A one-on-one so many days after Sunday."""
    start = SUNDAY + days * DAY
    event = replace(EVENT, uid=f"{contact}{days}{hours}", start=start, end=start + hours * HOUR)
    return replace(Verdict(contact, event, counted=True, rule="attendee", reason="Why"), **fields)


# --- ahead


def test_the_next_date_of_each_contact_is_told_until_it_is_over(ledger: Ledger) -> None:
    dates = [met("jane", 1), met("omar", 2), met("jane", 3)]
    ledger.record_dates_ahead("key", DatesAhead(dates, None), SUNDAY)
    for now, told in (
        (SUNDAY, {"jane": "jane11", "omar": "omar21"}),
        (SUNDAY + DAY + HOUR / 2, {"jane": "jane11", "omar": "omar21"}),
        (SUNDAY + DAY + HOUR, {"omar": "omar21", "jane": "jane31"}),
        (SUNDAY + 4 * DAY, {}),
    ):
        booked = ledger.booked("key", now)
        assert booked is not None
        assert {key: date.uid for key, date in booked.items()} == told
    date = (ledger.booked("key", SUNDAY) or {})["jane"]
    assert (date.start, date.end) == (SUNDAY + DAY, SUNDAY + DAY + HOUR)


def test_dates_of_another_judgement_or_time_are_not_believed(ledger: Ledger) -> None:
    assert ledger.booked("", SUNDAY) is None
    until = SUNDAY + DAY
    ledger.record_dates_ahead("key", DatesAhead([met("jane", 5)], until), SUNDAY)
    assert ledger.booked("key", SUNDAY) is not None
    assert ledger.booked("other", SUNDAY) is None
    assert ledger.booked("key", SUNDAY - HOUR) is None, "a clock that was set back"
    assert ledger.booked("key", until - HOUR) is not None
    assert ledger.booked("key", until) is None, "a copy of an event ends then"


@pytest.mark.parametrize("change", ["comes", "goes", "calendar", "owner"])
def test_whatever_changes_in_a_calendar_has_the_last_days_and_the_dates_judged_anew(
    ledger: Ledger, change: str
) -> None:
    calendar = store(ledger, EVENT)
    ledger.record_dates_ahead("key", DatesAhead([met("jane", 5)], None), SUNDAY)
    ledger.record_counted("key", [], None, SUNDAY - 7 * DAY, SUNDAY)
    ledger.store_expanded(calendar, [], [])
    assert ledger.booked("key", SUNDAY) is not None, "nothing came or went"
    assert ledger.judged_lately("key") == SUNDAY
    match change:
        case "comes":
            store(ledger, replace(EVENT, uid="other"), group="b")
        case "goes":
            ledger.store_expanded(calendar, ["a"], [])
        case "calendar":
            ledger.forget_calendar(calendar)
        case "owner":
            ledger.add_calendar("home", "Home", "Home", "ann@example.com")
    assert ledger.booked("key", SUNDAY) is None
    assert ledger.judged_lately("key") is None


def test_the_last_days_are_not_believed_of_another_judgement(ledger: Ledger) -> None:
    assert ledger.judged_lately("key") is None
    ledger.record_counted("key", [], None, SUNDAY - 7 * DAY, SUNDAY)
    assert ledger.judged_lately("other") is None


# --- past


def test_meetings_come_back_with_their_evidence_or_by_their_times_alone(ledger: Ledger) -> None:
    nearly = met("jane", 2, counted=False, rule="", code="no-meeting-word", nearly=True)
    judged = [met("jane", 1), met("omar", 1), nearly, met("jane", 4)]
    ledger.record_counted("key", judged, None, SUNDAY + 9 * DAY, SUNDAY + 20 * DAY)
    span = SUNDAY, SUNDAY + 9 * DAY
    assert ledger.counted(*span) == judged
    assert ledger.counted(*span, "omar") == [met("omar", 1)]
    assert ledger.counted_times(*span) == [
        Met(each.contact_key, each.occurrence.start, each.occurrence.end, each.rule)
        for each in judged
        if each.counted
    ]
    assert ledger.counted_times(SUNDAY + 2 * DAY, SUNDAY + 4 * DAY) == []


def test_of_each_contact_the_first_and_the_last_to_end_are_told(ledger: Ledger) -> None:
    end = SUNDAY + 3 * DAY + 2 * HOUR
    nearly = met("jane", 9, counted=False, rule="", code="no-meeting-word", nearly=True)
    judged = [
        *(met("jane", 1), met("jane", 2), met("jane", 3, hours=2), met("omar", 5), nearly),
        replace(met("jane", 3), occurrence=replace(EVENT, start=end - HOUR, end=end)),
    ]
    ledger.record_counted("key", judged, None, SUNDAY + 20 * DAY, SUNDAY + 20 * DAY)
    told = ledger.counted_landmarks(SUNDAY, SUNDAY + 20 * DAY)
    assert [(each.contact_key, (each.start - SUNDAY) // HOUR) for each in told] == [
        ("jane", 24),
        ("jane", 72),
        ("jane", 73),
        ("omar", 120),
    ]
