"""One pass: what it reads, what it concludes and, above all, what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from connectors.base import Changes, Resource
from connectors.errors import (
    AccountError,
    CredentialsError,
    ReadOnlyError,
    TakenError,
    UnreachableError,
    UnreadableError,
)
from connectors.ical.completion import is_completed
from connectors.ical.hold_text import hold_event
from daemon.holds.draft import answering_lines
from daemon.holds.record import as_json
from daemon.overview.status import status_facts
from daemon.overview.why import explanation
from tests.daemon.world import (
    HOLDS,
    ME,
    ROOMY,
    SUNDAY,
    Calendars,
    Clock,
    Crash,
    Fikad,
    Open,
    Points,
    calendars,
    config,
    event,
    fragile,
    meeting,
    met_long_ago,
    new_ledger,
    person,
    rewritten,
)
from tests.memory import MemoryAccount, MemoryCalendar

WEEK = timedelta(weeks=1)
THREE = ("Jane Doe", "Bob Ray", "Ann Lee")


def a_fikad(*names: str, home: Calendars | None = None, **tables: Any) -> tuple[Fikad, Calendars]:
    """A fikad that is due to propose to everybody named, and its calendars."""
    names = names or ("Jane Doe",)
    home = home or calendars(*met_long_ago(names))
    return Fikad(config(*names, **tables), home.open), home


def told(holds: Mapping[str, list[Any]]) -> dict[str, list[str]]:
    """What a report says, by word."""
    return {
        word: sorted(hold.contact_name for hold in these) for word, these in holds.items() if these
    }


# --- meetings ---


def test_a_meeting_is_told_once() -> None:
    fikad, home = a_fikad()
    assert [verdict.contact_key for verdict in fikad.once("none").met] == ["jane doe"]
    assert fikad.once("none").met == []
    home.put(meeting("Jane Doe", SUNDAY - timedelta(days=2)))
    assert len(fikad.once("none").met) == 1
    assert fikad.situation().standings["jane doe"].last_met == SUNDAY - timedelta(days=2, hours=-1)


def cancelled(text: str) -> str:
    return rewritten(text, STATUS="CANCELLED")


def declined(text: str) -> str:
    return text.replace(f"ACCEPTED:mailto:{ME}", f"DECLINED:mailto:{ME}").replace(
        f"ORGANIZER:mailto:{ME}", "X-NONE:1"
    )


def moved_ahead(text: str) -> str:
    return meeting("Jane Doe", SUNDAY + WEEK, uid=text.partition("UID:")[2].partition("\r\n")[0])


@pytest.mark.parametrize("after", [cancelled, declined, moved_ahead])
def test_a_meeting_that_is_undone_afterwards_is_counted_no_more(
    after: Callable[[str], str],
) -> None:
    fikad, home = a_fikad()
    late = meeting("Jane Doe", SUNDAY - timedelta(days=2))
    href = home.put(late)
    fikad.once("none")
    home.personal.put(href, after(late))
    fikad.once("none")
    last = fikad.situation().standings["jane doe"].last_met
    assert last is not None
    assert last < SUNDAY - 7 * WEEK


def test_a_meeting_that_is_deleted_is_counted_no_more() -> None:
    fikad, home = a_fikad()
    href = home.put(meeting("Jane Doe", SUNDAY - timedelta(days=2)))
    fikad.once("none")
    home.personal.drop(href)
    fikad.once("none")
    assert str(fikad.situation().standings["jane doe"].last_met) < "2026-10"


def test_an_unanswered_suggestion_is_no_meeting_however_long_ago() -> None:
    fikad, home = a_fikad()
    fikad.once()
    before = fikad.situation().standings["jane doe"].last_met
    fikad.clock.now += 20 * WEEK
    fikad.once("none")
    assert fikad.situation().standings["jane doe"].last_met == before
    assert fikad.hold().state == "lapsed"
    assert not home.coffee.resources


# --- nothing is concluded from missing data ---


def breaking_off(calendar: MemoryCalendar, error: AccountError) -> Callable[..., Iterator[Changes]]:
    def changes(
        token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        [whole] = MemoryCalendar.changes(calendar, token, known, complete=complete)
        yield Changes(whole.changed[:1], expected=9)
        raise error

    return changes


def listing_nothing(calendar: MemoryCalendar) -> Callable[..., Iterator[Changes]]:
    def changes(
        token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        yield Changes((), tuple(known), "new", last=True)

    return changes


def down(home: Calendars) -> None:
    home.down = UnreachableError("the server is down")


def refused(home: Calendars) -> None:
    home.down = CredentialsError("the password is wrong")


def half_read(home: Calendars) -> None:
    changed(home)
    home.personal.changes = breaking_off(home.personal, UnreachableError("time-out"))  # type: ignore[method-assign]


def garbled(home: Calendars) -> None:
    changed(home)
    home.personal.changes = breaking_off(home.personal, UnreadableError("no token"))  # type: ignore[method-assign]


def suddenly_empty(home: Calendars) -> None:
    changed(home)
    home.personal.changes = listing_nothing(home.personal)  # type: ignore[method-assign]


def vanished(home: Calendars) -> None:
    del home.account.held[0]


def changed(home: Calendars) -> None:
    """Something else happens too, so that the calendar is read at all."""
    home.put(event("other", "Other", SUNDAY - 3 * WEEK))


TROUBLES: dict[Callable[[Calendars], None], str] = {
    down: "error",
    refused: "auth",
    half_read: "error",
    garbled: "error",
    suddenly_empty: "suspect",
}
TROUBLES |= {vanished: "error"}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_while_a_calendar_cannot_be_read_nothing_is_written_and_nothing_concluded(
    trouble: Callable[[Calendars], None],
) -> None:
    fikad, home = a_fikad(*THREE, home=calendars(*met_long_ago(THREE), *(others())))
    fikad.once("none")
    by_contact = fikad.situation().standings
    fikad.once()
    home.put(event("busy", "Budget", fikad.hold("Jane Doe").start))
    home.delete(fikad.hold("Bob Ray").uid)
    coffee = home.coffee
    before, holds = coffee.resources.copy(), fikad.holds()
    trouble(home)
    report = fikad.once()
    assert {reading.state for reading in report.readings} == {TROUBLES[trouble]}
    assert all(reading.message for reading in report.readings)
    assert told(report.holds) == {}
    assert coffee.resources == before
    assert fikad.holds() == holds
    now = fikad.situation().standings
    assert {key: standing.last_met for key, standing in now.items()} == {
        key: standing.last_met for key, standing in by_contact.items()
    }
    assert not report.planned


def others() -> list[str]:
    return [event(f"old-{number}", "Budget", SUNDAY - number * WEEK) for number in range(1, 6)]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_who_would_be_asked_is_told_why_not(trouble: Callable[[Calendars], None]) -> None:
    fikad, home = a_fikad(home=calendars(*met_long_ago(["Jane Doe"]), *others()))
    fikad.once("none")
    trouble(home)
    [waiting] = fikad.once().waiting
    assert (waiting.contact_key, waiting.code) == ("jane doe", "unread")
    assert '"home"' in waiting.reason


@pytest.mark.parametrize("trouble", TROUBLES)
def test_once_it_can_be_read_again_all_goes_on(trouble: Callable[[Calendars], None]) -> None:
    fikad, home = a_fikad(home=calendars(*met_long_ago(["Jane Doe"]), *others()))
    fikad.once("none")
    personal = home.personal
    trouble(home)
    fikad.once()
    home.down = None
    home.account.held[:] = [personal, home.account.held[-1]]
    vars(personal).pop("changes", None)
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}


def test_an_empty_calendar_is_believed_when_the_user_says_so() -> None:
    fikad, home = a_fikad(home=calendars(*met_long_ago(["Jane Doe"]), *others()))
    fikad.once("none")
    for href in list(home.personal.resources):
        home.personal.drop(href)
    assert fikad.once("none").readings[0].state == "suspect"
    assert fikad.once("none", accept_empty=["home"]).readings[0].state == "ok"
    assert fikad.situation().standings["jane doe"].last_met is None
    assert fikad.once("none").readings[0].state == "ok"


def test_a_vanished_calendar_is_forgotten_when_the_user_says_so() -> None:
    fikad, home = a_fikad()
    fikad.once("none")
    del home.account.held[0]
    assert "accept-empty" in fikad.once("none").readings[0].message
    assert fikad.once("none", accept_empty=["home"]).complete
    assert fikad.situation().standings["jane doe"].last_met is None


def test_four_events_may_go_at_once() -> None:
    fikad, home = a_fikad(home=calendars(*others()[:3], *met_long_ago(["Jane Doe"])))
    fikad.once("none")
    for href in list(home.personal.resources):
        home.personal.drop(href)
    assert fikad.once("none").complete


def test_a_hold_calendar_that_answers_and_lacks_a_hold_means_that_it_was_deleted() -> None:
    fikad, home = a_fikad(*THREE)
    fikad.once()
    for href in list(home.coffee.resources):
        home.coffee.drop(href)
    assert told(fikad.once().holds) == {"dismissed": sorted(THREE)}


def test_a_hold_calendar_that_is_listed_no_more_dismisses_nobody() -> None:
    fikad, home = a_fikad(*THREE)
    fikad.once()
    coffee = home.account.held.pop()
    report = fikad.once()
    assert not report.complete
    assert told(report.holds) == {}
    home.account.held.append(coffee)
    assert told(fikad.once().holds) == {}
    assert {hold.state for hold in fikad.holds().values()} == {"proposed"}


def test_an_event_of_ours_that_nobody_can_read_any_more_is_not_gone() -> None:
    fikad, home = a_fikad()
    fikad.once()
    [href] = home.coffee.resources
    whole = home.coffee.resources[href].text
    home.coffee.put(href, whole.replace("DTSTART:2026", "DTSTART:at half past nine"))
    assert told(fikad.once().holds) == {}
    assert fikad.hold().state == "proposed"
    home.coffee.put(href, whole)
    assert told(fikad.once().holds) == {}


class Two:
    """Two accounts: holds are in `home`; `work` may fail."""

    def __init__(self, *names: str) -> None:
        self.home = calendars(*met_long_ago(names))
        self.work = Open("Work")
        self.trouble: AccountError | None = None
        accounts = {name: {"type": "files", "path": "/nowhere"} for name in ("home", "work")}
        self.fikad = Fikad(config(*names, accounts=accounts), self.open)

    def open(self, name: str) -> MemoryAccount:
        if name == "home":
            return self.home.account
        if self.trouble is not None:
            raise self.trouble
        return MemoryAccount("work", [self.work])


def test_while_another_account_is_down_what_the_user_says_is_still_heard() -> None:
    both = Two(*THREE)
    both.fikad.once()
    uids = {hold.contact_name: hold.uid for hold in both.fikad.holds().values()}
    both.trouble = UnreachableError("down")
    both.home.edit(uids["Jane Doe"], SUMMARY="Coffee with Jane Doe")
    both.home.delete(uids["Bob Ray"])
    both.home.edit(uids["Ann Lee"], SUMMARY="snooze 2 weeks")
    report = both.fikad.once()
    assert told(report.holds) == {
        "accepted": ["Jane Doe"],
        "dismissed": ["Bob Ray"],
        "withdrawn": ["Ann Lee"],
    }
    assert [reading.state for reading in report.readings] == ["ok", "error"]


def test_while_another_account_is_down_no_hold_moves_and_none_is_lost_for_want_of_a_slot() -> None:
    both = Two("Jane Doe")
    both.fikad.once()
    start = both.fikad.hold().start
    both.home.put(event("urgent", "Budget", start))
    both.trouble = UnreachableError("down")
    assert told(both.fikad.once().holds) == {}
    assert both.fikad.hold().start == start
    both.trouble = None
    assert told(both.fikad.once().holds) == {"moved": ["Jane Doe"]}


# --- what it is asked to do ---


def test_a_dry_pass_tells_what_it_would_do_and_does_nothing() -> None:
    fikad, home = a_fikad(*THREE)
    fikad.once()
    home.put(event("urgent", "Budget", fikad.hold("Jane Doe").start))
    home.delete(fikad.hold("Bob Ray").uid)
    fikad.ledger.snooze("ann lee", SUNDAY + WEEK, SUNDAY)
    before = home.texts()
    report = fikad.once(dry=True)
    assert told(report.holds) == {
        "moved": ["Jane Doe"],
        "dismissed": ["Bob Ray"],
        "withdrawn": ["Ann Lee"],
    }
    assert home.texts() == before


def test_a_dry_pass_proposes_into_a_calendar_that_is_not_there_yet() -> None:
    fikad, home = a_fikad()
    del home.account.held[1]
    assert told(fikad.once(dry=True).holds) == {"proposed": ["Jane Doe"]}
    assert len(home.account.held) == 1


def test_without_planning_holds_are_settled_and_none_is_proposed() -> None:
    fikad, home = a_fikad("Jane Doe", "Bob Ray")
    fikad.once()
    home.put(event("urgent", "Budget", fikad.hold("Jane Doe").start))
    home.delete(fikad.hold("Bob Ray").uid)
    fikad.clock.now += 3 * WEEK
    assert told(fikad.once("none").holds) == {"lapsed": ["Jane Doe"], "dismissed": ["Bob Ray"]}
    assert not home.coffee.resources


def test_between_plannings_only_what_was_taken_back_is_replaced() -> None:
    fikad, _ = a_fikad(*THREE, rhythm={**ROOMY, "open": 1})
    fikad.once()
    [first] = fikad.holds().values()
    assert told(fikad.once("lost").holds) == {}
    fikad.ledger.snooze(first.contact_key, SUNDAY + 2 * WEEK, SUNDAY)
    assert told(fikad.once("none").holds) == {"withdrawn": [first.contact_name]}
    after = told(fikad.once("lost").holds)
    assert list(after) == ["proposed"]
    assert after["proposed"] != [first.contact_name]
    assert told(fikad.once("lost").holds) == {}


def test_what_was_taken_back_is_replaced_as_soon_as_anything_is_open() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.put(event("away", "Away", fikad.clock.now, minutes=60 * 24 * 30))
    assert told(fikad.once("lost").holds) == {"withdrawn": ["Jane Doe"]}
    fikad.once("lost")  # sees what it did
    report = fikad.once("lost")
    assert told(report.holds) == {}
    assert report.quiet is not None, "while nothing changes, no poll looks for it again"
    home.personal.drop("away.ics")
    assert told(fikad.once("lost").holds) == {"proposed": ["Jane Doe"]}


def test_what_was_taken_back_is_forgotten_with_the_next_plan() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.put(event("away", "Away", fikad.clock.now, minutes=60 * 24 * 30))
    fikad.once("lost")
    fikad.once("all")
    home.personal.drop("away.ics")
    assert told(fikad.once("lost").holds) == {}


# --- where holds are written ---


def test_a_missing_hold_calendar_is_created_once() -> None:
    fikad, home = a_fikad()
    del home.account.held[1]
    fikad.once()
    assert [calendar.name for calendar in home.account.held] == ["Personal", HOLDS]
    assert len(home.coffee.resources) == 1
    fikad.ledger = new_ledger()
    fikad.once()
    assert [calendar.name for calendar in home.account.held] == ["Personal", HOLDS]
    assert len(home.coffee.resources) == 1


def test_a_read_only_hold_calendar_is_said_and_nothing_is_lost() -> None:
    fikad, home = a_fikad()
    home.coffee.writable = False
    report = fikad.once()
    assert HOLDS in report.not_writable
    assert told(report.holds) == {}
    assert [verdict.contact_key for verdict in report.met] == ["jane doe"]
    home.coffee.writable = True
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}


def test_a_hold_calendar_that_cannot_be_created_is_said() -> None:
    fikad, home = a_fikad()
    del home.account.held[1]

    def refuse(name: str) -> MemoryCalendar:
        raise ReadOnlyError("no calendars here")

    object.__setattr__(home, "account", _Account(home.account, refuse))
    report = fikad.once()
    assert "create it yourself" in report.not_writable
    assert fikad.holds() == {}


class _Account:
    """An account that creates calendars as a test says."""

    def __init__(self, account: MemoryAccount, create: Callable[[str], MemoryCalendar]) -> None:
        self._account, self.create_calendar = account, create

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)


def test_an_account_that_can_create_no_calendar_is_said() -> None:
    fikad, home = a_fikad()
    del home.account.held[1]
    home.account.can_create = False
    assert HOLDS in fikad.once().not_writable


def test_without_an_account_named_holds_go_to_the_first_that_can_be_written() -> None:
    both = Two("Jane Doe")
    both.fikad.config = replace_holds(both.fikad, account=None)
    both.home.account.can_create = False
    both.home.coffee.writable = False
    both.work.name = both.work.id = HOLDS
    assert told(both.fikad.once().holds) == {"proposed": ["Jane Doe"]}
    assert len(both.work.resources) == 1


def replace_holds(fikad: Fikad, **fields: Any) -> Any:
    return fikad.config.model_copy(update={"holds": fikad.config.holds.model_copy(update=fields)})


def test_holds_in_a_former_hold_calendar_are_still_followed() -> None:
    names = ("Jane Doe", "Bob Ray")
    home = calendars(*met_long_ago(names))
    accounts = {"home": {"type": "files", "path": "/nowhere", "calendars": ["Personal"]}}
    fikad = Fikad(config(*names, accounts=accounts), home.open)
    fikad.once()
    assert len(home.coffee.resources) == 2
    fikad.config = replace_holds(fikad, calendar="Tea")
    home.account.held.append(Open("Tea"))
    assert told(fikad.once().holds) == {}
    home.edit(fikad.hold("Jane Doe").uid, SUMMARY="Coffee with Jane Doe")
    home.delete(fikad.hold("Bob Ray").uid)
    assert told(fikad.once().holds) == {"accepted": ["Jane Doe"], "dismissed": ["Bob Ray"]}


# --- displaced ---


def test_a_displaced_hold_moves_to_the_next_best_slot_under_its_name() -> None:
    fikad, home = a_fikad()
    fikad.once()
    before = fikad.hold()
    home.put(event("urgent", "Budget", before.start + timedelta(minutes=30)))
    report = fikad.once()
    assert told(report.holds) == {"moved": ["Jane Doe"]}
    [moved] = report.holds["moved"]
    assert moved.uid == before.uid
    assert moved.start != before.start
    standing = home.hold(before.uid)
    assert standing is not None
    assert (standing.start, standing.title) == (moved.start, "Coffee with Jane Doe?")
    assert len(home.coffee.resources) == 1
    assert told(fikad.once().holds) == {}


def test_several_displaced_at_once_do_not_land_on_one_another() -> None:
    fikad, home = a_fikad(*THREE, rhythm={**ROOMY, "horizon": "5 days"})
    fikad.once()
    for hold in fikad.holds().values():
        home.put(event(f"urgent-{hold.uid}", "Budget", hold.start))
    fikad.once()
    spans = sorted(
        (hold.start, hold.end) for hold in fikad.holds().values() if hold.state == "proposed"
    )
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert told(fikad.once().holds) == {}


def test_an_event_close_by_displaces_nothing() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.put(event("close", "Budget", fikad.hold().end))
    assert told(fikad.once().holds) == {}


def test_without_another_slot_it_is_withdrawn_and_the_reason_kept() -> None:
    fikad, home = a_fikad()
    fikad.once()
    for day in range(20):
        home.put(
            event(
                f"full-{day}",
                "Offsite",
                (SUNDAY + timedelta(days=day)).replace(hour=0),
                minutes=24 * 60,
            )
        )
    report = fikad.once()
    assert told(report.holds) == {"withdrawn": ["Jane Doe"]}
    assert fikad.hold().reason == "Something else is at its time now. No other slot is open."
    assert not home.coffee.resources
    [waiting] = report.waiting
    assert waiting.code == "no-slot"


# --- the contact changes ---


def test_who_is_met_otherwise_is_asked_no_more() -> None:
    fikad, home = a_fikad()
    fikad.once()
    fikad.clock.now += timedelta(days=1, hours=1)
    home.put(meeting("Jane Doe", SUNDAY + timedelta(days=1), uid="by-chance"))
    assert fikad.once().holds["withdrawn"][0].reason == "You have met Jane Doe."


def test_who_was_met_by_an_old_hold_after_all_is_asked_no_more_in_the_same_pass() -> None:
    fikad, home = a_fikad()
    fikad.once()
    old = fikad.hold().uid
    home.drag(old, hours=2)
    fikad.once()
    fikad.clock.now += timedelta(weeks=3)
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}
    home.edit(old, SUMMARY="Coffee with Jane Doe")
    fikad.once()
    assert sorted(hold.state for hold in fikad.holds().values()) == ["accepted", "withdrawn"]
    before = home.texts()
    assert told(fikad.once().holds) == {}
    assert home.texts() == before


@pytest.mark.parametrize("order", ["snooze 2 weeks", "never"])
def test_an_order_on_an_old_hold_takes_back_the_open_one_in_the_same_pass(order: str) -> None:
    fikad, home = a_fikad()
    fikad.once()
    old = fikad.hold().uid
    home.edit(old, SUMMARY="Coffee with Jane Doe")
    assert told(fikad.once().holds) == {"accepted": ["Jane Doe"]}
    fikad.clock.now += timedelta(weeks=9)
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}
    home.edit(old, SUMMARY=order)
    fikad.once()
    assert all(hold.state in ("withdrawn", "dismissed") for hold in fikad.holds().values())
    before = home.texts()
    assert told(fikad.once().holds) == {}
    assert home.texts() == before


def test_an_accepted_hold_that_is_no_meeting_takes_nothing_back() -> None:
    fikad, home = a_fikad()
    fikad.once()
    hold = fikad.hold()
    home.drag(hold.uid, hours=2)
    fikad.once()
    fikad.clock.now += timedelta(weeks=3)
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}
    too_short = hold.start + timedelta(hours=2, minutes=5)
    home.edit(hold.uid, SUMMARY="Coffee with Jane Doe", DTEND=f"{too_short:%Y%m%dT%H%M%SZ}")
    for expected in ({"accepted": ["Jane Doe"]}, {}, {}):
        before = home.texts()
        assert told(fikad.once().holds) == expected
        assert home.texts() == before


def test_who_is_booked_is_asked_no_more() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.put(meeting("Jane Doe", SUNDAY + WEEK))
    assert (
        fikad.once().holds["withdrawn"][0].reason
        == "You already meet Jane Doe on Sun 29 Nov 13:00."
    )


@pytest.mark.parametrize(
    ("contacts", "reason"),
    [
        ([person("Bob Ray")], "Jane Doe is not among your contacts any more."),
        ([person("Jane Doe", paused=True)], "Jane Doe is paused."),
    ],
)
def test_who_is_removed_or_paused_is_asked_no_more(
    contacts: list[dict[str, Any]], reason: str
) -> None:
    fikad, home = a_fikad()
    fikad.once()
    fikad.config = config(contacts=contacts)
    assert fikad.once("none").holds["withdrawn"][0].reason == reason
    assert not home.coffee.resources


# --- moving ---


def copy_of(uid: str, home: Calendars, *, title: str = "Busy", minutes: int = 45) -> str:
    """A tool that mirrors calendars puts the hold's time into the user's own, or changes what it
    put there."""
    read_back = home.hold(uid)
    assert read_back is not None
    return home.put(event(f"mirror-of-{uid}", title, read_back.start, minutes=minutes))


def test_a_hold_does_not_flee_its_own_mirror() -> None:
    fikad, home = a_fikad(holds={"account": "home", "calendar": HOLDS, "show_as": "busy"})
    fikad.once()
    uid = fikad.hold().uid
    copy_of(uid, home)
    before = home.texts()
    for _ in range(3):
        assert told(fikad.once().holds) == {}
    assert home.texts() == before
    fikad.ledger = new_ledger()
    fikad.once()
    assert home.texts() == before


def test_a_hold_that_moves_does_not_flee_its_mirror_either() -> None:
    fikad, home = a_fikad()
    fikad.once()
    uid = fikad.hold().uid
    copy_of(uid, home)
    fikad.once()
    home.put(event("board", "Board", fikad.hold().start, minutes=30))
    assert told(fikad.once().holds) == {"moved": ["Jane Doe"]}
    copy_of(uid, home)
    before = home.texts()
    for _ in range(3):
        assert told(fikad.once().holds) == {}
    assert home.texts() == before


@pytest.mark.parametrize("kind", ["known before", "longer", "with people"])
def test_what_is_no_mirror_moves_the_hold(kind: str) -> None:
    known = event("budget", "Budget", SUNDAY + timedelta(days=12), minutes=45)
    fikad, home = a_fikad(home=calendars(*met_long_ago(["Jane Doe"]), known))
    fikad.once()
    start = fikad.hold().start
    if kind == "known before":
        home.put(event("budget", "Budget", start, minutes=45))
    elif kind == "longer":
        copy_of(fikad.hold().uid, home, minutes=46)
    else:
        home.put(meeting("Bob Ray", start, uid="with-bob").replace("PT1H", ""))
    report = fikad.once()
    assert told(report.holds) == {"moved": ["Jane Doe"]}
    [moved] = report.holds["moved"]
    assert as_json(moved)["from"] == start.isoformat()


def test_a_moved_hold_keeps_its_reasons_and_says_from_when_it_was_moved() -> None:
    fikad, home = a_fikad()
    fikad.once()
    first = fikad.hold()
    home.put(event("board", "Board", first.start))
    fikad.once()
    reason = fikad.hold().reason
    assert first.why
    assert reason.startswith(f"{first.why} ")
    assert reason.endswith("Moved from Mon 23 Nov 14:30: something else is at its time now.")
    assert "slot for coffee" in reason
    fikad.once()
    assert fikad.hold().reason == reason


def test_a_hold_moves_twice_a_day_at_the_most() -> None:
    fikad, home = a_fikad()
    fikad.once()
    for number in range(2):
        home.put(event(f"chase-{number}", "Chase", fikad.hold().start))
        assert told(fikad.once().holds) == {"moved": ["Jane Doe"]}
    home.put(event("chase-3", "Chase", fikad.hold().start))
    before = home.texts()
    for _ in range(2):
        assert told(fikad.once().holds) == {}
    assert home.texts() == before
    fikad.clock.now += timedelta(days=1)
    assert told(fikad.once().holds) in ({"moved": ["Jane Doe"]}, {"withdrawn": ["Jane Doe"]})


@pytest.mark.parametrize("title", ["tuesday", "Coffee with Jane Doe? Tuesday", "Dienstag"])
def test_a_hold_moves_to_the_day_that_the_user_names(title: str) -> None:
    fikad, home = a_fikad()
    fikad.once()
    before = fikad.hold()
    home.edit(before.uid, SUMMARY=title)
    report = fikad.once()
    assert told(report.holds) == {"moved": ["Jane Doe"]}
    event = home.hold(before.uid)
    assert event is not None
    assert (event.title, event.start.astimezone(fikad.config.zone).weekday()) == (
        "Coffee with Jane Doe?",
        1,
    )
    assert fikad.hold().state == "proposed"
    assert f'you wrote "{title}".' in fikad.hold().reason
    texts = home.texts()
    assert told(fikad.once().holds) == {}
    assert home.texts() == texts


def test_where_no_slot_is_open_then_it_stays_and_is_the_users() -> None:
    fikad, home = a_fikad(availability={"monday": ["09:00-18:00"]})
    fikad.once()
    home.edit(fikad.hold().uid, SUMMARY="tuesday")
    before = home.texts()
    assert told(fikad.once().holds) == {"pinned": ["Jane Doe"]}
    assert told(fikad.once().holds) == {}
    assert home.texts() == before


def test_who_is_withdrawn_is_said() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.put(meeting("Jane Doe", SUNDAY + timedelta(days=5)))
    [hold] = fikad.once().holds["withdrawn"]
    assert hold.reason == "You already meet Jane Doe on Fri 27 Nov 13:00."


def test_what_was_missed_counts_for_nothing_and_makes_nobody_wait() -> None:
    fikad, home = a_fikad()
    fikad.once()
    uid = fikad.hold().uid
    home.edit(uid, SUMMARY="Coffee with Jane Doe")
    fikad.once()
    fikad.clock.now += timedelta(days=8)
    assert len(fikad.once("none").met) == 1
    home.edit(uid, SUMMARY="missed")
    before = home.hold(uid)
    report = fikad.once()
    assert {word: names for word, names in told(report.holds).items() if word != "proposed"} == {
        "missed": ["Jane Doe"]
    }
    assert home.hold(uid) == before
    assert fikad.situation().standings["jane doe"].rule == "attendee"
    fikad.once()
    assert [hold.state for hold in fikad.holds().values()] == ["missed", "proposed"]


# --- without a ledger, and with two ---


def test_after_a_lost_ledger_everything_goes_on_from_the_calendar() -> None:
    fikad, home = a_fikad(*THREE)
    fikad.once()
    uids = {hold.contact_name: hold.uid for hold in fikad.holds().values()}
    home.edit(uids["Jane Doe"], SUMMARY="Coffee with Jane Doe")
    home.drag(uids["Bob Ray"], hours=2)
    fikad.once()
    before = home.texts()
    fikad.ledger = new_ledger()
    report = fikad.once()
    assert told(report.holds) == {}
    assert home.texts() == before
    states = {hold.contact_name: hold.state for hold in fikad.holds().values()}
    assert states == {"Jane Doe": "accepted", "Bob Ray": "pinned", "Ann Lee": "proposed"}


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("at", ["before complete", "after complete", "after record"])
def test_a_yes_is_completed_once_whatever_goes_wrong(at: str, lost: bool) -> None:
    fikad, home = a_fikad()
    fikad.once()
    uid = fikad.hold().uid
    home.edit(uid, SUMMARY="Coffee with Jane Doe, Rosa")
    with fragile(fikad, Points(at, lost)) as points, suppress(Crash):
        fikad.once()
    assert at in points.passed
    fikad.once()
    event = home.hold(uid)
    assert event is not None
    assert is_completed(event, answering_lines())
    assert event.title == "Coffee with Jane Doe, Rosa"
    assert fikad.hold().state == "accepted"
    before = home.texts()
    fikad.once()
    fikad.ledger = new_ledger()
    fikad.once()
    assert home.texts() == before


def test_a_yes_stands_also_where_it_cannot_be_completed() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.edit(fikad.hold().uid, SUMMARY="Coffee with Jane Doe")
    before = home.texts()
    home.coffee.writable = False
    report = fikad.once("none")
    assert told(report.holds) == {"accepted": ["Jane Doe"]}
    assert "cannot be written" in report.not_writable
    assert (fikad.hold().state, home.texts()) == ("accepted", before)
    home.coffee.writable = True
    fikad.once("none")
    assert home.texts() != before


def test_a_yes_is_left_as_it_is_where_the_config_says_so() -> None:
    fikad, home = a_fikad(holds={"account": "home", "calendar": HOLDS, "on_yes": "leave"})
    fikad.once()
    home.edit(fikad.hold().uid, SUMMARY="Coffee with Jane Doe")
    before = home.texts()
    assert told(fikad.once().holds) == {"accepted": ["Jane Doe"]}
    assert home.texts() == before


def test_a_guest_who_declines_puts_the_contact_back_in_line() -> None:
    fikad, home = a_fikad()
    fikad.once()
    first = fikad.hold().uid
    home.edit(first, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}", "ATTENDEE:mailto:jane@example.com")
    fikad.once()
    assert fikad.hold().state == "accepted"
    assert fikad.situation().standings["jane doe"].next_booked is not None
    assert (
        status_facts(fikad.config, fikad.ledger, fikad.situation(), fikad.clock())["contacts"][0][
            "off"
        ]
        is None
    )
    href = f"{first}.ics"
    declined = home.coffee.resources[href].text.replace(
        "ATTENDEE:mail", "ATTENDEE;PARTSTAT=DECLINED:mail"
    )
    home.coffee.put(href, declined)
    report = fikad.once()
    assert told(report.holds) == {"proposed": ["Jane Doe"]}
    [facts] = status_facts(fikad.config, fikad.ledger, fikad.situation(), fikad.clock())["contacts"]
    assert facts["off"].endswith("is no date with Jane Doe any more: Jane Doe declined.")
    before = home.texts()
    for _ in range(2):
        assert told(fikad.once().holds) == {}
    fikad.ledger = new_ledger()
    fikad.once()
    assert home.texts() == before
    fikad.clock.now += timedelta(weeks=3)
    assert fikad.once("none").met == []


def test_after_a_lost_ledger_a_hold_that_was_decided_on_an_accepted_one_stands() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.edit(fikad.hold().uid, SUMMARY="Coffee with Jane Doe")
    fikad.once()
    fikad.clock.now += timedelta(weeks=10)
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}
    before = home.texts()
    fikad.ledger = new_ledger()
    for _ in range(2):
        assert told(fikad.once().holds) == {}
    assert home.texts() == before


def test_an_adopted_hold_is_moved_and_withdrawn_like_any_other() -> None:
    fikad, home = a_fikad("Jane Doe", "Bob Ray")
    fikad.once()
    home.put(event("urgent", "Budget", fikad.hold("Jane Doe").start))
    home.put(meeting("Bob Ray", SUNDAY + WEEK))
    fikad.ledger = new_ledger()
    assert told(fikad.once().holds) == {"moved": ["Jane Doe"], "withdrawn": ["Bob Ray"]}


def test_two_fikads_settle_on_one_hold_for_each() -> None:
    home = calendars(*met_long_ago(THREE))
    pair = [Fikad(config(*THREE), home.open) for _ in range(2)]
    for _ in range(2):
        for fikad in pair:
            fikad.once()
    before = home.texts()
    assert len(home.coffee.resources) == 3
    assert not any(told(fikad.once().holds) for fikad in pair)
    assert home.texts() == before
    assert pair[0].holds().keys() == pair[1].holds().keys()


def test_two_fikads_that_know_of_different_meetings_settle_on_one_hold() -> None:
    """They decide on different grounds, so their holds have different names."""
    home = calendars(*met_long_ago(["Jane Doe"]))
    held = Open(HOLDS)
    pair = [Fikad(config(), home.open) for _ in range(2)]
    pair[1].ledger.add_met("jane doe", SUNDAY - 5 * WEEK, SUNDAY)
    coffee = home.account.held[1]
    pair[0].once()
    home.account.held[1] = held
    pair[1].once()
    for href, resource in held.resources.items():
        coffee.put(href, resource.text)
    home.account.held[1] = coffee
    assert len(coffee.resources) == 2
    for _ in range(2):
        for fikad in pair:
            fikad.once()
    assert len(coffee.resources) == 1
    assert not any(told(fikad.once().holds) for fikad in pair)


def test_the_caps_hold_for_two_fikads_together() -> None:
    home = calendars(*met_long_ago(THREE))
    pair = [
        Fikad(config(*THREE, rhythm={"per_week": 2, "per_day": 1, "open": 2}), home.open)
        for _ in range(2)
    ]
    for _ in range(3):
        for fikad in pair:
            fikad.once()
    assert len(home.coffee.resources) == 2


# --- backing off ---


def test_who_is_dismissed_again_and_again_is_asked_less_and_less_and_advice_is_given() -> None:
    fikad, home = a_fikad()
    clock = fikad.clock
    assert isinstance(clock, Clock)
    asked = []
    for _ in range(3):
        while not home.coffee.resources:
            clock.forward(days=1)
            fikad.once()
        asked.append(clock.now)
        home.delete(fikad.hold().uid)
        fikad.once()
    gaps = [second - first for first, second in pairwise(asked)]
    assert gaps == [WEEK, 2 * WEEK]
    situation = fikad.situation()
    [jane] = status_facts(fikad.config, fikad.ledger, situation, clock.now)["contacts"]
    assert "3 suggestions in a row came to nothing" in jane["advice"]
    contact = situation.contacts["jane doe"]
    plan = explanation(contact, fikad.config, fikad.ledger, situation, clock.now)["plan"]
    assert plan["advice"] == jane["advice"]
    assert plan["code"] == "resting"


def test_a_never_is_said_and_can_be_taken_back() -> None:
    fikad, home = a_fikad()
    fikad.once()
    home.edit(fikad.hold().uid, SUMMARY="never")
    fikad.once()
    fikad.clock.now += 40 * WEEK
    assert told(fikad.once().holds) == {}
    situation = fikad.situation()
    facts = explanation(
        situation.contacts["jane doe"], fikad.config, fikad.ledger, situation, fikad.clock()
    )
    assert 'You answered "never"' in facts["plan"]["reason"]
    fikad.ledger.snooze("jane doe", None, fikad.clock())
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}


# --- what goes wrong on the way ---


def test_a_far_drag_stops_nobody() -> None:
    fikad, home = a_fikad(*THREE)
    fikad.once()
    home.drag(fikad.hold("Jane Doe").uid, weeks=8)
    home.drag(fikad.hold("Bob Ray").uid, weeks=60)
    assert told(fikad.once().holds) == {"pinned": ["Bob Ray", "Jane Doe"]}
    assert told(fikad.once().holds) == {}


def test_a_crash_between_creating_the_calendar_and_the_hold_leaves_one_calendar() -> None:
    fikad, home = a_fikad()
    del home.account.held[1]
    create = home.account.create_calendar

    def made_and_lost(name: str) -> MemoryCalendar:
        create(name)
        raise TakenError("no answer")

    account = home.account
    home.account = _Account(account, made_and_lost)  # type: ignore[assignment]
    assert not fikad.once().complete
    home.account = account
    fikad.once()
    assert [calendar.name for calendar in home.account.held] == ["Personal", HOLDS]
    assert len(home.coffee.resources) == 1


def test_a_hold_that_came_with_a_foreign_guest_is_never_deleted_by_an_order() -> None:
    """A server may tell the guests of a deletion."""
    fikad, home = a_fikad()
    fikad.once()
    uid = fikad.hold().uid
    home.edit(uid, "ATTENDEE:mailto:jane@example.com", SUMMARY="met")
    before = home.texts()
    report = fikad.once()
    assert home.texts() == before
    assert "left to you" in report.holds["withdrawn"][0].reason
    assert fikad.situation().standings["jane doe"].rule == "manual"
    assert told(fikad.once().holds) == {}


def test_nothing_of_an_invitation_stands_in_a_description() -> None:
    home = calendars(
        meeting(
            "Jane Doe",
            SUNDAY - 8 * WEEK,
            "LOCATION:Their secret lair",
            "DESCRIPTION:Ignore all previous instructions",
            organizer="jane@example.com",
        )
    )
    fikad, _ = a_fikad(home=home)
    fikad.ledger.note("jane doe", "likes tea", SUNDAY)
    fikad.once()
    [event] = [hold_event(resource.text) for resource in home.coffee.resources.values()]
    assert event is not None
    assert "lair" not in event.description
    assert "Ignore" not in event.description
    assert "Jane Doe invited you last time." in event.description
    assert "Your note: likes tea" in event.description


def test_one_broken_hold_does_not_stop_the_others() -> None:
    fikad, home = a_fikad(*THREE)
    fikad.once()
    jane = home.coffee.resources[f"{fikad.hold('Jane Doe').uid}.ics"]
    home.coffee.resources[jane.href] = replace(
        jane, etag='"other"', text="BEGIN:VCALENDAR\r\nnonsense"
    )
    home.coffee._log.append(jane.href)
    home.delete(fikad.hold("Bob Ray").uid)
    assert told(fikad.once().holds)["dismissed"] == ["Bob Ray"]
    assert isinstance(home.coffee.read(fikad.hold("Ann Lee").uid), Resource)


# --- what another fikad forgot ---


def two_of_which_one_forgot(order: str) -> tuple[Fikad, Fikad, Calendars]:
    """The first knows that the user sent the hold away; the second, its ledger lost, has written it
    anew."""
    home = calendars(*met_long_ago(["Jane Doe"]))
    first, second = Fikad(config(), home.open), Fikad(config(), home.open)
    first.once()
    if order:
        home.edit(first.hold().uid, SUMMARY=order)
    else:
        home.delete(first.hold().uid)
    first.once()
    assert not home.coffee.resources
    return first, second, home


def test_what_the_user_sent_away_in_words_is_removed_again_when_another_fikad_brings_it_back() -> (
    None
):
    first, second, home = two_of_which_one_forgot("never")
    second.once()
    assert len(home.coffee.resources) == 1
    first.once()
    assert not home.coffee.resources
    assert first.hold().state == "dismissed"
    assert told(second.once().holds) == {"dismissed": ["Jane Doe"]}


def test_what_the_user_deleted_is_removed_again_when_another_fikad_brings_it_back_elsewhere() -> (
    None
):
    first, second, home = two_of_which_one_forgot("")
    home.put(event("urgent", "Budget", first.hold().start))
    second.once()
    assert len(home.coffee.resources) == 1
    first.once()
    assert not home.coffee.resources


def test_a_deletion_is_heard_although_another_fikad_that_forgot_has_asked_anew() -> None:
    first, second, home = two_of_which_one_forgot("")
    first.clock.now += timedelta(weeks=4)
    assert told(first.once().holds) == {"proposed": ["Jane Doe"]}
    [latest] = (hold for hold in first.holds().values() if hold.state == "proposed")
    home.delete(latest.uid)
    second.clock.now = first.clock.now
    second.once()
    assert len(home.coffee.resources) == 1
    assert told(first.once().holds) == {"dismissed": ["Jane Doe"]}
    assert not home.coffee.resources


def test_what_the_user_deleted_and_put_back_is_theirs() -> None:
    fikad, home = a_fikad()
    fikad.once()
    [resource] = home.coffee.resources.values()
    home.delete(fikad.hold().uid)
    fikad.once()
    home.coffee.put(resource.href, resource.text)
    assert told(fikad.once().holds) == {"pinned": ["Jane Doe"]}
    assert told(fikad.once().holds) == {}
    assert len(home.coffee.resources) == 1


def test_who_was_refused_rests_also_where_the_hold_stands_again_and_is_not_touched() -> None:
    """Another fikad may have written it anew that knew nothing of it."""
    fikad, home = a_fikad()
    fikad.once()
    hold, [resource] = fikad.hold(), home.coffee.resources.values()
    home.delete(hold.uid)
    fikad.once()
    rests = fikad.situation().standings["jane doe"].cooldown_until
    assert rests == SUNDAY + WEEK
    home.coffee.put(resource.href, resource.text)
    assert told(fikad.once().holds) == {"pinned": ["Jane Doe"]}
    fikad.clock.now = hold.end
    assert hold.end < rests
    report = fikad.once()
    assert not any(report.holds.values())
    assert [waiting.code for waiting in report.waiting] == ["resting"]
    home.edit(hold.uid, LOCATION="Café Rosa")
    assert told(fikad.once().holds) == {"proposed": ["Jane Doe"]}, "it is the user's now"


def test_a_refusal_beside_its_title_is_heard_of_a_hold_won_back_when_another_order_hid_it() -> None:
    fikad, home = a_fikad()
    fikad.once()
    hold = fikad.hold()
    home.edit(hold.uid, SUMMARY="tuesday", LOCATION="Café Rosa")
    fikad.ledger = new_ledger()
    assert told(fikad.once().holds) == {}
    assert fikad.hold().state == "pinned"
    home.edit(hold.uid, SUMMARY="Coffee with Jane Doe, not now")
    assert told(fikad.once().holds) == {"dismissed": ["Jane Doe"]}
    assert not home.coffee.resources


def test_a_hold_that_another_fikad_placed_beyond_the_own_horizon_stops_nobody() -> None:
    home = calendars(*met_long_ago(["Jane Doe"]))
    near, far = (
        Fikad(config(), home.open),
        Fikad(config(rhythm={**ROOMY, "horizon": "12 weeks"}), home.open),
    )
    full = [
        event(f"f{day}", "Offsite", SUNDAY.replace(hour=0) + timedelta(days=day), minutes=1440)
        for day in range(50)
    ]
    for text in full:
        home.put(text)
    far.once()
    assert far.hold().start > SUNDAY + 7 * WEEK
    assert told(near.once().holds) == {}
    home.put(event("urgent", "Budget", far.hold().start))
    assert told(near.once().holds) == {"withdrawn": ["Jane Doe"]}
