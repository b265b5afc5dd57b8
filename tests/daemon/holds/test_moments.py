"""What the times that are named in an order mean, on the day on which they are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.holds.moments import LONGEST, When, allows, is_sensible, lies_in, met_at, until

TODAY = date(2026, 4, 21)
"""A Tuesday."""
NOW = datetime(2026, 4, 21, 15, 0, tzinfo=UTC)
AUCKLAND = ZoneInfo("Pacific/Auckland")
"""There it is Wednesday already, 03:00."""
DAY, WEEK, MONTH, YEAR = (When("next", 0, unit) for unit in ("day", "week", "month", "year"))
MONDAY, TUESDAY, WEDNESDAY, SUNDAY = (When("weekday", number) for number in (0, 1, 2, 6))
YESTERDAY, TODAYS, TOMORROW = (When("date", number) for number in (-1, 0, 1))
LEAP_DAY = When("date", 0, "", 2, 29)


def span(number: int, unit: str) -> When:
    return When("span", number, unit)


def on(day: int, month: int, year: int = 0) -> When:
    return When("date", 0, "", month, day, year)


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (span(1, "day"), "1 day"),
        (span(3, "week"), "3 weeks"),
        (span(0, "year"), "0 years"),
        (WEEK, "next week"),
        (MONDAY, "Monday"),
        (SUNDAY, "Sunday"),
        (When("month", 1), "January"),
        (When("month", 12), "December"),
        (YESTERDAY, "yesterday"),
        (TODAYS, "today"),
        (TOMORROW, "tomorrow"),
        (on(12, 5), "12 May"),
        (on(1, 12, 2027), "1 December 2027"),
    ],
)
def test_a_time_has_one_spelling(when: When, text: str) -> None:
    assert when.text == text


@pytest.mark.parametrize(
    ("when", "days"),
    [
        (span(1, "day"), 1),
        (span(2, "week"), 14),
        (span(2, "month"), 60),
        (span(1, "year"), 365),
        (span(10, "year"), 3650),
        (span(3651, "day"), None),
        (span(0, "day"), None),
        (TUESDAY, None),
        (TOMORROW, None),
    ],
)
def test_only_a_span_of_a_day_to_ten_years_is_a_duration(when: When, days: int | None) -> None:
    assert when.duration == (None if days is None else timedelta(days=days))


def test_there_is_no_time_that_is_in_no_calendar() -> None:
    assert all(map(is_sensible, (LEAP_DAY, on(29, 2, 2028), on(31, 12), TUESDAY, YESTERDAY, MONTH)))
    assert is_sensible(span(1, "day"))
    assert not any(map(is_sensible, (on(30, 2), on(29, 2, 2027), on(31, 4), span(0, "day"))))


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (MONDAY, date(2026, 4, 27)),
        (TUESDAY, date(2026, 4, 28)),
        (WEDNESDAY, date(2026, 4, 22)),
        (WEEK, date(2026, 4, 27)),
        (MONTH, date(2026, 5, 1)),
        (YEAR, date(2027, 1, 1)),
        (When("month", 3), date(2027, 3, 1)),
        (When("month", 4), date(2027, 4, 1)),
        (When("month", 5), date(2026, 5, 1)),
        (TOMORROW, date(2026, 4, 22)),
        (on(22, 4), date(2026, 4, 22)),
        (on(20, 4), date(2027, 4, 20)),
        (on(1, 1, 2030), date(2030, 1, 1)),
        (LEAP_DAY, date(2028, 2, 29)),
    ],
)
def test_what_is_put_off_until_a_day_is_put_off_until_it_next_begins(when: When, day: date) -> None:
    assert until(when, NOW, UTC) == datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_a_day_begins_where_the_user_lives() -> None:
    assert until(TOMORROW, NOW, AUCKLAND) == datetime(2026, 4, 22, 12, tzinfo=UTC)
    assert until(WEDNESDAY, NOW, AUCKLAND) == datetime(2026, 4, 28, 12, tzinfo=UTC)
    assert until(TOMORROW, NOW, AUCKLAND).tzinfo is UTC


def test_a_span_begins_now() -> None:
    assert until(span(3, "week"), NOW, AUCKLAND) == NOW + timedelta(weeks=3)


@pytest.mark.parametrize("when", [TODAYS, YESTERDAY, on(21, 4), on(12, 5, 2020)])
def test_what_is_put_off_until_a_day_that_has_begun_is_not_put_off(when: When) -> None:
    assert until(when, NOW, UTC) == NOW


def test_nothing_is_put_off_for_longer_than_ten_years() -> None:
    assert until(span(10, "year"), NOW, UTC) == NOW + LONGEST
    assert until(on(1, 1, 2150), NOW, UTC) == NOW + LONGEST


def test_next_week_begins_on_monday_and_next_month_on_the_first_whatever_day_it_is() -> None:
    for day in (20, 26):
        now = datetime(2026, 4, day, 12, tzinfo=UTC)
        assert until(WEEK, now, UTC) == datetime(2026, 4, 27, tzinfo=UTC)
    for month, last in ((1, 31), (12, 1), (12, 31)):
        now = datetime(2026, month, last, 12, tzinfo=UTC)
        following = datetime(2026 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        assert until(MONTH, now, UTC) == following


def test_a_leap_day_is_found_across_a_century_that_has_none() -> None:
    after, before = datetime(2096, 3, 1, tzinfo=UTC), datetime(2104, 2, 28, 15, tzinfo=UTC)
    assert until(LEAP_DAY, after, UTC) == datetime(2104, 2, 29, tzinfo=UTC)
    assert met_at(LEAP_DAY, before, UTC) == datetime(2096, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (YESTERDAY, date(2026, 4, 20)),
        (MONDAY, date(2026, 4, 20)),
        (TUESDAY, date(2026, 4, 21)),
        (WEDNESDAY, date(2026, 4, 15)),
        (span(2, "day"), date(2026, 4, 19)),
        (span(1, "week"), date(2026, 4, 14)),
        (on(21, 4), date(2026, 4, 21)),
        (on(22, 4), date(2025, 4, 22)),
        (on(1, 1, 2020), date(2020, 1, 1)),
    ],
)
def test_who_was_met_on_a_day_was_met_at_its_noon_the_last_time_it_was(
    when: When, day: date
) -> None:
    assert met_at(when, NOW, UTC) == datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize("when", [TODAYS, TOMORROW, TUESDAY, on(12, 5, 2030)])
def test_nobody_was_met_later_than_now(when: When) -> None:
    early = NOW.replace(hour=9)
    assert met_at(when, early, UTC) == early


def test_noon_is_the_users() -> None:
    assert met_at(YESTERDAY, NOW, AUCKLAND) == datetime(2026, 4, 21, 0, tzinfo=UTC)
    assert met_at(YESTERDAY, NOW, AUCKLAND).tzinfo is UTC


def days(when: When | None, at: bool = False) -> list[int]:
    """Which of the next 40 days are at a time, or lie in it, counted from today."""
    tried = allows if not at else lies_in
    coming = [TODAY + timedelta(days=ahead) for ahead in range(40)]
    return [
        ahead
        for ahead, day in enumerate(coming)
        if (tried(when, day, TODAY) if when or not at else False)  # type: ignore[arg-type]
    ]


def test_a_hold_may_stand_on_the_days_that_were_named() -> None:
    assert days(None) == [*range(40)]
    assert days(WEDNESDAY) == [1, 8, 15, 22, 29, 36]
    assert days(WEEK) == [*range(6, 13)]
    assert days(TOMORROW) == [1]
    assert days(on(12, 5)) == [21]


@pytest.mark.parametrize("when", [MONTH, YEAR, When("month", 5), span(1, "week")])
def test_what_names_no_day_and_no_week_allows_none(when: When) -> None:
    assert days(when) == []


def test_when_to_meet_may_be_a_whole_span() -> None:
    assert days(span(2, "week"), at=True) == [*range(14, 21)]
    assert days(span(1, "month"), at=True) == [*range(30, 40)]
    assert days(span(3, "day"), at=True) == [3]
    assert days(When("month", 5), at=True) == [*range(10, 40)]
    assert days(MONTH, at=True) == [*range(10, 40)]
    assert days(WEDNESDAY, at=True) == days(WEDNESDAY)
    assert days(WEEK, at=True) == days(WEEK)
    next_year = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1)]
    assert [lies_in(YEAR, day, TODAY) for day in next_year] == [False, True, True, False]
    may = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [lies_in(MONTH, day, TODAY) for day in may] == [False, True, True, False]
    assert not lies_in(MONTH, date(2027, 5, 1), TODAY)
