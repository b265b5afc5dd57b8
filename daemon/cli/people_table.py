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


def as_facts(one: FoundPerson, zone: ZoneInfo) -> dict[str, Any]:
    """One person as JSON; times with the offset of the user's zone."""
    return {
        "name": one.name,
        "addresses": list(one.addresses),
        "spellings": list(one.spellings),
        "in_config": one.known or None,
        "evidence": list(one.evidence),
        "count": one.count,
        "first_met": iso_time(one.first_met, zone),
        "last_met": iso_time(one.last_met, zone),
        "usual_gap_days": one.gap_days,
        "usual_weekday": None if one.weekday is None else WEEKDAY_NAMES[one.weekday],
        "usual_time": _clock(one.minute) or None,
        "trend": one.trend,
        "next_booked": iso_time(one.next_booked, zone),
        "proposed": {
            "circle": one.circle or None,
            "cadence_days": one.cadence.days,
            "reason": one.why,
        },
        "same_as": one.same_as or None,
        "perhaps_also": list(one.perhaps_also),
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
    for one in people:
        circle = f"{one.circle}, " if one.circle and width >= _WIDE else ""
        cells = {
            "name": Text(f"{one.name} (in your config)" if one.known else one.name),
            "met": Text(str(one.count)),
            "last": Text(ago(one.last_met, now, zone)),
            "every": Text(gap(one)),
            "usually": Text(usually(one)),
            "trend": Text(one.trend, style="bold" if one.trend == "gone quiet" else ""),
            "proposal": Text("" if one.known else f"{circle}{every(one.cadence)}"),
        }
        table.add_row(*(cells[column] for column in columns))
    return table


def gap(one: FoundPerson) -> str:
    """The usual gap: "4 weeks"; a dash for somebody met on one day only."""
    from daemon.durations import gap_in_words

    return "–" if one.gap_days is None else gap_in_words(one.gap_days)


def usually(one: FoundPerson) -> str:
    """The usual weekday and time, as far as there are such: "Wed 10:00"."""
    day = "" if one.weekday is None else WEEKDAY_NAMES[one.weekday][:3].capitalize()
    return f"{day} {_clock(one.minute)}".strip()


def _remarks(people: Iterable[FoundPerson]) -> list[str]:
    lines = []
    for one in people:
        if one.same_as:
            addresses = f" ({', '.join(one.addresses)})" if len(one.addresses) > 1 else ""
            lines.append(f"{one.name}{addresses}: {one.same_as}")
        if one.perhaps_also:
            lines.append(
                f"{one.name}: perhaps also {' or '.join(one.perhaps_also)}; they are counted apart."
            )
    return lines


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"
