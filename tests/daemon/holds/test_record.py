"""The record of a hold: begun, confirmed, won back, shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.holds.draft import hold_uid
from daemon.holds.edits import as_intended
from daemon.holds.facts import Facts
from daemon.holds.record import (
    Adoption,
    Grounds,
    Hold,
    State,
    adopt,
    as_json,
    begin,
    confirmed,
    is_open,
    may_be_renewed,
    named,
)
from daemon.holds.transition import transition
from daemon.people.contacts import Contact

NOW = datetime(2026, 4, 19, 15, 0, tzinfo=UTC)
START = datetime(2026, 4, 21, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=45)
MET = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=6))
OMAR = Contact("omar", "Omar", timedelta(weeks=6))
UID = hold_uid("jane doe", MET, 2)
UNSEALED = HoldDraft(UID, "Coffee with Jane Doe?", START, END, "Why\n\nHow")
DRAFT = replace(UNSEALED, seal=seal(UNSEALED))
FOUND = as_intended(DRAFT)


def begun() -> Hold:
    grounds = Grounds(attempt=2, last_met=MET)
    started = begin(DRAFT, JANE, account="home", calendar="Fikad", now=NOW, grounds=grounds)
    return replace(started, intent_version="v1")


def adopted(event: HoldEvent, **options: Any) -> Hold:
    hold = adopt(event, "home", "Fikad", Adoption([OMAR, JANE], NOW, {"jane doe": MET}, **options))
    assert hold is not None
    return hold


def test_a_record_begins_with_what_is_about_to_be_written() -> None:
    hold = begun()
    assert (hold.state, hold.intent, hold.intent_version, hold.draft, hold.baseline) == (
        "creating", "create", "v1", DRAFT, None,
    )  # fmt: skip
    assert is_open(hold, NOW)


def test_a_record_keeps_on_what_it_was_decided() -> None:
    grounds = Grounds("walk", 2, MET, "Why this slot.", "Why her.", "omar")
    hold = begin(DRAFT, JANE, account="home", calendar="Fikad", now=NOW, grounds=grounds)
    assert (hold.uid, hold.contact_key, hold.contact_name) == (UID, "jane doe", "Jane Doe")
    assert (hold.account, hold.calendar) == ("home", "Fikad")
    assert (
        Grounds(
            hold.occasion, hold.attempt, hold.last_met, hold.reason, hold.why, hold.introduces or ""
        )
        == grounds
    )
    assert hold.created_at == hold.renewed_at == NOW


def test_what_a_server_made_of_it_is_the_baseline() -> None:
    rewritten = replace(
        FOUND, description="Why How!", private=False, extras=("CATEGORIES",), seal=""
    )
    hold = confirmed(begun(), rewritten)
    assert (hold.state, hold.intent, hold.intent_version) == ("proposed", None, None)
    assert hold.baseline == hold.seen == rewritten


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Coffee with Jane Doe"},
        {"start": START - timedelta(hours=1)},
        {"end": END + timedelta(hours=1)},
        {"all_day": True},
        {"extras": ("ATTENDEE",)},
    ],
)
def test_a_user_quicker_than_the_rereading_is_not_taken_for_the_server(
    change: dict[str, Any],
) -> None:
    hold = confirmed(begun(), replace(FOUND, **change))
    assert hold.baseline == FOUND


def test_a_write_that_left_nothing_stays_unconfirmed() -> None:
    assert confirmed(begun(), None) == begun()


def test_a_removal_is_confirmed_by_nothing() -> None:
    leaving = replace(confirmed(begun(), FOUND), state="lapsed", intent="delete")
    assert is_open(leaving, NOW)
    gone = confirmed(leaving, None)
    assert (gone.state, gone.intent) == ("lapsed", None)
    assert not is_open(gone, NOW)


def test_a_completed_hold_is_known_as_it_was_read_again() -> None:
    yes = replace(confirmed(begun(), FOUND), state="accepted", intent="complete")
    done = replace(FOUND, status="confirmed", transparent=False)
    hold = confirmed(yes, done)
    assert (hold.state, hold.intent, hold.baseline) == ("accepted", None, FOUND)
    assert hold.completed == hold.seen == done


def test_what_asks_and_is_ahead_is_open() -> None:
    proposed = confirmed(begun(), FOUND)
    assert is_open(proposed, END - timedelta(seconds=1))
    assert not is_open(proposed, END)
    states: tuple[State, ...] = (
        "pinned", "accepted", "missed", "dismissed", "withdrawn", "lapsed",
    )  # fmt: skip
    open_ones = [state for state in states if is_open(replace(proposed, state=state), NOW)]
    assert open_ones == ["pinned"]


def test_a_hold_is_where_it_was_seen_last_and_else_where_it_was_meant_to_be() -> None:
    hour = timedelta(hours=1)
    seen = replace(FOUND, title="Coffee, Jane?", start=START + hour, end=END + hour)
    hold = replace(confirmed(begun(), FOUND), seen=seen)
    assert (hold.start, hold.end, hold.title) == (START + hour, END + hour, "Coffee, Jane?")
    assert (begun().start, begun().end, begun().title) == (START, END, "Coffee with Jane Doe?")


def test_a_hold_that_ended_is_open_no_more() -> None:
    assert not is_open(adopted(replace(FOUND, title="Coffee, Jane?")), END)


def test_a_record_does_not_contradict_itself() -> None:
    with pytest.raises(ValueError, match="intent"):
        replace(begun(), state="proposed")
    with pytest.raises(ValueError, match="intent"):
        replace(begun(), intent=None)


@pytest.mark.parametrize("uid", [UID, UID.replace("-", "")])
def test_an_intact_hold_is_adopted_as_if_it_had_never_been_lost(uid: str) -> None:
    event = replace(FOUND, uid=uid)
    hold = adopted(event)
    assert (hold.contact_key, hold.state, hold.attempt, hold.last_met) == (
        "jane doe",
        "proposed",
        2,
        MET,
    )
    assert hold.baseline == hold.seen == event


def test_a_hold_that_was_won_back_is_unanswered_and_young() -> None:
    hold = adopted(FOUND)
    assert (hold.account, hold.calendar, hold.contact_name) == ("home", "Fikad", "Jane Doe")
    assert hold.created_at == hold.renewed_at == NOW
    assert (hold.decided_at, hold.reason) == (None, "Found in the calendar.")


def test_a_hold_that_was_decided_on_another_meeting_is_adopted_as_the_first() -> None:
    assert adopted(replace(FOUND, uid=hold_uid("jane doe", None, 3))).attempt == 0


def test_a_title_is_told_from_what_was_written_also_where_holds_were_shown_as_busy() -> None:
    opaque = replace(FOUND, transparent=False)
    event = replace(opaque, seal=seal(opaque), title="tuesday")
    assert adopted(event, occasions=[BUILT_IN_OCCASIONS["coffee"]]).baseline == replace(
        event, title=FOUND.title
    )


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"title": "Coffee with Jane Doe"}, "accepted"),
        ({"title": "Jane: yes"}, "accepted"),
        ({"status": "confirmed"}, "accepted"),
        ({"transparent": False}, "accepted"),
        ({"extras": ("ATTENDEE",)}, "accepted"),
        ({"start": START - timedelta(hours=1)}, "pinned"),
        ({"seal": ""}, "pinned"),
        ({"title": "skip"}, "pinned"),
        ({"status": "cancelled"}, "dismissed"),
        ({"status": "cancelled", "withdrawn": True}, "withdrawn"),
    ],
)
def test_what_is_not_intact_is_adopted_as_the_users(change: dict[str, Any], state: str) -> None:
    hold = adopted(replace(FOUND, **change))
    assert hold.state == state
    assert hold.baseline is None


@pytest.mark.parametrize(
    "title", ["Coffee with Jane Doe? skip", "snooze 2 weeks Coffee with Jane Doe?"]
)
def test_beside_a_title_that_we_would_write_an_order_is_understood_in_a_hold_that_was_lost(
    title: str,
) -> None:
    event, nothing = replace(FOUND, title=title), Facts()
    hold = adopted(event, occasions=[BUILT_IN_OCCASIONS["lunch"], BUILT_IN_OCCASIONS["coffee"]])
    assert (
        transition(hold, event, nothing, NOW).hold.order
        == title.replace("Coffee with Jane Doe?", "").strip()
    )


def test_an_order_that_comes_after_the_hold_was_won_back_is_understood_too() -> None:
    event = replace(FOUND, start=START - timedelta(hours=1))
    hold = adopted(event, occasions=[BUILT_IN_OCCASIONS["coffee"]])
    ordered = replace(event, title="Coffee with Jane Doe? skip")
    assert (hold.state, transition(hold, ordered, Facts(), NOW).hold.order) == ("pinned", "skip")


def test_an_adopted_hold_shown_as_busy_is_no_answer_where_holds_are_written_so() -> None:
    assert adopted(replace(FOUND, transparent=False), transparent=False).state == "pinned"


def test_an_adopted_hold_shown_as_busy_is_a_yes_where_its_seal_proves_that_it_was_free() -> None:
    offered = [BUILT_IN_OCCASIONS["coffee"]]
    as_free = replace(FOUND, seal=seal(FOUND))
    busy = replace(as_free, transparent=False)
    hold = adopted(busy, transparent=False, occasions=offered)
    assert (hold.state, hold.written.transparent) == ("accepted", True)
    more = replace(busy, location="Café Rosa")
    assert adopted(more, transparent=False, occasions=offered).state == "pinned"
    by_fikad = replace(FOUND, transparent=False)
    freed = replace(by_fikad, seal=seal(by_fikad), transparent=True)
    assert adopted(freed, transparent=False, occasions=offered).state == "pinned"


def test_a_withdrawn_hold_that_had_ended_had_lapsed() -> None:
    left = replace(FOUND, status="cancelled", withdrawn=True, start=MET, end=MET)
    assert (adopted(left).state, adopted(left).decided_at) == ("lapsed", MET)
    assert adopted(replace(left, end=NOW)).state == "lapsed"
    assert adopted(replace(left, end=NOW + timedelta(seconds=1))).state == "withdrawn"


def test_finding_an_old_answer_again_is_no_fresh_answer() -> None:
    old = replace(FOUND, title="Coffee with Jane Doe", start=MET - timedelta(hours=1), end=MET)
    assert (adopted(old).state, adopted(old).decided_at) == ("accepted", MET)


def test_a_hold_of_nobody_in_the_config_is_left_alone() -> None:
    assert adopt(FOUND, "home", "Fikad", Adoption([OMAR], NOW)) is None
    assert adopt(replace(FOUND, uid="fikad-x"), "home", "Fikad", Adoption([JANE], NOW)) is None


def test_one_adopted_under_an_order_alone_is_named_once_its_title_tells_what_it_was() -> None:
    by = Adoption([OMAR, JANE], NOW)
    hold = adopted(replace(FOUND, title="tuesday", location="Café Rosa"))
    lunch = replace(FOUND, title="Lunch with Jane Doe, not now")
    assert named(hold, lunch, by).draft == replace(hold.draft, title="Lunch with Jane Doe?")
    assert named(hold, replace(FOUND, title="skip"), by) == hold
    assert named(hold, lunch, Adoption([OMAR], NOW)) == hold
    known = named(hold, lunch, by)
    assert named(known, FOUND, by) == known


def test_a_hold_is_written_anew_a_day_after_its_last_writing_unless_that_may_not_have_arrived() -> (
    None
):
    written = replace(adopted(FOUND), renewed_at=NOW)
    day = timedelta(days=1)
    assert not may_be_renewed(written, NOW + day - timedelta(seconds=1))
    assert may_be_renewed(written, NOW + day)
    assert may_be_renewed(replace(written, intent="update"), NOW)
    assert not may_be_renewed(replace(written, intent="delete"), NOW)


def test_a_hold_is_shown_as_it_was_last_seen() -> None:
    hold = adopted(replace(FOUND, title="Coffee, Jane?"))
    assert as_json(hold, ZoneInfo("Europe/Berlin")) == {
        "contact": "Jane Doe",
        "uid": UID,
        "start": "2026-04-21T10:00:00+02:00",
        "end": "2026-04-21T10:45:00+02:00",
        "title": "Coffee, Jane?",
        "state": "pinned",
        "reason": "Found in the calendar.",
    }
    assert as_json(begun())["state"] == "proposed"


def test_a_hold_that_moved_is_shown_with_where_it_began_and_by_its_contacts_name_now() -> None:
    moved = replace(confirmed(begun(), FOUND), moved_from=START - timedelta(days=1))
    shown = as_json(moved, ZoneInfo("Europe/Berlin"), "Jane Roe")
    assert shown["from"] == "2026-04-20T10:00:00+02:00"
    assert shown["contact"] == "Jane Roe"
    assert "from" not in as_json(begun())


def test_a_record_survives_the_ledger() -> None:
    from pydantic import TypeAdapter

    adapter = TypeAdapter(Hold)
    for hold in (begun(), adopted(FOUND), adopted(replace(FOUND, extras=("ATTENDEE", "VALARM")))):
        assert adapter.validate_json(adapter.dump_json(hold)) == hold
