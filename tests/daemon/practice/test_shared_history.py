"""What a hold tells of the past, and what it never passes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.practice.shared_history import history
from tests.daemon.world import SUNDAY, Fikad, address, calendars, config, event, meeting

JANE = address("Jane Doe")
ME = "sam@example.com"


def told(*texts: str) -> Fikad:
    fikad = Fikad(config(), calendars(*texts).open)
    fikad.once("none")
    return fikad


def met(days_ago: int, organizer: str = ME, *lines: str, uid: str = "") -> str:
    return meeting(
        "Jane Doe", SUNDAY - timedelta(days=days_ago), *lines, organizer=organizer, uid=uid
    )


@pytest.mark.parametrize(
    ("organizers", "sentence"),
    [
        ([], ""),
        ([JANE], "Jane Doe invited you last time."),
        ([ME], "You invited Jane Doe last time."),
        ([ME, JANE], "Jane Doe invited you last time."),
        ([JANE, JANE, JANE], "Jane Doe invited you the last 3 times."),
        ([JANE, ME, ME], "You invited Jane Doe the last 2 times."),
        ([JANE] * 12, "Jane Doe invited you the last 12 times."),
        ([JANE, JANE, JANE, ME], "Jane Doe usually invites you."),
        ([ME, ME, ME, ME, JANE], "You usually invite Jane Doe."),
        ([ME, JANE, ME, JANE], "You take turns inviting each other."),
        (["secretary@example.com", "secretary@example.com"], ""),
    ],
)
def test_who_invites_whom_is_one_sentence(organizers: list[str], sentence: str) -> None:
    """Oldest first."""
    texts = [
        met(10 * (len(organizers) - place), organizer) for place, organizer in enumerate(organizers)
    ]
    assert history(told(*texts).situation(), "jane doe").inviter == sentence


def test_a_meeting_whose_calendar_does_not_tell_who_invited_or_who_came_ends_the_row() -> None:
    silent = met(15).replace(";PARTSTAT=ACCEPTED", "")
    nobodys = (
        met(15)
        .replace(f"ORGANIZER:mailto:{ME}", "ORGANIZER:invalid:nomail")
        .replace(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\r\n", "")
    )
    for unknown in (silent, nobodys):
        situation = told(met(30), met(20), unknown, met(10)).situation()
        assert len(situation.counted) == 4
        assert history(situation, "jane doe").inviter == "You invited Jane Doe last time."
        assert history(told(met(30), met(20), unknown).situation(), "jane doe").inviter == ""


def test_a_series_is_one_invitation() -> None:
    weekly = met(70, JANE, "RRULE:FREQ=WEEKLY;COUNT=8", uid="weekly")
    assert (
        history(told(weekly).situation(), "jane doe").inviter == "Jane Doe invited you last time."
    )


def test_an_event_that_names_somebody_in_its_title_alone_says_nothing_of_invitations() -> None:
    lunch = event("lunch", "Lunch with Jane Doe", SUNDAY - timedelta(days=40))
    shared = history(told(lunch).situation(), "jane doe")
    assert shared.last_met == SUNDAY - timedelta(days=40) + timedelta(hours=1)
    assert shared.inviter == ""


def test_the_place_is_told_from_the_users_own_events_only() -> None:
    own = met(40, ME, "LOCATION:Café Rosa")
    assert history(told(own).situation(), "jane doe").where == "Café Rosa"
    theirs = met(40, JANE, "LOCATION:Their secret lair")
    assert history(told(theirs).situation(), "jane doe").where == ""


def test_the_place_is_that_of_the_last_meeting_and_of_no_other() -> None:
    fikad = told(met(40, ME, "LOCATION:Café Rosa"))
    fikad.ledger.add_met("jane doe", SUNDAY - timedelta(days=3), SUNDAY)
    shared = history(fikad.situation(), "jane doe")
    assert (shared.last_met, shared.where) == (SUNDAY - timedelta(days=3), "")


def test_the_note_is_the_users() -> None:
    fikad = told(met(40))
    fikad.ledger.note("jane doe", "ask about the boat", SUNDAY)
    assert history(fikad.situation(), "jane doe").note == "ask about the boat"


def test_all_of_it_stands_in_the_next_hold() -> None:
    home = calendars(met(60, JANE), met(40, ME, "LOCATION:Café Rosa"))
    fikad = Fikad(config(), home.open)
    fikad.ledger.note("jane doe", "ask about the boat", SUNDAY)
    fikad.once()
    hold_event = home.hold(fikad.hold().uid)
    assert hold_event is not None
    for sentence in (
        "You last met Jane Doe on Tuesday, 13 October 2026",
        "You would like to meet every 4 weeks.",
        "You met here: Café Rosa",
        "You invited Jane Doe last time.",
        "Your note: ask about the boat",
        'yes: remove the "?" from the title',
        "snooze 3 weeks",
    ):
        assert sentence in hold_event.description
