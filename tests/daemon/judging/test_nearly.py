"""What was nearly counted: for want of a word or an answer alone, and what would mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Answer, Attendee, Occurrence
from daemon.config.schema import Meetings
from daemon.judging.copies import telling
from daemon.judging.meetings import judge_all
from daemon.judging.nearly import NearlyCounted, nearly_counted
from daemon.languages.vocabulary import vocabulary
from daemon.people.contacts import Contact, ContactIndex

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ME = "sam@example.com"
JANE = Contact("jane doe", "Jane Doe", timedelta(days=30), frozenset({"jane@example.com"}))
BOB = Contact("bob roe", "Bob Roe", timedelta(days=30), frozenset({"bob@example.com"}))
ANNA_B, ANNA_C = (
    Contact(name.lower(), name, timedelta(days=30)) for name in ("Anna Berg", "Anna Cruz")
)
INDEX = ContactIndex((JANE, ANNA_B, ANNA_C), vocabulary=vocabulary(), mine={ME})


def event(title: str, day: int = 1, **more: Any) -> Occurrence:
    start = datetime(2026, 2, day, 10, tzinfo=UTC)
    return Occurrence(f"{title} {day}", start, start + timedelta(hours=1), title, **more)


def invited(title: str, *emails: str, mine: Answer = "needs-action", **more: Any) -> Occurrence:
    rows = (Attendee(ME, answer=mine), *(Attendee(email, answer="accepted") for email in emails))
    return event(title, organizer=Attendee(emails[0]), attendees=rows, **more)


def told(*occurrences: Occurrence, index: ContactIndex = INDEX) -> tuple[NearlyCounted, ...]:
    verdicts = telling(judge_all(occurrences, index, frozenset({ME}), Meetings(), NOW))
    return nearly_counted(verdicts, {contact.key: contact for contact in index.contacts})


def test_events_that_lack_a_meeting_word_are_told_with_what_would_mend_it() -> None:
    [only] = told(event("Jane"), event("Jane Doe - budget", 2), event("Coffee with Jane", 3))
    assert (only.code, only.events) == ("no-meeting-word", 2)
    assert only.why.startswith("2 events were nearly counted: their titles name Jane Doe")
    assert '"Coffee with Jane Doe"' in only.advice
    assert "`words`" in only.advice


def test_an_event_of_mine_that_is_marked_tentative_lacks_only_an_answer() -> None:
    """By its title, or by its guests, whom I may hide as it is mine."""
    by_title = event("Coffee with Jane Doe", status="tentative")
    rows = (Attendee(ME, answer="needs-action"), Attendee("jane@example.com", answer="accepted"))
    mine = {"organizer": Attendee(ME), "attendees": rows, "status": "tentative"}
    by_guests = event("Chat", 2, guests_hidden=True, **mine)
    [only] = told(by_title, by_guests)
    assert (only.code, only.events) == ("unanswered", 2)


def test_what_a_word_would_not_mend_is_not_nearly_counted() -> None:
    assert not told(
        event("Jane dentist"),
        event("Email Jane Doe"),
        event("Lunch for Jane"),
        event("Jane's talk"),
    )
    assert not told(
        event("Lunch with Jane and Tom"),
        event("Coffee with Jane?"),
        event("Coffee with Jane Smith"),
    )


def test_an_invitation_that_only_lacks_my_answer_is_told() -> None:
    [nearly] = told(
        invited("Tea", "jane@example.com"), invited("Chat", "jane@example.com", mine="tentative")
    )
    assert (nearly.code, nearly.events) == ("unanswered", 2)
    assert "count_unanswered" in nearly.advice


@pytest.mark.parametrize(
    "occurrence",
    [
        invited("Tea", "jane@example.com", "bob@example.com"),
        invited("Jane", "bob@example.com"),
        invited("Tea", "jane@example.com", mine="declined"),
        invited("Tea", "jane@example.com", guests_omitted=True),
    ],
)
def test_an_invitation_that_would_not_count_when_answered_is_not_told(
    occurrence: Occurrence,
) -> None:
    assert not told(occurrence)


def test_the_most_frequent_comes_first_and_in_it_whom_it_is_about_most() -> None:
    index = ContactIndex(
        (replace(JANE, paused=True), BOB, ANNA_B, ANNA_C), vocabulary=vocabulary(), mine={ME}
    )
    first, second = told(
        event("Coffee with Anna"),
        event("Jane", 2),
        event("Anna Berg - budget", 3),
        event("Bob Roe - budget", 4),
        event("Bob Roe - plans", 5),
        index=index,
    )
    assert (first.code, first.events) == ("no-meeting-word", 3)
    assert "their titles name Bob Roe and Anna Berg, with no word" in first.why
    assert second.code == "ambiguous-name"


def test_events_of_one_title_at_one_time_are_told_apart_by_their_uid() -> None:
    one, other = event("Jane"), replace(event("Jane"), uid="other")
    assert [nearly.events for nearly in told(one, other)] == [2]
    assert [nearly.events for nearly in told(replace(one, uid=""), event("Jane", 2))] == [2]


@pytest.mark.parametrize(
    ("occurrences", "why"),
    [
        ([event("Jane")], "1 event was nearly counted: its title names Jane Doe, with no word"),
        (
            [event("Coffee with Anna"), event("Coffee with Anna", 2)],
            "2 events were nearly counted: the name in their titles could mean",
        ),
        (
            [invited("Tea", "jane@example.com")],
            "1 event was nearly counted: you never answered this invitation, or only said maybe"
            " (Jane Doe).",
        ),
        (
            [invited("Tea", "jane@example.com"), invited("Chat", "jane@example.com")],
            "2 events were nearly counted: you never answered these invitations,",
        ),
    ],
)
def test_one_event_and_several_are_told_as_one_says_it(
    occurrences: list[Occurrence], why: str
) -> None:
    [only] = told(*occurrences)
    assert only.why.startswith(why)


def test_an_event_that_may_mean_two_is_one_event() -> None:
    [nearly] = told(event("Coffee with Anna"))
    assert (nearly.code, nearly.events) == ("ambiguous-name", 1)
    assert (
        nearly.why
        == "1 event was nearly counted: the name in its title could mean Anna Berg or Anna Cruz."
    )


def test_what_is_still_ahead_and_who_is_paused_are_not_told() -> None:
    ahead = replace(event("Jane"), start=NOW, end=NOW + timedelta(hours=1))
    paused = ContactIndex((replace(JANE, paused=True),), vocabulary=vocabulary())
    assert not told(ahead)
    assert not told(event("Jane"), index=paused)
