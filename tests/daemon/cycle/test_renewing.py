"""Holds that are looked at again where they stand: their other times, and whether they show as
free."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.address_book import YearlyDay
from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from daemon.cycle.inputs import PassInputs
from daemon.cycle.renewing import held_at, renewal, without_introduction
from daemon.holds.record import Hold
from daemon.judging.recency import Held
from daemon.languages.language import shipped
from daemon.languages.writing import Writer, writer
from daemon.ledger.decisions import ContactRecord
from daemon.ledger.readings import FoundHold
from daemon.planning.busy import Taken
from tests.connectors.backends import BACKENDS, NOW, Backend
from tests.daemon.cycle.gathered import gathered, standing_in, taken_in
from tests.daemon.cycle.test_writing import on
from tests.daemon.world import (
    BERLIN,
    HOLDS,
    SUNDAY,
    Calendars,
    Clock,
    Crash,
    Fikad,
    Points,
    calendars,
    config,
    event,
    fragile,
    met_long_ago,
    new_ledger,
    person,
)

WEEK = timedelta(weeks=1)
CALM = {"per_week": 5, "per_day": 5, "open": 5, "horizon": "3 weeks"}


def installed(mine: Calendars, **tables: Any) -> Fikad:
    given = {"rhythm": CALM, **tables}
    return Fikad(config(**given), mine.open, Clock())


def asked(**tables: Any) -> tuple[Calendars, Fikad, str]:
    """A hold that asks Jane, far enough ahead to outlast a plan."""
    mine = calendars(*met_long_ago(["Jane Doe"]))
    busy = [SUNDAY + timedelta(days=day) for day in range(9)]
    for day in busy:
        mine.put(event(f"busy-{day:%d}", "Fair", day.replace(hour=5), minutes=16 * 60))
    fikad = installed(mine, **tables)
    [hold] = fikad.once().holds["proposed"]
    assert hold.start > SUNDAY + WEEK + timedelta(days=1)
    return mine, fikad, hold.uid


def standing(mine: Calendars, uid: str) -> HoldEvent:
    found = mine.hold(uid)
    assert found is not None
    return found


def offered(found: HoldEvent, by: Writer | None = None) -> list[datetime]:
    """The other times that a hold names."""
    by = by or writer("en")
    quarters = (
        found.start.replace(hour=0, minute=0) + count * timedelta(minutes=15)
        for count in range(-15 * 96, 15 * 96)
    )
    return [
        moment
        for moment in quarters
        if moment != found.start and by.appointment(moment.astimezone(BERLIN)) in found.description
    ]


def take(mine: Calendars, moment: datetime) -> None:
    mine.put(event(f"taken-{moment:%d%H%M}", "Budget", moment))


def test_a_hold_offers_two_other_days_and_opens_a_mail_to_its_contact() -> None:
    mine, _, uid = asked()
    found = standing(mine, uid)
    days = {moment.astimezone(BERLIN).date() for moment in (found.start, *offered(found))}
    assert len(days) == 3
    assert "mailto:jane@example.com?subject=Coffee%3F&body=Hi%20Jane" in found.description


def test_a_time_that_is_taken_is_replaced_at_the_next_plan_and_the_other_stays() -> None:
    mine, fikad, uid = asked()
    before = standing(mine, uid)
    first, second = offered(before)
    take(mine, first)
    fikad.clock.now += timedelta(days=2)
    for propose in ("none", "lost"):
        fikad.once(propose)
        assert standing(mine, uid) == before, "it is no plan"
    for day in (26, 27):  # better ones have become open: the time that was offered stays
        mine.personal.drop(f"busy-{day}.ics")
    report = fikad.once()
    after = standing(mine, uid)
    third, *_ = set(offered(after)) - {second}
    assert second in offered(after)
    assert third not in (first, after.start)
    assert (after.start, after.title, after.seal) == (before.start, before.title, seal(after))
    assert not any(report.holds.values()), "nothing happened to it that is worth telling"
    assert fikad.hold().state == "proposed"


@pytest.mark.parametrize("lost", [False, True])
def test_it_is_written_anew_once_a_day_at_most_also_where_the_ledger_is_lost(lost: bool) -> None:
    mine, fikad, uid = asked()
    clock: Any = fikad.clock
    clock.now += timedelta(hours=25)
    written: list[datetime] = []
    for _ in range(60):
        for moment in offered(standing(mine, uid))[:1]:
            take(mine, moment)
        before = standing(mine, uid)
        if lost:
            fikad.ledger.close()
            fikad.ledger = new_ledger()
            fikad.once("none")  # it is adopted
        fikad.once()
        if standing(mine, uid) != before:
            written.append(clock.now)
        clock.now += timedelta(hours=1)
    assert all(later - sooner >= timedelta(days=1) for sooner, later in pairwise(written))
    assert len(written) == (0 if lost else 3)


def test_a_fikad_that_forgot_looks_again_after_a_day() -> None:
    mine, fikad, uid = asked()
    other = installed(mine)
    other.once("none")
    [taken, *_] = offered(standing(mine, uid))
    take(mine, taken)
    other.clock.now += timedelta(days=1)
    other.once()
    assert taken not in offered(standing(mine, uid))
    written = mine.texts()
    fikad.clock.now += timedelta(days=1)
    fikad.once()
    assert mine.texts() == written
    assert fikad.hold().state == "proposed"


def test_one_whose_creation_was_not_recorded_is_written_anew_by_the_pass_that_finds_it() -> None:
    mine = calendars(*met_long_ago(["Jane Doe"]))
    fikad = installed(mine)
    with fragile(fikad, Points("after create")), pytest.raises(Crash):
        fikad.once()
    hold = fikad.hold()
    assert hold.state == "creating"
    [taken, *_] = offered(standing(mine, hold.uid))
    take(mine, taken)
    fikad.clock.now = hold.start - timedelta(hours=1)
    assert fikad.clock.now - SUNDAY >= timedelta(days=1)
    fikad.once()
    assert taken not in offered(standing(mine, hold.uid))
    written = mine.texts()
    fikad.once()
    assert mine.texts() == written


@pytest.mark.parametrize(
    "touch", [{"LOCATION": "Café Rosa"}, {"SUMMARY": "Coffee with Jane Doe"}, {"PRIORITY": "1"}]
)
def test_what_the_user_touched_keeps_its_times(touch: dict[str, str]) -> None:
    mine, fikad, uid = asked(holds={"account": "home", "calendar": HOLDS, "on_yes": "leave"})
    mine.edit(uid, **touch)
    for moment in offered(standing(mine, uid)):
        take(mine, moment)
    fikad.once()
    written = mine.texts()
    fikad.clock.now += timedelta(days=3)
    fikad.once()
    assert mine.texts() == written


def test_nothing_is_written_anew_while_a_calendar_cannot_be_read() -> None:
    from connectors.errors import UnreachableError

    mine, fikad, uid = asked()
    take(mine, offered(standing(mine, uid))[0])
    fikad.once("none")
    fikad.clock.now += timedelta(days=2)
    mine.down = UnreachableError("the server is down")
    written = mine.texts()
    fikad.once()
    assert mine.texts() == written


def test_a_moved_hold_asks_for_its_new_time() -> None:
    mine, fikad, uid = asked()
    mine.put(event("clash", "Budget", standing(mine, uid).start))
    fikad.once("none")
    found = standing(mine, uid)
    assert writer().appointment(found.start.astimezone(BERLIN)) in found.description
    mine.edit(uid, SUMMARY="Coffee with Jane Doe? another time")
    fikad.once("none")
    again = standing(mine, uid)
    assert again.start != found.start
    assert writer().appointment(again.start.astimezone(BERLIN)) in again.description
    assert fikad.hold().state == "proposed"


def test_nobody_is_offered_what_another_hold_takes() -> None:
    names = ["Jane Doe", "Bob Ray", "Ann Lee"]
    mine = calendars(*met_long_ago(names))
    few = {day: ["09:30-10:15"] for day in ("tuesday", "wednesday", "thursday")}
    narrow = {**CALM, "horizon": "1 week"}
    fikad = Fikad(config(*names, rhythm=narrow, availability=few), mine.open, Clock())
    holds = fikad.once().holds["proposed"]
    assert len(holds) == 3
    for hold in holds:
        assert not {other.start for other in holds} & {*offered(standing(mine, hold.uid))}


# --- shown as free or busy ---

AUTO = {"account": "home", "calendar": HOLDS, "show_as": "auto"}


def leave_nothing_beside(mine: Calendars, uid: str) -> None:
    """Take all days but that of a hold, and what is left of its own after it."""
    hold = standing(mine, uid)
    for day in range(8, 24):
        away = (SUNDAY + timedelta(days=day)).replace(hour=5)
        if away.date() != hold.start.date():
            mine.put(event(f"away-{day}", "Away", away, minutes=16 * 60))
    mine.put(event("away-noon", "Noon", hold.end + timedelta(minutes=15), minutes=600))


def test_a_hold_shows_as_busy_once_fewer_than_three_other_slots_are_left() -> None:
    mine, fikad, uid = asked(holds=AUTO)
    assert standing(mine, uid).transparent
    leave_nothing_beside(mine, uid)
    fikad.clock.now += timedelta(days=1)
    fikad.once("none")
    assert standing(mine, uid).transparent
    assert [hold.uid for hold in fikad.once().renewed] == [uid]
    assert not standing(mine, uid).transparent
    assert fikad.hold().state == "proposed", "fikad's own change is no yes"
    written = mine.texts()
    fikad.once()
    reborn = installed(mine, holds=AUTO)
    reborn.once("none")
    assert mine.texts() == written
    assert reborn.hold().state == "proposed"
    mine.edit(uid, LOCATION="Café Rosa")
    assert Fikad(reborn.config, mine.open, Clock()).once("none").holds.get("accepted", []) == []


def test_it_shows_as_free_again_once_enough_is_open_and_not_on_the_same_day() -> None:
    mine, fikad, uid = asked(holds=AUTO)
    leave_nothing_beside(mine, uid)
    fikad.clock.now += timedelta(days=1)
    fikad.once()
    assert not standing(mine, uid).transparent
    for href in [href for href in mine.personal.resources if href.startswith("away-")]:
        mine.personal.drop(href)
    for hours, transparent in ((0, False), (23, False), (1, True)):
        fikad.clock.now += timedelta(hours=hours)
        fikad.once()
        assert standing(mine, uid).transparent == transparent
    assert fikad.hold().state == "proposed"


@pytest.mark.parametrize("shown", ["TRANSPARENT", "OPAQUE"])
def test_how_the_user_shows_a_hold_stays_whatever_is_open(shown: str) -> None:
    """A second fikad did not see how it was written, and knows no better than to leave it."""
    leave = {**AUTO, "on_yes": "leave"}
    mine, fikad, uid = asked(holds=leave)
    other = installed(mine, holds=leave)
    other.once("none")
    if shown == "TRANSPARENT":
        leave_nothing_beside(mine, uid)
        fikad.clock.now += timedelta(days=1)
        fikad.once()
        assert not standing(mine, uid).transparent
    mine.edit(uid, TRANSP=shown)
    written = mine.texts()
    for each in (other, fikad):
        each.clock.now = fikad.clock.now + timedelta(days=1)
        each.once()
        assert mine.texts() == written
        assert each.hold().state == ("accepted" if shown == "OPAQUE" else "pinned")


# --- everywhere, in every language ---


@pytest.mark.parametrize("name", BACKENDS)
def test_a_week_of_polls_writes_nothing_but_what_is_named(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    opened = BACKENDS[name](tmp_path_factory.mktemp(name))
    with opened as backend:
        backend_writes_nothing(backend)


def backend_writes_nothing(backend: Backend) -> None:
    place = backend.add_calendar(HOLDS)
    fikad = Fikad(on(backend, "Jane Doe"), lambda name: backend.account(), Clock(NOW))
    fikad.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
    [hold] = fikad.once().holds["proposed"]
    written = backend.contents(place)
    clock: Any = fikad.clock
    while clock.now + timedelta(hours=9) < min(hold.start, NOW + WEEK):
        clock.now += timedelta(hours=9)
        report = fikad.once("lost")
        assert not any(report.holds.values())
    assert backend.contents(place) == written


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize(
    "title", ["tuesday", "next week", "Coffee with Jane Doe? another time", "nächste Woche"]
)
def test_a_hold_goes_to_the_time_that_its_user_names_and_asks_for_that(
    name: str, title: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with BACKENDS[name](tmp_path_factory.mktemp(name)) as backend:
        place = backend.add_calendar(HOLDS)
        fikad = Fikad(on(backend, "Jane Doe"), lambda name: backend.account(), Clock(NOW))
        fikad.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
        [hold] = fikad.once().holds["proposed"]
        assert "mailto:" in hold.draft.description
        backend.retitle_hold(place, hold.uid, title)
        [moved] = fikad.once().holds["moved"]
        written = backend.contents(place)
        assert (moved.state, moved.title) == ("proposed", "Coffee with Jane Doe?")
        here = moved.start.astimezone(BERLIN)
        assert here != hold.start.astimezone(BERLIN)
        assert title != "tuesday" or here.weekday() == 1
        assert moved.seen is not None
        assert writer().appointment(here) in moved.seen.description
        fikad.once()
        assert backend.contents(place) == written


@pytest.mark.parametrize("code", shipped())
def test_it_is_renewed_in_every_language(code: str) -> None:
    mine, fikad, uid = asked(language=code)
    by = writer(code)
    first, second = offered(standing(mine, uid), by)
    take(mine, first)
    fikad.clock.now += timedelta(days=2)
    fikad.once()
    assert second in offered(standing(mine, uid), by)
    assert first not in offered(standing(mine, uid), by)
    written = mine.texts()
    fikad.once()
    assert mine.texts() == written


# --- birthdays ---


def born(day: str) -> dict[str, Any]:
    return person("Jane Doe", birthday=day)


def test_a_birthday_that_comes_near_is_told_at_the_next_plan_and_only_once() -> None:
    """It stands two weeks after the hold, or it would be told from the beginning."""
    mine, fikad, uid = asked()
    before = standing(mine, uid)
    day = before.start + timedelta(days=10)
    other = installed(mine, contacts=[born(f"{day:%m-%d}")])
    other.ledger, other.clock = fikad.ledger, fikad.clock
    other.once()
    assert standing(mine, uid) == before, "not on the day it was written"
    other.clock.now += timedelta(days=2)
    other.once("none")
    assert standing(mine, uid) == before, "it is no plan"
    other.once()
    after = standing(mine, uid)
    assert f"Jane's birthday is on {writer().day(day.date())}." in after.description
    assert (after.start, after.title, after.seal) == (before.start, before.title, seal(after))
    assert offered(after) == offered(before)
    written = mine.texts()
    for _ in range(3):
        other.once()
        other.clock.now += timedelta(hours=25)
    assert mine.texts() == written


def test_a_birthday_that_is_over_is_told_no_more() -> None:
    born_on_tuesday = [born("11-24")]
    mine, fikad, uid = asked(contacts=born_on_tuesday)
    assert "Jane's birthday is on Tuesday 24 November." in standing(mine, uid).description
    fikad.clock.now = SUNDAY.replace(day=24, hour=20)
    written = mine.texts()
    fikad.once()
    assert mine.texts() == written, "it is today"
    fikad.clock.now += timedelta(days=1)
    fikad.once()
    assert "birthday" not in standing(mine, uid).description


def test_a_birthday_is_written_into_no_hold_that_the_user_touched() -> None:
    mine, fikad, uid = asked()
    mine.edit(uid, LOCATION="Café Rosa")
    day = standing(mine, uid).start
    other = installed(mine, contacts=[born(f"{day:%m-%d}")])
    other.ledger, other.clock = fikad.ledger, fikad.clock
    other.clock.now += timedelta(days=2)
    other.once()
    assert "birthday" not in standing(mine, uid).description


# --- one hold, looked at again ---


@cache
def two_days_later(zone: str = "Europe/Berlin") -> PassInputs:
    """Jane's hold, two days after it was written; she is introduced to Omar, who can wait."""
    people = [
        person("Jane Doe", tags=["climate"], occasions=["coffee", "lunch"]),
        person("Omar Haddad", tags=["climate"], cadence="1 year"),
    ]
    names = ["Jane Doe", "Omar Haddad"]
    mine = calendars(*met_long_ago(names))
    mine.put(event("fair", "Fair", SUNDAY, minutes=(3 * 24 + 9) * 60))
    fikad = installed(mine, contacts=people, timezone=zone)
    [hold] = fikad.once().holds["proposed"]
    assert hold.introduces == "omar haddad"
    fikad.clock.now += timedelta(days=2)
    return gathered(fikad, planning=True)


