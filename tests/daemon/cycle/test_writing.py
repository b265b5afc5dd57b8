"""Writing: a pass may stop anywhere, lose any answer, be refused or overtaken. The next one puts
everything right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from connectors.base import Changes, HoldDraft, HoldEvent, Resource
from connectors.errors import (
    AccountError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    WithdrawnError,
)
from connectors.ical.hold_text import hold_event
from daemon.config.schema import Config
from daemon.cycle.report import Report
from daemon.cycle.writing import HoldWriter, Write
from daemon.holds.edits import edited_fields
from daemon.holds.facts import Move, Withdraw
from daemon.holds.record import Hold
from tests.connectors.backends import BACKENDS, NOW, Backend, GoogleBackend, event_text
from tests.daemon.world import (
    HOLDS,
    ROOMY,
    Calendars,
    Clock,
    Crash,
    Fikad,
    Points,
    calendars,
    config,
    event,
    fragile,
    lines_of,
    met_long_ago,
    new_ledger,
)
from tests.memory import MemoryCalendar

NAMES = ("Jane Doe", "Bob Ray")


def crash(fikad: Fikad, at: str) -> None:
    """A pass that stops at a point."""
    with fragile(fikad, Points(at)), pytest.raises(Crash):
        fikad.once()


class Scenario:
    """A fikad that has something to write at its next pass."""

    def __init__(self, names: tuple[str, ...] = NAMES) -> None:
        self.home: Calendars = calendars(*met_long_ago(names))
        self.fikad = Fikad(config(*names), self.home.open)

    def standing(self) -> list[str]:
        """Whose holds stand in the calendar."""
        by_uid = {uid: hold.contact_name for uid, hold in self.fikad.holds().items()}
        return sorted(by_uid[href.removesuffix(".ics")] for href in self.home.coffee.resources)

    def rests(self) -> bool:
        """Whether two further passes find nothing to write, to record, or to tell."""
        before, known = self.home.texts(), self.fikad.holds()
        told = [self.fikad.once().holds for _ in range(2)]
        settled = all(hold.intent is None for hold in known.values())
        return settled and (before, known, [{}, {}]) == (
            self.home.texts(),
            self.fikad.holds(),
            told,
        )


def to_propose() -> Scenario:
    return Scenario()


def to_move() -> Scenario:
    made = to_propose()
    made.fikad.once()
    for uid, hold in made.fikad.holds().items():
        made.home.put(event(f"late-{uid}", "Budget, urgent", hold.start))
    return made


def to_withdraw() -> Scenario:
    made = to_propose()
    made.fikad.once()
    for name in NAMES:
        made.fikad.ledger.snooze(
            name.lower(), made.fikad.clock() + timedelta(weeks=2), made.fikad.clock()
        )
    return made


def to_follow() -> Scenario:
    made = to_propose()
    made.fikad.once()
    for uid in made.fikad.holds():
        made.home.edit(uid, SUMMARY="snooze 2 weeks")
    return made


def to_complete() -> Scenario:
    made = to_propose()
    made.fikad.once()
    for uid, hold in made.fikad.holds().items():
        made.home.edit(uid, SUMMARY=hold.title.removesuffix("?"))
    return made


SCENARIOS: dict[Callable[[], Scenario], list[str]] = {
    to_propose: sorted(NAMES),
    to_move: sorted(NAMES),
    to_withdraw: [],
    to_follow: [],
    to_complete: sorted(NAMES),
}
"""Something to be written, and whose holds stand when it was."""


def points_of(make: Callable[[], Scenario]) -> list[str]:
    made = make()
    with fragile(made.fikad, Points()) as points:
        made.fikad.once()
    return points.passed


def cases() -> Iterator[tuple[Callable[[], Scenario], int, bool]]:
    for make in SCENARIOS:
        for at, name in enumerate(points_of(make)):
            yield make, at, False
            if not name.endswith("record"):
                yield make, at, True


@pytest.mark.parametrize(
    ("make", "at", "lost"), list(cases()), ids=lambda value: getattr(value, "__name__", str(value))
)
def test_wherever_a_pass_stops_the_next_one_finishes_it(
    make: Callable[[], Scenario], at: int, lost: bool
) -> None:
    made = make()
    with fragile(made.fikad, Points(at, lost)) as points:
        if lost:
            assert not made.fikad.once().complete
        else:
            with pytest.raises(Crash):
                made.fikad.once()
    assert len(points.passed) > at
    made.fikad.once()
    assert made.standing() == SCENARIOS[make]
    assert made.rests()
    if make is to_follow:
        until = {person.snoozed_until for person in made.fikad.situation().records.values()}
        assert until == {made.fikad.clock() + timedelta(weeks=2)}
    if make is to_complete:
        assert answers(made) == {("confirmed", False)}


def answers(made: Scenario) -> set[tuple[str, bool]]:
    """Of all holds as they stand: whether they are confirmed, and whether they show as free."""
    found = (made.home.hold(uid) for uid in made.fikad.holds())
    return {(event.status, event.transparent) for event in found if event is not None}


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (to_propose, "proposed"),
        (to_move, "moved"),
        (to_withdraw, "withdrawn"),
        (to_follow, "withdrawn"),
        (to_complete, "accepted"),
    ],
)
def test_what_was_written_is_told_by_what_it_is_to_the_user(
    make: Callable[[], Scenario], word: str
) -> None:
    made = make()
    told = made.fikad.once("all" if make is to_propose else "none").holds
    assert {name: len(holds) for name, holds in told.items()} == {word: 2}
    assert {hold.uid for hold in told[word]} == made.fikad.holds().keys()


@pytest.mark.parametrize("make", [to_move, to_withdraw, to_complete])
def test_holds_are_numbered_as_they_are_placed_and_keep_their_number_whatever_is_written(
    make: Callable[[], Scenario],
) -> None:
    made = make()
    placed = {uid: hold.placed for uid, hold in made.fikad.holds().items()}
    assert sorted(placed.values()) == [1, 2]
    made.fikad.once("none")
    assert {uid: hold.placed for uid, hold in made.fikad.holds().items()} == placed
    assert made.fikad.ledger.placements() == 2


@pytest.mark.parametrize("make", SCENARIOS)
def test_a_dry_pass_records_and_tells_what_a_real_one_does_and_reaches_no_calendar(
    make: Callable[[], Scenario],
) -> None:
    dry, real = make(), make()
    before = dry.home.texts()
    told = dry.fikad.once(dry=True).holds
    assert dry.home.texts() == before
    done = real.fikad.once().holds
    assert real.home.texts() != before
    assert {word: [hold.uid for hold in holds] for word, holds in told.items()} == {
        word: [hold.uid for hold in holds] for word, holds in done.items()
    }
    for planned, carried_out in zip(
        dry.fikad.holds().values(), real.fikad.holds().values(), strict=True
    ):
        assert without_events(planned) == without_events(carried_out)
        for one, other in zip(events_of(planned), events_of(carried_out), strict=True):
            assert (one is None) == (other is None)
            assert one is None or other is None or edited_fields(one, other) == ()


def events_of(hold: Hold) -> tuple[HoldEvent | None, ...]:
    return hold.baseline, hold.seen, hold.completed


def without_events(hold: Hold) -> Hold:
    return replace(hold, baseline=None, seen=None, completed=None)


def test_a_hold_that_was_the_users_and_is_moved_as_they_say_is_told_as_moved() -> None:
    made = Scenario(("Jane Doe",))
    made.fikad.once()
    hold = made.fikad.hold()
    made.home.edit(hold.uid, SUMMARY=f"{hold.title} bring the book")
    assert [*made.fikad.once().holds] == ["pinned"]
    made.home.edit(hold.uid, SUMMARY="next week")
    assert [*made.fikad.once().holds] == ["moved"]


def test_what_is_only_recorded_is_not_told() -> None:
    made = Scenario(("Jane Doe",))
    made.fikad.once()
    uid = made.fikad.hold().uid
    made.home.drag(uid, hours=1)
    assert [*made.fikad.once().holds] == ["pinned"]
    made.home.edit(uid, LOCATION="Rosa")
    report = made.fikad.once()
    assert (report.holds, report.renewed) == ({}, [])
    seen = made.fikad.hold().seen
    assert seen is not None
    assert seen.location == "Rosa"


def test_what_is_intended_is_on_record_before_it_is_sent() -> None:
    made = to_propose()
    crash(made.fikad, "before create")
    [hold] = made.fikad.holds().values()
    assert (hold.state, hold.intent) == ("creating", "create")
    assert not made.home.coffee.resources
    told = made.fikad.once("none").holds
    assert {name: len(holds) for name, holds in told.items()} == {"proposed": 1}


def test_a_hold_deleted_before_anybody_knew_that_it_was_written_never_comes_back() -> None:
    made = Scenario(("Jane Doe",))
    crash(made.fikad, "after create")
    [href] = made.home.coffee.resources
    made.home.coffee.drop(href)
    for _ in range(3):
        made.fikad.once()
    assert not made.home.coffee.resources
    assert made.fikad.hold().state == "dismissed"


FOUR = ("Jane Doe", "Bob Ray", "Cleo Park", "Dora Finch")


def to_replace(word: str = "snooze 2 weeks") -> Scenario:
    """One hold of two is taken back, which leaves room for one more, and two are waiting."""
    made = Scenario(FOUR)
    made.fikad.config = config(*FOUR, rhythm={**ROOMY, "open": 2})
    made.fikad.once()
    made.fikad.config = config(*FOUR)
    made.home.edit(next(iter(made.fikad.holds())), SUMMARY=word)
    return made


def replacing_points() -> int:
    made = to_replace()
    with fragile(made.fikad, Points()) as points:
        made.fikad.once("lost")
    return len(points.passed)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("at", range(replacing_points()))
def test_a_slot_that_was_lost_is_filled_once_wherever_a_pass_stops(at: int, lost: bool) -> None:
    made = to_replace()
    with fragile(made.fikad, Points(at, lost)), suppress(Crash):
        made.fikad.once("lost")
    for _ in range(3):
        made.fikad.once("lost")
    assert len(made.standing()) == 2
    assert len(made.fikad.holds()) == 3
    assert made.fikad.ledger.lost_holds() == 0


def test_a_hold_that_the_user_touched_as_it_was_taken_back_is_not_lost() -> None:
    made = to_propose()
    made.fikad.once()
    hold = made.fikad.hold("Jane Doe")
    made.fikad.ledger.snooze(hold.contact_key, made.fikad.clock() + timedelta(weeks=2), NOW)
    coffee, delete = made.home.coffee, made.home.coffee.delete

    def too_late(stored: Resource) -> None:
        made.home.edit(hold.uid, LOCATION="Café Rosa")
        delete(stored)

    coffee.delete = too_late  # type: ignore[method-assign]
    made.fikad.once("lost")
    assert made.fikad.ledger.lost_holds() == 0
    assert "Jane Doe" in made.standing()


# --- on real servers ---


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    with BACKENDS[request.param](tmp_path) as backend:
        yield backend


@pytest.fixture
def place(backend: Backend) -> str:
    return backend.add_calendar(HOLDS)


@pytest.fixture
def fikad(backend: Backend, place: str) -> Fikad:
    """A fikad that wants to see Jane, whom the user entered by hand."""
    made = Fikad(on(backend), lambda name: backend.account(), Clock(NOW))
    made.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
    return made


def on(backend: Backend, *names: str, calendars: Sequence[str] = (HOLDS,), **tables: Any) -> Config:
    """A config with one account, of this kind as far as it matters to holds: Google's ids have no
    dashes."""
    kinds = {
        "files": {"type": "files", "path": "/"},
        "google": {"type": "google", "client_secrets": "/"},
    }
    kind = kinds["google" if isinstance(backend, GoogleBackend) else "files"]
    return config(*names, accounts={"home": {**kind, "calendars": list(calendars)}}, **tables)


TELLS_NOTHING = "xandikos"
"""Its version of a calendar is made of the content alone: whether something came and went, nobody
can tell."""


def test_a_crash_before_the_request_still_gives_one_hold(
    fikad: Fikad, backend: Backend, place: str, request: pytest.FixtureRequest
) -> None:
    crash(fikad, "before create")
    assert not backend.contents(place)
    fikad.once()
    fikad.once()
    if TELLS_NOTHING in request.node.name:
        # Asking once too little is better than bringing back what the user may have deleted.
        assert not backend.contents(place)
        assert fikad.hold().state == "dismissed"
    else:
        assert len(backend.contents(place)) == 1
        assert fikad.hold().state == "proposed"
    assert len(fikad.holds()) == 1


def test_a_crash_after_the_request_leaves_it_at_one_hold(
    fikad: Fikad, backend: Backend, place: str
) -> None:
    crash(fikad, "after create")
    written = backend.contents(place)
    assert len(written) == 1
    fikad.once()
    fikad.once()
    assert backend.contents(place) == written
    assert [hold.state for hold in fikad.holds().values()] == ["proposed"]


def test_what_was_deleted_after_a_crash_never_comes_back(
    fikad: Fikad, backend: Backend, place: str
) -> None:
    crash(fikad, "after create")
    backend.erase_hold(place, fikad.hold().uid)
    for _ in range(3):
        fikad.once()
    assert not backend.contents(place)
    assert [hold.state for hold in fikad.holds().values()] == ["dismissed"]


def test_a_second_fikad_with_the_same_knowledge_writes_no_second_hold(
    fikad: Fikad, backend: Backend, place: str
) -> None:
    crash(fikad, "after create")
    other = Fikad(on(backend), lambda name: backend.account(), Clock(NOW))
    other.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
    other.once()
    fikad.once()
    assert len(backend.contents(place)) == 1
    assert fikad.hold().uid == other.hold().uid
    assert fikad.hold().state == other.hold().state == "proposed"


def test_two_fikads_at_the_very_same_time_settle_on_one_hold_for_each(
    backend: Backend, place: str
) -> None:
    names = ("Jane Doe", "Bob Ray", "Ann Lee")
    together = Barrier(2, timeout=60)

    def live(_: int) -> dict[str, str]:
        made = Fikad(on(backend, *names), lambda name: backend.account(), Clock(NOW))
        for name in names:
            made.ledger.add_met(name.lower(), NOW - timedelta(weeks=8), NOW)
        for _ in range(4):
            together.wait()
            made.once()
        return {hold.uid: hold.state for hold in made.holds().values() if hold.state != "withdrawn"}

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(live, range(2))
    assert len(backend.contents(place)) == len(names)
    assert first == second
    assert list(first.values()) == ["proposed"] * 3


def test_a_hold_does_not_flee_the_copy_that_a_mirroring_tool_makes_of_it(
    backend: Backend, place: str
) -> None:
    own = backend.add_calendar("Personal")
    settings = on(
        backend,
        calendars=("Personal", HOLDS),
        occasions={"coffee": {"minutes": 60, "between": ["09:00-18:00"]}},
        availability={"wednesday": ["09:00-18:00"], "blackout": ["2026-11-22..2026-11-30"]},
    )
    fikad = Fikad(settings, lambda name: backend.account(), Clock(NOW))
    fikad.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
    fikad.once()
    start = fikad.hold().start
    key = next(key for key in map("mirror-{}".format, count()) if begins_with(key, start))
    backend.put(own, key, "Busy", hour=start.hour)
    written = backend.contents(place)
    for _ in range(3):
        assert not any(fikad.once().holds.values())
    assert backend.contents(place) == written


def begins_with(key: str, start: datetime) -> bool:
    """Whether the event that another program calls `key` begins then and lasts an hour."""
    return f"DTSTART:{start:%Y%m%dT%H%M%SZ}" in event_text(key, "", start.hour)


def test_a_lost_ledger_is_won_back_from_the_calendar(
    fikad: Fikad, backend: Backend, place: str
) -> None:
    fikad.once()
    written, before = backend.contents(place), fikad.hold()
    fikad.ledger = new_ledger()
    fikad.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
    fikad.once()
    assert backend.contents(place) == written
    assert (fikad.hold().uid, fikad.hold().state, fikad.hold().start) == (
        before.uid,
        "proposed",
        before.start,
    )


def test_what_came_and_went_shows_in_the_version_or_nothing_does(
    backend: Backend, place: str
) -> None:
    def version() -> str | None:
        [calendar] = [
            calendar for calendar in backend.account().calendars(NOW) if calendar.name == HOLDS
        ]
        return calendar.current_version()

    before = version()
    backend.put(place, "brief", "Brief")
    backend.erase(place, "brief")
    assert before in (None, "ids are kept") or version() != before


def test_a_hold_that_another_fikad_took_back_at_google_waits_and_is_no_dismissal(
    tmp_path: Path,
) -> None:
    with BACKENDS["google"](tmp_path) as backend:
        place = backend.add_calendar(HOLDS)
        pair = [Fikad(on(backend), lambda name: backend.account(), Clock(NOW)) for _ in range(2)]
        for installation in pair:
            installation.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
            installation.once()
        first, second = pair
        first.ledger.snooze("jane doe", NOW + timedelta(weeks=1), NOW)
        first.once()
        assert not backend.contents(place)
        assert second.once(propose="none").holds["withdrawn"][0].contact_name == "Jane Doe"
        waits = second.situation().standings["jane doe"].cooldown_until
        assert waits == NOW + timedelta(weeks=1), "as after one that nobody answered"
        assert "proposed" not in second.once().holds, "the other would take it back, and so on"


def test_names_that_google_keeps_of_withdrawn_holds_are_passed_over_at_once(tmp_path: Path) -> None:
    with BACKENDS["google"](tmp_path) as backend:
        place = backend.add_calendar(HOLDS)

        def reborn() -> Fikad:
            made = Fikad(on(backend), lambda name: backend.account(), Clock(NOW))
            made.ledger.add_met("jane doe", NOW - timedelta(weeks=8), NOW)
            return made

        fikad = reborn()
        for _ in range(3):
            fikad.once()
            fikad.ledger.snooze("jane doe", NOW + timedelta(weeks=1), NOW)
            fikad.once()
            fikad.ledger.snooze("jane doe", None, NOW)
        assert not backend.contents(place)
        fikad = reborn()
        assert [hold.contact_name for hold in fikad.once().holds["proposed"]] == ["Jane Doe"]
        assert len(backend.contents(place)) == 1


# --- refused, overtaken ---


class Stubborn(MemoryCalendar):
    """A calendar whose writes do what a test says."""

    refusal: Exception | None = None
    just_before: Callable[[], object] | None = None

    def _refuse(self) -> None:
        if self.just_before is not None:
            act, self.just_before = self.just_before, None
            act()
        if self.refusal is not None:
            raise self.refusal

    def create(self, draft: HoldDraft) -> Resource:
        self._refuse()
        return super().create(draft)

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        self._refuse()
        return super().update(stored, draft)

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        self._refuse()
        return super().complete(stored, lines)

    def delete(self, stored: Resource) -> None:
        self._refuse()
        super().delete(stored)


@pytest.fixture
def stubborn() -> Stubborn:
    return Stubborn(HOLDS)


def with_calendar(made: Scenario, calendar: Stubborn) -> Scenario:
    calendar.resources, calendar._log = made.home.coffee.resources, made.home.coffee._log
    made.home.account.held[1] = calendar
    return made


@pytest.mark.parametrize("make", [to_move, to_complete])
def test_a_change_that_surely_did_not_happen_is_recorded_as_such(
    make: Callable[[], Scenario], stubborn: Stubborn
) -> None:
    made = with_calendar(make(), stubborn)
    before, texts = made.fikad.holds(), made.home.texts()
    stubborn.refusal = UnreachableError("down for maintenance")
    made.fikad.once("none")
    assert made.home.texts() == texts
    now = made.fikad.holds()
    assert {hold.intent for hold in now.values()} == {None}
    if make is to_move:
        assert now == before


def test_what_is_found_no_more_is_not_written() -> None:
    made = to_propose()
    made.fikad.once()
    hold, coffee = made.fikad.hold(), made.home.coffee
    writer = HoldWriter(made.fikad.ledger, made.fikad.clock())
    moving = replace(hold, intent="update")
    assert writer.write(Write(hold, moving, Move(hold.draft), coffee, None)) == hold
    assert made.fikad.hold() == hold
    removing = replace(hold, intent="delete")
    assert writer.write(Write(hold, removing, Withdraw(), coffee, None)) == removing
    assert made.fikad.hold() == removing, "a removal stays decided"


@pytest.mark.parametrize(("propose", "lost"), [("lost", 1), ("all", 0)])
def test_a_hold_that_could_not_be_written_replaces_none(
    propose: str, lost: int, stubborn: Stubborn
) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    for _ in range(lost):
        made.fikad.ledger.count_lost_hold()
    stubborn.refusal = UnreachableError("down for maintenance")
    made.fikad.once(propose)
    assert made.fikad.ledger.lost_holds() == lost


def test_a_hold_that_another_fikad_wrote_just_before_is_left_as_it_is_and_then_taken_over(
    stubborn: Stubborn,
) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    other = Fikad(made.fikad.config, made.home.open)
    stubborn.just_before = other.once
    made.fikad.once()
    texts = made.home.texts()
    hold = made.fikad.hold()
    assert (hold.state, hold.intent, hold.intent_version) == ("creating", "create", None)
    assert hold.uid == other.hold().uid
    made.fikad.once("none")
    assert made.fikad.hold().state == "proposed"
    assert made.home.texts() == texts


def test_a_create_that_surely_did_not_happen_is_forgotten_and_decided_anew(
    stubborn: Stubborn,
) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    stubborn.refusal = UnreachableError("down for maintenance")
    report = made.fikad.once()
    assert not report.complete
    assert made.fikad.holds() == {}
    stubborn.refusal = None
    assert len(made.fikad.once().holds["proposed"]) == 1


@pytest.mark.parametrize("make", [to_move, to_withdraw, to_follow])
def test_a_change_that_is_refused_for_want_of_rights_says_that_holds_cannot_be_written(
    make: Callable[[], Scenario], stubborn: Stubborn
) -> None:
    made = with_calendar(make(), stubborn)
    stubborn.refusal = ReadOnlyError("not yours to write")
    report = made.fikad.once(propose="none")
    assert report.not_writable == "not yours to write"
    assert not any(report.holds.values())
    stubborn.refusal = None
    made.fikad.once()
    assert made.standing() == SCENARIOS[make]


@pytest.mark.parametrize(
    "refusal", [UnreachableError("down"), ReadOnlyError("not yours"), UncertainError("no answer")]
)
def test_a_yes_that_cannot_be_completed_is_one_all_the_same_and_is_completed_later(
    refusal: AccountError, stubborn: Stubborn
) -> None:
    made = with_calendar(to_complete(), stubborn)
    stubborn.refusal = refusal
    assert len(made.fikad.once().holds["accepted"]) == 2
    assert {hold.state for hold in made.fikad.holds().values()} == {"accepted"}
    assert made.standing() == sorted(NAMES)
    stubborn.refusal = None
    assert not any(made.fikad.once().holds.values()), "told once"
    assert answers(made) == {("confirmed", False)}


def test_what_was_lost_before_stays_so_when_the_removal_of_a_refused_hold_is_overtaken(
    stubborn: Stubborn,
) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    made.fikad.once()
    uid = made.fikad.hold().uid
    made.home.edit(uid, SUMMARY="skip")
    made.fikad.ledger.count_lost_hold()
    stubborn.just_before = lambda: made.home.edit(uid, LOCATION="Rosa")
    made.fikad.once("none")
    assert made.home.hold(uid) is not None
    assert made.fikad.ledger.lost_holds() == 1


def test_the_version_of_a_calendar_is_asked_for_a_create_alone_that_reaches_it() -> None:
    coffee = calendars().coffee
    coffee.put("x.ics", "")
    assert HoldWriter(new_ledger(), NOW).version(coffee) == coffee.version is not None
    assert HoldWriter(new_ledger(), NOW).version(None) is None
    assert HoldWriter(new_ledger(), NOW, dry=True).version(coffee) is None


def test_an_acceptance_just_before_a_removal_wins(stubborn: Stubborn) -> None:
    made = with_calendar(to_withdraw(), stubborn)
    [jane] = [hold for hold in made.fikad.holds().values() if hold.contact_name == "Jane Doe"]

    def accept() -> None:
        for uid, hold in made.fikad.holds().items():
            made.home.edit(uid, SUMMARY=hold.title.removesuffix("?"))

    stubborn.just_before = accept
    report = made.fikad.once()
    assert not any(report.holds.values())
    assert made.standing() == sorted(NAMES)
    assert len(made.fikad.once().holds["accepted"]) == 2
    assert made.home.hold(jane.uid) is not None


def test_a_drag_just_before_a_move_wins(stubborn: Stubborn) -> None:
    made = with_calendar(to_move(), stubborn)
    uids = sorted(made.fikad.holds())

    def drag() -> None:
        for uid in uids:
            made.home.drag(uid, days=1, minutes=7)

    stubborn.just_before = drag
    dragged = made.fikad.once()
    assert not any(dragged.holds.values())
    texts = made.home.texts()
    assert len(made.fikad.once().holds["pinned"]) == 2
    assert made.home.texts() == texts


def test_a_name_that_is_taken_back_is_followed_by_the_next(stubborn: Stubborn) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    stubborn.refusal = WithdrawnError("taken back before")

    def relent() -> None:
        stubborn.refusal = None

    create = stubborn.create
    tried: list[str] = []

    def count(draft: HoldDraft) -> Resource:
        tried.append(draft.uid)
        if len(tried) == 4:
            relent()
        return create(draft)

    stubborn.create = count  # type: ignore[method-assign]
    assert len(made.fikad.once().holds["proposed"]) == 1
    assert len(set(tried)) == 4
    holds = [made.fikad.holds()[uid] for uid in tried]
    assert [hold.state for hold in holds] == ["withdrawn"] * 3 + ["proposed"]
    for hold in holds[:3]:
        assert hold.reason == "fikad took it back before."
        assert hold.decided_at == made.fikad.clock()
        assert (hold.intent, hold.intent_version) == (None, None)


@pytest.mark.parametrize(("propose", "lost"), [("lost", 1), ("all", 0)])
def test_a_name_that_was_taken_back_replaces_no_lost_hold(
    propose: str, lost: int, stubborn: Stubborn
) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    for _ in range(lost):
        made.fikad.ledger.count_lost_hold()
    create = stubborn.create
    refusals = [
        WithdrawnError("taken back"),
        WithdrawnError("taken back"),
        UnreachableError("down"),
    ]

    def next_refusal(draft: HoldDraft) -> Resource:
        stubborn.refusal = refusals.pop(0)
        return create(draft)

    stubborn.create = next_refusal  # type: ignore[method-assign]
    made.fikad.once(propose)
    assert refusals == []
    assert made.fikad.ledger.lost_holds() == lost


def test_a_taken_name_whose_hold_is_gone_means_that_the_user_deleted_it(stubborn: Stubborn) -> None:
    made = with_calendar(Scenario(("Jane Doe",)), stubborn)
    stubborn.refusal = TakenError("this name is or was taken")
    report = made.fikad.once()
    assert made.fikad.hold().state == "dismissed"
    assert not report.not_writable, "what nobody wrote cannot be hidden"


def test_an_event_that_lands_between_reading_and_writing_is_seen_before_the_write() -> None:
    """The slot is looked at again: what came in meanwhile is read, and everything is decided
    anew."""
    made = Scenario(("Jane Doe",))
    plain = Scenario(("Jane Doe",))
    plain.fikad.once()
    wanted = plain.fikad.hold().start
    personal = made.home.personal
    reads = 0
    changes = personal.changes

    def overtaken(*given: object, **more: object) -> Iterator[Changes]:
        nonlocal reads
        reads += 1
        yield from changes(*given, **more)  # type: ignore[arg-type]
        if reads == 1:
            made.home.put(event("sudden", "Budget, urgent", wanted))

    personal.changes = overtaken  # type: ignore[method-assign]
    made.fikad.once()
    hold = made.fikad.hold()
    assert reads == 2
    assert hold.state == "proposed"
    assert abs(hold.start - wanted) >= timedelta(hours=1)
    assert len(made.home.coffee.resources) == 1


def test_where_something_comes_in_all_the_time_nothing_is_written() -> None:
    made = Scenario(("Jane Doe",))
    personal = made.home.personal
    changes = personal.changes
    count = 0

    def restless(*given: object, **more: object) -> Iterator[Changes]:
        nonlocal count
        count += 1
        yield from changes(*given, **more)  # type: ignore[arg-type]
        made.home.put(event(f"more-{count}", "More", datetime(2026, 12, 24, 9, tzinfo=UTC)))

    personal.changes = restless  # type: ignore[method-assign]
    report: Report = made.fikad.once()
    assert not made.home.coffee.resources
    assert not report.planned


def test_a_hold_is_written_for_the_user_alone() -> None:
    made = to_propose()
    made.fikad.once()
    for resource in made.home.coffee.resources.values():
        event = hold_event(resource.text)
        assert event is not None
        assert (event.status, event.private, event.transparent, event.extras) == (
            "tentative",
            True,
            True,
            (),
        )
        assert "ORGANIZER" not in resource.text
        named = [line for line in lines_of(resource.text) if "mailto:" in line]
        assert all(line.startswith("DESCRIPTION:") for line in named), "nobody is addressed"
