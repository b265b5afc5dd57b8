"""Why a slot was chosen: the factor that decided, and never one that did not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from daemon.people.contacts import Contact
from daemon.planning.capacity import Capacity
from daemon.planning.fit import CandidateSlot, Fit
from daemon.reasons import Reason


def why_slot(
    place: CandidateSlot,
    places: Sequence[CandidateSlot],
    contact: Contact,
    fit: Fit,
    room: Capacity,
) -> Reason:
    """Why this slot: the factor that decided. `room` is what all other suggestions
    leave."""
    habit, occasion = fit.habits.get(contact.key), place.slot.occasion
    if habit and habit.weekday == place.day.weekday():
        return Reason("usual-day", {"weekday": habit.weekday})
    of = {"occasion": occasion}
    earlier = list(takewhile(lambda candidate: candidate is not place, places))
    if not earlier:
        return Reason("first", of)
    awake = [candidate for candidate in earlier if not fit.asleep(contact, candidate.slot)]
    if not awake:
        return Reason("first-awake", {**of, "name": contact.name})
    free = [candidate for candidate in awake if not fit.busy(contact, candidate.slot)]
    if not free:
        return Reason("first-both-free", {**of, "name": contact.name})
    possible = [candidate for candidate in free if room.refuses(candidate) is None]
    if not possible:
        return Reason("first-left", of)
    if habit and fit.apart(habit, place) < min(
        fit.apart(habit, candidate) for candidate in possible
    ):
        return Reason("usual-time", of)
    if all(room.spread(candidate) < room.spread(place) for candidate in possible):
        return Reason("apart", of)
    return Reason("together", of)
