"""The wire: passwords, redirects, and what is said when a server does not answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.caldav.calendar import CalDAVCalendar
from connectors.dav.discovery import RULES
from connectors.dav.origin import without_userinfo
from connectors.errors import AccountError, CredentialsError, UnreachableError
from tests.connectors import servers
from tests.connectors.caldav.an_account import (
    NOW,
    SECRET,
    account,
    only,
)
from tests.connectors.caldav.hostile_server import (
    CALENDAR,
    HOME,
    Asked,
    Hostile,
    Said,
    cut,
    hostile,
    multistatus,
    part,
    silence,
)


def test_a_wrong_password_is_said_as_such() -> None:
    with servers.radicale(htpasswd=True) as server:
        server.add_user("sam", "right")
        assert account(server.url, password="right").calendars(NOW) == []
        with pytest.raises(CredentialsError, match="fikad auth home"):
            account(server.url, password="wrong").calendars(NOW)
        with pytest.raises(CredentialsError, match="has none"):
            account(server.url, password=None).calendars(NOW)


def test_the_password_goes_with_the_first_request(server: Hostile) -> None:
    account(server.url).calendars(NOW)
    assert all(
        asked.headers.get("authorization", "").startswith("Basic ") for asked in server.asked
    )


def test_a_server_that_takes_us_for_a_stranger_wants_better_credentials(server: Hostile) -> None:
    unknown = "<D:current-user-principal><D:unauthenticated/></D:current-user-principal>"
    server.before = lambda asked: multistatus(part("/", unknown))
    with pytest.raises(CredentialsError):
        account(server.url).calendars(NOW)


def test_digest_is_used_where_nothing_else_is_offered_and_remembered(server: Hostile) -> None:
    server.digest = ("sam", SECRET)
    memo: dict[str, Any] = {}
    assert only(account(server.url, memo)).id == CALENDAR
    assert memo["auth"] == "digest"
    server.asked.clear()
    again = account(server.url, memo)
    again.calendars(NOW)
    again.calendars(NOW)
    sent = [asked.headers.get("authorization", "").partition(" ")[0] for asked in server.asked]
    assert sent == ["", "Digest", "Digest"]  # one round to learn the nonce
    assert again.requests == 3
    with pytest.raises(CredentialsError):
        account(server.url, memo, password="wrong").calendars(NOW)


def test_a_server_that_gave_up_digest_gets_basic_again(server: Hostile) -> None:
    def before(asked: Asked) -> Said | None:
        if asked.headers.get("authorization", "").startswith("Basic"):
            return None
        return Said(401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    server.before = before
    memo = {"url": server.url, "username": "sam", "auth": "digest", "rules": RULES}
    assert only(account(server.url, memo)).id == CALENDAR
    assert memo["auth"] == "basic"


def test_another_kind_of_sign_in_is_named(server: Hostile) -> None:
    server.before = lambda asked: Said(401, headers={"WWW-Authenticate": 'Bearer realm="x"'})
    with pytest.raises(CredentialsError, match="app password"):
        account(server.url).calendars(NOW)


def test_a_redirect_within_the_server_is_followed_and_counted(server: Hostile) -> None:
    moved = {
        "url": server.url,
        "username": "sam",
        "homes": ["/moved/"],
        "single": False,
        "rules": RULES,
    }
    server.before = lambda asked: (
        Said(302, headers={"Location": HOME}) if asked.path == "/moved/" else None
    )
    reader = account(server.url, moved)
    assert only(reader).id == CALENDAR
    assert [asked.method for asked in server.asked] == ["PROPFIND", "PROPFIND"]
    assert reader.requests == 2
    assert moved["homes"] == [HOME]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_password(server: Hostile, status: int) -> None:
    with hostile() as stranger:
        server.before = lambda asked: Said(status, headers={"Location": stranger.url + "sam/"})
        with pytest.raises(UnreachableError, match="not sent there"):
            account(server.url).calendars(NOW)
        assert stranger.asked == []


def test_a_home_on_another_host_gets_no_password(server: Hostile) -> None:
    away = "<C:calendar-home-set><D:href>https://calendars.example.net/sam/</D:href></C:calendar-home-set>"
    server.before = lambda asked: multistatus(part("/", away))
    with pytest.raises(UnreachableError, match=r"https://calendars\.example\.net"):
        account(server.url).calendars(NOW)


@pytest.mark.parametrize(
    "location", ["http://[::1", "//[", "ftp://x/", "http://h:port/", "javascript:alert(1)"]
)
def test_a_redirect_to_no_address_is_refused(
    server: Hostile, calendar: CalDAVCalendar, location: str
) -> None:
    server.before = lambda asked: Said(302, headers={"Location": location})
    with pytest.raises(UnreachableError):
        calendar.current_version()


@pytest.mark.parametrize(
    "url", ["", "dav.example.com", "ftp://dav.example.com/", "http://[::1", "https:///x"]
)
def test_a_url_that_is_none_is_said_to_be_none(url: str) -> None:
    with pytest.raises(UnreachableError, match="no web address"):
        account(url).calendars(NOW)


def test_redirects_in_circles_end(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.before = lambda asked: Said(302, headers={"Location": asked.path})
    with pytest.raises(UnreachableError, match="circles"):
        calendar.current_version()


def test_a_silent_server_is_given_up_in_time(server: Hostile) -> None:
    server.before = silence
    with pytest.raises(UnreachableError, match="did not answer in time"):
        account(server.url, timeout_seconds=0.3).calendars(NOW)


def test_a_connection_broken_off_is_unreachable(server: Hostile) -> None:
    server.before = cut
    with pytest.raises(UnreachableError, match="broke the connection") as caught:
        account(server.url).calendars(NOW)
    # the library's exception carries the request, and so the password
    assert caught.value.__cause__ is None


def test_a_host_that_is_down_or_unknown_or_without_tls_is_named(server: Hostile) -> None:
    with hostile() as other:
        closed = other.url
    with pytest.raises(UnreachableError, match="refused the connection"):
        account(closed).calendars(NOW)
    with pytest.raises(UnreachableError, match="DNS"):
        account("https://nowhere.invalid/").calendars(NOW)
    with pytest.raises(UnreachableError, match="TLS"):
        account(server.url.replace("http:", "https:")).calendars(NOW)


def test_no_message_holds_a_secret(server: Hostile) -> None:
    assert (
        without_userinfo("https://sam:hunter2@dav.example.com:8443/x?y")
        == "https://dav.example.com:8443/x?y"
    )
    url = server.url.replace("http://", "http://sam:hunter2@")
    answers: list[Said | None] = [None, *(Said(status) for status in (200, 401, 404, 500))]
    for answer in answers:
        server.before = lambda asked, answer=answer: answer or cut(asked)
        with pytest.raises(AccountError) as caught:
            account(url, timeout_seconds=0.3).calendars(NOW)
        told = [repr(caught.value), repr(caught.value.__cause__)]
        assert not any(secret in text for text in told for secret in ("hunter2", SECRET, "horse"))
    reader = account(url)
    assert "hunter2" not in json.dumps(reader.memo)


def test_neither_netrc_nor_proxies_of_the_environment_are_used(
    server: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password other\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("CALDAV_URL", "http://127.0.0.1:9")
    account(server.url, password=None, username="").calendars(NOW)
    assert all("authorization" not in asked.headers for asked in server.asked)


def test_importing_the_connector_is_cheap() -> None:
    heavy = "{'caldav', 'lxml', 'niquests', 'requests', 'icalendar'}"
    code = (
        f"import sys, connectors.caldav.account; sys.exit(' '.join({heavy} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=False,
    )
    assert done.stderr.strip() == b""
