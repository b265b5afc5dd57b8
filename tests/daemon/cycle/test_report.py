"""What a pass tells of itself: readings that come twice, writes that failed, and of every hold the
last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.base import HoldDraft
from connectors.errors import (
    AccountError,
    CredentialsError,
    FikadError,
    ReadOnlyError,
    UnreachableError,
)
from daemon.address_books.book_reading import BookReading
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.report import (
    OUTCOMES,
    Became,
    CalendarMade,
    DigestBecame,
    Report,
    Unwritten,
)
from daemon.holds.record import Hold
from daemon.ledger.reading_state import ReadingState
from tests.daemon.world import SUNDAY

WELL = AccountReading("home", "ok", "", ("Personal", "Coffee"), 3, 2)


def a_hold(uid: str, title: str = "Coffee with Jane Doe?") -> Hold:
    draft = HoldDraft(uid, title, SUNDAY, SUNDAY + timedelta(hours=1), "")
    return Hold(uid, "jane doe", "Jane Doe", "home", "Coffee", "proposed", SUNDAY, draft)


def test_an_account_that_is_read_twice_in_a_pass_is_told_once_with_all_that_came() -> None:
    report = Report()
    report.note_reading(WELL)
    report.note_reading(AccountReading("work", "ok", "", ("Work",), 1, 1))
    later = AccountReading("home", "error", "the server is down", ("Personal",), 4, 5)
    report.note_reading(later)
    assert report.readings == [
        AccountReading("home", "error", "the server is down", ("Personal", "Coffee"), 7, 7),
        AccountReading("work", "ok", "", ("Work",), 1, 1),
    ]
    report.note_reading(AccountReading("work", "auth"))
    assert [(one.account, one.state) for one in report.readings] == [
        ("home", "error"),
        ("work", "auth"),
    ]


def test_calendars_that_are_only_listed_later_are_told_all_the_same() -> None:
    report = Report()
    report.note_reading(AccountReading("home", "error"))
    report.note_reading(WELL)
    assert report.readings == [WELL]


def test_a_report_is_complete_when_every_account_was_read_and_names_those_that_were_not() -> None:
    report = Report([WELL])
    assert report.complete
    assert report.unread == []
    report.readings += [
        AccountReading("work", "auth"),
        AccountReading("club", "ok"),
        AccountReading("shared", "suspect"),
    ]
    assert not report.complete
    assert report.unread == ["work", "shared"]


QUIET = AccountReading("home", "ok", "", ("Personal",), 0, 4)
CHANGES: list[dict[str, Any]] = [
    {"readings": [QUIET, replace(QUIET, changed=1)]},
    {"books": [BookReading("cards", "ok", changed=1)]},
    {"readings": [replace(QUIET, changed=1)], "books": [BookReading("cards", "ok", changed=1)]},
    {"met": ["a verdict"]},
    {"holds": {"moved": [], "accepted": [a_hold("fikad-1")]}},
    {"renewed": [a_hold("fikad-1")]},
    {"digests": [DigestBecame("written", "Whom to meet", date(2026, 11, 22))]},
    {"made": CalendarMade("home", "Coffee")},
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: "-".join(changes))
def test_whatever_came_in_or_was_done_is_a_change(changes: dict[str, Any]) -> None:
    assert Report(**changes).changed_something


def test_a_pass_that_only_looked_changed_nothing() -> None:
    looked = Report([QUIET], [BookReading("cards", "ok", "", (), 0, 3)], holds={"accepted": []})
    assert not looked.changed_something


def test_of_a_hold_only_the_last_word_of_a_pass_counts() -> None:
    report = Report()
    first, other = a_hold("fikad-1"), a_hold("fikad-2")
    report.note_hold(Became("moved", first))
    report.note_hold(Became("moved", other))
    answered = replace(first, state="accepted")
    report.note_hold(Became("accepted", answered))
    assert list(report.outcomes) == [("moved", other), ("accepted", answered)]


def test_what_became_of_holds_is_told_in_one_order_whatever_came_first() -> None:
    report = Report()
    for word in reversed(OUTCOMES):
        report.note_hold(Became(word, a_hold(f"fikad-{word}")))
    assert [(word, hold.uid) for word, hold in report.outcomes] == [
        (word, f"fikad-{word}") for word in OUTCOMES
    ]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (CredentialsError("the password is wrong", "enter it anew"), "auth"),
        (UnreachableError("the server is down"), "error"),
        (AccountError("who knows"), "error"),
    ],
)
def test_an_account_that_fails_at_a_write_is_told_as_one_that_failed(
    error: FikadError, state: ReadingState
) -> None:
    work = AccountReading("work", "ok", "", ("Work",), 1, 1)
    report = Report([work, WELL])
    report.note_unwritten(Unwritten("home", error))
    assert report.readings == [work, replace(WELL, state=state, message=str(error))]
    assert not report.not_writable


def test_an_account_whose_calendar_cannot_be_written_is_well() -> None:
    for error in (
        ReadOnlyError("the calendar cannot be written", "name another one"),
        FikadError("there is no calendar for holds", "create it yourself"),
    ):
        report = Report([WELL])
        report.note_unwritten(Unwritten("home", error))
        assert report.readings == [WELL]
        assert report.not_writable == str(error)
