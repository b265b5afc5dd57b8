"""Patience with Google's limits and failures, and its end."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from connectors.errors import (
    CredentialsError,
    ReadOnlyError,
    UncertainError,
    UnreachableError,
    UnreadableError,
)
from connectors.google.account import GoogleAccount
from connectors.google.calls import error_reason
from tests.connectors.google.an_account import NOW, Login, Reader, draft, logged_in
from tests.connectors.google.server import Fault, GoogleServer, Kept


@pytest.fixture
def reader(login: Login) -> Reader:
    return Reader(login.calendar())


LIMITS = [
    Fault(403, "rateLimitExceeded"),
    Fault(403, "userRateLimitExceeded"),
    Fault(403, "quotaExceeded"),
    Fault(429, "rateLimitExceeded"),
    Fault(500),
    Fault(503, body=b"<html>Service unavailable</html>"),
]


@pytest.mark.parametrize("fault", LIMITS)
def test_a_limit_or_failure_that_passes_is_waited_out(
    server: GoogleServer, login: Login, reader: Reader, fault: Fault
) -> None:
    server.plan("events.list", fault, fault, fault)
    reader.read()
    assert server.counts["events.list"] == 4
    assert len(login.patience.waits) == 3


def test_waits_grow_exponentially_with_jitter(
    server: GoogleServer, login: Login, reader: Reader
) -> None:
    server.plan("events.list", *[Fault(503)] * 4)
    reader.read()
    for wait, longest in zip(login.patience.waits, (1, 2, 4, 8), strict=True):
        assert longest / 2 <= wait < longest


def test_the_patience_of_a_pass_is_limited_and_shared_by_its_calendars(
    server: GoogleServer,
) -> None:
    server.store.add_calendar("Other")
    with logged_in(server, budget_seconds=20) as login:
        calendars = login.account.calendars(NOW)
        server.plan("events.list", *[Fault(503)] * 99)
        for calendar in calendars:
            with pytest.raises(UnreachableError, match="503"):
                Reader(calendar).read()
        assert sum(login.patience.waits) <= 20
        assert server.counts["events.list"] == len(calendars) + len(login.patience.waits)
        server.forget_plans()
        server.plan("events.list", Fault(503))
        for calendar in login.account.calendars(NOW):
            Reader(calendar).read()


def test_retry_after_is_honoured(server: GoogleServer, login: Login, reader: Reader) -> None:
    server.plan("events.list", Fault(429, headers={"Retry-After": "7"}))
    reader.read()
    assert login.patience.waits == [7.0]


def test_retry_after_may_be_a_date(server: GoogleServer, login: Login, reader: Reader) -> None:
    server.plan("events.list", Fault(503, headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}))
    reader.read()
    assert login.patience.waits == [0.0]


def test_a_server_that_wants_more_patience_than_a_pass_has_is_left_alone_until_then(
    server: GoogleServer, login: Login, reader: Reader
) -> None:
    server.plan("events.list", Fault(429, headers={"Retry-After": "1800"}))
    with pytest.raises(UnreachableError, match="limits the rate"):
        reader.read()
    login.patience.seconds += 900
    login.account.calendars(NOW)
    with pytest.raises(UnreachableError, match="asks to wait"):
        reader.read()
    assert server.counts["events.list"] == 1
    login.patience.seconds += 901
    reader.read()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(403, "dailyLimitExceeded"),
        Fault(403, "accessNotConfigured"),
        Fault(302, headers={"Location": "http://x/"}),
    ],
)
def test_what_waiting_does_not_heal_is_not_repeated(
    server: GoogleServer, login: Login, reader: Reader, fault: Fault
) -> None:
    server.plan("events.list", fault)
    with pytest.raises(UnreachableError):
        reader.read()
    assert login.patience.waits == []
    assert server.counts["events.list"] == 1


def test_a_plain_refusal_is_not_repeated(
    server: GoogleServer, login: Login, reader: Reader
) -> None:
    server.plan("events.list", Fault(403, "forbidden"))
    with pytest.raises(UnreadableError, match="forbidden"):
        reader.read()
    assert login.patience.waits == []


def test_a_dropped_connection_is_repeated_once_per_attempt_and_every_request_is_counted(
    server: GoogleServer, login: Login, reader: Reader
) -> None:
    before = login.account.requests
    server.plan("events.list", Fault(), Fault())
    reader.read()
    assert server.counts["events.list"] == 3
    assert login.account.requests - before == 3


def test_every_request_that_the_server_saw_was_counted(
    server: GoogleServer, login: Login, reader: Reader
) -> None:
    server.plan("events.list", Fault(), Fault(503))
    server.plan("token", Fault(applied=True))
    server.expire_access_tokens()
    with pytest.raises(UnreachableError):
        reader.read()
    reader.read()
    assert login.account.requests == sum(server.counts.values())


def test_creating_a_calendar_is_never_sent_twice(server: GoogleServer, login: Login) -> None:
    login.account.calendars(NOW)
    server.plan("calendars.insert", Fault(503))
    with pytest.raises(UncertainError):
        login.account.create_calendar("Fikad")
    assert server.counts["calendars.insert"] == 1


def test_a_host_that_is_down_is_unreachable(server: GoogleServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with logged_in(server) as login:
            login.account._calls._endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}/"
            with pytest.raises(UnreachableError, match="can't be reached"):
                login.account.calendars(NOW)
    assert sum(login.patience.waits) < 5


def test_a_server_that_never_answers_is_given_up(server: GoogleServer) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        logged_in(server, timeout_seconds=0.05) as login,
    ):
        login.account._calls._endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(UnreachableError, match="can't be reached"):
            login.account.calendars(NOW)


@pytest.mark.parametrize(
    "endpoint",
    ["http://calendar.example.com/", "http://127.0.0.1.example.com/", "ftp://localhost/"],
)
def test_plain_http_off_loopback_is_refused(server: GoogleServer, endpoint: str) -> None:
    with pytest.raises(CredentialsError, match="https"):
        GoogleAccount("work", Path("client_secret.json"), Kept(server.grant()), endpoint, {})


def test_a_forbidden_write_is_read_only_and_not_repeated(
    server: GoogleServer, login: Login
) -> None:
    server.store.add_calendar("Fikad", created_by_app=True)
    server.plan("events.insert", Fault(403, "forbiddenForServiceAccounts"))
    with pytest.raises(ReadOnlyError):
        login.calendar("Fikad").create(draft())
    assert server.counts["events.insert"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"error": {"errors": [{"reason": "rateLimitExceeded"}]}}', "rateLimitExceeded"),
        (
            b'{"error": {"errors": [{"reason": "forbidden"}], "details": [{"reason": '
            b'"SERVICE_DISABLED"}]}}',
            "SERVICE_DISABLED",
        ),
        (b'{"error": {"errors": [{"reason": "\\u001b[31m evil"}]}}', "mevil"),
        (b'{"error": "invalid_grant"}', ""),
        (b"<html>", ""),
        (b"", ""),
        (b"[]", ""),
        (b"\xff", ""),
    ],
)
def test_the_reason_of_an_error_is_read_and_inert(content: bytes, reason: str) -> None:
    assert error_reason(content) == reason
