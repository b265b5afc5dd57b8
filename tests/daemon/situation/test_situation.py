"""What the ledger remembers of the past never differs from judging everything anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Occurrence, Resource
from daemon.holds.record import Hold
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import Expanded
from daemon.ledger.store import connect
from daemon.people.birthdays import with_birthdays
from daemon.situation.assessing import assess, contacts_now, read_situation, situation_in
from daemon.situation.past import ToldMeetings
from daemon.situation.situation import Situation
from daemon.situation.verdicts import current, first_dates, verdicts_on
from tests.daemon.world import (
    ME,
    SUNDAY,
    Calendars,
    Fikad,
    address,
    calendars,
    config,
    event,
    meeting,
    met_long_ago,
)

NAMES = ("Jane Doe", "Omar Haddad")


def facts(fikad: Fikad) -> list[Verdict]:
    """What counts, and what nearly does, as the ledger with its memory says."""
    situation = fikad.situation()
    return [*situation.counted, *situation.nearly]


def judged_anew(fikad: Fikad) -> list[Verdict]:
    """The same from a ledger that never saw these calendars before."""
    other = Fikad(fikad.config, fikad.opener, fikad.clock)
    other.once("none")
    return facts(other)


def told(situation: Situation) -> dict[str, object]:
    """All that is told of the past and of what lies ahead."""
    return {
        "counted": situation.counted,
        "nearly": situation.nearly,
        "completed": sorted(situation.completed, key=repr),
        "landmarks": landmarks(situation),
        "standings": situation.standings,
        "booked": situation.booked,
        "undone": situation.undone,
        "ahead": [each for each in situation.occurrences if each.end > situation.now],
        "busy": situation.busy(),
        "contacts": situation.contacts,
    }


def landmarks(situation: Situation) -> dict[str, tuple[datetime, datetime]]:
    ends: dict[str, list[datetime]] = {}
    for met in situation.past.landmarks():
        ends.setdefault(met.contact_key, []).append(met.end)
    return {key: (min(of), max(of)) for key, of in ends.items()}


def told_without_memory(fikad: Fikad) -> dict[str, object]:
    """The same from a copy of the ledger that forgot what it judged."""
    db = connect(":memory:")
    db.deserialize(fikad.ledger._db.serialize())
    with Ledger(db, Path("nowhere")) as copy:
        copy.judge_anew()
        situation = situation_in(fikad.config, copy, fikad.clock())
        return {**told(situation), "undone": situation.judge.undone(situation.occurrences)}


def assert_memory_tells_the_same(fikad: Fikad) -> None:
    assert told(situation_in(fikad.config, fikad.ledger, fikad.clock())) == told_without_memory(
        fikad
    )


def verdicts_by_one(fikad: Fikad) -> dict[str, list[Verdict]]:
    """By contact what `why` asks: of the events of one person alone."""
    config, ledger, now = fikad.config, fikad.ledger, fikad.clock()
    people = fikad.situation().contacts
    return {key: verdicts_on(people[key], config, ledger, now) for key in people}


def verdicts_by_all(fikad: Fikad) -> dict[str, list[Verdict]]:
    """The same of all events, those that involve nobody included."""
    begin = fikad.clock() - fikad.config.history
    everything = current(fikad.ledger, begin)
    verdicts = list(fikad.situation().judge.verdicts(everything))
    return {
        key: [verdict for verdict in verdicts if verdict.contact_key == key]
        for key in fikad.situation().contacts
    }


def stands(fikad: Fikad) -> tuple[object, ...]:
    """Where everybody stands, by what the ledger keeps ready."""
    situation = fikad.situation()
    return situation.standings, situation.booked, situation.busy(), situation.contacts


def stands_by_all(fikad: Fikad) -> tuple[object, ...]:
    """The same by everything that was ever read, judged anew."""
    situation, now = fikad.situation(), fikad.clock()
    everything = current(fikad.ledger, now - timedelta(days=60))
    booked = first_dates(situation.judge.dates_ahead(everything))
    known = replace(
        situation, occurrences=everything, past=ToldMeetings(situation.completed), booked=booked
    )
    slow = assess(fikad.config, known, now)
    contacts = {contact.key: contact for contact in contacts_now(fikad.config, fikad.ledger, now)}
    contacts = with_birthdays(contacts, everything, fikad.ledger.identities())
    return slow.standings, slow.booked, slow.busy(), contacts


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    kinds = st.sampled_from(
        [
            "meet",
            "ahead",
            "copy",
            "title",
            "bare",
            "decline",
            "drop",
            "wait",
            "minutes",
            "rename",
            "me",
            "pass",
        ]
    )
    return draw(
        st.lists(
            st.tuples(kinds, st.integers(1, 300), st.sampled_from(NAMES)), min_size=1, max_size=12
        )
    )


@settings(max_examples=60)
@given(steps())
def test_what_is_remembered_is_what_judging_anew_gives(done: list[tuple[str, int, str]]) -> None:
    theirs = calendars()
    fikad = Fikad(config(*NAMES), theirs.open)
    for kind, number, name in done:
        start = fikad.clock() - timedelta(days=number, hours=2)
        uid = f"e{number % 7}"
        match kind:
            case "meet":
                theirs.put(meeting(name, start, uid=uid))
            case "ahead":
                ahead = fikad.clock() + timedelta(hours=number)
                theirs.put(meeting(name, ahead, uid=uid))
            case "copy":
                ahead = fikad.clock() + timedelta(hours=number)
                theirs.put(meeting(name, ahead, uid=uid))
                people = (
                    f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{each}" for each in (ME, address(name))
                )
                theirs.put(event(f"{uid}-copy", "Tea", ahead, *people, minutes=number + 10))
            case "minutes":
                fikad.clock.forward(minutes=number)
            case "title":
                theirs.put(event(uid, f"Lunch with {name}", start))
            case "bare":
                theirs.put(event(uid, f"{name} - budget", start))
            case "decline":
                declined = (
                    f"ORGANIZER:mailto:{address(name)}",
                    f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ME}",
                )
                theirs.put(event(uid, "Tea", start, *declined, f"ATTENDEE:mailto:{address(name)}"))
            case "drop":
                if f"{uid}.ics" in theirs.personal.resources:
                    theirs.personal.drop(f"{uid}.ics")
            case "wait":
                fikad.clock.forward(days=number)
            case "rename":
                theirs.personal.name = f"Personal {number % 3}"
            case "me":
                fikad.config = config(*NAMES, me=[ME, "jane@example.com"] if number % 2 else [ME])
            case "pass":
                pass
        fikad.once("none")
        assert facts(fikad) == judged_anew(fikad)
        assert stands(fikad) == stands_by_all(fikad)
    assert verdicts_by_one(fikad) == verdicts_by_all(fikad)


@st.composite
def days(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    kinds = [
        *("ahead", "copy", "longer", "bare", "cancel", "drop"),
        *("minutes", "minutes", "hours", "back"),
        *("people", "rules", "accept", "decline", "missed", "note", "owner"),
        *("pass", "pass", "plan"),
    ]
    step = st.tuples(st.sampled_from(kinds), st.integers(1, 90), st.sampled_from(NAMES))
    return draw(st.lists(step, min_size=1, max_size=14))


@settings(max_examples=60)
@given(days())
def test_with_its_memory_a_ledger_tells_what_it_tells_without(
    done: list[tuple[str, int, str]],
) -> None:
    """Before the pass that notes a change, and after it."""
    theirs = calendars(*met_long_ago(NAMES))
    fikad = Fikad(config(*NAMES), theirs.open)
    fikad.once("none")
    for kind, number, name in done:
        _happen(kind, number, name, fikad, theirs)
        assert_memory_tells_the_same(fikad)
    fikad.once("none")
    assert_memory_tells_the_same(fikad)


def _happen(kind: str, number: int, name: str, fikad: Fikad, theirs: Calendars) -> None:
    """One thing of a few days: in a calendar, in the config, in the ledger, or just time."""
    uid, clock, ledger = f"e{number % 3}", fikad.clock, fikad.ledger
    start = clock().replace(minute=0) + timedelta(hours=number % 4 - 2)
    guests = [f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{each}" for each in (ME, address(name))]
    holds = ledger.holds()
    match kind:
        case "ahead":
            theirs.put(meeting(name, start, uid=uid))
        case "copy":
            theirs.put(event(f"{uid}-copy", "Tea", start, *guests, minutes=45))
        case "longer":
            theirs.put(event(f"{uid}-longer", "Tea", start, *guests, minutes=150))
        case "bare":
            theirs.put(event(uid, f"{name} - budget", start))
        case "cancel":
            theirs.put(event(uid, "Tea", start, *guests, "STATUS:CANCELLED"))
        case "drop":
            if f"{uid}.ics" in theirs.personal.resources:
                theirs.personal.drop(f"{uid}.ics")
        case "minutes" | "hours":
            clock.forward(**{kind: number})
        case "back":
            clock.forward(minutes=-number)
        case "people":
            fikad.config = config(*NAMES[: 1 + number % 2])
        case "rules":
            rules = fikad.config.meetings.model_copy(update={"min_minutes": 10 + number % 3 * 40})
            fikad.config = fikad.config.model_copy(update={"meetings": rules})
        case "accept" | "decline" | "missed":
            if holds:
                _answer(kind, holds[number % len(holds)], name, fikad, theirs)
        case "note":
            ledger.add_met(name.lower(), clock() - timedelta(hours=number), clock())
        case "owner":
            theirs.personal.name = f"Personal {number % 3}"
        case "pass":
            fikad.once("none")
        case "plan":
            fikad.once()


def _answer(kind: str, hold: Hold, name: str, fikad: Fikad, theirs: Calendars) -> None:
    """What the user, or a guest, says of a hold; or what the ledger comes to know of it."""
    if kind == "missed":
        fikad.ledger.save_hold(replace(hold, state="missed"))
    elif f"{hold.uid}.ics" in theirs.coffee.resources:
        answer = "ACCEPTED" if kind == "accept" else "DECLINED"
        more = [f"ATTENDEE;PARTSTAT={answer}:mailto:{address(name)}"] if kind == "decline" else []
        theirs.edit(hold.uid, *more, SUMMARY=f"Coffee with {hold.contact_name}")


def test_a_copy_that_ends_later_has_all_that_began_with_it_judged_anew() -> None:
    """Together they are one meeting, or none."""
    theirs, start = calendars(*met_long_ago(NAMES)), SUNDAY + timedelta(hours=1)
    jane, omar, me, ann = (
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{each}"
        for each in (address("Jane"), address("Omar"), ME, "ann@example.com")
    )
    theirs.put(meeting("Jane Doe", start, uid="tea"))
    theirs.put(event("tea-copy", "Tea", start, me, jane, minutes=120))
    theirs.put(meeting("Omar Haddad", start, uid="walk"))
    theirs.coffee.put("walk.ics", event("walk", "Walk", start, me, omar, ann, minutes=120))
    fikad = Fikad(config(*NAMES), theirs.open)
    for _ in range(4):
        fikad.once("none")
        assert_memory_tells_the_same(fikad)
        fikad.clock.forward(minutes=70)
        assert_memory_tells_the_same(fikad)


def test_a_meeting_on_the_edge_of_what_is_judged_for_good_is_told_once() -> None:
    theirs = calendars(meeting("Jane Doe", SUNDAY - timedelta(days=7, minutes=30), uid="edge"))
    theirs.put(meeting("Omar Haddad", SUNDAY, uid="now"))
    fikad = Fikad(config(*NAMES), theirs.open)
    fikad.once("none")
    fikad.clock.forward(minutes=61)
    assert [verdict.occurrence.uid for verdict in fikad.situation().counted] == ["edge", "now"]
    assert_memory_tells_the_same(fikad)


def test_the_last_days_are_judged_whole_even_where_the_history_is_shorter() -> None:
    theirs = calendars(meeting("Jane Doe", SUNDAY - timedelta(days=4)))
    fikad = Fikad(config("Jane Doe", history="3 days"), theirs.open)
    fikad.once("none")
    assert len(fikad.situation().counted) == 1
    assert_memory_tells_the_same(fikad)


def test_a_date_that_a_guest_undid_is_told_without_loading_what_lies_ahead() -> None:
    theirs = calendars(*met_long_ago(["Jane Doe"]))
    fikad = Fikad(config("Jane Doe"), theirs.open)
    fikad.once()
    uid = fikad.hold().uid
    declined = f"ATTENDEE;PARTSTAT=DECLINED:mailto:{address('Jane')}"
    theirs.edit(uid, declined, SUMMARY="Coffee with Jane Doe")
    fikad.once("none")
    loaded = watch_loading(fikad.ledger)
    situation = situation_in(fikad.config, fikad.ledger, fikad.clock())
    assert list(situation.undone) == loaded == [uid]
    assert_memory_tells_the_same(fikad)


def test_a_pass_without_news_judges_nothing_and_loads_no_occurrence() -> None:
    theirs = calendars(*met_long_ago(NAMES))
    now = SUNDAY
    theirs.put(meeting("Jane Doe", now - timedelta(days=2)))
    theirs.put(meeting("Omar Haddad", now + timedelta(hours=1), uid="soon"))
    fikad = Fikad(config(*NAMES), theirs.open)
    fikad.once("none")
    loaded = watch_loading(fikad.ledger)
    fikad.clock.forward(minutes=30)
    assert fikad.once("lost").met == []
    assert loaded == []
    fikad.clock.forward(hours=2)
    assert [met.occurrence.uid for met in fikad.once("lost").met] == ["soon"]
    assert loaded == ["soon"]
    fikad.clock.forward(minutes=30)
    assert fikad.once("lost").met == []
    assert loaded == ["soon"]


def watch_loading(ledger: Ledger) -> list[str]:
    """The UIDs of all occurrences that are loaded from now on."""
    loaded: list[str] = []
    load = ledger._load

    def watched(where: str, *values: object) -> list[Occurrence]:
        occurrences = load(where, *values)
        loaded.extend(occurrence.uid for occurrence in occurrences)
        return occurrences

    ledger._load = watched  # type: ignore[method-assign]
    return loaded


def test_my_own_name_in_a_title_is_nobody_else() -> None:
    theirs = calendars(event("one", "Jane Berg 1:1", SUNDAY - timedelta(days=9)))
    fikad = Fikad(config("Jane Doe", me=["sam.berg@example.com"]), theirs.open)
    fikad.once("none")
    assert [verdict.rule for verdict in fikad.situation().counted] == ["title"]


def test_a_hold_that_is_accepted_later_counts_after_its_end() -> None:
    theirs = calendars(meeting("Jane Doe", SUNDAY - timedelta(weeks=8)))
    fikad = Fikad(config(), theirs.open)
    fikad.once()
    hold = fikad.hold()
    theirs.edit(hold.uid, SUMMARY="Coffee with Jane Doe")
    fikad.clock.forward(weeks=4)
    fikad.once("none")
    situation = read_situation(fikad.config, fikad.ledger, fikad.clock())
    assert [verdict.rule for verdict in situation.counted] == ["attendee", "hold"]
    theirs.edit(hold.uid, SUMMARY="Coffee with Jane Doe?")
    fikad.once("none")
    assert [verdict.rule for verdict in fikad.situation().counted] == ["attendee"]


# --- birthdays that a calendar tells ---


def test_a_birthday_in_a_calendar_is_that_of_the_contact_whose_card_it_names() -> None:
    """Also where the title says somebody else, and only ahead: no birthday is a meeting."""
    fikad = Fikad(config(*NAMES), calendars(*met_long_ago(NAMES)).open)
    fikad.once("none")
    day = datetime(2026, 11, 30, tzinfo=UTC)
    born = Occurrence(
        *("born", day, day + timedelta(days=1), "Omar Haddad's birthday", True),
        kind="birthday",
        birthday_of="people/c7",
    )
    calendar = fikad.ledger.add_calendar("work", "primary", "Sam").id
    fikad.ledger.store_texts(calendar, [Resource("a", '"1"', "text")], [])
    fikad.ledger.store_expanded(calendar, ["a"], [Expanded("a", [born], [], recurring=False)])
    assert {standing.birthday for standing in fikad.situation().standings.values()} == {None}
    fikad.ledger.save_identities({"people/c7": "jane doe"})
    standings = fikad.situation().standings
    assert standings["jane doe"].birthday == day.date()
    assert standings["omar haddad"].birthday is None
    assert next(iter(standings)) == "jane doe"
