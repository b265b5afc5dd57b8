"""What a pass has before its eyes: every hold as it stands, wherever it stands, and what of it is
not to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Attendee, HoldDraft, Occurrence, Resource
from connectors.errors import UnreachableError
from connectors.ical.hold_text import hold_text
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.accounts import AccountsRead
from daemon.cycle.hiding import mark_hiding
from daemon.cycle.inputs import PassInputs, appeared, best_views, find_holds, gather, is_over
from daemon.cycle.reading import ReadAccount
from daemon.holds.edits import as_intended
from daemon.holds.record import Hold
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AddressBookState
from daemon.ledger.readings import FoundHold
from tests.daemon.world import (
    HOLDS,
    SUNDAY,
    Calendars,
    Fikad,
    calendars,
    config,
    event,
    lines_of,
    met_long_ago,
    new_ledger,
    rewritten,
)
from tests.memory import MemoryAccount, MemoryCalendar

HOUR = timedelta(hours=1)
START = SUNDAY + timedelta(days=2)
END = START + HOUR
HISTORY = config().history


def draft(uid: str = "fikad-000000000001-000000000001", start: datetime = START) -> HoldDraft:
    return HoldDraft(uid, "Coffee with Jane Doe?", start, start + HOUR, "")


def recorded(draft: HoldDraft = draft(), **fields: Any) -> Hold:  # noqa: B008 - a value
    made = Hold(draft.uid, "jane doe", "Jane Doe", "home", HOLDS, "proposed", SUNDAY, draft)
    return replace(made, **fields)


def placed(
    draft: HoldDraft = draft(),  # noqa: B008 - a value
    account: str = "home",
    calendar: str = HOLDS,
) -> FoundHold:
    resource = Resource(f"{draft.uid}.ics", '"1"', hold_text(draft, SUNDAY))
    return FoundHold(account, calendar, resource, as_intended(draft))


# --- what is over ---


def test_nothing_more_becomes_of_a_hold_that_is_closed_or_older_than_what_is_read() -> None:
    ended = recorded(draft(start=SUNDAY - HISTORY - HOUR))
    assert not is_over(ended, SUNDAY - HISTORY)
    assert is_over(ended, SUNDAY - HISTORY + timedelta(seconds=1))
    for state in ("dismissed", "withdrawn", "lapsed"):
        assert is_over(recorded(state=state), SUNDAY - HISTORY)
    for state in ("proposed", "accepted", "pinned", "missed"):
        assert not is_over(recorded(state=state), SUNDAY - HISTORY)


def test_a_write_that_is_not_confirmed_is_never_over() -> None:
    assert not is_over(recorded(state="withdrawn", intent="delete"), SUNDAY - HISTORY)
    assert not is_over(recorded(intent="update"), END + HOUR)


# --- views of one calendar through several logins ---


class Both:
    """The calendars that two logins show."""

    def __init__(self, *, home: bool, work: bool) -> None:
        self.calendars = {
            ("home", HOLDS): MemoryCalendar(HOLDS, writable=home),
            ("work", HOLDS): MemoryCalendar(HOLDS, writable=work),
        }
        self.holds = [placed(account="home"), placed(account="work")]

    def best(self) -> list[str]:
        return [one.account for one in best_views(self.holds, self.calendars)]


def test_what_can_only_be_read_is_no_second_hold_where_it_can_be_written_too() -> None:
    assert Both(home=True, work=False).best() == ["home"]
    assert Both(home=False, work=True).best() == ["work"]


def test_what_can_only_be_read_is_still_a_hold_where_it_stands_alone() -> None:
    assert Both(home=False, work=False).best() == ["home", "work"]
    assert Both(home=True, work=True).best() == ["home", "work"]
    alone = Both(home=True, work=False)
    alone.holds[1] = placed(draft("fikad-000000000002-000000000002"), account="work")
    assert alone.best() == ["home", "work"]


def test_of_a_calendar_that_was_not_read_now_nobody_knows_that_it_can_only_be_read() -> None:
    both = Both(home=True, work=False)
    del both.calendars["work", HOLDS]
    assert both.best() == ["home", "work"]


# --- events of ours, listed or not ---


@pytest.fixture
def home() -> Calendars:
    return calendars(*met_long_ago(["Jane Doe"]))


@pytest.fixture
def fikad(home: Calendars) -> Fikad:
    """A fikad that has asked Jane, and has seen the hold listed."""
    made = Fikad(config(), home.open)
    assert len(made.once().holds["proposed"]) == 1
    made.once("none")
    return made


def found(fikad: Fikad, holds: Sequence[Hold] | None = None) -> tuple[list[Any], frozenset[str]]:
    known = list(fikad.holds().values()) if holds is None else holds
    ours, unread = find_holds(fikad.ledger, known, fikad.config, fikad.clock())
    return [(one.account, one.calendar, one.event.uid, one.event.start) for one in ours], unread


def test_a_hold_that_is_listed_is_found_once(fikad: Fikad) -> None:
    hold = fikad.hold()
    assert found(fikad) == ([("home", HOLDS, hold.uid, hold.start)], frozenset())
    assert found(fikad, []) == ([("home", HOLDS, hold.uid, hold.start)], frozenset())


@pytest.mark.parametrize(
    ("clock", "start"), [("TZID=Asia/Tokyo:", 0), ("VALUE=DATE-TIME:", 8)], ids=["a zone", "none"]
)
def test_a_hold_that_the_user_made_a_series_and_dragged_far_away_is_found_there(
    fikad: Fikad, home: Calendars, clock: str, start: int
) -> None:
    """Where nothing of a series is expanded any more."""
    hold = fikad.hold()
    home.edit(hold.uid, "RRULE:FREQ=WEEKLY;COUNT=3")
    href = f"{hold.uid}.ics"
    lines = [
        f"DTSTART;{clock}20280105T090000"
        if line.startswith("DTSTART;TZID=Europe/Berlin:2026")
        else f"DTEND;{clock}20280105T100000"
        if line.startswith("DTEND;TZID=Europe/Berlin:2026")
        else line
        for line in lines_of(home.coffee.resources[href].text)
    ]
    home.coffee.put(href, "\r\n".join(lines))
    fikad.once("none")
    assert fikad.ledger.found_holds() == []
    there = datetime(2028, 1, 5, start, tzinfo=UTC)
    assert found(fikad, [hold]) == ([("home", HOLDS, hold.uid, there)], frozenset())
    [it], _ = find_holds(fikad.ledger, [hold], fikad.config, fikad.clock())
    assert (it.resource.href, it.resource.text) == (href, home.coffee.resources[href].text)
    assert found(fikad, [replace(hold, state="withdrawn")]) == ([], frozenset())
    old = replace(hold, seen=None, draft=draft(hold.uid, SUNDAY - HISTORY - 2 * HOUR))
    assert found(fikad, [old, hold]) == ([("home", HOLDS, hold.uid, there)], frozenset())


GARBLED = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{}\r\nDTSTART:some day\r\nEND:VEVENT"


def test_a_hold_that_a_program_garbled_is_not_gone(fikad: Fikad, home: Calendars) -> None:
    hold = fikad.hold()
    href = f"{hold.uid}.ics"
    home.coffee.put(href, GARBLED.format(hold.uid))
    fikad.once("none")
    assert found(fikad, [hold]) == ([], frozenset({hold.uid}))
    home.coffee.put(href, "nothing of it is left")
    fikad.once("none")
    assert found(fikad, [hold]) == ([], frozenset({hold.uid})), "its name still tells"


def test_a_text_under_another_name_that_garbles_a_hold_is_not_gone_either(
    fikad: Fikad, home: Calendars
) -> None:
    hold = fikad.hold()
    home.coffee.drop(f"{hold.uid}.ics")
    home.coffee.put("another.ics", GARBLED.format(hold.uid))
    fikad.once("none")
    assert found(fikad, [hold]) == ([], frozenset({hold.uid}))


def test_a_text_that_only_speaks_of_a_hold_is_not_it(fikad: Fikad, home: Calendars) -> None:
    hold = fikad.hold()
    home.coffee.drop(f"{hold.uid}.ics")
    home.put(event("note", "Note", SUNDAY + HOUR, f"DESCRIPTION:see {hold.uid}"))
    other = draft("fikad-000000000009-000000000009")
    text = hold_text(replace(other, description=f"instead of {hold.uid}"), SUNDAY)
    home.coffee.put("other.ics", text)
    fikad.once("none")
    assert found(fikad, [hold]) == ([("home", HOLDS, other.uid, other.start)], frozenset())


# --- everything that a decision looks at ---


def read_of(*accounts: MemoryAccount, accept_empty: Sequence[str] = ()) -> AccountsRead:
    """All accounts, read well."""
    return AccountsRead(
        [
            ReadAccount(account, AccountReading(account.name, "ok"), tuple(account.held))
            for account in accounts
        ],
        accept_empty,
    )


def looked_at(
    fikad: Fikad, home: Calendars, before: PassInputs | None = None, **given: Any
) -> PassInputs:
    read = given.pop("read", read_of(home.account))
    return gather(
        fikad.config, fikad.ledger, read, fikad.clock(), complete=True, before=before, **given
    )


def test_the_inputs_are_the_situation_and_every_hold_as_it_stands(
    fikad: Fikad, home: Calendars
) -> None:
    hold = fikad.hold()
    mark_hiding(fikad.ledger, ("home", "Elsewhere"))
    read = read_of(home.account, accept_empty=["home"])
    inputs = looked_at(fikad, home, read=read, planning=True)
    assert inputs.config is fikad.config
    assert [one.event.uid for one in inputs.found] == [hold.uid]
    assert (list(inputs.hidden), inputs.unread) == ([], frozenset())
    assert inputs.calendars == {
        ("home", "Personal"): home.personal,
        ("home", HOLDS): home.coffee,
    }
    assert inputs.gone == {"home"}
    assert inputs.hiding == {("home", "Elsewhere")}
    assert inputs.now == inputs.situation.now == SUNDAY
    assert (inputs.complete, inputs.planning, inputs.knows_everybody) == (True, True, True)
    assert inputs.situation.holds == [hold]
    assert inputs.appeared == {}
    assert not looked_at(fikad, home).planning
    half = gather(fikad.config, fikad.ledger, read, SUNDAY, complete=False)
    assert not half.complete


def test_a_further_view_of_a_calendar_is_no_second_hold(fikad: Fikad, home: Calendars) -> None:
    work = MemoryAccount("work", [MemoryCalendar("shared", writable=False)])
    [resource] = home.coffee.resources.values()
    work.held[0].put(resource.href, resource.text)
    entry = {"type": "files", "path": "/nowhere"}
    fikad.config = config(accounts={"home": entry, "work": entry})
    fikad.opener = lambda name: work if name == "work" else home.account
    fikad.once("none")
    inputs = looked_at(fikad, home, read=read_of(home.account, work))
    assert [one.account for one in inputs.found] == ["home"]


class Hidden(MemoryCalendar):
    """A calendar that lists nothing of ours; what stands in it is had by its address."""

    looked_for: list[str]

    def read(self, uid: str) -> Resource | None:
        self.looked_for.append(uid)
        if uid == "fikad-000000000004-000000000004":
            raise UnreachableError("time-out")
        return self.resources.get(f"{uid}.ics")


def hiding(ledger: Ledger, *holds: Hold) -> tuple[Fikad, Calendars, Hidden]:
    """A fikad whose holds are listed nowhere; those of them stand that are not closed."""
    home = calendars()
    calendar = Hidden(HOLDS)
    calendar.looked_for = []
    home.account.held[1] = calendar
    for hold in holds:
        ledger.save_hold(hold)
        calendar.put(f"{hold.uid}.ics", hold_text(hold.draft, SUNDAY))
    return Fikad(config(), home.open, ledger=ledger), home, calendar


OPEN, CLOSED, OLD, UNKNOWN, ANCIENT = (
    recorded(draft(f"fikad-00000000000{number}-00000000000{number}", start), state=state)
    for number, start, state in (
        (1, START, "proposed"),
        (2, START, "withdrawn"),
        (3, SUNDAY - timedelta(weeks=8), "accepted"),
        (4, START, "proposed"),
        (5, SUNDAY - HISTORY - 2 * HOUR, "accepted"),
    )
)


def test_what_no_listing_shows_is_looked_for_unless_it_is_over() -> None:
    fikad, home, calendar = hiding(new_ledger(), OPEN, CLOSED, OLD, UNKNOWN, ANCIENT)
    inputs = looked_at(fikad, home)
    assert calendar.looked_for == [OPEN.uid, OLD.uid, UNKNOWN.uid]
    assert [one.event.uid for one in inputs.hidden] == [OPEN.uid, OLD.uid]
    assert [one.event.uid for one in inputs.found] == [OPEN.uid, OLD.uid]
    assert inputs.unread == {UNKNOWN.uid}
    assert inputs.hides(("home", HOLDS))
    assert not inputs.hides(("home", "Personal"))
    assert not inputs.shows(("home", HOLDS))


def test_what_no_listing_shows_is_read_by_the_clock_of_the_user() -> None:
    fikad, home, calendar = hiding(new_ledger(), OPEN)
    floating = rewritten(hold_text(OPEN.draft, SUNDAY)).replace(";TZID=Europe/Berlin:", ":")
    calendar.put(f"{OPEN.uid}.ics", floating)
    assert [one.event.start for one in looked_at(fikad, home).hidden] == [START]


def test_a_hold_that_was_just_written_where_nothing_is_shown_may_stand_until_it_is_over() -> None:
    soon, past = (
        recorded(draft(uid, start), state="creating", intent="create")
        for uid, start in ((OPEN.uid, START), (CLOSED.uid, SUNDAY - HOUR))
    )
    fikad, home, calendar = hiding(new_ledger(), soon, past)
    calendar.resources.clear()
    assert looked_at(fikad, home).unread == frozenset()
    mark_hiding(fikad.ledger, ("home", HOLDS))
    assert looked_at(fikad, home).unread == {soon.uid}


def test_what_is_listed_or_cannot_be_read_is_not_looked_for(fikad: Fikad, home: Calendars) -> None:
    hold = fikad.hold()
    calendar = Hidden(HOLDS)
    calendar.looked_for = []
    read = read_of(MemoryAccount("home", [calendar]))
    inputs = looked_at(fikad, home, read=read)
    assert inputs.shows(("home", HOLDS))
    assert not inputs.shows(("home", "Personal"))
    assert not inputs.hides(("home", HOLDS))
    home.coffee.put(f"{hold.uid}.ics", "nothing of it is left")
    fikad.once("none")
    assert looked_at(fikad, home, read=read).unread == {hold.uid}
    assert calendar.looked_for == []


def test_after_a_write_nothing_is_looked_for_again() -> None:
    fikad, home, calendar = hiding(new_ledger(), OPEN, UNKNOWN)
    before = looked_at(fikad, home)
    calendar.looked_for.clear()
    calendar.resources.clear()
    written = replace(OPEN, uid="fikad-000000000006-000000000006")
    fikad.ledger.save_hold(written)
    after = looked_at(fikad, home, before=before)
    assert calendar.looked_for == []
    assert after.hidden == before.hidden
    assert [one.event.uid for one in after.found] == [OPEN.uid]
    assert after.unread == {UNKNOWN.uid}


def test_time_is_looked_at_as_far_as_holds_stand_listed_or_not() -> None:
    """What is at the time of a hold is a conflict, however far away that is."""
    for listed in (True, False):
        fikad, home, calendar = hiding(new_ledger(), OPEN)
        far = START + timedelta(weeks=12)
        calendar.put(
            f"{OPEN.uid}.ics", hold_text(replace(OPEN.draft, start=far, end=far + HOUR), SUNDAY)
        )
        home.put(event("then", "Budget", far, "TRANSP:TRANSPARENT"))
        if not listed:
            calendar.changes = MemoryCalendar("none").changes  # type: ignore[method-assign]
        fikad.once("none")
        fikad.ledger.save_hold(OPEN)
        inputs = looked_at(fikad, home)
        assert [one.event.start for one in inputs.found] == [far]
        assert "then" in {one.uid for one in inputs.situation.occurrences}, listed


# --- who is known, and what is about to be ---


def test_everybody_is_known_once_every_address_book_was_read_whole(home: Calendars) -> None:
    books = {name: {"type": "files", "path": "/nowhere"} for name in ("cards", "club")}
    fikad = Fikad(config(addressbooks=books), home.open)
    fikad.ledger.keep_address_books(fikad.config.addressbooks)
    well, never = AddressBookState("cards", "ok", "", SUNDAY), AddressBookState("club", "error")
    assert not looked_at(fikad, home).knows_everybody
    fikad.ledger.save_address_book(well)
    assert not looked_at(fikad, home).knows_everybody
    fikad.ledger.save_address_book(never)
    assert not looked_at(fikad, home).knows_everybody
    fikad.ledger.save_address_book(replace(never, last_success=SUNDAY - timedelta(weeks=9)))
    assert looked_at(fikad, home).knows_everybody, "read once"


def test_what_would_be_proposed_counts_like_what_stands(home: Calendars) -> None:
    fikad = Fikad(config(), home.open)
    fikad.once("none")
    inputs = looked_at(fikad, home)
    [proposal] = inputs.situation.plan.proposals
    [held] = inputs.to_be_held
    assert (held.contact_key, held.state, held.occasion) == ("jane doe", "proposed", "coffee")
    assert (held.start, held.end) == (proposal.slot.start, proposal.slot.end)


# --- mirrors ---


def occurrence(uid: str, **fields: Any) -> Occurrence:
    return replace(Occurrence(uid, START, END), **fields)


def of_spans(holds: Sequence[FoundHold], *events: Occurrence) -> list[tuple[tuple[str, int], ...]]:
    return list(appeared(holds, events, new_ledger()).values())


def test_an_event_of_exactly_the_span_of_a_hold_may_be_its_mirror() -> None:
    holds = [placed()]
    assert of_spans(holds, occurrence("a"), occurrence("b")) == [(("a", 0), ("b", 0))]
    for other in (
        occurrence("a", end=END + timedelta(minutes=1)),
        occurrence("a", start=START - timedelta(minutes=1)),
        occurrence("a", all_day=True),
        occurrence("a", recurring=True),
        occurrence("a", attendees=(Attendee("jane@example.com"),)),
        occurrence("a", hold=placed().event),
    ):
        assert of_spans(holds, other) == []
        assert of_spans(holds, other, occurrence("b")) == [(("b", 0),)]


def test_of_spans_without_a_hold_nothing_is_asked() -> None:
    def unasked() -> Any:
        raise AssertionError("what takes place was loaded")
        yield

    assert appeared([], unasked(), new_ledger()) == {}


def test_only_what_appeared_after_a_hold_was_written_is_its_mirror(
    fikad: Fikad, home: Calendars
) -> None:
    hold = fikad.hold()
    standing = home.hold(hold.uid)
    assert standing is not None
    home.put(event("mirror", "Busy", hold.start, minutes=45))
    fikad.once("none")
    inputs = looked_at(fikad, home)
    appeared_at = fikad.ledger.appeared("mirror")
    assert appeared_at == hold.placed > 0
    assert inputs.mirrors(hold, standing) == {"mirror"}
    assert inputs.mirrors(replace(hold, placed=hold.placed + 1), standing) == set()
    elsewhere = replace(standing, start=standing.start + HOUR, end=standing.end + HOUR)
    assert inputs.mirrors(hold, elsewhere) == set()
