"""Times as people name them in an order: "3 weeks", "until January", "on 12 May", "next week",
"tuesday".

What was named is kept apart from what it means, since that depends on the day on which it is read.
"""

from __future__ import annotations

from calendar import day_name, month_name
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

LONGEST = timedelta(days=10 * 365)
"""Nothing is put off for longer."""
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_DAY = timedelta(days=1)
_REACH = 9
"""Years in which every date comes once: 29 February may be eight years away."""


@dataclass(frozen=True, slots=True)
class When:
    """A time as it was named."""

    kind: Literal["span", "next", "weekday", "month", "date"]
    number: int = 0
    """Of units; the weekday (0 is Monday); the month; of days from today, one at most (a `date`
    without a month)."""
    unit: str = ""
    """`day`, `week`, `month` or `year`."""
    month: int = 0
    day: int = 0
    year: int = 0
    """0: none was named."""

    @property
    def text(self) -> str:
        """In one spelling: the same time always gives the same text."""
        match self.kind:
            case "span":
                return f"{self.number} {self.unit}{'s' * (self.number != 1)}"
            case "next":
                return f"next {self.unit}"
            case "weekday":
                return day_name[self.number]
            case "month":
                return month_name[self.number]
        if not self.month:
            return {-1: "yesterday", 0: "today", 1: "tomorrow"}[self.number]
        return f"{self.day} {month_name[self.month]} {self.year or ''}".rstrip()

    @property
    def duration(self) -> timedelta | None:
        """How long a span is; None for anything else, and for what is no span worth the name."""
        if self.kind != "span":
            return None
        days = self.number * _DAYS[self.unit]
        return timedelta(days=days) if 0 < days <= LONGEST.days else None


def is_sensible(when: When) -> bool:
    """Whether there is such a time."""
    if when.kind == "span":
        return when.duration is not None
    if when.kind == "date" and when.month:
        return _made(when.year or 2024, when.month, when.day) is not None
    return True


def until(when: When, now: datetime, zone: tzinfo) -> datetime:
    """The instant until which something is put off: a span from `now`, else the beginning of the
    next such day, week, month or year in `zone`; never more than `LONGEST` away."""
    latest = now + LONGEST
    if when.duration is not None:
        return min(latest, now + when.duration)
    return min(latest, max(now, _begins(_first_day(when, now.astimezone(zone).date()), zone)))


def met_at(when: When, now: datetime, zone: tzinfo) -> datetime:
    """Noon in `zone` of the last such day, at the latest `now`."""
    today = now.astimezone(zone).date()
    day = today
    match when.kind:
        case "weekday":
            day = today - timedelta(days=(today.weekday() - when.number) % 7)
        case "span":
            day = today - (when.duration or timedelta())
        case "date" if when.month:
            day = _last_date(when, today)
        case "date":
            day = today + timedelta(days=when.number)
    return min(now, datetime.combine(day, time(12), zone).astimezone(UTC))


def allows(when: When | None, day: date, today: date) -> bool:
    """Whether a day (in the user's zone) is at the time named; without one any is."""
    if when is None:
        return True
    match when.kind:
        case "weekday":
            return day.weekday() == when.number
        case "next" if when.unit == "week":
            return _first_day(when, today) <= day < _first_day(when, today) + 7 * _DAY
        case "date":
            return day == _first_day(when, today)
    return False


def lies_in(when: When, day: date, today: date) -> bool:
    """Whether a day (in the user's zone), today or later, lies in the span that is meant where
    somebody says when to meet: "in 2 weeks" is the week that begins then, "next month" all of
    it."""
    match when.kind:
        case "span":
            first = today + (when.duration or timedelta())
            return first <= day < first + timedelta(days=_DAYS[when.unit])
        case "month":
            return day.month == when.number
        case "next" if when.unit == "month":
            return day.replace(day=1) == _first_day(when, today)
        case "next" if when.unit == "year":
            return day.year == today.year + 1
    return allows(when, day, today)


def _first_day(when: When, today: date) -> date:
    """The next day, after `today`, with which such a time begins."""
    match when.kind:
        case "weekday":
            return today + timedelta(days=(when.number - today.weekday() - 1) % 7 + 1)
        case "month":
            return date(today.year + (when.number <= today.month), when.number, 1)
        case "next" if when.unit == "week":
            return today + timedelta(days=7 - today.weekday())
        case "next" if when.unit == "month":
            return date(today.year + today.month // 12, today.month % 12 + 1, 1)
        case "next" if when.unit == "year":
            return date(today.year + 1, 1, 1)
        case "date" if when.month:
            return _next_date(when, today)
    return today + timedelta(days=when.number)


def _next_date(when: When, today: date) -> date:
    if when.year:
        return _made(when.year, when.month, when.day) or today
    years = range(today.year, today.year + _REACH)
    coming = (_made(year, when.month, when.day) for year in years)
    return next(day for day in coming if day is not None and day >= today)


def _last_date(when: When, today: date) -> date:
    if when.year:
        return min(today, _made(when.year, when.month, when.day) or today)
    past = (
        _made(year, when.month, when.day) for year in range(today.year, today.year - _REACH, -1)
    )
    return next(day for day in past if day is not None and day <= today)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
