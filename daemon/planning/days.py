"""Why somebody who is due gets no slot: for each day up to the horizon the rule that closes it to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from daemon.planning.capacity import Room
from daemon.planning.fit import Place, by_occasion
from daemon.planning.slots import Openings

_FULL = {
    "week": "Open, but the week has enough suggestions.",
    "day": "Open, but the day has enough suggestions.",
    "taken": "Open, but other suggestions are at that time.",
}


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day (in the user's zone) that is closed to somebody, and the first rule that closed it: one of `slots.Rule`, or
    `week`, `day` or `taken` where only other suggestions stand in the way."""

    day: date
    rule: str
    reason: str
    """One sentence."""


def closed_days(found: Openings, room: Room, zone: ZoneInfo) -> tuple[ClosedDay, ...]:
    """Every closed day. `found` is what is open for the occasions of one person; `room` is what holds, new ones
    included, leave of the caps."""
    closed = [ClosedDay(one.day, one.rule, one.reason) for one in found.closed]
    open_days: dict[date, list[Place]] = defaultdict(list)
    for places in by_occasion(found.slots, zone).values():
        for place in places:
            open_days[place.day].append(place)
    for day, places in open_days.items():
        rules = [room.refuses(place) for place in places]
        if rules and all(rules):
            rule = str(rules[0])
            closed.append(ClosedDay(day, rule, _FULL[rule]))
    return tuple(sorted(closed, key=lambda one: one.day))
