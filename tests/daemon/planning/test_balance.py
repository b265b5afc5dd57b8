"""Shares of circles, old ties, new people: what the balance makes of those who are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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
