"""Who gets which slot: caps, order, preferences, moves, and the reasons."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.address_book import YearlyDay
from daemon.config.schema import Challenge, Rhythm
from daemon.judging.recency import Held, Met, RecencyInputs, standings
from daemon.languages.date_style import DateStyle
from daemon.people.contacts import Contact
from daemon.planning.balance import Emphasis
from daemon.planning.busy import TimeSpan
from daemon.planning.fit import Habit, habits
from daemon.planning.planner import move_slot
from daemon.planning.request import Plan, PlanRequest
from daemon.planning.slots import Slot
from daemon.reasons import Reason
from tests.daemon.planning.plans import (
    BERLIN,
    DAY,
    HOUR,
    SUNDAY,
    WEEK,
    WEEKDAYS,
    at,
    chosen,
    due,
    held,
    make,
    person,
    rhythm,
    slot,
    waiting,
)

# --- who ---


def test_the_most_urgent_person_gets_the_first_slot() -> None:
    made = make(due("jane", "omar"), *WEEKDAYS, by=rhythm(per_week=1))
    assert chosen(made) == {"jane": at(9, 10)}
    assert waiting(made) == {"omar": "week"}


def test_a_heavier_circle_goes_before_a_little_more_urgency() -> None:
    made = make(due("jane", person("omar", weight=2)), *WEEKDAYS, by=rhythm(per_week=1))
    assert list(chosen(made)) == ["omar"]


def test_each_person_gets_one_slot_at_most() -> None:
    assert len(make(due("jane"), *WEEKDAYS).proposals) == 1


def test_who_is_blocked_gets_nothing_and_the_reason_is_passed_on() -> None:
    made = make(due("jane", weeks=5), *WEEKDAYS)
    assert not made.proposals
    assert waiting(made) == {"jane": "not-due"}
    assert made.waiting[0].reason.startswith("Due on Sun 15 Nov 2026")


def test_somebody_without_a_fitting_slot_does_not_keep_it_from_others() -> None:
    made = make(due(person("jane", occasions=("dinner",)), "omar"), *WEEKDAYS)
    assert list(chosen(made)) == ["omar"]
    assert waiting(made) == {"jane": "no-slot"}
    assert made.waiting[0].reason == "No slot for dinner is open before the horizon."


def test_a_stranger_added_today_gets_a_proposal_at_once() -> None:
    people = [person(key) for key in ("jane", "omar", "lee")]
    made = make(standings(people, RecencyInputs(now=SUNDAY, zone=BERLIN)), *WEEKDAYS)
    assert len(made.proposals) == 1
    assert made.proposals[0].reason == "You have not met yet and aim to meet every 6 weeks."


def test_a_proposal_says_why_this_person_and_why_this_slot() -> None:
    proposal = make(due("jane"), *WEEKDAYS).proposals[0]
    assert proposal.reason == "You last met 7 weeks ago and aim to meet every 6 weeks."
    assert (
        proposal.slot_reason
        == "It is the first slot for coffee that is open and within your rhythm."
    )
    assert proposal.occasion == "coffee"


def slot_reasons(made: Plan) -> dict[str, str]:
    return {proposal.contact.key: proposal.slot_reason for proposal in made.proposals}


def test_a_slot_that_waited_for_the_other_to_be_awake_says_so_and_speaks_of_nobody_else() -> None:
    jane = person("jane", occasions=("call",), timezone=ZoneInfo("America/New_York"))
    made = make(due(jane), slot(9, 10, "call"), slot(9, 15, "call"))
    assert slot_reasons(made) == {
        "jane": "It is the first open slot for call at which Jane is awake."
    }


def test_a_slot_after_one_that_another_hold_closes_says_so() -> None:
    made = make(due("jane"), slot(9, 10), slot(10, 10), by=rhythm(per_day=1), holds=(held(9, 14),))
    assert slot_reasons(made) == {
        "jane": "It is the first slot for coffee that your other suggestions leave open."
    }


def test_with_nobody_else_no_reason_speaks_of_other_suggestions() -> None:
    for usual in (None, Habit(14 * 60, 2), Habit(14 * 60), Habit(9 * 60, 0)):
        made = make(due("jane"), *WEEKDAYS, habits={"jane": usual} if usual else {})
        assert "other suggestions" not in slot_reasons(made)["jane"], usual


def test_what_leaves_a_slot_open_is_what_others_got_and_never_ones_own() -> None:
    by = rhythm(per_day=1, per_week=1)
    usual = {"jane": Habit(14 * 60, 2)}
    alone = make(due("jane"), slot(9, 10), slot(10, 14), habits={"jane": Habit(14 * 60)}, by=by)
    assert slot_reasons(alone) == {
        "jane": "It is the open slot for coffee closest to when you usually meet."
    }
    two = make(due("jane", "omar"), *WEEKDAYS, by=rhythm(per_day=1), habits=usual)
    assert slot_reasons(two)["omar"].startswith("It is the first slot for coffee that is open")
    evenings = [slot(day, 20, "drinks") for day in (10, 11, 12)]
    people = [person(key, occasions=("drinks",)) for key in ("jane", "omar")]
    assert slot_reasons(make(due(*people), *evenings))["omar"] == (
        "It is the first slot for drinks that your other suggestions leave open."
    )


def test_a_suggestion_to_another_is_on_the_day_that_the_users_clock_says() -> None:
    """Half past midnight on Tuesday in Berlin is Monday in London."""
    late = Slot("coffee", at(10, 0, 30), at(10, 1, 30))
    made = make(due("jane", "omar"), late, slot(10, 12), slot(11, 12), by=rhythm(per_day=1))
    assert chosen(made) == {"jane": late.start, "omar": at(11, 12)}
    assert slot_reasons(made)["omar"] == (
        "It is the first slot for coffee that your other suggestions leave open."
    )


def test_a_slot_in_the_room_of_a_circle_was_not_the_first_that_was_left() -> None:
    dates = {"name": "more", "from": "2026-11-09", "until": "2026-11-15", "per_week": 5}
    friends = (Challenge.model_validate({**dates, "circle": "friends"}),)
    people = person("jane", circle="work", weight=3.0), person("omar", circle="friends")
    slots = slot(9, 10), slot(10, 10), slot(12, 10)
    made = make(due(*people), *slots, by=rhythm(per_week=1), challenges=friends)
    assert chosen(made) == {"jane": at(9, 10), "omar": at(12, 10)}
    assert slot_reasons(made)["omar"] == (
        "It is the first good slot for coffee at a distance from your other suggestions."
    )


# --- caps ---


@pytest.mark.parametrize("state", ["proposed", "pinned", "accepted"])
def test_a_hold_of_any_kind_counts_for_its_week(state: str) -> None:
    holds = (held(12, 16, state),)
    made = make(due("jane"), *WEEKDAYS, slot(16, 10), by=rhythm(per_week=1), holds=holds)
    assert chosen(made) == {"jane": at(16, 10)}


def test_an_accepted_hold_that_is_over_still_counts_for_its_week() -> None:
    holds = (held(9, 8, "accepted"),)
    made = make(due("jane"), *WEEKDAYS, by=rhythm(per_week=1), holds=holds, now=at(9, 9, 30))
    assert waiting(made) == {"jane": "week"}
    assert made.waiting[0].reason == "This week already has 1 suggestion."


def test_the_week_runs_from_monday_to_sunday_in_the_zone_of_the_user() -> None:
    """Sunday 23:30 UTC is Monday in Berlin: the hold there counts for the new week."""
    late = Held(
        "someone",
        datetime(2026, 11, 8, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 9, 0, 30, tzinfo=UTC),
    )
    facts: dict[str, Any] = {"by": rhythm(per_week=1), "holds": (late,)}
    assert waiting(make(due("jane"), *WEEKDAYS, **facts)) == {"jane": "week"}
    assert list(
        chosen(make(due("jane"), *WEEKDAYS, zone=ZoneInfo("America/New_York"), **facts))
    ) == ["jane"]


def test_the_sunday_belongs_to_the_week_before_the_monday() -> None:
    made = make(
        due("jane", "omar", "lee"), slot(15, 10), slot(15, 14), slot(16, 10), by=rhythm(per_week=1)
    )
    assert chosen(made) == {"jane": at(15, 10), "omar": at(16, 10)}


def test_no_more_holds_a_day_than_wanted() -> None:
    made = make(due("jane", "omar"), slot(9, 10), slot(9, 14), by=rhythm(per_day=1))
    assert chosen(made) == {"jane": at(9, 10)}
    assert waiting(made) == {"omar": "day"}


def test_no_more_open_holds_than_wanted() -> None:
    holds = (held(9, 8), held(10, 8, "pinned"), held(11, 8, "accepted"))
    made = make(due("jane", "omar"), *WEEKDAYS, by=rhythm(open=3), holds=holds)
    assert len(made.proposals) == 1
    assert waiting(made) == {"omar": "open"}
    assert (
        made.waiting[0].reason
        == "3 suggestions are open already, and you want at most 3 at a time."
    )


def test_a_pinned_hold_that_is_over_is_no_longer_open() -> None:
    made = make(due("jane"), *WEEKDAYS, by=rhythm(open=1), holds=(held(7, 10, "pinned"),))
    assert len(made.proposals) == 1


def test_a_rhythm_of_nothing_proposes_nothing_and_says_so() -> None:
    for key in ("per_week", "per_day", "open"):
        made = make(due("jane"), *WEEKDAYS, by=rhythm(**{key: 0}))
        assert made.waiting[0].reason == f"The config wants no suggestions ({key} = 0)."
        assert not made.proposals


def test_two_new_holds_keep_the_buffer_between_them() -> None:
    made = make(due("jane", "omar"), slot(9, 10), slot(9, 11), slot(9, 12))
    assert chosen(made) == {"jane": at(9, 10), "omar": at(9, 12)}


def test_the_last_slot_taken_by_another_is_said() -> None:
    made = make(due("jane", "omar"), slot(9, 10))
    assert waiting(made) == {"omar": "taken"}


@st.composite
def situations(draw: st.DrawFn) -> dict[str, object]:
    moments = st.builds(
        lambda quarter: SUNDAY + quarter * timedelta(minutes=15), st.integers(0, 21 * 96)
    )
    slots = [
        Slot(
            draw(st.sampled_from(["coffee", "walk"])),
            start,
            start + draw(st.integers(30, 180)) * timedelta(minutes=1),
        )
        for start in draw(st.lists(moments, max_size=40))
    ]
    states: st.SearchStrategy[Literal["proposed", "pinned", "accepted"]] = st.sampled_from(
        ["proposed", "pinned", "accepted"]
    )
    holds = [
        Held(f"held {candidate}", start - 4 * DAY, start - 4 * DAY + HOUR, draw(states))
        for candidate, start in enumerate(draw(st.lists(moments, max_size=5)))
    ]
    names = [f"p{candidate}" for candidate in range(draw(st.integers(0, 8)))]
    lists = st.sampled_from([("coffee",), ("walk", "coffee"), ("coffee", "walk")])
    caps = st.integers(0, 4)
    usual = st.builds(Habit, st.integers(0, 1439), st.none() | st.integers(0, 6))
    return {
        "people": due(*(person(name, occasions=draw(lists)) for name in names)),
        "slots": slots,
        "holds": tuple(holds),
        "by": rhythm(per_week=draw(caps), per_day=draw(caps), open=draw(caps)),
        "zone": ZoneInfo(
            draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
        ),
        "habits": draw(st.dictionaries(st.sampled_from(["p0", "p1", "p2"]), usual)),
    }


@settings(max_examples=150, deadline=None)
@given(situations(), st.randoms())
def test_caps_hold_whatever_is_there(facts: dict, random: object) -> None:  # type: ignore[type-arg]
    zone, by, holds, slots = facts["zone"], facts["by"], facts["holds"], facts["slots"]
    made = make(facts["people"], *slots, by=by, holds=holds, zone=zone, habits=facts["habits"])

    new = [proposal.slot for proposal in made.proposals]
    assert all(
        slot in slots and slot.occasion in made.proposals[candidate].contact.occasions
        for candidate, slot in enumerate(new)
    )
    before_open = sum(hold.state != "accepted" and hold.end > SUNDAY for hold in holds)
    assert not new or before_open + len(new) <= by.open

    def day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    def week(moment: datetime) -> tuple[int, int]:
        return day(moment).isocalendar()[:2]

    together = [*new, *holds]
    for period, cap in ((day, by.per_day), (week, by.per_week)):
        counts = Counter(period(slot.start) for slot in together)
        assert all(counts[period(slot.start)] <= cap for slot in new)
    for number, one in enumerate(new):
        others = [*new[:number], *holds]
        assert all(
            one.start >= other.end + by.buffer or other.start >= one.end + by.buffer
            for other in others
        )

    keys = [standing.contact.key for standing in facts["people"]]
    assert sorted([*chosen(made), *waiting(made)]) == sorted(keys)
    random.shuffle(slots)  # type: ignore[attr-defined]
    assert (
        make(facts["people"][::-1], *slots, by=by, holds=holds, zone=zone, habits=facts["habits"])
        == made
    )


# --- preferences ---


def test_sooner_is_better() -> None:
    assert chosen(make(due("jane"), slot(12, 10), slot(10, 10), slot(11, 10))) == {
        "jane": at(10, 10)
    }


def test_the_occasion_first_in_the_list_is_preferred() -> None:
    jane = person("jane", occasions=("walk", "coffee"))
    made = make(due(jane), slot(10, 10), slot(11, 10, "walk"))
    assert made.proposals[0].occasion == "walk"


def test_a_second_choice_soon_goes_before_the_first_choice_in_two_weeks() -> None:
    jane = person("jane", occasions=("walk", "coffee"))
    made = make(due(jane), slot(10, 10), slot(20, 10, "walk"))
    assert made.proposals[0].occasion == "coffee"


def test_the_usual_weekday_and_hour_are_preferred() -> None:
    usual = {"jane": Habit(14 * 60, weekday=2)}
    proposal = make(due("jane"), *WEEKDAYS, habits=usual).proposals[0]
    assert proposal.slot.start == at(11, 14)
    assert proposal.slot_reason == "Wednesday is when you usually meet."
    hour = make(due("jane"), *WEEKDAYS, habits={"jane": Habit(14 * 60)}).proposals[0]
    assert hour.slot.start == at(9, 14)
    assert hour.slot_reason == "It is the open slot for coffee closest to when you usually meet."


def test_a_habit_never_keeps_somebody_from_a_slot() -> None:
    assert chosen(make(due("jane"), slot(9, 10), habits={"jane": Habit(22 * 60, 5)})) == {
        "jane": at(9, 10)
    }


def test_holds_are_spread_over_days() -> None:
    made = make(due("jane", "omar", "lee"), *WEEKDAYS)
    assert [start.astimezone(BERLIN).day for start in chosen(made).values()] == [9, 11, 13]


def test_a_habit_is_learned_from_three_meetings_and_not_from_manual_entries() -> None:
    def meetings(
        days: list[int], hour: int, rule: str = "attendee", key: str = "jane"
    ) -> list[Met]:
        return [Met(key, at(day, hour), at(day, hour) + HOUR, rule) for day in days]

    assert habits(meetings([3, 10], 12), BERLIN) == {}
    assert habits(meetings([3, 10, 17, 19], 12), BERLIN) == {"jane": Habit(12 * 60, 1)}
    assert habits(meetings([2, 3, 4, 5, 6], 12), BERLIN) == {"jane": Habit(12 * 60, None)}
    assert habits(meetings([3, 10, 17], 0, "manual"), BERLIN) == {}


def test_a_habit_follows_the_last_ten_meetings() -> None:
    old = [
        Met("jane", at(1, 8) - candidate * DAY, at(1, 9) - candidate * DAY)
        for candidate in range(10)
    ]
    new = [
        Met("jane", at(1, 18) + candidate * DAY, at(1, 19) + candidate * DAY)
        for candidate in range(10)
    ]
    assert habits(new + old, BERLIN)["jane"].minute == 18 * 60


# --- moving a hold ---


def move(
    hold: Held, *slots: Slot, holds: tuple[Held, ...] = (), by: Rhythm | None = None, **more: Any
) -> Slot | None:
    jane = person("jane", occasions=("walk", "coffee"), circle="friends")
    facts: dict[str, Any] = {"rhythm": by or rhythm(), "zone": BERLIN, "now": SUNDAY} | more
    moved = move_slot(jane, hold, PlanRequest(slots=slots, held=holds, **facts))
    return moved[0] if moved else None


JANE = held(10, 10, key="jane", uid="fikad-jane")


def test_a_displaced_hold_moves_to_the_next_best_slot_of_its_occasion() -> None:
    assert move(JANE, slot(9, 12, "walk"), slot(13, 14), slot(12, 10)) == slot(12, 10)


def test_another_occasion_is_taken_when_its_own_has_no_slot_left() -> None:
    assert move(JANE, slot(9, 12, "walk"), slot(9, 10, "dinner")) == slot(9, 12, "walk")


def test_a_displaced_hold_does_not_count_against_itself() -> None:
    by = rhythm(per_week=1, per_day=1, open=1)
    assert move(JANE, slot(10, 10), holds=(JANE,), by=by) == slot(10, 10)


def test_a_displaced_hold_finds_nothing_where_the_caps_leave_nothing() -> None:
    other = held(12, 16, uid="fikad-omar")
    assert move(JANE, slot(11, 10), holds=(JANE, other), by=rhythm(per_week=1)) is None
    assert move(
        JANE, slot(11, 10), slot(16, 10), holds=(JANE, other), by=rhythm(per_week=1)
    ) == slot(16, 10)
    assert move(JANE, holds=(JANE, other)) is None


def test_a_displaced_hold_keeps_the_buffer_to_the_others() -> None:
    other = held(11, 11, uid="fikad-omar")
    assert move(JANE, slot(11, 10), slot(11, 14), holds=(JANE, other)) == slot(11, 14)


def test_a_hold_with_a_name_is_itself_wherever_it_stood() -> None:
    before = held(12, 16, key="jane", uid="fikad-jane")
    assert move(JANE, slot(11, 10), holds=(before,), by=rhythm(per_week=1)) == slot(11, 10)


def test_a_hold_without_a_name_is_itself_by_all_that_it_is() -> None:
    nameless, other = held(10, 10, key="jane"), held(12, 10)
    by = rhythm(per_week=2, per_day=1)
    assert move(nameless, slot(11, 10), holds=(nameless, other), by=by) == slot(11, 10)
    assert move(nameless, slot(12, 14), holds=(nameless, other), by=by) is None
    assert move(nameless, slot(12, 14), holds=(JANE, held(12, 10, uid="fikad-omar")), by=by) is None
    assert move(JANE, slot(10, 14), holds=(held(10, 10, key="jane"),), by=by) is None


def test_a_displaced_hold_keeps_the_caps_by_the_users_clock() -> None:
    """Half past midnight on Tuesday in Berlin is Monday in London."""
    late = Held("omar", at(10, 0, 30), at(10, 1, 30), uid="fikad-omar")
    assert move(JANE, slot(10, 12), holds=(late,), by=rhythm(per_day=1)) is None
    early = Slot("coffee", at(10, 0, 30), at(10, 1, 30))
    hold = held(10, 16, uid="fikad-omar")
    assert move(JANE, early, holds=(hold,), by=rhythm(per_day=1)) is None


def test_a_displaced_hold_may_move_into_the_room_of_its_circle() -> None:
    dates = {"name": "more", "from": "2026-11-09", "until": "2026-11-15", "per_week": 2}
    full = (held(12, 16, uid="fikad-omar"),)
    for circle, where in (("friends", slot(11, 10)), ("work", None)):
        room = (Challenge.model_validate({**dates, "circle": circle}),)
        by = rhythm(per_week=1)
        assert move(JANE, slot(11, 10), holds=full, by=by, challenges=room) == where


def test_a_displaced_hold_rather_moves_to_a_day_by_itself() -> None:
    other = held(11, 16, uid="fikad-omar")
    assert move(JANE, slot(11, 10), slot(13, 10), holds=(other,)) == slot(13, 10)


def test_a_displaced_hold_never_moves_to_where_they_are_busy() -> None:
    busy = {"jane": (TimeSpan(at(11, 10), at(11, 11)),)}
    assert move(JANE, slot(11, 10), known_busy=busy) is None
    assert move(JANE, slot(11, 10), slot(12, 10), known_busy=busy) == slot(12, 10)


# --- who and when together ---


def test_somebody_who_can_only_at_one_time_gets_it_though_somebody_else_was_first() -> None:
    """First come, first served would give Jane ten o'clock and leave Omar, who only walks,
    without."""
    omar = person("omar", occasions=("walk",))
    made = make(
        due("jane", omar), slot(9, 10), slot(10, 10), slot(9, 10, "walk"), by=rhythm(per_day=1)
    )
    assert chosen(made) == {"jane": at(10, 10), "omar": at(9, 10)}


def test_there_are_no_two_evenings_of_drinks_in_a_row() -> None:
    people = [person(key, occasions=("drinks",)) for key in ("jane", "omar")]
    evenings = [slot(day, 20, "drinks") for day in (10, 11, 12)]
    assert [start.day for start in sorted(chosen(make(due(*people), *evenings)).values())] == [
        10,
        12,
    ]
    before = Held("lee", at(10, 20), at(10, 22), "accepted", "drinks")
    assert [
        start.day for start in chosen(make(due(*people), *evenings, holds=(before,))).values()
    ] == [12]
    assert waiting(make(due(people[0]), evenings[1], holds=(before,))) == {"jane": "taken"}


def test_somebody_unseen_for_long_gets_the_longer_occasion() -> None:
    jane = person("jane", occasions=("coffee", "drinks"))
    slots = (slot(9, 10), Slot("drinks", at(9, 19), at(9, 22)))
    assert make(due(jane, weeks=7), *slots).proposals[0].occasion == "coffee"
    assert make(due(jane, weeks=20), *slots).proposals[0].occasion == "drinks"


def test_nobody_is_called_out_of_bed() -> None:
    """10:00 in Berlin is 4 in the morning in New York, 15:00 is 9."""
    jane = person("jane", occasions=("call",), timezone=ZoneInfo("America/New_York"))
    calls = (slot(9, 10, "call"), slot(9, 15, "call"))
    assert chosen(make(due(jane), *calls)) == {"jane": at(9, 15)}
    asleep = make(due(jane), calls[0])
    assert waiting(asleep) == {"jane": "no-slot"}
    assert asleep.waiting[0].reason == "Jane is asleep at every open slot for call."
    assert chosen(make(due(jane), calls[0], remote=())) == {"jane": at(9, 10)}


def test_paused_people_are_not_even_among_those_who_wait() -> None:
    met = [Met(key, SUNDAY - 9 * WEEK - HOUR, SUNDAY - 9 * WEEK) for key in ("jane", "omar")]
    who = standings(
        [person("jane", paused=True), person("omar")],
        RecencyInputs(now=SUNDAY, zone=BERLIN, meetings=met),
    )
    made = make(who)
    assert waiting(made) == {"omar": "no-slot"}


def test_the_balance_of_the_practice_changes_who_comes_first_and_says_so() -> None:
    def emphasis(who: object, candidates: int) -> dict[str, Emphasis]:
        return {"lee": Emphasis(3.0, Reason("reach-back", {"count": candidates}))}

    made = make(
        due("jane", "omar", "lee"), *WEEKDAYS, by=rhythm(per_week=1, open=5), emphasis=emphasis
    )
    assert list(chosen(made)) == ["lee"]
    assert made.proposals[0].reason.endswith(
        "6 weeks. One suggestion in 1 goes to somebody you have not met for over a year."
    )


def test_a_challenge_makes_room_for_more() -> None:
    dates = {"from": "2026-11-16", "until": "2026-11-20", "per_week": 3, "name": "holidays"}
    slots = [slot(day, 10) for day in (9, 10, 11, 16, 17, 18)]
    people = [person(key, circle="friends" if key > "c" else "work") for key in "abcdef"]
    calm = make(due(*people), *slots, by=rhythm(per_week=1))
    assert len(calm.proposals) == 2
    busy = make(
        due(*people), *slots, by=rhythm(per_week=1), challenges=(Challenge.model_validate(dates),)
    )
    assert sorted(proposal.slot.start.day for proposal in busy.proposals) == [9, 16, 17, 18]
    friends = Challenge.model_validate({**dates, "circle": "friends"})
    theirs = make(due(*people), *slots, by=rhythm(per_week=1), challenges=(friends,))
    assert len(theirs.proposals) == 4
    assert sum(proposal.contact.circle == "friends" for proposal in theirs.proposals) >= 2


def test_how_long_it_has_been_is_told_by_the_users_calendar() -> None:
    """Half past midnight on Thursday in Berlin is Wednesday in London."""
    jane = replace(person("jane"), cadence=2 * DAY)
    met = [Met("jane", at(4, 23, 30), at(5, 0, 30))]
    who = standings([jane], RecencyInputs(now=SUNDAY, zone=BERLIN, meetings=met))
    assert make(who, *WEEKDAYS).proposals[0].reason.startswith("You last met 3 days ago")


# --- why somebody waits ---


def test_only_who_would_be_asleep_at_every_place_is_said_to_be() -> None:
    jane = person("jane", occasions=("call",), timezone=ZoneInfo("America/New_York"))
    calls = slot(9, 10, "call"), slot(9, 15, "call")
    made = make(due(jane), *calls, holds=(held(9, 18),), by=rhythm(per_day=1))
    assert waiting(made) == {"jane": "day"}


def test_who_is_busy_at_every_open_place_waits_for_that_and_else_for_what_is_left() -> None:
    jane = person("jane", occasions=("coffee", "walk"))
    ten, eleven, walk = slot(9, 10), slot(10, 11), slot(11, 10, "walk")
    at_ten = {"jane": (TimeSpan(ten.start, ten.end),)}
    made = make(due(jane), ten, known_busy=at_ten)
    assert made.waiting[0].why == Reason(
        "they-are-busy", {"name": "Jane", "occasions": ("coffee", "walk")}
    )
    assert chosen(make(due(jane), ten, eleven, known_busy=at_ten)) == {"jane": eleven.start}
    full: dict[str, Any] = {
        "holds": (held(10, 16), held(11, 16)),
        "by": rhythm(per_day=1),
        "known_busy": at_ten,
    }
    for left in (eleven, walk):
        made = make(due(jane), ten, left, **full)
        assert made.waiting[0].why == Reason("day", {"occasions": ("coffee", "walk")})


# --- birthdays ---


def codes(made: Plan) -> dict[str, list[str]]:
    return {
        proposal.contact.key: [reason.code for reason in proposal.why]
        for proposal in made.proposals
    }


BORN = YearlyDay(11, 15)


def test_a_nearby_birthday_goes_first_and_is_the_reason_where_it_decided() -> None:
    [omar, jane] = due("omar", person("jane", birthday=BORN))
    assert (omar.contact.key, jane.contact.key) == ("jane", "omar")
    made = make((omar, jane), slot(12, 10), by=rhythm(per_week=1))
    assert codes(made) == {"jane": ["due", "birthday"]}
    assert made.proposals[0].reason == (
        "You last met 7 weeks ago and aim to meet every 6 weeks."
        " Jane's birthday is on Sun 15 Nov 2026."
    )


def test_a_birthday_is_told_as_dates_are_written_where_the_user_lives() -> None:
    [jane] = due(person("jane", birthday=BORN), weeks=4)
    made = make((jane,), slot(12, 10), date_style=DateStyle(month_first=True))
    assert made.proposals[0].reason.endswith("Jane's birthday is on Sun Nov 15, 2026.")


def test_a_birthday_is_no_reason_where_everybody_is_asked_anyway() -> None:
    made = make(due("omar", person("jane", birthday=BORN)), slot(12, 10), slot(13, 10))
    assert codes(made) == {"jane": ["due"], "omar": ["due"]}


def test_a_birthday_is_the_reason_for_who_would_not_be_due_without_it() -> None:
    made = make(due(person("jane", birthday=BORN), weeks=4), slot(12, 10))
    assert codes(made) == {"jane": ["due", "birthday"]}
    assert make(due("jane", weeks=4), slot(12, 10)).proposals == ()


# --- when a call is the better first step ---


NEW_YORK = ZoneInfo("America/New_York")
BOTH = [slot(9, 15), slot(13, 16, "call")]


def occasions(made: Plan) -> dict[str, str]:
    return {proposal.contact.key: proposal.occasion for proposal in made.proposals}


def far(*names: str, zone: ZoneInfo = NEW_YORK) -> Contact:
    return person("jane", occasions=names or ("coffee", "call"), timezone=zone)


def test_somebody_silent_for_over_a_year_who_lives_elsewhere_is_called_first() -> None:
    made = make(due(far(), weeks=60), *BOTH)
    assert occasions(made) == {"jane": "call"}
    assert codes(made) == {"jane": ["due", "call-first"]}
    assert made.proposals[0].reason.endswith(
        " Jane lives in another time zone and you have not met for over a year, so a call comes"
        " before anything that needs a journey."
    )


@pytest.mark.parametrize(
    ("contact", "weeks"),
    [
        (far(), 50),
        (far(zone=BERLIN), 60),
        (person("jane", occasions=("coffee", "call")), 60),
        (far("coffee"), 60),
    ],
)
def test_nobody_else_is(contact: Contact, weeks: int) -> None:
    made = make(due(contact, weeks=weeks), *BOTH)
    assert occasions(made) == {"jane": "coffee"}
    assert codes(made) == {"jane": ["due"]}


def test_the_call_is_no_reason_where_it_would_be_chosen_anyway() -> None:
    made = make(due(far("call", "coffee"), weeks=60), slot(9, 16, "call"), slot(13, 15))
    assert occasions(made) == {"jane": "call"}
    assert codes(made) == {"jane": ["due"]}


def test_the_call_is_no_reason_for_a_journey_where_another_got_the_only_call() -> None:
    caller = person("omar", occasions=("call",), weight=30.0)
    made = make((*due(far(), weeks=60), *due(caller)), *BOTH)
    assert occasions(made) == {"omar": "call", "jane": "coffee"}
    assert codes(made) == {"omar": ["due"], "jane": ["due"]}


def test_where_they_would_be_asleep_at_every_call_the_journey_remains() -> None:
    made = make(due(far(), weeks=60), slot(9, 15), slot(13, 9, "call"))
    assert occasions(made) == {"jane": "coffee"}
    assert codes(made) == {"jane": ["due"]}


def test_a_late_call_goes_before_an_early_lunch_that_fits_in_every_other_way() -> None:
    late = {"jane": Habit(minute=15 * 60, weekday=0)}
    made = make(due(far("coffee", "walk", "call"), weeks=90), slot(9, 15), *BOTH[1:], habits=late)
    assert occasions(made) == {"jane": "call"}


def test_who_would_be_asleep_at_every_call_counts_for_as_much_as_ever() -> None:
    who = (*due(far(), weeks=60), *due("omar"))
    made = make(who, slot(9, 15), slot(13, 9, "call"), by=rhythm(per_week=1))
    assert occasions(made) == {"jane": "coffee"}


def test_a_first_call_loses_nothing_for_being_short() -> None:
    call = Slot("call", at(10, 16), at(10, 16) + HOUR / 2)
    alone, beside = (
        make(due(far(*names), weeks=60), call, slot(9, 15)).proposals[0]
        for names in (("call",), ("call", "coffee"))
    )
    assert alone.value == pytest.approx(beside.value)
