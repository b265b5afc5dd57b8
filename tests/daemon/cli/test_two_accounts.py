"""A Google account and a CalDAV account in one config: each on its real or strict server, holds in
either."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.connectors import servers
from tests.connectors.google.server import Fault, GoogleServer
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with GoogleServer(page_size=50) as server:
        yield server
    assert server.violations == []


class Both:
    """Sam's two accounts: Jane was met 40 days ago (CalDAV), Omar 50 days ago (Google)."""

    def __init__(self, google: GoogleServer, home: servers.RadicaleServer, fikad: Fikad) -> None:
        self.google, self.home, self.fikad = google, home, fikad
        self.personal = servers.make_calendar(
            f"{home.add_user('sam')}personal/", "Personal", home.auth("sam")
        )
        text = event("jane", "Coffee", days_ago(40), 60, *with_guests("jane@example.org"))
        servers.put(f"{self.personal}jane.ics", text, home.auth("sam"))
        google.store.add_event(
            "sam@example.com",
            summary="Lunch",
            **_times(days_ago(50)),
            organizer={"email": "sam@example.com", "self": True},
            attendees=[
                {"email": "sam@example.com", "self": True, "responseStatus": "accepted"},
                {"email": "omar@example.org", "responseStatus": "accepted"},
            ],
        )
        self.client = google.write_client(fikad.folder)
        self.token = fikad.folder / "token.json"
        self.login()

    def login(self) -> None:
        self.token.touch(mode=0o600)
        self.token.write_text(json.dumps(self.google.grant()))

    def configure(self, holds: str) -> None:
        self.fikad.configure(
            ALWAYS
            + f'[accounts.work]\ntype = "google"\nclient_secrets = "{self.client}"\n'
            + f'endpoint = "{self.google.address}"\n'
            + f'token = {{ file = "{self.token}" }}\n'
            + f'[accounts.home]\ntype = "caldav"\nurl = "{self.home.url}"\nusername = "sam"\n'
            + 'password = { command = ["echo", "any"] }\n'
            + f'[holds]\naccount = "{holds}"\n'
            + CONTACTS
        )

    def holds(self) -> dict[str, list[Any]]:
        facts: dict[str, list[Any]] = self.fikad("once", "--json").json["holds"]
        return {word: listed for word, listed in facts.items() if listed}

    def in_google(self) -> list[dict[str, Any]]:
        ids = [
            key for key, calendar in self.google.store.calendars.items() if calendar.name == "Fikad"
        ]
        return [event for key in ids for event in self.google.store.live_events(key)]


def _times(start: datetime) -> dict[str, Any]:
    end = start.replace(hour=start.hour + 1)
    return {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": end.isoformat()}}


@pytest.fixture
def both(google: GoogleServer, tmp_path: Path) -> Iterator[Both]:
    with servers.radicale() as home:
        yield Both(google, home, Fikad(tmp_path))


def test_meetings_of_both_count_and_holds_go_to_google(both: Both) -> None:
    both.configure("work")
    ran = both.fikad("once", "--json")
    assert ran.code == 0, ran.err
    assert {meeting["contact"] for meeting in ran.json["met"]} == {"Jane Doe", "Omar Haddad"}
    proposed = ran.json["holds"]["proposed"]
    assert {hold["contact"] for hold in proposed} == {"Jane Doe", "Omar Haddad"}
    written = both.in_google()
    assert {event["id"] for event in written} == {event["uid"] for event in proposed}
    for stored in written:
        assert (stored["status"], stored["transparency"], stored["visibility"]) == (
            "tentative",
            "transparent",
            "private",
        )
        assert "attendees" not in stored
    assert both.holds() == {}


def test_holds_go_to_caldav_when_the_config_says_so(both: Both) -> None:
    both.configure("home")
    assert len(both.holds()["proposed"]) == 2
    assert both.in_google() == []
    assert both.holds() == {}


def test_a_pass_without_changes_asks_each_google_calendar_once(both: Both) -> None:
    both.configure("work")
    both.fikad("once")
    both.fikad("once")
    before = both.google.counts.copy()
    ran = both.fikad("once", "--json").json
    counts = both.google.counts - before
    calendars = next(account for account in ran["accounts"] if account["name"] == "work")[
        "calendars"
    ]
    assert dict(counts) == {"events.list": len(calendars)}


def test_the_answers_given_in_google_are_understood(both: Both) -> None:
    both.configure("work")
    first, second = both.holds()["proposed"]
    place = next(
        key for key, calendar in both.google.store.calendars.items() if calendar.name == "Fikad"
    )
    both.google.store.change_event(place, first["uid"], summary=first["title"].rstrip("?"))
    both.google.store.delete_event(place, second["uid"])
    answered = both.holds()
    assert [hold["uid"] for hold in answered["accepted"]] == [first["uid"]]
    assert [hold["uid"] for hold in answered["dismissed"]] == [second["uid"]]
    assert both.holds() == {}


def test_a_hold_deleted_in_google_stays_deleted_when_the_ledger_is_lost(both: Both) -> None:
    both.configure("work")
    first, second = both.holds()["proposed"]
    place = next(
        key for key, calendar in both.google.store.calendars.items() if calendar.name == "Fikad"
    )
    both.google.store.delete_event(place, first["uid"])
    for file in both.fikad.state.iterdir():
        file.unlink()
    both.holds()
    both.holds()
    assert [event["id"] for event in both.in_google()] == [second["uid"]]


@pytest.mark.parametrize(
    "fault",
    [Fault(applied=True), Fault(), Fault(503), Fault(429, "rateLimitExceeded")],
    ids=["lost", "cut", "503", "429"],
)
def test_a_fault_while_inserting_leads_to_exactly_one_hold_each(both: Both, fault: Fault) -> None:
    both.configure("work")
    both.google.plan("events.insert", fault)
    both.fikad("once")
    both.fikad("once")
    assert len(both.in_google()) == 2


def test_a_revoked_token_parks_that_account_and_a_new_login_heals_it(both: Both) -> None:
    both.configure("work")
    both.fikad("once", "--no-plan")
    both.google.revoke()
    both.google.expire_access_tokens()
    ran = both.fikad("once", "--json")
    assert ran.code == 11
    assert {account["name"]: account["state"] for account in ran.json["accounts"]} == {
        "work": "auth",
        "home": "ok",
    }
    assert "fikad auth work" in ran.json["accounts"][0]["message"]
    assert not any(ran.json["holds"].values())
    both.login()
    assert both.fikad("once", "--json").code == 0


def test_nothing_of_google_is_imported_without_a_google_account(tmp_path: Path) -> None:
    fikad = Fikad(tmp_path)
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "one.ics").write_text(
        event("one", "Coffee with Jane Doe", days_ago(3))
    )
    fikad.configure(ALWAYS + '[accounts.home]\ntype = "files"\npath = "calendars"\n' + CONTACTS)
    ran = fikad("once", "--no-plan", PYTHONVERBOSE="1")
    assert ran.code == 0
    assert "import 'connectors.files.account'" in ran.err
    assert "googleapiclient" not in ran.err
