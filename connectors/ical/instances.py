"""When a rule takes place: the starts of its instances in a window (RFC 5545 section 3.3.10,
RFC 7529 section 4.1).

A rule counts in periods: years, months, weeks, days, or steps of a clock. In each of them its parts
give days, the times of these days, and of all that BYSETPOS takes some. Everything is reckoned by
the wall clock and becomes an instant at the end. Without COUNT nothing is gone through that lies
before the window, and nothing ever that lies behind it: what a rule costs follows from the window
alone, not from how long ago it began nor from whether it ever strikes."""

from __future__ import annotations

import itertools
from calendar import isleap, monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from connectors.ical.moments import Moment
from connectors.ical.rules import FINER_THAN_DAYS, Rule, Skip, UnreadableRuleError
from connectors.ical.zones import utc

MAX_OCCURRENCES: Final = 20_000
"""More in one window than anybody's calendar has: hourly for more than two years."""
_MOST_A_DAY: Final = 24
_MOST_STEPS: Final = 200_000
"""Of a clock: hourly for more than twenty years."""

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_UNITS: Final = {
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
_LAST_YEAR: Final = 9990


def starts_of(rule: Rule, begin: Moment, first: datetime, last: datetime) -> list[Moment]:
    """The starts of the instances, in the form of `begin`, that lie between two instants (UTC,
    inclusive; for dates their midnights in UTC); in order, `begin` itself only where the rule
    gives it. Raises UnreadableRuleError where a rule strikes more often than hourly, or more often
    than anybody's calendar does."""
    timed = isinstance(begin, datetime)
    zone = begin.tzinfo if isinstance(begin, datetime) else UTC
    result: list[Moment] = []
    for wall in _by_the_wall(rule, begin, first.astimezone(zone), last.astimezone(zone)):
        moment: Moment = wall.replace(tzinfo=zone) if timed else wall.date()
        instant = utc(moment) if isinstance(moment, datetime) else wall.replace(tzinfo=UTC)
        if rule.until is not None and (instant if timed else moment) > rule.until:
            break
        if first <= instant <= last:
            result.append(moment)
    return result


def _by_the_wall(rule: Rule, begin: Moment, first: datetime, last: datetime) -> list[datetime]:
    """The instances from a day before `first` to a day after `last`, or after UNTIL: which of them
    is one an exact look at them must show, which takes longer."""
    start = begin.replace(tzinfo=None) if isinstance(begin, datetime) else _midnight(begin)
    low, high = first.replace(tzinfo=None) - _DAY, last.replace(tzinfo=None) + _DAY
    if isinstance(rule.until, datetime):
        high = min(high, rule.until.astimezone(first.tzinfo).replace(tzinfo=None) + _DAY)
    elif rule.until is not None:
        high = min(high, _midnight(rule.until) + _DAY)
    found = _instances(rule, start, low if rule.count is None else start, high)
    result: list[datetime] = []
    today, so_many = None, 0
    for instance in itertools.islice(found, rule.count):
        if instance > high:
            break
        so_many = so_many + 1 if instance.date() == today else 1
        today = instance.date()
        if so_many > _MOST_A_DAY:
            raise UnreadableRuleError("it repeats more often than hourly")
        if instance >= low:
            result.append(instance)
            if len(result) > MAX_OCCURRENCES:
                raise UnreadableRuleError(f"it takes place more than {MAX_OCCURRENCES} times")
    return result


def _instances(rule: Rule, start: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """Instances by the wall clock, in order, each once: from `start` on all that lie between `low`
    and `high`, and perhaps some around."""
    latest = start - timedelta(seconds=1)
    for found in _periods(rule, start, low, high):
        for instance in _chosen(found, rule.positions) if rule.positions else found:
            if instance > latest:
                latest = instance
                yield instance


def _chosen(found: Sequence[datetime], positions: Iterable[int]) -> list[datetime]:
    """What BYSETPOS takes of the instances of one period."""
    return sorted(
        {
            found[position - 1 if position > 0 else position]
            for position in positions
            if abs(position) <= len(found)
        }
    )


def _periods(
    rule: Rule, start: datetime, low: datetime, high: datetime
) -> Iterator[Sequence[datetime]]:
    if rule.frequency in FINER_THAN_DAYS:
        yield from _steps(rule, start, low, high)
        return
    times = [
        time(hour, minute, second)
        for hour in sorted(set(rule.hours)) or [start.hour]
        for minute in sorted(set(rule.minutes)) or [start.minute]
        for second in sorted(set(rule.seconds)) or [start.second]
    ]
    if len(times) > _MOST_A_DAY:
        raise UnreadableRuleError("it repeats more often than hourly")
    for days in _DAYS[rule.frequency](rule, start.date(), low.date(), high.date()):
        yield [datetime.combine(day, at) for day in days for at in times]


# --- days ---


def _years(rule: Rule, start: date, low: date, high: date) -> Iterator[Iterable[date]]:
    """One year more on either side: weeks and skipped days reach over its ends. A week belongs to
    the year in which it has four days."""
    begins = _week_of(start, rule.week_start) + 3 * _DAY if rule.weeks else start
    first = _reached(begins.year, low.year - 1, rule.interval)
    for year in range(first, min(high.year + 1, _LAST_YEAR) + 1, rule.interval):
        yield _in_order(_days_of_year(rule, start, year))


def _months(rule: Rule, start: date, low: date, high: date) -> Iterator[Iterable[date]]:
    first = _reached(_month(start), _month(low) - 1, rule.interval)
    for month in range(first, min(_month(high) + 1, _LAST_YEAR * 12) + 1, rule.interval):
        yield _in_order(_days_of_month(rule, start, month // 12, month % 12 + 1))


def _weeks(rule: Rule, start: date, low: date, high: date) -> Iterator[Iterable[date]]:
    limits = rule.month_days or rule.year_days
    weekdays = {weekday for _, weekday in rule.weekdays} or (
        set(range(7)) if limits else {start.weekday()}
    )
    offsets = sorted((weekday - rule.week_start) % 7 for weekday in weekdays)
    may_be = _limits(rule)
    begins = _week_of(start, rule.week_start)
    at = begins + _WEEK * _reached(0, (low - begins).days // 7, rule.interval)
    while at <= high:
        days = [at + timedelta(days=offset) for offset in offsets]
        yield [day for day in days if may_be(day)] if may_be else days
        at += _WEEK * rule.interval


def _single_days(rule: Rule, start: date, low: date, high: date) -> Iterator[Iterable[date]]:
    may_be = _limits(rule)
    at = start + _DAY * _reached(0, (low - start).days, rule.interval)
    while at <= high:
        if may_be is None or may_be(at):
            yield (at,)
        at += _DAY * rule.interval


_DAYS: Final = {"YEARLY": _years, "MONTHLY": _months, "WEEKLY": _weeks, "DAILY": _single_days}


def _days_of_year(rule: Rule, start: date, year: int) -> Iterable[date | None]:
    months = rule.months or range(1, 13)
    if rule.weeks:
        in_weeks = [day for week in rule.weeks for day in _days_of_week(rule, start, year, week)]
        return [
            day
            for day in in_weeks
            if day.month in months
            and _fits(rule, day)
            and (not rule.year_days or _is_year_day(day, rule.year_days))
        ]
    if rule.year_days:
        of_year = [_year_day(year, number, rule.skip) for number in rule.year_days]
        return [
            day
            for day in of_year
            if day and day.month in months and _fits(rule, day) and _is_named(rule, day)
        ]
    if rule.month_days:
        of_months = [
            _month_day(year, month, number, rule.skip)
            for month in months
            for number in rule.month_days
        ]
        return [day for day in of_months if day and _is_named(rule, day)]
    if rule.weekdays:
        return [day for month in months for day in _all_days(year, month) if _is_named(rule, day)]
    return [
        _month_day(year, month, start.day, rule.skip) for month in rule.months or (start.month,)
    ]


def _days_of_month(rule: Rule, start: date, year: int, month: int) -> Iterable[date | None]:
    if rule.months and month not in rule.months:
        return ()
    if rule.month_days:
        days = [_month_day(year, month, number, rule.skip) for number in rule.month_days]
    elif rule.weekdays or rule.year_days:
        days = list(_all_days(year, month))
    elif rule.weeks:
        days = [day for day in _all_days(year, month) if day.weekday() == start.weekday()]
    else:
        days = [_month_day(year, month, start.day, rule.skip)]
    # Which part of a month a year's days and weeks are, the standard does not say: they limit.
    return [
        day
        for day in days
        if day
        and _is_named(rule, day)
        and (not rule.year_days or _is_year_day(day, rule.year_days))
        and (not rule.weeks or _is_in_weeks(day, rule))
    ]


def _days_of_week(rule: Rule, start: date, year: int, week: int) -> Iterable[date]:
    """The days of a week of the year that BYDAY takes, or else the weekday on which the series
    starts: what a rule does not say is taken from DTSTART (RFC 5545 section 3.3.10)."""
    begins = _first_week(year, rule.week_start)
    weeks = (_first_week(year + 1, rule.week_start) - begins) // _WEEK
    number = week if week > 0 else weeks + 1 + week
    if not 1 <= number <= weeks:
        return ()
    weekdays = {weekday for _, weekday in rule.weekdays}
    if not weekdays:
        every = rule.month_days or rule.year_days
        weekdays = set(range(7)) if every else {start.weekday()}
    days = (begins + _WEEK * (number - 1) + _DAY * offset for offset in range(7))
    return [day for day in days if day.weekday() in weekdays]


def _fits(rule: Rule, day: date) -> bool:
    """Whether a day that a week or a year gave is one of BYMONTHDAY's too."""
    return not rule.month_days or _is_month_day(day, rule.month_days)


def _limits(rule: Rule) -> Callable[[date], bool] | None:
    """What limits the days of a period that has no more than a week; None where nothing does."""
    if not (rule.months or rule.weeks or rule.year_days or rule.month_days or rule.weekdays):
        return None
    weekdays = {weekday for _, weekday in rule.weekdays}

    def may_be(day: date) -> bool:
        return (
            (not rule.months or day.month in rule.months)
            and (not weekdays or day.weekday() in weekdays)
            and (not rule.month_days or _is_month_day(day, rule.month_days))
            and (not rule.year_days or _is_year_day(day, rule.year_days))
            and (not rule.weeks or _is_in_weeks(day, rule))
        )

    return may_be


def _is_named(rule: Rule, day: date) -> bool:
    """Whether BYDAY has this day, or there is none. It counts within the month where the rule
    speaks of months, else within the year."""
    if not rule.weekdays:
        return True
    if rule.frequency == "MONTHLY" or rule.months:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = day.timetuple().tm_yday, 365 + isleap(day.year)
    weekday = day.weekday()
    return any(
        weekday == which
        and (not nth or nth == (number - 1) // 7 + 1 or -nth == (length - number) // 7 + 1)
        for nth, which in rule.weekdays
    )


def _is_month_day(day: date, numbers: Sequence[int]) -> bool:
    return day.day in numbers or day.day - monthrange(day.year, day.month)[1] - 1 in numbers


def _is_year_day(day: date, numbers: Sequence[int]) -> bool:
    number = day.timetuple().tm_yday
    return number in numbers or number - 366 - isleap(day.year) in numbers


def _is_in_weeks(day: date, rule: Rule) -> bool:
    begins = _week_of(day, rule.week_start)
    year = (begins + 3 * _DAY).year
    first = _first_week(year, rule.week_start)
    weeks = (_first_week(year + 1, rule.week_start) - first) // _WEEK
    number = (begins - first) // _WEEK + 1
    return number in rule.weeks or number - weeks - 1 in rule.weeks


def _month_day(year: int, month: int, number: int, skip: Skip) -> date | None:
    length = monthrange(year, month)[1]
    day = number if number > 0 else length + 1 + number
    if 1 <= day <= length:
        return date(year, month, day)
    if skip == "OMIT":
        return None
    if number > 0:
        return date(year, month, length) + (_DAY if skip == "FORWARD" else timedelta())
    return date(year, month, 1) - (_DAY if skip == "BACKWARD" else timedelta())


def _year_day(year: int, number: int, skip: Skip) -> date | None:
    length = 365 + isleap(year)
    day = number if number > 0 else length + 1 + number
    if 1 <= day <= length or ((skip == "FORWARD") == (number > 0) and skip != "OMIT"):
        return date(year, 1, 1) + (day - 1) * _DAY
    if skip == "OMIT":
        return None
    return date(year, 12, 31) if number > 0 else date(year, 1, 1)


def _all_days(year: int, month: int) -> Iterable[date]:
    return (date(year, month, day + 1) for day in range(monthrange(year, month)[1]))


def _first_week(year: int, week_start: int) -> date:
    """The first day of a year's first week: the one with four days at least in that year."""
    return _week_of(date(year, 1, 4), week_start)


def _week_of(day: date, week_start: int) -> date:
    return day - (day.weekday() - week_start) % 7 * _DAY


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _in_order(days: Iterable[date | None]) -> list[date]:
    return sorted({day for day in days if day is not None})


def _reached(start: int, low: int, interval: int) -> int:
    """The first of `start`, `start + interval`, … that is not below `low`."""
    return start + max(0, -((start - low) // interval)) * interval


# --- steps of a clock ---


def _steps(
    rule: Rule, start: datetime, low: datetime, high: datetime
) -> Iterator[Sequence[datetime]]:
    """Each step of the clock with its instances; days, hours and minutes in which none can be are
    passed over at once."""
    unit = _UNITS[rule.frequency]
    step = unit * rule.interval
    may_be = _limits(rule)
    at = _onward(start, step, low)
    for _ in range(_MOST_STEPS):
        if at > high:
            return
        hour = at.replace(minute=0, second=0)
        if may_be is not None and not may_be(at.date()):
            at = _onward(at, step, _midnight(at.date()) + _DAY)
        elif rule.hours and at.hour not in rule.hours:
            at = _onward(at, step, hour + timedelta(hours=1))
        elif unit < _UNITS["HOURLY"] and rule.minutes and at.minute not in rule.minutes:
            at = _onward(at, step, at.replace(second=0) + timedelta(minutes=1))
        else:
            yield _instances_of_step(rule, at)
            at += step
    raise UnreadableRuleError("it repeats more often than hourly")


def _instances_of_step(rule: Rule, at: datetime) -> Sequence[datetime]:
    minutes = rule.minutes if rule.frequency == "HOURLY" and rule.minutes else [at.minute]
    seconds = rule.seconds or [at.second]
    if rule.frequency == "SECONDLY":
        return [at] if at.second in seconds else []
    return sorted(
        {at.replace(minute=minute, second=second) for minute in minutes for second in seconds}
    )


def _onward(at: datetime, step: timedelta, low: datetime) -> datetime:
    """The first of `at`, `at + step`, … that is not before `low`."""
    return at + max(0, -((at - low) // step)) * step
