"""A calendar that hides what fikad wrote: nothing is concluded from its listing, and no second hold
is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.caldav.account import CalDAVAccount
from tests.connectors.caldav.an_account import account
from tests.connectors.caldav.hostile_server import CALENDAR, Hostile, hostile
from tests.daemon.cycle.test_purging import purging
from tests.daemon.world import ROOMY, SUNDAY, Clock, Fikad, config, event, met_long_ago

EVENING = SUNDAY + timedelta(hours=5)
"""The time of the plan has come."""
ALONE = {**ROOMY, "weekly_digest": True}
"""Where no slot is open, there is a digest and no hold."""
NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")


@pytest.fixture(params=["davical", "sogo"])
def server(request: pytest.FixtureRequest) -> Iterator[Hostile]:
    with hostile() as server:
        server.hides = request.param
        for number, text in enumerate(met_long_ago(NAMES, weeks=9)):
            server.store(f"met-{number}.ics", text)
        yield server


def installed(server: Hostile, **tables: object) -> tuple[Fikad, Clock]:
    """A fikad that writes holds into the server's one calendar."""
    accounts = {"home": {"type": "caldav", "url": server.url}}
    holds = {"account": "home", "calendar": CALENDAR}

    def opened(name: str) -> CalDAVAccount:
        assert name == "home"
        return account(server.url, password=None, username="")

    clock = Clock()
    return Fikad(config(*NAMES, accounts=accounts, holds=holds, **tables), opened, clock), clock


def ours(server: Hostile) -> list[str]:
    return [name for name in server.objects if name.startswith("fikad-")]


def test_no_second_hold_is_written_and_the_reason_is_told(server: Hostile) -> None:
    fikad, clock = installed(server)
    for _ in range(3):
        report = fikad.once()
        assert "hides the private events" in report.not_writable
        assert [len(ours(server)), len(fikad.holds())] == [1, 1]
        assert not report.holds.get("dismissed")
        clock.now += timedelta(hours=1)
    assert {hold.state for hold in fikad.holds().values()} <= {"creating", "proposed"}


def test_once_it_shows_what_stands_there_everything_goes_on(server: Hostile) -> None:
    fikad, clock = installed(server)
    fikad.once()
    server.hides = ""
    clock.now += timedelta(days=1)
    report = fikad.once()
    assert not report.not_writable
    assert len(ours(server)) == len(NAMES)
    assert {hold.state for hold in fikad.holds().values()} == {"proposed"}


def test_a_weekly_digest_is_taken_back_and_no_second_is_written(server: Hostile) -> None:
    server.store("busy.ics", event("busy", "Expedition", SUNDAY, minutes=90 * 24 * 60))
    fikad, clock = installed(server, rhythm=ALONE)
    clock.now = EVENING
    for week in range(3):
        report = fikad.once()
        assert "hides the private events" in report.not_writable
        # What SOGo took it neither gives back nor lets anybody delete.
        assert len(ours(server)) == (1 if server.hides == "sogo" else 0), week
        clock.now += timedelta(weeks=1)


def test_what_nobody_can_read_back_is_no_dismissal_when_it_is_over() -> None:
    with hostile() as server:
        server.hides = "sogo"
        server.store("met.ics", met_long_ago(NAMES[:1])[0])
        fikad, clock = installed(server)
        fikad.once()
        (hold,) = fikad.holds().values()
        clock.now = hold.end + timedelta(hours=1)
        fikad.once()
        assert [record.state for record in fikad.holds().values()] == ["withdrawn"]


def test_what_the_user_deletes_there_is_dismissed_all_the_same() -> None:
    with hostile() as server:
        server.hides = "davical"
        server.store("met.ics", met_long_ago(NAMES[:1])[0])
        fikad, clock = installed(server)
        fikad.once()
        server.drop(ours(server)[0])
        clock.now += timedelta(hours=1)
        assert [hold.contact_name for hold in fikad.once().holds["dismissed"]] == ["Jane Doe"]


def test_a_purge_reaches_what_stands_there_by_its_address() -> None:
    with hostile() as server:
        server.hides = "davical"
        server.store("met.ics", met_long_ago(NAMES[:1])[0])
        fikad, _ = installed(server)
        fikad.once()
        (hold,) = fikad.holds().values()
        fikad.ledger.save_hold(
            replace(hold, state="dismissed")
        )  # as was once concluded from the listing
        with purging(fikad) as purge:
            assert [leftover.found.event.uid for leftover in purge.remove(purge.find())] == [
                hold.uid
            ]
        assert not ours(server)


def test_a_calendar_that_lists_what_is_written_is_proven_with_the_first_hold_alone() -> None:
    with hostile() as server:
        for number, text in enumerate(met_long_ago(NAMES, weeks=9)):
            server.store(f"met-{number}.ics", text)
        fikad, clock = installed(server)
        fikad.once()
        assert len(ours(server)) == len(NAMES)
        clock.now += timedelta(minutes=15)
        asked = len(server.asked)
        fikad.once("none")
        assert not [request for request in server.asked[asked:] if request.method == "GET"]
