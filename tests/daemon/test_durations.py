"""Spans, dates and times as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.durations import (
    CADENCES,
    ago,
    at_hour,
    at_moment,
    at_time,
    counted,
    duration_in_words,
    duration_text,
    every,
    gap_in_words,
    on_day,
    parse_duration,
    roughly,
)
from daemon.languages.date_style import PLAIN
from daemon.languages.writing import writer

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 28, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (7, "1 week"),
        (42, "6 weeks"),
        (30, "1 month"),
        (90, "3 months"),
        (91, "3 months"),
        (182, "twice a year"),
        (364, "52 weeks"),
        (365, "1 year"),
        (10, "10 days"),
    ],
)
def test_a_cadence_is_said_as_it_was_written(days: int, words: str) -> None:
    assert duration_in_words(timedelta(days=days)) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (13, "13 days ago"),
        (49, "7 weeks ago"),
        (200, "6 months ago"),
        (800, "2 years ago"),
    ],
)
def test_time_passed_is_rounded_to_what_people_say(days: int, words: str) -> None:
    assert ago(NOON - timedelta(days=days), NOON, BERLIN) == words


def test_days_ago_change_at_midnight_whatever_the_hours_were() -> None:
    met = datetime(2026, 11, 24, 21, tzinfo=BERLIN)
    day = [datetime(2026, 11, 28, hour, 59, tzinfo=BERLIN) for hour in range(24)]
    assert {ago(met, now, BERLIN) for now in day} == {"4 days ago"}
    assert ago(met, datetime(2026, 11, 29, tzinfo=BERLIN), BERLIN) == "5 days ago"


def test_days_ago_are_those_of_the_users_zone() -> None:
    late = datetime(2026, 11, 28, 3, tzinfo=UTC)  # still the 27th in New York
    assert ago(late, NOON, NEW_YORK) == "yesterday"
    assert ago(late, NOON, BERLIN) == "today"


def test_there_is_one_style_of_dates() -> None:
    assert on_day(date(2026, 12, 1)) == "Tue 1 Dec 2026"
    assert at_time(datetime(2026, 12, 1, 9, tzinfo=UTC), BERLIN) == "Tue 1 Dec 10:00"
    assert at_moment(datetime(2026, 12, 1, 4, 5, tzinfo=UTC), NEW_YORK) == "Mon 30 Nov 2026 23:05"


def test_one_is_not_said_as_many() -> None:
    assert (counted(1, "meeting"), counted(2, "meeting")) == ("1 meeting", "2 meetings")
    assert (every(timedelta(days=30)), every(timedelta(days=42))) == (
        "every month",
        "every 6 weeks",
    )


@pytest.mark.parametrize(
    ("written", "days"),
    [("twice a year", 182), ("quarterly", 91), ("6 weeks", 42), ("1 month", 30), ("2 years", 730)],
)
def test_a_duration_is_written_as_it_was_read(written: str, days: int) -> None:
    assert parse_duration(written) == timedelta(days=days)
    assert duration_text(timedelta(days=days)) == written


@pytest.mark.parametrize("minutes", [1, 15, 90, 60, 1440, 91 * 1440, 182 * 1440, 183 * 1440])
def test_whatever_is_written_can_be_read_again(minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    assert parse_duration(duration_text(duration)) == duration


def test_every_cadence_that_is_proposed_has_words_of_its_own() -> None:
    assert [every(cadence) for cadence in CADENCES] == [
        *("every week", "every 2 weeks", "every 3 weeks", "every month", "every 6 weeks"),
        *("every 2 months", "every 3 months", "every 4 months", "twice a year", "every year"),
    ]
    assert list(CADENCES) == sorted(CADENCES)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.5, "1 day"),
        (10, "10 days"),
        (21, "3 weeks"),
        (30.5, "4 weeks"),
        (37, "5 weeks"),
        (84, "12 weeks"),
        (91, "3 months"),
        (182, "6 months"),
    ],
)
def test_a_gap_is_rounded_to_what_people_say(days: float, words: str) -> None:
    assert gap_in_words(days) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "a minute"), (119, "119 minutes"), (120, "2 hours"), (2880, "2 days"), (-5, "a minute")],
)
def test_how_long_something_went_on_is_told_in_its_largest_unit(minutes: int, words: str) -> None:
    assert roughly(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("language", "country", "near", "day", "hour"),
    [
        ("en", "", "Tue 1 Dec 14:05", "Tue 1 Dec 2026", "14:05"),
        ("en", "US", "Tue Dec 1, 2:05 PM", "Tue Dec 1, 2026", "2:05 PM"),
        ("en", "DE", "Tue 1 Dec 14:05", "Tue 1 Dec 2026", "14:05"),
        ("en", "AU", "Tue 1 Dec, 2:05 PM", "Tue 1 Dec 2026", "2:05 PM"),
        ("de", "", "Tue 1 Dec 14:05", "Tue 1 Dec 2026", "14:05"),
        ("de", "DE-BE", "Tue 1 Dec 14:05", "Tue 1 Dec 2026", "14:05"),
        ("fr", "CA", "Tue 1 Dec 14:05", "Tue 1 Dec 2026", "14:05"),
        ("ja", "", "Tue Dec 1, 14:05", "Tue Dec 1, 2026", "14:05"),
    ],
)
def test_the_order_of_a_date_and_the_hours_of_a_day_are_those_of_the_country(
    language: str, country: str, near: str, day: str, hour: str
) -> None:
    moment = datetime(2026, 12, 1, 14, 5, tzinfo=UTC)
    style = writer(language, country).date_style
    assert at_time(moment, UTC, style) == near
    assert on_day(moment.date(), style) == day
    assert at_hour(moment, UTC, style) == hour


@pytest.mark.parametrize(("hour", "told"), [(0, "12:05 AM"), (11, "11:05 AM"), (12, "12:05 PM")])
def test_midnight_and_noon_are_twelve(hour: int, told: str) -> None:
    style = writer("en", "US").date_style
    assert style != PLAIN
    assert at_hour(datetime(2026, 12, 1, hour, 5, tzinfo=UTC), UTC, style) == told
