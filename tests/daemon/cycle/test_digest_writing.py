"""The weekly digest: one all-day entry a week that keeps every promise that holds keep, and is
none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Changes, HoldDraft, HoldEvent, Resource
from connectors.errors import (
    AccountError,
    ChangedError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
)
from connectors.ical.hold_text import hold_event, seal
from daemon.config.schema import Config
from daemon.durations import at_time
from daemon.holds.digest import is_digest
from daemon.languages.writing import ENGLISH
from daemon.situation.verdicts import current
from tests.connectors.backends import Backend
from tests.daemon.cycle.test_purging import purging
from tests.daemon.cycle.test_writing import on
from tests.daemon.cycle.user_edits import Hands, opened
from tests.daemon.world import (
    HOLDS,
    ROOMY,
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
    rewritten,
)
from tests.memory import MemoryAccount, MemoryCalendar

WEEK = timedelta(weeks=1)
EVENING = SUNDAY + timedelta(hours=5)
"""Sunday, 18:00 where the user is: the time of the plan has come."""
NAMES = ("Jane Doe", "Bob Ray")
DIGEST, NEXT = "fikad-look-20261122", "fikad-look-20261129"
MOMENTS = ("before record", "after record", "before create", "after create")


def wanting(*names: str, digest: bool = True, per_week: int = 20, **tables: Any) -> Config:
    rhythm = {**ROOMY, "open": 1, "per_week": per_week, "weekly_digest": digest}
    return config(*(names or NAMES), rhythm=rhythm, **tables)


def world(*texts: str, settings: Config | None = None) -> tuple[Fikad, Calendars]:
    """A fikad that wants looks, on a Sunday evening on which two people have not been met for two
    cadences."""
    home = calendars(*(texts or met_long_ago(NAMES, weeks=9)))
    return Fikad(settings or wanting(), home.open, Clock(EVENING)), home


def digests(home: Calendars) -> dict[str, HoldEvent]:
    events = (hold_event(resource.text) for resource in home.coffee.resources.values())
    return {event.uid: event for event in events if event is not None and is_digest(event.uid)}


def said(digest: HoldEvent) -> str:
    """What a digest says, in one line, without what it tells of itself."""
    text, own, told = digest.description.partition(" This is fikad's digest")
    assert own
    assert told
    return text


def writes(home: Calendars) -> int:
    """How often anything was written to the calendar of holds."""
    return int(home.coffee.version or 0)


# --- a week ---


def test_the_look_stands_on_the_day_of_the_plan_all_day_free_and_private_and_says_the_week() -> (
    None
):
    fikad, home = world()
    [hold] = fikad.once().holds["proposed"]
    [digest] = digests(home).values()
    day = at_time(hold.start, ZoneInfo("Europe/Berlin"))
    assert digest.title == "The week ahead: Bob Ray"
    assert said(digest) == f"{hold.title} ({day}) Gone quiet: Jane Doe."
    text = home.coffee.resources[f"{DIGEST}.ics"].text.replace("\r\n ", "")
    assert rf"{day})\nGone quiet: Jane Doe.\n\nThis is fikad's digest" in text
    assert (digest.start, digest.end) == (
        datetime(2026, 11, 22, tzinfo=UTC),
        datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert (digest.all_day, digest.transparent, digest.private, digest.extras) == (
        True,
        True,
        True,
        (),
    )
    assert "DTSTART;VALUE=DATE:20261122" in home.coffee.resources[f"{DIGEST}.ics"].text


def test_nobody_has_a_look_who_does_not_want_one() -> None:
    fikad, home = world(settings=wanting(digest=False))
    fikad.once()
    assert digests(home) == {}
    assert fikad.ledger.digests() == {}


def test_it_is_written_when_holds_are_planned_and_not_at_a_poll() -> None:
    fikad, home = world()
    fikad.once("lost")
    fikad.once("none")
    assert digests(home) == {}
    fikad.once()
    assert [*digests(home)] == [DIGEST]


def test_a_week_with_nothing_to_say_has_no_look() -> None:
    fikad, home = world(*met_long_ago(NAMES, weeks=1))
    fikad.once()
    assert digests(home) == {}


def test_nothing_is_written_as_long_as_nothing_changes() -> None:
    fikad, home = world()
    fikad.once()
    before = writes(home)
    for hours in (0, 1, 24):
        fikad.clock.forward(hours=hours)
        fikad.once("lost")
        fikad.once()
    assert writes(home) == before
    with fragile(fikad, Points()) as points:
        fikad.once()
    assert points.passed == [], "neither is anything recorded anew"


def test_the_next_one_takes_its_place() -> None:
    fikad, home = world()
    fikad.once()
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert [*digests(home)] == [NEXT]
    assert [*fikad.ledger.digests()] == [NEXT, DIGEST] or [*fikad.ledger.digests()] == [
        DIGEST,
        NEXT,
    ]
    fikad.once()
    assert [*fikad.ledger.digests()] == [NEXT]


def test_at_a_poll_the_former_one_goes_and_the_next_is_left_to_the_plan() -> None:
    fikad, home = world()
    fikad.once()
    fikad.clock.forward(weeks=1)
    assert [digest.word for digest in fikad.once("lost").digests] == ["removed"]
    assert digests(home) == {}
    assert [digest.word for digest in fikad.once().digests] == ["written"]


def test_one_that_comes_late_stands_on_the_day_it_is_written() -> None:
    fikad, home = world()
    fikad.clock.forward(days=2)
    fikad.once()
    [digest] = digests(home).values()
    assert (digest.uid, digest.start) == (DIGEST, datetime(2026, 11, 24, tzinfo=UTC))


def test_it_follows_the_answers_that_come_on_its_day_and_none_later() -> None:
    fikad, home = world()
    [hold] = fikad.once().holds["proposed"]
    home.edit(hold.uid, SUMMARY=hold.title.rstrip("?"))
    fikad.once("lost")
    [digest] = digests(home).values()
    day = at_time(hold.start, ZoneInfo("Europe/Berlin"))
    assert said(digest) == f"{hold.title.rstrip('?')} ({day}) Gone quiet: Jane Doe."
    assert digest.seal == seal(digest)
    fikad.clock.forward(days=1)
    home.delete(hold.uid)
    fikad.once("lost")
    assert digests(home) == {DIGEST: digest}


def test_another_language_or_country_rewrites_nothing_until_there_is_something_new_to_say() -> None:
    fikad, home = world()
    [hold] = fikad.once().holds["proposed"]
    before, count = digests(home), writes(home)
    changes: tuple[dict[str, Any], ...] = (
        {"language": "de"},
        {"country": "US"},
        {"language": "ja", "country": "JP"},
    )
    for tables in changes:
        fikad.config = wanting(**tables)
        fikad.once("lost")
        assert (digests(home), writes(home)) == (before, count)
    home.edit(hold.uid, SUMMARY=hold.title.rstrip("?"))
    fikad.once("lost")
    [digest] = digests(home).values()
    assert hold.title not in digest.description
    assert hold.title.rstrip("?") in digest.description
    assert not digest.title.startswith("The week ahead")


def test_whoever_is_to_be_named_nowhere_is_taken_out_of_it_on_any_day() -> None:
    fikad, home = world()
    fikad.once()
    fikad.clock.forward(days=1)
    fikad.config = wanting(contacts=[person("Jane Doe", paused=True), person("Bob Ray")])
    fikad.once("lost")
    [digest] = digests(home).values()
    assert "Jane" not in digest.title + digest.description
    assert "Bob" in digest.title
    fikad.config = wanting(contacts=[person(name, paused=True) for name in NAMES])
    fikad.once("lost")
    assert home.coffee.resources == {}


# --- what is told of it ---


def test_a_pass_tells_what_it_did_with_the_digest() -> None:
    fikad, home = world()
    report = fikad.once()
    [written] = report.digests
    assert report.made is None
    assert (written.word, written.day) == ("written", EVENING.date())
    assert written.title == digests(home)[DIGEST].title
    assert fikad.once("lost").digests == []
    [hold] = fikad.holds().values()
    home.edit(hold.uid, SUMMARY=hold.title.rstrip("?"))
    assert [digest.word for digest in fikad.once("lost").digests] == ["rewritten"]
    record = fikad.ledger.digests()[DIGEST]
    assert (record.writing, record.baseline) == (False, digests(home)[DIGEST])
    fikad.config = wanting(digest=False)
    assert [digest.word for digest in fikad.once("lost").digests] == ["removed"]


def test_a_dry_run_tells_what_would_be_written_once() -> None:
    dry, home = world()
    fikad = Fikad(dry.config, home.open, dry.clock)
    [wanted] = dry.once(dry=True).digests
    assert digests(home) == {}
    [written] = fikad.once().digests
    assert wanted == written
    assert fikad.once(dry=True).digests == []
    unwanted = Fikad(wanting(digest=False), world()[1].open, dry.clock)
    assert unwanted.once(dry=True).digests == []


# --- one of the former form, with all it says in the title ---


def of_the_former_form(home: Calendars) -> HoldEvent:
    """The digest in the calendar, turned into one as it once was written."""
    now = digests(home)[DIGEST]
    title, told = f"The week ahead: {said(now)}", now.description.removeprefix(f"{said(now)} ")
    former = replace(now, title=title, description=told)
    home.edit(
        DIGEST,
        SUMMARY=former.title,
        DESCRIPTION=former.description,
        **{"X-FIKAD-SEAL": seal(former)},
    )
    return digests(home)[DIGEST]


@pytest.mark.parametrize("forgotten", [False, True])
def test_one_of_the_former_form_is_ours_and_is_left_until_there_is_news(forgotten: bool) -> None:
    fikad, home = world()
    [hold] = fikad.once().holds["proposed"]
    former, count = of_the_former_form(home), writes(home)
    if forgotten:
        fikad.ledger = new_ledger()
    fikad.once("lost")
    fikad.once()
    assert digests(home) == {DIGEST: former}
    assert writes(home) == count
    assert fikad.ledger.digests()[DIGEST].state == "standing"
    home.edit(hold.uid, SUMMARY=hold.title.rstrip("?"))
    fikad.once("lost")
    assert digests(home)[DIGEST].title == "The week ahead: Bob Ray"
    assert said(digests(home)[DIGEST]).startswith(hold.title.rstrip("?"))


def test_one_of_the_former_form_makes_room_for_the_next() -> None:
    fikad, home = world()
    fikad.once()
    of_the_former_form(home)
    fikad.ledger = new_ledger()
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert [*digests(home)] == [NEXT]


# --- it is no hold ---


def test_it_takes_no_time_is_no_hold_and_says_nothing_about_anybody() -> None:
    fikad, home = world()
    fikad.once()
    fikad.once()
    occurrences = fikad.ledger.occurrences(
        SUNDAY - timedelta(weeks=20), SUNDAY + timedelta(weeks=20)
    )
    assert not [
        occurrence
        for occurrence in (*occurrences, *current(fikad.ledger, SUNDAY))
        if is_digest(occurrence.uid)
    ]
    assert [hold.event.uid for hold in fikad.ledger.found_holds()] == [*fikad.holds()]
    assert [hold.event.uid for hold in fikad.ledger.found_digests()] == [DIGEST]
    assert not any(is_digest(uid) for uid in fikad.holds())
    assert home.coffee.resources.keys() == {f"{uid}.ics" for uid in (DIGEST, *fikad.holds())}


def test_it_is_not_counted_as_an_event_of_other_origin() -> None:
    fikad, home = world()
    fikad.once()
    fikad.once()
    coffee = fikad.ledger.calendars("home")[home.coffee.id]
    assert fikad.ledger.foreign_count(coffee.id) == 0


# --- the user's ---


CHANGES = {
    "title": {"SUMMARY": "My week"},
    "note": {"DESCRIPTION": "Call Bob"},
    "place": {"LOCATION": "Home"},
    "busy": {"TRANSP": "OPAQUE"},
    "day": {"DTSTART": "20261124T090000Z", "DTEND": "20261124T100000Z"},
    "alarm": {"VALARM": ""},
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_that_the_user_touched_is_theirs_for_good(change: str) -> None:
    fikad, home = world()
    fikad.once()
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT9M", "DESCRIPTION:x", "END:VALARM")
    home.edit(
        DIGEST,
        *(alarm if change == "alarm" else ()),
        **({} if change == "alarm" else CHANGES[change]),
    )
    text = home.coffee.resources[f"{DIGEST}.ics"]
    for _ in range(3):
        fikad.once()
        fikad.clock.forward(weeks=1)
    assert home.coffee.resources[f"{DIGEST}.ics"] == text
    assert len(digests(home)) == 2
    with purging(fikad) as purge:
        assert f"{DIGEST}.ics" not in [
            leftover.found.resource.href for leftover in purge.remove(purge.find())
        ]
    assert [*digests(home)] == [DIGEST]


def test_undoing_the_change_does_not_give_it_back() -> None:
    fikad, home = world()
    fikad.once()
    written = home.coffee.resources[f"{DIGEST}.ics"].text
    home.edit(DIGEST, SUMMARY="My week")
    fikad.once()
    home.coffee.put(f"{DIGEST}.ics", written)
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert {*digests(home)} == {DIGEST, NEXT}


@pytest.mark.parametrize("how", ["deleted", "cancelled", "moved away"])
def test_one_that_is_sent_away_stays_away_for_its_week(how: str) -> None:
    fikad, home = world()
    fikad.once()
    text = home.coffee.resources[f"{DIGEST}.ics"].text
    if how == "cancelled":
        home.edit(DIGEST, STATUS="CANCELLED")
    else:
        home.delete(DIGEST)
    if how == "moved away":
        home.put(text)
    before = writes(home)
    fikad.once("lost")
    assert fikad.ledger.digests()[DIGEST].state == "dismissed"
    for _ in range(3):
        fikad.clock.forward(days=1)
        fikad.once("lost")
        fikad.config = wanting(*NAMES, "Ann Lee")  # whatever there is to say now
        fikad.once()
    assert DIGEST not in digests(home) or how == "cancelled"
    assert home.personal.resources.keys() >= ({f"{DIGEST}.ics"} if how == "moved away" else set())
    assert writes(home) >= before
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert NEXT in digests(home)
    assert (f"{DIGEST}.ics" in home.personal.resources) == (how == "moved away")


def test_a_server_that_saves_it_its_own_way_does_not_make_it_the_users() -> None:
    fikad, home = world()
    fikad.once()
    home.coffee.put(f"{DIGEST}.ics", rewritten(home.coffee.resources[f"{DIGEST}.ics"].text))
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert [*digests(home)] == [NEXT]


def test_a_server_that_drops_the_seal_does_not_make_it_the_users() -> None:
    fikad, home = world()
    points = Points("after create", lost=True)
    with fragile(fikad, points):
        fikad.once()
        fikad.once()
    for href, resource in [*home.coffee.resources.items()]:
        home.coffee.put(href, rewritten(resource.text, without=["X-FIKAD-SEAL"]))
    fikad.once()
    assert fikad.ledger.digests()[DIGEST].state == "standing"


def test_nor_where_the_answer_to_a_change_was_lost() -> None:
    fikad, home = world(settings=wanting(per_week=0))
    fikad.once()
    fikad.config = wanting("Jane Doe", per_week=0)
    with fragile(fikad, Points("after update", lost=True)):
        fikad.once()
    home.coffee.put(
        f"{DIGEST}.ics",
        rewritten(home.coffee.resources[f"{DIGEST}.ics"].text, without=["X-FIKAD-SEAL"]),
    )
    fikad.once()
    assert fikad.ledger.digests()[DIGEST].state == "standing"
    assert said(digests(home)[DIGEST]) == "Gone quiet: Jane Doe."


def test_one_is_removed_when_no_look_is_wanted_any_more() -> None:
    fikad, home = world()
    fikad.once()
    fikad.config = wanting(digest=False)
    fikad.once("lost")
    assert digests(home) == {}
    assert fikad.holds()


def test_an_order_in_its_title_is_none() -> None:
    fikad, home = world()
    fikad.once()
    home.edit(DIGEST, SUMMARY="never")
    fikad.once()
    assert DIGEST in digests(home)
    assert not any(record.never for record in fikad.ledger.people().values())


# --- crashes, two fikads, a lost ledger ---


def stops() -> list[int]:
    """The points that a pass reaches which proposes a hold and replaces a look."""
    fikad, _ = replacing()
    with fragile(fikad, Points()) as points:
        fikad.once()
    assert {"before create", "after create", "before delete", "after delete"} <= {*points.passed}
    return [*range(len(points.passed))]


def replacing() -> tuple[Fikad, Calendars]:
    fikad, home = world()
    fikad.once()
    fikad.clock.forward(weeks=1)
    return fikad, home


@pytest.mark.parametrize("lost", [False, True], ids=["crash", "answer lost"])
def test_wherever_a_pass_stops_the_next_ones_leave_one_look(lost: bool) -> None:
    for at in stops():
        fikad, home = replacing()
        with fragile(fikad, Points(at, lost=lost)) as points, suppress(Crash, UncertainError):
            fikad.once()
        fikad.once("lost")
        fikad.once()
        fikad.once()
        assert [*digests(home)] == [NEXT], points.passed[at]
        assert not any(digest.writing for digest in fikad.ledger.digests().values())


def test_one_deleted_right_after_a_crash_is_not_brought_back() -> None:
    fikad, home = world(settings=wanting(per_week=0))
    with fragile(fikad, Points("after create")), pytest.raises(Crash):
        fikad.once()
    home.delete(DIGEST)
    fikad.once()
    fikad.once()
    assert digests(home) == {}


def test_two_fikads_write_one_look_and_take_no_turns() -> None:
    first, home = world()
    second = Fikad(first.config, home.open, first.clock)
    first.once()
    second.once()
    before = writes(home)
    for _ in range(3):
        first.once()
        second.once()
    assert ([*digests(home)], writes(home)) == ([DIGEST], before)
    first.clock.forward(weeks=1)
    second.once()
    first.once()
    second.once()
    assert [*digests(home)] == [NEXT]


def test_two_fikads_with_different_configs_take_no_turns() -> None:
    first, home = world()
    second = Fikad(wanting("Jane Doe"), home.open, first.clock)
    first.once()
    before = writes(home)
    for _ in range(3):
        second.once("lost")
        first.once("lost")
    assert writes(home) == before


def test_two_fikads_at_the_same_moment_write_one_look() -> None:
    first, home = world()
    second = Fikad(first.config, home.open, first.clock)
    first.config = second.config = wanting(per_week=0)
    create = home.coffee.create
    calls: list[str] = []

    def overtaken(draft: object) -> object:
        if not calls:
            calls.append("first")
            second.once()
        return create(draft)  # type: ignore[arg-type]

    home.coffee.create = overtaken  # type: ignore[method-assign, assignment]
    first.once()
    first.once()
    assert [*digests(home)] == [DIGEST]
    assert [
        digest.state for digest in (first.ledger.digests()[DIGEST], second.ledger.digests()[DIGEST])
    ] == ["standing"] * 2


def test_a_fikad_that_lost_its_ledger_knows_its_look_again() -> None:
    fikad, home = world()
    fikad.once()
    fikad.ledger = new_ledger()
    before = digests(home)
    fikad.once()
    assert digests(home) == before
    fikad.clock.forward(weeks=1)
    fikad.ledger = new_ledger()
    fikad.once()
    assert [*digests(home)] == [NEXT]


def test_a_look_of_the_users_is_theirs_without_a_ledger_too() -> None:
    fikad, home = world()
    fikad.once()
    home.edit(DIGEST, SUMMARY="My week")
    fikad.ledger = new_ledger()
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert {*digests(home)} == {DIGEST, NEXT}


def test_a_seal_on_something_that_fikad_does_not_write_is_not_believed() -> None:
    fikad, home = world()
    fikad.once()
    event = digests(home)[DIGEST]
    guest = replace(event, extras=("ATTENDEE",))
    home.edit(DIGEST, "ATTENDEE:mailto:bob@example.com", **{"X-FIKAD-SEAL": seal(guest)})
    fikad.ledger = new_ledger()
    fikad.clock.forward(weeks=1)
    fikad.once()
    assert DIGEST in digests(home)


# --- what is not written ---


def test_a_dry_run_writes_none() -> None:
    fikad, home = world()
    fikad.once(dry=True)
    assert home.coffee.resources == {}
    assert fikad.ledger.digests() == {}


def test_nothing_is_written_or_removed_while_an_account_cannot_be_read() -> None:
    fikad, home = replacing()
    before = home.texts()
    home.down = UnreachableError("no route")
    fikad.once()
    assert home.texts() == before
    both = {name: {"type": "files", "path": "/nowhere"} for name in ("home", "work")}

    def opener(name: str) -> object:
        if name == "work":
            raise UnreachableError("no route")
        return home.open(name)

    home.down = None
    fikad.config, fikad.opener = wanting(accounts=both), opener  # type: ignore[assignment]
    fikad.once()
    assert digests(home).keys() == {DIGEST}


def test_a_calendar_that_may_not_be_written_is_told_and_nothing_else_stops() -> None:
    fikad, home = replacing()
    home.coffee.writable = False
    assert "cannot be written" in fikad.once().not_writable
    assert [*digests(home)] == [DIGEST]


def test_purging_removes_an_untouched_one_with_or_without_a_ledger() -> None:
    for forgotten in (False, True):
        fikad, home = world()
        fikad.once()
        if forgotten:
            fikad.ledger = new_ledger()
        with purging(fikad) as purge:
            assert len(purge.remove(purge.find())) == 2
        assert home.coffee.resources == {}


def test_one_that_was_purged_is_not_written_again_for_its_week() -> None:
    fikad, home = world()
    fikad.once()
    with purging(fikad) as purge:
        purge.remove(purge.find())
    fikad.once()
    assert digests(home) == {}


def test_its_words_come_from_nobody_elses_invitation() -> None:
    mine = met_long_ago(NAMES, weeks=9)
    theirs = event(
        "theirs",
        "Buy gold now",
        EVENING + timedelta(days=1),
        "ORGANIZER:mailto:jane@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:sam@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@example.com",
    )
    fikad, home = world(*mine, theirs)
    fikad.once()
    digest = digests(home)[DIGEST]
    assert "gold" not in digest.title + digest.description


# --- on servers, with programs in the user's hands ---


PLACES = (
    "radicale-http",
    "radicale-caldav",
    "xandikos-http",
    "files-editor",
    "files-khal",
    "google-app",
)


@pytest.fixture(params=PLACES)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Backend, str, Hands]]:
    with opened(request.param, tmp_path, HOLDS) as world:
        yield world


def test_three_weeks_on_a_server(places: tuple[Backend, str, Hands]) -> None:
    backend, target, hands = places
    clock = Clock(EVENING)
    settings = on(backend, *NAMES).model_copy(
        update={"rhythm": wanting().rhythm.model_copy(update={"per_week": 0})}
    )
    fikad = Fikad(settings, lambda name: backend.account(), clock)
    for name in NAMES:
        fikad.ledger.add_met(name.lower(), SUNDAY - timedelta(weeks=9), SUNDAY)

    def facts() -> dict[str, bytes]:
        fikad.once()
        before = backend.contents(target)
        clock.forward(hours=1)
        fikad.once("lost")
        assert backend.contents(target) == before  # nothing is written twice
        return before

    def standing() -> list[str]:
        return sorted(
            uid for uid, digest in fikad.ledger.digests().items() if digest.state == "standing"
        )

    assert len(facts()) == 1
    [first] = standing()
    holds = fikad.ledger.found_digests()
    assert [(hold.event.uid, hold.event.all_day, hold.event.transparent) for hold in holds] == [
        (first, True, True)
    ]
    clock.forward(weeks=1)
    assert len(facts()) == 1  # the second took the first's place
    [second] = standing()
    assert second != first
    hands.begin()
    hands.delete(second)
    hands.finish()
    assert facts() == {}
    clock.forward(weeks=1)
    facts()
    [third] = standing()
    hands.begin()
    hands.change(third, "title", "My week")
    hands.finish()
    theirs = backend.contents(target)
    clock.forward(weeks=1)
    after = facts()
    assert theirs.items() < after.items()
    assert len(after) == 2
    assert backend.careless_writes()[1] == []


# --- birthdays ---


def born(name: str, day: str, **fields: Any) -> dict[str, Any]:
    return person(name, birthday=day, **fields)


def test_the_birthdays_of_the_week_are_named_and_written_once() -> None:
    people = [born("Jane Doe", "11-25"), born("Bob Ray", "11-24", paused=True)]
    fikad, home = world(*met_long_ago(NAMES, weeks=1), settings=wanting(contacts=people))
    fikad.once()
    [digest] = digests(home).values()
    assert digest.title == "The week ahead"
    assert said(digest) == "Birthdays: Jane Doe (Wed 25 Nov)."
    before = writes(home)
    fikad.once()
    fikad.clock.now += timedelta(hours=2)
    fikad.once()
    assert writes(home) == before


def test_somebody_paused_after_the_digest_was_written_is_named_in_it_no_more() -> None:
    people = [born("Jane Doe", "11-25"), person("Bob Ray")]
    fikad, home = world(*met_long_ago(NAMES, weeks=1), settings=wanting(contacts=people))
    fikad.once()
    assert "Jane" in next(iter(digests(home).values())).description
    paused = [born("Jane Doe", "11-25", paused=True), person("Bob Ray")]
    fikad.config = wanting(contacts=paused)
    fikad.once()
    assert digests(home) == {}


# --- whether last week's dates took place ---


ASKED = 'Did you meet Jane Doe on {day}? If not, retitle that entry "missed".'


def accepted() -> tuple[Fikad, Calendars, str, str]:
    """A date with Jane that ended last week, and the question about it, on the next Sunday."""
    settings = wanting("Jane Doe", availability={"wednesday": ["09:00-18:00"]})
    fikad, home = world(*met_long_ago(("Jane Doe",), weeks=9), settings=settings)
    [hold] = fikad.once().holds["proposed"]
    home.edit(hold.uid, SUMMARY="Coffee with Jane Doe")
    fikad.once("none")
    assert hold.start < EVENING + WEEK
    fikad.clock.now = EVENING + WEEK
    return fikad, home, hold.uid, ASKED.format(day=ENGLISH.day(hold.start.date()))


def test_last_week_s_dates_are_asked_after_once_and_never_again() -> None:
    fikad, home, _, asked = accepted()
    fikad.once()
    assert said(digests(home)[NEXT]) == asked
    before = writes(home)
    for _ in range(3):
        fikad.clock.now += timedelta(hours=20)
        fikad.once("none")
    assert writes(home) == before
    fikad.clock.now = EVENING + 2 * WEEK
    fikad.once()
    assert not any("Did you meet" in digest.description for digest in digests(home).values())


def test_days_are_those_of_the_user_wherever_that_is() -> None:
    """On a Sunday at five in the afternoon in Auckland it is four in the morning by UTC."""
    there: dict[str, Any] = {
        "timezone": "Pacific/Auckland",
        "availability": {"wednesday": ["09:00-18:00"]},
    }
    home = calendars(*met_long_ago(("Jane Doe",), weeks=9))
    fikad = Fikad(wanting("Jane Doe", **there), home.open)
    for hour, minute, plan, day in ((3, 59, 15, 22), (4, 0, 22, 22), (13, 0, 22, 23)):
        moment = SUNDAY.replace(hour=hour, minute=minute)
        other = Fikad(fikad.config, calendars(*met_long_ago(["Jane Doe"])).open, Clock(moment))
        [wanted] = other.once(dry=True).digests
        assert (wanted.word, wanted.day.day) == ("written", day)
        account: Any = other.opener("home")
        other.ledger = new_ledger()
        other.once()
        written = hold_event(account.held[1].resources[f"fikad-look-202611{plan}.ics"].text)
        assert written is not None
        assert written.start.day == day
    fikad.clock = Clock(SUNDAY.replace(hour=6))
    [hold] = fikad.once().holds["proposed"]
    home.edit(hold.uid, SUMMARY="Coffee with Jane Doe")
    fikad.once("none")
    assert hold.start.day == 24
    fikad.clock.forward(weeks=1)
    fikad.once()
    asked = ASKED.format(day=ENGLISH.day(hold.start.date() + timedelta(days=1)))
    assert said(digests(home)[NEXT]) == asked


def test_nobody_is_asked_after_a_date_that_was_missed() -> None:
    fikad, home, uid, _ = accepted()
    home.edit(uid, SUMMARY="missed")
    fikad.once()
    assert not any("Did you meet" in digest.description for digest in digests(home).values())


def test_nobody_who_is_paused_is_asked_after() -> None:
    fikad, home, _, _ = accepted()
    fikad.config = wanting(contacts=[person("Jane Doe", paused=True)])
    fikad.once()
    assert digests(home) == {}


def test_a_hold_that_nobody_said_yes_to_is_not_asked_after() -> None:
    fikad, home = world(*met_long_ago(("Jane Doe",), weeks=9), settings=wanting("Jane Doe"))
    fikad.once()
    fikad.clock.now = EVENING + WEEK
    fikad.once()
    assert not any("Did you meet" in digest.description for digest in digests(home).values())


# --- what a calendar answers ---


class Answering(MemoryCalendar):
    """A calendar that hides what is ours, or ends a write, where a test says so."""

    hides = False
    error: AccountError | None = None
    versions = 0
    """How often it was asked for its version."""
    since: tuple[str | None, ...] = ()
    """The tokens since which it was asked for changes."""
    before_create: Callable[[HoldDraft], object] = staticmethod(lambda draft: None)

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        self.since = (*self.since, token)
        [whole] = super().changes(token, known, complete=complete)
        yield replace(whole, changed=()) if self.hides else whole

    def current_version(self) -> str | None:
        self.versions += 1
        return super().current_version()

    def create(self, draft: HoldDraft) -> Resource:
        self.before_create(draft)
        self._end()
        return super().create(draft)

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        self._end()
        return super().update(stored, draft)

    def delete(self, stored: Resource) -> None:
        self._end()
        super().delete(stored)

    def _end(self) -> None:
        if self.error is not None:
            raise self.error


def alone(**tables: Any) -> tuple[Fikad, Calendars, Answering]:
    """A fikad that writes digests and no holds."""
    fikad, home = world(settings=wanting(per_week=0, **tables))
    coffee = Answering(HOLDS)
    home.account.held[1] = coffee
    return fikad, home, coffee


def news_for(fikad: Fikad) -> None:
    """Something else to say: Bob is no contact any more."""
    fikad.config = wanting("Jane Doe", per_week=0)


def went_wrong(report: Any) -> list[tuple[str, str]]:
    return [(reading.account, reading.message) for reading in report.readings if reading.message]


def test_one_that_was_decided_and_certainly_not_written_is_written_at_the_next_poll() -> None:
    fikad, home, _ = alone()
    with fragile(fikad, Points("before create")), pytest.raises(Crash):
        fikad.once()
    assert fikad.ledger.digests()[DIGEST].state == "creating"
    assert digests(home) == {}
    [written] = fikad.once("lost").digests
    assert (written.word, [*digests(home)]) == ("written", [DIGEST])
    assert fikad.ledger.digests()[DIGEST].state == "standing"


def test_one_that_may_have_been_written_and_is_not_there_is_taken_as_sent_away() -> None:
    fikad, home, coffee = alone()
    with fragile(fikad, Points("before create")), pytest.raises(Crash):
        fikad.once()
    coffee.put("theirs.ics", met_long_ago(["Zoe Zed"])[0])
    assert fikad.once().digests == []
    assert digests(home) == {}
    assert fikad.ledger.digests()[DIGEST].state == "dismissed"


def test_the_version_of_its_calendar_is_asked_before_it_is_written_alone() -> None:
    fikad, _, coffee = alone()
    fikad.once()
    assert coffee.versions == 1
    fikad.once()
    coffee.drop(f"{DIGEST}.ics")
    fikad.once()
    assert coffee.versions == 1


@pytest.mark.parametrize("gone", [False, True])
def test_a_change_that_surely_did_not_happen_is_told_and_decided_anew(gone: bool) -> None:
    fikad, home, coffee = alone()
    fikad.once()
    before, record = digests(home), fikad.ledger.digests()
    news_for(fikad)
    if gone:
        fikad.config = wanting(digest=False, per_week=0)
    coffee.error = UnreachableError("the server is down")
    report = fikad.once("lost")
    assert went_wrong(report) == [("home", str(coffee.error))]
    assert report.digests == []
    assert (digests(home), fikad.ledger.digests()) == (before, record)
    coffee.error = None
    assert [each.word for each in fikad.once("lost").digests] == [
        "removed" if gone else "rewritten"
    ]
    assert digests(home) != before


def test_one_that_changed_just_now_is_left_to_the_next_pass() -> None:
    fikad, home, coffee = alone()
    fikad.once()
    before, record = digests(home), fikad.ledger.digests()
    news_for(fikad)
    coffee.error = ChangedError("somebody was quicker")
    report = fikad.once("lost")
    assert (went_wrong(report), report.digests) == ([], [])
    assert (digests(home), fikad.ledger.digests()) == (before, record)


def test_an_answer_that_was_lost_is_told_and_the_intent_stays() -> None:
    fikad, home, _ = alone()
    fikad.once()
    news_for(fikad)
    with fragile(fikad, Points("after update", lost=True)):
        report = fikad.once("lost")
    assert [account for account, _ in went_wrong(report)] == ["home"]
    assert report.digests == []
    record = fikad.ledger.digests()[DIGEST]
    assert record.writing
    assert said(digests(home)[DIGEST]) == "Gone quiet: Jane Doe."
    fikad.once("lost")
    assert not fikad.ledger.digests()[DIGEST].writing


def test_one_that_could_not_be_written_is_forgotten_and_written_later() -> None:
    fikad, home, coffee = alone()
    coffee.error = UnreachableError("the server is down")
    report = fikad.once()
    assert went_wrong(report) == [("home", str(coffee.error))]
    assert (report.digests, fikad.ledger.digests()) == ([], {})
    coffee.error = None
    assert fikad.once("lost").digests == [], "that is no plan"
    assert [each.word for each in fikad.once().digests] == ["written"]
    assert [*digests(home)] == [DIGEST]


def test_one_whose_answer_was_lost_is_known_again() -> None:
    fikad, home, _ = alone()
    with fragile(fikad, Points("after create", lost=True)):
        report = fikad.once()
    assert [account for account, _ in went_wrong(report)] == ["home"]
    assert report.digests == []
    assert fikad.ledger.digests()[DIGEST].state == "creating"
    assert fikad.once("lost").digests == []
    assert fikad.ledger.digests()[DIGEST].state == "standing"
    assert [*digests(home)] == [DIGEST]


def test_a_name_that_is_taken_is_another_fikads_or_was_sent_away() -> None:
    for there, state in ((True, "creating"), (False, "dismissed")):
        fikad, _, coffee = alone()
        coffee.error = TakenError("the name was taken")
        if there:
            coffee.before_create = partial(MemoryCalendar.create, coffee)
        report = fikad.once()
        assert (went_wrong(report), report.digests) == ([], [])
        record = fikad.ledger.digests()[DIGEST]
        assert (record.state, record.writing, record.version) == (state, there, None)
        coffee.error = None
        fikad.once()
        assert fikad.ledger.digests()[DIGEST].state == ("standing" if there else "dismissed")


def test_one_that_its_calendar_does_not_list_is_taken_back_and_told() -> None:
    fikad, home, coffee = alone()
    fikad.once("none")
    coffee.hides = True
    report = fikad.once()
    assert coffee.since[-1] is not None, "it is asked for what is new alone"
    assert f'the calendar "{HOLDS}" hides the private events' in report.not_writable
    assert (report.digests, fikad.ledger.digests(), digests(home)) == ([], {}, {})
    assert went_wrong(report) == []
    coffee.hides = False
    assert "hides" in fikad.once().not_writable, "nothing was shown since"


def test_a_calendar_that_listed_a_hold_is_not_asked_for_the_digest() -> None:
    fikad, home = world()
    coffee = Answering(HOLDS)
    home.account.held[1] = coffee
    fikad.config = wanting(digest=False)
    fikad.once()
    fikad.once()
    assert fikad.holds()
    coffee.hides = True
    fikad.config = wanting()
    assert [each.word for each in fikad.once().digests] == ["written"]
    assert [*digests(home)] == [DIGEST]


# --- where there is no calendar yet ---


def nowhere_yet(error: AccountError | None = None) -> tuple[Fikad, MemoryAccount]:
    class Making(MemoryAccount):
        def create_calendar(self, name: str) -> MemoryCalendar:
            if error is not None:
                raise error
            return super().create_calendar(name)

    fikad, home, _ = alone()
    account = Making("home", home.account.held[:1], home.account.owner)
    fikad.opener = lambda name: account
    return fikad, account


def test_its_calendar_is_made_where_there_is_none_and_told() -> None:
    fikad, account = nowhere_yet()
    report = fikad.once()
    assert report.made is not None
    assert (report.made.account, report.made.name) == ("home", HOLDS)
    assert [each.word for each in report.digests] == ["written"]
    [_, made] = account.held
    assert (made.name, [*made.resources]) == (HOLDS, [f"{DIGEST}.ics"])
    again = fikad.once()
    assert (again.made, again.digests) == (None, [])


def test_where_its_calendar_cannot_be_made_that_is_told() -> None:
    fikad, account = nowhere_yet(ReadOnlyError("no rights"))
    report = fikad.once()
    assert 'the calendar "Coffee" could not be created in "home"' in report.not_writable
    assert (report.digests, fikad.ledger.digests()) == ([], {})
    fikad, account = nowhere_yet(UnreachableError("the server is down"))
    report = fikad.once()
    assert [name for name, _ in went_wrong(report)] == ["home"]
    assert len(account.held) == 1


def test_at_google_its_name_has_no_dashes() -> None:
    fikad, home, _ = alone(accounts={"home": {"type": "google", "client_secrets": "/nowhere"}})
    fikad.once()
    assert [*digests(home)] == [DIGEST.replace("-", "")]
    count = writes(home)
    fikad.once()
    assert writes(home) == count


def test_one_in_an_account_that_is_configured_no_more_stays_as_it_is() -> None:
    fikad, home, _ = alone()
    fikad.once()
    record, text = fikad.ledger.digests(), home.texts()
    other = MemoryAccount("work", [home.personal, MemoryCalendar(HOLDS)], home.account.owner)
    moved = {"account": "work", "calendar": HOLDS}
    files = {"work": {"type": "files", "path": "/work"}}
    fikad.config = wanting(per_week=0, accounts=files, holds=moved)
    fikad.opener = lambda name: other
    assert fikad.once().digests == []
    assert (fikad.ledger.digests(), home.texts()) == (record, text)
    assert other.held[1].resources == {}, "there is one for this week"
    fikad.clock.forward(weeks=1)
    assert fikad.once("lost").digests == [], "that is no plan"
    assert [each.word for each in fikad.once().digests] == ["written"]
    assert (fikad.ledger.digests()[DIGEST], home.texts()) == (record[DIGEST], text)


def test_one_of_another_fikad_is_left_alone_by_one_that_wants_none() -> None:
    fikad, _, coffee = alone()
    fikad.once()
    theirs = coffee.resources[f"{DIGEST}.ics"].text.replace(DIGEST, "fikad-look-20261115")
    coffee.put("theirs.ics", theirs)
    fikad.config = wanting(digest=False, per_week=0)
    assert [each.word for each in fikad.once("lost").digests] == ["removed"]
    assert [*coffee.resources] == ["theirs.ics"]
    fikad.config = wanting(per_week=0)
    assert [each.word for each in fikad.once("lost").digests] == ["removed"]
    assert coffee.resources == {}
