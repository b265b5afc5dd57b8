"""`fikad auth`: passwords into the place the user chose, Google's consent, the first time and
again."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.google.auth import (
    CONTACTS_SCOPE,
    FREE_BUSY_SCOPE,
    HOLD_SCOPE,
    NAMED_SCOPE,
    READ_SCOPES,
)
from daemon.demo.server import DemoServer
from tests.connectors import servers
from tests.connectors.google.server import GoogleServer
from tests.daemon.cli.browsing import run_and_browse
from tests.daemon.cli.running import Fikad, Ran
from tests.daemon.cli.terminal import Terminal


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    return Fikad(tmp_path)


def caldav(url: str, password: str = '{ file = "pw" }') -> str:
    return (
        f'[accounts.home]\ntype = "caldav"\nurl = "{url}"\nusername = "sam"\n'
        f"password = {password}\n"
    )


# --- CalDAV ---


def test_a_password_is_tried_and_kept_in_the_file_the_config_names(
    fikad: Fikad, sam: DemoServer
) -> None:
    fikad.configure(caldav(sam.url))
    assert fikad("once", "--no-plan").code == 11
    ran = fikad("auth", "home", "--password-stdin", stdin=f"{sam.password}\n")
    assert (ran.code, ran.err) == (0, "")
    assert "Personal" in ran.out
    assert sam.password not in ran.out
    kept = fikad.folder / "pw"
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == (sam.password, 0o600)
    assert fikad("once", "--no-plan").code == 0


def test_a_password_that_is_refused_replaces_nothing(fikad: Fikad, sam: DemoServer) -> None:
    fikad.configure(caldav(sam.url))
    fikad("auth", "home", "--password-stdin", stdin=f"{sam.password}\n")
    ran = fikad("auth", "home", "--password-stdin", stdin="wr0ng\n")
    assert ran.code == 11
    assert "wr0ng" not in ran.out + ran.err
    assert (fikad.folder / "pw").read_text() == sam.password


def test_a_password_is_kept_when_the_server_is_away_and_that_is_said(fikad: Fikad) -> None:
    fikad.configure(caldav("http://127.0.0.1:1/"))
    ran = fikad("auth", "home", "--password-stdin", stdin="secret\n")
    assert ran.code == 12
    assert "without being tried" in ran.err
    assert (fikad.folder / "pw").read_text() == "secret"


def test_a_typed_password_is_not_shown(fikad: Fikad, sam: DemoServer) -> None:
    fikad.configure(caldav(sam.url))
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    with Terminal(("auth", "home", *paths), fikad.folder) as terminal:
        terminal.answer("Password of sam", sam.password)
        screen = terminal.end()
    assert screen.code == 0
    assert sam.password not in screen.raw


def test_without_a_keyring_the_password_is_not_kept_anywhere(fikad: Fikad, sam: DemoServer) -> None:
    fikad.configure(caldav(sam.url, "{ keyring = true }"))
    ran = fikad("auth", "home", "--password-stdin", stdin=f"{sam.password}\n")
    assert ran.code == 11
    assert "no keyring" in ran.err
    assert [path.name for path in fikad.folder.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("place", ['{ command = ["false"] }', '{ credential = "home" }'])
def test_what_fikad_cannot_fill_is_said_before_a_password_is_asked_for(
    fikad: Fikad, place: str
) -> None:
    fikad.configure(caldav("http://127.0.0.1:1/", place))
    ran = fikad("auth", "home")
    assert ran.code == 11
    assert "cannot store it" in ran.err


def test_an_account_that_is_not_there_or_needs_no_login_is_said(fikad: Fikad) -> None:
    fikad.configure('[accounts.export]\ntype = "files"\npath = "x"\n')
    assert (fikad("auth", "home").code, fikad("auth", "export").code) == (2, 2)
    assert '"export"' in fikad("auth", "home").err
    assert "needs no login" in fikad("auth", "export").err


# --- CardDAV ---


@pytest.fixture(scope="module")
def people() -> Iterator[servers.Server]:
    with servers.radicale(htpasswd=True) as server:
        server.add_user("sam", "s3cret")
        servers.make_address_book(f"{server.home('sam')}book/", "Friends", server.auth("sam"))
        yield server


def test_the_password_of_an_address_book_is_tried_and_kept(
    fikad: Fikad, people: servers.Server
) -> None:
    auth = people.auth("sam")
    assert auth is not None
    fikad.configure(
        f'[addressbooks.friends]\ntype = "carddav"\nurl = "{people.url}"\nusername = "sam"\n'
        'password = { file = "pw" }\n'
    )
    ran = fikad("auth", "friends", "--password-stdin", stdin="wr0ng\n")
    assert (ran.code, (fikad.folder / "pw").exists()) == (11, False)
    ran = fikad("auth", "friends", "--password-stdin", stdin=f"{auth[1]}\n")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == 'Logged in to "friends": 1 address book: Friends.\n'
    assert (fikad.folder / "pw").read_text() == auth[1]


def test_an_address_book_that_shares_a_login_is_that_of_its_account(
    fikad: Fikad, sam: DemoServer
) -> None:
    shared = '[addressbooks.friends]\ntype = "carddav"\naccount = "home"\n'
    fikad.configure(caldav(sam.url) + shared)
    ran = fikad("auth", "friends", "--password-stdin", stdin=f"{sam.password}\n")
    assert (ran.code, "Personal" in ran.out) == (0, True)


# --- Google ---


def google(fikad: Fikad, server: GoogleServer, more: str = "") -> None:
    server.write_client(fikad.folder)
    fikad.configure(
        '[accounts.work]\ntype = "google"\nclient_secrets = "client_secret.json"\n'
        f'endpoint = "{server.endpoint}"\ntoken = {{ file = "token.json" }}\n{more}'
    )


def browse(fikad: Fikad, *arguments: str, name: str = "work") -> Ran:
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    return run_and_browse(
        fikad.folder, "auth", name, "--no-browser", "--timeout", "30", *paths, *arguments
    )


def scopes(fikad: Fikad) -> set[str]:
    return set(json.loads((fikad.folder / "token.json").read_text())["scopes"])


def test_google_s_consent_is_asked_for_and_kept(fikad: Fikad) -> None:
    with GoogleServer() as server:
        google(fikad, server)
        assert fikad("once", "--no-plan").code == 11
        ran = browse(fikad)
        assert (ran.code, ran.err) == (0, "")
        assert "sam@example.com" in ran.out
        assert scopes(fikad) >= {HOLD_SCOPE}
        assert NAMED_SCOPE not in scopes(fikad)
        assert fikad("once", "--no-plan").code == 0


def test_a_new_login_heals_a_revoked_one(fikad: Fikad) -> None:
    with GoogleServer() as server:
        google(fikad, server)
        browse(fikad)
        fikad("once", "--no-plan")
        server.revoke()
        assert fikad("once", "--no-plan").code == 11
        assert browse(fikad).code == 0
        assert fikad("once", "--no-plan").code == 0


def test_a_box_that_was_unticked_is_named_and_nothing_is_kept(fikad: Fikad) -> None:
    with GoogleServer() as server:
        google(fikad, server)
        server.unticked = {HOLD_SCOPE}
        ran = browse(fikad)
    assert ran.code == 11
    assert "calendar.app.created" in ran.err
    assert not (fikad.folder / "token.json").exists()


def test_free_busy_is_asked_for_only_where_somebody_has_it(fikad: Fikad) -> None:
    wanted = '[[contacts]]\nname = "Jane Doe"\nemails = ["jane@example.com"]\nfree_busy = true\n'
    with GoogleServer() as server:
        google(fikad, server)
        assert browse(fikad).code == 0
        assert FREE_BUSY_SCOPE not in scopes(fikad)
        google(fikad, server, wanted)
        told = {row["thing"]: row for row in fikad("check", "--json").json["rows"]}
        assert told["free/busy of work"]["state"] == "warning"
        assert "fikad auth work" in told["free/busy of work"]["next"]
        assert browse(fikad).code == 0
        assert FREE_BUSY_SCOPE in scopes(fikad)
        told = {row["thing"]: row for row in fikad("check", "--json").json["rows"]}
        assert told["free/busy of work"]["state"] == "ok"


def test_only_what_is_needed_is_asked_for(fikad: Fikad) -> None:
    other = '[holds]\naccount = "files"\n[accounts.files]\ntype = "files"\npath = "x"\n'
    with GoogleServer() as server:
        google(fikad, server, other)
        assert browse(fikad).code == 0
        assert HOLD_SCOPE not in scopes(fikad)
        assert browse(fikad, "--own-calendar").code == 0
        assert scopes(fikad) >= {HOLD_SCOPE, NAMED_SCOPE}


SHARED = '[addressbooks.friends]\ntype = "google"\naccount = "work"\n'


def test_contacts_are_asked_for_only_where_an_address_book_shares_the_login(fikad: Fikad) -> None:
    with GoogleServer() as server:
        server.people.add_label("Fika")
        google(fikad, server)
        assert browse(fikad).code == 0
        assert CONTACTS_SCOPE not in scopes(fikad)
        for name in ("work", "friends"):
            google(fikad, server, SHARED)
            (fikad.folder / "token.json").unlink()
            ran = browse(fikad, name=name)
            assert (ran.code, ran.err) == (0, "")
            assert "Fika" in ran.out
            assert scopes(fikad) == {*READ_SCOPES, HOLD_SCOPE, CONTACTS_SCOPE}


def test_an_address_book_with_a_login_of_its_own_asks_for_contacts_alone(fikad: Fikad) -> None:
    with GoogleServer() as server:
        google(fikad, server)
        fikad.configure(
            fikad.config.read_text().replace("[accounts.work]", "[addressbooks.friends]")
        )
        ran = browse(fikad, name="friends")
        assert (ran.code, ran.err) == (0, "")
        assert scopes(fikad) == {CONTACTS_SCOPE}
        assert fikad("auth", "friends", "--own-calendar").code == 2


def test_nobody_answering_ends_the_waiting(fikad: Fikad) -> None:
    with GoogleServer() as server:
        google(fikad, server)
        ran = fikad("auth", "work", "--no-browser", "--timeout", "1")
    assert ran.code == 11
    assert "no answer within" in ran.err


def test_without_a_keyring_the_browser_is_not_even_opened(fikad: Fikad) -> None:
    with GoogleServer() as server:
        google(fikad, server)
        fikad.configure(
            fikad.config.read_text().replace('{ file = "token.json" }', "{ keyring = true }")
        )
        ran = fikad("auth", "work")
        assert server.counts["auth"] == 0
    assert (ran.code, ran.out) == (11, "")