def only(inputs: PassInputs) -> tuple[Hold, FoundHold]:
    [hold], [own] = inputs.situation.holds, inputs.found
    return hold, own


def renewed(
    inputs: PassInputs,
    hold: Hold | None = None,
    own: FoundHold | None = None,
    *,
    took: bool = True,
    standing: list[Held] | None = None,
) -> HoldDraft | None:
    """What becomes of the hold, unless told otherwise, of which the first other time is taken."""
    recorded, found = only(inputs)
    first = offered(found.event)[:1] if took else ()
    more = (Taken(start, start + timedelta(minutes=45), "budget", "Budget") for start in first)
    taken = taken_in(inputs)
    taken = replace(taken, timed=tuple(sorted((*taken.timed, *more), key=lambda it: it.start)))
    standing = standing_in(inputs) if standing is None else standing
    return renewal(inputs, hold or recorded, own or found, taken, standing)


def with_event(own: FoundHold, **fields: Any) -> FoundHold:
    event_now = replace(own.event, **fields)
    return replace(own, event=replace(event_now, seal=seal(event_now)))


def test_a_hold_is_left_as_it_is_while_all_it_says_is_true() -> None:
    assert renewed(two_days_later(), took=False) is None


def test_it_is_written_anew_with_all_it_told_and_another_time() -> None:
    inputs = two_days_later()
    hold, own = only(inputs)
    draft = renewed(inputs)
    assert draft is not None
    first, second = offered(own.event)
    assert (draft.uid, draft.title, draft.start, draft.end, draft.transparent) == (
        hold.uid,
        hold.title,
        own.event.start,
        own.event.end,
        own.event.transparent,
    )
    assert draft.seal == seal(draft) != own.event.seal
    before, after = ({*hold.draft.description.splitlines()}, {*draft.description.splitlines()})
    changed = before ^ after
    assert {line.split()[0].partition(":")[0] for line in changed} == {"Hi", "mailto"}
    assert "Omar Haddad" in draft.description
    day = first.astimezone(BERLIN)
    assert writer().appointment(day) not in draft.description
    assert writer().appointment(second.astimezone(BERLIN)) in draft.description


