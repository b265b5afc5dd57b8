"""Asking Google when people are busy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import CredentialsError, UnreachableError, UnreadableError
from connectors.free_busy import BusySpan
from connectors.google.auth import FREE_BUSY_SCOPE, wanted_scopes
from tests.connectors.google.an_account import NOW, logged_in
from tests.connectors.google.server import LEAST_SCOPES, SCOPE, Fault, GoogleServer, Kept

JANE, BOB = "jane@example.com", "bob@example.com"
START, END = NOW, NOW + timedelta(days=14)
GRANTED = (*LEAST_SCOPES, FREE_BUSY_SCOPE)


def at(hour: int) -> datetime:
    return datetime(2026, 11, 25, hour, tzinfo=UTC)


def test_who_shares_is_known_and_everybody_else_unknown(server: GoogleServer) -> None:
    server.store.free_busy[JANE] = [("2026-11-25T10:00:00+01:00", "2026-11-25T11:00:00+01:00")]
    with logged_in(server, GRANTED) as login:
        login.account.calendars(NOW)
        assert login.account.free_busy.obstacle(NOW) == ""
        told = login.account.free_busy.busy_times([JANE, BOB], START, END)
    assert told == {JANE: (BusySpan(at(9), at(10)),), BOB: None}


def test_fifty_are_asked_for_at_once(server: GoogleServer) -> None:
    everybody = [f"friend{number}@example.com" for number in range(101)]
    server.store.free_busy.update({address: [] for address in everybody})
    with logged_in(server, GRANTED) as login:
        login.account.calendars(NOW)
        told = login.account.free_busy.busy_times(everybody, START, END)
    assert told == dict.fromkeys(everybody, ())
    assert [len(asked["items"]) for asked in server.store.asked_free_busy] == [50, 50, 1]


def test_without_the_scope_google_is_not_asked_and_the_user_is_told_how(
    server: GoogleServer,
) -> None:
    with logged_in(server) as login:
        login.account.calendars(NOW)
        assert "run `fikad auth work` and allow it" in login.account.free_busy.obstacle(NOW)
    assert server.counts["freebusy.query"] == 0


@pytest.mark.parametrize("scope", [SCOPE, f"{SCOPE}.readonly", f"{SCOPE}.events.freebusy"])
def test_a_broader_scope_is_enough(server: GoogleServer, scope: str) -> None:
    with logged_in(server, (*LEAST_SCOPES, scope)) as login:
        login.account.calendars(NOW)
        assert login.account.free_busy.obstacle(NOW) == ""
        assert login.account.free_busy.busy_times([JANE], START, END) == {JANE: None}


def test_a_grant_that_does_not_reach_says_what_to_do(server: GoogleServer) -> None:
    token = server.grant()
    del token["scopes"]
    with logged_in(server, tokens=Kept(token)) as login:
        login.account.calendars(NOW)
        with pytest.raises(CredentialsError, match="fikad auth work"):
            login.account.free_busy.busy_times([JANE], START, END)


def test_the_scope_is_asked_for_only_where_it_is_wanted() -> None:
    assert FREE_BUSY_SCOPE not in wanted_scopes(holds=True, named=True, contacts=True)
    assert FREE_BUSY_SCOPE in wanted_scopes(free_busy=True)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"calendars": []}', b"nonsense"],
)
def test_an_answer_that_makes_no_sense_is_an_error(server: GoogleServer, body: bytes) -> None:
    with logged_in(server, GRANTED) as login:
        login.account.calendars(NOW)
        server.plan("freebusy.query", Fault(200, body=body))
        with pytest.raises((UnreadableError, UnreachableError)):
            login.account.free_busy.busy_times([JANE], START, END)


@pytest.mark.parametrize(
    "calendar",
    [
        "{}",
        '{"busy": null}',
        '{"busy": [{"start": "2026-11-25T10:00:00", "end": "2026-11-25T11:00:00"}]}',
        '{"busy": [{"start": 3}]}',
        "7",
    ],
)
def test_a_calendar_that_cannot_be_read_is_unknown(server: GoogleServer, calendar: str) -> None:
    with logged_in(server, GRANTED) as login:
        login.account.calendars(NOW)
        body = f'{{"calendars": {{"{JANE}": {calendar}}}}}'.encode()
        server.plan("freebusy.query", Fault(200, body=body))
        assert login.account.free_busy.busy_times([JANE], START, END) == {JANE: None}


def test_google_may_write_an_address_otherwise(server: GoogleServer) -> None:
    with logged_in(server, GRANTED) as login:
        login.account.calendars(NOW)
        body = f'{{"calendars": {{"{JANE.upper()}": {{"busy": []}}}}}}'.encode()
        server.plan("freebusy.query", Fault(200, body=body))
        assert login.account.free_busy.busy_times([JANE], START, END) == {JANE: ()}


def test_asking_writes_nothing_and_names_nobody_but_in_the_question(server: GoogleServer) -> None:
    with logged_in(server, GRANTED) as login:
        login.account.calendars(NOW)
        login.account.free_busy.busy_times([JANE], START, END)
    assert server.store.asked_free_busy == [
        {
            "timeMin": "2026-11-22T12:00:00Z",
            "timeMax": "2026-12-06T12:00:00Z",
            "items": [{"id": JANE}],
        }
    ]
    assert {name for name in server.counts if "insert" in name or "patch" in name} == set()
