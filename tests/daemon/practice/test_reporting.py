"""How the practice is going, counted in weeks of the user's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.judging.recency import Met, RecencyInputs, standings
from daemon.people.contacts import Contact
from daemon.practice.reporting import Practice, practice

AUCKLAND = ZoneInfo("Pacific/Auckland")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday


def met(weeks_ago: float, who: str = "jane") -> Met:
    start = NOW - timedelta(weeks=weeks_ago)
    return Met(who, start, start + timedelta(hours=1), "attendee")


def report(
    *meetings: Met, contacts: tuple[Contact, ...] = (), zone: ZoneInfo = BERLIN, weeks: int = 4
) -> Practice:
    reckoned = standings(contacts, RecencyInputs(now=NOW, zone=zone, meetings=meetings))
    return practice(meetings, reckoned, NOW, zone, weeks)


def test_weeks_run_from_monday_to_sunday_and_end_with_this_one() -> None:
    practice = report(met(0.2), met(1), met(1.1), met(3))
    assert [week.monday for week in practice.weeks] == [
        date(2026, 11, day) for day in (2, 9, 16, 23)
    ]
    assert [week.dates for week in practice.weeks] == [1, 0, 2, 1]
    assert (practice.weeks_with_a_date, practice.dates) == (3, 4)


def test_a_week_is_the_user_s_own() -> None:
    late_sunday_in_utc = datetime(2026, 11, 22, 20, tzinfo=UTC)  # Monday morning in Auckland
    meeting = Met("jane", late_sunday_in_utc, late_sunday_in_utc + timedelta(hours=1), "title")
    assert [week.dates for week in report(meeting, zone=AUCKLAND).weeks] == [0, 0, 0, 1]
    assert [week.dates for week in report(meeting).weeks] == [0, 0, 1, 0]


def test_this_week_lengthens_a_streak_and_does_not_break_it() -> None:
    assert report(met(1), met(2), met(3)).streak == 3
    assert report(met(0.2), met(1), met(2), met(3)).streak == 4
    assert report(met(2), met(3)).streak == 0


def test_a_streak_may_have_begun_before_the_weeks_that_are_shown() -> None:
    practice = report(*(met(weeks) for weeks in range(1, 10)), weeks=2)
    assert (practice.streak, practice.longest) == (9, 1)


def test_a_meeting_ahead_or_one_seen_in_two_calendars_is_no_more_than_it_is() -> None:
    assert report(met(-1)).dates == 0
    assert report(met(1), met(1)).dates == 1


def test_who_is_kept_within_their_cadence_by_circle() -> None:
    month = timedelta(days=30)
    contacts = (
        Contact("jane", "Jane", month, circle="friends"),
        Contact("bob", "Bob", month, circle="friends"),
        Contact("ann", "Ann", month, circle="friends", paused=True),
        Contact("zoe", "Zoe", month),
    )
    practice = report(met(2), met(6, "bob"), contacts=contacts)
    assert [(kept.circle, kept.people, kept.within, kept.overdue) for kept in practice.circles] == [
        ("friends", 2, 1, ("Bob",)),
        ("", 1, 0, ("Zoe",)),
    ]


def test_who_is_new_and_not_due_yet_is_not_overdue() -> None:
    """People who were never met fall due one after the other."""
    cadence = timedelta(days=60)
    contacts = tuple(Contact(name.lower(), name, cadence, circle="new") for name in ("Ann", "Bob"))
    reckoned = standings(contacts, RecencyInputs(now=NOW, zone=BERLIN, meetings=()))
    later = {standing.contact.name for standing in reckoned if standing.due > NOW}
    assert len(later) == 1
    [kept] = practice((), reckoned, NOW, BERLIN, 4).circles
    assert (kept.people, kept.within) == (2, 0)
    assert {*kept.overdue} == {"Ann", "Bob"} - later
