"""The best plan is the best: held against trying everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.planning.assignment import Option, assign
from daemon.planning.fit import CandidateSlot, monday
from daemon.planning.flow import Caps, Cell
from daemon.planning.slots import Slot

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
BUFFER = timedelta(minutes=15)


class Wanted:
    """A wish made of its options."""

    def __init__(
        self, cells: Sequence[Cell], cell_of: dict[Slot, int], options: Sequence[Option]
    ) -> None:
        self._by_cell: dict[int, list[Option]] = {}
        for option in sorted(
            options, key=lambda ranked: (-ranked.value, ranked.candidate.slot.start)
        ):
            self._by_cell.setdefault(cell_of[option.candidate.slot], []).append(option)
        self.best = {cell: in_cell[0] for cell, in_cell in self._by_cell.items()}

    def options(self, cell: int) -> Sequence[Option]:
        return self._by_cell[cell]


def candidate(day: int, hour: float, hours: float = 1, occasion: str = "coffee") -> CandidateSlot:
    start = MONDAY + day * DAY + hour * HOUR
    local = start.date()
    return CandidateSlot(
        Slot(occasion, start, start + hours * HOUR), local, monday(local), round(hour * 60)
    )


def problem(people: Sequence[Sequence[Option]], per_day: int) -> tuple[list[Wanted], list[Cell]]:
    """The wishes, with cells as the planner makes them: a whole day where one hold may be on it,
    else cliques."""
    by_day: dict[date, list[CandidateSlot]] = {}
    for option in (option for options in people for option in options):
        if option.candidate not in by_day.setdefault(option.candidate.day, []):
            by_day[option.candidate.day].append(option.candidate)
    cells: list[Cell] = []
    cell_of: dict[Slot, int] = {}
    for day, candidates in sorted(by_day.items()):
        left = sorted(candidates, key=lambda spot: spot.slot.end)
        while left:
            edge = left[0].slot.end + BUFFER
            inside = [spot for spot in left if per_day == 1 or spot.slot.start < edge]
            left = [spot for spot in left if spot not in inside]
            cell_of |= {spot.slot: len(cells) for spot in inside}
            cells.append(Cell(day, monday(day)))
    return [Wanted(cells, cell_of, options) for options in people], cells


def caps(cells: Sequence[Cell], per_day: int, per_week: int, total: int, crowding: float) -> Caps:
    return Caps(
        total,
        {cell.day: per_day for cell in cells},
        {cell.week: per_week for cell in cells},
        crowding,
    )


def every_choice(people: Sequence[Sequence[Option]], limits: Caps) -> Iterator[float]:
    """The worth of everything that can be chosen."""
    for choice in product(*((None, *options) for options in people)):
        taken = sorted(
            (option for option in choice if option), key=lambda option: option.candidate.slot.start
        )
        days, weeks = (
            Counter(option.candidate.day for option in taken),
            Counter(option.candidate.week for option in taken),
        )
        if len(taken) > limits.total or any(
            count > limits.days[day] for day, count in days.items()
        ):
            continue
        if any(count > limits.weeks[week] for week, count in weeks.items()):
            continue
        pairs = list(pairwise(taken))
        if any(
            other.candidate.slot.start < option.candidate.slot.end + BUFFER
            for option, other in pairs
        ):
            continue
        evenings = [option.candidate.day for option in taken if option.evening]
        if any(later - day <= DAY for day, later in pairwise(evenings)):
            continue
        parts = {
            (option.candidate.week, min(option.candidate.day.weekday() // 2, 2)) for option in taken
        }
        yield sum(option.value for option in taken) - limits.crowding * (len(taken) - len(parts))


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[list[Option]], int, int, int, float]:
    # crowded ones, for the caps of a day
    days = draw(st.sampled_from([[0], [0, 1], [0, 1, 7], range(10)]))
    spots = draw(
        st.lists(
            st.tuples(
                st.sampled_from(days),
                st.sampled_from([9, 9.5, 10, 10.5, 12, 23.5]),
                st.sampled_from([0.5, 1, 2]),
            ),
            min_size=1,
            max_size=7,
            unique=True,
        )
    )
    drinks = draw(st.lists(st.booleans(), min_size=len(spots), max_size=len(spots)))
    candidates = [
        candidate(*spot, occasion="drinks" if evening else "coffee")
        for spot, evening in zip(spots, drinks, strict=True)
    ]
    values = st.one_of(st.none(), st.floats(0.1, 4), st.sampled_from([1.0, 1.0, 2.0]))
    people = [
        [
            Option(value, spot, 0, spot.slot.occasion == "drinks")
            for spot in candidates
            if (value := draw(values)) is not None
        ]
        for _ in range(draw(st.sampled_from([4, 3, 4, 2, 1])))
    ]
    # Mostly one cap at a time is in the way.
    per_day, per_week, total = draw(
        st.sampled_from([(1, 4, 4), (2, 4, 4), (2, 3, 4), (3, 2, 4), (3, 4, 3), (2, 2, 2)])
    )
    return people, per_day, per_week, total, draw(st.floats(0, 0.05))


@settings(max_examples=400, deadline=None)
@given(problems())
@example(([[Option(1.0, candidate(0, hour, 0.5), 0)] for hour in (9, 10.5, 12)], 2, 4, 4, 0.0))
def test_no_other_choice_is_worth_more(
    given: tuple[list[list[Option]], int, int, int, float],
) -> None:
    people, per_day, per_week, total, crowding = given
    wishes, cells = problem(people, per_day)
    limits = caps(cells, per_day, per_week, total, crowding)
    assignment = assign(wishes, cells, limits, BUFFER)
    assert abs(assignment.value - max(every_choice(people, limits))) < 1e-9
    assert assignment.bound == assignment.value
    chosen = [
        [assignment.chosen[number]] if number in assignment.chosen else []
        for number in range(len(people))
    ]
    assert abs(max(every_choice(chosen, limits)) - assignment.value) < 1e-9
    assert all(option in people[number] for number, option in assignment.chosen.items())


@pytest.mark.parametrize("seed", range(100, 155))
def test_no_other_choice_for_a_few_people_is_worth_more(seed: int) -> None:
    """The same for small problems that are quickly looked at: crowded days and evenings of
    drinks."""
    random = Random(seed)
    days = random.choice(([0], [0, 1], [0, 1, 2], [0, 1, 7]))
    places = {
        (random.choice(days), random.choice((9, 9.5, 10, 10.5, 11, 12)), random.choice((0.5, 1, 2)))
        for _ in range(random.randint(3, 8))
    }
    candidates = [
        candidate(*place, occasion=random.choice(("drinks", "coffee"))) for place in sorted(places)
    ]
    people = [
        [
            Option(
                random.choice((1.0, 2.0, random.uniform(0.1, 2))),
                place,
                0,
                place.slot.occasion == "drinks",
            )
            for place in candidates
            if random.random() < 0.8
        ]
        for _ in range(random.randint(3, 4))
    ]
    per_day, per_week, total = random.choice(((2, 4, 4), (3, 4, 4), (3, 2, 4), (3, 4, 2)))
    wishes, cells = problem(people, per_day)
    limits = caps(cells, per_day, per_week, total, random.choice((0.0, 0.05)))
    assignment = assign(wishes, cells, limits, BUFFER)
    best = max(every_choice(people, limits))
    assert assignment.value == assignment.bound == pytest.approx(best)
    chosen = [[assignment.chosen[n]] if n in assignment.chosen else [] for n in range(len(people))]
    assert max(every_choice(chosen, limits)) == pytest.approx(best)
    for effort in (0, 30):
        lazy = assign(wishes, cells, limits, BUFFER, effort=effort)
        kept = [[lazy.chosen[n]] if n in lazy.chosen else [] for n in range(len(people))]
        assert max(every_choice(kept, limits)) == pytest.approx(lazy.value)
        assert lazy.value - 1e-9 <= best <= lazy.bound + 1e-9


def test_first_come_first_served_would_leave_one_of_two_without() -> None:
    """Jane can always, Omar only at ten: both get a date, though Jane would like ten a little
    better."""
    people = [
        [Option(2.0, candidate(0, 10)), Option(1.9, candidate(1, 10))],
        [Option(1.0, candidate(0, 10))],
    ]
    wishes, cells = problem(people, 1)
    assignment = assign(wishes, cells, caps(cells, 1, 5, 5, 0.0), BUFFER)
    assert {number: option.candidate.day.day for number, option in assignment.chosen.items()} == {
        0: 10,
        1: 9,
    }


def test_what_follows_at_once_is_too_close_also_from_one_cell_to_the_next() -> None:
    """Half past nine to ten, and then ten: the buffer is missing, so one of the two is at nine or
    at noon."""
    jane = [Option(2.0, candidate(0, 9.5, 0.5)), Option(1.9, candidate(0, 9, 0.5))]
    omar = [Option(2.0, candidate(0, 10, 0.5)), Option(1.5, candidate(0, 12))]
    wishes, cells = problem([jane, omar], 2)
    assert len(cells) == 3
    assignment = assign(wishes, cells, caps(cells, 2, 5, 5, 0.0), BUFFER)
    assert [assignment.chosen[0].value, assignment.chosen[1].value] == [1.9, 2.0]


def test_the_worth_of_one_small_wish_is_proven() -> None:
    people = [[Option(0.3, candidate(0, 10))]]
    wishes, cells = problem(people, 1)
    assignment = assign(wishes, cells, caps(cells, 1, 1, 1, 0.0), BUFFER)
    assert assignment.value == assignment.bound == 0.3


def test_without_effort_the_bound_is_never_below_the_best() -> None:
    people = [
        [
            Option(1 + person / 10 + hour / 100, candidate(day, hour))
            for day in range(2)
            for hour in (9, 9.5, 10, 10.5, 11)
        ]
        for person in range(4)
    ]
    wishes, cells = problem(people, 3)
    limits = caps(cells, 3, 6, 6, 0.0)
    lazy, thorough = (
        assign(wishes, cells, limits, BUFFER, effort=0),
        assign(wishes, cells, limits, BUFFER),
    )
    assert lazy.value <= thorough.value + 1e-9 <= lazy.bound + 1e-8
