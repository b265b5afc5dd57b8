"""Servers write what they were given in their own way: another order, other properties, an end that
was not said. What a calendar app then saves of a hold is the server's text, not fikad's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from connectors.caldav.account import CalDAVAccount
from tests.connectors import servers
from tests.connectors.servers_debian.debian import PASSWORD, DebianServer
from tests.daemon.cycle.test_hiding import EVENING
from tests.daemon.world import ROOMY, SUNDAY, Clock, Fikad, config, event, met_long_ago

NAMES = ("Jane Doe", "Bob Ray")
WITHOUT_END = re.sub(r"Z\r\nDTEND:\w+", "", event("lunch", "Lunch", SUNDAY))
"""At a time of no zone, and of no said length."""


def test_what_a_server_writes_anew_is_not_taken_for_an_edit(
    server: DebianServer, users: Iterator[str]
) -> None:
    user = next(users)
    server.add_user(user)
    url = servers.make_calendar(f"{server.home(user)}coffee/", "Coffee", server.auth(user))
    met = {f"met-{n}.ics": text for n, text in enumerate(met_long_ago(NAMES, weeks=9))}
    server.fill(url, met)
    plain = {"Content-Type": "text/calendar"}
    taken = servers.send("PUT", f"{url}lunch.ics", WITHOUT_END, plain, server.auth(user)).status
    assert taken in (201, 204, 403), "Cyrus refuses it"
    memo: dict[str, object] = {}
    clock = Clock()
    clock.now = EVENING
    fikad = Fikad(
        config(
            *NAMES,
            accounts={"home": {"type": "caldav", "url": url}},
            holds={"account": "home", "calendar": "Coffee"},
            rhythm={**ROOMY, "weekly_digest": True},
        ),
        lambda name: CalDAVAccount(name, url, user, PASSWORD, memo),
        clock,
    )
    assert len(fikad.once().holds["proposed"]) == 2
    for _ in range(2):
        clock.now += timedelta(hours=1)
        report = fikad.once()
        assert not report.holds
        assert {hold.state for hold in fikad.holds().values()} == {"proposed"}
        assert {digest.state for digest in fikad.ledger.digests().values()} == {"standing"}
        for uid in (*fikad.holds(), *fikad.ledger.digests()):
            text = servers.get(f"{url}{uid}.ics", server.auth(user)).text
            saved = re.sub(r"(DTSTAMP|LAST-MODIFIED):\w+", r"\1:20261123T070000Z", text)
            servers.put(f"{url}{uid}.ics", saved, server.auth(user))