def test_it_introduces_nobody_of_whom_the_record_tells_nothing() -> None:
    inputs = two_days_later()
    hold, _ = only(inputs)
    for introduces in ("", None):
        draft = renewed(inputs, replace(hold, introduces=introduces))
        assert draft is not None
        assert "Omar Haddad" not in draft.description


def test_it_is_looked_at_only_when_new_holds_are_planned_and_everything_was_read() -> None:
    inputs = two_days_later()
    assert renewed(inputs) is not None
    assert renewed(replace(inputs, planning=False)) is None
    assert renewed(replace(inputs, complete=False)) is None


def test_only_what_is_untouched_and_ahead_is_written_anew_and_not_within_a_day() -> None:
    inputs = two_days_later()
    hold, own = only(inputs)
    assert renewal(inputs, hold, None, taken_in(inputs), standing_in(inputs)) is None
    for state in ("pinned", "accepted"):
        theirs: Any = replace(hold, state=state, decided_at=SUNDAY)
        assert renewed(inputs, theirs) is None, state
    touched = replace(own, event=replace(own.event, location="Café Rosa"))
    assert renewed(inputs, hold, touched) is None
    lately = replace(hold, renewed_at=inputs.now - timedelta(hours=23))
    assert renewed(inputs, lately) is None
    assert renewed(inputs, replace(lately, intent="update")) is not None, "it may not have arrived"
    start = own.event.start
    for now, looked_at in ((start, False), (start - timedelta(minutes=1), True)):
        begun = replace(inputs, now=now)
        assert (renewed(begun) is not None) == looked_at


