"""Why somebody who is due gets no slot: for each day up to the horizon the rule that closes it to
them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from daemon.planning.capacity import Capacity
from daemon.planning.fit import CandidateSlot, by_occasion
from daemon.planning.slots import Closed, Openings
from daemon.reasons import Reason

_FULL = {
    "week": Reason("week", variant="week-full"),
    "day": Reason("day", variant="day-full"),
    "taken": Reason("taken", variant="day-taken"),
}


def closed_days(openings: Openings, capacity: Capacity, zone: ZoneInfo) -> tuple[Closed, ...]:
    """Every closed day. `openings` are what is open for the occasions of one person; `capacity` is
    what holds, new ones included, leave of the caps."""
    closed = list(openings.closed)
    open_days: dict[date, list[CandidateSlot]] = defaultdict(list)
    for candidates in by_occasion(openings.slots, zone).values():
        for candidate in candidates:
            open_days[candidate.day].append(candidate)
    for day, candidates in open_days.items():
        rules = [capacity.refuses(candidate) for candidate in candidates]
        if rules and all(rules):
            closed.append(Closed(day, _FULL[str(rules[0])]))
    return tuple(sorted(closed, key=lambda day: day.day))
