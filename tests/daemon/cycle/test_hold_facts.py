"""What a transition is told of one hold, from what a pass has before its eyes."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from connectors.base import Calendar
from connectors.errors import UnreachableError
from daemon.cycle.hold_facts import HoldSighting, facts_of, tags_of
from daemon.cycle.inputs import PassInputs
from daemon.holds.draft import contact_tag, hold_uid
from daemon.holds.facts import Facts
from daemon.holds.record import Hold
from daemon.judging.recency import Met
from daemon.languages.date_style import DateStyle
from daemon.ledger.decisions import ContactRecord
from daemon.ledger.readings import FoundHold
from tests.daemon.cycle.gathered import gathered, hold_of, standing_in, taken_in
from tests.daemon.world import (
    BERLIN,
    HOLDS,
    ROOMY,
    SUNDAY,
    Calendars,
    Fikad,
    calendars,
    config,
    event,
    met_long_ago,
)
from tests.memory import MemoryCalendar

NAMES = ("Jane Doe", "Bob Ray")
HOME = ("home", HOLDS)
UNKNOWN = Facts(complete=False)


class Remembering(MemoryCalendar):
    """A calendar that keeps something of what fikad took back, and may be unreachable by now."""

    taken_back: frozenset[str] = frozenset()
    down = False

    def took_back(self, uid: str) -> bool:
        return uid in self.taken_back

    def current_version(self) -> str | None:
        if self.down:
            raise UnreachableError("the server is down")
        return super().current_version()


def asked() -> tuple[Fikad, Calendars]:
    """A hold for each, just written, by a config in which nothing is as it is by default."""
    home = calendars(*met_long_ago(NAMES))
    home.account.held[1] = Remembering(HOLDS)
    holds = {"account": "home", "calendar": HOLDS, "show_as": "auto", "on_yes": "leave"}
    rhythm = {**ROOMY, "rest": "3 weeks"}
    fikad = Fikad(config(*NAMES, holds=holds, rhythm=rhythm, country="US"), home.open)
    fikad.once()
    return fikad, home


@cache
def before_anything() -> PassInputs:
    return gathered(asked()[0])


def copies_of(inputs: PassInputs, hold: Hold) -> list[FoundHold]:
    return [placed for placed in inputs.found if placed.event.uid == hold.uid]


def told(
    inputs: PassInputs,
    hold: Hold | None = None,
    *copies: FoundHold,
    gone: bool = False,
    undone: Container[str] = (),
) -> Facts:
    """The facts of Jane's hold, unless of another, as it is found or as these copies."""
    hold = hold or hold_of(inputs)
    found = copies or (() if gone else copies_of(inputs, hold))
    sighting = HoldSighting.of(hold, found)
    return facts_of(inputs, sighting, taken_in(inputs), standing_in(inputs), undone)


def knowing(inputs: PassInputs, **known: Any) -> PassInputs:
    return replace(inputs, situation=replace(inputs.situation, **known))


# --- where it is ---


def test_a_hold_is_the_event_that_stands_where_it_is_recorded_wherever_else_it_stands() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    [own] = copies_of(inputs, hold)
    mirrored = replace(own, calendar="Personal")
    seen = HoldSighting.of(hold, [mirrored, own], adopted=True)
    assert (seen.hold, seen.own, seen.copies, seen.adopted) == (hold, own, [mirrored, own], True)
    assert seen.elsewhere is None
    assert HoldSighting.of(hold, [own]).adopted is False
    moved = HoldSighting.of(hold, [mirrored])
    assert (moved.own, moved.elsewhere) == (None, own.event)
    foreign = replace(own, account="work")
    assert HoldSighting.of(hold, [foreign]).own is None
    gone = HoldSighting.of(hold, [])
    assert (gone.own, gone.elsewhere) == (None, None)
    assert told(inputs, hold, mirrored).elsewhere == own.event


# --- what is known at all ---


def test_what_stands_in_a_calendar_that_was_read_is_told_by_how_things_are() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    assert hold.last_met is not None
    assert told(inputs) == Facts(
        zone=BERLIN,
        style=DateStyle(month_first=True, twelve_hours=True),
        called="Jane Doe",
        last_met=hold.last_met,
        cooldown=timedelta(weeks=3),
        shows_as_needed=True,
        completes=False,
        slots_known=True,
    )


def test_how_holds_are_kept_follows_the_config_and_the_readings() -> None:
    fikad, home = asked()
    fikad.config = config(*NAMES)
    inputs = gathered(Fikad(fikad.config, home.open, ledger=fikad.ledger), complete=False)
    facts = told(inputs)
    assert (facts.shows_as_needed, facts.completes, facts.slots_known) == (False, True, False)


