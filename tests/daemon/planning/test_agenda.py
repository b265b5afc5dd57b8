"""What is due, by the wall clock of any zone: never twice, never not at all."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.planning.agenda import (
    LastRuns,
    Timetable,
    after,
    due,
    first_start,
    last_plan,
    plan_moment,
    timetable,
    upcoming,
)
from tests.daemon.world import config

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY_FIVE = Timetable(timedelta(minutes=15), 6, time(17), BERLIN)
SUNDAY = date(2026, 11, 22)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A wall-clock time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def table(plan: str, zone: str = "Europe/Berlin", weekday: int = 6) -> Timetable:
    return Timetable(timedelta(minutes=15), weekday, time.fromisoformat(plan), ZoneInfo(zone))


# --- polls ---


def test_the_first_start_reads_at_once_and_has_nothing_to_catch_up():
    monday = at("2026-11-23 10:00")
    assert due(SUNDAY_FIVE, first_start(SUNDAY_FIVE, monday), monday) == ("poll",)


def test_a_poll_is_due_when_its_distance_has_passed_and_not_before():
    done = after(
        SUNDAY_FIVE,
        first_start(SUNDAY_FIVE, at("2026-11-23 10:00")),
        ("poll",),
        at("2026-11-23 10:00"),
    )
    assert "poll" not in due(SUNDAY_FIVE, done, at("2026-11-23 10:14:59"))
    assert "poll" in due(SUNDAY_FIVE, done, at("2026-11-23 10:15"))


def test_a_tick_exactly_one_poll_later_finds_it_due_whatever_its_milliseconds():
    first = at("2026-11-23 10:00") + timedelta(milliseconds=900)
    done = after(SUNDAY_FIVE, first_start(SUNDAY_FIVE, first), ("poll",), first)
    assert "poll" in due(SUNDAY_FIVE, done, at("2026-11-23 10:15") + timedelta(milliseconds=100))


def test_a_clock_that_was_set_back_polls_at_once_instead_of_waiting_for_the_old_time():
    done = LastRuns(at("2026-11-23 10:00"), SUNDAY, date(2026, 11, 23))
    assert "poll" in due(SUNDAY_FIVE, done, at("2026-11-23 09:00"))


def test_the_config_says_how_often_and_when() -> None:
    rhythm = config(rhythm={"poll": "20 minutes", "plan": "wednesday 07:30"}).rhythm
    wanted = Timetable(timedelta(minutes=20), 2, time(7, 30), BERLIN)
    assert timetable(rhythm, BERLIN) == wanted


def test_what_was_not_done_stays_due():
    behind = LastRuns(at("2026-11-22 17:00"), date(2026, 11, 15), date(2026, 11, 20))
    now = at("2026-11-23 10:00")
    assert after(SUNDAY_FIVE, behind, ("poll",), now) == replace(behind, polled=now)
    planned = after(SUNDAY_FIVE, behind, ("plan",), now)
    assert (planned.planned, planned.nightly) == (SUNDAY, behind.nightly)
    nightly = after(SUNDAY_FIVE, behind, ("nightly",), now)
    assert (nightly.planned, nightly.nightly) == (behind.planned, date(2026, 11, 23))


def test_before_half_past_three_the_night_is_yesterdays() -> None:
    assert first_start(SUNDAY_FIVE, at("2026-11-24 03:29")).nightly == date(2026, 11, 23)
    assert first_start(SUNDAY_FIVE, at("2026-11-24 03:30")).nightly == date(2026, 11, 24)


# --- planning ---


def test_planning_is_due_from_its_wall_clock_time_on_until_it_was_done():
    done = LastRuns(at("2026-11-22 16:59"), date(2026, 11, 15), SUNDAY)
    assert "plan" not in due(SUNDAY_FIVE, done, at("2026-11-22 16:59:59"))
    assert due(SUNDAY_FIVE, done, at("2026-11-22 17:00")) == ("plan",)
    assert "plan" in due(SUNDAY_FIVE, done, at("2026-11-24 08:00")), "a missed Sunday is caught up"
    done = after(SUNDAY_FIVE, done, ("plan",), at("2026-11-24 08:00"))
    assert "plan" not in due(SUNDAY_FIVE, done, at("2026-11-29 16:59")), "once"
    assert "plan" in due(SUNDAY_FIVE, done, at("2026-11-29 17:00"))


def test_among_many_plan_and_nightly_work_are_due_as_late_as_this_one_is_and_polls_are_not():
    late = replace(SUNDAY_FIVE, late=timedelta(minutes=4))
    done = LastRuns(at("2026-11-22 16:45"), date(2026, 11, 15), SUNDAY)
    assert due(late, done, at("2026-11-22 17:00")) == ("poll",)
    assert due(late, done, at("2026-11-22 17:03:59")) == ("poll",)
    assert due(late, done, at("2026-11-22 17:04")) == ("plan", "poll")
    assert "nightly" not in due(late, done, at("2026-11-23 03:33"))
    assert "nightly" in due(late, done, at("2026-11-23 03:34"))
    coming = dict(upcoming(late, done, at("2026-11-22 16:50")))
    assert coming["plan"] == at("2026-11-22 17:04")
    assert coming["nightly"] == at("2026-11-23 03:34")


def test_a_plan_that_is_late_is_recorded_as_the_one_that_it_is():
    late = replace(SUNDAY_FIVE, late=timedelta(minutes=4))
    now = at("2026-11-22 17:04")
    done = LastRuns(at("2026-11-22 16:49"), date(2026, 11, 15), SUNDAY)
    assert after(SUNDAY_FIVE, done, ("plan",), now).planned == SUNDAY, "by a worker, which is not"
    assert "plan" not in due(late, after(SUNDAY_FIVE, done, ("plan",), now), now)


def test_several_missed_sundays_are_one_plan():
    done = LastRuns(at("2026-11-01 17:00"), date(2026, 11, 1), date(2026, 11, 1))
    late = at("2026-11-25 09:00")
    assert "plan" not in due(SUNDAY_FIVE, after(SUNDAY_FIVE, done, ("plan",), late), late)


def test_planning_counts_as_a_poll_and_the_backup_does_not():
    done = LastRuns(at("2026-11-22 16:59"), date(2026, 11, 15), date(2026, 11, 21))
    now = at("2026-11-22 17:00")
    assert after(SUNDAY_FIVE, done, ("plan",), now).polled == now
    assert after(SUNDAY_FIVE, done, ("nightly",), now).polled == done.polled


@pytest.mark.parametrize(
    ("plan", "instant"),
    [
        ("02:30", "2026-03-29T01:30:00+00:00"),  # the clock skips 02:00-03:00: 03:30 in summer time
        ("03:00", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_a_time_that_the_clock_skips_comes_as_much_later_as_it_skips(plan, instant):
    moment = datetime.fromisoformat(instant)
    done = LastRuns(moment, date(2026, 3, 22), date(2026, 3, 29))
    assert "plan" not in due(table(plan), done, moment - timedelta(seconds=1))
    assert "plan" in due(table(plan), done, moment)


def test_a_time_that_the_clock_shows_twice_comes_at_the_first():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    done = LastRuns(first, date(2026, 10, 18), date(2026, 10, 25))
    assert "plan" in due(table("02:30"), done, first)
    done = after(table("02:30"), done, ("plan",), first)
    assert "plan" not in due(table("02:30"), done, first + timedelta(hours=1)), (
        "shown again, not due again"
    )


def test_a_day_that_a_zone_leaves_out_is_caught_up_right_after_it():
    """Samoa had no 30 December 2011."""
    samoa = table("17:00", "Pacific/Apia", weekday=4)
    # 23:59 on the 29th; a minute later it is the 31st
    before = datetime(2011, 12, 30, 9, 59, tzinfo=UTC)
    done = first_start(samoa, before)
    assert "plan" in due(samoa, done, before + timedelta(hours=24))


def test_moving_to_another_zone_neither_skips_nor_repeats_a_plan():
    done = after(
        SUNDAY_FIVE,
        first_start(SUNDAY_FIVE, at("2026-11-22 16:00")),
        ("plan",),
        at("2026-11-22 17:00"),
    )
    los_angeles = table("17:00", "America/Los_Angeles")
    monday = at("2026-11-22 20:00", los_angeles.zone)
    assert "plan" not in due(los_angeles, done, monday), (
        "it is Sunday 17:00 once more, and it was done"
    )
    auckland = table("17:00", "Pacific/Auckland")
    assert "plan" in due(auckland, done, at("2026-11-29 17:00", auckland.zone))


# --- clocks that are wrong ---


def test_a_clock_that_jumps_a_day_back_repeats_nothing():
    now = at("2026-11-22 17:00")
    done = after(
        SUNDAY_FIVE, first_start(SUNDAY_FIVE, at("2026-11-22 16:00")), ("plan", "nightly"), now
    )
    assert due(SUNDAY_FIVE, done, now - timedelta(days=1)) == ("poll",)


def test_a_clock_that_once_was_years_ahead_does_not_stop_work_until_then():
    done = after(
        SUNDAY_FIVE,
        first_start(SUNDAY_FIVE, at("2099-01-01 00:00")),
        ("plan", "nightly"),
        at("2099-01-01 00:00"),
    )
    now = at("2026-11-24 12:00")
    assert set(due(SUNDAY_FIVE, done, now)) == {"nightly", "plan", "poll"}
    done = after(SUNDAY_FIVE, done, ("nightly", "plan", "poll"), now)
    assert due(SUNDAY_FIVE, done, now) == ()


def test_a_date_ahead_of_the_clock_is_believed_for_two_weeks():
    now = at("2026-11-23 10:00")
    ahead = LastRuns(now, date(2026, 12, 6), date(2026, 12, 7))
    assert due(SUNDAY_FIVE, ahead, now) == ()
    ahead = LastRuns(now, date(2026, 12, 13), date(2026, 12, 8))
    assert due(SUNDAY_FIVE, ahead, now) == ("nightly", "plan")


# --- what comes next ---


def test_moments_are_told_in_utc_wherever_the_machine_is(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    clock.tzset()
    assert plan_moment(SUNDAY_FIVE, SUNDAY).isoformat() == "2026-11-22T16:00:00+00:00"


def test_what_comes_next_is_told_with_its_time():
    done = LastRuns(at("2026-11-22 12:00"), date(2026, 11, 15), SUNDAY)
    assert upcoming(SUNDAY_FIVE, done, at("2026-11-22 12:05")) == (
        ("poll", at("2026-11-22 12:15")),
        ("plan", at("2026-11-22 17:00")),
        ("nightly", at("2026-11-23 03:30")),
    )


def test_what_is_overdue_comes_now():
    done = LastRuns(at("2026-11-22 12:00"), date(2026, 11, 8), SUNDAY)
    now = at("2026-11-22 12:05")
    assert dict(upcoming(SUNDAY_FIVE, done, now))["plan"] == now


@given(
    now=st.timedeltas(timedelta(0), timedelta(days=730)).map(
        lambda after: datetime(2026, 1, 1, tzinfo=UTC) + after
    ),
    zone=st.sampled_from(
        [
            "Europe/Berlin",
            "America/New_York",
            "Pacific/Auckland",
            "Asia/Kathmandu",
            "America/Havana",
        ]
    ),
    weekday=st.integers(0, 6),
    minute=st.integers(0, 1439),
)
def test_whatever_comes_next_is_due_then_and_not_a_second_before(now, zone, weekday, minute):
    wanted = Timetable(
        timedelta(minutes=15), weekday, time(minute // 60, minute % 60), ZoneInfo(zone)
    )
    done = after(wanted, first_start(wanted, now), ("poll",), now)
    for job, moment in upcoming(wanted, done, now):
        assert job not in due(
            wanted, done, moment - timedelta(seconds=1)
        ) or moment <= now + timedelta(seconds=1)
        assert job in due(wanted, done, moment)


def test_a_plan_is_named_by_its_date():
    assert last_plan(SUNDAY_FIVE, at("2026-11-22 17:00")) == SUNDAY
    assert last_plan(SUNDAY_FIVE, at("2026-11-22 16:59")) == date(2026, 11, 15)
