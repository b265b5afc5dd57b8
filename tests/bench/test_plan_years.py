"""Years of plans: what the perfect planner knows, what answers teach, and dates that fall
through."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bench import lives as lived
from bench.knowing import perfect
from bench.learned import Asking, learned, lifts
from bench.life_model import START, lives, takes_place
from bench.plan_years import PlanWorld, per_yes, row
from daemon.people.contacts import Contact
from daemon.planning.fit import Habit
from daemon.planning.planner import plan
from daemon.planning.request import PlanRequest
from daemon.planning.slots import Slot
from tests.daemon.planning.plans import BERLIN, SUNDAY, WEEKDAYS, at, due, person, rhythm


def asked(*people: Contact | str, per_week: int = 10) -> PlanRequest:
    return PlanRequest(
        standings=due(*people),
        slots=WEEKDAYS,
        rhythm=rhythm(per_week=per_week),
        zone=BERLIN,
        now=SUNDAY,
    )


def test_the_perfect_planner_takes_the_time_at_which_somebody_most_likely_says_yes() -> None:
    def likely(name: str, slot: Slot, now: datetime) -> float:
        return 0.9 if slot.start == at(12, 14) else 0.3

    (proposal,) = perfect(likely)(asked("jane")).proposals
    assert proposal.slot.start == at(12, 14)


def test_the_perfect_planner_asks_who_likely_says_yes_and_not_who_is_most_pressing() -> None:
    def likely(name: str, slot: Slot, now: datetime) -> float:
        return {"Jane": 0.5, "Omar": 0.6}[name]

    request = asked(person("jane", weight=2), "omar", per_week=1)
    assert [each.contact.key for each in plan(request).proposals] == ["jane"]
    assert [each.contact.key for each in perfect(likely)(request).proposals] == ["omar"]


def test_where_nothing_was_answered_a_plan_that_learns_is_the_usual_one() -> None:
    request = asked("jane", "omar")
    assert learned([], request, 6) == plan(request)


def test_what_is_said_yes_to_more_often_than_all_else_counts_for_more_the_slower_the_less() -> None:
    habit = Habit(600, 1)
    on_the_day = Asking("jane", 1, 600, "coffee", habit)
    on_another = replace(on_the_day, weekday=2)
    answers = [(on_the_day, True)] * 8 + [(on_another, False)] * 8

    usual_day = lifts(answers, 6)[0]
    slowly = lifts(answers, 25)[0]
    assert usual_day[True] > slowly[True] > 1 > slowly[False] > usual_day[False]


def test_as_many_dates_take_place_as_the_life_says() -> None:
    life = lives()[2]
    dates = [takes_place(life, life.friends[0], at(1 + day, 9)) for day in range(28)]
    assert dates == [takes_place(life, life.friends[0], at(1 + day, 9)) for day in range(28)]
    assert 8 <= sum(dates) <= 22
    assert all(
        takes_place(certain, certain.friends[0], at(1, hour))
        for certain in lives(certain=True)
        for hour in range(24)
    )


@pytest.mark.parametrize("tells", [True, False])
def test_what_fell_through_counts_as_met_unless_it_is_told(
    tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lived, "WEEKS", 12)
    world = PlanWorld(lives()[2], "fikad", tells=tells)
    world.live()

    last = datetime.combine(START + timedelta(weeks=11), time(), BERLIN)
    past = [hold for hold in world.holds.values() if hold.end < last]
    states = {hold.state for hold in past if hold.uid in world.agreed - world.kept}
    assert states == ({"missed"} if tells else {"accepted"})


def test_a_row_tells_the_differences_from_the_same_runs_of_fikad() -> None:
    outcome = lived.Outcome("parent", "fikad", 0.5, 20, 10, 5, 5, None, 1, 1, 0, 0)
    other = replace(outcome, planner="perfect", holds=15)
    base = [outcome, outcome]
    assert per_yes(other) == 1.5
    assert row(base, base) == "| parent | fikad | 2.00 | 4.00 | 0.05 | 50.00 |"
    assert row([other, other], base).startswith("| parent | perfect | 1.50 (-0.50 ± 0.00) |")
