"""New holds: under which name, with what they tell, and what comes of it where one cannot be
written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Changes, HoldDraft, HoldEvent, Resource
from connectors.errors import (
    AccountError,
    ChangedError,
    HiddenError,
    TakenError,
    UnreachableError,
    WithdrawnError,
)
from daemon.cycle.report import Report
from daemon.holds.draft import hold_uid
from daemon.holds.record import Hold
from daemon.languages.writing import writer
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
    meeting,
    met_long_ago,
    person,
)
from tests.memory import MemoryCalendar

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")


class Trying(MemoryCalendar):
    """A calendar that counts what is asked of it, may hide what is ours, and answers a create as a
    test says."""

    hides = False
    listed: tuple[str | None, ...] = ()
    """The tokens since which it was asked."""
    answer: Callable[[HoldDraft], AccountError | None] = staticmethod(lambda draft: None)

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        self.listed = (*self.listed, token)
        [all_of_it] = super().changes(token, known, complete=complete)
        yield replace(all_of_it, changed=()) if self.hides else all_of_it

    def create(self, draft: HoldDraft) -> Resource:
        error = self.answer(draft)
        if error is not None:
            raise error
        return super().create(draft)


def a_fikad(*names: str, **tables: Any) -> tuple[Fikad, Calendars, Trying]:
    """A fikad that is due to propose to everybody named."""
    home = calendars(*met_long_ago(names or NAMES))
    coffee = Trying(HOLDS)
    home.account.held[1] = coffee
    return Fikad(config(*(names or NAMES), **tables), home.open), home, coffee


def proposed(report: Report) -> dict[str, Hold]:
    """The new holds by whose they are."""
    return {hold.contact_name: hold for hold in report.holds.get("proposed", ())}


def offers(draft: HoldDraft | HoldEvent, moment: datetime) -> bool:
    return writer().appointment(moment.astimezone(BERLIN)) in draft.description


# --- what is recorded ---


def test_the_record_of_a_new_hold_says_where_it_is_on_what_it_was_decided_and_why() -> None:
    fikad, home, _ = a_fikad("Jane Doe")
    home.account.held[1].id = "coffee-id"
    before = fikad.situation().proposal("jane doe")
    assert before is None or before.contact.key == "jane doe"
    [hold] = fikad.once().holds["proposed"]
    last_met = fikad.situation().standings["jane doe"].last_met
    assert last_met is not None
    assert hold.uid == hold_uid("jane doe", last_met, 0)
    assert (hold.account, hold.calendar, hold.contact_key) == ("home", "coffee-id", "jane doe")
    assert (hold.occasion, hold.attempt, hold.last_met) == ("coffee", 0, last_met)
    assert (hold.created_at, hold.renewed_at, hold.introduces) == (SUNDAY, SUNDAY, "")
    assert hold.why
    assert hold.reason.startswith(f"{hold.why} It is ")


def test_a_hold_that_only_would_be_written_is_in_the_calendar_that_would_be_made() -> None:
    fikad, home, _ = a_fikad("Jane Doe")
    del home.account.held[1]
    [hold] = fikad.once(dry=True).holds["proposed"]
    assert (hold.calendar, hold.state) == (HOLDS, "proposed")
    assert [calendar.id for calendar in home.account.held] == ["Personal"]


def test_a_hold_at_google_has_a_name_without_dashes() -> None:
    home = calendars(*met_long_ago(["Jane Doe"]))
    google: Any = {"home": {"type": "google", "client_secrets": "/nowhere"}}
    fikad = Fikad(config("Jane Doe", accounts=google), home.open)
    [hold] = fikad.once().holds["proposed"]
    assert hold.uid == hold_uid("jane doe", hold.last_met, 0).replace("-", "")


def test_the_next_hold_since_a_meeting_has_the_next_name_whatever_became_of_those_of_others() -> (
    None
):
    fikad, home, _ = a_fikad("Jane Doe", "Bob Ray")
    first = proposed(fikad.once())
    home.delete(first["Jane Doe"].uid)
    fikad.once()
    fikad.clock.forward(weeks=3)
    second = proposed(fikad.once())
    assert second["Jane Doe"].attempt == 1
    assert second["Jane Doe"].uid == hold_uid("jane doe", second["Jane Doe"].last_met, 1)
    assert [first[name].attempt for name in first] == [0, 0]


def test_a_create_is_recorded_with_the_version_that_its_calendar_had_before() -> None:
    fikad, _, coffee = a_fikad("Jane Doe")
    seen: list[tuple[str | None, str | None]] = []

    def look(draft: HoldDraft) -> None:
        seen.append((fikad.hold().intent_version, coffee.version))

    coffee.answer = look
    fikad.once()
    [(recorded, there)] = seen
    assert recorded == there is not None


# --- what it tells ---


def test_it_offers_no_time_at_which_somebody_else_is_asked_in_the_same_pass() -> None:
    few = {day: ["09:30-10:15"] for day in ("tuesday", "wednesday", "thursday")}
    narrow = {**ROOMY, "horizon": "1 week"}
    fikad, _, _ = a_fikad(*NAMES, rhythm=narrow, availability=few)
    holds = fikad.once().holds["proposed"]
    assert len(holds) == 3
    assert len({hold.start for hold in holds}) == 3
    for hold in holds:
        assert not any(offers(hold.draft, other.start) for other in holds if other != hold)


def test_the_caps_that_its_other_times_keep_do_not_count_the_hold_itself() -> None:
    """One a week: as it could be moved within its week, it offers times of that week."""
    fikad, _, _ = a_fikad("Jane Doe", rhythm={**ROOMY, "per_week": 1, "horizon": "3 weeks"})
    [hold] = fikad.once().holds["proposed"]
    monday = (hold.start - timedelta(days=hold.start.weekday())).replace(hour=0, minute=0)
    quarters = [monday + timedelta(minutes=15) * count for count in range(3 * 7 * 96)]
    offered = [each for each in quarters if each != hold.start and offers(hold.draft, each)]
    assert offered
    assert all(each < monday + timedelta(weeks=1) for each in offered)


def test_drinks_are_offered_on_no_evening_beside_those_with_somebody_else() -> None:
    people = [person(name, occasions=["drinks"]) for name in ("Jane Doe", "Bob Ray")]
    home = calendars(*met_long_ago(["Jane Doe", "Bob Ray"]))
    evenings: Any = {
        f"{SUNDAY + timedelta(days=day):%A}".lower(): ["18:00-23:00"] for day in range(7)
    }
    fikad = Fikad(config(contacts=people, availability=evenings), home.open)
    holds = fikad.once().holds["proposed"]
    assert len(holds) == 2
    one, other = (hold.start.astimezone(BERLIN) for hold in holds)
    assert abs(one.date() - other.date()) >= timedelta(days=2)
    for hold, beside in zip(holds, (other, one), strict=True):
        quarters = (SUNDAY + timedelta(minutes=15) * count for count in range(16 * 96))
        days = {each.astimezone(BERLIN).date() for each in quarters if offers(hold.draft, each)} - {
            hold.start.astimezone(BERLIN).date()
        }
        assert not {beside.date() + timedelta(days=count) for count in (-1, 0, 1)} & days


def test_it_shows_as_free_where_enough_else_is_open() -> None:
    auto = {"account": "home", "calendar": HOLDS, "show_as": "auto"}
    fikad, home, _ = a_fikad("Jane Doe", holds=auto)
    [hold] = Fikad(fikad.config, home.open).once(dry=True).holds["proposed"]
    assert hold.draft.transparent
    for day in range(1, 15):
        morning = (SUNDAY + timedelta(days=day)).replace(hour=5)
        if morning.date() == hold.start.date():
            home.put(event("rest", "Away", hold.end + timedelta(minutes=15), minutes=12 * 60))
            until = (hold.start - timedelta(minutes=15) - morning) // timedelta(minutes=1)
            home.put(event("before", "Away", morning, minutes=until))
        else:
            home.put(event(f"away-{day}", "Away", morning, minutes=16 * 60))
    [hold] = fikad.once().holds["proposed"]
    assert not hold.draft.transparent
    assert not any(
        offers(hold.draft, hold.start + timedelta(days=count)) for count in range(-9, 15) if count
    )


# --- introductions ---


def climate(*names: str, **more: Any) -> dict[str, Any]:
    return {"contacts": [person(name, tags=["climate"], **more) for name in names]}


def introduced_in(fikad: Fikad) -> set[tuple[str, str]]:
    return {(hold.contact_name, hold.introduces or "") for hold in fikad.once().holds["proposed"]}


def test_who_shares_a_tag_is_introduced_once_and_named() -> None:
    names = ("Jane Doe", "Bob Ray")
    fikad, home, _ = a_fikad(*names, **climate(*names))
    told = introduced_in(fikad)
    assert len({introduces for _, introduces in told}) == 2
    [(name, introduces)] = [each for each in told if each[1]]
    other = next(each for each in names if each != name)
    assert introduces == other.casefold()
    found = home.hold(fikad.hold(name).uid)
    assert found is not None
    assert other in found.description
    assert (
        name
        not in fikad.hold(other).draft.description.replace(f"Hi {name}", "").replace(name, "", 0)
        or not fikad.hold(other).introduces
    )


def test_who_shares_nothing_or_was_on_one_event_with_them_is_introduced_to_nobody() -> None:
    names = ("Jane Doe", "Bob Ray")
    fikad, _, _ = a_fikad(*names)
    assert introduced_in(fikad) == {(name, "") for name in names}
    fikad, home, _ = a_fikad(*names, **climate(*names))
    dinner = meeting("Jane Doe", SUNDAY - timedelta(weeks=30), "ATTENDEE:mailto:bob@example.com")
    home.put(dinner)
    assert introduced_in(fikad) == {(name, "") for name in names}
    fikad, home, _ = a_fikad(*names, **climate(*names), history="12 weeks")
    home.put(dinner)
    assert {introduces for _, introduces in introduced_in(fikad)} != {""}, "so long ago"


def test_the_same_two_are_introduced_again_after_a_month() -> None:
    names = ("Jane Doe", "Bob Ray")
    fikad, home, _ = a_fikad(*names, **climate(*names))
    introduced_in(fikad)
    for weeks, again in ((3, False), (3, True)):
        for hold in fikad.ledger.holds():
            if f"{hold.uid}.ics" in home.coffee.resources:
                home.delete(hold.uid)
        fikad.once("none")
        fikad.clock.forward(weeks=weeks)
        told = introduced_in(fikad)
        assert len(told) == 2
        assert any(introduces for _, introduces in told) == again


# --- a calendar that hides what is written ---


def test_nothing_more_is_written_where_the_first_hold_is_not_listed() -> None:
    fikad, _, coffee = a_fikad()
    coffee.hides = True
    report = fikad.once()
    assert len(coffee.resources) == 1
    assert len(proposed(report)) == 1
    assert f'the calendar "{HOLDS}" hides the private events' in report.not_writable
    assert report.complete
    again = fikad.once()
    assert len(coffee.resources) == 1
    assert "hides" in again.not_writable


def test_a_calendar_is_asked_once_whether_it_lists_what_is_written() -> None:
    fikad, home, coffee = a_fikad()
    fikad.once("none")
    before = coffee.listed
    assert len(proposed(fikad.once())) == 3
    assert coffee.listed == (*before, "0"), "for what is new in it alone"
    fikad.config = config(*NAMES, "Zoe Zed", "Max Roe")
    for text in met_long_ago(["Zoe Zed", "Max Roe"]):
        home.put(text)
    fikad.once("none")
    before = coffee.listed
    assert len(proposed(fikad.once())) == 2
    assert coffee.listed == before, "it was seen to list the others"


def test_a_dry_pass_asks_no_calendar_whether_it_lists_anything() -> None:
    fikad, _, coffee = a_fikad()
    coffee.hides = True
    report = fikad.once(dry=True)
    assert (len(proposed(report)), report.not_writable) == (3, "")


def test_what_was_taken_and_does_not_show_at_all_is_told_as_hidden() -> None:
    fikad, _, coffee = a_fikad()
    coffee.answer = lambda draft: HiddenError("it was written, but does not show")
    report = fikad.once()
    assert f'the calendar "{HOLDS}" hides the private events' in report.not_writable
    assert report.complete
    assert [hold.state for hold in fikad.ledger.holds()] == ["creating"]
    assert "hides" in fikad.once().not_writable


# --- what cannot be written ---


def test_the_first_that_fails_ends_it_and_the_account_is_told() -> None:
    fikad, _, coffee = a_fikad()
    error = UnreachableError("the server is down")
    coffee.answer = lambda draft: error if coffee.resources else None
    report = fikad.once()
    assert len(proposed(report)) == len(coffee.resources) == 1
    assert [(reading.state, reading.message) for reading in report.readings] == [
        ("error", str(error))
    ]
    assert not report.not_writable


def test_what_changed_just_now_is_passed_over() -> None:
    fikad, _, coffee = a_fikad()
    tried: list[str] = []

    def first_not(draft: HoldDraft) -> AccountError | None:
        tried.append(draft.uid)
        return ChangedError("it changed") if len(tried) == 1 else None

    coffee.answer = first_not
    report = fikad.once()
    assert len(tried) == 3
    assert {hold.uid for hold in proposed(report).values()} == {*tried[1:]}
    assert report.complete


def test_a_name_that_is_taken_is_told_by_what_became_of_it() -> None:
    fikad, _, coffee = a_fikad("Jane Doe")
    coffee.answer = lambda draft: TakenError("the name was taken")
    report = fikad.once()
    assert [hold.contact_name for hold in report.holds["dismissed"]] == ["Jane Doe"]
    assert not proposed(report)
    assert not report.not_writable


def test_a_hold_that_another_fikad_wrote_just_before_is_told_as_proposed() -> None:
    fikad, _, coffee = a_fikad("Jane Doe")

    def overtaken(draft: HoldDraft) -> AccountError:
        MemoryCalendar.create(coffee, draft)
        return TakenError("the name was taken")

    coffee.answer = overtaken
    assert proposed(fikad.once())["Jane Doe"].state == "creating"


def test_so_many_names_that_were_taken_back_are_passed_over_and_no_more() -> None:
    fikad, _, coffee = a_fikad("Jane Doe")
    tried: list[str] = []

    def taken_back(draft: HoldDraft) -> AccountError | None:
        tried.append(draft.uid)
        return WithdrawnError("taken back before")

    coffee.answer = taken_back
    report = fikad.once()
    assert len(tried) == len({*tried}) == 50
    assert [hold.uid for hold in report.holds["withdrawn"]] == tried[-1:]
    assert not proposed(report)
    assert coffee.resources == {}
    assert not report.not_writable
