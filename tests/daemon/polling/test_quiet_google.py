"""A poll at Google that asks before it loads: where its tokens bring nothing it starts no pass, and
whatever else they bring, or fail to bring, starts one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.cycle.report import Report
from daemon.overview.once import once_facts
from daemon.service import worker
from daemon.service.job import Job
from tests.connectors.google.server import CONTACTS_SCOPE, LEAST_SCOPES, Fault, GoogleServer
from tests.daemon.cli.running import days_ago
from tests.daemon.polling.home import Home

CONFIG = """
timezone = "Europe/Berlin"
me = ["sam@example.com"]
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
EVENTS, PEOPLE, LABELS = "events.list", "people.connections.list", "contactGroups.list"


@dataclass(kw_only=True)
class AtGoogle(Home):
    """With a calendar and contacts at Google."""

    server: GoogleServer
    lunch: str
    """An event."""
    fika: str
    """A label."""
    jane: str

    def poll(self, *, plan: bool = False) -> tuple[bool, Report]:
        self.server.counts.clear()
        return super().poll(plan=plan)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[AtGoogle]:
    with GoogleServer() as server:
        server.write_client(tmp_path)
        (tmp_path / "token.json").touch(0o600)
        grant = server.grant((*LEAST_SCOPES, CONTACTS_SCOPE))
        (tmp_path / "token.json").write_text(json.dumps(grant))
        (tmp_path / "config.toml").write_text(CONFIG.format(endpoint=server.endpoint))
        start = days_ago(-5, 12)
        lunch = server.store.add_event(server.store.owner, summary="Dentist", **hour_from(start))
        fika = server.people.add_label("Fika")
        jane = server.people.add_person("Jane Doe", [fika])
        yield AtGoogle(folder=tmp_path, server=server, lunch=lunch, fika=fika, jane=jane)


def hour_from(start: datetime) -> dict[str, dict[str, str]]:
    end = start + timedelta(hours=1)
    return {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": end.isoformat()}}


def test_a_poll_without_news_asks_google_once_for_each_and_starts_no_pass(home: AtGoogle) -> None:
    home.settle()
    with home.ledger() as ledger:
        ledger.put("quiet", "")
    passed, whole = home.poll()
    assert passed
    assert home.server.counts == {EVENTS: 1, PEOPLE: 1}, "a pass costs no more"
    for _ in range(2):
        home.now += timedelta(minutes=15)
        passed, report = home.poll()
        assert not passed
        assert home.server.counts == {EVENTS: 1, PEOPLE: 1}
        facts, as_before = once_facts(report, UTC), once_facts(whole, UTC)
        for key in ("accounts", "addressbooks", "problems"):
            assert facts[key] == as_before[key]
        with home.ledger() as ledger:
            [account], [book] = ledger.accounts().values(), ledger.address_books().values()
            assert (account.last_success, book.last_success) == (home.now, home.now)


NEWS: dict[str, Callable[[AtGoogle], object]] = {
    "an event comes": lambda home: home.server.store.add_event(
        home.server.store.owner, summary="Tea", **hour_from(days_ago(-6, 12))
    ),
    "an event goes": lambda home: home.server.store.delete_event(
        home.server.store.owner, home.lunch
    ),
    "somebody comes": lambda home: home.server.people.add_person("Omar Haddad", [home.fika]),
    "somebody goes": lambda home: home.server.people.delete_person(home.jane),
    "a calendar's token is gone": lambda home: home.server.store.expire_sync_tokens(),
    "the contacts' token is gone": lambda home: home.server.people.expire_sync_tokens(),
    "the calendar is refused": lambda home: home.server.plan(EVENTS, Fault(403, "forbidden")),
    "the answer is no list": lambda home: home.server.plan(EVENTS, Fault(200, body=b"{}")),
    "the answer is not whole": lambda home: home.server.plan(
        EVENTS, Fault(200, body=b'{"items": [], "nextPageToken": "more"}')
    ),
    "the contacts are refused": lambda home: home.server.plan(PEOPLE, Fault(403, "forbidden")),
    "the grant was taken back": lambda home: home.server.revoke(),
}


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS.keys())
def test_whatever_is_not_plainly_nothing_starts_a_pass(
    home: AtGoogle, news: Callable[[AtGoogle], object]
) -> None:
    home.settle()
    news(home)
    passed, _ = home.poll()
    assert passed


