"""Who gets which slot.

Everybody whose standing is not blocked wants one slot of one of their occasions. Hard rules say
what may be: no more holds than a week, a day and the user's patience (`open`) bear, none within the
buffer of another, and no two evenings of drinks in a row. What is left is valued: growth of urgency
× the circle's weight × the balance of the practice (`balance`) × how well the slot fits (`fit`), a
little less on and beside days with other holds. The plan is the choice of people and slots together
that is worth the most (`assignment`). The same input gives the same plan.

A challenge for one circle adds places that only its people may take: they are given out when
everybody had their turn under the usual rhythm."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.judging.recency import Held, Standing, why_due
from daemon.people.contacts import Contact
from daemon.planning.assignment import Option, assign
from daemon.planning.balance import Emphasis
from daemon.planning.capacity import DRINKS, Capacity, why_waiting
from daemon.planning.fit import Asked, CandidateSlot, Fit, by_occasion, monday
from daemon.planning.flow import Caps, Cell
from daemon.planning.pace import Pace
from daemon.planning.request import Plan, PlanRequest, Proposal, Waiting
from daemon.planning.slot_choice import why_slot
from daemon.planning.slots import Slot
from daemon.reasons import Reason

_MINUTE = timedelta(minutes=1)
_CROWDING = 0.1
"""What every new hold but the first in a part of a week costs, times the least value of anybody."""
_LONG = 2.0
"""The urgency from which on somebody was not seen for long."""


def plan(request: PlanRequest) -> Plan:
    """New holds for those who are due, and for everybody else but the paused the reason why they
    wait."""
    rhythm, zone, now = request.rhythm, request.zone, request.now
    candidates = by_occasion(request.slots, zone)
    capacity = Capacity(rhythm, zone, now, request.held, Pace(rhythm, request.challenges))
    ordered = sorted(
        request.standings, key=lambda standing: (-standing.value, standing.contact.key)
    )
    due = [standing for standing in ordered if not standing.blocked]
    stress = request.emphasis(due, capacity.left(candidates)) if request.emphasis else {}
    fit = Fit(rhythm, now, request.habits, request.remote)
    asked = [_Person(standing, stress.get(standing.contact.key, Emphasis())) for standing in due]
    chosen = _choose(asked, candidates, capacity, fit)
    for circle in capacity.pace.circles():
        capacity.circle = circle
        theirs = [
            person
            for person in asked
            if person.contact.circle == circle and person.contact.key not in chosen
        ]
        chosen |= _choose(theirs, candidates, capacity, fit)
    capacity.circle = None

    def beside(key: str, circle: str) -> Capacity:
        """What the caps and all other suggestions leave for one person."""
        new = (
            Held(
                other,
                it.candidate.slot.start,
                it.candidate.slot.end,
                "proposed",
                it.candidate.slot.occasion,
            )
            for other, it in chosen.items()
            if other != key
        )
        return Capacity(rhythm, zone, now, [*request.held, *new], capacity.pace, circle)

    proposals = [
        _proposal(person, chosen[key], candidates, fit, beside(key, person.contact.circle), zone)
        for person in asked
        if (key := person.contact.key) in chosen
    ]
    return Plan(tuple(proposals), tuple(_waiting(ordered, chosen, candidates, capacity, fit)))


def move_slot(contact: Contact, hold: Held, request: PlanRequest) -> tuple[Slot, Reason] | None:
    """Where a hold goes that cannot stay, and why there; None when no allowed slot is left.

    A slot of the same occasion always goes before one of another. The request's slots are those
    open without this hold; its `held` may contain it. `open` is not asked: a move adds no hold."""
    rhythm = request.rhythm
    others = [other for other in request.held if not _same(other, hold)]
    pace = Pace(rhythm, request.challenges)
    capacity = Capacity(rhythm, request.zone, request.now, others, pace, contact.circle)
    fit = Fit(rhythm, request.now, request.habits, request.remote)
    wanted = (hold.occasion, *(name for name in contact.occasions if name != hold.occasion))
    candidates = by_occasion(request.slots, request.zone)
    for name in wanted:
        allowed = [
            candidate
            for candidate in candidates.get(name, ())
            if capacity.refuses(candidate) is None
        ]
        fits = [
            (fit.of(Asked(contact), 0, candidate) * capacity.spread(candidate), candidate)
            for candidate in allowed
        ]
        best = min(
            (rated for rated in fits if rated[0]),
            key=lambda rated: (-rated[0], rated[1].slot.start),
            default=None,
        )
        if best:
            return best[1].slot, why_slot(best[1], candidates[name], contact, fit, capacity)
    return None


def _choose(
    asked: Sequence[_Person],
    candidates: Mapping[str, Sequence[CandidateSlot]],
    capacity: Capacity,
    fit: Fit,
) -> dict[str, Option]:
    """Who gets which place, by contact key: the best choice there is. Fills `room`."""
    total = capacity.left(candidates)
    if not asked or total <= 0:
        return {}
    cells, groups = _cells(candidates, capacity)
    if not cells:
        return {}
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


def _proposal(
    person: _Person,
    choice: Option,
    candidates: Mapping[str, Sequence[CandidateSlot]],
    fit: Fit,
    capacity: Capacity,
    zone: ZoneInfo,
) -> Proposal:
    emphasis = person.emphasis.reason
    return Proposal(
        contact=person.contact,
        slot=choice.candidate.slot,
        occasion=choice.candidate.slot.occasion,
        value=choice.value,
        why=(why_due(person.standing, fit.now, zone), *((emphasis,) if emphasis else ())),
        why_slot=why_slot(
            choice.candidate,
            candidates[choice.candidate.slot.occasion],
            person.contact,
            fit,
            capacity,
        ),
    )


def _waiting(
    ordered: Iterable[Standing],
    chosen: Collection[str],
    candidates: Mapping[str, Sequence[CandidateSlot]],
    capacity: Capacity,
    fit: Fit,
) -> Iterable[Waiting]:
    """Why everybody else waits. The paused are named nowhere."""
    verdicts: dict[tuple[str, ...], Reason] = {}
    for standing in ordered:
        contact, blocked = standing.contact, standing.blocked
        if blocked:
            if blocked.code != "paused":
                yield Waiting(contact.key, blocked)
        elif contact.key not in chosen:
            if contact.occasions not in verdicts:
                verdicts[contact.occasions] = why_waiting(contact.occasions, candidates, capacity)
            why = verdicts[contact.occasions]
            wanted = [
                candidate for name in contact.occasions for candidate in candidates.get(name, ())
            ]
            if wanted and all(fit.asleep(contact, candidate.slot) for candidate in wanted):
                asleep = {"name": contact.name, "occasions": contact.occasions}
                why = Reason("no-slot", asleep, variant="asleep")
            yield Waiting(contact.key, why)


def _same(hold: Held, other: Held) -> bool:
    return hold.uid == other.uid if hold.uid or other.uid else hold == other


_Group = dict[str, list[CandidateSlot]]
"""The places of one cell by occasion, in order of start."""


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who is due."""

    standing: Standing
    emphasis: Emphasis

    @property
    def contact(self) -> Contact:
        return self.standing.contact

    @property
    def value(self) -> float:
        """Before any slot is known."""
        return self.standing.value * self.emphasis.factor


class _Wish:
    """What one person could get (`assignment.Wish`); only the best of each cell is worked out at
    once."""

    def __init__(
        self,
        person: _Person,
        groups: Sequence[_Group],
        capacity: Capacity,
        fit: Fit,
        longest: Mapping[str, float],
    ) -> None:
        contact = person.contact
        unseen = person.standing.last_met is not None and person.standing.urgency >= _LONG
        lengths = [longest[name] for name in contact.occasions if name in longest]
        self._asked = Asked(contact, max(lengths, default=0.0) if unseen else 0.0)
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
            spread = self._capacity.spread(candidates[0])
            for candidate in candidates:
                value = self._value * self._fit.of(self._asked, order, candidate) * spread
                if value > 0:
                    yield Option(value, candidate, order, name == DRINKS)


def _rank(option: Option) -> tuple[float, datetime, int]:
    return -option.value, option.candidate.slot.start, option.order
