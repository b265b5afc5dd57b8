"""One plan: what choosing people and times together gains over first come, first served: `python -m
bench.plans`.

Both see the same people, slots and caps, and value them alike. First come, first served lets each
person, the most pressing first, take the slot that fits best, until the caps are reached."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch
from zoneinfo import ZoneInfo

from daemon.config.schema import WEEKDAY_NAMES, Config
from daemon.judging.recency import Met, RecencyInputs, standings
from daemon.people.contacts import Contact
from daemon.planning.assignment import Assignment, Option, Wish, assign
from daemon.planning.busy import Taken, busy
from daemon.planning.fit import Habit
from daemon.planning.flow import Caps, Cell
from daemon.planning.planner import plan
from daemon.planning.request import PlanRequest
from daemon.planning.slots import OpeningRules, lookahead, openings

NOW = datetime(2026, 11, 8, 16, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
_HOUR = timedelta(hours=1)
CASES = (
    # people, per_week, per_day, open, weeks, hours of other things a week
    (12, 1, 1, 3, 2, 25),
    (20, 2, 1, 4, 2, 35),
    (20, 3, 2, 5, 2, 35),
    (40, 5, 1, 8, 4, 30),
    (150, 7, 1, 20, 4, 20),
    (150, 7, 2, 20, 4, 20),
    (150, 20, 5, 20, 4, 20),
)


def first_come(
    wishes: Sequence[Wish], cells: Sequence[Cell], caps: Caps, buffer: timedelta
) -> tuple[float, Mapping[int, Option]]:
    """Each in turn takes the best that is left; its worth as `assign` counts it."""
    taken: dict[int, Option] = {}
    for number, wish in enumerate(wishes):
        options = sorted(
            (option for cell in wish.best for option in wish.options(cell)),
            key=lambda option: -option.value,
        )
        option = next(
            (option for option in options if _fits(option, taken.values(), caps, buffer)), None
        )
        if option is not None and len(taken) < caps.total:
            taken[number] = option
    parts = {Cell(option.candidate.day, option.candidate.week).part for option in taken.values()}
    worth = sum(option.value for option in taken.values()) - caps.crowding * (
        len(taken) - len(parts)
    )
    return worth, taken


def _fits(option: Option, taken: Collection[Option], caps: Caps, buffer: timedelta) -> bool:
    candidate = option.candidate
    if any(
        chosen.evening
        and option.evening
        and abs(chosen.candidate.day - candidate.day) <= timedelta(days=1)
        for chosen in taken
    ):
        return False
    if sum(chosen.candidate.day == candidate.day for chosen in taken) >= caps.days[candidate.day]:
        return False
    if (
        sum(chosen.candidate.week == candidate.week for chosen in taken)
        >= caps.weeks[candidate.week]
    ):
        return False
    return all(
        chosen.candidate.slot.start >= candidate.slot.end + buffer
        or candidate.slot.start >= chosen.candidate.slot.end + buffer
        for chosen in taken
    )


def main() -> None:
    """Print a table: the worth of both, over ten plans of each kind, and how long the best one
    took."""
    print(
        "| people | per week | per day | open | horizon | first come | together | gain | proven | "
        "slowest |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for case in CASES:
        rows = [_once(case, seed) for seed in range(10)]
        greedy, best = sum(row[0] for row in rows), sum(row[1] for row in rows)
        people, per_week, per_day, most, weeks, _ = case
        print(
            f"| {people} | {per_week} | {per_day} | {most} | {weeks} weeks | {greedy:.1f} | "
            f"{best:.1f} |"
            f" {best / greedy - 1:.1%} | {sum(row[2] for row in rows)} of 10 | "
            f"{max(row[3] for row in rows):.2f} s |"
        )


def _once(case: tuple[int, int, int, int, int, int], seed: int) -> tuple[float, float, bool, float]:
    """One plan: the worth of both, whether the second is proven to be the best, and its seconds."""
    request = _request(case, seed)
    greedy, assignment = 0.0, Assignment({}, 0.0, 0.0)

    def both(
        wishes: Sequence[Wish], cells: Sequence[Cell], caps: Caps, buffer: timedelta
    ) -> Assignment:
        nonlocal greedy, assignment
        assignment = assign(wishes, cells, caps, buffer)
        greedy = first_come(wishes, cells, caps, buffer)[0]
        return assignment

    began = time.process_time()
    plan(request)
    seconds = time.process_time() - began
    with patch("daemon.planning.planner.assign", both):
        plan(request)
    return greedy, assignment.value, assignment.bound == assignment.value, seconds


def _request(case: tuple[int, int, int, int, int, int], seed: int) -> PlanRequest:
    people, per_week, per_day, most, weeks, hours = case
    random = Random(f"{case} {seed}")
    config = Config.model_validate(
        {
            "timezone": "Europe/Berlin",
            "rhythm": {
                "per_week": per_week,
                "per_day": per_day,
                "open": most,
                "horizon": f"{weeks} weeks",
            },
            "availability": {day: ["08:00-21:00"] for day in WEEKDAY_NAMES[:5]},
            "occasions": {name: {} for name in ("breakfast", "coffee", "lunch", "walk", "drinks")},
        }
    )
    contacts = [
        Contact(
            f"p{number}",
            f"P {number}",
            timedelta(days=random.choice([14, 30, 91])),
            weight=random.choice([0.8, 1.0, 1.5]),
            occasions=tuple(random.sample(list(config.offered), random.randint(1, 3))),
        )
        for number in range(people)
    ]
    met = []
    for contact in contacts:
        end = NOW - contact.cadence * random.uniform(0.8, 3)
        met.append(Met(contact.key, end - _HOUR, end, "attendee"))
    habits = {
        contact.key: Habit(random.randrange(8 * 60, 20 * 60), random.choice([None, 0, 1, 2, 3, 4]))
        for contact in contacts
        if random.random() < 0.7
    }
    other = []
    for week in range(weeks + 1):
        for _ in range(hours):
            start = NOW + timedelta(
                days=7 * week + random.randrange(1, 6), hours=random.randrange(15, 28) - 24
            )
            other.append(Taken(start, start + _HOUR))
    open_slots = openings(
        config.offered,
        busy((), mine=(), zone=ZONE, within=lookahead(config.rhythm, NOW), also=other),
        OpeningRules(config.availability, config.rhythm, ZONE, config.holidays),
        NOW,
    )
    return PlanRequest(
        standings=standings(contacts, RecencyInputs(now=NOW, zone=ZONE, meetings=met)),
        slots=open_slots.slots,
        rhythm=config.rhythm,
        zone=ZONE,
        now=NOW,
        habits=habits,
    )


if __name__ == "__main__":
    main()