def test_it_offers_no_time_at_which_another_hold_stands_or_is_about_to() -> None:
    inputs = two_days_later()
    _, own = only(inputs)
    first, second = offered(own.event)
    length = own.event.end - own.event.start
    other = Held("ann lee", second, second + length, "accepted", "coffee", "theirs")
    draft = renewed(inputs, standing=[*standing_in(inputs), other])
    assert draft is not None
    for taken in (first, second):
        assert writer().appointment(taken.astimezone(BERLIN)) not in draft.description


def test_it_offers_no_time_that_the_plan_gives_to_somebody_else() -> None:
    """Of the two other times only these are left, and one goes to Ann."""
    mine, fikad, uid = asked()
    before = standing(mine, uid)
    other_times = offered(before)
    for day in range(9, 24):
        morning = (SUNDAY + timedelta(days=day)).replace(hour=5)
        open_then = [each for each in (before.start, *other_times) if each.date() == morning.date()]
        if not open_then:
            mine.put(event(f"away-{day}", "Away", morning, minutes=16 * 60))
        for each in open_then:
            until = (each - timedelta(minutes=15) - morning) // timedelta(minutes=1)
            mine.put(event(f"morning-{day}", "Away", morning, minutes=until))
            mine.put(event(f"rest-{day}", "Away", each + timedelta(hours=1), minutes=12 * 60))
    fikad.config = config("Jane Doe", "Ann Lee", rhythm=CALM)
    mine.put(met_long_ago(["Ann Lee"])[0])
    fikad.clock.now += timedelta(days=1)
    [anns] = fikad.once().holds["proposed"]
    assert anns.start in other_times
    assert offered(standing(mine, uid)) == [each for each in other_times if each != anns.start]


