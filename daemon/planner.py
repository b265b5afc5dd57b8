"""Who gets which slot.

Everybody whose standing is not blocked wants one slot of one of their occasions. Hard rules say what may be: no more
holds than a week, a day and the user's patience (`open`) bear, and none within the buffer of another. What is left is
ranked by value: urgency × the circle's weight × how well the slot fits (`fit`), a little less on and beside days with
other holds.

The choice itself is `_choose`, which sees candidates, the slots that are open and the room that is left, and nothing
else: here each person in order of urgency × weight takes the slot that fits best. The same input gives the same plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from daemon.config import WEEKDAY_NAMES, Rhythm
from daemon.contacts import Contact
from daemon.fit import Fit, Habit, Place, by_occasion, monday
from daemon.recency import Held, Standing, why_due
from daemon.slots import Slot

_DAY = timedelta(days=1)
_NEIGHBOUR = 0.05
"""What each hold on a day beside costs, and half of what one on the day itself costs; down to half the value."""


def plan(
    standings: Iterable[Standing],
    slots: Iterable[Slot],
    *,
    held: Iterable[Held],
    rhythm: Rhythm,
    zone: ZoneInfo,
    now: datetime,
    habits: Mapping[str, Habit] | None = None,
) -> Plan:
    """New holds for those who are due, and for everybody else the reason why they wait.

    `slots` are the open ones of all occasions. `held` are the proposed, pinned and accepted holds, those of the present
    week that are over included, since they count for the week. `zone` is the user's: weeks run from Monday to Sunday
    in it. `habits` by contact key are optional (see `fit.habits`).
    """
    places = by_occasion(slots, zone)
    room = _Room(rhythm, zone, now, held)
    due: list[Standing] = []
    waiting: list[Waiting] = []
    for standing in sorted(standings, key=lambda one: (-one.value, one.contact.key)):
        if standing.blocked:
            waiting.append(Waiting(standing.contact.key, standing.blocked.code, standing.blocked.reason))
        else:
            due.append(standing)
    chosen = _choose(due, places, room, Fit(rhythm, now, habits or {}))
    proposals = []
    verdicts: dict[tuple[str, ...], tuple[str, str]] = {}
    for standing in due:
        choice = chosen.get(standing.contact.key)
        if choice is None:
            wanted = standing.contact.occasions
            if wanted not in verdicts:
                verdicts[wanted] = _why_waiting(wanted, places, room)
            waiting.append(Waiting(standing.contact.key, *verdicts[wanted]))
            continue
        proposals.append(
            Proposal(
                contact=standing.contact,
                slot=choice.place.slot,
                occasion=choice.place.slot.occasion,
                value=standing.value * choice.fit,
                reason=why_due(standing, now),
                slot_reason=choice.reason,
            )
        )
    return Plan(tuple(proposals), tuple(waiting))


def move_slot(
    contact: Contact,
    hold: Held,
    slots: Iterable[Slot],
    *,
    held: Iterable[Held],
    rhythm: Rhythm,
    zone: ZoneInfo,
    now: datetime,
    habits: Mapping[str, Habit] | None = None,
) -> Slot | None:
    """The next best slot for a hold that something busy overlaps, or None when no allowed one is left.

    A slot of the same occasion always goes before one of another. `slots` are the open ones, looked for without this
    hold (`openings(…, ignoring={hold.uid})`); `held` may contain it. `open` is not asked: a move adds no hold.
    """
    others = [other for other in held if not _same(other, hold)]
    room = _Room(rhythm, zone, now, others)
    fit = Fit(rhythm, now, habits or {})
    wanted = (hold.occasion, *(name for name in contact.occasions if name != hold.occasion))
    allowed = _allowed(by_occasion(slots, zone), room)
    for name in wanted:
        choice = _best(contact.key, (name,), allowed, room, fit)
        if choice:
            return choice.place.slot
    return None


def _choose(
    due: Sequence[Standing], places: Mapping[str, Sequence[Place]], room: _Room, fit: Fit
) -> dict[str, _Choice]:
    """Who gets which place, by contact key: in the order given, each takes what fits best. Fills `room`."""
    chosen: dict[str, _Choice] = {}
    left = _allowed(places, room)
    for standing in due:
        if room.is_full or not any(left.values()):
            break
        contact = standing.contact
        choice = _best(contact.key, contact.occasions, left, room, fit)
        if choice is None:
            continue
        chosen[contact.key] = choice
        room.take(choice.place)
        left = _allowed(left, room, newly=choice.place.slot)
    return chosen


def _allowed(
    places: Mapping[str, Sequence[Place]], room: _Room, *, newly: Slot | None = None
) -> dict[str, list[Place]]:
    """The places not refused; of those allowed before, only `newly` taken time and the caps are asked."""
    return {name: [place for place in these if room.refuses(place, newly) is None] for name, these in places.items()}


def _best(
    key: str, occasions: Sequence[str], allowed: Mapping[str, Sequence[Place]], room: _Room, fit: Fit
) -> _Choice | None:
    """The allowed place that fits one contact best; equals go by start, then by the order of occasions."""
    best: tuple[float, datetime, int] | None = None
    found: Place | None = None
    sooner = False
    for order, name in enumerate(occasions):
        first = True
        for place in allowed.get(name, ()):
            rank = (-fit.of(key, order, place) * room.spread(place), place.slot.start, order)
            if best is None or rank < best:
                best, found, sooner = rank, place, first
            first = False
    if best is None or found is None:
        return None
    return _Choice(found, -best[0], _why_slot(found, fit.habits.get(key), sooner))


def _why_slot(place: Place, habit: Habit | None, first: bool) -> str:
    """Why this slot, as one sentence."""
    if habit and habit.weekday == place.day.weekday():
        return f"{WEEKDAY_NAMES[habit.weekday].capitalize()} is when you usually meet."
    if first:
        return f"It is the first slot for {place.slot.occasion} that is open and within your rhythm."
    if habit:
        return f"It is the open slot for {place.slot.occasion} closest to when you usually meet."
    return f"It is the first good slot for {place.slot.occasion} beside your other suggestions."


def _why_waiting(occasions: Sequence[str], places: Mapping[str, Sequence[Place]], room: _Room) -> tuple[str, str]:
    """Why somebody who is due got nothing, once everything is placed: a code and one sentence."""
    rhythm = room.rhythm
    names = ", ".join(occasions)
    wanted = [place for name in occasions for place in places.get(name, ())]
    if not wanted:
        return "no-slot", f"No slot for {names} is open before the horizon."
    off = [name for name in ("per_week", "per_day", "open") if getattr(rhythm, name) == 0]
    if off:
        return "rhythm-off", f"The config wants no suggestions ({off[0]} = 0)."
    if room.is_full:
        are = f"{_suggestions(room.open)} {'is' if room.open == 1 else 'are'} open"
        return "open", f"{are} already, and you want at most {rhythm.open} at a time."
    codes = {room.refuses(place) for place in wanted}
    if codes == {"week"}:
        which = _which_week({place.week for place in wanted}, room.this_week)
        least = min(room.weeks[place.week] for place in wanted)
        return "week", f"{which} already has {_suggestions(least)}."
    if codes <= {"week", "day"}:
        return "day", f"Every week or day with an open slot for {names} has enough suggestions already."
    return "taken", f"Other suggestions took the open slots for {names}."


def _which_week(weeks: set[date], this_week: date) -> str:
    if weeks == {this_week}:
        return "This week"
    return "Next week" if weeks == {this_week + 7 * _DAY} else "Every week with an open slot"


def _suggestions(number: int) -> str:
    return f"{number} suggestion" if number == 1 else f"{number} suggestions"


def _same(one: Held, other: Held) -> bool:
    return one.uid == other.uid if one.uid or other.uid else one == other


class _Choice(NamedTuple):
    """A place for one contact, how well it fits (0 to 1) and why it was taken."""

    place: Place
    fit: float
    reason: str


class _Room:
    """How much the caps leave, given the holds that stand and those that were placed."""

    def __init__(self, rhythm: Rhythm, zone: ZoneInfo, now: datetime, held: Iterable[Held]) -> None:
        self.rhythm = rhythm
        self.weeks: Counter[date] = Counter()
        self.days: Counter[date] = Counter()
        self.this_week = monday(now.astimezone(zone).date())
        self.open = 0
        self._spans: list[tuple[datetime, datetime]] = []
        for hold in held:
            day = hold.start.astimezone(zone).date()
            self._count(day, monday(day), hold.start, hold.end)
            if hold.state != "accepted" and hold.end > now:
                self.open += 1

    @property
    def is_full(self) -> bool:
        """Whether no further hold may be open at all."""
        return self.open >= self.rhythm.open

    def refuses(self, place: Place, newly: Slot | None = None) -> Literal["week", "day", "taken"] | None:
        """The cap or hold (of all, or only the one `newly` taken) that a place runs into, or None.

        `is_full` is a matter of its own.
        """
        if self.weeks[place.week] >= self.rhythm.per_week:
            return "week"
        if self.days[place.day] >= self.rhythm.per_day:
            return "day"
        first, last = place.slot.start - self.rhythm.buffer, place.slot.end + self.rhythm.buffer
        spans = self._spans if newly is None else [(newly.start, newly.end)]
        if any(first < end and start < last for start, end in spans):
            return "taken"
        return None

    def take(self, place: Place) -> None:
        """Count a new hold at this place."""
        self._count(place.day, place.week, place.slot.start, place.slot.end)
        self.open += 1

    def spread(self, place: Place) -> float:
        """1.0 for a day without holds on it or beside it, less for a crowded one."""
        near = 2 * self.days[place.day] + self.days[place.day - _DAY] + self.days[place.day + _DAY]
        return max(1 - _NEIGHBOUR * near, 0.5)

    def _count(self, day: date, week: date, start: datetime, end: datetime) -> None:
        self.days[day] += 1
        self.weeks[week] += 1
        self._spans.append((start, end))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new hold to be written."""

    contact: Contact
    slot: Slot
    occasion: str
    value: float
    """Urgency × weight × fit."""
    reason: str
    """Why this person: one sentence."""
    slot_reason: str
    """Why this slot: one sentence."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who gets no hold now, and why.

    `code` is that of `recency.Blocked`, or of the planner: `no-slot`, `rhythm-off`, `open`, `week`, `day`, `taken`.
    """

    contact_key: str
    code: str
    reason: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """New holds, the most pressing first, and everybody else."""

    proposals: tuple[Proposal, ...]
    waiting: tuple[Waiting, ...]
