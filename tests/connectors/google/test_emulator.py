"""A smoke test with somebody else's idea of Google: the npm package `emulate`, for consent, tokens
and listing.

Its calendar is small: it knows no sync token, so a list of events from it is half an answer, and
has to be refused as one. Skipped where there is no Node or where the package can't be had."""

from __future__ import annotations

import html.parser
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.base import KnownResources
from connectors.errors import UnreadableError
from connectors.google.account import GoogleAccount
from connectors.google.auth import wanted_scopes
from connectors.google.consent import authorize
from connectors.google.events import event_text
from connectors.ical.occurrences import expand
from tests.connectors.google.an_account import NOW
from tests.connectors.google.server import Kept
from tests.connectors.google.test_events import BERLIN, END, START
from tests.waiting import until

VERSION = "0.11.2"
CLIENT = {"client_id": "fikad.apps.googleusercontent.com", "client_secret": "client-secret"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("node") or not shutil.which("npm"), reason="needs Node and npm"
    ),
]


@dataclass
class Emulator:
    address: str
    client: Path
    redirect_port: int


def installed() -> Path:
    """The emulator's program, installed once per machine, outside the repository."""
    folder = Path(tempfile.gettempdir()) / f"fikad-tests-emulate-{VERSION}-{os.getuid()}"
    program = folder / "node_modules" / "emulate" / "dist" / "index.js"
    if not program.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        command = [
            "npm",
            "install",
            "--prefix",
            str(folder),
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]
        home = {"HOME": pwd.getpwuid(os.getuid()).pw_dir}
        try:
            subprocess.run(
                [*command, f"emulate@{VERSION}"],
                env={**os.environ, **home},
                capture_output=True,
                check=True,
                timeout=120,
            )
        except (subprocess.SubprocessError, OSError):
            pytest.skip(f"emulate@{VERSION} can't be installed")
    return program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seed(redirect_port: int) -> dict[str, object]:
    times = {
        "start_date_time": "2026-11-25T09:00:00.000Z",
        "end_date_time": "2026-11-25T10:00:00.000Z",
    }
    owner = {"user_email": "sam@example.com"}
    return {
        "google": {
            "users": [{"email": "sam@example.com", "name": "Sam"}],
            "oauth_clients": [
                {**CLIENT, "name": "fikad", "redirect_uris": [f"http://127.0.0.1:{redirect_port}/"]}
            ],
            "calendars": [
                {
                    "id": "sam@example.com",
                    "summary": "Sam",
                    "primary": True,
                    "time_zone": "UTC",
                    **owner,
                }
            ],
            "calendar_events": [
                {
                    "id": "evt1",
                    "calendar_id": "sam@example.com",
                    "summary": "Lunch with Jane",
                    **times,
                    **owner,
                }
            ],
        }
    }


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    program, port, redirect_port = installed(), free_port(), free_port()
    config = tmp_path / "seed.json"
    config.write_text(json.dumps(seed(redirect_port)))
    address = f"http://127.0.0.1:{port}"
    client = tmp_path / "client_secret.json"
    uris = {"auth_uri": f"{address}/o/oauth2/v2/auth", "token_uri": f"{address}/oauth2/token"}
    client.write_text(json.dumps({"installed": {**CLIENT, **uris}}))
    command = [
        "node",
        str(program),
        "start",
        "--service",
        "google",
        "--port",
        str(port),
        "--seed",
        str(config),
    ]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(process, port)
        yield Emulator(address, client, redirect_port)
    finally:
        process.kill()
        process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    def answers() -> bool:
        assert process.poll() is None, "the emulator did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    until(answers)


class _Form(html.parser.HTMLParser):
    """The hidden fields of the page on which the user chooses an account."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""


def test_consent_tokens_and_listing_work_with_an_emulator_that_is_not_ours(
    emulator: Emulator,
) -> None:
    def sign_in() -> None:
        with urllib.request.urlopen(addresses[0], timeout=60) as page:
            form = _Form(page.read().decode())
        callback = f"{emulator.address}/o/oauth2/v2/auth/callback"
        urllib.request.urlopen(
            callback, urllib.parse.urlencode(form.fields).encode(), timeout=60
        ).close()

    addresses: list[str] = []
    user = threading.Thread(target=sign_in)

    def told(address: str) -> None:
        addresses.append(address)
        user.start()

    token = authorize(
        emulator.client, wanted_scopes(holds=True), False, told, 20, emulator.redirect_port
    )
    user.join(10)
    del token["token"], token["expiry"]  # so that the refresh token is used too
    account = GoogleAccount("work", emulator.client, Kept(token), f"{emulator.address}/", {})
    [calendar] = account.calendars(NOW)
    assert account.addresses() == {"sam@example.com"}

    items = account._calls.execute(
        account._calls.collection("events").list(calendarId=calendar.id)
    )["items"]
    texts = [event_text(item, zone="UTC", mine=True) for item in items]
    [occurrence] = expand(texts, START, END, BERLIN, trusted=True).occurrences
    assert (occurrence.title, occurrence.start.isoformat()) == (
        "Lunch with Jane",
        "2026-11-25T09:00:00+00:00",
    )

    with pytest.raises(UnreadableError, match="breaks off"):
        list(calendar.changes(None, KnownResources()))
    account.close()
