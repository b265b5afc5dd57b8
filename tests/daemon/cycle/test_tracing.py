"""What `--verbose` shows of a pass: one line for each account, for everybody due, and for each
hold; and nothing is put together while nobody listens."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import HoldDraft
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.tracing import trace_hold, trace_plan, trace_reading
from daemon.holds.edits import as_intended
from daemon.holds.facts import Facts, Transition, Withdraw
from daemon.holds.record import Hold
from daemon.people.contacts import Contact
from daemon.planning.request import Plan, Proposal, Waiting
from daemon.planning.slots import Slot
from daemon.reasons import Reason
from tests.traced import lines, traced

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = datetime(2026, 11, 24, 8, 0, 59, tzinfo=UTC)
END = START + timedelta(hours=1)
JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=4))
BOB, ANN = replace(JANE, key="bob ray", name="Bob Ray"), replace(JANE, key="ann", name="Ann Lee")
DRAFT = HoldDraft("fikad-1", "Coffee with Jane Doe?", START, END, "")
HOLD = Hold(
    "fikad-1",
    "jane doe",
    "Jane Doe",
    "home",
    "Coffee",
    "proposed",
    NOW - timedelta(days=1),
    DRAFT,
    baseline=as_intended(DRAFT),
)


class Shown:
    """What was shown since it was asked for last."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream, self._seen = stream, 0

    def lines(self) -> list[str]:
        every = lines(self._stream)
        new, self._seen = every[self._seen :], len(every)
        return new


@pytest.fixture
def shown() -> Iterator[Shown]:
    with traced() as stream:
        yield Shown(stream)


def test_how_an_account_was_read_is_one_line(shown: Shown) -> None:
    trace_reading(AccountReading("home", "suspect", "a secret", ("Personal",), 3, 5))
    assert shown.lines() == ["account home: suspect, 3 changed, 5 requests"]


def plan() -> Plan:
    slot = Slot("coffee", START, END)
    why = (Reason("due"), Reason("birthday"))
    proposal = Proposal(JANE, slot, "coffee", 1.0, why, Reason("free-evening"))
    waiting = (Waiting("bob ray", Reason("no-slot")), Waiting("ann", Reason("taken")))
    return Plan((proposal,), waiting)


def test_who_is_proposed_and_who_waits_is_shown_by_codes(shown: Shown) -> None:
    trace_plan(plan(), {each.key: each for each in (JANE, BOB, ANN)})
    assert shown.lines() == [
        "contact Jane Doe: proposed for 2026-11-24T08:00+00:00 (due, birthday, free-evening)",
        "contact Bob Ray: waits (no-slot)",
        "contact Ann Lee: waits (taken)",
    ]


def test_nobody_who_is_to_be_named_nowhere_is_shown(shown: Shown) -> None:
    contacts = {"jane doe": JANE, "bob ray": replace(BOB, paused=True)}
    trace_plan(replace(plan(), proposals=()), contacts)
    assert shown.lines() == []


def test_what_becomes_of_a_hold_is_shown_with_its_states_and_its_row(shown: Shown) -> None:
    found = as_intended(DRAFT)
    trace_hold(HOLD, found, Facts(), Transition(HOLD), NOW)
    withdrawn = Transition(replace(HOLD, state="withdrawn"), Withdraw())
    trace_hold(HOLD, replace(found, title="skip"), Facts(), withdrawn, NOW)
    trace_hold(HOLD, None, Facts(), withdrawn, NOW)
    assert shown.lines() == [
        "hold fikad-1: proposed -> proposed (as written)",
        "hold fikad-1: proposed -> withdrawn, withdraw (order)",
        "hold fikad-1: proposed -> withdrawn, withdraw (gone)",
    ]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"removed": True}, "not-in-config"),
        ({"paused": True}, "paused"),
        ({"last_met": HOLD.created_at + timedelta(seconds=1)}, "met-since"),
        ({"last_met": HOLD.created_at}, ""),
        ({"booked": START}, "booked"),
        ({"snoozed_until": NOW + timedelta(seconds=1)}, "snoozed"),
        ({"snoozed_until": NOW}, ""),
        ({"rivals": (as_intended(DRAFT),)}, "rivals"),
        ({"displaced": "Something else is at its time now."}, "displaced"),
        ({"paused": True, "booked": START}, "paused, booked"),
    ],
)
def test_what_speaks_against_a_hold_is_shown(
    shown: Shown, facts: dict[str, Any], told: str
) -> None:
    trace_hold(HOLD, as_intended(DRAFT), Facts(**facts), Transition(HOLD), NOW)
    codes = ", ".join(filter(None, ["as written", told]))
    assert shown.lines() == [f"hold fikad-1: proposed -> proposed ({codes})"]


def test_a_hold_has_ended_from_its_end_on(shown: Shown) -> None:
    for now in (END - timedelta(seconds=1), END):
        trace_hold(HOLD, as_intended(DRAFT), Facts(), Transition(HOLD), now)
        trace_hold(
            HOLD, replace(as_intended(DRAFT), title="missed"), Facts(), Transition(HOLD), now
        )
    assert [line.rpartition(" -> ")[2] for line in shown.lines()] == [
        "proposed (as written)",
        "proposed (touched)",
        "proposed (as written, ended)",
        "proposed (missed, ended)",
    ]


class Forbidden:
    """Something that nobody may look at."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was looked at")


def test_while_nobody_listens_nothing_is_put_together() -> None:
    anything: Any = Forbidden()
    trace_plan(anything, anything)
    trace_hold(anything, anything, anything, anything, NOW)
