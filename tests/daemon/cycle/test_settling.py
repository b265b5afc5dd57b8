"""What becomes of every hold in one pass: which are decided on at all, in which order, and what one
decision means for the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from connectors.ical.hold_text import hold_event, hold_text
from daemon.cycle.accounts import PassAccounts
from daemon.cycle.inputs import gather
from daemon.cycle.settling import Decision, record_effect, settle
from daemon.holds.facts import CountAsMet, NeverAgain, Snooze
from daemon.holds.record import Hold
from daemon.situation.situation import Situation
from tests.daemon.world import (
    HOLDS,
    ME,
    SUNDAY,
    Calendars,
    Fikad,
    Inline,
    calendars,
    config,
    event,
    meeting,
    met_long_ago,
    new_ledger,
    person,
    rewritten,
)
from tests.traced import lines, traced

NAMES = ("Ann Lee", "Bob Ray", "Jane Doe")
HOUR = timedelta(hours=1)


def a_fikad(*names: str, **tables: Any) -> tuple[Fikad, Calendars]:
    """A fikad that has just asked everybody named, and its calendars."""
    home = calendars(*met_long_ago(names))
    fikad = Fikad(config(*names, **tables), home.open)
    fikad.once()
    return fikad, home


def decided(fikad: Fikad, *, complete: bool = True) -> list[Decision]:
    """What is decided now, without carrying it out."""
    expander: Any = Inline()
    with PassAccounts(
        fikad.config,
        fikad.ledger,
        expander=expander,
        progress=lambda *_: None,
        accept_empty=(),
        note=lambda _: None,
    ) as accounts:
        accounts.open(fikad.opener)
        read = accounts.read(fikad.clock())
        inputs = gather(fikad.config, fikad.ledger, read, fikad.clock(), complete=complete)
        return list(settle(inputs))


def beside(
    fikad: Fikad, home: Calendars, hold: Hold, end: datetime, number: object = 1, **fields: Any
) -> str:
    """One more hold for the same contact, of an hour; its UID."""
    uid = f"{hold.uid[:-1]}{number}"
    draft = replace(hold.draft, uid=uid, start=end - HOUR, end=end, seal="")
    text = hold_text(draft, SUNDAY)
    home.coffee.put(f"{uid}.ics", text)
    standing = hold_event(text)
    one = replace(hold, uid=uid, draft=draft, baseline=standing, seen=standing, **fields)
    fikad.ledger.save_hold(one)
    return uid


# --- which ---


def test_what_is_over_and_gone_and_what_the_user_keeps_as_it_is_is_decided_no_more() -> None:
    fikad, home = a_fikad(*NAMES)
    ann, bob, jane = (fikad.hold(name).uid for name in NAMES)
    home.delete(bob)
    home.edit(jane, LOCATION="Café")
    assert {each.before.uid for each in decided(fikad)} == {ann, bob, jane}
    fikad.once("none")
    assert [hold.state for hold in map(fikad.hold, NAMES)] == ["proposed", "dismissed", "pinned"]
    assert {each.before.uid for each in decided(fikad)} == {ann}
    home.edit(jane, LOCATION="Pub")
    assert {each.before.uid for each in decided(fikad)} == {ann, jane}


def test_a_poll_with_nothing_to_decide_looks_for_nothing_that_is_busy() -> None:
    fikad, home = a_fikad("Jane Doe")
    home.edit(fikad.hold().uid, LOCATION="Café")
    fikad.once("none")
    with patch.object(Situation, "busy", side_effect=AssertionError("it was looked for")):
        assert decided(fikad) == []


def test_only_what_changes_anything_or_is_not_known_yet_is_carried_out() -> None:
    fikad, _ = a_fikad("Jane Doe")
    [kept] = decided(fikad)
    assert (kept.adopted, kept.changes_anything) == (False, False)
    fikad.ledger = new_ledger()
    [found] = decided(fikad)
    assert (found.adopted, found.changes_anything, found.news) == (True, True, "")
    assert found.before == found.after.hold


# --- in which order ---


def test_a_meeting_that_ends_just_now_is_known_before_the_open_hold_is_decided_on() -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    ended = beside(fikad, home, hold, SUNDAY, created_at=hold.created_at + HOUR)
    home.edit(ended, SUMMARY="Coffee with Jane Doe")
    assert [each.news for each in decided(fikad)] == ["accepted", "withdrawn"]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_meetings_that_are_known_only_now_the_later_one_counts(
    order: tuple[int, int],
) -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = replace(fikad.hold(), last_met=SUNDAY - timedelta(days=3))
    fikad.ledger.save_hold(hold)
    for place, days in enumerate(order):
        end = SUNDAY - timedelta(days=2 * days)
        created = hold.created_at + place * HOUR
        uid = beside(fikad, home, hold, end, days, created_at=created)
        home.edit(uid, SUMMARY="Coffee with Jane Doe")
    assert [each.news for each in decided(fikad)] == ["accepted", "accepted", "withdrawn"]


# --- what one decision means for the next ---


ONE_WEEK = {
    "wednesday": ["10:00-11:00"],
    "thursday": ["10:00-11:00"],
    "blackout": ["2026-11-30..2027-12-31"],
}


def test_where_a_hold_is_gone_by_now_another_one_may_go_in_the_same_pass() -> None:
    fikad, home = a_fikad("Ann Lee", "Bob Ray", availability=ONE_WEEK)
    first, second = fikad.ledger.holds()
    home.put(event("busy", "Dentist", second.start))
    home.delete(first.uid)
    told = fikad.once("none").holds
    assert [hold.uid for hold in told["dismissed"]] == [first.uid]
    assert [(hold.uid, hold.start) for hold in told["moved"]] == [(second.uid, first.start)]


# --- what is told with --verbose ---


def test_every_decision_is_told_to_whoever_wants_to_know() -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    home.put(event("busy", "Dentist", hold.start))
    with traced() as shown:
        decided(fikad)
    [line] = [line for line in lines(shown) if line.startswith(f"hold {hold.uid}")]
    assert line == f"hold {hold.uid}: proposed -> proposed, move (as written, displaced)"


# --- what counts as a meeting that is known only now ---


def guest(answer: str) -> tuple[str, ...]:
    return (
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        f"ATTENDEE;PARTSTAT={answer}:mailto:jane@example.com",
    )


@pytest.mark.parametrize(
    ("count_holds", "lines", "values", "counts"),
    [
        ("accepted", (), {"SUMMARY": "Coffee with Jane Doe"}, True),
        ("accepted", (), {"LOCATION": "Café"}, False),
        ("accepted", (), {"SUMMARY": "Coffee with Jane Doe", "DTEND": "20261121T110500Z"}, False),
        ("accepted", guest("ACCEPTED"), {}, True),
        ("accepted", guest("DECLINED"), {}, False),
        ("confirmed", (), {"SUMMARY": "Coffee with Jane Doe"}, False),
        ("confirmed", guest("ACCEPTED"), {}, True),
    ],
)
def test_an_old_hold_is_a_meeting_by_the_same_rules_as_ever(
    count_holds: str, lines: tuple[str, ...], values: dict[str, str], counts: bool
) -> None:
    fikad, home = a_fikad("Jane Doe", meetings={"count_holds": count_holds})
    met = SUNDAY - timedelta(days=2)
    home.put(meeting("Jane Doe", met - HOUR))
    hold = replace(fikad.hold(), last_met=met)
    fikad.ledger.save_hold(hold)
    old = beside(fikad, home, hold, SUNDAY - timedelta(days=1))
    home.personal.put("copy.ics", home.coffee.resources[f"{old}.ics"].text)
    home.edit(old, *lines, **{"DTSTART": "20261121T110000Z", **values})
    became = {each.before.uid: each.news for each in decided(fikad)}
    assert became[old] == ("pinned" if "LOCATION" in values else "accepted")
    assert became[hold.uid] == ("withdrawn" if counts else "")


def test_a_meeting_that_any_calendar_knows_makes_the_open_hold_pointless() -> None:
    fikad, home = a_fikad("Jane Doe")
    home.put(meeting("Jane Doe", SUNDAY - timedelta(days=1)))
    assert [each.news for each in decided(fikad)] == ["withdrawn"]


def test_what_was_accepted_before_is_what_it_was_judged_to_be() -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    old = beside(fikad, home, hold, SUNDAY - timedelta(days=1), state="accepted")
    home.edit(old, SUMMARY="Coffee with Jane Doe")
    text = home.coffee.resources[f"{old}.ics"].text
    home.personal.put("copy.ics", rewritten(text, *guest("DECLINED")))
    became = {each.before.uid: each.news for each in decided(fikad)}
    assert became == {old: "", hold.uid: ""}


def test_a_meeting_with_somebody_who_is_no_contact_any_more_means_nothing() -> None:
    fikad, home = a_fikad("Ann Lee", "Jane Doe")
    old = beside(fikad, home, fikad.hold("Jane Doe"), SUNDAY - timedelta(days=1))
    home.edit(old, *guest("ACCEPTED"))
    fikad.config = config("Ann Lee")
    became = {each.before.uid: each.news for each in decided(fikad)}
    assert became[fikad.hold("Ann Lee").uid] == ""
    assert became[old] == "accepted"


def test_what_its_guest_declined_before_it_was_seen_stands_in_nobody_s_way() -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    invited = beside(fikad, home, hold, hold.end + timedelta(days=1))
    home.edit(invited, *guest("DECLINED"))
    became = {each.before.uid: each.news for each in decided(fikad)}
    assert became == {hold.uid: "", invited: "accepted"}


# --- holds that no ledger knows ---


@pytest.mark.parametrize(("show_as", "news"), [("free", "accepted"), ("busy", "pinned")])
def test_that_it_shows_as_busy_is_an_answer_where_holds_are_written_as_free(
    show_as: str, news: str
) -> None:
    holds = {"account": "home", "calendar": HOLDS, "show_as": show_as}
    fikad, home = a_fikad("Jane Doe", holds=holds)
    home.edit(fikad.hold().uid, TRANSP="OPAQUE", LOCATION="Café")
    fikad.ledger = new_ledger()
    [found] = decided(fikad)
    assert (found.adopted, found.before.state) == (True, news)


def test_an_order_beside_a_title_of_the_users_own_is_understood_without_a_ledger() -> None:
    tea = {"tea": {"minutes": 60, "between": ["09:00-18:00"], "title": "Tea-time, {name}?"}}
    fikad, home = a_fikad(
        "Jane Doe", occasions=tea, contacts=[person("Jane Doe", occasions=["tea"])]
    )
    uid = fikad.hold().uid
    assert fikad.hold().title == "Tea-time, Jane Doe?"
    home.edit(uid, SUMMARY="Tea-time, Jane Doe? skip")
    fikad.ledger = new_ledger()
    assert [each.news for each in decided(fikad)] == ["dismissed"]


def test_an_adopted_hold_stands_on_the_last_meeting_that_is_known() -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    met = meeting("Jane Doe", SUNDAY - timedelta(days=1))
    home.put(met)
    old = beside(fikad, home, hold, SUNDAY - timedelta(days=9))
    home.edit(old, SUMMARY="Coffee with Jane Doe")
    fikad.ledger = new_ledger()
    grounds = {each.before.uid: each.before.last_met for each in decided(fikad)}
    assert grounds == {old: SUNDAY - timedelta(hours=23), hold.uid: SUNDAY - timedelta(hours=23)}


@pytest.mark.parametrize("number", ["0", "v"])
@pytest.mark.parametrize("known", [True, False])
def test_of_adopted_holds_the_earlier_ones_are_the_grounds_of_the_later(
    number: str, known: bool
) -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    old = beside(fikad, home, hold, SUNDAY - timedelta(days=9), number)
    home.edit(old, SUMMARY="Coffee with Jane Doe")
    if not known:
        for href in list(home.personal.resources):
            home.personal.drop(href)
    fikad.ledger = new_ledger()
    became = {each.before.uid: each for each in decided(fikad)}
    assert became[hold.uid].before.last_met == SUNDAY - timedelta(days=9)
    assert became[hold.uid].news == ""


def test_a_hold_that_was_no_meeting_is_no_ground_of_a_later_one() -> None:
    fikad, home = a_fikad("Jane Doe")
    hold = fikad.hold()
    old = beside(fikad, home, hold, SUNDAY - timedelta(days=9))
    home.edit(old, LOCATION="Café")
    fikad.ledger = new_ledger()
    grounds = {each.before.uid: each.before.last_met for each in decided(fikad)}
    assert grounds == dict.fromkeys((old, hold.uid), hold.last_met)


def test_one_that_is_known_hinders_no_later_one_from_being_adopted() -> None:
    fikad, _ = a_fikad("Ann Lee", "Jane Doe")
    earlier, later = sorted(fikad.ledger.holds(), key=lambda hold: hold.start)
    fikad.ledger.drop_hold(later.uid)
    adopted = {each.before.uid: each.adopted for each in decided(fikad)}
    assert adopted == {earlier.uid: False, later.uid: True}


def test_of_holds_at_one_time_all_are_adopted_and_those_of_strangers_are_left_alone() -> None:
    fikad, home = a_fikad(*NAMES)
    ann, bob, jane = map(fikad.hold, NAMES)
    for hold in (ann, jane):
        draft = replace(hold.draft, start=bob.start, end=bob.end, seal="")
        home.coffee.put(f"{hold.uid}.ics", hold_text(draft, SUNDAY))
    stranger = min((ann, bob, jane), key=lambda hold: hold.uid).contact_name
    fikad.config = config(*(name for name in NAMES if name != stranger))
    fikad.ledger = new_ledger()
    found = [each.before.contact_name for each in decided(fikad)]
    assert sorted(found) == sorted({*NAMES} - {stranger})


def test_whom_an_adopted_hold_introduces_is_read_from_its_text() -> None:
    people = [person(name, tags=["chess"]) for name in ("Ann Lee", "Jane Doe")]
    fikad, _ = a_fikad("Ann Lee", "Jane Doe", contacts=people)
    introduced = {hold.uid: hold.introduces for hold in fikad.ledger.holds()}
    assert any(introduced.values())
    fikad.ledger = new_ledger()
    assert {each.before.uid: each.before.introduces for each in decided(fikad)} == introduced


def test_what_can_only_be_seen_is_adopted_once_every_account_was_read() -> None:
    fikad, home = a_fikad("Jane Doe")
    home.coffee.writable = False
    fikad.ledger = new_ledger()
    assert decided(fikad, complete=False) == []
    assert [each.adopted for each in decided(fikad)] == [True]
    home.coffee.writable = True
    assert [each.adopted for each in decided(fikad, complete=False)] == [True]


# --- orders ---


def test_what_an_order_says_of_a_contact_is_kept() -> None:
    fikad, _ = a_fikad("Jane Doe")
    hold, ledger, until = fikad.hold(), fikad.ledger, SUNDAY + timedelta(weeks=3)
    record_effect(None, hold, ledger, SUNDAY)
    untouched = ledger.people()[hold.contact_key]
    for effect in (Snooze(until), CountAsMet(SUNDAY - HOUR), NeverAgain()):
        record_effect(effect, hold, ledger, SUNDAY)
    said = replace(untouched, snoozed_until=until, met=(SUNDAY - HOUR,), never=True)
    assert ledger.people()[hold.contact_key] == said
