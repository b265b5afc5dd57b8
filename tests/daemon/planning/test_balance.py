"""Shares of circles, old ties, new people: what the balance makes of those who are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.config.schema import Circle
from daemon.holds.draft import HoldPlan, Wording, draft, hold_uid
from daemon.holds.record import Grounds, Hold, begin
from daemon.judging.recency import Met, RecencyInputs, Standing, standings
from daemon.people.contacts import Contact
from daemon.planning.balance import Balance, too_much
from daemon.reasons import Reason

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def person(key: str, circle: str = "", **more: object) -> Contact:
    return Contact(key=key, name=key.title(), cadence=30 * DAY, circle=circle, **more)  # type: ignore[arg-type]


def asked(
    contact: Contact, days_ago: float, last_met: datetime | None = None, state: str = "dismissed"
) -> Hold:
    """A suggestion made some days ago."""
    from daemon.config.schema import BUILT_IN_OCCASIONS

    now = NOW - days_ago * DAY
    written = draft(
        HoldPlan(
            hold_uid(contact.key, last_met, round(days_ago)),
            contact,
            BUILT_IN_OCCASIONS["coffee"],
            now,
            now,
        ),
        Wording(zone=BERLIN),
    )
    begun = begin(
        written,
        contact,
        account="home",
        calendar="Fikad",
        now=now,
        grounds=Grounds(last_met=last_met),
    )
    return replace(begun, state=state, intent=None, decided_at=now)  # type: ignore[arg-type]


def due(people: Iterable[Contact], days: dict[str, float]) -> list[Standing]:
    """Standings of people last met so many days ago; those not named were never met."""
    met = [Met(key, NOW - ago * DAY - DAY / 24, NOW - ago * DAY) for key, ago in days.items()]
    added = {contact.key: NOW - 400 * DAY for contact in people}
    reckoned = standings(people, RecencyInputs(now=NOW, zone=BERLIN, meetings=met, added=added))
    return [standing for standing in reckoned if not standing.blocked]


def first(balance: Balance, standing: list[Standing], places: int = 1) -> list[str]:
    """Who comes first when only the balance and the standing count."""
    emphasis = balance.emphasis(standing, places)
    return [
        picked.contact.key
        for picked in sorted(
            standing,
            key=lambda standing: (
                -standing.value * emphasis[standing.contact.key].factor,
                standing.contact.key,
            ),
        )
    ]


def circles(**shares: float | None) -> dict[str, Circle]:
    return {name: Circle(cadence="1 month", share=share) for name, share in shares.items()}  # type: ignore[arg-type]


def test_the_mix_of_holds_follows_the_shares() -> None:
    people = [person(f"f{n}", "friends") for n in range(6)] + [
        person(f"w{n}", "work") for n in range(6)
    ]
    by_key = {contact.key: contact for contact in people}
    holds: list[Hold] = []
    for week in range(26):
        standing = due(
            people, {contact.key: 40 + number % 3 for number, contact in enumerate(people)}
        )
        balance = Balance(circles(friends=0.6, work=0.4), by_key, holds, 0, NOW - (60 - week) * DAY)
        chosen = by_key[first(balance, standing)[0]]
        holds.append(asked(chosen, 60 - week, NOW - 90 * DAY))
    mix = Counter(by_key[hold.contact_key].circle for hold in holds)
    assert abs(mix["friends"] / 26 - 0.6) < 0.05


def test_great_urgency_goes_before_the_shares() -> None:
    people = [person("friend", "friends"), person("colleague", "work")]
    by_key = {contact.key: contact for contact in people}
    holds = [asked(by_key["friend"], 20 + n, NOW - 60 * DAY) for n in range(3)]
    balance = Balance(circles(friends=0.5, work=0.5), by_key, holds, 0, NOW)
    assert first(balance, due(people, {"friend": 100, "colleague": 31}))[0] == "colleague"
    holds = holds[:1]
    balance = replace(balance, holds=holds)
    assert first(balance, due(people, {"friend": 150, "colleague": 31}))[0] == "friend"


def test_holds_of_longer_ago_than_a_quarter_do_not_count_for_the_mix() -> None:
    friend = person("friend", "friends")
    balance = Balance(
        circles(friends=0.5), {"friend": friend}, [asked(friend, 92), asked(friend, 90)], 0, NOW
    )
    assert balance.mix() == {"friends": 1}
    assert replace(balance, holds=[asked(friend, 91)]).mix() == {}


def factors(balance: Balance, standing: list[Standing]) -> dict[str, float]:
    return {key: round(one.factor, 9) for key, one in balance.emphasis(standing, 1).items()}


def test_a_circle_counts_by_how_far_it_is_behind_or_ahead_of_its_share() -> None:
    """Four holds went to people of no circle that has a share. As with four more before, which had
    the right mix: friends have two of eight and should have four, the others six."""
    friend, other, nobodys = person("friend", "friends"), person("other", "work"), person("none")
    by_key = {contact.key: contact for contact in (friend, other, nobodys)}
    standing = due(by_key.values(), dict.fromkeys(by_key, 40))
    holds = [asked(nobodys, day) for day in (1, 2)] + [asked(other, day) for day in (3, 4)]
    balance = Balance(circles(friends=0.5, work=None), by_key, holds, 0, NOW)
    assert factors(balance, standing) == {"friend": 2, "other": 0.666666667, "none": 0.666666667}
    forgotten = replace(balance, contacts={"friend": friend})
    assert forgotten.mix() == {"": 4}, "whom nobody knows any longer is nobody's"
    assert factors(replace(balance, circles=circles(friends=None)), standing) == dict.fromkeys(
        by_key, 1
    )


def test_no_circle_counts_for_more_than_twice_or_less_than_half() -> None:
    friend, colleague = person("friend", "friends"), person("colleague", "work")
    by_key = {contact.key: contact for contact in (friend, colleague)}
    standing = due(by_key.values(), dict.fromkeys(by_key, 40))
    holds = [asked(friend, day / 10) for day in range(40)]
    balance = Balance(circles(friends=0.5, work=0.5), by_key, holds, 0, NOW)
    assert factors(balance, standing) == {"friend": 0.523809524, "colleague": 2}
    many = [asked(friend, day / 10) for day in range(60)]
    small = replace(balance, circles=circles(friends=0.2, work=0.8), holds=many)
    assert factors(small, standing) == {"friend": 0.5, "colleague": 2}


def test_shares_of_more_than_all_are_parts_of_their_sum_and_leave_the_others_half() -> None:
    people = [person("friend", "friends"), person("colleague", "work"), person("none")]
    by_key = {contact.key: contact for contact in people}
    standing = due(people, dict.fromkeys(by_key, 40))
    holds = [asked(by_key["friend"], 1), asked(by_key["colleague"], 2)]
    balance = Balance(circles(friends=0.9, work=0.6), by_key, holds, 0, NOW)
    assert factors(balance, standing) == {
        "friend": round(6 * 0.6 / (1 + 4 * 0.6), 9),
        "colleague": round(6 * 0.4 / (1 + 4 * 0.4), 9),
        "none": 0.5,
    }


def test_one_suggestion_in_five_goes_to_an_old_tie_and_says_so() -> None:
    people = [person("old"), *(person(f"p{n}") for n in range(9))]
    by_key = {contact.key: contact for contact in people}
    days = {"old": 800.0} | {f"p{n}": 40.0 + n for n in range(9)}
    standing = due(people, days)
    chosen, reasons = [], {}
    holds: list[Hold] = []
    for turn in range(20):
        balance = Balance({}, by_key, holds, 5, NOW)
        key = first(balance, standing)[0]
        reasons[key] = balance.emphasis(standing, 1)[key].reason
        chosen.append(key)
        holds.append(asked(by_key[key], 20 - turn, NOW - days[key] * DAY))
    assert [place for place, key in enumerate(chosen) if key == "old"] == [4, 9, 14, 19]
    assert reasons["old"] == Reason("reach-back", {"count": 5})


def emphasized(people: list[Contact], days: dict[str, float], places: int, *holds: Hold) -> Any:
    """What a balance that reaches back and forward once in five makes of them, and their values."""
    standing = due(people, days)
    balance = Balance({}, {contact.key: contact for contact in people}, holds, 5, NOW)
    values = {one.contact.key: one.value for one in standing}
    return balance.emphasis(standing, places), values


def test_whose_turn_it_is_counts_for_twice_as_much_as_the_best_of_the_others() -> None:
    people = [
        replace(person("old"), weight=0.2),
        person("p"),
        person("q"),
        replace(person("new", new=True), weight=0.2),
    ]
    holds = [asked(people[1], day, NOW - 40 * DAY) for day in (9, 8, 7, 6)]
    stress, values = emphasized(people, {"old": 400, "p": 55, "q": 40}, 1, *holds)
    for key, code in (("old", "reach-back"), ("new", "reach-forward")):
        assert stress[key].factor * values[key] == pytest.approx(2 * values["p"])
        assert stress[key].reason == Reason(code, {"count": 5})
    assert (stress["p"].factor, stress["p"].reason) == (1, None)
    friends = [replace(contact, circle="friends") for contact in people[1:3]]
    known = {contact.key: contact for contact in (people[0], *friends)}
    balance = Balance(circles(friends=0.1), known, holds, 5, NOW)
    stress = balance.emphasis(due(known.values(), {"old": 400, "p": 55, "q": 40}), 1)
    assert stress["p"].factor == 0.5
    assert stress["old"].factor == pytest.approx(values["p"] / values["old"])


def test_whose_turn_it_is_counts_for_no_less_than_ever() -> None:
    people = [person("old"), replace(person("p"), weight=0.01)]
    holds = [asked(people[1], day, NOW - 40 * DAY) for day in (9, 8, 7, 6)]
    stress, _ = emphasized(people, {"old": 900, "p": 40}, 1, *holds)
    assert stress["old"].factor == 1


def test_who_has_no_weight_has_a_turn_all_the_same_and_is_worth_nothing() -> None:
    people = [replace(person("old"), weight=0.0), person("p")]
    holds = [asked(people[1], day, NOW - 40 * DAY) for day in (9, 8, 7, 6)]
    stress, values = emphasized(people, {"old": 900, "p": 40}, 1, *holds)
    assert values["old"] * stress["old"].factor == 0
    assert stress["old"].reason is not None


def test_who_is_new_and_was_met_or_was_never_met_and_is_not_new_has_no_turn() -> None:
    people = [person("met", new=True), person("stranger"), person("p")]
    holds = [asked(people[2], day, NOW - 40 * DAY) for day in (9, 8, 7, 6)]
    stress, _ = emphasized(people, {"met": 40, "p": 45}, 1, *holds)
    assert {key: (one.factor, one.reason) for key, one in stress.items()} == dict.fromkeys(
        ("met", "stranger", "p"), (1, None)
    )


def test_alone_nobodys_turn_is_told() -> None:
    stress, _ = emphasized([person("new", new=True, weight=0.2)], {}, 5)
    assert (stress["new"].factor, stress["new"].reason) == (1, None)


def turns(places: int, *holds: Hold) -> int:
    """How many of three old ties have a turn."""
    people = [person("a"), person("b"), person("c"), person("p")]
    stress, _ = emphasized(people, {"a": 900, "b": 800, "c": 700, "p": 40}, places, *holds)
    return sum(one.reason is not None for one in stress.values())


def test_turns_that_nobody_took_do_not_pile_up() -> None:
    long = [asked(person("p"), 40 - day, NOW - 60 * DAY) for day in range(30)]
    assert [turns(places, *long) for places in (0, 1, 5, 6)] == [0, 1, 1, 2]


def test_a_turn_is_taken_by_a_hold_for_who_was_an_old_tie_then() -> None:
    a_year_before = NOW - 6 * DAY - 365 * DAY
    others = [asked(person("p"), day, NOW - 40 * DAY) for day in (5, 4, 3)]
    assert turns(1, asked(person("a"), 6, a_year_before), *others) == 1, "not yet over a year"
    assert turns(1, asked(person("a"), 6, a_year_before - DAY), *others) == 0


def test_a_turn_is_taken_by_a_hold_for_somebody_new() -> None:
    people = [person("new", new=True), person("ann", new=True), person("p")]
    others = [asked(people[2], day, NOW - 40 * DAY) for day in (9, 8, 7, 5, 4, 3)]
    taken = sorted([asked(people[0], 6), *others], key=lambda hold: hold.created_at)
    assert emphasized(people, {"p": 40}, 1, *taken)[0]["ann"].reason is None
    met = sorted([asked(people[0], 6, NOW - 9 * DAY), *others], key=lambda hold: hold.created_at)
    assert emphasized(people, {"p": 40}, 1, *met)[0]["ann"].reason is not None


def test_an_old_tie_is_one_after_more_than_a_year_and_more_than_two_cadences() -> None:
    yearly = replace(person("yearly"), cadence=400 * DAY)
    for contact, days in ((person("a"), 365), (yearly, 800)):
        for more, dormant in ((timedelta(), False), (timedelta(seconds=1), True)):
            balance = Balance({}, {}, [], 5, NOW + more)
            (standing,) = due([contact], {contact.key: days})
            assert balance.is_dormant(standing) == dormant


def test_old_ties_take_turns() -> None:
    people = [person("a"), person("b"), person("now")]
    by_key = {contact.key: contact for contact in people}
    standing = due(people, {"a": 900, "b": 800, "now": 40})
    holds = [
        asked(by_key["a"], 30, NOW - 900 * DAY),
        *(asked(by_key["now"], n, NOW - 40 * DAY) for n in (9, 8, 7, 6)),
    ]
    assert first(Balance({}, by_key, holds, 5, NOW), standing)[0] == "b"


def test_old_ties_alone_are_still_suggested() -> None:
    people = [person("old")]
    emphasis = Balance({}, {"old": people[0]}, [], 5, NOW).emphasis(due(people, {"old": 700}), 1)
    assert emphasis["old"].factor > 0
    assert emphasis["old"].reason is None


def test_new_people_get_their_turn_and_do_not_swamp_the_rest() -> None:
    people = [*(person(f"new{n}", new=True) for n in range(10)), person("p")]
    by_key = {contact.key: contact for contact in people}
    standing = due(people, {"p": 31})
    holds: list[Hold] = []
    assert first(Balance({}, by_key, holds, 5, NOW), standing)[0] == "p"
    holds = [asked(by_key["p"], n, NOW - 31 * DAY) for n in (9, 8, 7, 6)]
    ordered = first(Balance({}, by_key, holds, 5, NOW), standing)
    assert ordered[0].startswith("new")
    assert ordered[1] == "p"


def test_what_fikad_took_back_itself_was_nobodys_turn() -> None:
    people = [person("old"), person("p")]
    by_key = {contact.key: contact for contact in people}
    holds = [asked(by_key["p"], n, NOW - 40 * DAY, "withdrawn") for n in (9, 8, 7, 6)]
    standing = due(people, {"old": 800, "p": 40})
    assert first(Balance({}, by_key, holds, 5, NOW), standing)[0] == "p"


def test_a_yearly_friend_is_no_old_tie_after_thirteen_months() -> None:
    people = [replace(person("yearly"), cadence=365 * DAY), person("p")]
    emphasis = Balance({}, {contact.key: contact for contact in people}, [], 5, NOW).emphasis(
        due(people, {"yearly": 400, "p": 40}), 1
    )
    assert emphasis["yearly"].factor == 1


def test_a_circle_that_has_outgrown_its_size_and_too_many_dates_are_said() -> None:
    council = {"council": Circle(cadence="1 month", size=2)}  # type: ignore[arg-type]
    people = [person(f"p{n}", "council") for n in range(8)]
    told = too_much(people, council, 1)
    assert told[0] == "council has 8 people, and you want at most 2."
    assert told[1].startswith("Your cadences ask for 1.9 dates a week, and your rhythm has 1 hold")
    assert too_much([replace(contact, paused=True) for contact in people], council, 1) == []
    assert too_much(people[:2], council, 1) == []


def test_as_many_dates_as_the_rhythm_has_and_a_fifth_more_are_not_too_many() -> None:
    weekly = [replace(person(f"p{n}"), cadence=timedelta(weeks=1)) for n in range(13)]
    assert too_much(weekly[:12], {}, 10) == []
    assert too_much(weekly[:12], {}, 0) == []
    (told,) = too_much(weekly, {}, 10)
    assert told == (
        "Your cadences ask for 13.0 dates a week, and your rhythm has 10 holds:"
        " raise per_week, or give somebody more time."
    )
    (one,) = too_much(weekly[:2], {}, 1)
    assert "2.0 dates a week, and your rhythm has 1 hold:" in one


def test_nobody_is_met_more_than_once_a_day() -> None:
    (told,) = too_much([replace(person("p"), cadence=timedelta(hours=2))], {}, 1)
    assert told.startswith("Your cadences ask for 7.0 dates a week")
