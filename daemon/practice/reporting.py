"""How the practice is going: weeks with a date, the streak, and who is kept within their cadence.

A *date* is a completed one-on-one with a contact, counted or entered by hand. Weeks run from Monday
to Sunday in the user's zone. The week that is going on can lengthen a streak and never breaks it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.sanitize import sanitize
from daemon.judging.recency import Met, Standing
from daemon.planning.pace import streak
from daemon.practice.outcomes import NONE, Outcomes

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class WeekCount:
    """One week and how many dates it had."""

    monday: date
    dates: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How many people of a circle were met within their cadence."""

    circle: str
    """Empty for people without one."""
    people: int
    within: int
    overdue: tuple[str, ...]
    """The names of those of the others who are due, the most pressing first: somebody new may
    not be yet."""


@dataclass(frozen=True, slots=True)
class Practice:
    """How it is going."""

    weeks: tuple[WeekCount, ...]
    """The oldest first; the last one is going on."""
    streak: int
    """Weeks in a row with at least one date, up to now."""
    longest: int
    """The longest such row within the weeks looked at."""
    circles: tuple[Kept, ...]
    birthdays: tuple[tuple[date, str], ...] = ()
    """The nearby ones, in the user's zone, and whose; the next first."""
    outcomes: Outcomes = NONE
    """Of the holds made in this time."""

    @property
    def weeks_with_a_date(self) -> int:
        return sum(week.dates > 0 for week in self.weeks)

    @property
    def dates(self) -> int:
        return sum(week.dates for week in self.weeks)


def practice(
    met: Iterable[Met], standings: Sequence[Standing], now: datetime, zone: ZoneInfo, weeks: int
) -> Practice:
    """How the last `weeks` weeks went, this one included; `standings` with the most pressing
    first."""
    today = now.astimezone(zone).date()
    this_week = _monday(today)
    met = list(met)
    dates = {(meeting.contact_key, meeting.start) for meeting in met if meeting.end <= now}
    counts = Counter(_monday(start.astimezone(zone).date()) for _, start in dates)
    mondays = [this_week - _WEEK * back for back in range(weeks - 1, -1, -1)]
    dates_of_weeks = tuple(WeekCount(monday, counts[monday]) for monday in mondays)
    return Practice(
        dates_of_weeks,
        streak((meeting.end for meeting in met), zone, now),
        _longest(dates_of_weeks),
        _kept(standings, now),
        birthdays_of(standings),
    )


def birthdays_of(standings: Iterable[Standing]) -> tuple[tuple[date, str], ...]:
    """The nearby birthdays and whose they are, the next first."""
    nearby = (
        (standing.birthday, sanitize(standing.contact.name))
        for standing in standings
        if standing.birthday
    )
    return tuple(sorted(nearby))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _longest(weeks: Iterable[WeekCount]) -> int:
    longest = row = 0
    for week in weeks:
        row = row + 1 if week.dates else 0
        longest = max(longest, row)
    return longest


def _kept(standings: Sequence[Standing], now: datetime) -> tuple[Kept, ...]:
    """By circle in order of first appearance of its people by name; paused people are left out."""
    by_circle: dict[str, list[Standing]] = {}
    for standing in sorted(
        standings, key=lambda each: (each.contact.circle == "", each.contact.circle)
    ):
        if not standing.contact.paused:
            by_circle.setdefault(standing.contact.circle, []).append(standing)
    pressing = {standing.contact.key: rank for rank, standing in enumerate(standings)}
    kept = []
    for circle, people in by_circle.items():
        late = [
            standing
            for standing in people
            if standing.last_met is None or standing.last_met + standing.contact.cadence < now
        ]
        late.sort(key=lambda standing: pressing[standing.contact.key])
        names = tuple(standing.contact.name for standing in late if standing.due <= now)
        kept.append(Kept(circle, len(people), len(people) - len(late), names))
    return tuple(kept)
