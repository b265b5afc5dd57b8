"""Why a slot was chosen, in words: the factor that decided, and never one that did not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from daemon.config.schema import WEEKDAY_NAMES
from daemon.people.contacts import Contact
from daemon.planning.capacity import Capacity
from daemon.planning.fit import CandidateSlot, Fit


def why_slot(
    place: CandidateSlot,
    places: Sequence[CandidateSlot],
    contact: Contact,
    fit: Fit,
    room: Capacity,
) -> str:
    """Why this slot, as one sentence: the factor that decided. `room` is what all other suggestions
    leave."""
    habit, occasion = fit.habits.get(contact.key), place.slot.occasion
    if habit and habit.weekday == place.day.weekday():
        return f"{WEEKDAY_NAMES[habit.weekday].capitalize()} is when you usually meet."
    earlier = list(takewhile(lambda one: one is not place, places))
    if not earlier:
        return f"It is the first slot for {occasion} that is open and within your rhythm."
    awake = [one for one in earlier if not fit.asleep(contact, one.slot)]
    if not awake:
        return f"It is the first open slot for {occasion} at which {contact.name} is awake."
    possible = [one for one in awake if room.refuses(one) is None]
    if not possible:
        return f"It is the first slot for {occasion} that your other suggestions leave open."
    if habit and fit.apart(habit, place) < min(fit.apart(habit, one) for one in possible):
        return f"It is the open slot for {occasion} closest to when you usually meet."
    if any(room.spread(one) < room.spread(place) for one in possible):
        return (
            f"It is the first good slot for {occasion} at a distance from your other suggestions."
        )
    return f"Of the open slots for {occasion} it goes best with your other suggestions."
