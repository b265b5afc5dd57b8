"""Whether a hold can stay where it is, where it goes when it cannot, and where its user sends
it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.cycle.inputs import PassInputs
from daemon.cycle.moving import Displacement, displacement, wish
from daemon.holds.record import Hold
from daemon.judging.recency import Held
from daemon.ledger.readings import FoundHold
from daemon.planning.busy import Busy, Taken
from tests.daemon.cycle.gathered import gathered, hold_of, standing_in, taken_in
from tests.daemon.world import (
    BERLIN,
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    calendars,
    config,
    met_long_ago,
    person,
)

NAMES = ("Jane Doe", "Omar Haddad")


def installed(mine: Calendars, paused: str = "") -> Fikad:
    """A fikad without a memory; two contacts share a tag, and the one of that key is paused."""
    people = [person(name, tags=["climate"], paused=name.casefold() == paused) for name in NAMES]
    return Fikad(config(contacts=people), mine.open, Clock())


def remembered(first: Fikad, second: Fikad) -> None:
    for hold in first.ledger.holds():
        second.ledger.save_hold(hold)


def of_an_older_version(first: Fikad, second: Fikad) -> None:
    for hold in first.ledger.holds():
        second.ledger.save_hold(replace(hold, introduces=None))


def forgotten(first: Fikad, second: Fikad) -> None:
    """The ledger was lost."""


@pytest.mark.parametrize("memory", [remembered, of_an_older_version, forgotten])
def test_a_hold_that_names_somebody_who_is_paused_by_now_is_written_anew_once(memory: Any) -> None:
    mine = calendars(*met_long_ago(NAMES))
    first = installed(mine)
    first.once()
    [told] = [hold for hold in first.ledger.holds() if hold.introduces]
    second = installed(mine, paused=told.introduces or "")
    memory(first, second)
    second.once("none")
    name = next(name for name in NAMES if name.casefold() == told.introduces)
    assert name in told.draft.description
    standing = mine.hold(told.uid)
    assert standing is not None
    assert name not in standing.description
    written = dict(mine.coffee.resources)
    second.once("none")
    assert mine.coffee.resources == written


# --- what lies on a hold ---


@cache
def asked() -> PassInputs:
    """Two holds that just were written; each is introduced to the other."""
    fikad = installed(calendars(*met_long_ago(NAMES)))
    fikad.once()
    return gathered(fikad)


def found_as(inputs: PassInputs, hold: Hold, **fields: Any) -> FoundHold:
    """A hold as it stands, but for these fields of its event."""
    own = next(placed for placed in inputs.found if placed.event.uid == hold.uid)
    return replace(own, event=replace(own.event, **fields))


def with_taken(busy: Busy, *more: Taken) -> Busy:
    return replace(busy, timed=tuple(sorted((*busy.timed, *more), key=lambda each: each.start)))


def displaced(
    inputs: PassInputs,
    hold: Hold,
    own: FoundHold | None,
    *on_it: str,
    standing: list[Held] | None = None,
) -> Displacement | None:
    """What becomes of a hold on which the events of these UIDs lie."""
    there = own.event if own is not None else hold.draft
    lying = (Taken(there.start, there.end, uid, "Budget") for uid in on_it)
    taken = with_taken(taken_in(inputs), *lying)
    return displacement(
        inputs, hold, own, taken, standing_in(inputs) if standing is None else standing
    )


def test_a_hold_stays_while_nothing_but_itself_lies_on_it() -> None:
    inputs = asked()
    for name in NAMES:
        hold = hold_of(inputs, name)
        assert displaced(inputs, hold, found_as(inputs, hold)) is None
    edge = with_taken(
        taken_in(inputs),
        Taken(hold.start - timedelta(hours=1), hold.start, "before"),
        Taken(hold.end, hold.end + timedelta(hours=1), "after"),
    )
    own = found_as(inputs, hold)
    assert displacement(inputs, hold, own, edge, standing_in(inputs)) is None


def test_a_hold_on_which_something_lies_goes_to_the_next_best_slot_under_its_name() -> None:
    inputs = asked()
    hold = next(hold for hold in inputs.situation.holds if hold.introduces)
    assert hold.introduces is not None
    goes = displaced(inputs, hold, found_as(inputs, hold), "budget")
    assert goes is not None
    assert goes.draft is not None
    assert goes.reason == "Something else is at its time now."
    assert (goes.draft.uid, goes.draft.title, goes.occasion) == (hold.uid, hold.title, "coffee")
    assert goes.draft.end - goes.draft.start == hold.end - hold.start
    assert goes.draft.start != hold.start
    assert goes.slot_reason.startswith("It is ")
    introduced = inputs.situation.contacts[hold.introduces].name
    assert introduced in goes.draft.description, "it tells what it told"


def test_the_hold_of_somebody_without_an_introduction_moves_without_one() -> None:
    inputs = asked()
    hold = next(hold for hold in inputs.situation.holds if not hold.introduces)
    for introduces in ("", None):
        recorded = replace(hold, introduces=introduces)
        goes = displaced(inputs, recorded, found_as(inputs, hold), "budget")
        assert goes is not None
        assert goes.draft is not None
        others = {name for name in NAMES if name != hold.contact_name}
        assert not any(name in goes.draft.description for name in others)


def test_it_goes_where_no_other_hold_stands_and_offers_no_such_time() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    first = displaced(inputs, hold, found_as(inputs, hold), "budget")
    assert first is not None
    assert first.draft is not None
    other = Held("ann lee", first.draft.start, first.draft.end, "accepted", "coffee", "theirs")
    standing = [*standing_in(inputs), other]
    goes = displaced(inputs, hold, found_as(inputs, hold), "budget", standing=standing)
    assert goes is not None
    assert goes.draft is not None
    assert goes.draft.start >= other.end or goes.draft.end <= other.start
    writer = inputs.config.writer
    for draft, offers in ((first.draft, True), (goes.draft, False)):
        moment = first.draft.start if not offers else draft.start
        assert (writer.appointment(moment.astimezone(BERLIN)) in draft.description) == offers


def test_without_another_slot_it_is_only_told_that_it_cannot_stay() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    own = found_as(inputs, hold)
    everything = with_taken(
        taken_in(inputs), Taken(SUNDAY, SUNDAY + timedelta(weeks=8), "away", "Expedition")
    )
    alone = Displacement("Something else is at its time now.")
    assert displacement(inputs, hold, own, everything, standing_in(inputs)) == alone
    unread = replace(inputs, complete=False)
    assert displaced(unread, hold, own, "budget") == alone, "nobody knows what is open"


@pytest.mark.parametrize("state", ["accepted", "pinned", "missed"])
def test_what_is_the_users_stays_whatever_lies_on_it(state: Any) -> None:
    inputs = asked()
    hold = hold_of(inputs)
    own = found_as(inputs, hold)
    theirs = replace(hold, state=state, decided_at=SUNDAY)
    assert displaced(inputs, theirs, own, "budget") is None
    touched = found_as(inputs, hold, location="Café Rosa")
    assert displaced(inputs, hold, touched, "budget") is None
    creating = replace(hold, state="creating", intent="create")
    assert displaced(inputs, creating, own, "budget") is not None, "it was written after all"


def test_what_is_over_stays_whatever_lay_on_it() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    own = found_as(inputs, hold)
    for now, moves in ((hold.end, False), (hold.end - timedelta(minutes=1), True)):
        then = replace(inputs, now=now)
        assert (displaced(then, hold, own, "budget") is not None) == moves


def test_a_hold_does_not_flee_what_only_copies_it() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    own = found_as(inputs, hold)
    span = f"{own.event.start.timestamp()} {own.event.end.timestamp()}"
    mirrored = replace(inputs, appeared={span: (("mirror", hold.placed),)})
    assert displaced(mirrored, hold, own, "mirror") is None
    assert displaced(mirrored, hold, own, "mirror", "budget") is not None
    older = replace(inputs, appeared={span: (("mirror", hold.placed - 1),)})
    assert displaced(older, hold, own, "mirror") is not None


def test_of_two_suggestions_on_one_another_the_later_named_moves_alone() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    own = found_as(inputs, hold)

    def beside(uid: str, state: Any) -> bool:
        other = Held("ann lee", hold.start, hold.end, state, "coffee", uid)
        moved = displaced(inputs, hold, own, uid, standing=[*standing_in(inputs), other])
        return moved is not None

    earlier, later = "fikad-000000000000-000000000000", "fikad-vvvvvvvvvvvv-vvvvvvvvvvvv"
    assert earlier < hold.uid < later
    assert beside(earlier, "proposed")
    assert not beside(later, "proposed")
    assert beside(later, "accepted")
    assert beside(later, "pinned")


def test_it_goes_to_a_slot_of_its_occasion_before_any_of_another() -> None:
    fikad = Fikad(
        config(contacts=[person("Jane Doe", occasions=["coffee", "lunch"])]),
        calendars(*met_long_ago(["Jane Doe"])).open,
    )
    fikad.once()
    inputs = gathered(fikad)
    hold = hold_of(inputs)
    own, standing = found_as(inputs, hold), standing_in(inputs)
    taken = with_taken(taken_in(inputs), Taken(hold.start, hold.end, "budget"))
    for occasion, title in (("coffee", "Coffee with Jane"), ("lunch", "Lunch with Jane")):
        recorded = replace(hold, occasion=occasion)
        goes = displacement(inputs, recorded, own, taken, standing)
        assert goes is not None
        assert goes.draft is not None
        assert (goes.occasion, goes.draft.title) == (occasion, f"{title} Doe?")
    mornings = (
        Taken(day.replace(hour=6), day.replace(hour=10, minute=30), "fair")
        for day in (SUNDAY + timedelta(days=count) for count in range(21))
    )
    afternoons = (
        Taken(day.replace(hour=13), day.replace(hour=18), "fair")
        for day in (SUNDAY + timedelta(days=count) for count in range(21))
    )
    fair = with_taken(taken, *mornings, *afternoons)
    goes = displacement(inputs, replace(hold, occasion="coffee"), own, fair, standing)
    assert goes is not None
    assert goes.draft is not None
    assert (goes.occasion, goes.draft.title) == ("lunch", "Lunch with Jane Doe?")


# --- what was decided and not written yet ---


def undone(inputs: PassInputs) -> Hold:
    return replace(hold_of(inputs), state="creating", intent="create", baseline=None, seen=None)


def test_what_was_not_written_yet_stays_while_its_slot_is_open() -> None:
    inputs = asked()
    hold = undone(inputs)
    assert displaced(inputs, hold, None) is None
    goes = displaced(inputs, hold, None, "budget")
    assert goes is not None
    assert goes.draft is not None
    assert goes.reason == "Its time was not open any more when it could be written."
    assert goes.draft.uid == hold.uid
    assert not goes.draft.start < hold.end or not hold.start < goes.draft.end
    longer = replace(hold, draft=replace(hold.draft, end=hold.end + timedelta(hours=2)))
    assert displaced(inputs, longer, None) is not None, "no slot is so long"


def test_what_was_not_written_yet_waits_until_everything_is_read() -> None:
    inputs = replace(asked(), complete=False)
    alone = Displacement("It was not written yet.")
    assert displaced(inputs, undone(inputs), None) == alone
    assert displaced(inputs, undone(inputs), None, "budget") == alone


def test_what_is_gone_goes_nowhere() -> None:
    inputs = asked()
    for state in ("proposed", "accepted", "dismissed"):
        hold: Any = replace(hold_of(inputs), state=state, decided_at=SUNDAY)
        assert displaced(inputs, hold, None, "budget") is None


# --- where its user sends it ---


def wished(
    inputs: PassInputs, hold: Hold, title: str, *on_it: Taken, standing: list[Held] | None = None
) -> Displacement | None:
    own = found_as(inputs, hold, title=title)
    taken = with_taken(taken_in(inputs), *on_it)
    return wish(inputs, hold, own, taken, standing_in(inputs) if standing is None else standing)


def test_a_title_that_names_no_other_time_sends_a_hold_nowhere() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    for title in (hold.title, "snooze 2 weeks", "Coffee with Jane Doe", "Jane Doe", ""):
        assert wished(inputs, hold, title) is None, title
    assert wish(inputs, hold, None, taken_in(inputs), standing_in(inputs)) is None
    assert wished(replace(inputs, complete=False), hold, "friday") is None


def days_of(inputs: PassInputs, hold: Hold, titles: str) -> Iterator[tuple[str, datetime]]:
    for title in titles.split(", "):
        goes = wished(inputs, hold, title)
        assert goes is not None, title
        assert goes.draft is not None, title
        assert (goes.reason, goes.occasion, goes.draft.uid) == ("", "coffee", hold.uid)
        assert goes.slot_reason.startswith("It is ")
        yield title, goes.draft.start.astimezone(inputs.config.zone)


def test_a_hold_goes_to_the_day_that_its_title_names() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    for title, there in days_of(inputs, hold, "tuesday, thursday, Jane friday, am Freitag"):
        assert f"{there:%A}" in {"tuesday": ["Tuesday"], "thursday": ["Thursday"]}.get(
            title, ["Friday"]
        )
    for _, there in days_of(inputs, hold, "another time, Coffee with Jane Doe? another time"):
        assert there != hold.start


def test_where_it_stands_is_not_another_time() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    here = hold.start.astimezone(BERLIN)
    [(_, there)] = days_of(inputs, hold, f"{here:%A}")
    assert (there.date(), there.time() != here.time()) == (here.date(), True)


def test_where_no_slot_is_open_then_it_is_sent_nowhere() -> None:
    inputs = asked()
    hold = hold_of(inputs)
    away = Taken(SUNDAY, SUNDAY + timedelta(weeks=8), "away", "Expedition")
    assert wished(inputs, hold, "friday", away) == Displacement("")
    assert wished(inputs, hold, "sunday") == Displacement(""), "nothing is ever open then"


def test_a_day_is_one_where_the_user_is() -> None:
    """In Auckland the morning is the evening before, by UTC."""
    mine = calendars(*met_long_ago(NAMES))
    zone = ZoneInfo("Pacific/Auckland")
    evening = SUNDAY.replace(hour=13)
    fikad = Fikad(config(*NAMES, timezone=zone.key), mine.open, Clock(evening))
    fikad.once()
    inputs = gathered(fikad)
    hold = hold_of(inputs)
    titles = {"wednesday": 25, "friday": 27, "nov 26": 26}
    for title, there in days_of(inputs, hold, ", ".join(titles)):
        assert there.day == titles[title]
    assert f"{evening.astimezone(zone):%A}" == "Monday"
    [(_, there)] = days_of(inputs, hold, "next week")
    assert there.day >= 30
