"""When somebody meets people, and for what, as their history shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.config.values import TimeRange
from daemon.discovery.usual_week import PastMeeting, UsualOccasion, usual_week

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, tzinfo=BERLIN)


def met(day: int, hour: float, title: str = "Jane", weeks: int = 0) -> PastMeeting:
    """On this weekday (Monday is 0), so many weeks before the first in November."""
    start = MONDAY + timedelta(days=day - 7 * weeks)
    start = start.replace(hour=int(hour), minute=round(hour % 1 * 60))
    return PastMeeting(start, start + timedelta(hours=1), title)


def habit(meetings: list[PastMeeting], *languages: str) -> tuple[UsualOccasion, ...]:
    return usual_week(meetings, BERLIN, NOW, languages)


def test_lunches_on_tuesday_and_thursday_are_seen_whatever_summer_time_did() -> None:
    (lunch,) = habit([met(day, 12.5, weeks=week) for day in (1, 3) for week in range(12)])
    assert (lunch.name, lunch.days, lunch.between) == ("lunch", (1, 3), (TimeRange(720, 840),))


def test_evenings_are_seen_when_that_is_when_people_are_met() -> None:
    week = habit([met(4, 20, weeks=week) for week in range(8)])
    assert [(each.name, each.days) for each in week] == [("drinks", (4,))]


def test_a_title_says_more_than_the_hour_in_the_languages_of_the_titles() -> None:
    walks = [met(5, 12, "Spaziergang mit Jane", week) for week in range(6)]
    assert habit(walks, "de")[0].name == "walk"
    assert habit(walks)[0].name == "lunch"
    assert habit([met(1, 13, "Call Jane", week) for week in range(6)])[0].name == "call"


def test_hours_are_those_at_which_it_usually_begins() -> None:
    late = habit([met(2, 14, "Comida con Ana", week) for week in range(10)], "es")
    assert late[0].between == (TimeRange(14 * 60, 15 * 60),)
    early = habit([met(2, 8, "Coffee with Ana", week) for week in range(10)])
    assert early[0].between == (TimeRange(480, 690), TimeRange(870, 990))


def test_what_happens_seldom_is_no_habit() -> None:
    coffees = [met(week % 5, 10, weeks=week) for week in range(20)]
    week = habit([*coffees, met(6, 20), met(5, 12)])
    assert [(each.name, each.days) for each in week] == [("coffee", (0, 1, 2, 3, 4))]


def test_habits_change_so_the_last_year_counts_where_it_says_enough() -> None:
    before = [met(0, 10, weeks=week) for week in range(60, 100)]
    assert habit([*before, *(met(4, 19, weeks=week) for week in range(6))])[0].days == (4,)
    assert habit([*before, met(4, 19)])[0].days == (0,)


def test_a_few_meetings_show_nothing() -> None:
    assert usual_week([met(1, 12, weeks=week) for week in range(5)], BERLIN, NOW, ()) == ()
