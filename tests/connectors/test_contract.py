"""What every calendar does, whatever it speaks. Each test runs on each kind of calendar (see
`backends`)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Calendar, Changes, HoldDraft, HoldEvent, KnownResources, Resource
from connectors.errors import AccountError, ChangedError, ReadOnlyError, TakenError
from connectors.ical.hold_text import hold_event, seal
from connectors.ical.occurrences import expand
from tests.connectors.backends import (
    BACKENDS,
    NOW,
    READABLE,
    Backend,
    Readable,
    event_text,
)
from tests.connectors.stored import Stored

UID = "fikad-0123-jane"
ODD_KEYS = (
    "a b",
    "Kaffee mit Jörg",
    "珈琲☕",
    "100%",
    "50%25 off",
    "%2e%2e",
    "plus+minus",
    "a&b<c>",
    "semi;colon,comma",
    "hash#mark",
    "what?=1",
    "it's(fine)!",
    "040000008200E00074C5B7101A82E008@example.com",
    "x" * 200,
)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Readable]:
    with READABLE[request.param](tmp_path) as backend:
        yield backend


reading = pytest.mark.parametrize("backend", READABLE, indirect=True)
"""For tests that write nothing: calendars that are only read pass them as well."""


@pytest.fixture
def place(backend: Readable) -> str:
    return backend.add_calendar("Coffee")


@dataclass
class Memory(Stored):
    """What a caller keeps of a calendar between polls."""

    backend: Readable
    name: str = "Coffee"

    def calendar(self) -> Calendar:
        return calendar_of(self.backend, self.name)

    def poll(self, *, complete: bool = False) -> Changes:
        """Take in what changed; all batches as one."""
        batches = list(self.calendar().changes(self.token, self.known, complete=complete))
        assert [batch.last for batch in batches] == [False] * (len(batches) - 1) + [True]
        for batch in batches[:-1]:
            assert batch.token is None
            assert not batch.removed
        for batch in batches:
            self.store(batch.changed)
        self.drop(batches[-1].removed)
        self.token = batches[-1].token
        changed = tuple(resource for batch in batches for resource in batch.changed)
        problems = tuple(problem for batch in batches for problem in batch.problems)
        assert len({resource.href for resource in changed}) == len(changed)
        return dataclasses.replace(batches[-1], changed=changed, problems=problems)

    def titles(self) -> list[str]:
        return sorted(titles_in(text) for text in self.texts.values())


def titles_in(text: str) -> str:
    [title] = [line for line in text.splitlines() if line.startswith("SUMMARY")]
    return title.partition(":")[2]


def calendar_of(backend: Readable, name: str = "Coffee") -> Calendar:
    """The calendar as a process that has just started finds it."""
    [matching] = [
        calendar for calendar in backend.account().calendars(NOW) if calendar.name == name
    ]
    return matching


def draft(
    uid: str = UID, title: str = "Coffee with Jane Doe?", day: int = 1, **fields: Any
) -> HoldDraft:
    start = datetime(2026, 12, day, 9, 30, tzinfo=UTC)
    plain = HoldDraft(
        uid,
        title,
        start,
        start + timedelta(minutes=45),
        "Last met 7 weeks ago.\nDelete it to say no.",
    )
    return dataclasses.replace(plain, **fields)


def as_hold(resource: Resource | None) -> HoldEvent:
    assert resource is not None
    hold = hold_event(resource.text)
    assert hold is not None
    return hold


# --- reading ---


@reading
def test_what_another_program_wrote_is_read(backend: Readable, place: str) -> None:
    backend.put(place, "one", "Lunch")
    backend.put(place, "two", "Dentist")
    memory = Memory(backend)
    batch = memory.poll()
    assert memory.titles() == ["Dentist", "Lunch"]
    assert batch.token
    assert not batch.problems


@reading
def test_an_empty_calendar_is_read_as_empty(backend: Readable, place: str) -> None:
    memory = Memory(backend)
    assert memory.poll().changed == ()
    assert memory.token
    assert memory.poll().removed == ()


@reading
def test_only_what_changed_since_the_token_is_reported(backend: Readable, place: str) -> None:
    for key in ("same", "edited", "gone"):
        backend.put(place, key, key)
    memory = Memory(backend)
    memory.poll()
    backend.put(place, "edited", "edited twice")
    backend.put(place, "new", "new")
    backend.erase(place, "gone")
    batch = memory.poll()
    assert sorted(titles_in(resource.text) for resource in batch.changed) == ["edited twice", "new"]
    assert len(batch.removed) == 1
    assert memory.titles() == ["edited twice", "new", "same"]


@reading
def test_an_edit_that_keeps_the_length_is_noticed(backend: Readable, place: str) -> None:
    backend.put(place, "one", "Lunch", hour=10)
    memory = Memory(backend)
    memory.poll()
    backend.put(place, "one", "Lunch", hour=11)
    assert len(memory.poll().changed) == 1


def test_what_was_just_written_is_listed_also_where_it_was_seen_before_that_nothing_changed(
    backend: Backend, place: str
) -> None:
    backend.put(place, "one", "Lunch")
    memory = Memory(backend)
    memory.poll()
    calendar = memory.calendar()
    assert calendar.version == memory.calendar().version
    written = calendar.create(draft())
    told = [
        each for batch in calendar.changes(memory.token, memory.known) for each in batch.changed
    ]
    assert [each.href for each in told] == [written.href]


@reading
def test_where_nothing_changed_nothing_is_reported(backend: Readable, place: str) -> None:
    backend.put(place, "one", "Lunch")
    memory = Memory(backend)
    memory.poll()
    before, current = memory.calendar().version, memory.calendar().current_version()
    assert memory.calendar().version == before
    batch = memory.poll()
    assert (batch.changed, batch.removed, batch.problems) == ((), (), ())
    # Where a token is the version, it is the one from which whoever asked goes on.
    assert memory.calendar().version in (before, memory.token)
    assert memory.calendar().current_version() == current


@reading
def test_the_version_changes_with_every_change(backend: Readable, place: str) -> None:
    if calendar_of(backend).version is None:
        pytest.skip("this kind of calendar has no version")
    seen = [calendar_of(backend).version]
    backend.put(place, "one", "Lunch")
    seen.append(calendar_of(backend).version)
    backend.put(place, "one", "Lunch late")
    seen.append(calendar_of(backend).version)
    backend.put(place, "two", "Dinner")
    seen.append(calendar_of(backend).version)
    backend.erase(place, "one")
    seen.append(calendar_of(backend).version)
    assert len(set(seen)) == len(seen)


@reading
def test_an_old_calendar_object_can_ask_for_the_version_anew(backend: Readable, place: str) -> None:
    calendar = calendar_of(backend)
    if calendar.version is None:
        pytest.skip("this kind of calendar has no version")
    before = calendar.current_version()
    backend.put(place, "one", "Lunch")
    assert before is None or calendar.current_version() != before


@reading
def test_without_a_token_only_what_differs_from_the_known_is_reported(
    backend: Readable, place: str
) -> None:
    for key in ("one", "two", "three"):
        backend.put(place, key, key)
    memory = Memory(backend)
    memory.poll()
    memory.token = None
    assert memory.poll().changed == ()
    backend.put(place, "two", "two again")
    backend.erase(place, "three")
    memory.token = None
    batch = memory.poll()
    assert [titles_in(resource.text) for resource in batch.changed] == ["two again"]
    assert len(batch.removed) == 1


@reading
def test_a_token_that_means_nothing_leads_to_a_full_listing(backend: Readable, place: str) -> None:
    backend.put(place, "one", "Lunch")
    memory = Memory(backend)
    memory.poll()
    backend.put(place, "two", "Dinner")
    memory.token = "no such token"
    memory.poll()
    assert memory.titles() == ["Dinner", "Lunch"]


@reading
def test_a_full_reconcile_finds_what_the_token_hides(backend: Readable, place: str) -> None:
    for key in ("stale", "forgotten", "fine"):
        backend.put(place, key, key)
    memory = Memory(backend)
    memory.poll()
    hrefs = {titles_in(text): href for href, text in memory.texts.items()}
    memory.etags[hrefs["stale"]] = '"an older one"'
    del memory.etags[hrefs["forgotten"]]
    ghost = hrefs["fine"].replace("fine", "ghost")
    ghost = ghost if ghost != hrefs["fine"] else "ghost"
    memory.store([Resource(ghost, memory.etags[hrefs["fine"]], "")])
    batch = memory.poll(complete=True)
    assert sorted(titles_in(resource.text) for resource in batch.changed) == ["forgotten", "stale"]
    assert batch.removed == (ghost,)


@reading
def test_a_reading_that_broke_off_is_completed_by_the_next(backend: Readable, place: str) -> None:
    backend.fill(place, {f"event {number:03}": f"Number {number:03}" for number in range(250)})
    memory = Memory(backend)
    batches = memory.calendar().changes(None, KnownResources())
    first = next(batches)
    assert not first.last
    assert first.expected is None or first.expected >= len(first.changed)
    memory.store(first.changed)
    rest = memory.poll()
    assert len(rest.changed) == 250 - len(first.changed)
    assert memory.titles() == [f"Number {number:03}" for number in range(250)]


@reading
@pytest.mark.parametrize("key", ODD_KEYS)
def test_events_with_odd_names_are_read_followed_and_lost(
    backend: Readable, place: str, key: str
) -> None:
    backend.put(place, key, "first")
    memory = Memory(backend)
    memory.poll()
    assert memory.titles() == ["first"]
    assert memory.poll().changed == ()
    assert memory.poll(complete=True).changed == ()
    backend.put(place, key, "second")
    memory.poll()
    assert memory.titles() == ["second"]
    backend.erase(place, key)
    memory.poll()
    assert memory.titles() == []


def test_calendars_are_kept_apart(backend: Backend, place: str) -> None:
    other = backend.add_calendar("Büro & Reisen")
    backend.put(place, "one", "Lunch")
    backend.put(other, "two", "Budget")
    here, there = Memory(backend), Memory(backend, "Büro & Reisen")
    here.poll()
    there.poll()
    assert (here.titles(), there.titles()) == (["Lunch"], ["Budget"])
    assert here.calendar().id != there.calendar().id
    assert here.calendar().id == here.calendar().id


# --- holds ---


def test_a_hold_is_written_and_read_back_untouched(backend: Backend, place: str) -> None:
    written = calendar_of(backend).create(draft())
    resource = calendar_of(backend).read(UID)
    assert resource == written
    hold = as_hold(resource)
    assert hold.uid.replace("-", "") == UID.replace("-", "")
    assert (hold.title, hold.start, hold.end) == (draft().title, draft().start, draft().end)
    assert (hold.status, hold.transparent, hold.private, hold.extras) == (
        "tentative",
        True,
        True,
        (),
    )
    assert hold.seal == seal(hold)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Fika med Åsa, Zoë; och “Jürgen” \\ 咖啡 ☕?"},
        {
            "description": "One, two; three\\four\n\nA third paragraph: “done”.\nhttps://example.com/?a=1&b=2,3"
        },
        {"description": "ä" * 300 + " " + "word " * 200 + "☕" * 90},
        {"title": "Coffee with " + "Maximiliane-" * 12 + "?"},
        {"location": "Café Å; Main St. 5, back room"},
        {"transparent": False},
        {"title": "BEGIN:VEVENT", "description": "END:VCALENDAR\nUID:evil\n DTSTART:1"},
    ],
    ids=["scripts", "punctuation", "long", "folded title", "place", "busy", "looks like iCalendar"],
)
def test_any_text_survives_and_the_seal_fits(
    backend: Backend, place: str, fields: dict[str, Any]
) -> None:
    wanted = draft(**fields)
    calendar_of(backend).create(wanted)
    hold = as_hold(calendar_of(backend).read(UID))
    assert hold.title == wanted.title
    assert hold.description == " ".join(wanted.description.split())
    assert hold.location == wanted.location
    assert hold.transparent == wanted.transparent
    assert hold.seal == seal(hold) == seal(wanted)


def test_what_lasts_all_day_is_written_with_dates_and_moved_to_another_day(
    backend: Backend, place: str
) -> None:
    midnight = datetime(2026, 12, 1, tzinfo=UTC)
    wanted = draft(all_day=True, start=midnight, end=midnight + timedelta(days=1))
    for days in (0, 2):
        resource = calendar_of(backend).read(UID)
        moved = dataclasses.replace(
            wanted, start=wanted.start + timedelta(days), end=wanted.end + timedelta(days)
        )
        written = (
            calendar_of(backend).update(resource, moved)
            if resource
            else calendar_of(backend).create(moved)
        )
        hold = as_hold(written)
        assert (hold.all_day, hold.start, hold.end) == (True, moved.start, moved.end)
        assert hold.seal == seal(hold) == seal(moved)


def test_a_hold_is_never_written_over_another(backend: Backend, place: str) -> None:
    calendar_of(backend).create(draft())
    before = backend.contents(place)
    with pytest.raises(TakenError):
        calendar_of(backend).create(draft(title="Lunch with Jane Doe?"))
    assert backend.contents(place) == before


def test_a_hold_is_moved_under_its_name(backend: Backend, place: str) -> None:
    calendar_of(backend).create(draft())
    memory = Memory(backend)
    memory.poll()
    stored = calendar_of(backend).read(UID)
    assert stored is not None
    moved = calendar_of(backend).update(stored, draft(day=3))
    assert moved == calendar_of(backend).read(UID)
    assert as_hold(moved).start == draft(day=3).start
    assert as_hold(moved).seal == seal(as_hold(moved))
    assert (moved.href, moved.etag != stored.etag) == (stored.href, True)
    assert [resource.href for resource in memory.poll().changed] == [stored.href]
    assert len(backend.contents(place)) == 1


LINES = ('yes: remove the "?" from the title', "If you do nothing, it goes away.")


def asking(**fields: Any) -> HoldDraft:
    """A hold that says how to answer it."""
    return draft(
        description="\n".join(["Last met 7 weeks ago; at Rosa, twice.", "", *LINES]), **fields
    )


def test_a_yes_is_completed_and_all_else_stays(backend: Backend, place: str) -> None:
    calendar_of(backend).create(asking(location="Café Rosa"))
    memory = Memory(backend)
    memory.poll()
    backend.retitle_hold(place, UID, "Coffee with Jane Doe!")
    [stored] = memory.poll().changed
    before = as_hold(stored)
    done = calendar_of(backend).complete(stored, LINES)
    assert done == calendar_of(backend).read(UID)
    assert as_hold(done) == dataclasses.replace(
        before,
        status="confirmed",
        transparent=False,
        description="Last met 7 weeks ago; at Rosa, twice.",
    )
    assert [resource.href for resource in memory.poll().changed] == [stored.href]
    assert len(backend.contents(place)) == 1
    assert backend.careless_writes()[1] == []


def test_a_yes_that_was_edited_or_deleted_meanwhile_is_not_completed(
    backend: Backend, place: str
) -> None:
    resource = calendar_of(backend).create(asking())
    backend.retitle_hold(place, UID, "Coffee with Jane Doe!")
    before = backend.contents(place)
    with pytest.raises(ChangedError):
        calendar_of(backend).complete(resource, LINES)
    assert backend.contents(place) == before
    backend.erase_hold(place, UID)
    with pytest.raises(ChangedError):
        calendar_of(backend).complete(resource, LINES)
    assert calendar_of(backend).read(UID) is None


def test_a_hold_is_taken_back(backend: Backend, place: str) -> None:
    calendar_of(backend).create(draft())
    memory = Memory(backend)
    memory.poll()
    resource = calendar_of(backend).read(UID)
    assert resource is not None
    calendar_of(backend).delete(resource)
    assert calendar_of(backend).read(UID) is None
    assert memory.poll().removed == (resource.href,)


def test_what_is_reported_as_changed_can_be_written_to(backend: Backend, place: str) -> None:
    calendar_of(backend).create(draft())
    memory = Memory(backend)
    [resource] = memory.poll().changed
    moved = calendar_of(backend).update(resource, draft(day=4))
    calendar_of(backend).delete(moved)
    assert calendar_of(backend).read(UID) is None


def test_a_written_hold_is_known_when_it_is_listed(backend: Backend, place: str) -> None:
    memory = Memory(backend)
    memory.poll()
    written = calendar_of(backend).create(draft())
    memory.store([written])
    batch = memory.poll(complete=True)
    assert batch.removed == ()
    assert [r for r in batch.changed if r.text != written.text] == []


def test_a_hold_that_was_never_there_is_not_found(backend: Backend, place: str) -> None:
    assert calendar_of(backend).read(UID) is None


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_hold_that_the_user_edited_meanwhile_is_left_alone(
    backend: Backend, place: str, act: str
) -> None:
    resource = calendar_of(backend).create(draft())
    backend.retitle_hold(place, UID, "Coffee with Jane Doe!")
    before = backend.contents(place)
    calendar = calendar_of(backend)
    with pytest.raises(ChangedError):
        calendar.update(resource, draft(day=3)) if act == "update" else calendar.delete(resource)
    assert backend.contents(place) == before
    now = as_hold(calendar.read(UID))
    assert now.title == "Coffee with Jane Doe!"
    assert now.seal != seal(now)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_deleted_hold_stays_deleted(backend: Backend, place: str, act: str) -> None:
    resource = calendar_of(backend).create(draft())
    memory = Memory(backend)
    memory.poll()
    backend.erase_hold(place, UID)
    calendar = calendar_of(backend)
    with pytest.raises(ChangedError):
        calendar.update(resource, draft(day=3)) if act == "update" else calendar.delete(resource)
    assert calendar.read(UID) is None
    assert backend.contents(place) == {}
    assert memory.poll().removed == (resource.href,)


def test_what_is_not_a_hold_is_neither_changed_nor_deleted(backend: Backend, place: str) -> None:
    backend.put(place, "foreign", "Dentist")
    memory = Memory(backend)
    [foreign] = memory.poll().changed
    before = backend.contents(place)
    for uid in (UID, "fikad-foreign"):
        with pytest.raises(AccountError):
            memory.calendar().update(foreign, draft(uid))
    with pytest.raises(AccountError):
        memory.calendar().delete(foreign)
    assert backend.contents(place) == before


def test_foreign_events_are_byte_for_byte_the_same_after_everything(
    backend: Backend, place: str
) -> None:
    for key in ("one", "two", *ODD_KEYS):
        backend.put(place, key, f"Event {len(key)}")
    before = backend.contents(place)
    memory = Memory(backend)
    memory.poll()
    resource = memory.calendar().create(draft())
    memory.calendar().create(draft("fikad-2", "Lunch with Joe?"))
    memory.poll()
    moved = memory.calendar().update(resource, draft(day=5))
    with pytest.raises(ChangedError):
        memory.calendar().update(resource, draft(day=6))
    with pytest.raises(TakenError):
        memory.calendar().create(draft("fikad-2"))
    memory.poll(complete=True)
    memory.calendar().delete(moved)
    second = memory.calendar().read("fikad-2")
    assert second is not None
    memory.calendar().delete(second)
    memory.poll()
    assert backend.contents(place) == before
    assert memory.poll(complete=True).changed == ()


# --- whose it is ---


def test_a_calendar_of_ones_own_is_nobody_elses(backend: Backend, place: str) -> None:
    del place
    account = backend.account()
    for calendar in account.calendars(NOW):
        assert calendar.owner == "" or calendar.owner in account.addresses()


def test_the_calendar_of_another_says_so(backend: Backend) -> None:
    if backend.add_calendar_of_another("Kim") is None:
        pytest.skip("calendars have no owners here")
    account = backend.account()
    [kims] = [calendar for calendar in account.calendars(NOW) if calendar.name == "Kim"]
    assert kims.owner
    assert kims.owner not in account.addresses()


def test_whose_a_calendar_is_costs_no_request(backend: Backend, place: str) -> None:
    del place
    backend.account().calendars(NOW)
    account = backend.account()
    calendars = account.calendars(NOW)
    asked = account.requests
    assert [calendar.owner for calendar in calendars] == [
        calendar.owner for calendar in account.calendars(NOW)
    ]
    assert account.requests <= asked + 1


def test_the_owner_is_known_by_addresses_that_no_mail_goes_to(backend: Backend, place: str) -> None:
    del place
    account = backend.account()
    account.calendars(NOW)
    for written in backend.spellings_of_me():
        text = event_text("one", "Lunch").replace(
            "BEGIN:VALARM", f"ATTENDEE:{written}\r\nBEGIN:VALARM"
        )
        edges = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
        [occurrence] = expand([text], *edges, ZoneInfo("UTC")).occurrences
        assert occurrence.attendees[0].email in account.addresses()


def test_every_write_is_conditional(backend: Backend, place: str) -> None:
    backend.put(place, "one", "Lunch")
    resource = calendar_of(backend).create(draft())
    moved = calendar_of(backend).update(resource, draft(day=3))
    with pytest.raises(ChangedError):
        calendar_of(backend).update(resource, draft(day=4))
    with pytest.raises(TakenError):
        calendar_of(backend).create(draft())
    calendar_of(backend).delete(moved)
    with pytest.raises(ChangedError):
        calendar_of(backend).delete(moved)
    count, careless = backend.careless_writes()
    assert careless == []
    assert count == 0 or count >= 3


# --- calendars ---


@pytest.mark.parametrize("name", ["Fikad", "Kaffee & Kuchen / Ä", "☕", "Coffee 100 + 1"])
def test_a_calendar_is_made_and_found_again(backend: Backend, place: str, name: str) -> None:
    backend.put(place, "one", "Lunch")
    before = backend.contents(place)
    made = backend.account().create_calendar(name)
    assert made.name == name
    assert made.writable
    calendar = calendar_of(backend, name)
    assert calendar.id == made.id
    written = calendar.create(draft())
    assert calendar_of(backend, name).read(UID) == written
    assert calendar_of(backend).read(UID) is None
    assert backend.contents(place) == before


def test_a_calendar_that_another_process_just_made_is_the_one(backend: Backend, place: str) -> None:
    backend.put(place, "one", "Lunch")
    first, second = backend.account(), backend.account()
    for each in (first, second):
        assert [calendar.name for calendar in each.calendars(NOW)].count("Fikad") == 0
    made = first.create_calendar("Fikad")
    assert second.create_calendar("Fikad").id == made.id
    assert [calendar.name for calendar in backend.account().calendars(NOW)].count("Fikad") == 1


def test_a_calendar_whose_making_was_never_heard_of_is_found(backend: Backend, place: str) -> None:
    """The process ends between the answer and its memory."""
    backend.put(place, "one", "Lunch")
    backend.account().calendars(NOW)
    remembered = json.loads(json.dumps(backend.memo))
    made = backend.account().create_calendar("Fikad")
    backend.memo = remembered
    again = backend.account()
    again.calendars(NOW)
    assert again.create_calendar("Fikad").id == made.id


def test_a_renamed_calendar_keeps_its_id(backend: Backend, place: str) -> None:
    made = backend.account().create_calendar("Fikad")
    backend.put(place, "one", "Lunch")
    renamed = calendar_of(backend)
    backend.rename_calendar(place, "Kaffee")
    names = {calendar.id: calendar.name for calendar in backend.account().calendars(NOW)}
    assert (names[renamed.id], names[made.id]) == ("Kaffee", "Fikad")


def test_a_calendar_removed_at_the_worst_moment_takes_no_hold_and_answers_for_none(
    backend: Backend, place: str
) -> None:
    backend.put(backend.add_calendar("Personal"), "one", "Lunch")
    calendar = calendar_of(backend)
    held = calendar.create(draft())
    backend.remove_calendar(place)
    acts: list[Callable[[], object]] = [
        lambda: calendar.create(draft("fikad-2")),
        lambda: calendar.update(held, draft(day=2)),
        lambda: calendar.delete(held),
        lambda: calendar.read(UID),
        lambda: list(calendar.changes(None, KnownResources.of([held]), complete=True)),
    ]
    for act in acts:
        with pytest.raises(AccountError) as raised:
            act()
        assert not isinstance(raised.value, TakenError)
    assert "Coffee" not in [listed.name for listed in backend.account().calendars(NOW)]


def test_a_calendar_that_may_only_be_read_is_not_written(backend: Backend, place: str) -> None:
    closed = backend.add_read_only_calendar("Shared")
    if closed is None:
        pytest.skip("has tests of its own")
    memory = Memory(backend, "Shared")
    memory.poll()
    assert memory.titles() == ["Kept"]
    before = backend.contents(closed)
    with pytest.raises(ReadOnlyError):
        memory.calendar().create(draft())
    assert backend.contents(closed) == before
