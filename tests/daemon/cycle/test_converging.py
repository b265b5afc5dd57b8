"""Several calendars with the name of the hold calendar become one again: what is brought over,
taken back, left alone, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Resource
from connectors.errors import TakenError, UnreachableError
from connectors.ical.hold_text import hold_text, seal
from daemon.holds.edits import as_draft
from tests.daemon.cycle.odd_accounts import Counting, Down
from tests.daemon.world import (
    HOLDS,
    ME,
    ROOMY,
    SUNDAY,
    Calendars,
    Fikad,
    Open,
    calendars,
    config,
    dragged,
    edit,
    event_of,
    met_long_ago,
    new_ledger,
    rewritten,
)
from tests.memory import MemoryAccount, MemoryCalendar

DIGEST = "fikad-look-20261122"


class Twice:
    """A fikad whose hold calendar is there twice, with every hold and the weekly digest in both: as
    when two of them made one at the same moment. `kept` is the one that stays."""

    def __init__(self, *names: str, digest: bool = False) -> None:
        self.kept, self.other = Open("id-1", HOLDS), Open("id-2", HOLDS)
        personal = calendars(*met_long_ago(names, weeks=9)).personal
        self.account = Counting("home", [personal, self.kept], frozenset({ME}))
        self.home = Calendars(self.account)
        rhythm = {**ROOMY, "weekly_digest": digest}
        self.fikad = Fikad(config(*names, rhythm=rhythm), self.home.open)
        if digest:
            self.fikad.clock.forward(hours=5)  # the plan's time has come
        self.fikad.once()
        for href, resource in self.kept.resources.items():
            self.other.put(href, resource.text)
        self.account.held.append(self.other)
        self.account.listed = 0
        holds = sorted(self.fikad.ledger.holds(), key=lambda hold: hold.start)
        self.uids = {hold.contact_name: hold.uid for hold in holds}
        self.earlier, self.later = holds[0].uid, holds[-1].uid

    def standing(self) -> tuple[set[str], set[str]]:
        """What stands in each of the two."""
        kept, other = ({*each.resources} for each in (self.kept, self.other))
        return {href.removesuffix(".ics") for href in kept}, {
            href.removesuffix(".ics") for href in other
        }

    def alone(self, calendar: MemoryCalendar, uid: str) -> None:
        """The hold stands only in one of the two, and is recorded where it stands."""
        [gone] = [each for each in (self.kept, self.other) if each is not calendar]
        gone.drop(f"{uid}.ics")
        self.record(uid, calendar=calendar.id)

    def record(self, uid: str, **fields: Any) -> None:
        self.fikad.ledger.save_hold(replace(self.fikad.holds()[uid], **fields))

    def recorded(self) -> set[tuple[str, str]]:
        """Where each hold is recorded, and in which state."""
        return {(hold.calendar, hold.state) for hold in self.fikad.ledger.holds()}


# --- when ---


def with_an_answer_elsewhere(twice: Twice) -> None:
    """One answered hold is only to be recorded where it is, the other one is to be taken back."""
    uid = twice.uids["Ann Lee"]
    twice.kept.drop(f"{uid}.ics")
    edit(twice.other, uid, SUMMARY="Coffee with Ann Lee")


def with_a_digest_alone(twice: Twice) -> None:
    for uid in twice.uids.values():
        twice.other.drop(f"{uid}.ics")


@pytest.mark.parametrize("begin", [with_an_answer_elsewhere, with_a_digest_alone])
def test_all_accounts_are_asked_once_more_before_the_first_write(
    begin: Callable[[Twice], None],
) -> None:
    twice = Twice("Ann Lee", "Bob Ray", digest=begin is with_a_digest_alone)
    begin(twice)

    def fail() -> None:
        raise UnreachableError("gone")

    twice.account.at = dict.fromkeys(range(2, 9), fail)
    before, holds = twice.home.texts(), twice.fikad.ledger.holds()
    assert not twice.fikad.once().complete
    assert (twice.home.texts(), twice.fikad.ledger.holds()) == (before, holds)
    twice.account.at = {}
    twice.fikad.once()
    assert twice.home.texts() != before


def test_a_pass_goes_on_to_plan_once_the_calendars_are_one() -> None:
    twice = Twice("Ann Lee", digest=True)
    assert twice.fikad.once().planned
    assert twice.standing() == ({twice.uids["Ann Lee"], DIGEST}, set())


# --- what fails on the way ---


def failing(twice: Twice) -> None:
    """The kept calendar takes nothing for now."""

    def create(*_: object) -> Resource:
        raise UnreachableError("no answer")

    twice.kept.create = create  # type: ignore[method-assign, assignment]


def test_a_hold_that_could_not_be_brought_over_is_not_taken_for_one_that_its_user_moved() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    work = MemoryAccount("work")
    accounts = {name: {"type": "files", "path": "/nowhere"} for name in ("home", "work")}
    twice.fikad.config = config("Ann Lee", "Bob Ray", accounts=accounts)
    twice.fikad.opener = lambda name: work if name == "work" else twice.account
    failing(twice)
    assert "no answer" in twice.fikad.once().readings[0].message
    del twice.kept.create
    twice.fikad.opener = Down(twice.account)
    twice.fikad.once()
    assert twice.recorded() == {("id-1", "proposed"), ("id-2", "proposed")}
    twice.fikad.opener = lambda name: work if name == "work" else twice.account
    twice.fikad.once()
    assert twice.standing() == ({*twice.uids.values()}, set())
    assert twice.recorded() == {("id-1", "proposed")}


def test_a_hold_that_could_not_be_brought_over_and_was_deleted_since_stays_away() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    failing(twice)
    assert "no answer" in twice.fikad.once().readings[0].message
    assert twice.account.listed == 2, "it was tried again at once"
    del twice.kept.create
    twice.other.drop(f"{twice.later}.ics")
    twice.fikad.once()
    assert twice.standing() == ({twice.earlier}, set())
    assert twice.fikad.holds()[twice.later].state == "dismissed"


def test_a_hold_whose_name_is_taken_for_good_stays_where_it_is_and_the_others_come_over() -> None:
    names = ("Ann Lee", "Bob Ray", "Jane Doe")
    twice = Twice(*names)
    first, *rest = sorted({*twice.uids.values()} - {twice.earlier})
    for uid in (first, *rest):
        twice.alone(twice.other, uid)
    twice.record(first, calendar="id-1")
    create = twice.kept.create

    def taken(draft: Any) -> Resource:
        if draft.uid == first:
            raise TakenError("it was deleted here")
        return create(draft)

    twice.kept.create = taken  # type: ignore[method-assign]
    report = twice.fikad.once()
    assert (report.complete, report.planned) == (True, True)
    assert twice.standing() == ({twice.earlier, *rest}, {first})
    places = {hold.uid: (hold.calendar, hold.state) for hold in twice.fikad.ledger.holds()}
    assert places.pop(first) == ("id-2", "proposed")
    assert {*places.values()} == {("id-1", "proposed")}


def test_what_the_user_touches_just_then_is_not_taken_back() -> None:
    twice = Twice("Ann Lee")
    [uid] = twice.uids.values()
    delete = twice.other.delete

    def touched(stored: Resource) -> None:
        edit(twice.other, uid, LOCATION="Café")
        delete(stored)

    twice.other.delete = touched  # type: ignore[method-assign]
    assert twice.fikad.once().complete
    assert event_of(twice.other, uid).location == "Café"


# --- what is brought over, and how it is recorded ---


def test_what_is_brought_over_is_recorded_as_it_then_stands() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    before = twice.fikad.holds()[twice.later]
    text = twice.other.resources[f"{twice.later}.ics"].text
    twice.fikad.once()
    assert twice.standing() == ({twice.earlier, twice.later}, set())
    assert twice.kept.resources[f"{twice.later}.ics"].text == text
    hold, event = twice.fikad.holds()[twice.later], event_of(twice.kept, twice.later)
    assert hold == replace(before, calendar="id-1", baseline=event, seen=event)
    assert twice.account.listed == 3, "it was not done at once"


def test_one_that_another_fikad_wrote_otherwise_is_brought_over_as_that_one_wrote_it() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    standing = event_of(twice.other, twice.later)
    unsealed = replace(as_draft(standing), start=standing.start + timedelta(minutes=15))
    draft = replace(unsealed, seal=seal(unsealed))
    twice.other.put(f"{twice.later}.ics", hold_text(draft, SUNDAY))
    twice.fikad.once()
    assert as_draft(event_of(twice.kept, twice.later)) == draft
    assert twice.fikad.holds()[twice.later].draft == draft


def test_one_that_no_ledger_knows_is_adopted_where_it_stands_and_brought_over_then() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    twice.fikad.ledger = new_ledger()
    assert twice.fikad.once().complete
    twice.fikad.once()
    assert twice.standing() == ({twice.earlier, twice.later}, set())
    assert twice.recorded() == {("id-1", "proposed")}


def test_one_that_was_begun_and_stands_only_in_the_other_calendar_is_brought_over() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    twice.record(twice.later, calendar="id-1", state="creating", intent="create")
    twice.fikad.once()
    assert twice.standing() == ({twice.earlier, twice.later}, set())
    assert twice.recorded() == {("id-1", "proposed")}


# --- who speaks ---


def test_an_answer_in_the_other_calendar_is_recorded_there_and_the_question_is_taken_back() -> None:
    twice = Twice("Ann Lee")
    [uid] = twice.uids.values()
    edit(twice.other, uid, SUMMARY="Coffee with Ann Lee")
    twice.fikad.once()
    assert twice.standing() == (set(), {uid})
    assert twice.recorded() == {("id-2", "accepted")}


def test_of_two_copies_that_the_user_touched_the_one_in_the_kept_calendar_speaks() -> None:
    twice = Twice("Ann Lee")
    [uid] = twice.uids.values()
    twice.record(uid, calendar="id-2")
    edited = rewritten(twice.other.resources[f"{uid}.ics"].text, LOCATION="Café")
    twice.other.put(f"{uid}.ics", dragged(edited, timedelta(hours=1)))
    edit(twice.kept, uid, SUMMARY="Coffee with Ann Lee")
    twice.fikad.once()
    assert twice.standing() == ({uid}, {uid})
    assert twice.recorded() == {("id-1", "accepted")}


def test_what_was_answered_in_the_kept_calendar_leaves_no_question_in_the_other() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    twice.record(twice.later, calendar="id-1", state="dismissed")
    twice.fikad.once("none")
    assert twice.standing() == ({twice.earlier}, set())
    assert twice.fikad.holds()[twice.later].state == "dismissed"


def test_what_is_over_in_the_other_calendar_is_settled_there() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    twice.record(twice.later, state="dismissed")
    twice.fikad.once()
    assert twice.standing() == ({twice.earlier}, {twice.later})
    assert twice.recorded() == {("id-1", "proposed"), ("id-2", "pinned")}


# --- what is left alone ---


def test_a_hold_in_a_calendar_of_the_name_that_can_only_be_read_is_left_there() -> None:
    twice = Twice("Ann Lee", "Bob Ray")
    twice.alone(twice.other, twice.later)
    twice.other.writable = False
    report = twice.fikad.once()
    assert (report.complete, report.not_writable) == (True, "")
    assert twice.standing() == ({twice.earlier}, {twice.earlier, twice.later})
    assert twice.recorded() == {("id-1", "proposed"), ("id-2", "proposed")}


@pytest.mark.parametrize("account", ["home", "work"])
def test_copies_in_calendars_of_another_name_or_account_are_none_of_these(account: str) -> None:
    twice = Twice("Ann Lee", digest=True)
    personal, theirs = twice.account.held[0], Open("id-2")
    work = MemoryAccount("work", [theirs])
    twice.fikad.config = twice.fikad.config.model_copy(
        update={"accounts": dict.fromkeys(("home", "work"), twice.fikad.config.accounts["home"])}
    )
    twice.fikad.opener = lambda name: work if name == "work" else twice.account
    for href, resource in list(twice.kept.resources.items()):
        (personal if account == "home" else theirs).put(href, resource.text)
        twice.other.drop(href)
    before = [*twice.home.texts(), {*theirs.resources}]
    assert twice.fikad.once().planned
    assert [*twice.home.texts(), {*theirs.resources}] == before
    assert twice.recorded() == {("id-1", "proposed")}


def test_what_is_recorded_in_another_calendar_stays_recorded_there() -> None:
    twice = Twice("Ann Lee")
    [uid] = twice.uids.values()
    twice.account.held[0].put(f"{uid}.ics", twice.kept.resources[f"{uid}.ics"].text)
    twice.record(uid, calendar="Personal")
    twice.fikad.once()
    assert twice.standing() == ({uid}, set())
    assert twice.recorded() == {("Personal", "proposed")}


# --- weekly digests ---


def test_a_digest_that_stands_twice_is_taken_back_from_the_other_calendar() -> None:
    twice = Twice("Ann Lee", digest=True)
    before = twice.fikad.ledger.digests()
    twice.fikad.ledger.save_digests(
        {
            DIGEST: replace(before[DIGEST], calendar="id-2"),
            "fikad-look-20261115": replace(before[DIGEST], calendar="id-0"),
        }
    )
    for uid in twice.uids.values():
        twice.other.drop(f"{uid}.ics")
    twice.fikad.once()
    assert twice.standing()[1] == set()
    assert twice.account.listed == 3, "it was not read again after the write"
    after = twice.fikad.ledger.digests()
    assert after[DIGEST] == before[DIGEST]
    assert after["fikad-look-20261115"].calendar == "id-0"


def test_a_digest_that_the_user_touched_in_the_other_calendar_is_left_there() -> None:
    twice = Twice("Ann Lee", digest=True)
    edit(twice.other, DIGEST, SUMMARY="My week")
    twice.fikad.once()
    assert event_of(twice.other, DIGEST).title == "My week"


def test_a_digest_that_stands_in_the_other_calendar_alone_stays_there() -> None:
    twice = Twice("Ann Lee", digest=True)
    digest = twice.fikad.ledger.digests()[DIGEST]
    twice.fikad.ledger.save_digests({DIGEST: replace(digest, calendar="id-2")})
    twice.kept.drop(f"{DIGEST}.ics")
    twice.fikad.once()
    assert DIGEST in twice.standing()[1]
    assert DIGEST not in twice.standing()[0]
