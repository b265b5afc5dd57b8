"""Closed days, told as spans."""

from __future__ import annotations

from datetime import date, timedelta

from daemon.planning.closed_spans import closed_spans
from daemon.planning.slots import Closed
from daemon.reasons import Reason

MONDAY = date(2026, 11, 30)


def closed(day: int, code: str, **values: object) -> Closed:
    return Closed(MONDAY + timedelta(days=day), Reason(code, values))


def told(*days: Closed) -> list[tuple[int, int, str]]:
    """The spans as days from Monday on, with their sentences."""
    return [
        ((span.first - MONDAY).days, (span.last - MONDAY).days, span.reason)
        for span in closed_spans(days)
    ]


def test_days_in_a_row_for_one_reason_are_one_span() -> None:
    days = [closed(day, "blackout") for day in range(5)]
    assert told(*days) == [(0, 4, "A blackout day in the config.")]


def test_a_span_has_the_rule_that_closed_its_days() -> None:
    assert [span.rule for span in closed_spans([closed(0, "blackout"), closed(1, "horizon")])] == [
        "blackout",
        "horizon",
    ]


def test_a_day_without_availability_and_one_that_is_taken_are_two() -> None:
    days = closed(5, "availability", weekdays=(5,)), closed(6, "all-day", title="")
    assert len(told(*days)) == 2


def test_another_reason_begins_another_span() -> None:
    assert told(
        closed(0, "all-day", title="Trip"), closed(1, "all-day", title="Fair"), closed(2, "horizon")
    ) == [
        (0, 0, "Taken all day: Trip."),
        (1, 1, "Taken all day: Fair."),
        (2, 2, "Further ahead than holds are placed."),
    ]


def test_an_open_day_between_parts_two_spans() -> None:
    assert [span[:2] for span in told(closed(0, "blackout"), closed(2, "blackout"))] == [
        (0, 0),
        (2, 2),
    ]


def test_a_weekend_without_availability_is_one_span() -> None:
    saturday, sunday = (closed(day, "availability", weekdays=(day,)) for day in (5, 6))
    assert told(saturday, sunday) == [(5, 6, "You are not available on Saturdays and Sundays.")]


def test_weeks_without_availability_name_each_weekday_once() -> None:
    days = (closed(day, "availability", weekdays=(day % 7,)) for day in range(14))
    [(first, last, sentence)] = told(*days)
    assert (first, last) == (0, 13)
    assert sentence.count("Mondays") == 1
