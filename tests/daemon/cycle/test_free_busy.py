"""People whose servers are asked when they are busy: who is asked for, when, and what follows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from connectors.caldav.account import CalDAVAccount
from connectors.errors import AccountError, UnreachableError
from connectors.free_busy import BusySpan
from connectors.google.auth import FREE_BUSY_SCOPE
from daemon.planning.known_busy import KEPT
from tests.connectors.caldav.hostile_server import Hostile, hostile
from tests.connectors.caldav.outbox import OUTBOX, REFUSES, Outbox
from tests.connectors.google.an_account import logged_in
from tests.connectors.google.server import LEAST_SCOPES, GoogleServer
from tests.daemon.world import (
    ROOMY,
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    calendars,
    config,
    event,
    meeting,
    met_long_ago,
    person,
)

JANE, BOB = "Jane Doe", "Bob Ray"
MAIL = {JANE: "jane@example.com", BOB: "bob@example.com"}
ALWAYS = (BusySpan(SUNDAY - timedelta(days=1), SUNDAY + timedelta(days=40)),)


@dataclass
class Source:
    """A server that knows when people are busy (`connectors.free_busy.FreeBusySource`)."""

    busy: dict[str, tuple[BusySpan, ...] | None] = field(default_factory=dict)
    why_not: str = ""
    down: AccountError | None = None
    asked: list[set[str]] = field(default_factory=list)
    until: datetime | None = None
    """How far it was asked last."""

    def obstacle(self, now: datetime) -> str:
        return self.why_not

    def busy_times(
        self, addresses: Collection[str], start: datetime, end: datetime
    ) -> Mapping[str, tuple[BusySpan, ...] | None]:
        self.asked.append(set(addresses))
        self.until = end
        if self.down is not None:
            raise self.down
        return {address: self.busy.get(address) for address in addresses}


def people(*names: str, **fields: Any) -> dict[str, Any]:
    return {"contacts": [person(name, **{"free_busy": True, **fields}) for name in names]}


def a_fikad(*names: str, source: Source | None = None, **tables: Any) -> tuple[Fikad, Calendars]:
    home = calendars(*met_long_ago(names or (JANE,)))
    home.account.free_busy = source
    made = config(**{**people(*(names or (JANE,))), **tables})
    return Fikad(made, home.open), home


def starts(fikad: Fikad) -> list[datetime]:
    return [hold.start for hold in fikad.ledger.holds()]


def first_start() -> datetime:
    """Where a hold goes when nothing is known of anybody."""
    fikad, _ = a_fikad()
    fikad.once()
    return starts(fikad)[0]


def test_a_time_at_which_they_are_known_to_be_busy_is_closed() -> None:
    start = first_start()
    source = Source({MAIL[JANE]: (BusySpan(start, start + timedelta(minutes=30)),)})
    fikad, _ = a_fikad(source=source)
    fikad.once()
    [moved] = starts(fikad)
    assert moved == start + timedelta(minutes=30), "the next slot of that day"
    assert "Jane Doe is not known to be busy" in fikad.hold().reason


def test_who_is_busy_all_along_gets_no_hold_and_it_is_said_why() -> None:
    fikad, _ = a_fikad(source=Source({MAIL[JANE]: ALWAYS}))
    report = fikad.once()
    assert starts(fikad) == []
    assert [(each.code, each.reason) for each in report.waiting] == [
        ("they-are-busy", "Jane Doe is busy at every slot for coffee that is open to you.")
    ]
    closed = {day.rule for day in fikad.situation().closed_days("jane doe")}
    assert "they-are-busy" in closed


@pytest.mark.parametrize("told", [None, ()])
def test_what_is_unknown_closes_nothing_and_neither_does_who_is_free(
    told: tuple[BusySpan, ...] | None,
) -> None:
    fikad, _ = a_fikad(source=Source({MAIL[JANE]: told}))
    fikad.once()
    assert starts(fikad) == [first_start()]
    known = fikad.situation().known_busy
    assert ("jane doe" in known.unknown) == (told is None)


def test_a_failure_is_told_once_and_changes_nothing_else() -> None:
    source = Source(down=UnreachableError("the server is down", "trying again later"))
    fikad, home = a_fikad(source=source)
    report = fikad.once()
    assert starts(fikad) == [first_start()]
    assert report.unasked == (("home", "the server is down: trying again later"),)
    assert [reading.state for reading in report.readings] == ["ok"]
    home.delete(fikad.hold().uid)
    fikad.clock.forward(weeks=6)
    report = fikad.once()
    assert len(source.asked) == 2
    assert len(starts(fikad)) == 2
    assert report.unasked == ()


def test_what_cannot_be_asked_is_told_once() -> None:
    fikad, _ = a_fikad(source=Source(why_not="it has no outbox"))
    assert fikad.once().unasked == (("home", "it has no outbox"),)
    nobody, _ = a_fikad()
    assert "none of your accounts" in dict(nobody.once().unasked)[""]


def test_all_people_are_asked_for_in_one_request() -> None:
    source = Source()
    fikad, _ = a_fikad(JANE, BOB, source=source)
    fikad.once()
    assert source.asked == [set(MAIL.values())]


def test_nobody_is_asked_for_without_being_wanted() -> None:
    source = Source()
    home = calendars(*met_long_ago((JANE, BOB)))
    home.account.free_busy = source
    contacts = [person(JANE, free_busy=True), person(BOB)]
    Fikad(config(contacts=contacts), home.open).once()
    assert source.asked == [{MAIL[JANE]}]
    off = Source()
    home.account.free_busy = off
    Fikad(config(**people(JANE, BOB, free_busy=False)), home.open).once()
    assert off.asked == []


def test_nobody_is_asked_for_who_is_not_due_or_would_not_be_planned() -> None:
    met, full = Source(), Source()
    home = calendars(*met_long_ago((JANE,), weeks=1))
    home.account.free_busy = met
    Fikad(config(**people(JANE)), home.open).once()
    a_fikad(source=full, rhythm={**ROOMY, "per_week": 0})[0].once()
    assert (met.asked, full.asked) == ([], [])


def test_who_is_not_due_is_not_asked_for_beside_who_is() -> None:
    source = Source()
    home = calendars(*met_long_ago((JANE,), weeks=1), *met_long_ago((BOB,)))
    home.account.free_busy = source
    Fikad(config(**people(JANE, BOB)), home.open).once()
    assert source.asked == [{MAIL[BOB]}]


def test_it_is_asked_as_far_as_the_last_slot_that_is_open() -> None:
    """One that begins at the horizon ends after it."""
    source = Source()
    fikad, _ = a_fikad(source=source)
    wednesday = fikad.clock.now = SUNDAY + timedelta(days=3, hours=-3)
    fikad.once()
    last = max(slot.end for slot in fikad.situation().open("jane doe").slots)
    assert last > wednesday + timedelta(weeks=2)
    assert source.until is not None
    assert source.until >= last


def test_everybody_with_several_addresses_is_asked_for_by_each() -> None:
    """Busy at one of them is busy; free at one, and unknown at the other, is free."""
    both = ["jane@example.com", "jane@work.example"]
    for busy_at in both:
        source = Source({address: ALWAYS if address == busy_at else None for address in both})
        contacts = [person(JANE, free_busy=True) | {"emails": both}]
        fikad, _ = a_fikad(source=source, contacts=contacts)
        assert [each.code for each in fikad.once().waiting] == ["they-are-busy"]
        assert source.asked == [set(both)]
    free = Source({both[0]: (), both[1]: None})
    fikad, _ = a_fikad(source=free, contacts=contacts)
    fikad.once()
    assert not fikad.situation().known_busy.unknown


def test_an_idle_poll_asks_nobody() -> None:
    source = Source()
    fikad, _ = a_fikad(source=source)
    fikad.once()
    for propose in ("lost", "none", "all"):
        fikad.clock.forward(minutes=15)
        fikad.once(propose)
    assert len(source.asked) == 1


@pytest.mark.parametrize("told", [ALWAYS, ()], ids=["busy", "free"])
def test_a_lost_hold_is_replaced_by_what_was_told_at_the_plan(told: tuple[BusySpan, ...]) -> None:
    source = Source({MAIL[JANE]: (), MAIL[BOB]: told})
    fikad, home = a_fikad(JANE, BOB, source=source, rhythm={**ROOMY, "open": 1})
    fikad.once()
    assert source.asked == [set(MAIL.values())]
    [first] = fikad.ledger.holds()
    home.put(meeting(first.contact_name, SUNDAY + timedelta(days=6)))
    fikad.clock.forward(hours=1)
    report = fikad.once("lost")
    assert [hold.state for hold in report.holds["withdrawn"]] == ["withdrawn"]
    assert len(source.asked) == 1
    replaced = {hold.contact_name for hold in report.holds.get("proposed", ())}
    assert replaced == ({JANE, BOB} - {first.contact_name} if told == () else set())


def test_who_is_not_to_be_asked_for_any_more_is_not_closed_by_what_was_told() -> None:
    fikad, _ = a_fikad(source=Source({MAIL[JANE]: ALWAYS}))
    fikad.once()
    assert starts(fikad) == []
    fikad.config = config(**people(JANE, free_busy=False))
    fikad.once()
    assert starts(fikad) == [first_start()]


def test_a_plan_that_is_decided_anew_asks_no_second_time() -> None:
    """An event comes in while the servers are asked: the pass reads again, and asks nobody."""
    source = Source({MAIL[JANE]: ()})
    fikad, home = a_fikad(source=source)
    first, answer = first_start(), source.busy_times

    def meanwhile(addresses: Collection[str], start: datetime, end: datetime) -> Any:
        home.put(event("meanwhile", "Budget", first))
        return answer(addresses, start, end)

    source.busy_times = meanwhile  # type: ignore[method-assign]
    fikad.once()
    assert len(source.asked) == 1
    [start] = starts(fikad)
    assert start != first


def test_answers_are_kept_until_the_next_plan_and_a_week_at_the_most() -> None:
    source = Source({MAIL[JANE]: ALWAYS})
    fikad, _ = a_fikad(source=source)
    fikad.once()
    fikad.clock.now = SUNDAY + KEPT - timedelta(seconds=1)
    assert fikad.situation().known_busy.busy
    fikad.clock.now = SUNDAY - timedelta(seconds=1)
    assert not fikad.situation().known_busy.busy, "the clock was set back"
    fikad.clock.now = SUNDAY + KEPT
    assert not fikad.situation().known_busy.busy
    fikad.clock.now = SUNDAY + timedelta(hours=1)
    source.busy[MAIL[JANE]] = ()
    fikad.once()
    assert len(source.asked) == 2
    assert len(starts(fikad)) == 1


def test_a_trial_run_asks_as_a_real_one_would() -> None:
    source = Source({MAIL[JANE]: ALWAYS})
    fikad, _ = a_fikad(source=source)
    assert [each.code for each in fikad.once(dry=True).waiting] == ["they-are-busy"]


def test_a_hold_that_stands_stays_where_it_is() -> None:
    source = Source({MAIL[JANE]: ()})
    fikad, home = a_fikad(source=source)
    fikad.once()
    before = home.texts()
    source.busy[MAIL[JANE]] = ALWAYS
    for _ in range(3):
        fikad.clock.forward(hours=1)
        fikad.once()
    assert home.texts() == before


def test_a_hold_that_has_to_move_goes_to_no_time_at_which_they_are_busy() -> None:
    start = first_start()
    later = BusySpan(start + timedelta(minutes=30), start + timedelta(days=2))
    fikad, home = a_fikad(source=Source({MAIL[JANE]: (later,)}))
    fikad.once()
    held = fikad.hold().start
    home.put(event("urgent", "Budget", held))
    fikad.clock.forward(hours=1)
    report = fikad.once("lost")
    assert report.holds["moved"]
    moved = fikad.hold()
    assert moved.start >= later.end or moved.end <= later.start


def test_the_circle_decides_unless_the_contact_does() -> None:
    circles = {"close": {"cadence": "4 weeks", "free_busy": True}}
    contacts = [person(JANE, circle="close"), person(BOB, circle="close", free_busy=False)]
    made = config(circles=circles, contacts=contacts)
    assert [contact.free_busy for contact in made.people] == [True, False]
    assert made.asks_free_busy
    assert not config().asks_free_busy


def test_who_is_unknown_to_one_account_is_asked_for_at_the_next_one() -> None:
    first, second = Source({MAIL[JANE]: ()}), Source({MAIL[BOB]: ALWAYS})
    home, work = calendars(*met_long_ago((JANE, BOB))), calendars()
    home.account.free_busy, work.account.free_busy = first, second
    work.account.name = "work"
    entry = {"type": "files", "path": "/nowhere"}
    made = config(**people(JANE, BOB), accounts={"home": entry, "work": entry})
    fikad = Fikad(made, lambda name: (home if name == "home" else work).open(name))
    fikad.once()
    assert first.asked == [set(MAIL.values())]
    assert second.asked == [{MAIL[BOB]}]
    assert [hold.contact_name for hold in fikad.ledger.holds()] == [JANE]


def test_an_account_that_cannot_be_asked_is_no_trouble_where_another_answers() -> None:
    home, work = calendars(*met_long_ago((JANE,))), calendars()
    home.account.free_busy, work.account.free_busy = Source(why_not="no outbox"), Source()
    work.account.name = "work"
    entry = {"type": "files", "path": "/nowhere"}
    made = config(**people(JANE), accounts={"home": entry, "work": entry})
    fikad = Fikad(made, lambda name: (home if name == "home" else work).open(name))
    assert fikad.once().unasked == ()


# --- on the wire ---


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile() as server:
        yield server


def on(server: Hostile, **fields: Any) -> Fikad:
    """A fikad on a CalDAV server with one calendar, whose people were met long ago."""
    for number, text in enumerate(met_long_ago((JANE, BOB))):
        server.store(f"met-{number}.ics", text)
    memo: dict[str, Any] = {}
    made = config(
        **people(JANE, BOB, **fields),
        accounts={"home": {"type": "caldav", "url": server.url}},
        holds={"account": "home", "calendar": "Work"},
    )
    return Fikad(made, lambda name: CalDAVAccount(name, server.url, "sam", "secret", memo), Clock())


def test_no_request_of_a_whole_run_can_become_an_invitation(server: Hostile) -> None:
    """From the first reading over a plan, a week of polls, a yes, and the next plan."""
    server.outbox = Outbox({MAIL[JANE]: [], MAIL[BOB]: REFUSES})
    fikad = on(server)
    fikad.once()
    assert len(fikad.holds()) == 2
    for day in range(8):
        fikad.clock.forward(days=1)
        fikad.once("all" if day == 6 else "lost")
    for hold in fikad.holds().values():
        name = f"{hold.uid}.ics"
        if name in server.objects:
            server.store(name, server.objects[name].replace("?", ""))
    fikad.once("lost")
    posts = [asked for asked in server.asked if asked.method == "POST"]
    assert posts
    assert {asked.method for asked in server.asked} <= {
        *("PROPFIND", "REPORT", "GET", "PUT", "DELETE", "POST")
    }
    for asked in server.asked:
        if asked.method == "POST":
            calendar = Calendar.from_ical(asked.body)
            assert asked.path == OUTBOX
            assert calendar["METHOD"] == "REQUEST"
            assert [part.name for part in calendar.subcomponents] == ["VFREEBUSY"]
        else:
            assert "ATTENDEE" not in asked.body
            assert "VFREEBUSY" not in asked.body
            assert "METHOD" not in asked.body
            assert "outbox" not in asked.path
    assert server.outbox.violations == []


def test_a_poll_costs_what_it_did_and_a_plan_two_requests_more(server: Hostile) -> None:
    plain: list[int] = []
    asking: list[int] = []
    for requests, wanted in ((plain, False), (asking, True)):
        with hostile() as each:
            each.outbox = Outbox({MAIL[JANE]: [], MAIL[BOB]: []})
            fikad = on(each, free_busy=wanted)
            for propose in ("all", "lost"):
                before = len(each.asked)
                fikad.once(propose)
                requests.append(len(each.asked) - before)
    assert asking == [plain[0] + 2, plain[1]]


def test_a_hold_goes_where_the_outbox_says_that_they_are_free(server: Hostile) -> None:
    server.outbox = Outbox({MAIL[JANE]: [(SUNDAY, SUNDAY + timedelta(days=5))]})
    fikad = on(server)
    fikad.once()
    by_name = {hold.contact_name: hold.start for hold in fikad.holds().values()}
    assert by_name[JANE] >= SUNDAY + timedelta(days=5)
    assert by_name[BOB] < SUNDAY + timedelta(days=5)


def test_google_is_asked_in_one_call_and_told_nothing_else() -> None:
    with GoogleServer() as server:
        busy = f"{SUNDAY:%Y-%m-%dT%H:%M:%SZ}", f"{SUNDAY + timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}"
        server.store.free_busy[MAIL[JANE]] = [busy]
        server.store.add_calendar("Coffee", created_by_app=True)
        made = config(
            **people(JANE, BOB),
            accounts={
                "work": {
                    "type": "google",
                    "client_secrets": "client_secret.json",
                    "token": {"file": "token.json"},
                }
            },
            holds={"account": "work", "calendar": "Coffee"},
        )
        with logged_in(server, (*LEAST_SCOPES, FREE_BUSY_SCOPE)) as login:
            fikad = Fikad(made, lambda name: login.account)
            for name in (JANE, BOB):
                fikad.ledger.add_people([name.casefold()], SUNDAY - timedelta(weeks=9))
            fikad.once()
            fikad.clock.forward(minutes=15)
            fikad.once("lost")
        assert server.counts["freebusy.query"] == 1
        [asked] = server.store.asked_free_busy
        assert [item["id"] for item in asked["items"]] == sorted(MAIL.values())
        by_name = {hold.contact_name: hold.start for hold in fikad.holds().values()}
        assert by_name[JANE] >= SUNDAY + timedelta(days=5)
