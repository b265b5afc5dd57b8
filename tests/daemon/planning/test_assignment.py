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


# --- close by ---


def by_the_hour(people: Sequence[Sequence[Option]]) -> tuple[list[Wanted], list[Cell]]:
    """The wishes, with a cell for every hour: what is too close is for the most part in another."""
    places = {option.candidate for options in people for option in options}
    hours = sorted({(place.day, place.minute // 60) for place in places})
    cell_of = {place.slot: hours.index((place.day, place.minute // 60)) for place in places}
    cells = [Cell(day, monday(day)) for day, _ in hours]
    return [Wanted(cells, cell_of, options) for options in people], cells


def best_of(
    people: Sequence[Sequence[Option]], per_day: int = 3, effort: int | None = None
) -> list[float]:
    """What everybody is given, by its worth; 0 for nothing."""
    wishes, cells = by_the_hour(people)
    limits = caps(cells, per_day, 9, 9, 0.0)
    if effort is None:
        assignment = assign(wishes, cells, limits, BUFFER)
        assert assignment.bound == pytest.approx(assignment.value)
    else:
        assignment = assign(wishes, cells, limits, BUFFER, effort=effort)
    given = [assignment.chosen.get(number) for number in range(len(people))]
    assert assignment.value == pytest.approx(sum(option.value for option in given if option))
    return [option.value if option else 0 for option in given]


def test_what_ends_just_the_buffer_before_another_is_not_too_close() -> None:
    jane = [Option(2.0, candidate(0, 9.5)), Option(1.9, candidate(0, 8.75))]
    omar = [Option(2.1, candidate(0, 10))]
    assert best_of([jane, omar]) == [1.9, 2.1]


def test_two_that_just_fit_do_not_hide_two_that_clash_after_them() -> None:
    early = [[Option(1.0, candidate(0, 9, 0.75))], [Option(1.0, candidate(0, 10))]]
    jane = [Option(2.0, candidate(0, 12)), Option(0.5, candidate(2, 12))]
    omar = [Option(2.1, candidate(0, 13)), Option(1.9, candidate(1, 12))]
    assert best_of([*early, jane, omar], per_day=4) == [1.0, 1.0, 2.0, 1.9]


def test_who_gives_way_leaves_the_time_to_the_other() -> None:
    """To the first as to the second: neither way out forbids it to both."""
    jane = [Option(2.0, candidate(0, 9.5, 0.5)), Option(0.5, candidate(1, 9))]
    omar = [Option(2.1, candidate(0, 10, 0.5)), Option(1.9, candidate(2, 12))]
    assert best_of([jane, omar]) == [2.0, 1.9]
    jane = [Option(2.1, candidate(0, 9.5, 0.5)), Option(1.9, candidate(1, 9))]
    omar = [Option(2.0, candidate(0, 10, 0.5)), Option(0.5, candidate(2, 12))]
    assert best_of([jane, omar]) == [1.9, 2.0]


def test_the_best_place_that_is_left_in_a_cell_is_taken() -> None:
    """Half past nine is too close to ten; a quarter past nine, and nine, are not."""
    jane = [
        Option(value, candidate(0, hour, 0.5))
        for value, hour in ((2.0, 9.75), (1.9, 9.5), (1.8, 9.25), (1.7, 9))
    ]
    omar = [Option(2.0, candidate(0, 10, 0.5))]
    assert best_of([jane, omar]) == [1.8, 2.0]


def evening(value: float, day: int, hour: float = 20) -> Option:
    return Option(value, candidate(day, hour, 1.0, "drinks"), 0, True)


def test_of_two_evenings_on_one_day_either_may_stay() -> None:
    jane, omar = [evening(2.0, 0, 18), Option(0.5, candidate(1, 9))], [evening(2.1, 0)]
    assert best_of([jane, [*omar, Option(1.9, candidate(2, 12))]]) == [2.0, 1.9]
    jane, omar = [evening(2.1, 0, 18), Option(1.9, candidate(1, 9))], [evening(2.0, 0)]
    assert best_of([jane, [*omar, Option(0.5, candidate(2, 12))]]) == [1.9, 2.0]


def test_evenings_far_apart_do_not_hide_two_that_are_not() -> None:
    ann = [evening(1.0, 0)]
    jane = [evening(2.0, 3), Option(0.5, candidate(8, 9))]
    omar = [evening(2.1, 4), Option(1.9, candidate(9, 9))]
    assert best_of([ann, jane, omar]) == [1.0, 2.0, 1.9]


# --- cut short ---


def at_once(people: Sequence[Sequence[Option]], per_day: int = 3) -> list[float]:
    """What everybody is given where there is no time to look for the best."""
    return best_of(people, per_day, effort=0)


def test_cut_short_the_most_valuable_stay_and_who_gives_way_goes_where_it_is_best() -> None:
    jane = [Option(2.0, candidate(0, 9)), Option(1.0, candidate(3, 9))]
    omar = [
        Option(1.9, candidate(0, 10)),
        Option(0.3, candidate(1, 9)),
        Option(0.5, candidate(2, 9)),
        Option(0.4, candidate(4, 9)),
    ]
    assert at_once([jane, omar]) == [2.0, 0.5]
    assert at_once([omar, jane]) == [0.5, 2.0]
    assert best_of([jane, omar]) == [1.0, 1.9]


def test_cut_short_somebody_else_gets_the_room_of_who_finds_none() -> None:
    jane, omar = [Option(2.0, candidate(0, 9))], [Option(1.9, candidate(0, 10))]
    others = [[Option(value, candidate(0, 10)), Option(0.2, candidate(1, 9))] for value in (1, 1)]
    wishes, cells = by_the_hour([jane, omar, *others])
    limits = caps(cells, 2, 2, 2, 0.0)
    lazy = assign(wishes, cells, limits, BUFFER, effort=0)
    assert {number: option.value for number, option in lazy.chosen.items()} == {0: 2.0, 2: 0.2}


@pytest.mark.parametrize(
    ("place", "fits"),
    [
        (candidate(0, 8.75, 1), True),
        (candidate(0, 8, 1.75), True),
        (candidate(0, 8.8), False),
        (candidate(0, 11.25), True),
        (candidate(0, 11.2), False),
        (candidate(0, 9, 5), False),
        (candidate(1, 10), True),
    ],
)
def test_cut_short_places_are_the_buffer_apart_too(place: CandidateSlot, fits: bool) -> None:
    jane = [Option(2.0, candidate(0, 10))]
    omar = [Option(1.9, candidate(0, 9.75)), Option(1.0, place)]
    assert at_once([jane, omar]) == [2.0, 1.0 if fits else 0]


def test_cut_short_who_gives_way_goes_where_the_caps_leave_room() -> None:
    """Two stand on Monday; of two on Wednesday one gives way, to Monday, Thursday or next week."""
    monday, thursday, next_week = candidate(0, 16), candidate(3, 9), candidate(7, 9)
    people = [
        [Option(3.0, candidate(0, 9))],
        [Option(2.9, candidate(0, 12))],
        [Option(2.8, candidate(2, 9))],
        [
            Option(2.7, candidate(2, 10)),
            Option(0.9, monday),
            Option(0.8, thursday),
            Option(0.7, next_week),
        ],
    ]
    wishes, cells = by_the_hour(people)
    days = {cell.day: 9 for cell in cells}
    weeks = {cell.week: 9 for cell in cells}
    for of_day, of_week, place in (
        ({}, {}, monday),
        ({monday.day: 3}, {}, monday),
        ({monday.day: 2}, {}, thursday),
        ({}, {monday.week: 4}, monday),
        ({next_week.day: 1}, {next_week.week: 1}, monday),
    ):
        limits = Caps(9, days | of_day, weeks | of_week)
        lazy = assign(wishes, cells, limits, BUFFER, effort=0)
        assert lazy.chosen[3].candidate == place
        assert len(lazy.chosen) == 4


def test_cut_short_a_week_is_not_filled_beyond_its_cap() -> None:
    """What frees a place in the next week frees none in this one."""
    thursday, later = candidate(3, 9), candidate(9, 9)
    people = [
        [Option(3.0, candidate(0, 9))],
        [Option(2.9, candidate(7, 9))],
        [Option(2.8, candidate(7, 10)), Option(0.9, thursday), Option(0.8, later)],
        [Option(2.7, candidate(8, 9))],
    ]
    wishes, cells = by_the_hour(people)
    for of_week, place in ((2, thursday), (1, later)):
        weeks = {thursday.week: of_week, later.week: 3}
        limits = Caps(9, {cell.day: 9 for cell in cells}, weeks)
        lazy = assign(wishes, cells, limits, BUFFER, effort=0)
        assert lazy.chosen[2].candidate == place


@pytest.mark.parametrize(
    ("option", "fits"),
    [
        (evening(1.0, 3), False),
        (evening(1.0, 5), False),
        (evening(1.0, 4, 17), False),
        (evening(1.0, 2), True),
        (evening(1.0, 6), True),
        (Option(1.0, candidate(3, 20)), True),
    ],
)
def test_cut_short_there_are_no_two_evenings_side_by_side(option: Option, fits: bool) -> None:
    jane, omar = [evening(2.0, 4)], [evening(1.9, 4, 21), option]
    assert at_once([jane, omar]) == [2.0, 1.0 if fits else 0]


def test_cut_short_a_part_of_each_week_is_crowded_by_itself() -> None:
    people = [
        [Option(2.0, candidate(0, 9))],
        [Option(1.9, candidate(7, 9))],
        [Option(1.8, candidate(7, 10)), Option(1.0, candidate(8, 9))],
    ]
    wishes, cells = by_the_hour(people)
    lazy = assign(wishes, cells, caps(cells, 2, 9, 9, 0.25), BUFFER, effort=0)
    assert lazy.value == pytest.approx(2.0 + 1.9 + 1.0 - 0.25)


def test_the_search_is_cut_short_once_its_networks_had_so_many_arcs() -> None:
    """Four in the first one: so many, and no more, are looked at."""
    jane = [Option(2.0, candidate(0, 9)), Option(1.0, candidate(3, 9))]
    omar = [Option(1.9, candidate(0, 10)), Option(0.5, candidate(2, 9))]
    assert best_of([jane, omar], effort=4) == [2.0, 0.5]
    assert best_of([jane, omar], effort=5) == [1.0, 1.9]


def test_wherever_the_search_is_cut_short_nothing_is_worth_more_than_its_bound() -> None:
    people = [
        [Option(value, candidate(day, hour)) for value, day, hour in places]
        for places in (
            ((2.0, 1, 9.75), (3.0, 0, 10.5), (2.5, 0, 11.25)),
            ((2.5, 1, 9), (3.0, 1, 9.75), (1.0, 0, 12)),
            ((1.5, 0, 10.5), (2.0, 1, 9.75)),
            ((3.0, 1, 10.5), (2.0, 1, 9)),
        )
    ]
    wishes, cells = by_the_hour(people)
    limits = caps(cells, 3, 9, 9, 0.0)
    best = assign(wishes, cells, limits, BUFFER)
    assert (best.value, best.bound) == (8.5, 8.5)
    bounds = []
    for effort in range(0, 60, 5):
        lazy = assign(wishes, cells, limits, BUFFER, effort=effort)
        assert lazy.value <= 8.5 <= lazy.bound
        bounds.append(lazy.bound)
    assert bounds == sorted(bounds, reverse=True), "the longer it looks, the more it knows"
    assert bounds[0] > bounds[-1] == 8.5
