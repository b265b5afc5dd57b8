"""How well an open slot fits a person: what is preferred where the hard rules leave a choice.

Sooner is better, so is an occasion that stands earlier in the person's list, the weekday and hour
at which you usually meet them, and, for somebody you have not seen for twice their cadence, an
occasion that lasts. Each preference takes a share off, so fit lies between 0 and 1 and none of them
forbids a slot. Two things do: nobody is called out of bed, so what is done from afar has to fall
into the waking hours of the other's own time zone; and nobody is asked for a time at which they are
known to be busy."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple
from zoneinfo import ZoneInfo

from daemon.config.schema import Rhythm
from daemon.judging.recency import Met
from daemon.people.contacts import Contact
from daemon.planning.busy import TimeSpan
from daemon.planning.known_busy import is_busy
from daemon.planning.slots import Slot

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LATER = 0.3
"""What a slot at the horizon loses against one now."""
_NEXT_OCCASION = 0.1
"""What each further occasion in a contact's order loses, down to half."""
_HABIT = 0.15
"""What another weekday than the usual one loses, and a start at quite another hour."""
_SHORT = 0.3
"""What an occasion loses against a longer one of the same person's, if you have not met for long:
this times the part of the length that it lacks."""
_AWAKE = range(8 * 60, 21 * 60 + 1)
"""The minutes of a day within which somebody may be called, start and end."""
_HABIT_MEETINGS = 3
"""A habit takes at least so many meetings; only the last ten count."""


def habits(meetings: Iterable[Met], zone: ZoneInfo) -> dict[str, Habit]:
    """When you usually meet each contact, from the last ten completed meetings, three at least.

    The hour is the middle one; the weekday is only named where at least half of the meetings fell
    on it. Manual entries say a day but seldom an hour, so they tell nothing."""
    starts: dict[str, list[datetime]] = defaultdict(list)
    for meeting in sorted(meetings, key=lambda meeting: meeting.start):
        if meeting.rule != "manual":
            starts[meeting.contact_key].append(meeting.start.astimezone(zone))
    habits_by_key = {}
    for key, moments in starts.items():
        last = moments[-10:]
        if len(last) < _HABIT_MEETINGS:
            continue
        days = Counter(moment.weekday() for moment in last)
        weekday, times = min(days.items(), key=lambda item: (-item[1], item[0]))
        minute = median_low(moment.hour * 60 + moment.minute for moment in last)
        habits_by_key[key] = Habit(minute, weekday if times * 2 >= len(last) else None)
    return habits_by_key


def by_occasion(slots: Iterable[Slot], zone: ZoneInfo) -> dict[str, list[CandidateSlot]]:
    """The slots by occasion, in order of start, each with what the wall clock says."""
    grouped: dict[str, list[CandidateSlot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: (slot.start, slot.end)):
        local = slot.start.astimezone(zone)
        grouped[slot.occasion].append(
            CandidateSlot(slot, local.date(), monday(local.date()), local.hour * 60 + local.minute)
        )
    return dict(grouped)


def monday(day: date) -> date:
    """The first day of the week a date lies in."""
    return day - _DAY * day.weekday()


class CandidateSlot(NamedTuple):
    """A slot and what the wall clock says at its start."""

    slot: Slot
    day: date
    week: date
    """The Monday of its week."""
    minute: int
    """After midnight."""


class Asked(NamedTuple):
    """Whom a place is to fit."""

    contact: Contact
    longest_minutes: float = 0.0
    """The length of the longest occasion on offer, if they were not seen for long; else 0."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a place fits a contact, other holds aside."""

    rhythm: Rhythm
    now: datetime
    habits: Mapping[str, Habit]
    remote: Collection[str] = ("call",)
    """The occasions that are done from afar."""
    known_busy: Mapping[str, Sequence[TimeSpan]] = field(default_factory=dict)
    """By contact key: when they are known to be busy (`KnownBusy.busy`)."""

    def of(self, asked: Asked, order: int, candidate: CandidateSlot) -> float:
        """Between 0 and 1; `order` is the occasion's place in the contact's list. 0: they would be
        asleep, or are busy."""
        slot = candidate.slot
        if self.closed(asked.contact, slot):
            return 0.0
        ahead = min((slot.start - self.now) / max(self.rhythm.horizon, _DAY), 1)
        fit = (1 - _LATER * ahead) * max(1 - _NEXT_OCCASION * order, 0.5)
        if asked.longest_minutes:
            minutes = (slot.end - slot.start) / _MINUTE
            fit *= 1 - _SHORT * max(1 - minutes / asked.longest_minutes, 0)
        habit = self.habits.get(asked.contact.key)
        if habit is None:
            return fit
        return fit * (1 - self.apart(habit, candidate))

    def apart(self, habit: Habit, candidate: CandidateSlot) -> float:
        """How far a place is from a habit: the share that it loses for that."""
        day = habit.weekday is not None and habit.weekday != candidate.day.weekday()
        return 1 - (1 - _HABIT * day) * (
            1 - _HABIT * min(abs(habit.minute - candidate.minute) / 360, 1)
        )

    def asleep(self, contact: Contact, slot: Slot) -> bool:
        """Whether this would get a contact out of bed: only what is done from afar is kept to their
        own clock."""
        return (
            contact.timezone is not None
            and slot.occasion in self.remote
            and not self.awake(contact, slot)
        )

    def closed(self, contact: Contact, slot: Slot) -> bool:
        """Whether a slot is none for a contact: they would be asleep, or are busy."""
        return self.asleep(contact, slot) or self.busy(contact, slot)

    def busy(self, contact: Contact, slot: Slot) -> bool:
        """Whether a contact is known to be busy during a slot."""
        return is_busy(self.known_busy.get(contact.key, ()), slot.start, slot.end)

    def awake(self, contact: Contact, slot: Slot) -> bool:
        """Whether a slot lies within the hours at which a contact may be called where they live."""
        start = slot.start.astimezone(contact.timezone)
        first = start.hour * 60 + start.minute
        return first in _AWAKE and first + (slot.end - slot.start) / _MINUTE <= _AWAKE[-1]

    def shortlist(self, asked: Asked, candidates: list[CandidateSlot]) -> list[CandidateSlot]:
        """The places of one occasion and one day, in order of start, among which the best one
        surely is."""
        contact = asked.contact
        if self.known_busy.get(contact.key):
            return candidates
        if contact.timezone is not None and candidates[0].slot.occasion in self.remote:
            return candidates
        habit = self.habits.get(contact.key)
        if habit is None:
            return candidates[:1]
        if any(earlier.minute >= other.minute for earlier, other in pairwise(candidates)):
            return candidates  # the clock was set back between them
        nearest = bisect_left(candidates, habit.minute, key=lambda candidate: candidate.minute)
        return [candidates[0], *candidates[max(nearest - 1, 0) : nearest + 1]]


@dataclass(frozen=True, slots=True)
class Habit:
    """When you usually meet somebody, in the user's zone."""

    minute: int
    """The start, in minutes after midnight."""
    weekday: int | None = None
    """Monday is 0; None where no weekday stands out."""
