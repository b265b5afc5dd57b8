"""A calendar that hides what fikad wrote: nothing is concluded from its listing, and no second hold
is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.base import Changes, Resource
from connectors.caldav.account import CalDAVAccount
from connectors.errors import UnreachableError
from daemon.cycle.hiding import (
    forget_hiding,
    hidden_holds,
    hides,
    hiding_calendars,
    lists,
    mark_hiding,
    refusal,
)
from daemon.holds.record import Hold
from tests.connectors.caldav.an_account import account
from tests.connectors.caldav.hostile_server import CALENDAR, Hostile, hostile
from tests.daemon.cycle.test_purging import purging
from tests.daemon.world import (
    BERLIN,
    HOLDS,
    ROOMY,
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    calendars,
    config,
    event,
    met_long_ago,
    new_ledger,
    rewritten,
)
from tests.memory import MemoryCalendar

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


# --- looked for at its address ---


class Secret(MemoryCalendar):
    """A calendar that lists nothing of ours, and gives it to those who know its address."""

    down: frozenset[str] = frozenset()

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        [whole] = super().changes(token, known, complete=complete)
        yield replace(whole, changed=())

    def read(self, uid: str) -> Resource | None:
        if uid in self.down:
            raise UnreachableError("the server is down")
        return super().read(uid)


HOME = ("home", HOLDS)


def one_each(*names: str) -> tuple[dict[str, Hold], Secret]:
    """Holds that stand in a calendar that lists none of them."""
    home = calendars(*met_long_ago(names))
    fikad = Fikad(config(*names), home.open)
    fikad.once()
    secret = Secret(HOLDS)
    for href, resource in home.coffee.resources.items():
        secret.put(href, resource.text)
    return {hold.contact_name: hold for hold in fikad.ledger.holds()}, secret


def seen(
    holds: Mapping[str, Hold], calendar: Secret, *, marked: bool = False, now: datetime = SUNDAY
) -> tuple[list[str], set[str]]:
    """Whose holds are found at their addresses, and of whose nobody can tell."""
    ledger = new_ledger()
    if marked:
        mark_hiding(ledger, HOME)
    found, unread = hidden_holds(holds.values(), {HOME: calendar}, ledger, BERLIN, now)
    by_uid = {hold.uid: name for name, hold in holds.items()}
    for placed in found:
        assert placed.calendar_key == HOME
        assert placed.resource == calendar.resources[f"{placed.event.uid}.ics"]
    return [by_uid[placed.event.uid] for placed in found], {by_uid[uid] for uid in unread}


def test_what_stands_at_its_address_is_found_whatever_becomes_of_the_others() -> None:
    holds, secret = one_each(*NAMES)
    assert seen(holds, secret) == ([*holds], set())
    jane, bob, ann = holds.values()
    secret.down = frozenset({jane.uid})
    secret.drop(f"{bob.uid}.ics")
    assert seen(holds, secret) == ([ann.contact_name], {jane.contact_name})
    elsewhere = {**holds, jane.contact_name: replace(jane, calendar="not read")}
    assert seen(elsewhere, secret) == ([ann.contact_name], set())


def test_what_was_cancelled_there_is_found_no_more() -> None:
    holds, secret = one_each("Jane Doe")
    [hold] = holds.values()
    text = secret.resources[f"{hold.uid}.ics"].text
    secret.put(f"{hold.uid}.ics", rewritten(text, STATUS="CANCELLED"))
    assert seen(holds, secret) == ([], set())


def test_what_stands_there_and_cannot_be_read_is_not_gone() -> None:
    holds, secret = one_each("Jane Doe")
    [hold] = holds.values()
    secret.put(f"{hold.uid}.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    assert seen(holds, secret) == ([], {"Jane Doe"})


def test_what_was_given_a_floating_time_is_where_it_is_by_the_clock_of_the_user() -> None:
    holds, secret = one_each("Jane Doe")
    [hold] = holds.values()
    text = secret.resources[f"{hold.uid}.ics"].text
    floating = hold.start.astimezone(BERLIN).strftime("%Y%m%dT%H%M%S")
    lines = [
        f"DTSTART:{floating}" if line.startswith("DTSTART") else line for line in text.splitlines()
    ]
    secret.put(f"{hold.uid}.ics", "\r\n".join(lines))
    [placed], _ = hidden_holds([hold], {HOME: secret}, new_ledger(), BERLIN, SUNDAY)
    assert placed.event.start == hold.start


def test_of_what_may_have_been_written_nobody_can_tell_where_nothing_is_given_back() -> None:
    holds, secret = one_each("Jane Doe")
    [hold] = holds.values()
    secret.drop(f"{hold.uid}.ics")
    creating = {"Jane Doe": replace(hold, state="creating", intent="create")}
    assert seen(creating, secret, marked=True) == ([], {"Jane Doe"})
    assert seen(creating, secret) == ([], set()), "its calendar gives back what it takes"
    assert seen(holds, secret, marked=True) == ([], set()), "it certainly was there"
    moment = timedelta(seconds=1)
    assert seen(creating, secret, marked=True, now=hold.end - moment) == ([], {"Jane Doe"})
    assert seen(creating, secret, marked=True, now=hold.end) == ([], set()), "it is over"


def hidden_and_found(names: tuple[str, ...] = ("Jane Doe",)) -> tuple[Fikad, Calendars, Secret]:
    home = calendars(*met_long_ago(names))
    secret = Secret(HOLDS)
    home.account.held[1] = secret
    fikad = Fikad(config(*names), home.open)
    fikad.once()
    return fikad, home, secret


def test_a_hold_that_some_program_garbled_where_it_is_hidden_is_not_taken_as_deleted() -> None:
    fikad, _, secret = hidden_and_found()
    hold = fikad.hold()
    text = secret.resources[f"{hold.uid}.ics"].text
    secret.put(f"{hold.uid}.ics", text.replace("DTSTART:", "DTSTART:when "))
    for _ in range(2):
        assert not fikad.once().holds.get("dismissed")
    assert fikad.hold().state == "proposed"
    secret.put(f"{hold.uid}.ics", text)
    fikad.once()
    assert fikad.hold().state == "proposed"
    secret.drop(f"{hold.uid}.ics")
    assert len(fikad.once().holds["dismissed"]) == 1


# --- which calendars hide ---


def test_the_next_reading_tells_whether_a_calendar_lists_what_was_written() -> None:
    home = calendars(*met_long_ago(["Jane Doe"]))
    fikad = Fikad(config("Jane Doe"), home.open)
    fikad.once("none")
    listing, ledger = home.coffee, fikad.ledger
    old = met_long_ago(["Bob Ray"])[0]
    listing.put("old.ics", old)
    assert not lists(listing, "home", "fikad-new", ledger)
    listing.put("new.ics", event("fikad-new", "Coffee with Jane?", SUNDAY))
    assert lists(listing, "home", "fikad-new", ledger)
    assert not lists(listing, "home", "fikad-newer", ledger)
    fikad.once("none")
    assert not lists(listing, "home", "fikad-new", ledger), "it was read before, and is no news"
    assert lists(listing, "work", "fikad-new", ledger), "nothing was read of that"
    assert lists(listing, "home", "fikad-new", new_ledger())


def test_only_what_changed_since_the_last_reading_is_asked_for() -> None:
    home = calendars(*met_long_ago(["Jane Doe"]))
    fikad = Fikad(config("Jane Doe"), home.open)
    fikad.once("none")
    asked: list[Any] = []

    class Asked(MemoryCalendar):
        def changes(
            self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
        ) -> Iterator[Changes]:
            asked.append((token, [*known]))
            return super().changes(token, known, complete=complete)

    personal = Asked("Personal", resources=home.personal.resources, _log=home.personal._log)
    assert not lists(personal, "home", "fikad-new", fikad.ledger)
    assert asked == [("1", [*home.personal.resources])]


def test_a_calendar_hides_from_when_it_did_until_it_shows_something() -> None:
    ledger, other = new_ledger(), ("home", "Other")
    assert hiding_calendars(ledger) == frozenset()
    assert not hides(ledger, HOME, shows=False, hidden=False)
    assert hides(ledger, HOME, shows=False, hidden=True)
    assert hides(ledger, HOME, shows=True, hidden=True), "not all of it is shown"
    assert not hides(ledger, HOME, shows=True, hidden=False)
    assert hiding_calendars(ledger) == frozenset()
    for place in (HOME, other):
        mark_hiding(ledger, place)
    assert hiding_calendars(ledger) == {HOME, other}
    assert hides(ledger, HOME, shows=False, hidden=False)
    assert not hides(ledger, HOME, shows=True, hidden=False)
    assert hiding_calendars(ledger) == {other}
    assert not hides(ledger, HOME, shows=False, hidden=False)
    forget_hiding(ledger)
    assert hiding_calendars(ledger) == frozenset()


def test_it_says_what_to_do_about_a_calendar_that_hides() -> None:
    told = str(refusal("Coffee"))
    assert told.startswith('the calendar "Coffee" hides the private events')
    assert "`fikad purge` takes back what stands there" in told
