"""How the people found in a calendar are shown: as a table that fits the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.cli.console import print_table, tell, terminal_width
from daemon.durations import ago, clock_time, every, gap_in_words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from daemon.discovery.found_person import FoundPerson

_WIDE = 100
_MIDDLE = 72
"""Columns from which the whole table fits, and from which the cadence does."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def print_people(
    people: Sequence[FoundPerson], now: datetime, zone: ZoneInfo, *, most: int | None = None
) -> None:
    """The table, then what was put together and who may be whom. Dates are those of `zone`.

    `most` bounds the table's length."""
    shown = people if most is None else people[:most]
    width = terminal_width(sys.stdout) or _WIDE
    columns = ["name", "met", "last", "every", "trend"]
    if width >= _WIDE:
        columns = ["name", "met", "last", "every", "usually", "trend", "proposal"]
    elif width >= _MIDDLE:
        columns = ["name", "met", "last", "every", "trend", "proposal"]
    cells = [_cells(person, now, zone, wide=width >= _WIDE) for person in shown]
    print_table(columns, [[row[column] for column in columns] for row in cells], numbers=(1,))
    if len(shown) < len(people):
        tell(f"… and {len(people) - len(shown)} more; --json lists them all.")
    for line in _remarks(shown):
        tell(line)


def _cells(
    person: FoundPerson, now: datetime, zone: ZoneInfo, *, wide: bool
) -> dict[str, str | tuple[str, str]]:
    circle = f"{person.circle}, " if person.circle and wide else ""
    return {
        "name": f"{person.name} (in your config)" if person.known else person.name,
        "met": str(person.count),
        "last": ago(person.last_met, now, zone),
        "every": gap(person),
        "usually": usually(person),
        "trend": (person.trend, "bold" if person.trend == "gone quiet" else ""),
        "proposal": "" if person.known else f"{circle}{every(person.cadence)}",
    }


def gap(person: FoundPerson) -> str:
    """The usual gap: "4 weeks"; a dash for somebody met on one day only."""
    return "–" if person.gap_days is None else gap_in_words(person.gap_days)


def usually(person: FoundPerson) -> str:
    """The usual weekday and time, as far as there are such: "Wed 10:00"."""
    day = "" if person.weekday is None else _WEEKDAYS[person.weekday]
    return f"{day} {clock_time(person.minute)}".strip()


def _remarks(people: Iterable[FoundPerson]) -> list[str]:
    lines = []
    for person in people:
        if person.same_as:
            addresses = f" ({', '.join(person.addresses)})" if len(person.addresses) > 1 else ""
            lines.append(f"{person.name}{addresses}: {person.same_as}")
        if person.perhaps_also:
            lines.append(
                f"{person.name}: perhaps also {' or '.join(person.perhaps_also)}; they are "
                "counted apart."
            )
    return lines
