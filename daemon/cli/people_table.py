"""How the people found in a calendar are shown: as a table that fits the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daemon.config.schema import WEEKDAY_NAMES
from daemon.durations import iso_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.console import Console
    from rich.table import Table

    from daemon.discovery.found_person import FoundPerson

_WIDE = 100
_MIDDLE = 72
"""Columns from which the whole table fits, and from which the cadence does."""


def as_facts(person: FoundPerson, zone: ZoneInfo) -> dict[str, Any]:
    """One person as JSON; times with the offset of the user's zone."""
    return {
        "name": person.name,
        "addresses": list(person.addresses),
        "spellings": list(person.spellings),
        "in_config": person.known or None,
        "evidence": list(person.evidence),
        "count": person.count,
        "first_met": iso_time(person.first_met, zone),
        "last_met": iso_time(person.last_met, zone),
        "usual_gap_days": person.gap_days,
        "usual_weekday": None if person.weekday is None else WEEKDAY_NAMES[person.weekday],
        "usual_time": _clock(person.minute) or None,
        "trend": person.trend,
        "next_booked": iso_time(person.next_booked, zone),
        "proposed": {
            "circle": person.circle or None,
            "cadence_days": person.cadence.days,
            "reason": person.why,
        },
        "same_as": person.same_as or None,
        "perhaps_also": list(person.perhaps_also),
    }


def print_people(
    to: Console,
    people: Sequence[FoundPerson],
    now: datetime,
    zone: ZoneInfo,
    *,
    most: int | None = None,
) -> None:
    """The table, then what was put together and who may be whom. Dates are those of `zone`.

    `most` bounds the table's length."""
    from rich.text import Text

    shown = people if most is None else people[:most]
    to.print(_table(shown, now, zone, to.width))
    if len(shown) < len(people):
        to.print(Text(f"… and {len(people) - len(shown)} more; --json lists them all."))
    for line in _remarks(shown):
        to.print(Text(line))


def _table(people: Iterable[FoundPerson], now: datetime, zone: ZoneInfo, width: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from daemon.durations import ago, every

    columns = ["name", "met", "last", "every", "trend"]
    if width >= _WIDE:
        columns = ["name", "met", "last", "every", "usually", "trend", "proposal"]
    elif width >= _MIDDLE:
        columns = ["name", "met", "last", "every", "trend", "proposal"]
    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column == "met" else "left", overflow="fold")
    for person in people:
        circle = f"{person.circle}, " if person.circle and width >= _WIDE else ""
        cells = {
            "name": Text(f"{person.name} (in your config)" if person.known else person.name),
            "met": Text(str(person.count)),
            "last": Text(ago(person.last_met, now, zone)),
            "every": Text(gap(person)),
            "usually": Text(usually(person)),
            "trend": Text(person.trend, style="bold" if person.trend == "gone quiet" else ""),
            "proposal": Text("" if person.known else f"{circle}{every(person.cadence)}"),
        }
        table.add_row(*(cells[column] for column in columns))
    return table


def gap(person: FoundPerson) -> str:
    """The usual gap: "4 weeks"; a dash for somebody met on one day only."""
    from daemon.durations import gap_in_words

    return "–" if person.gap_days is None else gap_in_words(person.gap_days)


def usually(person: FoundPerson) -> str:
    """The usual weekday and time, as far as there are such: "Wed 10:00"."""
    day = "" if person.weekday is None else WEEKDAY_NAMES[person.weekday][:3].capitalize()
    return f"{day} {_clock(person.minute)}".strip()


def _remarks(people: Iterable[FoundPerson]) -> list[str]:
    lines = []
    for person in people:
        if person.same_as:
            addresses = f" ({', '.join(person.addresses)})" if len(person.addresses) > 1 else ""
            lines.append(f"{person.name}{addresses}: {person.same_as}")
        if person.perhaps_also:
            lines.append(
                f"{person.name}: perhaps also {' or '.join(person.perhaps_also)}; they are counted apart."
            )
    return lines


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"
