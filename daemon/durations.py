"""Durations, dates and times as people write and read them: the one style of everything that fikad
prints.

Durations are `timedelta`s; a month is 30 days and a year 365, since a cadence is a measure of
longing and not of calendars. A date is "Tue 1 Dec 2026", a time that is near "Tue 1 Dec 10:00", one
that may be years away "Tue 1 Dec 2026 10:00"; where the month comes first or a day has twice twelve
hours, as a `DateStyle` says, "Tue Dec 1, 2026, 10:00 AM"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

from daemon.bad_value import BadValue, suggestion
from daemon.languages.date_style import PLAIN, DateStyle

CADENCES = tuple(timedelta(days=days) for days in (7, 14, 21, 30, 42, 60, 90, 120, 182, 365))
"""The cadences that people think in, the shortest first: one, two and three weeks, a month, six
weeks, two, three and four months, twice a year, a year."""

_DAY = timedelta(days=1)
_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": _DAY,
    "week": 7 * _DAY,
    "month": 30 * _DAY,
    "quarter": 91 * _DAY,
    "year": 365 * _DAY,
}
_WORDS = {
    "daily": _DAY,
    "weekly": 7 * _DAY,
    "fortnightly": 14 * _DAY,
    "monthly": 30 * _DAY,
    "quarterly": 91 * _DAY,
    "twice a year": 182 * _DAY,
    "yearly": 365 * _DAY,
}
_ONLY_BY_WORD = {_WORDS[word]: word for word in ("quarterly", "twice a year")}
"""Nobody who wrote these thinks of 13 weeks or of 26."""
_LONGEST = timedelta(days=100 * 365)


def parse_duration(value: object) -> timedelta:
    """ "6 weeks", "1 day" or "monthly" as a timedelta. Raises BadValue."""
    example = 'write for example "6 weeks", "1 month" or "15 minutes"'
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise BadValue("lacks its unit", example)
    if not isinstance(value, str):
        raise BadValue("is not a duration", example)
    text = " ".join(value.lower().split())
    if text in _WORDS:
        return _WORDS[text]
    if text.startswith(("-", "−")):
        raise BadValue("must not be negative", example)
    parts = re.fullmatch(r"(\d{1,9})\s*([a-z]+?)s?", text)
    if not parts or parts[2] not in _UNITS:
        unit = re.sub(r"[\d\s]+", "", text)
        raise BadValue("is not a duration", suggestion(unit, [f"{u}s" for u in _UNITS]) or example)
    if int(parts[1]) > _LONGEST / _UNITS[parts[2]]:
        raise BadValue("is longer than a hundred years", example)
    return int(parts[1]) * _UNITS[parts[2]]


def duration_text(duration: timedelta) -> str:
    """The shortest way to write a duration, as `parse_duration` reads it: "6 weeks", "twice a
    year". Whole seconds."""
    if duration in _ONLY_BY_WORD:
        return _ONLY_BY_WORD[duration]
    for unit in ("year", "month", "week", "day", "hour", "minute"):
        if duration and not duration % _UNITS[unit]:
            count = duration // _UNITS[unit]
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{duration // _UNITS['second']} seconds"


def duration_in_words(duration: timedelta) -> str:
    """A duration as it is said, to the day: "6 weeks", "1 month", "twice a year"; days where
    nothing larger is exact."""
    days = max(round(duration / _DAY), 1)
    return "3 months" if days == 91 else duration_text(days * _DAY)


def every(cadence: timedelta) -> str:
    """How often: "every 6 weeks", "every month", "twice a year"."""
    words = duration_in_words(cadence)
    return words if words in _WORDS else f"every {words.removeprefix('1 ')}"


def gap_in_words(days: float) -> str:
    """A gap between meetings, rounded to what people say: "4 weeks", "5 months". Nobody says 37
    days."""
    whole = max(round(days), 1)
    if whole <= 21:
        return duration_in_words(whole * _DAY)
    return f"{round(whole / 7)} weeks" if whole <= 84 else f"{round(whole / 30)} months"


def roughly(duration: timedelta) -> str:
    """How long something went on, rounded down: "a minute", "90 minutes", "3 hours", "2 days"."""
    for unit in ("day", "hour"):
        if duration >= 2 * _UNITS[unit]:
            return f"{duration // _UNITS[unit]} {unit}s"
    minutes = duration // _UNITS["minute"]
    return "a minute" if minutes < 2 else f"{minutes} minutes"


def ago(then: datetime, now: datetime, zone: tzinfo) -> str:
    """Time passed, by the calendar of `zone` and rounded to what people say: "today", "yesterday",
    "5 days ago", "7 weeks ago", "5 months ago", "2 years ago". It changes at midnight only,
    whatever the hours were."""
    days = (now.astimezone(zone).date() - then.astimezone(zone).date()).days
    if days < 1:
        return "today"
    if days == 1:
        return "yesterday"
    if days < 14:
        return f"{days} days ago"
    if days < 84:
        return f"{counted(days // 7, 'week')} ago"
    if days < 730:
        return f"{counted(days // 30, 'month')} ago"
    return f"{counted(days // 365, 'year')} ago"


def on_day(day: date, style: DateStyle = PLAIN) -> str:
    """A date as "Tue 1 Dec 2026" or "Tue Dec 1, 2026"."""
    return f"{_short_day(day, style)}{',' if style.month_first else ''} {day.year}"


def on_days(first: date, last: date, style: DateStyle = PLAIN) -> str:
    """A span of days, both included: "Mon 30 Nov to Fri 4 Dec 2026"; one day as `on_day`."""
    if first == last:
        return on_day(first, style)
    begin = _short_day(first, style) if first.year == last.year else on_day(first, style)
    return f"{begin} to {on_day(last, style)}"


def at_time(moment: datetime, zone: tzinfo, style: DateStyle = PLAIN) -> str:
    """A time not far from now, by the clock of `zone`: "Tue 1 Dec 10:00"."""
    local = moment.astimezone(zone)
    return f"{_short_day(local, style)}{_pause(style)} {_clock_time(local, style)}"


def at_moment(moment: datetime, zone: tzinfo, style: DateStyle = PLAIN) -> str:
    """A time in any year, by the clock of `zone`: "Tue 1 Dec 2026 10:00"."""
    local = moment.astimezone(zone)
    return f"{on_day(local.date(), style)}{_pause(style)} {_clock_time(local, style)}"


def at_hour(moment: datetime, zone: tzinfo, style: DateStyle = PLAIN) -> str:
    """A time of day by the clock of `zone`: "10:00", "10:00 AM"."""
    return _clock_time(moment.astimezone(zone), style)


def _short_day(day: date, style: DateStyle) -> str:
    return f"{day:%a %b} {day.day}" if style.month_first else f"{day:%a} {day.day} {day:%b}"


def _pause(style: DateStyle) -> str:
    """Parts a date from a time that could be read as one number with it."""
    return "" if style == PLAIN else ","


def _clock_time(local: datetime, style: DateStyle) -> str:
    return f"{local.hour % 12 or 12}:{local:%M %p}" if style.twelve_hours else f"{local:%H:%M}"


def counted(number: int, what: str, many: str = "") -> str:
    """ "1 meeting", "2 meetings"; `many` where the plural is not made with an s."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {many or f'{what}s'}"


def clock_time(minute: int | None) -> str:
    """A minute of the day as "09:30"; nothing for None."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def iso_time(moment: datetime | None, zone: tzinfo) -> str | None:
    """A time as programs read it: ISO 8601 with the offset of `zone`, to the second."""
    return None if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")
