"""A desktop's keyring seen through a running daemon: missing, locked, hanging and back, without a
restart."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import CredentialsError
from connectors.secrets import SecretSource, store_secret
from tests.connectors import servers
from tests.connectors.secret_service import Session, leave_session, secret_service
from tests.daemon.cli.daemon_process import Daemon, daemon
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc")
PASSWORD = b"opens the keyring"
SECRET = "hunter2"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Session]:
    leave_session(monkeypatch, tmp_path)
    with secret_service(tmp_path) as session:
        yield session


@pytest.fixture
def fikad(tmp_path: Path, session: Session) -> Iterator[Fikad]:
    """An account whose password is in the keyring, before one that needs none; both are read every
    second."""
    fikad = Fikad(tmp_path)
    (tmp_path / "calendars" / "Personal").mkdir(parents=True)
    often = ALWAYS.replace("[rhythm]", '[rhythm]\npoll = "1 second"')
    with servers.radicale(htpasswd=True) as server:
        server.add_user("sam", SECRET)
        personal = servers.make_calendar(
            f"{server.home('sam')}personal/", "Personal", server.auth("sam")
        )
        met = event("a", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
        servers.put(f"{personal}a.ics", met, server.auth("sam"))
        account = f'[accounts.dav]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
        account += "password = { keyring = true }\n"
        fikad.configure(
            f'{often}\n{account}[accounts.disk]\ntype = "files"\npath = "calendars"\n{CONTACTS}'
        )
        yield fikad


def keep_the_password() -> None:
    """As `fikad auth` does, once the keyring is open."""

    def kept() -> bool:
        try:
            store_secret(SecretSource("keyring"), "dav", SECRET)
        except CredentialsError:
            return False
        return True

    until(kept)


def told(fikad: Fikad) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """The exit code of `fikad status`, and what it tells of the two accounts."""
    status = fikad("status", "--json")
    dav, disk = status.json["accounts"]
    return status.code, dav, disk


def says(fikad: Fikad, words: str) -> bool:
    code, dav, _ = told(fikad)
    return code == 1 and dav["state"] == "auth" and words in dav["message"]


def assert_the_other_is_read_on(fikad: Fikad) -> None:
    before = told(fikad)[2]["last_success"]
    until(lambda: told(fikad)[2]["last_success"] > before)
    assert told(fikad)[2]["state"] == "ok"


def assert_well(fikad: Fikad, running: Daemon) -> None:
    """Everything is read again, by the process that was there all the time."""
    until(lambda: told(fikad)[0] == 0, what=lambda: f"{told(fikad)} {running.said}")
    status = fikad("status", "--json").json
    assert status["daemon"]["pid"] == running.process.pid
    assert {contact["name"]: contact["last_met"] for contact in status["contacts"]}["Jane Doe"]


def test_without_a_keyring_it_says_so_and_begins_to_read_when_one_appears(fikad, session):
    with daemon(fikad, tick_seconds=1) as running:
        until(
            lambda: says(fikad, "no keyring"),
            what=lambda: f"{told(fikad)} {running.said}",
        )
        assert_the_other_is_read_on(fikad)
        session.start_bus()
        session.unlock(PASSWORD)
        keep_the_password()
        assert_well(fikad, running)
        assert running.said.count("no keyring") == 1, "told once"


def test_a_keyring_that_is_locked_from_the_start_or_later_is_told_and_survived(fikad, session):
    session.start_bus()
    session.unlock(PASSWORD)
    keep_the_password()
    session.lock()
    with daemon(fikad, tick_seconds=1) as running:
        until(
            lambda: says(fikad, "locked"),
            what=lambda: f"{told(fikad)} {running.said}",
        )
        until(lambda: told(fikad)[1]["retry"])
        retry = datetime.fromisoformat(told(fikad)[1]["retry"])
        assert retry < datetime.now(UTC) + timedelta(seconds=5), (
            "a keyring is asked again at the next poll"
        )
        assert_the_other_is_read_on(fikad)
        session.unlock(PASSWORD)
        assert_well(fikad, running)
        session.lock()
        until(lambda: says(fikad, "locked"))
        session.unlock(PASSWORD)
        assert_well(fikad, running)


def test_a_keyring_that_answers_nobody_is_told_and_holds_up_nothing_else(fikad, session):
    session.start_bus()
    session.unlock(PASSWORD)
    keep_the_password()
    session.hang(hanging=True)
    with daemon(fikad, tick_seconds=1) as running:
        running.ready()
        until(
            lambda: says(fikad, "did not answer"),
            what=lambda: f"{told(fikad)} {running.said}",
        )
        until(lambda: told(fikad)[2]["state"] == "ok")
        assert running.manager.listen().count("WATCHDOG=1") > 3, "the loop goes on"
        session.hang(hanging=False)
        assert_well(fikad, running)
