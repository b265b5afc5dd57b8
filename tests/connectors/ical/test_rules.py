"""A recurrence rule is read in every form it is written in, those of vCalendar 1.0 among them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.ical.old_rules import translated
from connectors.ical.rules import UnknownRuleError, read_rule

MONDAY = datetime(2024, 3, 18, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("D2 #10", "FREQ=DAILY;INTERVAL=2;COUNT=10"),
        ("D1 #0", "FREQ=DAILY;INTERVAL=1"),
        ("D1", "FREQ=DAILY;INTERVAL=1;COUNT=2"),
        ("W1 MO #0", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO"),
        ("W2 TU TH 19971224T000000Z", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=19971224T000000Z"),
        ("W1", "FREQ=WEEKLY;INTERVAL=1;COUNT=2"),
        ("MP1 1+ MO 2- FR #5", "FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO,-2FR;COUNT=5"),
        ("MP6 1+ MO 1- TU WE", "FREQ=MONTHLY;INTERVAL=6;BYDAY=1MO,-1TU,-1WE;COUNT=2"),
        ("MD1 15 1- LD #0", "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15,-1,-1"),
        ("ym1 6 7 20051231", "FREQ=YEARLY;INTERVAL=1;BYMONTH=6,7;UNTIL=20051231"),
        ("YD1 1 100 #4", "FREQ=YEARLY;INTERVAL=1;BYYEARDAY=1,100;COUNT=4"),
    ],
)
def test_a_plain_rule_of_vcalendar_1_0_is_put_into_icalendars_words(old: str, new: str) -> None:
    assert translated(old) == new
    read_rule(f"RRULE:{old}", MONDAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "D",
        "D1 0900 #2",
        "W1 MO 0900 #2",
        "W1 1 #2",
        "MP1 MO #2",
        "MP1 1+ MO D1 #3",
        "M1",
        "MD1 $",
    ],
)
def test_what_is_none_or_has_times_of_day_is_left_alone(text: str) -> None:
    assert translated(text) is None


def test_the_hours_of_a_rule_for_dates_are_ignored() -> None:
    rule = read_rule("RRULE:FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0,30;BYSECOND=0", date(2024, 3, 18))
    assert not rule.hours
    assert not rule.minutes
    assert not rule.several_a_day


@pytest.mark.parametrize(
    ("parts", "skip"),
    [
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "BACKWARD"),
        ("RSCALE=gregorian;FREQ=YEARLY;SKIP=forward", "FORWARD"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT", "OMIT"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY", "OMIT"),
        ("FREQ=MONTHLY;SKIP=BACKWARD", "OMIT"),
        ("RSCALE=GREGORIAN;FREQ=WEEKLY;SKIP=BACKWARD", "OMIT"),
    ],
)
def test_skip_counts_beside_the_gregorian_calendar_where_days_may_be_missing(
    parts: str, skip: str
) -> None:
    assert read_rule(f"RRULE:{parts}", MONDAY).skip == skip


def test_byweekday_is_an_old_name_of_byday() -> None:
    assert read_rule("RRULE:FREQ=WEEKLY;BYWEEKDAY=TU,FR", MONDAY).weekdays == ((0, 1), (0, 4))


@pytest.mark.parametrize(("written", "count"), [("3", 3), ("0", 0), ("-1", None)])
def test_a_count_below_zero_is_none(written: str, count: int | None) -> None:
    assert read_rule(f"RRULE:FREQ=DAILY;COUNT={written}", MONDAY).count == count


@pytest.mark.parametrize(
    "part",
    ["BYMONTH=0", "BYMONTHDAY=0", "BYMONTHDAY=32", "BYYEARDAY=-367", "BYSETPOS=0", "BYHOUR=-1"],
)
def test_numbers_that_there_are_not_are_no_rule(part: str) -> None:
    with pytest.raises(UnknownRuleError, match="makes no sense"):
        read_rule(f"RRULE:FREQ=MONTHLY;{part}", MONDAY)
