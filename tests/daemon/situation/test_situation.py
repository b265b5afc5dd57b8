"""What the ledger remembers of the past never differs from judging everything anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Occurrence, Resource
from daemon.judging.verdict import Verdict
from daemon.ledger.readings import Expanded
from daemon.people.birthdays import with_birthdays
from daemon.situation.assessing import assess, contacts_now, read_situation
from daemon.situation.past import ToldMeetings
from daemon.situation.verdicts import current, first_dates, verdicts_on
from tests.daemon.world import (
    ME,
    SUNDAY,
    Fikad,
    address,
    calendars,
    config,
    event,
    meeting,
    met_long_ago,
)

NAMES = ("Jane Doe", "Omar Haddad")


def facts(fikad: Fikad) -> list[tuple[str, ...]]:
    """What counts, and what nearly does, as the ledger with its memory says."""
    situation = fikad.situation()
    return [
        (
            verdict.contact_key,
            verdict.occurrence.uid,
            verdict.occurrence.start.isoformat(),
            verdict.rule or verdict.code,
        )
        for verdict in (*situation.counted, *situation.nearly)
    ]


def judged_anew(fikad: Fikad) -> list[tuple[str, ...]]:
    """The same from a ledger that never saw these calendars before."""
    other = Fikad(fikad.config, fikad.opener, fikad.clock)
    other.once("none")
    return facts(other)


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
