"""Spans, dates and times as people say them: the one style of everything that fikad prints.

A date is "Tue 1 Dec 2026", a time that is near "Tue 1 Dec 10:00", one that may be years away "Tue 1
Dec 2026 10:00"."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

_DAY = timedelta(days=1)


def duration_in_words(duration: timedelta) -> str:
    """A duration as it is written in the config: "6 weeks", "1 month"; days where nothing larger is
    exact."""
    days = max(round(duration / _DAY), 1)
    if days == 91:
        return "3 months"
    for unit, length in (("year", 365), ("month", 30), ("week", 7)):
        if days % length == 0:
            return counted(days // length, unit)
    return counted(days, "day")


def every(cadence: timedelta) -> str:
    """How often: "every 6 weeks", "every month"."""
    return f"every {duration_in_words(cadence).removeprefix('1 ')}"


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


def on_day(day: date) -> str:
    """A date as "Tue 1 Dec 2026"."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def at_time(moment: datetime, zone: tzinfo) -> str:
    """A time not far from now, by the clock of `zone`: "Tue 1 Dec 10:00"."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def at_moment(moment: datetime, zone: tzinfo) -> str:
    """A time in any year, by the clock of `zone`: "Tue 1 Dec 2026 10:00"."""
    local = moment.astimezone(zone)
    return f"{on_day(local.date())} {local:%H:%M}"


def counted(number: int, what: str) -> str:
    """ "1 meeting", "2 meetings": for words whose plural has an s."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
