"""What one pass tells, what it keeps for the next, and when it decides anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from connectors.address_book import Card
from connectors.base import Changes, HoldDraft, Resource
from connectors.errors import ReadOnlyError, UnreachableError
from daemon.cycle.hiding import forget_hiding, hiding_calendars, mark_hiding, refusal
from daemon.cycle.report import CalendarMade
from daemon.polling.mark import listing_of_calendars
from daemon.situation.verdicts import Judge
from tests.daemon.cycle.odd_accounts import Counting, Down
from tests.daemon.world import (
    HOLDS,
    ME,
    ROOMY,
    SUNDAY,
    Calendars,
    Crash,
    Fikad,
    Points,
    calendars,
    config,
    event,
    fragile,
    meeting,
    met_long_ago,
    person,
)
from tests.memory import MemoryAccount, MemoryAddressBooks, MemoryCalendar
from tests.traced import lines, traced

WRITTEN = {"account": "home", "calendar": HOLDS}
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


class House:
    """One fikad and its calendars, whose account counts how often it is listed."""

    def __init__(self, *names: str, **tables: Any) -> None:
        names = names or ("Jane Doe",)
        self.account = Counting("home", calendars(*met_long_ago(names)).account.held)
        self.account.owner = frozenset({ME})
        self.home = Calendars(self.account)
        self.fikad = Fikad(config(*names, **tables), self.home.open)

    def meanwhile(self, number: int, what: Callable[[], object]) -> None:
        """Something happens when the account is listed for the so-manieth time from now on."""
        self.account.listed = 0
        self.account.at = {number: what}


# --- what is told ---


def test_everybody_is_told_by_name_and_nobody_who_is_to_be_named_nowhere_was_met() -> None:
    contacts = [person("Jane Doe"), person("Bob Ray", paused=True)]
    house = House("Jane Doe", "Bob Ray", contacts=contacts)
    report = house.fikad.once()
    assert report.names == {"jane doe": "Jane Doe", "bob ray": "Bob Ray"}
    assert report.silent == {"bob ray"}
    assert [met.contact_key for met in report.met] == ["jane doe"]


def test_what_was_set_aside_and_what_was_listed_is_told() -> None:
    house = House()
    house.home.personal.put("odd.ics", event("odd", "Odd", SUNDAY).replace("20261122T120000Z", "x"))
    report = house.fikad.once()
    assert [(where, problem.uid) for _, where, problem in report.problems] == [("Personal", "odd")]
    assert report.listings == {"home": listing_of_calendars(house.account.held)}


def test_a_calendar_that_was_made_is_told_and_listed() -> None:
    house = House()
    del house.account.held[1]
    report = house.fikad.once()
    assert report.made == CalendarMade("home", HOLDS)
    assert report.listings == {"home": listing_of_calendars(house.account.held)}
    assert [hold.contact_name for hold in report.holds["proposed"]] == ["Jane Doe"]
    assert house.fikad.once().made is None


@pytest.mark.parametrize(
    ("error", "complete", "why"),
    [(ReadOnlyError("not here"), True, "not here"), (UnreachableError("down"), False, "")],
)
def test_a_calendar_that_cannot_be_made_is_told(error: Exception, complete: bool, why: str) -> None:
    house = House()
    del house.account.held[1]

    def create(name: str) -> MemoryCalendar:
        raise error

    house.account.create_calendar = create  # type: ignore[method-assign]
    report = house.fikad.once()
    assert (report.complete, report.planned) == (complete, False)
    assert why in report.not_writable
    assert bool(why) == bool(report.not_writable)
    assert house.account.listed == 2, "it was tried again at once"


def test_while_an_account_is_down_everybody_waits_for_it_who_might_be_asked() -> None:
    house = House("Ann Lee", "Jane Doe")
    entry = {"type": "files", "path": "/nowhere"}
    house.fikad.config = config("Ann Lee", "Jane Doe", accounts={"home": entry, "work": entry})
    house.fikad.ledger.snooze("ann lee", SUNDAY + WEEK, SUNDAY)

    def opener(name: str) -> MemoryAccount:
        if name == "work":
            raise UnreachableError("down")
        return house.account

    house.fikad.opener = opener
    report = house.fikad.once()
    assert (report.complete, report.planned, report.unread) == (False, False, ["work"])
    assert [(each.contact_key, each.code) for each in report.waiting] == [("jane doe", "unread")]
    assert "work" in report.waiting[0].reason
    assert house.fikad.once("none").waiting == []


def test_a_pass_without_accounts_proposes_nothing_and_complains_of_nothing() -> None:
    house = House()
    house.fikad.config = house.fikad.config.model_copy(update={"accounts": {}})
    report = house.fikad.once()
    assert (report.planned, report.not_writable, report.holds) == (False, "", {})


def test_who_waits_is_told_by_a_plan_and_not_by_every_poll() -> None:
    house = House("Ann Lee", "Jane Doe")
    house.fikad.ledger.snooze("ann lee", SUNDAY + WEEK, SUNDAY)
    assert [each.contact_key for each in house.fikad.once().waiting] == ["ann lee"]
    assert house.fikad.once("lost").waiting == []


def test_a_plan_is_told_to_whoever_wants_to_know() -> None:
    house = House("Ann Lee", "Jane Doe")
    house.fikad.ledger.snooze("ann lee", SUNDAY + WEEK, SUNDAY)
    with traced() as shown:
        house.fikad.once()
    told = [line.partition(" (")[0] for line in lines(shown) if line.startswith("contact")]
    start = house.fikad.hold("Jane Doe").start.isoformat(timespec="minutes")
    assert told == [f"contact Jane Doe: proposed for {start}", "contact Ann Lee: waits"]


def test_what_is_renewed_is_told_apart() -> None:
    house = House()
    house.fikad.once()
    house.fikad.config = config("Jane Doe", holds={**WRITTEN, "show_as": "busy"})
    house.fikad.clock.forward(days=1, hours=1)
    report = house.fikad.once()
    assert ([hold.contact_name for hold in report.renewed], report.holds) == (["Jane Doe"], {})


def test_until_when_nothing_is_to_be_done_is_told_by_a_pass_that_found_nothing() -> None:
    house = House()
    assert house.fikad.once().quiet is None
    assert house.fikad.once("lost").quiet is None, "it saw what the one before had written"
    quiet = house.fikad.once("lost").quiet
    assert quiet is not None
    assert quiet[0] == SUNDAY
    assert quiet[1] > SUNDAY
    introduced = replace(house.fikad.hold(), introduces=None)
    house.fikad.ledger.save_hold(introduced)
    assert house.fikad.once("lost").quiet is None, "it put a record in order"


# --- what is kept ---


def test_a_dry_pass_remembers_no_calendar() -> None:
    house = House()
    house.fikad.once("none", dry=True)
    assert house.fikad.ledger.known_hold_calendar("home", HOLDS) is None
    house.fikad.once("none")
    assert house.fikad.ledger.known_hold_calendar("home", HOLDS) is not None


def test_without_a_way_to_them_the_address_books_are_as_they_were_read_last() -> None:
    books = MemoryAddressBooks()
    books.held[0].put(Card("ann", "Ann Lee", emails=("ann@example.com",), labels=("Fika",)))
    book = {"type": "files", "path": "/nowhere", "circles": {"Fika": "council"}}
    house = House(addressbooks={"home": book}, circles={"council": {"cadence": "4 weeks"}})
    house.fikad.book_opener = lambda name: books
    assert [each.state for each in house.fikad.once("none").books] == ["ok"]
    assert house.fikad.ledger.address_books()["home"].last_success == SUNDAY
    house.fikad.book_opener = None
    report = house.fikad.once("none")
    assert report.books == []
    assert report.names["ann lee"] == "Ann Lee"


def test_what_was_judged_is_not_judged_again() -> None:
    house = House()
    house.home.put(meeting("Jane Doe", SUNDAY + WEEK))
    house.fikad.once("none")
    for what in ("dates_ahead", "verdicts"):
        with patch.object(Judge, what, side_effect=AssertionError("it was judged again")):
            house.fikad.once("none")
    assert house.fikad.situation().standings["jane doe"].next_booked == SUNDAY + WEEK


def test_why_holds_cannot_be_written_is_kept_until_they_can() -> None:
    house = House()
    kept = house.fikad.ledger
    house.home.coffee.writable = False
    report = house.fikad.once()
    assert report.not_writable
    assert not report.planned
    assert kept.get("not_writable") == report.not_writable
    house.account.held.pop()
    house.account.can_create = False
    report = house.fikad.once()
    assert report.not_writable.startswith('"home" has no calendar "Coffee"')
    house.account.held.append(calendars().coffee)
    house.fikad.once("none")
    assert kept.get("not_writable") == report.not_writable, "nobody has looked again yet"
    house.fikad.once()
    assert kept.get("not_writable") == ""


def test_what_an_account_remembers_of_its_writes_is_kept() -> None:
    house = House()
    create = house.home.coffee.create

    def noted(draft: HoldDraft) -> Resource:
        house.account.memo["wrote"] = draft.uid
        return create(draft)

    house.home.coffee.create = noted  # type: ignore[method-assign]
    house.fikad.once()
    assert house.fikad.ledger.accounts()["home"].memo == {"wrote": house.fikad.hold().uid}


def test_what_an_account_held_that_is_in_the_config_no_more_is_forgotten() -> None:
    house = House()
    house.fikad.once("none")
    assert house.fikad.situation().counted
    house.fikad.config = house.fikad.config.model_copy(update={"accounts": {}})
    house.fikad.once("none")
    assert not house.fikad.situation().counted
    assert house.fikad.ledger.accounts() == {}


def test_everybody_is_known_from_the_pass_on_that_saw_them_first() -> None:
    house = House()
    house.fikad.once("none")
    house.fikad.clock.forward(weeks=1)
    house.fikad.config = config("Jane Doe", "Ann Lee")
    house.fikad.once("none")
    added = {key: record.added for key, record in house.fikad.ledger.people().items()}
    assert added == {"jane doe": SUNDAY, "ann lee": SUNDAY + WEEK}


def test_whom_an_old_record_s_hold_introduces_is_read_from_its_text_once() -> None:
    contacts = [person(name, tags=["chess"]) for name in ("Ann Lee", "Jane Doe")]
    house = House("Ann Lee", "Jane Doe", contacts=contacts)
    house.fikad.once()
    before = house.fikad.holds()
    assert any(hold.introduces for hold in before.values())
    for hold in before.values():
        house.fikad.ledger.save_hold(replace(hold, introduces=None))
    house.fikad.once("none")
    assert house.fikad.holds() == before


# --- when it decides anew ---


def test_what_comes_in_before_a_hold_would_move_is_heard_first() -> None:
    house = House()
    house.fikad.once()
    hold = house.fikad.hold()
    house.home.put(event("busy", "Dentist", hold.start))
    house.meanwhile(2, lambda: house.home.edit(hold.uid, SUMMARY="Coffee with Jane Doe"))
    report = house.fikad.once()
    assert [*report.holds] == ["accepted"]
    assert house.fikad.hold().start == hold.start


def test_what_comes_in_before_a_hold_would_be_written_is_heard_first() -> None:
    house = House("Ann Lee", "Jane Doe")
    house.meanwhile(2, lambda: house.home.put(meeting("Jane Doe", SUNDAY + DAY)))
    report = house.fikad.once()
    assert [hold.contact_name for hold in report.holds["proposed"]] == ["Ann Lee"]


def test_where_something_comes_in_all_the_time_it_is_left_to_the_next_pass() -> None:
    house = House()

    def again() -> None:
        house.home.put(event(f"new-{house.account.listed}", "New", SUNDAY + 20 * WEEK))

    house.account.at = dict.fromkeys(range(2, 20), again)
    report = house.fikad.once()
    assert (house.account.listed, report.holds, report.planned) == (8, {}, False)
    house.account.at = {}
    assert [*house.fikad.once().holds] == ["proposed"]


def test_a_pass_that_writes_nothing_lists_once_and_so_does_one_that_may_not() -> None:
    dry, house = House(), House()
    before = dry.home.texts()
    dry.fikad.once(dry=True)
    assert dry.home.texts() == before
    house.fikad.once()
    assert (dry.account.listed, house.account.listed) == (1, 2)
    house.fikad.once()
    assert house.account.listed == 3
    house.home.put(event("busy", "Dentist", house.fikad.hold().start))
    assert [*house.fikad.once(dry=True).holds] == ["moved"]
    assert house.account.listed == 4


def test_what_was_written_just_now_is_not_taken_for_hidden() -> None:
    house = House("Ann Lee", "Jane Doe")
    with fragile(house.fikad, Points("before create")), pytest.raises(Crash):
        house.fikad.once()
    report = house.fikad.once()
    assert report.not_writable == ""
    assert len(house.home.coffee.resources) == 2


def test_an_order_is_heard_before_anybody_is_asked_anew() -> None:
    house = House("Ann Lee", "Jane Doe", rhythm={**ROOMY, "open": 1})
    house.fikad.once()
    [hold] = house.fikad.ledger.holds()
    house.home.edit(hold.uid, SUMMARY="snooze 3 weeks")
    report = house.fikad.once()
    [proposed] = report.holds["proposed"]
    assert proposed.contact_name != hold.contact_name


def test_what_could_not_be_proposed_is_not_tried_again_in_the_same_pass() -> None:
    house = House()
    house.fikad.once("none")
    house.fikad.once("lost")
    assert house.account.listed == 2
    house.home.coffee.writable = False
    assert house.fikad.once().not_writable
    assert house.account.listed == 3
    house.home.coffee.writable = True
    entry = {"type": "files", "path": "/nowhere"}
    house.fikad.config = config(accounts={"home": entry, "work": entry})
    house.fikad.opener = Down(house.account)
    assert not house.fikad.once().complete
    assert house.account.listed == 4


# --- what is proposed ---


def test_only_as_many_are_asked_between_plans_as_were_taken_back() -> None:
    house = House("Ann Lee", "Bob Ray", "Jane Doe")
    report = house.fikad.once("lost")
    assert (report.planned, report.holds) == (True, {})
    house.fikad.ledger.count_lost_hold()
    house.fikad.ledger.count_lost_hold()
    assert len(house.fikad.once("lost").holds["proposed"]) == 2
    assert house.fikad.ledger.lost_holds() == 0
    house.fikad.ledger.count_lost_hold()
    assert len(house.fikad.once("all").holds["proposed"]) == 1
    assert house.fikad.ledger.lost_holds() == 0


@pytest.mark.parametrize("error", [ReadOnlyError("not here"), UnreachableError("down")])
def test_a_plan_that_could_not_be_written_leaves_what_is_lost_to_be_replaced(
    error: Exception,
) -> None:
    house = House(rhythm={**ROOMY, "weekly_digest": True})
    house.fikad.clock.forward(hours=5)
    house.fikad.ledger.count_lost_hold()

    def create(draft: HoldDraft) -> Resource:
        if draft.all_day:
            return create_any(draft)
        raise error

    create_any = house.home.coffee.create
    house.home.coffee.create = create  # type: ignore[method-assign]
    report = house.fikad.once()
    assert report.digests == []
    assert (report.complete, bool(report.not_writable)) == (
        isinstance(error, ReadOnlyError),
        isinstance(error, ReadOnlyError),
    )
    assert house.fikad.ledger.lost_holds() == 1


def test_what_was_lost_and_cannot_be_replaced_yet_is_not_forgotten_at_a_poll() -> None:
    house = House()
    for _ in range(2):
        house.fikad.ledger.count_lost_hold()
    assert len(house.fikad.once("lost").holds["proposed"]) == 1
    assert house.fikad.ledger.lost_holds() == 1
    house.fikad.once()
    assert house.fikad.ledger.lost_holds() == 0


# --- a calendar that hides what is written into it ---


def listing_nothing(
    token: str | None, known: Mapping[str, str | None], *, complete: bool = False
) -> Iterator[Changes]:
    yield Changes(token="t", last=True)


def test_no_second_hold_goes_into_a_calendar_that_does_not_list_the_first() -> None:
    house = House("Ann Lee", "Jane Doe")
    house.home.coffee.changes = listing_nothing  # type: ignore[method-assign]
    why = str(refusal(HOLDS))
    report = house.fikad.once()
    assert (report.not_writable, len(house.home.coffee.resources)) == (why, 1)
    assert hiding_calendars(house.fikad.ledger) == {("home", HOLDS)}
    again = house.fikad.once()
    assert (again.not_writable, again.planned) == (why, False)
    forget_hiding(house.fikad.ledger)
    unmarked = house.fikad.once()
    assert (unmarked.not_writable, unmarked.planned) == (why, False)
    assert len(house.home.coffee.resources) == 1


def test_a_calendar_that_lists_what_stands_in_it_is_written_to_again() -> None:
    house = House("Ann Lee", "Jane Doe", rhythm={**ROOMY, "open": 1})
    house.fikad.once()
    house.fikad.config = config("Ann Lee", "Jane Doe")
    mark_hiding(house.fikad.ledger, ("home", HOLDS))
    report = house.fikad.once()
    assert (report.not_writable, len(report.holds["proposed"])) == ("", 1)
    assert hiding_calendars(house.fikad.ledger) == set()


# --- the weekly digest ---


def test_a_plan_writes_the_digest_a_poll_keeps_it_true_and_a_dry_pass_tells_of_it() -> None:
    def wanting() -> House:
        house = House(rhythm={**ROOMY, "weekly_digest": True})
        house.fikad.clock.forward(hours=5)
        return house

    house = wanting()
    assert [each.word for each in house.fikad.once(dry=True).digests] == ["written"]
    assert not house.home.coffee.resources
    poll = wanting()
    poll.fikad.ledger.count_lost_hold()
    assert poll.fikad.once("lost", dry=True).digests == []
    real = wanting()
    report = real.fikad.once()
    assert [each.word for each in report.digests] == ["written"]
    real.home.edit(real.fikad.hold().uid, SUMMARY="Coffee with Jane Doe")
    assert [each.word for each in real.fikad.once("lost").digests] == ["rewritten"]
    other = wanting()
    other.fikad.once()
    other.fikad.ledger.snooze("jane doe", SUNDAY + 3 * WEEK, other.fikad.clock())
    words = [each.word for _ in range(2) for each in other.fikad.once("lost").digests]
    assert words == ["removed"]
