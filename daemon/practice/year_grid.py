"""The year in as many blocks as there is room for: one block is one week, or several.

Blocks never straddle today: those up to the week that is going on are cut from its end backwards,
those ahead from the week after it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import get_args

from daemon.people.contacts import Contact
from daemon.practice.year import Mark, PersonYear, Year

_MARKS: tuple[Mark, ...] = get_args(Mark)
_WEEK = timedelta(weeks=1)
_YEARS_FROM = 60
"""From so many weeks on January is told by its year."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person in the grid."""

    contact: Contact
    marks: tuple[Mark, ...]
    """One for each block: the most telling of its weeks."""
    dates: int


@dataclass(frozen=True, slots=True)
class Grid:
    """People by blocks."""

    mondays: tuple[date, ...]
    """The first day of each block, the oldest first."""
    weeks: int
    """So many weeks are one block, the first and the last one perhaps fewer."""
    this: int
    """The place of the block that today is in."""
    rows: tuple[Row, ...]
    """In the order of `Year.people`."""
    dates: tuple[int, ...]
    """How many dates everybody had together, by block."""
    labels: tuple[tuple[int, str], ...]
    """The axis: at the place of a block the month that begins in it, or the year."""


def grid(year: Year, room: int) -> Grid:
    """A year in at most `room` blocks (at least 2)."""
    back, ahead = year.this_week + 1, len(year.mondays) - year.this_week - 1
    weeks = next(
        size for size in range(1, back + ahead + 1) if _blocks(back, ahead, size) <= max(room, 2)
    )
    cuts = _cuts(back, ahead, weeks)
    mondays = tuple(year.mondays[first] for first, _ in cuts)
    rows = tuple(_row(person, cuts) for person in year.people)
    sums = [sum(person.weeks[place].dates for person in year.people) for place in range(back)]
    dates = tuple(sum(sums[first:end]) for first, end in cuts)
    this = next(place for place, (_, end) in enumerate(cuts) if end == back)
    return Grid(mondays, weeks, this, rows, dates, _labels(year, cuts))


def _blocks(back: int, ahead: int, size: int) -> int:
    return -(-back // size) - (-ahead // size)


def _cuts(back: int, ahead: int, size: int) -> list[tuple[int, int]]:
    """Where each block begins, and before which week it ends."""
    short = back % size
    sizes = [short] * bool(short) + [size] * (back // size)
    sizes += [size] * (ahead // size) + [ahead % size] * bool(ahead % size)
    ends = list(accumulate(sizes))
    return list(zip([0, *ends], ends, strict=False))


def _row(person: PersonYear, cuts: Sequence[tuple[int, int]]) -> Row:
    marks = [week.mark for week in person.weeks]
    most_telling = (min(marks[first:end], key=_MARKS.index) for first, end in cuts)
    return Row(person.contact, tuple(most_telling), person.dates)


def _labels(year: Year, cuts: Sequence[tuple[int, int]]) -> tuple[tuple[int, str], ...]:
    """What begins in each block: the year where there are many weeks and it is January, else the
    month."""
    labels = []
    for place, (first, end) in enumerate(cuts):
        days = (year.mondays[first] + timedelta(days=day) for day in range(7 * (end - first)))
        begins = [day for day in days if day.day == 1]
        january = [day for day in begins if day.month == 1 and len(year.mondays) >= _YEARS_FROM]
        if january:
            labels.append((place, str(january[0].year)))
        elif begins:
            labels.append((place, f"{begins[0]:%b}"))
    return tuple(labels)
