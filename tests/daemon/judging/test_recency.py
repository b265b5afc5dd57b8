"""How long it has been, who is due, and why somebody waits."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address_book import YearlyDay
from daemon.judging.recency import (
    Held,
    Met,
    RecencyInputs,
    Standing,
    growth,
    standings,
    why_due,
    without_birthday,
)
from daemon.languages.date_style import DateStyle
from daemon.people.contacts import Contact
from daemon.reasons import in_words

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")
NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


TOMORROW_THERE = datetime(2026, 11, 12, 13, tzinfo=UTC)
THEN = Met("jane", TOMORROW_THERE, TOMORROW_THERE + timedelta(hours=1))


def person(key: str = "jane", weeks: float = 6, **more: object) -> Contact:
    return Contact(key=key, name=key.title(), cadence=timedelta(weeks=weeks), **more)  # type: ignore[arg-type]


def met(end: datetime, key: str = "jane", rule: str = "attendee") -> Met:
    return Met(key, end - timedelta(hours=1), end, rule)


def standing_of(contact: Contact, **known: Any) -> Standing:
    arguments: dict[str, Any] = {"now": NOW, "zone": BERLIN, **known}
    return standings([contact], RecencyInputs(**arguments))[0]


def code(standing: Standing) -> str | None:
    return standing.blocked.code if standing.blocked else None


# --- last met and due ---


def test_due_is_the_end_of_the_last_meeting_plus_the_cadence() -> None:
    standing = standing_of(person(), meetings=[met(NOW - 7 * WEEK), met(NOW - 20 * WEEK)])
    assert standing.last_met == NOW - 7 * WEEK
    assert standing.rule == "attendee"
    assert standing.due == NOW - WEEK
    assert standing.urgency == pytest.approx(7 / 6)
    assert standing.blocked is None


def test_somebody_falls_due_at_the_very_instant_and_not_before() -> None:
    meetings = [met(NOW - 6 * WEEK)]
    assert (
        code(standing_of(person(), meetings=meetings, now=NOW - timedelta(seconds=1))) == "not-due"
    )
    assert standing_of(person(), meetings=meetings, now=NOW).blocked is None


def test_nobody_is_a_day_late_at_utc_plus_12() -> None:
    """A breakfast on the 10th in Auckland is still the 9th in UTC."""
    breakfast = datetime(2026, 11, 10, 8, 30, tzinfo=AUCKLAND)
    standing = standing_of(
        person(weeks=1), meetings=[met(breakfast)], now=breakfast + WEEK, zone=AUCKLAND
    )
    assert standing.due == breakfast + WEEK
    assert standing.blocked is None
    waiting = standing_of(
        person(weeks=1), meetings=[met(breakfast)], now=breakfast + DAY, zone=AUCKLAND
    )
    assert waiting.blocked is not None
    assert "Tue 17 Nov 2026" in in_words(waiting.blocked)


def test_a_meeting_that_has_not_ended_is_not_the_last_one() -> None:
    standing = standing_of(
        person(), meetings=[met(NOW + timedelta(minutes=1)), met(NOW - 8 * WEEK)]
    )
    assert standing.last_met == NOW - 8 * WEEK


def test_a_meeting_that_ends_now_is_the_last_one_and_is_told_in_utc() -> None:
    standing = standing_of(person(), meetings=[met(NOW.astimezone(BERLIN))])
    assert standing.last_met == NOW
    assert standing.last_met is not None
    assert standing.last_met.tzinfo is UTC


def test_the_last_meeting_may_be_a_manual_entry() -> None:
    standing = standing_of(person(), meetings=[met(NOW - DAY, rule="manual"), met(NOW - WEEK)])
    assert (standing.last_met, standing.rule) == (NOW - DAY, "manual")


def test_the_better_evidence_is_named_when_two_end_together() -> None:
    for order in (["manual", "attendee", "title"], ["title", "attendee", "manual"]):
        assert (
            standing_of(person(), meetings=[met(NOW - DAY, rule=rule) for rule in order]).rule
            == "attendee"
        )


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"snoozed": {"jane": TOMORROW_THERE}}, "Snoozed until Fri Nov 13, 2026."),
        ({"booked": [THEN]}, "You already meet on Fri Nov 13, 2026."),
        (
            {"held": [Held("jane", THEN.start, THEN.end)]},
            "A suggestion for Fri Nov 13, 2026 is open.",
        ),
        ({"cooldowns": {"jane": TOMORROW_THERE}}, "Rests until Fri Nov 13, 2026,"),
        ({}, "Due on Wed Dec 16, 2026: you last met 7 days ago"),
    ],
)
def test_why_nothing_is_suggested_is_told_with_the_users_date_in_the_users_style(
    known: dict[str, Any], told: str
) -> None:
    """In Auckland it is the 13th already."""
    style = DateStyle(month_first=True)
    met_lately = [met(datetime(2026, 11, 3, 12, tzinfo=UTC))]
    standing = standing_of(person(), zone=AUCKLAND, style=style, meetings=met_lately, **known)
    assert standing.blocked is not None
    assert in_words(standing.blocked).startswith(told)


def test_how_long_ago_it_was_is_told_by_the_users_days() -> None:
    """In Auckland it was yesterday, and the day before in UTC."""
    ended, now = datetime(2026, 11, 8, 12, tzinfo=UTC), datetime(2026, 11, 10, 10, tzinfo=UTC)
    standing = standing_of(person(), meetings=[met(ended)], now=now, zone=AUCKLAND)
    assert in_words(why_due(standing, now, AUCKLAND)).startswith("You last met yesterday")
    assert standing.blocked is not None
    assert "you last met yesterday" in in_words(standing.blocked)
    assert "2 days ago" in in_words(why_due(standing, now, ZoneInfo("UTC")))


def test_an_accepted_hold_is_better_evidence_than_an_entry_by_hand() -> None:
    for order in (["manual", "hold"], ["hold", "manual"]):
        meetings = [met(NOW - DAY, rule=rule) for rule in order]
        assert standing_of(person(), meetings=meetings).rule == "hold"


def test_every_instant_is_told_in_utc_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    later = (NOW + DAY).astimezone(BERLIN)
    standing = standing_of(
        person(),
        meetings=[met((NOW - WEEK).astimezone(BERLIN))],
        booked=[Met("jane", later, later + timedelta(hours=1))],
        snoozed={"jane": later},
        cooldowns={"jane": later},
    )
    told = (standing.due, standing.next_booked, standing.snoozed_until, standing.cooldown_until)
    assert all(moment is not None and moment.tzinfo is UTC for moment in told)


def test_meetings_with_others_say_nothing() -> None:
    standing = standing_of(person(), meetings=[met(NOW - DAY, key="omar")])
    assert (standing.last_met, standing.rule) == (None, "")


@pytest.mark.parametrize(
    ("urgency", "counts_for"), [(-2, -2), (0, 0), (0.5, 4 / 7), (1, 1), (2, 1.6), (1e9, 4)]
)
def test_an_urgency_counts_for_more_ever_more_slowly(urgency: float, counts_for: float) -> None:
    assert growth(urgency) == pytest.approx(counts_for)


def test_a_cadence_beyond_the_calendar_is_never_due() -> None:
    standing = standing_of(person(weeks=5_000_000), meetings=[met(NOW - WEEK)])
    assert code(standing) == "not-due"


def test_a_cadence_of_nothing_does_not_divide_by_zero() -> None:
    assert standing_of(person(weeks=0), meetings=[met(NOW - 3 * DAY)]).urgency == pytest.approx(4)


def test_strangers_of_one_day_fall_due_in_the_order_of_adding_and_the_day_is_that_of_utc(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a machine in India it is another day by the evening."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    evening = datetime(2026, 11, 9, 19, tzinfo=UTC)
    added = {"b": evening - timedelta(hours=2), "a": evening}
    known = RecencyInputs(now=NOW, zone=BERLIN, added=added)
    dues = {one.contact.key: one.due for one in standings([person("a"), person("b")], known)}
    assert dues == {"b": added["b"], "a": evening + 3 * WEEK}


def test_who_was_met_up_to_the_moment_of_adding_is_no_stranger() -> None:
    """So they take no place among those who are, and bring nobody forward."""
    people = [person("a"), person("b")]
    added = {"a": NOW - 2 * WEEK, "b": NOW - 2 * WEEK + timedelta(hours=1)}
    meetings = [met(added["a"], key="a")]
    known = RecencyInputs(now=NOW, zone=BERLIN, added=added, meetings=meetings)
    dues = {one.contact.key: one.due for one in standings(people, known)}
    assert dues["b"] == added["b"]


def test_of_several_open_holds_the_earliest_is_told() -> None:
    first, second, third = (
        Held("jane", NOW + day * DAY, NOW + day * DAY + timedelta(hours=1), uid=uid)
        for day, uid in ((2, "b"), (2, "c"), (3, "a"))
    )
    for holds in ([first, second, third], [third, second, first]):
        assert standing_of(person(), held=holds).open_hold == first


def test_somebody_paused_who_was_never_met_would_be_due_since_they_were_added() -> None:
    paused = person(paused=True)
    assert standing_of(paused, added={"jane": NOW - DAY}).due == NOW - DAY


# --- people never met ---


def strangers(number: int, now: datetime = NOW, **known: Any) -> tuple[Standing, ...]:
    people = [person(f"friend {place}") for place in range(number)]
    added = {contact.key: NOW for contact in people}
    arguments: dict[str, Any] = {"now": now, "zone": BERLIN, "added": added, **known}
    return standings(people, RecencyInputs(**arguments))


def test_twenty_people_added_on_one_day_do_not_fall_due_together() -> None:
    dues = sorted(standing.due for standing in strangers(20))
    assert dues[0] == NOW
    assert dues[-1] < NOW + 6 * WEEK
    assert min(later - sooner for sooner, later in pairwise(dues)) > 2 * DAY


def test_of_a_few_people_added_today_one_is_due_at_once() -> None:
    for number in (1, 2, 3, 12):
        due = [standing for standing in strangers(number) if standing.blocked is None]
        assert len(due) == 1
        assert due[0].urgency == pytest.approx(1)


def test_somebody_added_without_a_date_is_taken_as_added_now() -> None:
    assert standing_of(person()).due == NOW


def test_people_added_one_by_one_during_a_day_are_spread_too() -> None:
    people = [person(f"friend {place}") for place in range(12)]
    added = {contact.key: NOW + timedelta(minutes=place) for place, contact in enumerate(people)}
    reckoned = standings(
        people, RecencyInputs(now=NOW + timedelta(hours=2), zone=BERLIN, added=added)
    )
    assert len([standing for standing in reckoned if standing.blocked is None]) == 1
    assert (
        next(standing for standing in reckoned if standing.blocked is None).contact.key
        == "friend 0"
    )


def test_a_later_addition_never_delays_those_before() -> None:
    people = [person(f"friend {place}") for place in range(5)]
    added = {contact.key: NOW + timedelta(minutes=place) for place, contact in enumerate(people)}
    later = NOW + timedelta(hours=2)
    before = {
        s.contact.key: s.due
        for s in standings(people[:3], RecencyInputs(now=later, zone=BERLIN, added=added))
    }
    after = {
        s.contact.key: s.due
        for s in standings(people, RecencyInputs(now=later, zone=BERLIN, added=added))
    }
    assert all(after[key] <= due for key, due in before.items())


def test_meeting_one_stranger_does_not_make_the_next_one_due() -> None:
    first, second, *_ = sorted(strangers(5), key=lambda standing: standing.due)
    later = NOW + DAY
    by_contact = {
        s.contact.key: s for s in strangers(5, later, meetings=[met(later, key=first.contact.key)])
    }
    assert by_contact[second.contact.key].due == second.due
    assert code(by_contact[second.contact.key]) == "not-due"


def test_people_met_before_they_were_added_take_no_place_among_the_strangers() -> None:
    history = [met(NOW - WEEK, key=f"friend {place}") for place in range(19)]
    stranger = next(
        standing for standing in strangers(20, meetings=history) if standing.last_met is None
    )
    assert stranger.due == NOW


def test_paused_people_take_no_place_among_the_strangers() -> None:
    for key in ("aa", "bb", "cc", "dd"):
        people = [person(key), *(person(f"paused {place}", paused=True) for place in range(5))]
        reckoned = standings(people, RecencyInputs(now=NOW, zone=BERLIN))
        assert [standing.contact.key for standing in reckoned if standing.blocked is None] == [key]


def test_the_spread_does_not_depend_on_the_order_of_the_config() -> None:
    people = [person(f"friend {place}") for place in range(9)]
    assert standings(people, RecencyInputs(now=NOW, zone=BERLIN)) == standings(
        people[::-1], RecencyInputs(now=NOW, zone=BERLIN)
    )


# --- why somebody waits ---

OVERDUE = [met(NOW - 30 * WEEK)]


def test_paused_people_are_not_considered() -> None:
    assert code(standing_of(person(paused=True), meetings=OVERDUE)) == "paused"


def test_a_snooze_holds_until_its_instant() -> None:
    snoozed = {"jane": NOW + WEEK}
    standing = standing_of(person(), meetings=OVERDUE, snoozed=snoozed)
    assert code(standing) == "snoozed"
    assert standing.snoozed_until == NOW + WEEK
    assert standing.blocked is not None
    assert in_words(standing.blocked) == "Snoozed until Tue 17 Nov 2026."
    over = standing_of(person(), meetings=OVERDUE, snoozed=snoozed, now=NOW + WEEK)
    assert over.snoozed_until is None
    assert over.blocked is None


def test_a_meeting_booked_ahead_blocks_and_the_next_one_is_named() -> None:
    booked = [met(NOW + 9 * DAY), met(NOW + 2 * DAY), met(NOW - DAY)]
    standing = standing_of(person(), meetings=OVERDUE, booked=booked)
    assert code(standing) == "booked"
    assert standing.next_booked == NOW + 2 * DAY - timedelta(hours=1)


def test_a_meeting_going_on_now_still_counts_as_booked() -> None:
    assert (
        code(standing_of(person(), meetings=OVERDUE, booked=[met(NOW + timedelta(minutes=30))]))
        == "booked"
    )


def test_a_meeting_that_was_booked_and_is_over_blocks_nothing() -> None:
    assert standing_of(person(), meetings=OVERDUE, booked=[met(NOW)]).blocked is None


@pytest.mark.parametrize(
    ("state", "expected"), [("proposed", "hold"), ("pinned", "hold"), ("accepted", "booked")]
)
def test_a_hold_ahead_blocks_by_its_state(state: str, expected: str) -> None:
    hold = Held("jane", NOW + DAY, NOW + DAY + timedelta(hours=1), state, uid="fikad-1")  # type: ignore[arg-type]
    standing = standing_of(person(), meetings=OVERDUE, held=[hold])
    assert code(standing) == expected
    assert standing.open_hold == (hold if expected == "hold" else None)


def test_a_hold_that_is_over_blocks_nothing() -> None:
    hold = Held("jane", NOW - timedelta(hours=1), NOW, "pinned")
    assert standing_of(person(), meetings=OVERDUE, held=[hold]).blocked is None


def test_somebody_rests_after_a_dismissal() -> None:
    assert code(standing_of(person(), meetings=OVERDUE, cooldowns={"jane": NOW + DAY})) == "resting"
    assert standing_of(person(), meetings=OVERDUE, cooldowns={"jane": NOW}).blocked is None


def test_the_first_reason_is_given_in_a_fixed_order() -> None:
    known = {
        "meetings": [met(NOW - DAY)],
        "snoozed": {"jane": NOW + DAY},
        "booked": [met(NOW + DAY)],
        "held": [Held("jane", NOW + DAY, NOW + 2 * DAY)],
        "cooldowns": {"jane": NOW + DAY},
    }
    seen = [code(standing_of(person(paused=True), **known))]
    for gone in ("", "snoozed", "booked", "held", "cooldowns"):
        known.pop(gone, None)
        seen.append(code(standing_of(person(), **known)))
    assert seen == ["paused", "snoozed", "booked", "hold", "resting", "not-due"]


# --- order and words ---


def test_the_most_urgent_by_weight_comes_first_and_ties_go_by_key() -> None:
    people = [
        person("zoe"),
        person("adam"),
        person("light", weight=0.5),
        person("heavy", weight=2),
        person("late"),
    ]
    meetings = [met(NOW - 7 * WEEK, key=key) for key in ("zoe", "adam", "light", "heavy")]
    meetings.append(met(NOW - 8 * WEEK, key="late"))
    reckoned = standings(people, RecencyInputs(now=NOW, zone=BERLIN, meetings=meetings))
    assert [standing.contact.key for standing in reckoned] == [
        "heavy",
        "late",
        "adam",
        "zoe",
        "light",
    ]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), min_size=1, max_size=12),
    st.randoms(),
)
def test_order_and_standing_do_not_depend_on_the_order_of_input(
    facts: list[tuple[int, int]], random: object
) -> None:
    people = [person(f"p{place}", weeks=weeks) for place, (_, weeks) in enumerate(facts)]
    meetings = [met(NOW - days * DAY, key=f"p{place}") for place, (days, _) in enumerate(facts)]
    expected = standings(people, RecencyInputs(now=NOW, zone=BERLIN, meetings=meetings))
    random.shuffle(people)  # type: ignore[attr-defined]
    random.shuffle(meetings)  # type: ignore[attr-defined]
    assert standings(people, RecencyInputs(now=NOW, zone=BERLIN, meetings=meetings)) == expected
    assert all((standing.blocked is None) == (standing.urgency >= 1) for standing in expected)


def test_why_somebody_is_due_is_one_plain_sentence() -> None:
    standing = standing_of(person(), meetings=[met(NOW - 7 * WEEK)])
    assert (
        in_words(why_due(standing, NOW, BERLIN))
        == "You last met 7 weeks ago and aim to meet every 6 weeks."
    )
    assert (
        in_words(why_due(standing_of(person(weeks=1)), NOW, BERLIN))
        == "You have not met yet and aim to meet every week."
    )


# --- sensitivity ---


def test_with_kin_urgency_grows_half_as_fast_and_the_due_date_stays() -> None:
    friend, aunt = (standing_of(person(kin=kin), meetings=OVERDUE) for kin in (False, True))
    assert aunt.due == friend.due
    assert aunt.urgency - 1 == pytest.approx((friend.urgency - 1) / 2)


def test_an_ancient_tie_does_not_outweigh_everybody_for_ever() -> None:
    assert growth(1) == 1
    assert all(growth(urgency) < growth(urgency + 1) < 4 for urgency in range(200))
    assert growth(100) < 2.5 * growth(2)


def test_a_pause_lasts_until_its_day() -> None:
    day = date(2027, 3, 1)
    paused = person(paused=True, until=day)
    assert [paused.is_paused_on(day - timedelta(days=1)), paused.is_paused_on(day)] == [True, False]
    assert person(paused=True).is_paused_on(date(2099, 1, 1))
    assert not person().is_paused_on(day)


# --- birthdays ---


BIRTHDAY = YearlyDay(11, 24)  # two weeks after NOW


def test_a_nearby_birthday_counts_as_half_a_cadence() -> None:
    meetings = [met(NOW - 4 * WEEK)]
    plain = standing_of(person(), meetings=meetings)
    raised = standing_of(person(birthday=BIRTHDAY), meetings=meetings)
    assert (code(plain), code(raised)) == ("not-due", None)
    assert raised.birthday == date(2026, 11, 24)
    assert raised.urgency == pytest.approx(plain.urgency + 0.5)
    assert raised.urgency_of_time == pytest.approx(plain.urgency)
    assert raised.due == plain.due


def test_kin_are_raised_half_as_much_and_asked_at_the_same_time() -> None:
    meetings = [met(NOW - 3 * WEEK)]
    raised = standing_of(person(birthday=BIRTHDAY, kin=True), meetings=meetings)
    assert raised.urgency == pytest.approx(1)
    assert raised.blocked is None


def test_without_its_birthday_an_urgency_is_that_of_time_alone() -> None:
    meetings = [met(NOW - 7 * WEEK)]
    for contact in (person(), person(kin=True)):
        plain = standing_of(contact, meetings=meetings)
        near = standing_of(replace(contact, birthday=BIRTHDAY), meetings=meetings)
        assert plain.urgency_of_time == pytest.approx(plain.urgency)
        assert near.urgency_of_time == pytest.approx(plain.urgency)
    due_now = standing_of(replace(person(), birthday=BIRTHDAY), meetings=[met(NOW - 6 * WEEK)])
    assert without_birthday(due_now, NOW) is not None


def test_nobody_is_asked_for_a_birthday_soon_after_you_met() -> None:
    meetings = [met(NOW - 3 * WEEK)]
    later = {"meetings": meetings, "now": NOW - timedelta(seconds=1), "zone": UTC}
    assert code(standing_of(person(birthday=YearlyDay(11, 15)), **later)) == "not-due"


def test_a_birthday_is_a_day_where_the_user_lives() -> None:
    """Two weeks before the 25th begin on the 11th, which it is in Auckland and not in Berlin."""
    day, meetings = YearlyDay(11, 25), [met(NOW - 4 * WEEK)]
    assert standing_of(person(birthday=day), meetings=meetings).birthday is None
    there = standing_of(person(birthday=day), meetings=meetings, zone=AUCKLAND)
    assert there.birthday == date(2026, 11, 25)


def test_without_their_birthday_somebody_is_as_urgent_as_time_makes_them() -> None:
    late = standing_of(person(birthday=BIRTHDAY), meetings=[met(NOW - 7 * WEEK)])
    plain = without_birthday(late, NOW)
    assert plain is not None
    assert plain.birthday is None
    assert plain.urgency == pytest.approx(7 / 6)
    early = standing_of(person(birthday=BIRTHDAY), meetings=[met(NOW - 4 * WEEK)])
    assert without_birthday(early, NOW) is None


def test_a_birthday_of_somebody_paused_is_not_looked_at() -> None:
    assert standing_of(person(birthday=BIRTHDAY, paused=True)).birthday is None
