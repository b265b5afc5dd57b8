"""Spans and dates as people say them."""

from __future__ import annotations

from datetime import date, timedelta

_DAY = timedelta(days=1)


def spoken(duration: timedelta) -> str:
    """A duration as it is written in the config: "6 weeks", "1 month"; days where nothing larger is exact."""
    days = max(round(duration / _DAY), 1)
    if days == 91:
        return "3 months"
    for unit, length in (("year", 365), ("month", 30), ("week", 7)):
        if days % length == 0:
            return _count(days // length, unit)
    return _count(days, "day")


def ago(elapsed: timedelta) -> str:
    """Time passed, rounded to what people say: "today", "5 days ago", "7 weeks ago", "5 months ago", "2 years ago"."""
    days = elapsed // _DAY
    if days < 1:
        return "today"
    if days < 14:
        return f"{_count(days, 'day')} ago"
    if days < 84:
        return f"{_count(days // 7, 'week')} ago"
    if days < 730:
        return f"{_count(days // 30, 'month')} ago"
    return f"{_count(days // 365, 'year')} ago"


def in_words(day: date) -> str:
    """A date as "Tuesday 10 November 2026"."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