def test_a_hold_is_for_what_its_record_says_or_else_its_title() -> None:
    inputs = two_days_later()
    hold, own = only(inputs)
    found = own.event
    lunch = replace(found, title="Lunch with Jane Doe?")

    def at(occasion: str) -> Held:
        return Held("jane doe", found.start, found.end, "proposed", occasion, hold.uid)

    assert held_at(inputs, hold, found) == at("coffee")
    assert held_at(inputs, hold, lunch) == at("coffee"), "the record knows"
    for forgotten in (replace(hold, occasion=""), replace(hold, occasion="picnic")):
        assert held_at(inputs, forgotten, found) == at("coffee")
        assert held_at(inputs, forgotten, lunch) == at("lunch")
        assert held_at(inputs, forgotten, replace(found, title="Picnic with Jane?")) == at("")


def test_what_is_for_nothing_that_is_offered_is_left_as_it_is() -> None:
    inputs = two_days_later()
    hold, own = only(inputs)
    picnic = with_event(own, title="Picnic with Jane Doe?")
    assert renewed(inputs, replace(hold, occasion="picnic"), picnic) is None


def test_what_names_somebody_who_is_paused_is_written_anew_without_the_name_alone() -> None:
    inputs = two_days_later()
    hold, own = only(inputs)
    taken = taken_in(inputs)
    draft = without_introduction(inputs, hold, own, taken)
    assert "Omar" not in draft.description
    lines = hold.draft.description.splitlines()
    assert draft.description.splitlines() == [line for line in lines if "Omar" not in line]
    assert (draft.transparent, draft.start) == (own.event.transparent, own.event.start)
    busy = with_event(own, transparent=False)
    assert without_introduction(inputs, hold, busy, taken).transparent is False
    picnic = with_event(own, title="Picnic with Jane Doe?")
    unknown = without_introduction(inputs, replace(hold, occasion=""), picnic, taken)
    assert "Omar" not in unknown.description
    assert "mailto:" not in unknown.description, "nobody knows to what it asks"


