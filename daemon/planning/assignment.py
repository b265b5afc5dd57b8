"""Who and when as one problem: the best choice of people and times together, not first come, first
served.

Everybody wants one time. The times lie in *cells* (a day, or less where several holds may stand on
one), and the caps
are nested: cell, day, week, all. But for the buffer between holds this is a flow through a network,
whose best solution is found exactly (`flow`). Two options that the flow puts too close together are
the reason to branch: in any choice at least one of the two people is elsewhere, so the best choice
is the better one of "the first may not be there" and "the second may not be there". The flow's
value bounds what a branch can bring, and the branch with the best bound is looked at first; so the
choice that comes out is the best there is, and `bound` proves it.

Where many people want many holds a day, that proof may take long. Then, after a fixed amount of
work, the best choice found so far is taken, and `bound` says how far from the best it can be at
most. The amount is counted and not timed, so a choice never depends on how fast the machine is."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count, pairwise
from typing import NamedTuple, Protocol

from daemon.planning.fit import CandidateSlot
from daemon.planning.flow import Arc, Caps, Cell, best_flow

_TINY = 1e-9
_DAY = timedelta(days=1)
_EFFORT = 60_000
"""How many arcs the networks of one search may have together."""


class Option(NamedTuple):
    """One place for one person, and what it is worth (more than 0)."""

    value: float
    candidate: CandidateSlot
    order: int = 0
    """The occasion's place in the person's list: equals go by start, then by this."""
    evening: bool = False
    """An evening of drinks: no other one may be on this day or on one beside it."""


class Wish(Protocol):
    """What one person could get."""

    @property
    def best(self) -> Mapping[int, Option]:
        """The best option in every cell in which there is one."""
        ...

    def options(self, cell: int) -> Sequence[Option]:
        """All options in a cell, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """A choice, and how good it is."""

    chosen: Mapping[int, Option]
    """By the number of the wish."""
    value: float
    """Of all options chosen, less the crowding (see `flow.Caps`)."""
    bound: float
    """No choice is worth more. Equal to `value` when the choice is proven to be the best."""


def assign(
    wishes: Sequence[Wish],
    cells: Sequence[Cell],
    caps: Caps,
    buffer: timedelta,
    *,
    effort: int = _EFFORT,
) -> Assignment:
    """The most valuable choice: at most one option each, the caps kept, all of them `buffer` apart.

    The same input gives the same choice.
    """
    search = _Search(wishes, cells, caps, buffer)
    best: _Choice = {}
    best_value = 0.0
    order = count()
    first = search.relaxed(())
    heap: list[tuple[float, int, int, tuple[_Ban, ...], _Choice]] = [
        (-first[0], 0, next(order), (), first[1])
    ]
    while heap:
        negative, _, _, bans, choice = heappop(heap)
        if -negative <= best_value + _TINY:
            break
        clash = search.clash(choice)
        if clash is None:
            return Assignment(choice, -negative, -negative)
        value, kept = search.repaired(choice)
        if value > best_value + _TINY:
            best, best_value = kept, value
        if search.spent >= effort:
            return Assignment(best, best_value, max(best_value, -negative))
        for ban in clash:
            bound, relaxed = search.relaxed((*bans, ban))
            if bound > best_value + _TINY:
                heappush(heap, (-bound, -len(bans), next(order), (*bans, ban), relaxed))
    return Assignment(best, best_value, best_value)


class _Ban(NamedTuple):
    """A branch: somebody, or everybody (None), may have no option that takes an instant, or none on
    an evening."""

    person: int | None
    instant: datetime | None
    evening: date | None

    def covers(self, option: Option, buffer: timedelta) -> bool:
        if self.instant is not None:
            return option.candidate.slot.start <= self.instant < option.candidate.slot.end + buffer
        return option.evening and option.candidate.day == self.evening


_Choice = dict[int, Option]
_Ranked = list[tuple[float, int, Option]]
"""Less value, person, option: the person is the only one of that number, so options are never
compared."""


