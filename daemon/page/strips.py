"""The geometry of the year: one strip a person, one cell a week, one shape a kind of mark.

A strip is stretched to the width there is, so every shape is told by its form and not by its
proportions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from daemon.practice.year import Mark, PersonWeek, PersonYear, Year

CELL, HEIGHT = 10, 20
_SHAPES: Mapping[Mark, str] = {
    "date": "M{x1} 2h8v16h-8z",
    "booked": "M{x1} 2h8v16h-8z",
    "said_yes": "M{x1} 2h8v16h-8zM{x1} 10h8",
    "asked": "M{x1} 6h8v8h-8z",
    "refused": "M{x1} 5l8 10m0 -10l-8 10",
    "let_pass": "M{x5} 5v10",
    "due": "M{x0} 0h10l-5 7z",
    "quiet": "M{x0} 8h10v4h-10z",
}
"""What is drawn in a cell: `x0`, `x1`, `x5` are so far from the left of all cells."""
LEGEND: tuple[Mark, ...] = (
    "date",
    "booked",
    "said_yes",
    "asked",
    "refused",
    "let_pass",
    "quiet",
    "due",
)


@dataclass(frozen=True, slots=True)
class Strip:
    """One person's year as paths, by mark; what is drawn first stands first."""

    person: PersonYear
    paths: Mapping[Mark, str]
    counts: tuple[tuple[Mark, int], ...]
    """The same in numbers: how many weeks, or of dates how many there were."""


@dataclass(frozen=True, slots=True)
class Month:
    """Where a month begins on the axis."""

    first: date
    percent: float


def strip(person: PersonYear) -> Strip:
    """The strip of one person."""
    paths = {"quiet": "".join(_bands(person.weeks)), **dict.fromkeys(_SHAPES, "")}
    paths["quiet"] = "".join(_bands(person.weeks))
    for place, week in enumerate(person.weeks):
        if week.mark not in ("", "quiet", "due"):
            paths[week.mark] += shape(week.mark, place)
        if week.due:
            paths["due"] += shape("due", place)
    counts = [(mark, _count(person, mark)) for mark in LEGEND]
    return Strip(
        person,
        {mark: path for mark, path in paths.items() if path},
        tuple((mark, count) for mark, count in counts if count),
    )


def shape(mark: Mark, place: int = 0) -> str:
    """The path of a mark in the cell at a place."""
    left = place * CELL
    return _SHAPES[mark].format(x0=left, x1=left + 1, x5=left + 5)


def bars(year: Year) -> str:
    """All dates of all people, one bar a week, as one path."""
    totals = [
        sum(person.weeks[place].dates for person in year.people)
        for place in range(len(year.mondays))
    ]
    most = max(totals, default=0) or 1
    return "".join(
        f"M{place * CELL + 1} {HEIGHT}v-{total * (HEIGHT - 1) / most:.3g}h8V{HEIGHT}z"
        for place, total in enumerate(totals)
        if total
    )


def today_percent(year: Year) -> float:
    """Where today is on the axis."""
    return _percent(year, year.today)


def months(year: Year) -> tuple[Month, ...]:
    """The months that begin within the year."""
    first, last = year.mondays[0], year.mondays[-1]
    begins = (
        date(number // 12, number % 12 + 1, 1)
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    )
    return tuple(Month(day, _percent(year, day)) for day in begins if first <= day <= last)


def _percent(year: Year, day: date) -> float:
    weeks = ((day - year.mondays[0]).days + 0.5) / 7
    return round(100 * weeks / len(year.mondays), 2)


def _bands(weeks: Iterable[PersonWeek]) -> Iterator[str]:
    """The quiet weeks, each run of them as one band."""
    runs = groupby(enumerate(weeks), key=lambda pair: pair[1].quiet)
    for quiet, run in runs:
        places = [place for place, _ in run]
        if quiet:
            width = len(places) * CELL
            yield f"M{places[0] * CELL} 8h{width}v4h-{width}z"


def _count(person: PersonYear, mark: Mark) -> int:
    if mark == "date":
        return person.dates
    if mark == "quiet":
        return sum(week.quiet for week in person.weeks)
    if mark == "due":
        return 0  # told by the date, where it is
    return sum(week.mark == mark for week in person.weeks)
