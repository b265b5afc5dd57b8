"""The most valuable flow is the most valuable: held against trying everything."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest

from daemon.planning.flow import Arc, Caps, Cell, best_flow

MONDAY = date(2026, 11, 9)
DAY = timedelta(days=1)
MOVED_TWICE = [(1132, 6)]
"""Problems in which the best flow moves somebody who was moved before."""


def cell(day: int, most: int = 1) -> Cell:
    on = MONDAY + day * DAY
    return Cell(on, on - on.weekday() * DAY, most)


def caps(
    cells: list[Cell], total: int = 9, day: int = 9, week: int = 9, crowding: float = 0.0
) -> Caps:
    return Caps(total, {one.day: day for one in cells}, {one.week: week for one in cells}, crowding)


def worth(
    choice: tuple[int | None, ...], arcs: list[Arc], cells: list[Cell], limits: Caps
) -> float:
    """What a choice of cells is worth; less than nothing where it may not be."""
    values = {(arc.person, arc.cell): arc.value for arc in arcs}
    taken = [(person, at) for person, at in enumerate(choice) if at is not None]
    seats = Counter(at for _, at in taken)
    days = Counter(cells[at].day for _, at in taken)
    weeks = Counter(cells[at].week for _, at in taken)
    allowed = (
        len(taken) <= limits.total
        and all(one in values for one in taken)
        and all(count <= cells[at].most for at, count in seats.items())
        and all(count <= limits.days[day] for day, count in days.items())
        and all(count <= limits.weeks[week] for week, count in weeks.items())
    )
    if not allowed:
        return -1
    parts = {cells[at].part for _, at in taken}
    return sum(values[one] for one in taken) - limits.crowding * (len(taken) - len(parts))


@pytest.mark.parametrize(("seed", "size"), [*((seed, 4) for seed in range(60)), *MOVED_TWICE])
def test_no_other_choice_of_cells_is_worth_more(seed: int, size: int) -> None:
    random = Random(seed)
    days = sorted(random.choices(range(9), k=random.randint(1, size + 1)))
    cells = [cell(day, random.choice((1, 1, 2))) for day in days]
    people = random.randint(1, size)
    arcs = [
        Arc(person, number, random.choice((1.0, 2.0, random.uniform(0.1, 3))))
        for person in range(people)
        for number in range(len(cells))
        if random.random() < 0.7
    ]
    total, day, week = (random.choice((1, 2, 9)) for _ in range(3))
    limits = caps(cells, total, day, week, random.choice((0.0, 0.3)))
    value, seats = best_flow(arcs, cells, limits)
    best = max(
        worth(choice, arcs, cells, limits)
        for choice in product(
            *(
                (None, *(arc.cell for arc in arcs if arc.person == person))
                for person in range(people)
            )
        )
    )
    assert value == pytest.approx(best)
    chosen = tuple(seats.get(person) for person in range(people))
    assert worth(chosen, arcs, cells, limits) == pytest.approx(best)


def test_of_equal_choices_the_first_is_taken_each_time() -> None:
    cells = [cell(0), cell(1)]
    arcs = [Arc(person, number, 1.0) for person in (0, 1) for number in (0, 1)]
    assert best_flow(arcs, cells, caps(cells, total=1)) == (1.0, {0: 0})
    assert best_flow([], cells, caps(cells)) == (0.0, {})


def test_the_parts_of_a_week_are_two_days_two_days_and_three() -> None:
    parts = [cell(day).part for day in range(8)]
    assert [number for _, number in parts] == [0, 0, 1, 1, 2, 2, 2, 0]
    assert parts[0] != parts[7]


def test_nothing_is_chosen_that_costs_more_than_it_is_worth() -> None:
    cells = [cell(0), cell(1)]
    arcs = [Arc(0, 0, 1.0), Arc(1, 1, 0.2)]
    assert best_flow(arcs, cells, caps(cells, crowding=0.3)) == (1.0, {0: 0})
    assert best_flow(arcs, cells, caps(cells, crowding=0.2)) == (1.0, {0: 0})
    value, seats = best_flow(arcs, cells, caps(cells, crowding=0.1))
    assert (round(value, 9), seats) == (1.1, {0: 0, 1: 1})
