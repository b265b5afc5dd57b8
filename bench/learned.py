"""What answers so far tell of a slot, as a factor on its fit: an experiment (see the decision
record on it), not part of fikad.

Every answered hold tells of several things: whether it lay at the person's habit, its weekday, part
of the day and occasion, and the same for this person alone. One after the other, each is asked how
many more were said yes to than those before it lead one to expect, as if so many more answers had
been as expected. Yes is what was accepted; what was dismissed or lapsed is no; what was taken back
tells nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.holds.record import Hold
from daemon.planning.fit import Asked, CandidateSlot, Fit, Habit
from daemon.planning.planner import plan_by
from daemon.planning.request import Plan, PlanRequest

_NEAR = 90
"""Within so many minutes of the usual start something is at the usual hour."""
_PARTS = (11 * 60, 14 * 60, 18 * 60)
"""Where midday, afternoon and evening begin, in minutes after midnight."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What an answer may turn on."""

    key: str
    weekday: int
    minute: int
    occasion: str
    habit: Habit | None

    @property
    def part(self) -> int:
        return sum(self.minute >= start for start in _PARTS)

    @property
    def is_usual_day(self) -> bool | None:
        if self.habit is None or self.habit.weekday is None:
            return None
        return self.habit.weekday == self.weekday

    @property
    def is_usual_hour(self) -> bool | None:
        return abs(self.habit.minute - self.minute) <= _NEAR if self.habit else None


_ASPECTS: Sequence[Callable[[Asking], Hashable]] = (
    lambda asking: asking.is_usual_day,
    lambda asking: asking.is_usual_hour,
    lambda asking: asking.weekday,
    lambda asking: asking.part,
    lambda asking: asking.occasion,
    lambda asking: (asking.key, asking.weekday),
    lambda asking: (asking.key, asking.part),
    lambda asking: (asking.key, asking.occasion),
)

Lifts = Sequence[Mapping[Hashable, float]]
"""For each aspect: by its value, how many times as many as expected were said yes to."""


def lifts(answers: Sequence[tuple[Asking, bool]], steady: float) -> Lifts:
    """What the answers tell, beside `steady` more that were as expected."""
    overall = (sum(yes for _, yes in answers) + 1) / (len(answers) + 2)
    said: dict[str, list[bool]] = defaultdict(list)
    for asking, yes in answers:
        said[asking.key].append(yes)
    rates = {key: (sum(yes) + steady * overall) / (len(yes) + steady) for key, yes in said.items()}
    expected = [rates[asking.key] for asking, _ in answers]
    learned_lifts = []
    for aspect in _ASPECTS:
        hoped: dict[Hashable, float] = defaultdict(float)
        agreed: dict[Hashable, int] = defaultdict(int)
        for (asking, yes), chance in zip(answers, expected, strict=True):
            hoped[aspect(asking)] += chance
            agreed[aspect(asking)] += yes
        lift = {value: (agreed[value] + steady) / (hope + steady) for value, hope in hoped.items()}
        expected = [
            chance * lift[aspect(asking)]
            for (asking, _), chance in zip(answers, expected, strict=True)
        ]
        learned_lifts.append(lift)
    return learned_lifts


def learned(holds: Iterable[Hold], request: PlanRequest, steady: float) -> Plan:
    """A plan with the answers so far in the fit. The larger `steady`, the slower it learns."""
    answers = [
        (_asking(hold, request.habits, request.zone), hold.state in ("accepted", "missed"))
        for hold in holds
        if hold.state in ("accepted", "missed", "dismissed", "lapsed")
    ]
    told = lifts(answers, steady)
    fit = LearnedFit(
        request.rhythm, request.now, request.habits, request.remote, request.known_busy, told
    )
    return plan_by(fit, request)


def _asking(hold: Hold, habits: Mapping[str, Habit], zone: ZoneInfo) -> Asking:
    local: datetime = hold.start.astimezone(zone)
    key = hold.contact_key
    minute = local.hour * 60 + local.minute
    return Asking(key, local.weekday(), minute, hold.occasion, habits.get(key))


@dataclass(frozen=True, slots=True)
class LearnedFit(Fit):
    """The fit of a slot, times what the answers say of it."""

    lifts: Lifts = field(default_factory=list)

    def of(self, asked: Asked, order: int, candidate: CandidateSlot) -> float:
        key = asked.contact.key
        asking = Asking(
            key,
            candidate.day.weekday(),
            candidate.minute,
            candidate.slot.occasion,
            self.habits.get(key),
        )
        factor = Fit.of(self, asked, order, candidate)
        for aspect, lift in zip(_ASPECTS, self.lifts, strict=True):
            factor *= lift.get(aspect(asking), 1.0)
        return factor

    def shortlist(self, asked: Asked, candidates: list[CandidateSlot]) -> list[CandidateSlot]:
        """Also the first place of each part of the day, and the first at the usual hour."""
        chosen = {id(place): place for place in Fit.shortlist(self, asked, candidates)}
        habit = self.habits.get(asked.contact.key)
        edges = [*_PARTS, *([habit.minute - _NEAR] if habit else [])]
        for edge in edges:
            place = next((place for place in candidates if place.minute >= edge), None)
            if place is not None:
                chosen[id(place)] = place
        return sorted(chosen.values(), key=lambda place: place.slot.start)
