"""Tokens and consent: who may use the account, how long, and what is said when nobody may."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import CredentialsError, UnreachableError
from connectors.google.auth import (
    HOLD_SCOPE,
    NAMED_SCOPE,
    READ_SCOPES,
    is_safe_address,
    missing_scopes,
    read_client_secrets,
    wanted_scopes,
)
from connectors.google.consent import authorize
from tests.connectors.google.an_account import NOW, Login, Reader, logged_in
from tests.connectors.google.server import LEAST_SCOPES, SCOPE, Fault, GoogleServer, Kept

# --- tokens ---


def test_an_access_token_is_asked_for_once_while_it_is_good(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    for _ in range(5):
        reader.read()
    assert server.counts["token"] == 1


def test_a_private_file_keeps_the_access_token_for_the_next_process(server: GoogleServer) -> None:
    kept = Kept(server.grant(), keeps_access_token=True)
    for _ in range(2):
        with logged_in(server, tokens=kept) as login:
            login.account.calendars(NOW)
    assert server.counts["token"] == 1
    assert kept.token is not None
    assert set(kept.token) >= {
        "type",
        "token",
        "refresh_token",
        "token_uri",
        "client_id",
        "client_secret",
        "expiry",
    }
    assert datetime.fromisoformat(kept.token["expiry"]) > datetime.now(UTC) + timedelta(minutes=50)


def test_a_keyring_is_given_nothing_but_a_new_refresh_token(
    server: GoogleServer, login: Login
) -> None:
    login.tokens.token = {**server.grant(), "token": "old", "expiry": "2020-01-01T00:00:00Z"}
    login.account.calendars(NOW)
    assert login.tokens.saved == 0
    new = {
        "access_token": "a",
        "expires_in": 3599,
        "refresh_token": "rotated",
        "token_type": "Bearer",
    }
    server.plan("token", Fault(200, body=json.dumps(new).encode()))
    server._access["a"] = frozenset(LEAST_SCOPES)
    login.account._calls._login.forget()
    login.account.calendars(NOW + timedelta(hours=2))
    assert login.tokens.saved == 1
    assert login.tokens.token is not None
    assert login.tokens.token["refresh_token"] == "rotated"
    assert "token" not in login.tokens.token


def test_a_refresh_token_alone_is_enough(server: GoogleServer, tmp_path: Path) -> None:
    kept = Kept({"refresh_token": server.grant()["refresh_token"]})
    with logged_in(server, tokens=kept) as login:
        login.account._calls._login._client_secrets = server.write_client(tmp_path)
        assert [calendar.name for calendar in login.account.calendars(NOW)] == ["sam@example.com"]


def test_an_access_token_that_google_forgot_is_replaced_at_once(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    server.expire_access_tokens()
    reader.read()
    assert server.counts["token"] == 2


def test_a_revoked_token_parks_the_account_and_a_new_grant_heals_it(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    server.revoke()
    for _ in range(2):
        with pytest.raises(CredentialsError, match=r"`fikad auth work`"):
            reader.read()
    login.tokens.token = server.grant()
    reader.read()


def test_an_access_token_that_is_refused_again_and_again_is_a_matter_of_credentials(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    server.plan("events.list", *[Fault(401, "authError")] * 2)
    with pytest.raises(CredentialsError, match=r"`fikad auth work`"):
        reader.read()
    assert login.patience.waits == []


def test_a_wider_grant_is_taken_up_without_a_restart(server: GoogleServer) -> None:
    kept = Kept(server.grant([f"{SCOPE}.events.readonly"]))
    with logged_in(server, tokens=kept) as login:
        with pytest.raises(CredentialsError, match="calendarlist"):
            login.account.calendars(NOW)
        kept.token = server.grant()
        assert login.account.calendars(NOW)


def test_no_token_yet_says_what_to_do_even_where_nothing_has_to_be_asked(
    server: GoogleServer, login: Login
) -> None:
    login.account.calendars(NOW)
    told = "no Google token yet: run `fikad auth work`"
    with (
        logged_in(server, tokens=Kept(None), memo=login.account.memo) as fresh,
        pytest.raises(CredentialsError, match=told),
    ):
        fresh.account.calendars(NOW)


def test_a_wrong_client_is_told_from_a_revoked_token(server: GoogleServer) -> None:
    kept = Kept({**server.grant(), "client_secret": "wrong"})
    with (
        logged_in(server, tokens=kept) as login,
        pytest.raises(CredentialsError, match=r"invalid_client.*client_secrets"),
    ):
        login.account.calendars(NOW)


def test_a_token_server_that_fails_is_unreachable_not_a_refusal(
    server: GoogleServer, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.plan("token", *[Fault(503, body=b'{"error": "server_error"}')] * 3)
    with pytest.raises(UnreachableError, match="token server"):
        login.account.calendars(NOW)
    login.account.calendars(NOW)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(200, body=b"<html>"),
        Fault(200, body=b"{}"),
        Fault(200, body=b'{"access_token": 1, "expires_in": "x"}'),
        Fault(),
    ],
)
def test_a_token_answer_that_makes_no_sense_is_unreachable(
    server: GoogleServer, login: Login, fault: Fault
) -> None:
    server.plan("token", fault)
    with pytest.raises(UnreachableError):
        login.account.calendars(NOW)
    login.account.calendars(NOW)


def test_no_error_shows_a_secret(server: GoogleServer, login: Login) -> None:
    server.revoke()
    with pytest.raises(CredentialsError) as refused:
        login.account.calendars(NOW)
    secrets = [
        str(value)
        for key, value in (login.tokens.token or {}).items()
        if key in ("refresh_token", "client_secret")
    ]
    assert not [secret for secret in secrets if secret in str(refused.value)]
    assert "\n" not in str(refused.value)


def test_a_token_may_only_be_sent_over_https(server: GoogleServer) -> None:
    kept = Kept({**server.grant(), "token_uri": "http://tokens.example.com/"})
    with (
        logged_in(server, tokens=kept) as login,
        pytest.raises(CredentialsError, match="is not https"),
    ):
        login.account.calendars(NOW)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://oauth2.googleapis.com/token", True),
        ("http://127.0.0.1:8085/token", True),
        ("http://[::1]:8085/token", True),
        ("http://localhost/token", True),
        ("http://localhost.example.com/token", False),
        ("http://example.com/token", False),
        ("https:///token", False),
        ("http://[/", False),
        ("", False),
    ],
)
def test_which_addresses_may_be_given_a_secret(address: str, safe: bool) -> None:
    assert is_safe_address(address) is safe


# --- scopes and client ---


def test_the_least_scopes_are_asked_for() -> None:
    assert wanted_scopes(holds=False) == READ_SCOPES
    assert set(wanted_scopes(holds=True)) - set(READ_SCOPES) == {HOLD_SCOPE}
    assert set(wanted_scopes(holds=False, named=True)) - set(READ_SCOPES) == {NAMED_SCOPE}


def test_a_broader_scope_covers_a_narrower_one() -> None:
    wanted = wanted_scopes(holds=True, named=True)
    assert missing_scopes([SCOPE], wanted) == ()
    assert missing_scopes([f"{SCOPE}.readonly"], wanted) == (HOLD_SCOPE, NAMED_SCOPE)
    assert missing_scopes([f"{SCOPE}.events", f"{SCOPE}.calendarlist.readonly"], wanted) == (
        HOLD_SCOPE,
    )
    assert missing_scopes([], READ_SCOPES) == READ_SCOPES
    assert missing_scopes(None, wanted) == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "can't read"),
        ("{", "not JSON"),
        ("[]", "not Google's client file"),
        (
            '{"web": {"client_id": "x", "client_secret": "y"}}',
            'of a client of type "Web application"',
        ),
        ('{"type": "service_account"}', "not Google's client file"),
        (
            '{"installed": {"client_id": "x", "token_uri": "http://example.com/"}}',
            "token_uri in .* is not https",
        ),
    ],
)
def test_a_client_file_that_is_none_says_where_to_get_one(
    tmp_path: Path, content: str | None, told: str
) -> None:
    path = tmp_path / "client.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CredentialsError, match=told):
        read_client_secrets(path)


# --- consent ---


class Browser:
    """Opens the address that the user is told, like a browser: follows the redirect back to
    fikad."""

    def __init__(self, visit: Callable[[str], None] | None = None) -> None:
        self.addresses: list[str] = []
        self.page = ""
        self._visit = visit or self._follow
        self._thread: threading.Thread | None = None

    def __call__(self, address: str) -> None:
        self.addresses.append(address)
        self._thread = threading.Thread(target=self._visit, args=(address,))
        self._thread.start()

    def _follow(self, address: str) -> None:
        with urllib.request.urlopen(address, timeout=60) as answer:
            self.page = answer.read().decode()

    def close(self) -> None:
        if self._thread:
            self._thread.join(10)


def consent(server: GoogleServer, folder: Path, browser: Browser, **options: Any) -> dict[str, Any]:
    try:
        return authorize(
            server.write_client(folder),
            LEAST_SCOPES,
            False,
            browser,
            options.pop("timeout_seconds", 10),
            **options,
        )
    finally:
        browser.close()


def test_consent_gives_a_token_that_works(server: GoogleServer, tmp_path: Path) -> None:
    browser = Browser()
    token = consent(server, tmp_path, browser)
    assert set(token["scopes"]) == set(LEAST_SCOPES)
    assert "close this window" in browser.page
    with logged_in(server, tokens=Kept(token)) as login:
        assert [calendar.name for calendar in login.account.calendars(NOW)] == ["sam@example.com"]
    assert server.counts["token"] == 1


def test_consent_opens_a_browser_only_if_asked_to(
    server: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    browser = Browser()
    consent(server, tmp_path, browser)
    assert opened == []
    browser = Browser()
    authorize(server.write_client(tmp_path), LEAST_SCOPES, True, browser, 10)
    browser.close()
    assert opened == browser.addresses


def test_a_scope_that_the_user_unticked_is_named(server: GoogleServer, tmp_path: Path) -> None:
    server.unticked = {HOLD_SCOPE}
    with pytest.raises(CredentialsError, match=r"not granted: calendar\.app\.created"):
        consent(server, tmp_path, Browser())


def test_a_no_is_a_no(server: GoogleServer, tmp_path: Path) -> None:
    server.deny = True
    with pytest.raises(CredentialsError, match="refused"):
        consent(server, tmp_path, Browser())


def test_an_answer_is_awaited_for_a_limited_time(server: GoogleServer, tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="no answer within"):
        consent(server, tmp_path, Browser(lambda address: None), timeout_seconds=0.05)


def test_strangers_at_the_door_do_not_end_the_waiting(server: GoogleServer, tmp_path: Path) -> None:
    statuses: list[int] = []

    def visit(address: str) -> None:
        query = dict(part.split("=", 1) for part in address.partition("?")[2].split("&"))
        door = urllib.request.unquote(query["redirect_uri"])  # type: ignore[attr-defined]
        for path in ("favicon.ico", "?code=stolen&state=guessed", "?state="):
            try:
                urllib.request.urlopen(door + path, timeout=60)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)
        urllib.request.urlopen(address, timeout=60).close()

    assert consent(server, tmp_path, Browser(visit))["refresh_token"]
    assert statuses == [404, 404, 404]


def test_a_port_that_is_taken_is_said(server: GoogleServer, tmp_path: Path) -> None:
    taken = int(server.address.rpartition(":")[2])
    with pytest.raises(CredentialsError, match="choose another"):
        consent(server, tmp_path, Browser(), port=taken)


def test_consent_leaves_the_environment_as_it_was(
    server: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)
    before = dict(os.environ)
    consent(server, tmp_path, Browser())
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    "fault",
    [Fault(400, body=b'{"error": "invalid_grant"}'), Fault(200, body=b"<html>"), Fault(503)],
)
def test_an_exchange_that_fails_is_said(server: GoogleServer, tmp_path: Path, fault: Fault) -> None:
    server.plan("token", fault)
    with pytest.raises((CredentialsError, UnreachableError), match="fikad auth"):
        consent(server, tmp_path, Browser())


def test_a_grant_without_a_refresh_token_is_of_no_use(server: GoogleServer, tmp_path: Path) -> None:
    answer = {
        "access_token": "a",
        "expires_in": 3599,
        "token_type": "Bearer",
        "scope": " ".join(LEAST_SCOPES),
    }
    server.plan("token", Fault(200, body=json.dumps(answer).encode()))
    with pytest.raises(CredentialsError, match="no refresh token"):
        consent(server, tmp_path, Browser())