AUCKLAND = ZoneInfo("Pacific/Auckland")
"""Its days begin at eleven in the morning by UTC."""


def test_it_tells_days_by_the_clock_of_the_user() -> None:
    inputs = two_days_later()
    last_met = inputs.situation.standings["jane doe"].last_met
    assert last_met is not None
    abroad = replace(inputs, config=inputs.config.model_copy(update={"timezone": AUCKLAND}))
    for zone, known in ((BERLIN, inputs), (AUCKLAND, abroad)):
        draft = renewed(known)
        assert draft is not None
        assert f"on {writer().date(last_met.astimezone(zone).date())}" in draft.description


def knowing_birthday(inputs: PassInputs, day: date, note: str = "") -> PassInputs:
    situation = inputs.situation
    jane = replace(situation.contacts["jane doe"], birthday=YearlyDay(day.month, day.day))
    return replace(
        inputs,
        situation=replace(
            situation,
            contacts={**situation.contacts, "jane doe": jane},
            records={"jane doe": ContactRecord(added=SUNDAY, note=note)},
        ),
    )


def test_a_birthday_is_told_from_two_weeks_before_it_and_once() -> None:
    for zone in (BERLIN, AUCKLAND):
        inputs = two_days_later(zone.key)
        hold, own = only(inputs)
        here = own.event.start.astimezone(zone).date()
        for days, told in ((0, True), (14, True), (15, False)):
            born_then = knowing_birthday(inputs, here + timedelta(days=days))
            draft = renewed(born_then, took=False)
            assert (draft is not None) == told, days
            if draft is not None:
                assert "birthday" in draft.description
                written = with_event(own, description=" ".join(draft.description.split()))
                assert renewed(born_then, hold, written, took=False) is None


def test_a_birthday_that_is_near_no_more_is_told_no_more_whatever_the_note_says() -> None:
    inputs = two_days_later()
    hold, own = only(inputs)
    day = own.event.start.astimezone(BERLIN).date() + timedelta(days=3)
    near = knowing_birthday(inputs, day)
    draft = renewed(near, took=False)
    assert draft is not None
    written = with_event(own, description=" ".join(draft.description.split()))
    elsewhen = knowing_birthday(inputs, day + timedelta(days=90))
    gone = renewed(elsewhen, hold, written, took=False)
    assert gone is not None
    assert "birthday" not in gone.description
    note = "Jane's birthday is on Friday 27 November."
    noted = knowing_birthday(inputs, day + timedelta(days=90), note)
    first = renewed(noted)
    assert first is not None
    assert note in first.description
    as_noted = with_event(own, description=" ".join(first.description.split()))
    first_other, *_ = offered(as_noted.event)
    assert first_other
    assert renewed(noted, hold, as_noted, took=False) is None
