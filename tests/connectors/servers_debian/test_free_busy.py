"""Asking real servers with scheduling when people are busy: who share, who refuse, and who are
nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest

from connectors.caldav.account import CalDAVAccount
from connectors.free_busy import BusySpan
from tests.connectors import servers
from tests.connectors.caldav.an_account import NOW, event
from tests.connectors.servers_debian.debian import PASSWORD, CyrusServer, DebianServer
from tests.connectors.servers_debian.sogo import SogoServer

BUSY = BusySpan(datetime(2026, 11, 3, 12, tzinfo=UTC), datetime(2026, 11, 3, 13, tzinfo=UTC))


def mail(server: DebianServer, user: str) -> str:
    return f"{user}@{'fikad.test' if isinstance(server, CyrusServer) else 'example.com'}"


def somebody(server: DebianServer, users: Iterator[str]) -> str:
    """A user with a lunch in their calendar."""
    user = next(users)
    server.add_user(user)
    url = servers.make_calendar(f"{server.home(user)}own/", "Own", server.auth(user))
    server.fill(url, {"lunch.ics": event("lunch")})
    return user


@pytest.fixture(scope="module")
def asking(server: DebianServer, users: Iterator[str]) -> Iterator[CalDAVAccount]:
    user = somebody(server, users)
    url = urljoin(server.url, server.principal(user))
    account = CalDAVAccount("home", url, user, PASSWORD, {"user": user})
    account.calendars(NOW)
    assert account.free_busy.obstacle(NOW) == ""
    yield account
    account.close()


def told(server: DebianServer, account: CalDAVAccount, *people: str) -> list[object]:
    addresses = [mail(server, user) for user in people]
    answers = account.free_busy.busy_times(addresses, NOW, NOW + timedelta(days=14))
    return [answers[address] for address in addresses]


def test_who_shares_is_busy_who_refuses_and_who_is_nobody_are_unknown(
    server: DebianServer, asking: CalDAVAccount, users: Iterator[str]
) -> None:
    open_to_all, closed = somebody(server, users), somebody(server, users)
    server.share_free_busy(open_to_all)
    server.hide_free_busy(closed)
    assert told(server, asking, open_to_all, closed, "nobody") == [(BUSY,), None, None]


def test_where_a_refusal_looks_like_being_free_everybody_is_unknown(
    server: DebianServer, asking: CalDAVAccount, users: Iterator[str]
) -> None:
    if not isinstance(server, SogoServer):
        pytest.skip("this server tells of a refusal")
    open_to_all, closed = somebody(server, users), somebody(server, users)
    server.share_free_busy(open_to_all)
    assert told(server, asking, open_to_all, closed, "nobody") == [None, None, None]


def test_asking_leaves_nothing_with_anybody(
    server: DebianServer, asking: CalDAVAccount, users: Iterator[str]
) -> None:
    """No copy, no message, no invitation: their collections hold what they held."""
    user = somebody(server, users)
    server.share_free_busy(user)

    def everything() -> list[int]:
        """How many objects there are in each collection of theirs, the inbox included."""
        names = ("Inbox/", "Outbox/", ".in/", ".out/", "own/")
        answers = [
            servers.send(
                "PROPFIND", server.home(user) + name, "", {"Depth": "1"}, server.auth(user)
            )
            for name in names
        ]
        return [answer.text.count(".ics<") for answer in answers]

    before = everything()
    assert told(server, asking, user) == [(BUSY,)]
    assert everything() == before
    assert sum(before) == 1
