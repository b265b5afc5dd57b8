"""How much room the caps leave for new holds, and what to say when they leave none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from daemon.config.schema import Rhythm
from daemon.judging.recency import Held
from daemon.planning.fit import CandidateSlot, monday
from daemon.planning.pace import Pace
from daemon.planning.slots import Slot
from daemon.reasons import Reason

DRINKS = "drinks"
"""The occasion of which there are no two evenings in a row."""
_DAY = timedelta(days=1)
_NEIGHBOUR = 0.05
"""What each hold on a day beside costs, and half of what one on the day itself costs; down to half
the value."""


def why_waiting(
    occasions: Sequence[str], candidates: Mapping[str, Sequence[CandidateSlot]], capacity: Capacity
) -> Reason:
    """Why somebody who is due got nothing, once everything is placed."""
    rhythm = capacity.rhythm
    names = {"occasions": tuple(occasions)}
    wanted = [candidate for name in occasions for candidate in candidates.get(name, ())]
    if not wanted:
        return Reason("no-slot", names)
    off = [name for name in ("per_week", "per_day", "open") if getattr(rhythm, name) == 0]
    if off and (
        off != ["per_week"]
        or not any(capacity.pace.per_week(candidate.week) for candidate in wanted)
    ):
        return Reason("rhythm-off", {"setting": off[0]})
    if capacity.is_full:
        return Reason("open", {"count": capacity.open, "most": capacity.most_open})
    codes = {capacity.refuses(candidate) for candidate in wanted}
    if codes == {"week"}:
        which = _which_week({candidate.week for candidate in wanted}, capacity.this_week)
        least = min(capacity.weeks[candidate.week] for candidate in wanted)
        return Reason("week", {"week": which, "count": least})
    if codes <= {"week", "day"}:
        return Reason("day", names)
    return Reason("taken", names, variant="others-first" if None in codes else "")


def _which_week(weeks: set[date], this_week: date) -> Literal["this", "next", "every"]:
    if weeks == {this_week}:
        return "this"
    return "next" if weeks == {this_week + 7 * _DAY} else "every"


class Capacity:
    """How much the caps leave, given the holds that stand and those that were placed."""

    def __init__(
        self,
        rhythm: Rhythm,
        zone: ZoneInfo,
        now: datetime,
        held: Iterable[Held],
        pace: Pace,
        circle: str | None = None,
    ) -> None:
        self.rhythm = rhythm
        self.pace = pace
        self.circle = circle
        """Whose additional places may be taken."""
        today = now.astimezone(zone).date()
        self.this_week = monday(today)
        self.most_open = pace.open(today)
        self.weeks: Counter[date] = Counter()
        self.days: Counter[date] = Counter()
        self.open = 0
        self._spans: list[tuple[datetime, datetime]] = []
        self._evenings: set[date] = set()
        for hold in held:
            day = hold.start.astimezone(zone).date()
            self._count(day, monday(day), Slot(hold.occasion, hold.start, hold.end))
            if hold.state != "accepted" and hold.end > now:
                self.open += 1

    @property
    def is_full(self) -> bool:
        """Whether no further hold may be open at all."""
        return self.open >= self.most_open

    def left(self, candidates: Mapping[str, Sequence[CandidateSlot]]) -> int:
        """How many new holds may be placed at the most."""
        weeks = {candidate.week for these in candidates.values() for candidate in these}
        return max(min(self.most_open - self.open, sum(self.left_in(week) for week in weeks)), 0)

    def left_in(self, week: date) -> int:
        """How many more the week that begins on this Monday bears."""
        return max(self.pace.per_week(week, self.circle) - self.weeks[week], 0)

    def left_on(self, day: date) -> int:
        """How many more a day bears."""
        return max(self.rhythm.per_day - self.days[day], 0)

    def refuses(self, candidate: CandidateSlot) -> Literal["week", "day", "taken"] | None:
        """The cap or hold that a place runs into, or None. `is_full` is a matter of its own."""
        if not self.left_in(candidate.week):
            return "week"
        if not self.left_on(candidate.day):
            return "day"
        first, last = (
            candidate.slot.start - self.rhythm.buffer,
            candidate.slot.end + self.rhythm.buffer,
        )
        if any(first < end and start < last for start, end in self._spans):
            return "taken"
        if candidate.slot.occasion == DRINKS and not self._evenings.isdisjoint(
            {candidate.day - _DAY, candidate.day, candidate.day + _DAY}
        ):
            return "taken"
        return None

    def take(self, candidate: CandidateSlot) -> None:
        """Count a new hold at this place."""
        self._count(candidate.day, candidate.week, candidate.slot)
        self.open += 1

    def spread(self, candidate: CandidateSlot) -> float:
        """1.0 for a day without holds on it or beside it, less for a crowded one."""
        near = (
            2 * self.days[candidate.day]
            + self.days[candidate.day - _DAY]
            + self.days[candidate.day + _DAY]
        )
        return max(1 - _NEIGHBOUR * near, 0.5)

    def _count(self, day: date, week: date, slot: Slot) -> None:
        self.days[day] += 1
        self.weeks[week] += 1
        self._spans.append((slot.start, slot.end))
        if slot.occasion == DRINKS:
            self._evenings.add(day)
