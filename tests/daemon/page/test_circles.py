"""The circles: who drifts outward stands further out, and stays on a line of their own."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import combinations

from daemon.judging.recency import Met, RecencyInputs, Standing, standings
from daemon.page.circles import DUE_RING, QUIET_RING, RIM, Circles, Dot, circles
from daemon.people.contacts import Contact
from tests.daemon.page.lives import NAMES, NOW, life, life_config
from tests.daemon.world import BERLIN

WEEK = timedelta(weeks=1)


def drawn(weeks_ago: float, *, kin: bool = False) -> Dot:
    """Somebody wanted every four weeks."""
    jane = Contact("jane", "Jane", 4 * WEEK, kin=kin)
    met = Met("jane", NOW - weeks_ago * WEEK, NOW - weeks_ago * WEEK)
    [standing] = standings([jane], RecencyInputs(now=NOW, zone=BERLIN, meetings=[met]))
    [dot] = circles([standing], ()).dots
    return dot


def out(dot: Dot) -> float:
    return math.hypot(dot.x, dot.y)


def test_who_is_due_is_on_the_inner_ring_and_nobody_ever_beyond_the_rim() -> None:
    assert [drawn(weeks).state for weeks in (1, 4, 7, 8, 400)] == [
        "within", "due", "due", "quiet", "quiet",
    ]  # fmt: skip
    assert math.isclose(out(drawn(4)), DUE_RING, abs_tol=0.2)
    assert math.isclose(out(drawn(8)), QUIET_RING, abs_tol=0.2)
    distances = [out(drawn(weeks)) for weeks in range(0, 60, 3)]
    assert distances == sorted(distances)
    assert out(drawn(4000)) <= RIM + 0.2
    assert out(drawn(8, kin=True)) < QUIET_RING


def test_time_moves_people_on_a_straight_line() -> None:
    early, late = drawn(1), drawn(9)
    assert math.isclose(math.atan2(early.y, early.x), math.atan2(late.y, late.x), abs_tol=0.01)


def _everybody() -> Circles:
    settings = life_config(NAMES)
    people: list[Standing] = list(life(settings).standings.values())
    return circles(people, tuple(settings.circles))


def test_everybody_is_there_once_in_the_part_of_their_circle() -> None:
    drawing = _everybody()
    assert {dot.standing.contact.name for dot in drawing.dots} == set(NAMES)
    assert len(drawing.dots) == len(NAMES)
    assert [name.text for name in drawing.names] == ["council", "friends", "wider"]


def test_no_two_names_are_written_over_one_another() -> None:
    labels = [dot.label for dot in _everybody().dots if dot.label]
    assert len(labels) > len(NAMES) // 2
    for one, other in combinations(labels, 2):
        assert abs(one.y - other.y) > 10 or abs(one.x - other.x) > 10
