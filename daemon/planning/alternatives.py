"""What else is open for the occasion of a hold: the other times that its message names, and how
many slots would be left without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from daemon.judging.recency import Held
from daemon.people.contacts import Contact
from daemon.planning.capacity import Capacity
from daemon.planning.fit import Asked, CandidateSlot, by_occasion
from daemon.planning.pace import Pace
from daemon.planning.request import PlanRequest
from daemon.planning.slots import Slot


def other_times(
    contact: Contact,
    hold: Held,
    request: PlanRequest,
    count: int,
    offered: Callable[[Slot], bool] = lambda slot: False,
) -> tuple[Slot, ...]:
    """Up to `count` further slots of a hold's occasion, in order of start: those that were
    `offered` before and still are open, then those that suit the contact best. Each has a day of
    its own, which is not the hold's, as long as there are enough.

    The request's slots are those open without this hold; its `held` may contain it. Where the caps
    would let the hold move goes before where they would not."""
    rhythm = request.rhythm
    others = [other for other in request.held if not hold.uid or other.uid != hold.uid]
    pace = Pace(rhythm, request.challenges)
    capacity = Capacity(rhythm, request.zone, request.now, others, pace, contact.circle)
    fit = request.fit
    ranked = []
    for candidate in by_occasion(request.slots, request.zone).get(hold.occasion, ()):
        value = fit.of(Asked(contact), 0, candidate) * capacity.spread(candidate)
        if value and not any(overlap(candidate.slot, taken) for taken in (hold, *others)):
            refused = capacity.refuses(candidate) is not None
            rank = (not offered(candidate.slot), refused, -value, candidate.slot.start)
            ranked.append((rank, candidate))
    ranked.sort(key=lambda ranking: ranking[0])
    chosen = _apart([candidate for _, candidate in ranked], _day(hold, request), count)
    return tuple(sorted((candidate.slot for candidate in chosen), key=lambda slot: slot.start))


def slots_left(hold: Held, slots: Iterable[Slot], held: Sequence[Held] = ()) -> int:
    """How many slots of a hold's occasion are left beside it and all that are `held`, none of them
    on another."""
    spans = [hold, *(other for other in held if not hold.uid or other.uid != hold.uid)]
    left, free_from = 0, None
    for slot in sorted(slots, key=lambda each: each.end):
        if slot.occasion != hold.occasion or any(overlap(slot, span) for span in spans):
            continue
        if free_from is None or slot.start >= free_from:
            left, free_from = left + 1, slot.end
    return left


def overlap(first: Slot | Held, second: Slot | Held) -> bool:
    """Whether two spans have some time in common."""
    return first.start < second.end and second.start < first.end


def _apart(ranked: Sequence[CandidateSlot], taken: date, count: int) -> list[CandidateSlot]:
    chosen: list[CandidateSlot] = []
    for another_day in (True, False):
        for candidate in ranked:
            days = {taken, *(earlier.day for earlier in chosen)}
            if (
                len(chosen) < count
                and not (another_day and candidate.day in days)
                and not any(overlap(candidate.slot, earlier.slot) for earlier in chosen)
            ):
                chosen.append(candidate)
    return chosen


def _day(hold: Held, request: PlanRequest) -> date:
    return hold.start.astimezone(request.zone).date()
