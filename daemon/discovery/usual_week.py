"""When somebody meets people, and for what, from the one-on-ones in their calendars: what a first
config may propose.

An occasion is told by a word of the title ("Lunch with Jane"), else by the hour. Only the last year
counts, where it holds enough: habits change."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.config.values import TimeRange
from daemon.languages.language import language
from daemon.people.folding import fold

_YEAR = timedelta(days=365)
_ENOUGH = 6
"""Fewer meetings show no habit."""
_USUAL_SHARE = 0.15
_USUAL_LEAST = 3
"""An occasion is usual from this share of the meetings, and this many of them."""
_DAY_SHARE = 0.1
"""A weekday is usual for an occasion from this share of its meetings."""
_HALF_HOUR = 30
_BY_HOUR = (("breakfast", 9 * 60), ("coffee", 11 * 60 + 30), ("lunch", 14 * 60 + 15),
            ("coffee", 17 * 60))  # fmt: skip
"""What a meeting is for that starts before this minute of the day; later it is drinks."""


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """A completed one-on-one: aware instants, and its title."""

    start: datetime
    end: datetime
    title: str


@dataclass(frozen=True, slots=True)
class UsualOccasion:
    """What people are met for, on these weekdays (Monday is 0), between these hours."""

    name: str
    """One of the built-in occasions."""
    days: tuple[int, ...]
    between: tuple[TimeRange, ...]
    minute: int
    """The usual start, in minutes after midnight of the user's wall clock."""


def usual_week(
    meetings: Iterable[PastMeeting], zone: ZoneInfo, now: datetime, languages: Sequence[str]
) -> tuple[UsualOccasion, ...]:
    """What people are usually met for in meetings up to `now` (aware), by the wall clock of `zone`:
    the most frequent first, nothing where they are too few to show a habit. `languages` are those
    of the titles, by code."""
    every = list(meetings)
    recent = [meeting for meeting in every if meeting.start >= now - _YEAR]
    counted = recent if len(recent) >= _ENOUGH else every
    if len(counted) < _ENOUGH:
        return ()
    words = occasion_words(languages)
    starts = defaultdict[str, list[datetime]](list)
    for meeting in counted:
        local = meeting.start.astimezone(zone)
        starts[_occasion(meeting.title, local, words)].append(local)
    least = max(_USUAL_LEAST, _USUAL_SHARE * len(counted))
    by_count = sorted(starts, key=lambda name: (-len(starts[name]), name))
    usual = [name for name in by_count if len(starts[name]) >= least] or by_count[:1]
    return tuple(_usual(name, starts[name]) for name in usual)


def occasion_words(languages: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """By occasion: the words that name it in titles."""
    named = defaultdict[str, set[str]](set)
    for code in dict.fromkeys(("en", *languages)):
        spoken = language(code)
        joining = {fold(word) for word in spoken.titles.joining}
        for name in BUILT_IN_OCCASIONS:
            title = fold(spoken.occasions[name].replace("{name}", " "))
            named[name].update(word for word in re.findall(r"\w{3,}", title) if word not in joining)
    return {name: frozenset(words) for name, words in named.items()}


def _occasion(title: str, local: datetime, words: Mapping[str, frozenset[str]]) -> str:
    minute = _minute(local)
    by_hour = (name for name, before in _BY_HOUR if minute < before)
    return named_occasion(title, words) or next(by_hour, "drinks")


def named_occasion(title: str, words: Mapping[str, frozenset[str]]) -> str:
    """The one built-in occasion that the words of a title name; "" where there is none, or more
    than one."""
    spoken = set(re.findall(r"\w+", fold(title)))
    named = [name for name, known in words.items() if not known.isdisjoint(spoken)]
    return named[0] if len(named) == 1 else ""


def _usual(name: str, times: Sequence[datetime]) -> UsualOccasion:
    days = Counter(local.weekday() for local in times)
    minutes = sorted(map(_minute, times))
    edge = len(minutes) // 10
    return UsualOccasion(
        name,
        tuple(day for day in sorted(days) if days[day] >= _DAY_SHARE * len(times)),
        _between(name, minutes[edge], minutes[-1 - edge]),
        median_low(minutes),
    )


def _between(name: str, first: int, last: int) -> tuple[TimeRange, ...]:
    """The hours of the built-in occasion, moved to where its meetings start: from `first` to
    `last`, minutes after midnight."""
    built_in = BUILT_IN_OCCASIONS[name]
    spans = list(built_in.between)
    begin = first - first % _HALF_HOUR
    end = min(last + -last % _HALF_HOUR + built_in.minutes, 24 * 60)
    alone = len(spans) == 1
    if begin < spans[0].start_minute or (alone and begin >= spans[0].start_minute + 60):
        spans[0] = TimeRange(begin, max(spans[0].end_minute, end) if alone else spans[0].end_minute)
    if end > spans[-1].end_minute:
        spans[-1] = TimeRange(spans[-1].start_minute, end)
    return tuple(spans)


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute
