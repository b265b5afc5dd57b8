"""A calendar of somebody else's, shared for writing, in which the server hides private events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from connectors.caldav.account import CalDAVAccount
from tests.connectors import servers
from tests.connectors.servers_debian.debian import PASSWORD, DAViCalServer, DebianServer
from tests.connectors.servers_debian.sogo import SogoServer
from tests.daemon.cycle.test_hiding import ALONE, EVENING
from tests.daemon.cycle.test_purging import purging
from tests.daemon.world import SUNDAY, Clock, Fikad, config, event, met_long_ago

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")


@pytest.fixture
def calendar_url(server: DebianServer, users: Iterator[str]) -> str:
    """A calendar with three meetings long ago, whose owner shares it with the next user."""
    owner = next(users)
    server.add_user(owner)
    url = servers.make_calendar(f"{server.home(owner)}shared/", "Coffee", server.auth(owner))
    server.fill(url, {f"met-{n}.ics": text for n, text in enumerate(met_long_ago(NAMES, weeks=9))})
    return url


def installed(
    server: DebianServer, calendar_url: str, user: str, **tables: object
) -> tuple[Fikad, Clock]:
    """A fikad that writes holds into the one calendar."""
    server.add_user(user)
    server.share_for_writing(calendar_url, user)
    accounts = {"home": {"type": "caldav", "url": calendar_url}}
    memo: dict[str, object] = {}
    clock = Clock()
    holds = {"account": "home", "calendar": name_for(server, calendar_url, user)}
    return Fikad(
        config(*NAMES, accounts=accounts, holds=holds, **tables),
        lambda name: CalDAVAccount(name, calendar_url, user, PASSWORD, memo),
        clock,
    ), clock


def name_for(server: DebianServer, calendar_url: str, user: str) -> str:
    """What the server calls the calendar to a user."""
    if not isinstance(server, SogoServer):
        return "Coffee"
    # Its owner is named there, too.
    listing = servers.propfind(calendar_url, "<displayname/>", 0, server.auth(user)).body
    [name] = ElementTree.fromstring(listing).iter("{DAV:}displayname")
    return name.text or ""


def ours(server: DebianServer, calendar_url: str) -> list[str]:
    """The holds there as the calendar's owner sees them."""
    owner = server.owner_of(calendar_url)
    listing = servers.propfind(calendar_url, auth=server.auth(owner)).text
    return re.findall(r"<(?:\w+:)?href>[^<]*/fikad-[^<]*", listing)


def test_no_hold_is_called_dismissed_and_none_stays_behind(
    server: DebianServer, calendar_url: str, users: Iterator[str]
) -> None:
    fikad, clock = installed(server, calendar_url, next(users))
    for _ in range(3):
        report = fikad.once()
        assert not report.holds.get("dismissed")
        hidden = isinstance(server, DAViCalServer)  # Cyrus shows them to whom it lets write
        assert ("hides the private events" in report.not_writable) == hidden
        assert len(ours(server, calendar_url)) == len(fikad.holds()) == (1 if hidden else 3)
        clock.now += timedelta(hours=1)
    with purging(fikad) as purge:
        purge.remove(purge.find())
    assert not ours(server, calendar_url)


def test_what_the_owner_deletes_there_is_dismissed(
    server: DebianServer, calendar_url: str, users: Iterator[str]
) -> None:
    fikad, clock = installed(server, calendar_url, next(users))
    fikad.once()
    uid = min(fikad.holds())
    servers.delete(f"{calendar_url}{uid}.ics", server.auth(server.owner_of(calendar_url)))
    clock.now += timedelta(hours=1)
    assert [hold.uid for hold in fikad.once().holds["dismissed"]] == [uid]


def test_a_weekly_digest_that_is_hidden_is_taken_back(
    server: DebianServer, calendar_url: str, users: Iterator[str]
) -> None:
    busy = event("busy", "Expedition", SUNDAY, minutes=90 * 24 * 60)
    server.fill(calendar_url, {"busy.ics": busy})
    fikad, clock = installed(server, calendar_url, next(users), rhythm=ALONE)
    clock.now = EVENING
    fikad.once()
    assert len(ours(server, calendar_url)) == (0 if isinstance(server, DAViCalServer) else 1)
