"""What the daemon has to do, and when: a pure function of what was done and the time.

A *poll* is due by distance: `poll` after the last one, or at once when the clock was set back
before it. *Planning* and the *nightly* work are due by date: the newest planned instant that has
passed names its date in the user's zone, and work is due while that date is later than the one last
done. So a missed Sunday is caught up once, a clock that jumps back repeats nothing, and a move to
another zone neither skips nor repeats a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from daemon.config.schema import Rhythm

Task = Literal["poll", "plan", "nightly"]
NIGHTLY_AT = time(3, 30)
"""Wall clock, user's zone: the ledger's backup."""

BELIEVABLE = timedelta(weeks=2)
"""A date done further ahead than this was written by a clock that was wrong: it must not stop work
until then."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """The config's share: how often to poll, when to plan, and in which zone."""

    poll: timedelta
    plan_weekday: int
    """Monday is 0."""
    plan_at: time
    """Wall clock, in `zone`."""
    zone: ZoneInfo
    late: timedelta = timedelta()
    """How much later than the wall clock says, where many share a host (`spreading`)."""


@dataclass(frozen=True, slots=True)
class LastRuns:
    """What was done last. Dates are those of the planned instants, in the zone of the time."""

    polled: datetime | None = None
    planned: date | None = None
    nightly: date | None = None


def timetable(rhythm: Rhythm, zone: ZoneInfo) -> Timetable:
    """When the config wants things done."""
    return Timetable(rhythm.poll, rhythm.plan.weekday, rhythm.plan.at, zone)


def first_start(table: Timetable, now: datetime) -> LastRuns:
    """What a new ledger begins with: nothing to catch up, so that installing on a Monday plans no
    sooner than the config says, but reads at once."""
    return LastRuns(planned=last_plan(table, now), nightly=_last_night(table, now))


def due(table: Timetable, last_runs: LastRuns, now: datetime) -> tuple[Task, ...]:
    """The jobs due at `now` (aware), in the order in which to do them. Planning implies a poll."""
    tasks: list[Task] = []
    if _behind(last_runs.nightly, _last_night(table, now)):
        tasks.append("nightly")
    if _behind(last_runs.planned, last_plan(table, now)):
        tasks.append("plan")
    if last_runs.polled is None or not last_runs.polled <= now < last_runs.polled + table.poll:
        tasks.append("poll")
    return tuple(tasks)


def after(
    table: Timetable, last_runs: LastRuns, tasks: tuple[Task, ...], now: datetime
) -> LastRuns:
    """What has been done once `jobs`, which were due at `now`, have succeeded."""
    if "nightly" in tasks:
        last_runs = replace(last_runs, nightly=_last_night(table, now))
    if "plan" in tasks:
        last_runs = replace(last_runs, planned=last_plan(table, now))
    if "poll" in tasks or "plan" in tasks:
        # Whole seconds: the tick that comes exactly `poll` later, give or take a millisecond, must
        # find it due.
        last_runs = replace(last_runs, polled=now.replace(microsecond=0))
    return last_runs


def upcoming(
    table: Timetable, last_runs: LastRuns, now: datetime
) -> tuple[tuple[Task, datetime], ...]:
    """When each job comes next (UTC), soonest first; `now` for one that is due."""
    overdue = due(table, last_runs, now)
    moments: dict[Task, datetime] = {
        "poll": (last_runs.polled or now) + table.poll,
        "plan": plan_moment(table, last_plan(table, now) + timedelta(weeks=1)) + table.late,
        "nightly": _at(_last_night(table, now) + timedelta(days=1), NIGHTLY_AT, table.zone)
        + table.late,
    }
    moments |= dict.fromkeys(overdue, now)
    return tuple(sorted(moments.items(), key=lambda pair: pair[1]))


def last_plan(table: Timetable, now: datetime) -> date:
    """The date of the newest instant to plan at that has passed: it names that plan."""
    now -= table.late
    today = now.astimezone(table.zone).date()
    day = today - timedelta(days=(today.weekday() - table.plan_weekday) % 7)
    return day if _at(day, table.plan_at, table.zone) <= now else day - timedelta(weeks=1)


def plan_moment(table: Timetable, plan: date) -> datetime:
    """The instant (UTC) of the plan of a date, by the wall clock."""
    return _at(plan, table.plan_at, table.zone)


def _last_night(table: Timetable, now: datetime) -> date:
    now -= table.late
    today = now.astimezone(table.zone).date()
    return today if _at(today, NIGHTLY_AT, table.zone) <= now else today - timedelta(days=1)


def _behind(last_runs: date | None, newest: date) -> bool:
    return last_runs is None or newest > last_runs or last_runs - newest > BELIEVABLE


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """An instant (UTC) by the wall clock. In the hour that a clock skips it is as much later as the
    clock skips; of an hour shown twice it is the first."""
    return datetime.combine(day, at, zone).astimezone(UTC)