def test_nothing_is_known_of_a_hold_whose_calendar_was_not_read() -> None:
    inputs = before_anything()
    unread = replace(inputs, calendars={("home", "Personal"): inputs.calendars["home", "Personal"]})
    assert told(unread, gone=True) == UNKNOWN
    assert told(unread) == UNKNOWN, "though the ledger has it"


def test_what_the_user_says_is_gone_is_gone_unless_it_is_found() -> None:
    inputs = replace(before_anything(), calendars={}, gone=frozenset({"home"}))
    assert told(inputs, gone=True).complete
    assert not told(inputs).complete
    assert not told(replace(inputs, gone=frozenset({"work"})), gone=True).complete
    creating = replace(hold_of(inputs), state="creating", intent="create")
    assert told(inputs, creating, gone=True).calendar_version is None


def test_nothing_is_known_of_a_hold_that_is_there_and_cannot_be_read() -> None:
    inputs = before_anything()
    unread = replace(inputs, unread=frozenset({hold_of(inputs).uid}))
    assert told(unread, gone=True) == UNKNOWN
    assert told(unread).complete, "it is found elsewhere"
    assert told(inputs, gone=True).complete


def test_the_version_of_a_calendar_is_asked_for_what_may_not_have_been_written_alone() -> None:
    inputs = before_anything()
    proposed = hold_of(inputs)
    creating = replace(proposed, state="creating", intent="create")
    down = Remembering(HOLDS)
    down.down = True
    cut_off = replace(inputs, calendars={HOME: down})
    version = inputs.calendars[HOME].current_version()
    assert version is not None
    assert told(inputs, creating, gone=True).calendar_version == version
    assert told(cut_off, creating, gone=True) == UNKNOWN
    for asked_now in (inputs, cut_off):
        facts = told(asked_now, proposed, gone=True)
        assert (facts.complete, facts.calendar_version) == (True, None)


def test_what_is_gone_may_have_been_taken_back_by_a_fikad() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    keeping = Remembering(HOLDS)
    keeping.taken_back = frozenset({hold.uid})
    marking: Calendar = keeping
    inputs = replace(inputs, calendars={HOME: marking})
    assert told(inputs, gone=True).marked
    assert not told(inputs).marked, "it stands"
    assert not told(inputs, replace(hold, state="dismissed"), gone=True).marked, "it is over"
    assert not told(inputs, hold_of(inputs, "Bob Ray"), gone=True).marked


def test_it_is_told_whether_the_calendar_hides_what_is_written() -> None:
    inputs = before_anything()
    assert not told(inputs).hides
    assert told(replace(inputs, hiding=frozenset({HOME}))).hides


# --- the contact ---


def test_who_is_no_contact_any_more_is_told_as_removed_once_every_book_was_read() -> None:
    inputs = replace(before_anything(), hiding=frozenset({HOME}))
    hold = hold_of(inputs)
    others = {"bob ray": inputs.situation.contacts["bob ray"]}
    without = knowing(inputs, contacts=others)
    assert told(without, hold) == Facts(
        hides=True, removed=True, zone=BERLIN, style=inputs.config.date_style
    )
    assert told(replace(without, knows_everybody=False), hold) == UNKNOWN
    assert not told(replace(inputs, knows_everybody=False), hold).removed


def test_what_is_recorded_and_booked_of_the_contact_is_told() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    later = SUNDAY + timedelta(weeks=1)
    jane = inputs.situation.contacts["jane doe"]
    inputs = knowing(
        inputs,
        contacts={**inputs.situation.contacts, "jane doe": replace(jane, name="Jane", paused=True)},
        records={"jane doe": ContactRecord(added=SUNDAY, snoozed_until=later)},
        booked={"jane doe": Met("jane doe", later, later, "attendee", "a date")},
    )
    facts = told(inputs, hold)
    assert (facts.called, facts.paused) == ("Jane", True)
    assert (facts.snoozed_until, facts.booked) == (later, later)
    own = {"jane doe": Met("jane doe", later, later, "hold", hold.uid)}
    assert told(knowing(inputs, booked=own), hold).booked is None, "it is the hold itself"
    bob = hold_of(inputs, "Bob Ray")
    assert (told(inputs, bob).snoozed_until, told(inputs, bob).booked) == (None, None)
    assert told(knowing(inputs, records={}), hold).snoozed_until is None


def test_each_dismissal_in_a_row_doubles_the_rest_that_the_next_would_bring() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)

    def after(*states: Any) -> timedelta:
        past = [
            replace(hold, uid=f"{hold.uid}{place}", state=state, decided_at=SUNDAY)
            for place, state in enumerate(states)
        ]
        return told(knowing(inputs, holds=[hold, *past]), hold).cooldown

    assert after() == timedelta(weeks=3)
    assert after("dismissed") == timedelta(weeks=6)
    assert after("dismissed", "lapsed") == timedelta(weeks=6), "overlooked is no refusal"
    assert after("dismissed", "dismissed", "dismissed") == timedelta(weeks=8), "two cadences"