def test_news_are_asked_for_once_although_the_poll_asked_before_the_pass(home: AtGoogle) -> None:
    home.settle()
    NEWS["an event comes"](home)
    passed, report = home.poll()
    assert passed
    assert [reading.changed for reading in report.readings] == [1]
    assert home.server.counts == {EVENTS: 1, PEOPLE: 1}
    home.settle()


def test_a_label_that_got_another_name_is_found_within_the_hour(home: AtGoogle) -> None:
    club = home.server.people.add_label("Book club")
    home.settle()
    home.server.people.rename_label(club, "Readers")
    home.now += timedelta(minutes=61)
    passed, _ = home.poll()
    assert passed
    with home.ledger() as ledger:
        assert "Readers" in {card.name for cards in ledger.cards("friends") for card in cards}


def test_labels_that_are_the_same_after_an_hour_start_no_pass(home: AtGoogle) -> None:
    home.settle()
    home.now += timedelta(minutes=61)
    assert not home.poll()[0]
    asked = home.server.counts
    assert asked.keys() == {EVENTS, PEOPLE, LABELS, "calendarList.list"}
    assert (asked[EVENTS], asked[PEOPLE]) == (1, 1)


def test_all_is_read_again_once_a_day(home: AtGoogle) -> None:
    home.settle()
    home.now += timedelta(days=1, minutes=1)
    passed, _ = home.poll()
    assert passed


def test_what_a_pass_read_before_it_died_is_not_taken_for_nothing(
    home: AtGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.settle()
    NEWS["an event comes"](home)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("daemon.ledger.ledger.Ledger.finish_reading", die)
        with pytest.raises(KeyboardInterrupt):
            home.poll()
    passed, report = home.poll()
    assert passed
    assert [reading.changed for reading in report.readings] == [1]


def test_no_secret_of_google_s_is_in_what_is_remembered(home: AtGoogle) -> None:
    home.settle()
    token = json.loads((home.folder / "token.json").read_text())
    with home.ledger() as ledger:
        kept = ledger.get("quiet") or ""
    assert "google" in kept
    for secret in ("refresh_token", "token", "client_secret"):
        assert token[secret] not in kept


def test_the_daemon_s_access_token_is_taken_over_by_its_quiet_polls(home: AtGoogle) -> None:
    """A keyring keeps no access token: what one poll got, in memory, the next one has."""
    secret = home.folder / "refresh"
    secret.write_text(json.loads((home.folder / "token.json").read_text())["refresh_token"])
    config = home.folder / "config.toml"
    command = f'token = {{ command = ["cat", "{secret}"] }}'
    config.write_text(config.read_text().replace('token = { file = "token.json" }', command))
    kept, state = home.folder / "in-force.toml", home.folder / "state"
    kept.write_text(config.read_text())
    sessions: Mapping[str, dict[str, Any]] = {}
    asked = dict[str, int]()
    for _ in range(4):
        home.server.counts.clear()
        due = datetime.now(UTC).isoformat()
        job = Job("pass", str(config), str(state), str(kept), ("poll",), due, {}, sessions)
        result = worker.run(job)
        assert result.failed is None
        sessions, asked = json.loads(json.dumps(result.sessions)), dict(home.server.counts)
    with home.ledger() as ledger:
        assert ledger.get("quiet"), "these are quiet polls"
    assert asked == {EVENTS: 1, PEOPLE: 1}
