"""Challenges raise the rhythm for a while; a streak is weeks in a row with a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.config.schema import Challenge, Rhythm
from daemon.planning.pace import Pace, streak

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 22, 16, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def challenge(**more: object) -> Challenge:
    given = {"name": "holidays", "from": "2026-12-02", "until": "2026-12-20", "per_week": 3}
    return Challenge.model_validate(given | more)


def test_a_challenge_counts_for_every_week_it_touches_and_for_no_other() -> None:
    pace = Pace(Rhythm(), (challenge(),))
    mondays = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 14), date(2026, 12, 21)]
    assert [pace.per_week(monday) for monday in mondays] == [1, 3, 3, 1]


def test_a_challenge_from_a_sunday_until_a_monday_counts_for_the_weeks_of_both() -> None:
    pace = Pace(Rhythm(), (challenge(**{"from": "2026-12-06", "until": "2026-12-07"}),))
    mondays = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)]
    assert [pace.per_week(monday) for monday in mondays] == [1, 3, 3, 1]


def test_circles_with_challenges_are_named_once_and_those_for_everybody_not() -> None:
    friends, family = challenge(circle="friends"), challenge(circle="family")
    assert Pace(Rhythm(), (friends, challenge(), family, friends)).circles() == (
        "friends",
        "family",
    )


def test_a_challenge_never_lowers_the_rhythm() -> None:
    assert Pace(Rhythm(per_week=5), (challenge(),)).per_week(date(2026, 12, 7)) == 5


def test_a_challenge_of_a_circle_is_for_its_people() -> None:
    pace = Pace(Rhythm(), (challenge(circle="friends"),))
    week = date(2026, 12, 7)
    assert [pace.per_week(week), pace.per_week(week, "work"), pace.per_week(week, "friends")] == [
        1,
        1,
        3,
    ]


def test_as_many_may_be_open_as_the_challenge_wants_in_a_week() -> None:
    pace = Pace(Rhythm(open=2), (challenge(per_week=4),))
    assert [
        pace.open(date(2026, 11, 20)),
        pace.open(date(2026, 11, 27)),
        pace.open(date(2026, 12, 10)),
    ] == [2, 4, 4]
    assert Pace(Rhythm(open=0), (challenge(),)).open(date(2026, 12, 10)) == 0


def test_a_streak_is_not_broken_by_a_week_that_is_not_over() -> None:
    ends = [SUNDAY - WEEK, SUNDAY - 2 * WEEK, SUNDAY - 4 * WEEK]
    assert streak(ends, BERLIN, SUNDAY) == 2
    assert streak([*ends, SUNDAY], BERLIN, SUNDAY) == 3
    assert streak(ends, BERLIN, SUNDAY + 2 * WEEK) == 0
    assert streak([*ends, SUNDAY + WEEK], BERLIN, SUNDAY + timedelta(days=1)) == 0, "not yet"


def test_the_weeks_of_a_streak_begin_on_monday_in_the_users_zone() -> None:
    """23:30 on Sunday in London is Monday in Berlin."""
    end = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)
    assert streak([end, SUNDAY - 2 * WEEK], BERLIN, SUNDAY) == 1
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert [streak([late], BERLIN, late), streak([late - WEEK], BERLIN, late)] == [1, 1]
    assert streak([late - 2 * WEEK], BERLIN, late) == 0
    assert streak([end, SUNDAY - 2 * WEEK], ZoneInfo("Europe/London"), SUNDAY) == 2
