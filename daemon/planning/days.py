"""Why somebody who is due gets no slot: for each day up to the horizon the rule that closes it to
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from daemon.planning.capacity import Capacity
from daemon.planning.fit import CandidateSlot, by_occasion
from daemon.planning.slots import Closed, Openings, Slot
from daemon.reasons import Reason

_CLOSED = {
    "week": Reason("week", variant="week-full"),
    "day": Reason("day", variant="day-full"),
    "taken": Reason("taken", variant="day-taken"),
    "they-are-busy": Reason("they-are-busy", variant="day-busy"),
}


def closed_days(
    openings: Openings, capacity: Capacity, zone: ZoneInfo, busy: Callable[[Slot], bool]
) -> tuple[Closed, ...]:
    """Every closed day. `openings` are what is open for the occasions of one person; `capacity` is
    what holds, new ones included, leave of the caps; `busy` says whether the person is known to be
    busy during a slot."""
    closed = list(openings.closed)
    open_days: dict[date, list[CandidateSlot]] = defaultdict(list)
    for candidates in by_occasion(openings.slots, zone).values():
        for candidate in candidates:
            open_days[candidate.day].append(candidate)
    for day, candidates in open_days.items():
        rules = [
            capacity.refuses(candidate) or ("they-are-busy" if busy(candidate.slot) else None)
            for candidate in candidates
        ]
        if rules and all(rules):
            decided = "they-are-busy" if "they-are-busy" in rules else rules[0]
            closed.append(Closed(day, _CLOSED[str(decided)]))
    return tuple(sorted(closed, key=lambda day: day.day))
