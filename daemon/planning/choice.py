"""Who is chosen among those who are due, and for which place: the best choice there is.

What `planner.plan` tells and gives reasons for is decided here; asked again with one thing changed,
it says whether that thing decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from daemon.judging.recency import Standing
from daemon.people.contacts import Contact
from daemon.planning.assignment import Option, assign
from daemon.planning.balance import Emphasis
from daemon.planning.capacity import DRINKS, Capacity
from daemon.planning.first_step import JOURNEY, first_steps
from daemon.planning.fit import Asked, CandidateSlot, Fit, by_occasion, monday
from daemon.planning.flow import Caps, Cell
from daemon.planning.pace import Pace
from daemon.planning.request import PlanRequest

_MINUTE = timedelta(minutes=1)
_CROWDING = 0.1
"""What every new hold but the first in a part of a week costs, times the least value of anybody."""
_LONG = 2.0
"""The urgency from which on somebody was not seen for long."""


@dataclass(frozen=True, slots=True)
class DuePerson:
    """Somebody who is due."""

    standing: Standing
    emphasis: Emphasis
    first_steps: frozenset[str] = frozenset()
    """Those of their occasions that go before all others; none where nothing does."""

    @property
    def contact(self) -> Contact:
        return self.standing.contact

    @property
    def value(self) -> float:
        """Before any slot is known."""
        return self.standing.value * self.emphasis.factor


class Choice:
    """Who is chosen among those who are due, and all it was chosen by."""

    def __init__(self, request: PlanRequest, fit: Fit, usual: Collection[str] = ()) -> None:
        """For the contacts in `usual` (by key) no call goes first."""
        self.request, self.fit, self._usual = request, fit, usual
        self.candidates = by_occasion(request.slots, request.zone)
        pace = Pace(request.rhythm, request.challenges)
        self.capacity = Capacity(request.rhythm, request.zone, request.now, request.held, pace)
        self.ordered = sorted(
            request.standings, key=lambda standing: (-standing.value, standing.contact.key)
        )
        due = [standing for standing in self.ordered if not standing.blocked]
        left = self.capacity.left(self.candidates)
        stress = request.emphasis(due, left) if request.emphasis else {}
        self.asked = [
            DuePerson(
                standing,
                stress.get(standing.contact.key, Emphasis()),
                self._first_steps(standing),
            )
            for standing in due
        ]
        self.chosen = _choose(self.asked, self.candidates, self.capacity, self.fit)
        for circle in pace.circles():
            self._choose_more(circle)

    def _first_steps(self, standing: Standing) -> frozenset[str]:
        """See `first_step.first_steps`; only those for which a place is left."""
        contact, request = standing.contact, self.request
        if contact.key in self._usual:
            return frozenset()
        return frozenset(
            name
            for name in first_steps(standing, request.now, request.zone, request.remote)
            if any(
                self.capacity.refuses(place) is None and not self.fit.asleep(contact, place.slot)
                for place in self.candidates.get(name, ())
            )
        )

    def _choose_more(self, circle: str) -> None:
        """Give out the places that only the people of one circle may take."""
        theirs = [
            person
            for person in self.asked
            if person.contact.circle == circle and person.contact.key not in self.chosen
        ]
        self.capacity.circle = circle
        self.chosen |= _choose(theirs, self.candidates, self.capacity, self.fit)
        self.capacity.circle = None


def _choose(
    asked: Sequence[DuePerson],
    candidates: Mapping[str, Sequence[CandidateSlot]],
    capacity: Capacity,
    fit: Fit,
) -> dict[str, Option]:
    """Who gets which place, by contact key: the best choice there is. Fills `room`."""
    total = capacity.left(candidates)
    if not asked or total <= 0:
        return {}
    cells, groups = _cells(candidates, capacity)
    days = {cell.day: capacity.left_on(cell.day) for cell in cells}
    weeks = {cell.week: capacity.left_in(cell.week) for cell in cells}
    longest = {
        name: max((candidate.slot.end - candidate.slot.start) / _MINUTE for candidate in these)
        for name, these in candidates.items()
    }
    wishes = [_Wish(person, groups, capacity, fit, longest) for person in asked]
    values = [max(option.value for option in wish.best.values()) for wish in wishes if wish.best]
    caps = Caps(total, days, weeks, _CROWDING * min(values, default=0.0))
    assignment = assign(wishes, cells, caps, capacity.rhythm.buffer)
    for option in assignment.chosen.values():
        capacity.take(option.candidate)
    return {asked[number].contact.key: option for number, option in assignment.chosen.items()}


def _cells(
    candidates: Mapping[str, Sequence[CandidateSlot]], capacity: Capacity
) -> tuple[list[Cell], list[_Group]]:
    """The allowed places cut into cells: days on which one may be taken; else stretches of which
    any two places are too close to each other."""
    by_day: dict[date, list[tuple[str, CandidateSlot]]] = {}
    for name, these in candidates.items():
        for candidate in these:
            if capacity.refuses(candidate) is None:
                by_day.setdefault(candidate.day, []).append((name, candidate))
    cells: list[Cell] = []
    groups: list[_Group] = []
    for day in sorted(by_day):
        left = sorted(
            by_day[day],
            key=lambda numbered: (numbered[1].slot.end, numbered[1].slot.start, numbered[0]),
        )
        while left:
            edge = left[0][1].slot.end + capacity.rhythm.buffer
            alone = capacity.left_on(day) == 1
            inside = [numbered for numbered in left if alone or numbered[1].slot.start < edge]
            left = (
                [] if alone else [numbered for numbered in left if numbered[1].slot.start >= edge]
            )
            group: _Group = {}
            for name, candidate in sorted(
                inside, key=lambda numbered: (numbered[1].slot.start, numbered[1].slot.end)
            ):
                group.setdefault(name, []).append(candidate)
            cells.append(Cell(day, monday(day)))
            groups.append(group)
    return cells, groups


_Group = dict[str, list[CandidateSlot]]
"""The places of one cell by occasion, in order of start."""


class _Wish:
    """What one person could get (`assignment.Wish`); only the best of each cell is worked out at
    once."""

    def __init__(
        self,
        person: DuePerson,
        groups: Sequence[_Group],
        capacity: Capacity,
        fit: Fit,
        longest: Mapping[str, float],
    ) -> None:
        contact = person.contact
        unseen = person.standing.last_met is not None and person.standing.urgency_of_time >= _LONG
        lengths = [longest[name] for name in contact.occasions if name in longest]
        self._first_steps = person.first_steps
        lasting = unseen and not self._first_steps
        self._asked = Asked(contact, max(lengths, default=0.0) if lasting else 0.0)
        self._value, self._groups, self._capacity, self._fit = person.value, groups, capacity, fit
        self.best: dict[int, Option] = {}
        for cell, group in enumerate(groups):
            top = min(self._valued(group, only_shortlist=True), key=_rank, default=None)
            if top is not None:
                self.best[cell] = top

    def options(self, cell: int) -> Sequence[Option]:
        return sorted(self._valued(self._groups[cell], only_shortlist=False), key=_rank)

    def _valued(self, group: _Group, *, only_shortlist: bool) -> Iterable[Option]:
        for order, name in enumerate(self._asked.contact.occasions):
            if name not in group:
                continue
            candidates = (
                self._fit.shortlist(self._asked, group[name]) if only_shortlist else group[name]
            )
            share = self._capacity.spread(candidates[0])
            if self._first_steps and name not in self._first_steps:
                share *= JOURNEY
            for candidate in candidates:
                value = self._value * self._fit.of(self._asked, order, candidate) * share
                if value > 0:
                    yield Option(value, candidate, order, name == DRINKS)


def _rank(option: Option) -> tuple[float, datetime, int]:
    return -option.value, option.candidate.slot.start, option.order
