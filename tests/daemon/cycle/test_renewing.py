"""Holds that are looked at again where they stand: their other times, and whether they show as
free."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from connectors.base import HoldEvent
from connectors.ical.hold_text import seal
from daemon.languages.language import shipped
from daemon.languages.writing import Writer, writer
from tests.connectors.backends import BACKENDS, NOW, Backend
from tests.daemon.cycle.test_writing import on
from tests.daemon.world import (
    BERLIN,
    HOLDS,
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    calendars,
    config,
    event,
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
