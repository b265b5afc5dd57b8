"""Why somebody who is due gets no slot: for each day up to the horizon the rule that closes it to
them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from daemon.planning.capacity import Capacity
from daemon.planning.fit import CandidateSlot, by_occasion
from daemon.planning.slots import Openings

_FULL = {
    "week": "Open, but the week has enough suggestions.",
    "day": "Open, but the day has enough suggestions.",
    "taken": "Open, but other suggestions are at that time.",
}


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day (in the user's zone) that is closed to somebody, and the first rule that closed it: one
    of `slots.Rule`, or `week`, `day` or `taken` where only other suggestions stand in the way."""

    day: date
    rule: str
    reason: str
    """One sentence."""


def closed_days(found: Openings, capacity: Capacity, zone: ZoneInfo) -> tuple[ClosedDay, ...]:
    """Every closed day. `found` is what is open for the occasions of one person; `room` is what
    holds, new ones included, leave of the caps."""
    closed = [ClosedDay(one.day, one.rule, one.reason) for one in found.closed]
    open_days: dict[date, list[CandidateSlot]] = defaultdict(list)
    for candidates in by_occasion(found.slots, zone).values():
        for candidate in candidates:
            open_days[candidate.day].append(candidate)
    for day, candidates in open_days.items():
        rules = [capacity.refuses(candidate) for candidate in candidates]
        if rules and all(rules):
            rule = str(rules[0])
            closed.append(ClosedDay(day, rule, _FULL[rule]))
    return tuple(sorted(closed, key=lambda one: one.day))
