"""How the people found in a calendar are shown: as a table that fits the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.cli.console import print_table, tell
from daemon.durations import ago, clock_time, duration_in_words, gap_in_words
from daemon.people.contacts import joined

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from daemon.discovery.found_person import FoundPerson

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TITLES = ("name", "met", "last", "every", "usually", "trend", "proposal")
_SPARE = (4, 3, 6, 5)
"""What is left out first where there is no room: the usual time, the usual gap, the proposal, the
trend."""
_KNOWN = "in your config"


def print_people(
    people: Sequence[FoundPerson], now: datetime, zone: ZoneInfo, *, most: int | None = None
) -> None:
    """The table, then what was put together and who may be whom. Dates are those of `zone`.

    `most` bounds the table's length."""
    shown = people if most is None else people[:most]
    rows = [_cells(person, now, zone) for person in shown]
    left_out = print_table(_TITLES, rows, numbers=(1,), rule=True, spare=_SPARE)
    if len(shown) < len(people):
        tell(f"… and {len(people) - len(shown)} more; --json lists them all.")
    known = [person.name for person in shown if person.known]
    if known and _TITLES.index("proposal") in left_out:
        who = joined(known) if len(known) < len(shown) or len(known) == 1 else "All of them"
        tell(f"{who} {'is' if len(known) == 1 else 'are'} {_KNOWN}.")
    for line in _remarks(shown):
        tell(line, hang=2)


def _cells(person: FoundPerson, now: datetime, zone: ZoneInfo) -> tuple[str | tuple[str, str], ...]:
    return (
        person.name,
        str(person.count),
        ago(person.last_met, now, zone),
        gap(person),
        usually(person),
        (person.trend, "bold" if person.trend == "gone quiet" else ""),
        _KNOWN if person.known else _proposal(person),
    )


def _proposal(person: FoundPerson) -> str:
    """The circle and the cadence that are proposed: "friends, 6 weeks"."""
    return ", ".join(filter(None, (person.circle, duration_in_words(person.cadence))))


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