class _Search:
    """One problem, and what was spent on it."""

    def __init__(
        self, wishes: Sequence[Wish], cells: Sequence[Cell], caps: Caps, buffer: timedelta
    ) -> None:
        self._wishes, self._cells, self._caps, self._buffer = wishes, cells, caps, buffer
        self.spent = 0
        self._ranked: list[_Ranked] = [[] for _ in cells]
        for person, wish in enumerate(wishes):
            for cell, option in wish.best.items():
                self._ranked[cell].append((-option.value, person, option))
        for ranked in self._ranked:
            ranked.sort()

    def relaxed(self, bans: Sequence[_Ban]) -> tuple[float, _Choice]:
        """The best choice under some bans, were there no buffer, and its worth."""
        options: dict[tuple[int, int], Option] = {}
        arcs: list[Arc] = []
        for cell, ranked in enumerate(self._under(bans)):
            # Whoever is worse than `total` others in a cell is never needed there: one of those
            # others is free.
            for negative, person, option in ranked[: self._caps.total]:
                arcs.append(Arc(person, cell, -negative))
                options[person, cell] = option
        self.spent += len(arcs)
        value, seats = best_flow(sorted(arcs), self._cells, self._caps)
        return value, {person: options[person, cell] for person, cell in seats.items()}

    def _under(self, bans: Sequence[_Ban]) -> Sequence[_Ranked]:
        """Who wants a cell how much, the most first, when some options are banned."""
        changed: dict[int, _Ranked] = {}
        for person, wish in enumerate(self._wishes):
            own = [ban for ban in bans if ban.person in (person, None)]
            if not own:
                continue
            for cell, option in wish.best.items():
                if not any(ban.covers(option, self._buffer) for ban in own):
                    continue
                ranked = changed.setdefault(cell, list(self._ranked[cell]))
                ranked[:] = [entry for entry in ranked if entry[1] != person]
                for other in wish.options(cell):
                    if not any(ban.covers(other, self._buffer) for ban in own):
                        insort(ranked, (-other.value, person, other))
                        break
        return [changed.get(cell, ranked) for cell, ranked in enumerate(self._ranked)]

    def clash(self, choice: _Choice) -> tuple[_Ban, _Ban] | None:
        """Two options of a choice that cannot both be, as the two ways out; None when all is
        well."""
        inner = sorted(choice.items(), key=lambda item: item[1].candidate.slot.start)
        for (first, earlier), (second, later) in pairwise(inner):
            if later.candidate.slot.start < earlier.candidate.slot.end + self._buffer:
                instant = later.candidate.slot.start
                return _Ban(first, instant, None), _Ban(second, instant, None)
        evenings = [(person, option.candidate.day) for person, option in inner if option.evening]
        for (first, day), (second, next_day) in pairwise(evenings):
            if day == next_day:
                return _Ban(first, None, day), _Ban(second, None, day)
            # not even with others: one of the two evenings has no drinks at all
            if next_day - day == _DAY:
                return _Ban(None, None, day), _Ban(None, None, next_day)
        return None

    def repaired(self, choice: _Choice) -> tuple[float, _Choice]:
        """A choice that can be: what is too close goes, and others fill the room, the most valuable
        first."""
        kept: _Choice = {}
        for person, option in sorted(choice.items(), key=lambda item: (-item[1].value, item[0])):
            if self._fits(kept, option):
                kept[person] = option
        for person, wish in enumerate(self._wishes):
            if person in kept or len(kept) >= len(choice):
                continue
            for cell in sorted(wish.best, key=lambda cell: (-wish.best[cell].value, cell)):
                fitting = next(
                    (option for option in wish.options(cell) if self._fits(kept, option)), None
                )
                if fitting is not None:
                    kept[person] = fitting
                    break
        return self._worth(kept), kept

    def _fits(self, kept: _Choice, option: Option) -> bool:
        """Whether an option can be beside those kept."""
        candidate = option.candidate
        if (
            sum(other.candidate.day == candidate.day for other in kept.values())
            >= self._caps.days[candidate.day]
        ):
            return False
        if (
            sum(other.candidate.week == candidate.week for other in kept.values())
            >= self._caps.weeks[candidate.week]
        ):
            return False
        for other in kept.values():
            slot = other.candidate.slot
            if (
                slot.start < candidate.slot.end + self._buffer
                and candidate.slot.start < slot.end + self._buffer
            ):
                return False
            if (
                other.evening
                and option.evening
                and abs(other.candidate.day - candidate.day) <= _DAY
            ):
                return False
        return True

    def _worth(self, choice: _Choice) -> float:
        parts = {
            Cell(option.candidate.day, option.candidate.week).part for option in choice.values()
        }
        values = sum(option.value for option in choice.values())
        return values - self._caps.crowding * (len(choice) - len(parts))