# --- other holds for them ---


def placed_as(
    found: FoundHold, key: str, since: datetime | None = None, **fields: Any
) -> FoundHold:
    """The event of a hold as another fikad would have named it for somebody."""
    uid = hold_uid(key, since, 7)
    return replace(found, event=replace(found.event, uid=uid, **fields))


def test_rivals_are_the_other_holds_of_the_same_contact() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    [own] = copies_of(inputs, hold)
    other, bobs = placed_as(own, "jane doe"), placed_as(own, "bob ray")
    inputs = replace(inputs, found=[*inputs.found, other, bobs])
    assert told(inputs).rivals == (other.event,)
    assert told(inputs, undone={other.event.uid}).rivals == ()
    assert told(inputs, undone={hold.uid}).rivals == (other.event,)


def test_what_is_over_and_was_written_anew_is_no_rival_unless_somebody_touched_it() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    [own] = copies_of(inputs, hold)
    sealed, touched = placed_as(own, "jane doe"), placed_as(own, "jane doe", location="Café Rosa")
    cases: tuple[tuple[Any, FoundHold, bool], ...] = (
        ("withdrawn", sealed, False),
        ("dismissed", sealed, False),
        ("withdrawn", touched, True),
        ("proposed", sealed, True),
    )
    for state, seen, rival in cases:
        record = replace(hold, uid=sealed.event.uid, state=state)
        known = knowing(replace(inputs, found=[own, seen]), holds=[hold, record])
        assert told(known, hold).rivals == ((seen.event,) if rival else ()), (state, rival)
    unrecorded = replace(inputs, found=[own, sealed])
    assert told(unrecorded).rivals == (sealed.event,)


def test_whose_a_hold_is_the_record_tells_and_else_its_name() -> None:
    inputs = before_anything()
    hold = hold_of(inputs)
    [own] = copies_of(inputs, hold)
    foreign = placed_as(own, "bob ray")
    inputs = replace(inputs, found=[own, foreign])
    renamed = knowing(inputs, holds=[replace(hold, contact_key="jane smith")])
    assert tags_of(renamed) == {
        hold.uid: contact_tag("jane smith"),
        foreign.event.uid: contact_tag("bob ray"),
    }


# --- another place ---


def test_a_hold_that_names_another_day_is_told_where_it_goes_then() -> None:
    fikad, home = asked()
    uid = fikad.hold().uid
    home.edit(uid, SUMMARY="friday")
    facts = told(gathered(fikad))
    assert facts.wished_draft is not None
    assert facts.wished_draft.uid == uid
    assert facts.wished_draft.start.weekday() == 4
    assert facts.wished_occasion == "coffee"
    assert facts.next_reason.endswith(".")
    assert (facts.displaced, facts.next_draft, facts.renewed_draft) == ("", None, None)
    assert facts.called == "Jane Doe"


def test_a_hold_on_which_something_lies_is_told_where_it_goes_instead() -> None:
    fikad, home = asked()
    hold = fikad.hold()
    home.put(event("budget", "Budget", hold.start))
    facts = told(gathered(fikad))
    assert facts.displaced == "Something else is at its time now."
    assert facts.next_draft is not None
    assert facts.next_draft.uid == hold.uid
    assert facts.next_draft.start >= hold.end or facts.next_draft.end <= hold.start
    assert facts.next_occasion == "coffee"
    assert facts.next_reason.endswith(".")
    assert (facts.wished_draft, facts.renewed_draft) == (None, None)
    assert facts.called == "Jane Doe"


def test_a_hold_that_stays_is_told_as_it_should_be_written_by_now() -> None:
    fikad, home = asked()
    hold = fikad.hold()
    fikad.clock.forward(days=1)
    days = (hold.start + timedelta(days=day) for day in range(-1, 18))
    for day in days:
        if day.date() != hold.start.date():
            home.put(event(f"away-{day:%d}", "Away", day.replace(hour=5), minutes=16 * 60))
    facts = told(gathered(fikad, planning=True))
    renewed = facts.renewed_draft
    assert renewed is not None
    assert (renewed.uid, renewed.start) == (hold.uid, hold.start)
    assert renewed.description != hold.draft.description
    assert facts.called == "Jane Doe"
    assert (facts.displaced, facts.wished_draft) == ("", None)
    assert told(gathered(fikad)).renewed_draft is None, "it is no plan"
