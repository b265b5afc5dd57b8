"""`--verbose`, on a real Radicale, a strict Google server and a folder of files: every request and
every decision is shown, and nothing that is a secret or that somebody else wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.connectors import servers
from tests.connectors.google.server import Fault, GoogleServer
from tests.daemon.cli.daemon_process import daemon
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, Ran, days_ago, event, with_guests
from tests.waiting import until

PASSWORD = "correct-horse-battery"
TITLES = ("Zebra counting", "Walrus parade", "Ferret council")
STRANGER = "zoe.stranger@example.net"


@dataclass
class House:
    """Sam's three accounts, with titles and a guest that nobody must see."""

    fikad: Fikad
    google: GoogleServer
    radicale: servers.RadicaleServer
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    fikad = Fikad(tmp_path_factory.mktemp("verbose"))
    with GoogleServer(page_size=50) as google, servers.radicale(htpasswd=True) as home:
        yield _furnished(fikad, google, home)


def _furnished(fikad: Fikad, google: GoogleServer, home: servers.RadicaleServer) -> House:
    guests = with_guests("jane@example.org", STRANGER)
    calendar = servers.make_calendar(
        f"{home.add_user('sam', PASSWORD)}personal/", "Capybara plans", home.auth("sam")
    )
    for uid, title, who in (
        ("zebra-counting", TITLES[0], guests),
        ("jane", "Coffee", with_guests("jane@example.org")),
    ):
        text = event(uid, title, days_ago(40), 60, *who)
        servers.put(f"{calendar}{uid}.ics", text, home.auth("sam"))
    google.store.add_event("sam@example.com", summary=TITLES[1], **_times(days_ago(50)))
    files = fikad.folder / "files"
    files.mkdir()
    (files / "council.ics").write_text(event("council", TITLES[2], days_ago(3), 60, *guests))
    token = fikad.folder / "token.json"
    token.touch(mode=0o600)
    granted = google.grant()
    token.write_text(json.dumps(granted))
    client = google.write_client(fikad.folder)
    fikad.configure(
        ALWAYS
        + f'[accounts.work]\ntype = "google"\nclient_secrets = "{client}"\n'
        + f'endpoint = "{google.address}"\ntoken = {{ file = "{token}" }}\n'
        + f'[accounts.home]\ntype = "caldav"\nurl = "{home.url}"\nusername = "sam"\n'
        + f'password = {{ command = ["echo", "{PASSWORD}"] }}\n'
        + f'[accounts.disk]\ntype = "files"\npath = "{files}"\n'
        + '[holds]\naccount = "home"\n'
        + CONTACTS
    )
    secrets = (granted["refresh_token"], granted.get("token", ""), granted["client_secret"])
    return House(fikad, google, home, tuple(filter(None, secrets)))


def _times(start: datetime) -> dict[str, Any]:
    end = start.replace(hour=start.hour + 1)
    return {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": end.isoformat()}}


def unseen(house: House, shown: str) -> None:
    """Nothing that nobody must see is in it."""
    hidden = (*house.secrets, PASSWORD, *TITLES, STRANGER, "Zoe", "Capybara", "zebra", "council")
    access = json.loads((house.fikad.folder / "token.json").read_text()).get("token", "")
    for word in (*hidden, *filter(None, [access]), "Authorization", "Bearer", "Basic", "?", "@"):
        assert word.lower() not in shown.lower(), word


def lines(ran: Ran, kind: str) -> list[str]:
    start = f"fikad: {kind} "
    return [line.removeprefix(start) for line in ran.err.splitlines() if line.startswith(start)]


@pytest.fixture(scope="module")
def first(house: House) -> Ran:
    house.google.plan("events.list", Fault(503))
    ran = house.fikad("--verbose", "once")
    assert ran.code == 0, ran.err
    return ran


def test_each_request_is_shown_with_its_method_path_status_time_and_bytes(
    house: House, first: Ran
) -> None:
    requests = [line for line in first.err.splitlines() if line.startswith("fikad: request: ")]
    host = house.radicale.url.removeprefix("http://").rstrip("/")
    asked = [line.removeprefix("fikad: request: ") for line in requests]
    assert any(line.startswith(f"PROPFIND {host}/sam/: 207, ") for line in asked), asked
    assert any(line.startswith(f"REPORT {host}/sam/personal/: 207, ") for line in asked)
    assert any(line.startswith("google calendar.events.list: 200, ") for line in asked)
    assert any(line.startswith("PUT ") and f"{host}/sam/" in line for line in asked)
    assert all(" bytes, " in line and " ms" in line for line in asked)


def test_a_request_that_is_sent_again_is_shown_as_such(first: Ran) -> None:
    asked = [line for line in first.err.splitlines() if "calendar.events.list" in line]
    assert [": 503, " in line for line in asked[:2]] == [True, False]
    assert asked[1].endswith(", attempt 2")


def test_each_decision_on_a_contact_is_shown_with_its_code(first: Ran) -> None:
    decided = {line.partition(":")[0]: line.partition(": ")[2] for line in lines(first, "contact")}
    assert set(decided) == {"Jane Doe", "Omar Haddad"}
    assert decided["Jane Doe"].startswith("proposed for ")
    assert "due" in decided["Jane Doe"]


def test_how_each_account_was_read_is_shown(first: Ran) -> None:
    read = lines(first, "account")
    assert {line.partition(":")[0] for line in read} == {"home", "work", "disk"}
    assert all(": ok, " in line for line in read)


def test_each_decision_on_a_hold_is_shown_with_its_states_and_its_row(
    house: House, first: Ran
) -> None:
    again = house.fikad("once", "--verbose")
    kept = lines(again, "hold")
    assert kept, again.err
    assert all(line.endswith(": proposed -> proposed (as written)") for line in kept)
    unseen(house, again.err)


def test_nothing_secret_and_nothing_strange_is_shown(house: House, first: Ran) -> None:
    unseen(house, first.err)
    refused = house.fikad("--verbose", "check")
    assert "request: HEAD " in refused.err
    unseen(house, refused.err)


def test_what_is_printed_is_the_same_with_it_and_without(house: House, first: Ran) -> None:
    for words in (("once", "--dry-run", "--json"), ("status", "--json"), ("once", "--dry-run")):
        plain, verbose = house.fikad(*words), house.fikad(*words, "--verbose")
        assert (verbose.code, verbose.out) == (plain.code, plain.out)
        assert "request:" not in plain.err


@pytest.mark.parametrize(
    "words",
    [("config", "schema", "--verbose"), ("config", "--verbose", "check"), ("--verbose", "report")],
)
def test_every_command_takes_it(house: House, first: Ran, words: tuple[str, ...]) -> None:
    assert house.fikad(*words).code == 0


def test_the_daemon_shows_what_its_workers_ask_and_decide(house: House, first: Ran) -> None:
    with daemon(house.fikad, options=("--verbose",)) as running:
        until(lambda: "hold " in running.said and "events.list" in running.said)
        said = running.said
    assert "request: PROPFIND " in said
    assert ": proposed -> proposed (as written)" in said
    unseen(house, said)
