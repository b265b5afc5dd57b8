"""Google Contacts as a pass reads them: what a poll costs, and what never takes anybody away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.address_book import AddressBookAccount
from daemon.address_books.book_reading import BookReading
from daemon.address_books.known import contacts_of
from daemon.config.schema import load
from daemon.cycle.books import read_address_books
from daemon.google_logins import google_login
from daemon.ledger.ledger import Ledger
from daemon.opening import open_contacts
from tests.connectors.google.server import CONTACTS_SCOPE, LEAST_SCOPES, GoogleServer
from tests.daemon.cli.running import Fikad
from tests.daemon.world import SUNDAY, new_ledger

CONFIG = """
[accounts.work]
type = "google"
client_secrets = "client_secret.json"
token = {{ file = "token.json" }}
endpoint = "{endpoint}"
[circles.council]
cadence = "1 month"
[addressbooks.friends]
type = "google"
account = "work"
circles = {{ Fika = "council" }}
"""


@dataclass
class Daemon:
    """A daemon that polls every 15 minutes, each time in a new process."""

    folder: Path
    server: GoogleServer
    ledger: Ledger
    now: datetime = SUNDAY

    def grant(self, *scopes: str) -> None:
        path = self.folder / "token.json"
        path.touch(0o600)
        path.write_text(json.dumps(self.server.grant(scopes)), encoding="utf-8")

    def poll(self) -> BookReading:
        self.now += timedelta(minutes=15)
        [reading] = read_address_books(
            load(self.folder / "config.toml"), self.ledger, self._open, self.now
        )
        return reading

    def _open(self, name: str) -> AddressBookAccount:
        login = google_login(load(self.folder / "config.toml"), name)
        assert login is not None
        known = self.ledger.address_books().get(name)
        return open_contacts(name, login, known.memo if known else None)

    def names(self) -> set[str]:
        contacts = contacts_of(load(self.folder / "config.toml"), self.ledger)
        return {contact.name for contact in contacts}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with GoogleServer(page_size=250) as server, new_ledger() as ledger:
        server.write_client(tmp_path)
        (tmp_path / "config.toml").write_text(CONFIG.format(endpoint=server.endpoint))
        fika = server.people.add_label("Fika")
        for number in range(6):
            server.people.add_person(f"Friend {number}", [fika])
        server.people.add_person("Colleague")
        daemon = Daemon(tmp_path, server, ledger)
        daemon.grant(*LEAST_SCOPES, CONTACTS_SCOPE)
        yield daemon


FRIENDS = {f"Friend {number}" for number in range(6)}


def test_a_quiet_poll_costs_one_request_for_the_contacts(daemon: Daemon) -> None:
    assert daemon.poll().state == "ok"
    assert daemon.names() == FRIENDS
    assert [daemon.poll().requests for _ in range(3)] == [1, 1, 1]
    assert daemon.poll().requests == 2, "an hour is over: the labels are asked for as well"
    assert daemon.poll().requests == 1


def test_every_command_asks_no_more_than_that(daemon: Daemon) -> None:
    fikad = Fikad(daemon.folder)
    costs = []
    for _ in range(2):
        daemon.server.counts.clear()
        assert fikad("once", "--no-plan").code == 0
        costs.append(dict(daemon.server.counts))
    assert costs[1] == {"people.connections.list": 1, "events.list": 1}
    shown = json.loads(fikad("status", "--json").out)
    assert {contact["name"] for contact in shown["contacts"]} == FRIENDS


def test_a_grant_without_contacts_is_said_and_takes_nobody_away(daemon: Daemon) -> None:
    daemon.poll()
    daemon.grant(*LEAST_SCOPES)
    reading = daemon.poll()
    assert (reading.state, daemon.names()) == ("auth", FRIENDS)
    assert reading.message.endswith("run `fikad auth work` and allow it")
    daemon.grant(*LEAST_SCOPES, CONTACTS_SCOPE)
    assert daemon.poll().state == "ok"


def test_contacts_that_suddenly_are_gone_take_nobody_away(daemon: Daemon) -> None:
    daemon.poll()
    daemon.server.people.clear()
    reading = daemon.poll()
    assert (reading.state, daemon.names()) == ("suspect", FRIENDS)


def test_somebody_linked_with_a_profile_stays_one_contact(daemon: Daemon) -> None:
    daemon.poll()
    before = daemon.ledger.cards("friends")
    for person in list(daemon.server.people.people):
        daemon.server.people.link_with_profile(person)
    assert daemon.poll().state == "ok"
    after = daemon.ledger.cards("friends")
    assert {card.uid for book in before for card in book} == {
        card.uid for book in after for card in book
    }
    assert daemon.names() == FRIENDS
