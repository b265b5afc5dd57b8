"""How fikad's own costs grow with the calendar and with the number of contacts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.comparison import POLLS
from bench.measured import Cost
from bench.ours import Ours, Resident
from bench.server import Server


@dataclass(frozen=True, slots=True)
class Size:
    """What one size costs."""

    number: int
    """Of events or of contacts."""
    first: Cost
    """The first reading; with other contacts: the first pass after the config changed."""
    poll: Cost
    """A quiet poll in a process of its own."""
    resident: Resident
    status: Cost
    why: Cost


def by_events(server: Server, count: int, contacts: int, repeats: int) -> Size:
    """The costs with this calendar."""
    with TemporaryDirectory(prefix="fikad-bench-") as folder:
        return _size(count, Ours(Path(folder), server, contacts), repeats)


def by_contacts(
    server: Server, numbers: Sequence[int], repeats: int, told: Callable[[str], None]
) -> list[Size]:
    """The costs with so many contacts, on one calendar that was read before."""
    with TemporaryDirectory(prefix="fikad-bench-") as folder:
        ours = Ours(Path(folder), server, numbers[0])
        ours.pass_once()
        sizes = []
        for number in numbers:
            told(f"{number} contacts")
            ours.set_contacts(number)
            sizes.append(_size(number, ours, repeats))
        return sizes


def _size(number: int, ours: Ours, repeats: int) -> Size:
    first = ours.pass_once()
    ours.pass_once()  # which finds nothing to do, so that the next ones may be quiet
    ours.pass_once()  # which is quiet, so that the next ones may be short
    poll, status, why = (
        _middle([act() for _ in range(repeats)]) for act in (ours.pass_once, ours.status, ours.why)
    )
    return Size(number, first, poll, ours.resident(POLLS), status, why)


def _middle(costs: Sequence[Cost]) -> Cost:
    """The one that cost as much processor time as most."""
    return sorted(costs, key=lambda cost: cost.cpu_seconds)[len(costs) // 2]
