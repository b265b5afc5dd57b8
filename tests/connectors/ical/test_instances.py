"""When rules take place that other expanders take otherwise, or not at all."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from connectors.ical.fragments import Surroundings
from connectors.ical.instances import starts_of
from connectors.ical.moments import Moment, moment
from connectors.ical.rules import UnreadableRuleError, read_rule

FROM, TO = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def starts(begin: str, rule: str, first: datetime = FROM, last: datetime = TO) -> list[Moment]:
    when = moment(f"DTSTART:{begin}", Surroundings())
    return starts_of(read_rule(f"RRULE:{rule}", when), when, first, last)


def days(begin: str, rule: str, most: int = 6) -> list[str]:
    return [f"{when:%y-%m-%d}" for when in starts(begin, rule)[:most]]


# --- weeks of a year ---


def test_a_week_of_the_year_without_a_weekday_has_that_of_dtstart() -> None:
    assert days("20240318", "FREQ=YEARLY;BYWEEKNO=20", 3) == ["24-05-13", "25-05-12", "26-05-11"]


@pytest.mark.parametrize(
    ("begin", "rule", "expected"),
    [
        ("20241231", "BYWEEKNO=1;BYDAY=MO,TU;INTERVAL=3", ["24-12-31", "28-01-03", "28-01-04"]),
        ("20100102", "BYWEEKNO=53;BYDAY=SA;INTERVAL=6", ["10-01-02", "16-01-02", "94-01-02"]),
        ("20191226", "BYWEEKNO=-1,1;BYDAY=TH", ["19-12-26", "20-01-02", "20-12-31"]),
        ("20190107", "BYWEEKNO=2;BYDAY=2MO", ["19-01-07", "20-01-06", "21-01-11"]),
        ("20190107", "BYWEEKNO=2;BYDAY=SU;WKST=SU", ["20-01-05", "21-01-10", "22-01-09"]),
    ],
)
def test_a_week_belongs_to_the_year_in_which_it_has_four_days(
    begin: str, rule: str, expected: list[str]
) -> None:
    assert days(begin, f"FREQ=YEARLY;{rule}", 3) == expected


# --- days that are not there ---


@pytest.mark.parametrize(
    ("begin", "rule", "expected"),
    [
        ("20120229", "FREQ=YEARLY;SKIP=FORWARD", ["12-02-29", "13-03-01", "14-03-01", "15-03-01"]),
        ("20120229", "FREQ=YEARLY;SKIP=BACKWARD", ["12-02-29", "13-02-28", "14-02-28", "15-02-28"]),
        ("20120229", "FREQ=YEARLY;SKIP=OMIT", ["12-02-29", "16-02-29", "20-02-29", "24-02-29"]),
        (
            "20140131",
            "FREQ=MONTHLY;SKIP=BACKWARD",
            ["14-01-31", "14-02-28", "14-03-31", "14-04-30"],
        ),
        ("20140131", "FREQ=MONTHLY;SKIP=FORWARD", ["14-01-31", "14-03-01", "14-03-31", "14-05-01"]),
        (
            "20140131",
            "FREQ=MONTHLY;BYMONTHDAY=1,31;SKIP=FORWARD",
            ["14-01-31", "14-02-01", "14-03-01", "14-03-31"],
        ),
        (
            "20150101",
            "FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=BACKWARD",
            ["15-01-01", "15-01-31", "15-03-01", "15-03-31"],
        ),
        ("20140131", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=31;SKIP=BACKWARD", ["14-01-31", "14-02-28"]),
        (
            "20121231",
            "FREQ=YEARLY;BYYEARDAY=366;SKIP=FORWARD",
            ["12-12-31", "14-01-01", "15-01-01"],
        ),
        ("20121231", "FREQ=YEARLY;BYYEARDAY=366;SKIP=BACKWARD", ["12-12-31", "13-12-31"]),
        ("20120101", "FREQ=YEARLY;BYYEARDAY=-366;SKIP=FORWARD", ["12-01-01", "13-01-01"]),
        ("20120101", "FREQ=YEARLY;BYYEARDAY=-366;SKIP=BACKWARD", ["12-01-01", "12-12-31"]),
    ],
)
def test_a_day_that_a_month_does_not_have_goes_where_skip_says(
    begin: str, rule: str, expected: list[str]
) -> None:
    assert days(begin, f"RSCALE=GREGORIAN;{rule}", len(expected)) == expected


def test_of_two_days_that_become_one_there_is_one_and_count_counts_it_once() -> None:
    rule = "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=30,31;SKIP=BACKWARD;COUNT=5"
    assert days("20150130", rule) == ["15-01-30", "15-01-31", "15-02-28", "15-03-30", "15-03-31"]


# --- days by name ---


def test_days_by_name_and_by_number_add_up() -> None:
    assert days("20240401", "FREQ=MONTHLY;BYDAY=SU,1MO", 5) == [
        *("24-04-01", "24-04-07", "24-04-14", "24-04-21", "24-04-28"),
    ]


def test_positions_are_counted_in_a_whole_week_though_the_series_begins_within_it() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO,WE,TH;BYSETPOS=1,2"
    assert days("20190131", rule, 2) == ["19-02-04", "19-02-06"]


# --- finer than days ---


def test_four_hourly_in_minutes_is_four_hourly() -> None:
    assert starts("20240318T090000Z", "FREQ=MINUTELY;INTERVAL=240;COUNT=3") == [
        datetime(2024, 3, 18, hour, tzinfo=UTC) for hour in (9, 13, 17)
    ]
    hourly = starts("20240318T090000Z", "FREQ=HOURLY;INTERVAL=4", last=TO.replace(year=2025))
    assert hourly == starts(
        "20240318T090000Z", "FREQ=SECONDLY;INTERVAL=14400", last=TO.replace(year=2025)
    )


def test_hours_minutes_and_seconds_limit_what_is_finer_and_widen_what_is_not() -> None:
    assert starts("20240318T090000Z", "FREQ=HOURLY;BYHOUR=9,17;BYMINUTE=0,30;COUNT=3") == [
        datetime(2024, 3, 18, 9, tzinfo=UTC),
        datetime(2024, 3, 18, 9, 30, tzinfo=UTC),
        datetime(2024, 3, 18, 17, tzinfo=UTC),
    ]
    assert starts("20240318T090000Z", "FREQ=SECONDLY;BYHOUR=9;BYMINUTE=0;BYSECOND=0;COUNT=2") == [
        datetime(2024, 3, day, 9, tzinfo=UTC) for day in (18, 19)
    ]
    assert starts("20240318T090000Z", "FREQ=MINUTELY;BYHOUR=9;BYMINUTE=0,30;BYDAY=MO;COUNT=3") == [
        datetime(2024, 3, 18, 9, tzinfo=UTC),
        datetime(2024, 3, 18, 9, 30, tzinfo=UTC),
        datetime(2024, 3, 25, 9, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MINUTELY",
        "FREQ=MINUTELY;INTERVAL=59",
        "FREQ=SECONDLY;INTERVAL=3599",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=HOURLY;BYMINUTE=0,30",
        "FREQ=YEARLY;BYHOUR=8,9,10,11,12;BYMINUTE=1,2,3,4,5",
        "FREQ=DAILY;BYHOUR=8,9,10,11,12;BYMINUTE=1,2,3,4,5;BYSETPOS=1",
    ],
)
def test_more_often_than_hourly_is_refused_however_it_is_said(rule: str) -> None:
    with pytest.raises(UnreadableRuleError, match="more often than hourly"):
        starts("20240318T090000Z", rule)


def test_what_lies_before_the_window_costs_nothing() -> None:
    first, last = datetime(2099, 1, 1, tzinfo=UTC), datetime(2099, 1, 3, tzinfo=UTC)
    begun = time.process_time()
    for rule, most in (
        ("FREQ=HOURLY;INTERVAL=7", 7),
        ("FREQ=DAILY", 3),
        ("FREQ=WEEKLY;BYDAY=TH,FR,SA", 3),
        ("FREQ=MONTHLY;BYMONTHDAY=1,2", 2),
        ("FREQ=YEARLY;BYMONTH=1", 1),
    ):
        found = starts("16000101T000000Z", rule, first, last)
        assert 1 <= len(found) <= most
        assert all(first <= when <= last for when in found if isinstance(when, datetime))
    assert time.process_time() - begun < 0.5


def test_a_series_ends_with_its_until_or_its_count_wherever_the_window_is() -> None:
    first = datetime(2024, 3, 20, tzinfo=UTC)
    assert starts("20240318", "FREQ=DAILY;COUNT=3", first) == [date(2024, 3, 20)]
    assert starts("20240318", "FREQ=DAILY;UNTIL=20240321", first) == [
        date(2024, 3, day) for day in (20, 21)
    ]
    assert starts("20240318", "FREQ=DAILY;COUNT=0") == []
