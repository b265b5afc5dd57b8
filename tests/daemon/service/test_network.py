"""A network that fails and comes back, seen through a running daemon: nobody has to do anything."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.connectors import servers
from tests.connectors.servers import Exchange, Lost, RadicaleServer, Wire
from tests.daemon.cli.daemon_process import daemon
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc")

FIRST_WAIT = 1
"""Seconds; users wait a minute for a first new try, and then up to an hour."""
SOONER = f"""
from datetime import timedelta
from daemon.service import backoff
backoff.FIRST, backoff.MOST = timedelta(seconds={FIRST_WAIT}), timedelta(seconds={8 * FIRST_WAIT})
"""


@pytest.fixture
def server() -> Iterator[RadicaleServer]:
    with servers.radicale() as server:
        server.add_user("sam", "hunter2")
        yield server


@pytest.fixture
def network(server: RadicaleServer) -> Iterator[Wire]:
    with servers.wire(server.url) as network:
        yield network


@pytest.fixture
def fikad(tmp_path: Path, server: RadicaleServer, network: Wire) -> Fikad:
    """An account behind the network, one on disk, and everything read as often as can be."""
    fikad = Fikad(tmp_path)
    (tmp_path / "calendars" / "Personal").mkdir(parents=True)
    servers.make_calendar(f"{server.home('sam')}personal/", "Personal", server.auth("sam"))
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "secret").chmod(0o600)
    account = f'[accounts.dav]\ntype = "caldav"\nurl = "{network.url}"\nusername = "sam"\n'
    account += 'password = { file = "secret" }\n'
    often = ALWAYS.replace("[rhythm]", '[rhythm]\npoll = "1 second"')
    fikad.configure(
        f'{often}\n{account}[accounts.disk]\ntype = "files"\npath = "calendars"\n{CONTACTS}'
    )
    return fikad


class Broken:
    """What a network does to requests while it is down, and when they came."""

    def __init__(self) -> None:
        self.tries: list[float] = []

    def __call__(self, exchange: Exchange) -> None:
        self.tries.append(time.monotonic())
        raise Lost


def told(fikad: Fikad) -> tuple[int, dict[str, dict[str, Any]], dict[str, str | None]]:
    """The exit code of `fikad status`, its accounts, and when each contact was last met."""
    status = fikad("status", "--json")
    accounts = {account["name"]: account for account in status.json["accounts"]}
    return (
        status.code,
        accounts,
        {contact["name"]: contact["last_met"] for contact in status.json["contacts"]},
    )


def test_an_account_whose_network_fails_is_left_alone_ever_longer_and_recovers_by_itself(
    fikad, server, network
):
    with daemon(fikad, tick_seconds=1, impatient=SOONER) as running:
        running.ready()
        until(lambda: told(fikad)[0] == 0, what=lambda: running.said)
        broken = network.before = Broken()
        # The pass records the failure, and the daemon a moment later when it will try again.
        until(lambda: told(fikad)[1]["dav"]["retry"], what=lambda: running.said)
        code, accounts, _ = told(fikad)
        assert code == 1, "a monitor hears of it"
        assert accounts["dav"]["state"] == "error"
        assert accounts["dav"]["last_success"], "what was read before is still there"
        assert accounts["disk"]["state"] == "ok"

        # The other account is read all the while.
        met = event("a", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
        (fikad.folder / "calendars" / "Personal" / "a.ics").write_text(met, newline="")
        until(lambda: told(fikad)[2]["Jane Doe"])

        # The failing one is tried, at greater and greater distances; chance halves a wait at the
        # most.
        until(lambda: len(broken.tries) >= 5, what=lambda: str(broken.tries))
        gaps = [later - earlier for earlier, later in pairwise(broken.tries)]
        assert all(gap >= FIRST_WAIT * 2**number / 2 for number, gap in enumerate(gaps[:4])), gaps
        assert running.said.count('warning: account "dav"') == 1, "told once"

        missed = event("b", "Lunch", days_ago(2, 12), 60, *with_guests("omar@example.org"))
        servers.put(f"{server.home('sam')}personal/b.ics", missed, server.auth("sam"))
        network.before = None
        until(lambda: told(fikad)[0] == 0, what=lambda: running.said)
        assert told(fikad)[2]["Omar Haddad"]
        until(lambda: 'account "dav": well again, after failing' in running.said)
        assert running.process.poll() is None
