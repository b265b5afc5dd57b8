"""Weekdays and hours as people type them, "mon-fri 9-18, sat 10-14", and as they are shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby

from daemon.bad_value import BadValue, suggestion
from daemon.config.values import WEEKDAY_NAMES, TimeRange, as_written
from daemon.languages.weekdays import weekday

Hours = Mapping[int, tuple[TimeRange, ...]]
"""By weekday, Monday is 0: spans of the wall clock, in order, apart from one another."""

_DASH = r"\s*(?:-|–|to)\s*"
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_SPAN = re.compile(_TIME + _DASH + _TIME)
_DAYS = re.compile(rf"([^\W\d_]+)\.?(?:{_DASH}([^\W\d_]+)\.?)?")
_FILLING = frozenset({"and", "from", "on", "at", "between"})
_GROUPS = {
    "weekdays": range(5),
    "workdays": range(5),
    "weekend": range(5, 7),
    "weekends": range(5, 7),
    "daily": range(7),
    "everyday": range(7),
}
_EXAMPLE = 'write for example "mon-fri 9-18, sat 10-14"'


def parse_hours(text: str) -> Hours:
    """The hours of each weekday that is named; those before any weekday are Monday to Friday's.
    Raises BadValue."""
    hours = defaultdict[int, list[TimeRange]](list)
    days: list[int] = list(range(5))
    fresh = used = False  # whether days were named since the last hours; whether hours followed
    for part in _parts(text.casefold().replace("every day", "everyday")):
        if isinstance(part, TimeRange):
            for day in days:
                hours[day].append(part)
            fresh, used = False, True
        else:
            days = [*days, *part] if fresh else part
            fresh, used = True, False
    if not hours or not used:
        raise BadValue("says no hours", _EXAMPLE)
    return {day: joined(spans) for day, spans in sorted(hours.items())}


def _parts(text: str) -> Iterator[TimeRange | list[int]]:
    at = 0
    while rest := text[at:].lstrip(" \t,;:&+/"):
        at = len(text) - len(rest)
        if match := _SPAN.match(text, at):
            yield _span(match)
        elif match := _DAYS.match(text, at):
            if match[1] not in _FILLING or match[2]:
                yield _days(match[1], match[2])
        else:
            raise BadValue(f'has "{rest[:20]}" in it, which cannot be read', _EXAMPLE)
        at = match.end()


def _days(first: str, last: str | None) -> list[int]:
    if last is None and first in _GROUPS:
        return list(_GROUPS[first])
    begin = _weekday(first)
    end = begin if last is None else _weekday(last)
    return [(begin + after) % 7 for after in range((end - begin) % 7 + 1)]


def _weekday(word: str) -> int:
    """English first, cut short or in the plural; then as any language that is shipped has it."""
    english = [
        number
        for number, name in enumerate(WEEKDAY_NAMES)
        if len(word) >= 2 and f"{name}s".startswith(word)
    ]
    day = english[0] if len(english) == 1 else weekday(word)
    if day is None:
        hint = suggestion(word, [*WEEKDAY_NAMES, *_GROUPS]) or _EXAMPLE
        raise BadValue(f'has "{word[:20]}" in it, which is no weekday', hint)
    return day


def _span(match: re.Match[str]) -> TimeRange:
    end = _minute(match[4], match[5], match[6])
    half = match[3] or (match[6] if int(match[1]) < int(match[4]) or match[4] == "12" else "")
    start = _minute(match[1], match[2], half)
    end = end or 24 * 60
    if not 0 <= start < end <= 24 * 60:
        raise BadValue(f'has "{match[0].strip()}" in it, which is no span of one day', _EXAMPLE)
    return TimeRange(start, end)


def _minute(hour: str, minute: str | None, half: str | None) -> int:
    if int(minute or 0) > 59:
        raise BadValue(f'has the minute "{minute}" in it', _EXAMPLE)
    hours = int(hour)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half == "pm" else 0)
    return hours * 60 + int(minute or 0)


def joined(spans: list[TimeRange]) -> tuple[TimeRange, ...]:
    """Spans of one day in order, those that touch made one."""
    apart: list[TimeRange] = []
    for span in sorted(spans, key=lambda span: span.start_minute):
        if apart and span.start_minute <= apart[-1].end_minute:
            last = apart.pop()
            span = TimeRange(last.start_minute, max(last.end_minute, span.end_minute))
        apart.append(span)
    return tuple(apart)


def hours_text(hours: Hours) -> str:
    """As `parse_hours` reads it: "Mon-Fri 09:00-18:00; Sat 10:00-14:00"."""
    parts = []
    by_spans = defaultdict[tuple[TimeRange, ...], list[int]](list)
    for day, spans in sorted(hours.items()):
        by_spans[spans].append(day)
    for spans, days in by_spans.items():
        written = " and ".join(str(as_written(span)) for span in spans)
        parts.append(f"{', '.join(_runs(days))} {written}")
    return "; ".join(parts)


def _runs(days: list[int]) -> Iterator[str]:
    """Weekdays, three or more in a row as "Mon-Wed"."""
    for _, numbered in groupby(enumerate(days), lambda item: item[1] - item[0]):
        row = [WEEKDAY_NAMES[day][:3].capitalize() for _, day in numbered]
        if len(row) > 2:
            yield f"{row[0]}-{row[-1]}"
        else:
            yield from row
