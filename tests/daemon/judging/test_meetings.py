"""What counts as a completed one-on-one: one statement per clause of the rules, in their order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Attendee, HoldEvent, Occurrence
from daemon.config.schema import Meetings
from daemon.judging.copies import meetings, one_per_event, telling, together
from daemon.judging.known_holds import HoldVerdict
from daemon.judging.meetings import booked, dates_ahead, judge, judge_all, undone
from daemon.judging.verdict import Verdict
from daemon.languages.vocabulary import vocabulary
from daemon.people.contacts import Contact, ContactIndex

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
START = datetime(2026, 2, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = Meetings()
LENIENT = Meetings(count_unanswered=True)
MINE = frozenset({"sam@example.com", "sam@work.example"})


def contact(name: str, *emails: str) -> Contact:
    return Contact(name.casefold(), name, timedelta(days=30), frozenset(emails))


JANE = contact("Jane Doe", "jane@example.com", "jane@work.example")
BOB = contact("Bob Roe", "bob@example.com")
ANNA_B, ANNA_C = (
    contact("Anna Berg", "anna.b@example.com"),
    contact("Anna Cruz", "anna.c@example.com"),
)
INDEX = ContactIndex((JANE, BOB, ANNA_B, ANNA_C), vocabulary=vocabulary())


def guest(email: str, answer: Any = "accepted", **more: Any) -> Attendee:
    return Attendee(email=email, answer=answer, **more)


ME = guest("sam@example.com")
HER = guest("jane@example.com", "needs-action")
HIM = guest("bob@example.com")
STRANGER = guest("someone@else.example")


def event(*attendees: Attendee, **more: Any) -> Occurrence:
    """An hour that has ended; with guests I organize it, unless said otherwise."""
    organizer = more.pop("organizer", Attendee("sam@example.com") if attendees else None)
    start = more.pop("start", START)
    end = more.pop("end", start + HOUR)
    return Occurrence(
        more.pop("uid", "event-1"),
        start,
        end,
        more.pop("title", "Chat"),
        organizer=organizer,
        attendees=attendees,
        **more,
    )


def with_jane(**more: Any) -> Occurrence:
    return event(ME, HER, **more)


def outcome(
    occurrence: Occurrence, who: Contact = JANE, rules: Meetings = RULES, **more: Any
) -> str:
    """The rule by which an occurrence counts, or the code of why not."""
    verdict = judge(
        occurrence,
        who,
        INDEX,
        more.pop("mine", MINE),
        rules,
        more.pop("now", NOW),
        more.pop("holds", {}),
    )
    assert verdict.contact_key == who.key
    assert verdict.occurrence is occurrence
    assert verdict.counted == bool(verdict.rule) != bool(verdict.code)
    assert verdict.reason.endswith(".")
    return verdict.rule or verdict.code


def test_two_people_on_the_list_met() -> None:
    assert outcome(with_jane()) == "attendee"


# --- 1: timed, ended, neither too short nor too long ---


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"all_day": True, "end": START + timedelta(days=1)}, "all-day"),
        ({"all_day": True, "start": NOW, "end": NOW + timedelta(days=1)}, "all-day"),
        ({"start": NOW, "end": NOW + HOUR}, "not-ended"),
        ({"start": NOW - HOUR, "end": NOW + timedelta(seconds=1)}, "not-ended"),
        ({"start": NOW - HOUR, "end": NOW}, "attendee"),
        ({"end": START}, "too-short"),
        ({"end": START + timedelta(minutes=9, seconds=59)}, "too-short"),
        ({"end": START + timedelta(minutes=10)}, "attendee"),
        ({"end": START + timedelta(hours=8)}, "attendee"),
        ({"end": START + timedelta(hours=8, seconds=1)}, "too-long"),
        ({"start": NOW, "end": NOW}, "too-short"),
    ],
)
def test_only_a_timed_ended_meeting_of_a_meetings_length_counts(
    change: dict[str, Any], expected: str
) -> None:
    assert outcome(with_jane(**change)) == expected


def test_the_bounds_of_length_are_configurable() -> None:
    rules = Meetings(min_minutes=0, max_hours=0.5)
    assert outcome(with_jane(end=START), rules=rules) == "attendee"
    assert outcome(with_jane(), rules=rules) == "too-long"


def test_length_is_elapsed_time_across_a_clock_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = with_jane(
        start=datetime(2025, 10, 26, 1, tzinfo=berlin),
        end=datetime(2025, 10, 26, 8, 30, tzinfo=berlin),
    )
    night = replace(night, start=night.start.astimezone(UTC), end=night.end.astimezone(UTC))
    assert outcome(night) == "too-long"


# --- 2: it stands, and is an ordinary event ---


def test_a_cancelled_meeting_does_not_count() -> None:
    assert outcome(with_jane(status="cancelled")) == "cancelled"
    assert outcome(with_jane(title="Canceled: Chat")) == "cancelled"


@pytest.mark.parametrize("kind", ["focus", "out-of-office", "birthday", "working-location"])
def test_what_is_not_an_ordinary_event_does_not_count(kind: str) -> None:
    assert outcome(with_jane(kind=kind)) == "event-type"


# --- 3: I take part ---

FROM_HER = {"organizer": Attendee("jane@example.com")}


@pytest.mark.parametrize(
    ("mine", "organizer", "expected"),
    [
        # she organizes: my own row says it
        (["accepted"], "jane@example.com", "attendee"),
        (["declined"], "jane@example.com", "declined"),
        (["delegated"], "jane@example.com", "declined"),
        (["needs-action"], "jane@example.com", "unanswered"),
        (["tentative"], "jane@example.com", "unanswered"),
        ([], "jane@example.com", "not-mine"),
        # several rows of mine
        (["declined", "accepted"], "jane@example.com", "attendee"),
        (["accepted", "delegated"], "jane@example.com", "attendee"),
        (["declined", "needs-action"], "jane@example.com", "declined"),
        (["tentative", "delegated"], "jane@example.com", "declined"),
        (["tentative", "needs-action"], "jane@example.com", "unanswered"),
        # I organize: whatever my row says, unless it says declined
        ([], "sam@example.com", "attendee"),
        (["needs-action"], "sam@work.example", "attendee"),
        (["tentative"], "sam@example.com", "attendee"),
        (["delegated"], "sam@example.com", "attendee"),
        (["declined"], "sam@example.com", "declined"),
        (["declined", "accepted"], "sam@example.com", "attendee"),
        # nobody organizes: an event of my own calendar when I am not listed
        ([], None, "attendee"),
        (["needs-action"], None, "unanswered"),
        (["accepted"], None, "attendee"),
        (["declined"], None, "declined"),
    ],
)
def test_i_must_take_part(mine: list[str], organizer: str | None, expected: str) -> None:
    rows = [guest(address, answer) for address, answer in zip(sorted(MINE), mine, strict=False)]
    occurrence = event(HER, *rows, organizer=Attendee(organizer) if organizer else None)
    assert outcome(occurrence) == expected


@pytest.mark.parametrize(
    ("owner", "expected"),
    [("", "title"), ("sam@example.com", "title"), ("partner@example.com", "not-mine")],
)
def test_without_guests_an_event_is_of_whoever_owns_the_calendar(owner: str, expected: str) -> None:
    for organizer in (None, Attendee("stranger@example.com")):
        assert (
            outcome(event(title="Coffee with Jane Doe", organizer=organizer, owner=owner))
            == expected
        )


def test_an_invitation_in_somebody_elses_calendar_that_i_accepted_is_mine() -> None:
    assert (
        outcome(with_jane(organizer=Attendee("jane@example.com"), owner="partner@example.com"))
        == "attendee"
    )


def test_an_organizer_without_an_address_is_none_unless_i_am_listed() -> None:
    nobody = Attendee("", "nomail")
    assert outcome(event(HER, organizer=nobody)) == "attendee"
    assert (
        outcome(event(HER, guest("sam@example.com", "needs-action"), organizer=nobody))
        == "unanswered"
    )


def test_where_nobodys_answer_is_told_mine_was_yes() -> None:
    rows = [guest(address, "unknown") for address in ("sam@example.com", "jane@example.com")]
    assert outcome(event(*rows, organizer=Attendee("jane@example.com"))) == "attendee"


def test_my_addresses_need_not_be_those_of_mail() -> None:
    rows = (HER, guest("urn:uuid:1a", "accepted"))
    occurrence = event(*rows, organizer=Attendee("/principals/users/jane"))
    assert outcome(occurrence, mine=MINE | {"urn:uuid:1a"}) == "attendee"
    assert outcome(occurrence) == "not-mine"


@pytest.mark.parametrize(
    "email",
    [
        "fred@fireflies.ai", "pilot@otter.ai", "bot@eu.read.ai", "notes@fathom.video",
        '"fred@work"@fireflies.ai',
    ],
)  # fmt: skip
def test_programs_that_take_notes_are_not_people(email: str) -> None:
    assert outcome(event(ME, HER, guest(email))) == "attendee"
    assert outcome(event(ME, guest(email), title="Coffee with Jane Doe")) == "title"


def test_an_address_that_is_not_one_of_mail_is_no_note_takers() -> None:
    assert outcome(event(ME, HER, guest("/principals/x.fireflies.ai"))) == "not-one-to-one"


def test_the_config_names_more_guests_who_are_not_people() -> None:
    with_bots = event(ME, HER, guest("notes@bots.example"), guest("scribe@example.com"))
    assert outcome(with_bots) == "not-one-to-one"
    assert (
        outcome(with_bots, rules=Meetings(not_people=("@Bots.example", "scribe@example.com")))
        == "attendee"
    )
    lookalike = event(ME, HER, guest("jo@notbots.example"))
    assert outcome(lookalike, rules=Meetings(not_people=("bots.example",))) == "not-one-to-one"


def test_the_server_can_say_which_row_is_mine() -> None:
    mine = guest("unlisted@example.com", me=True)
    assert outcome(event(mine, HER, **FROM_HER)) == "attendee"
    assert outcome(event(HER, organizer=Attendee("unlisted@example.com", me=True))) == "attendee"
    assert outcome(event(guest("unlisted@example.com"), HER, **FROM_HER)) == "not-mine"


def test_unanswered_invitations_count_only_when_the_user_says_so() -> None:
    for answer in ("needs-action", "tentative"):
        invitation = event(guest("sam@example.com", answer), HER, **FROM_HER)
        assert outcome(invitation) == "unanswered"
        assert outcome(invitation, rules=LENIENT) == "attendee"
    assert (
        outcome(event(guest("sam@example.com", "declined"), HER, **FROM_HER), rules=LENIENT)
        == "declined"
    )


def test_an_event_of_mine_that_is_marked_tentative_is_unanswered() -> None:
    for occurrence in (
        with_jane(status="tentative"),
        event(HER, status="tentative"),
        event(HER, organizer=None, status="tentative"),
    ):
        assert outcome(occurrence) == "unanswered"
        assert outcome(occurrence, rules=LENIENT) == "attendee"
    assert outcome(event(title="Lunch with Jane", status="tentative")) == "unanswered"


def test_anothers_event_that_is_marked_tentative_counts_when_i_accepted() -> None:
    assert outcome(event(ME, HER, status="tentative", **FROM_HER)) == "attendee"


def test_an_event_without_guests_is_my_own_whoever_organizes_it() -> None:
    assert (
        outcome(event(title="Lunch with Jane", organizer=Attendee("office@example.com"))) == "title"
    )


def test_somebody_who_was_only_sent_a_copy_does_not_take_part() -> None:
    assert outcome(event(guest("sam@example.com", takes_part=False), HER, **FROM_HER)) == "not-mine"


COPIED = guest("sam@example.com", takes_part=False)


@pytest.mark.parametrize(
    ("occurrence", "reason"),
    [
        (with_jane(end=START), "It is shorter than 10 minutes."),
        (with_jane(end=START + 9 * HOUR), "It is longer than 8 hours."),
        (with_jane(kind="focus"), "It is focus time, not a meeting."),
        (with_jane(kind="birthday"), "It is a birthday, not a meeting."),
        (
            event(guest("sam@example.com", "tentative"), HER, **FROM_HER),
            "You only said maybe.",
        ),
        (
            event(guest("sam@example.com", "needs-action"), HER, **FROM_HER),
            "You did not answer the invitation.",
        ),
        (event(COPIED, HER, **FROM_HER), "You were only sent a copy."),
        (event(HER, **FROM_HER), "You are not on it."),
        (event(HER, organizer=None, owner="x@y.example"), "It stands in somebody else's calendar."),
        (event(guest("sam@example.com", "declined"), HER, **FROM_HER), "You declined."),
        (
            event(guest("sam@example.com", "delegated"), HER, **FROM_HER),
            "You sent somebody else.",
        ),
        (with_jane(status="tentative"), "You marked it as tentative."),
        (with_jane(status="cancelled"), "It was cancelled."),
        (with_jane(title="Cancelled: Chat"), "Its title says that it was cancelled."),
        (event(ME, HER, guests_hidden=True, **FROM_HER), "Its guest list is hidden."),
        (event(ME, replace(HER, extra_guests=1)), "A guest brings others along."),
        (event(ME, HER, HIM), "Two people besides you were on it."),
        (event(ME, replace(HER, answer="delegated")), "Jane Doe sent somebody else."),
        (with_jane(), "You and Jane Doe were the only two on it."),
    ],
)
def test_the_reason_given_is_the_true_one(occurrence: Occurrence, reason: str) -> None:
    assert judge(occurrence, JANE, INDEX, MINE, RULES, NOW, {}).reason == reason


def test_a_bound_of_one_is_told_in_the_singular() -> None:
    one = Meetings(min_minutes=1, max_hours=1)
    short, long = with_jane(end=START), with_jane(end=START + 2 * HOUR)
    told = [judge(it, JANE, INDEX, MINE, one, NOW, {}).reason for it in (short, long)]
    assert told == ["It is shorter than 1 minute.", "It is longer than 1 hour."]


# --- 4: the guest list can be known ---


@pytest.mark.parametrize(
    ("occurrence", "expected"),
    [
        (event(ME, HER, guests_hidden=True, **FROM_HER), "guests-unknown"),
        (event(ME, HER, guests_hidden=True), "attendee"),
        (event(ME, HER, guests_omitted=True), "guests-unknown"),
        (event(title="Lunch with Jane", guests_omitted=True), "guests-unknown"),
        (event(ME, replace(HER, extra_guests=1)), "guests-unknown"),
        (event(replace(ME, extra_guests=2), HER), "guests-unknown"),
        (event(ME, HER, guest("bob@example.com", "declined", extra_guests=2)), "attendee"),
        (event(ME, HER, guest("team@example.com", kind="group")), "guests-unknown"),
        (event(ME, HER, guest("team@example.com", kind="group", takes_part=False)), "attendee"),
    ],
)
def test_an_unknown_guest_list_is_no_one_on_one(occurrence: Occurrence, expected: str) -> None:
    assert outcome(occurrence) == expected


@pytest.mark.parametrize(
    "thing",
    [
        guest("room@example.com", kind="room"),
        guest("beamer@example.com", kind="resource"),
        guest("c_123@resource.calendar.google.com"),
        guest("boss@example.com", takes_part=False),
    ],
)
def test_rooms_resources_and_copies_are_not_people(thing: Attendee) -> None:
    assert outcome(event(ME, HER, thing)) == "attendee"
    assert outcome(event(ME, thing, title="Lunch with Jane")) == "title"


def test_an_address_that_only_looks_like_a_room_is_a_person() -> None:
    assert outcome(event(ME, HER, guest("x@fakeresource.calendar.google.com"))) == "not-one-to-one"


# --- 5: exactly one other person, known by address ---


@pytest.mark.parametrize(
    ("guests", "expected"),
    [
        ([guest("jane@work.example", "tentative")], "attendee"),
        ([guest("jane@example.com", "declined")], "declined-by-them"),
        ([guest("jane@example.com", "delegated")], "declined-by-them"),
        ([HER, HIM], "not-one-to-one"),
        ([HER, STRANGER], "not-one-to-one"),
        ([HER, guest("")], "not-one-to-one"),
        ([guest(""), guest("")], "not-one-to-one"),
        ([HER, guest("bob@example.com", "declined")], "attendee"),
        ([HER, guest("bob@example.com", "delegated")], "attendee"),
        ([guest("jane@example.com", "declined"), HIM, STRANGER], "declined-by-them"),
        ([HIM], "unknown-person"),
        ([STRANGER], "unknown-person"),
        ([guest("")], "unknown-person"),
        ([guest("someone@else.example", "declined")], "not-one-to-one"),
    ],
)
def test_exactly_one_other_and_that_is_the_contact(guests: list[Attendee], expected: str) -> None:
    assert outcome(event(ME, *guests)) == expected


@pytest.mark.parametrize(
    ("others", "told"), [(2, "Two"), (9, "Nine"), (10, "Ten"), (11, "11"), (40, "40")]
)
def test_how_many_there_were_besides_me_is_told(others: int, told: str) -> None:
    crowd = event(ME, HER, *(guest(f"{number}@else.example") for number in range(others - 1)))
    verdict = judge(crowd, JANE, INDEX, MINE, RULES, NOW, {})
    assert verdict.reason == f"{told} people besides you were on it."


def test_a_display_name_never_identifies_anyone() -> None:
    assert (
        outcome(event(ME, guest("someone@else.example", name="Jane Doe"), title="Jane Doe"))
        == "unknown-person"
    )
    assert outcome(event(ME, guest("", name="jane@example.com"))) == "unknown-person"


def test_two_addresses_of_one_contact_are_one_person() -> None:
    both = [guest("jane@example.com", "needs-action"), guest("jane@work.example", "needs-action")]
    assert outcome(event(ME, *both)) == "attendee"
    assert outcome(event(ME, HER, HER)) == "attendee"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("accepted", "declined"), "attendee"),
        (("declined", "needs-action"), "declined-by-them"),
        (("declined", "delegated"), "declined-by-them"),
        (("delegated", "tentative"), "declined-by-them"),
    ],
)
def test_of_two_answers_of_one_person_the_firmest_is_believed(
    answers: tuple[str, str], expected: str
) -> None:
    rows = [guest("jane@example.com", answers[0]), guest("jane@work.example", answers[1])]
    assert outcome(event(ME, *rows)) == expected
    assert outcome(event(*reversed(rows), ME)) == expected


def test_my_other_address_is_not_another_person() -> None:
    assert outcome(event(ME, guest("sam@work.example"), HER)) == "attendee"


def test_an_unlisted_organizer_is_the_other_when_only_i_was_invited() -> None:
    assert outcome(event(ME, **FROM_HER)) == "attendee"
    assert (
        outcome(event(ME, organizer=Attendee("someone@else.example"), title="Lunch with Jane"))
        == "unknown-person"
    )
    room = guest("room@example.com", kind="room")
    assert outcome(event(ME, room, **FROM_HER)) == "attendee"


def test_my_other_address_that_organizes_is_not_another_person() -> None:
    assert (
        outcome(event(ME, organizer=Attendee("sam@work.example"), title="Lunch with Jane"))
        == "title"
    )


def test_a_secretarys_meeting_is_not_a_meeting_with_the_secretary() -> None:
    secretary = Attendee("bob@example.com")
    assert outcome(event(ME, HER, organizer=secretary)) == "attendee"
    assert outcome(event(ME, HER, organizer=secretary), BOB) == "unknown-person"
    assert (
        outcome(event(ME, replace(HER, answer="declined"), organizer=secretary), BOB)
        == "not-one-to-one"
    )


def test_an_unlisted_organizer_is_nobody_when_i_am_not_listed() -> None:
    assert outcome(event(**FROM_HER)) == "nobody-named"
    assert outcome(event(title="Lunch with Bob", **FROM_HER), BOB) == "title"


def test_an_organizer_listed_as_a_copy_is_listed() -> None:
    assert outcome(event(ME, replace(HER, takes_part=False), **FROM_HER)) == "nobody-named"


def test_a_shared_calendar_that_organizes_is_nobody() -> None:
    shared = Attendee("c_9@group.calendar.google.com")
    assert outcome(event(ME, organizer=shared, title="Lunch with Jane")) == "title"


# --- 6: nobody else listed: the title ---


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Lunch with Jane", "title"),
        ("Jane Doe", "title"),
        ("Dentist", "nobody-named"),
        ("Lunch with Bob", "nobody-named"),
        ("Lunch with Jane and Bob", "several-named"),
        ("Jane", "no-meeting-word"),
        ("Jane's lunch", "not-a-meeting-title"),
        ("Lunch with Jane?", "not-a-meeting-title"),
        ("Jane Doe's birthday", "not-a-meeting-title"),
    ],
)
def test_without_guests_the_title_must_name_the_contact(title: str, expected: str) -> None:
    assert outcome(event(title=title)) == expected
    assert outcome(event(ME, title=title)) == expected


def test_a_first_name_of_two_contacts_is_ambiguous() -> None:
    assert outcome(event(title="Lunch with Anna"), ANNA_B) == "ambiguous-name"
    assert outcome(event(title="Lunch with Anna Berg"), ANNA_B) == "title"


def test_the_title_says_nothing_once_somebody_was_invited() -> None:
    assert outcome(event(ME, HIM, title="Lunch with Jane Doe")) == "unknown-person"
    assert (
        outcome(event(ME, guest("bob@example.com", "declined"), title="Lunch with Jane Doe"))
        == "not-one-to-one"
    )
    assert outcome(event(ME, HER, title="Lunch with Bob?")) == "attendee"


# --- the order of the rules ---


def test_the_first_rule_that_fails_gives_the_reason() -> None:
    """Everything is wrong with it; mending one thing at a time brings out the next."""
    rows = (
        guest("sam@example.com", "declined"),
        guest("jane@example.com", "declined"),
        guest("team@example.com", kind="group"),
    )
    rules = []
    occurrence = event(
        *rows,
        all_day=True,
        start=NOW,
        end=NOW + timedelta(minutes=5),
        status="cancelled",
        kind="focus",
    )
    for change in (
        {"all_day": False},
        {"start": NOW - HOUR, "end": NOW - HOUR + timedelta(minutes=5)},
        {"end": NOW},
        {"status": "confirmed"},
        {"kind": "default"},
        {"attendees": (ME, *rows[1:])},
        {"attendees": (ME, rows[1])},
        {"attendees": (ME, HER, STRANGER)},
        {"attendees": (ME, STRANGER)},
        {"attendees": (ME,)},
        {"title": "Jane"},
        {"title": "Jane?"},
        {"title": "Jane, lunch"},
    ):
        rules.append(outcome(occurrence))
        occurrence = replace(occurrence, **change)
    assert [*rules, outcome(occurrence)] == [
        "all-day", "not-ended", "too-short", "cancelled", "event-type", "declined",
        "guests-unknown",
        "declined-by-them", "not-one-to-one", "unknown-person", "nobody-named", "no-meeting-word",
        "not-a-meeting-title", "title",
    ]  # fmt: skip


# --- holds ---

HOLD_UID = "fikad-0123456789abcdef"


def hold(uid: str = HOLD_UID, **more: Any) -> Occurrence:
    title = more.get("title", "Coffee with Jane Doe")
    return event(
        uid=uid,
        hold=HoldEvent(uid, title, START, START + HOUR),
        **({"title": title, "status": "tentative"} | more),
    )


ACCEPTED = {HOLD_UID: HoldVerdict(JANE.key, accepted=True)}
PROPOSED = {HOLD_UID: HoldVerdict(JANE.key, accepted=False)}


def test_an_accepted_hold_counts_and_an_unanswered_one_never_does() -> None:
    assert outcome(hold(), holds=ACCEPTED) == "hold"
    assert outcome(hold(), holds=PROPOSED) == "hold"
    assert judge(hold(), JANE, INDEX, MINE, RULES, NOW, ACCEPTED).counted
    assert not judge(hold(), JANE, INDEX, MINE, RULES, NOW, PROPOSED).counted
    assert not judge(hold(), JANE, INDEX, MINE, LENIENT, NOW, PROPOSED).counted


def test_a_hold_without_guests_is_judged_by_time_and_cancellation_alone() -> None:
    assert judge(hold(), JANE, INDEX, MINE, RULES, NOW, ACCEPTED).counted
    crowded = replace(hold(title="Something else"), kind="focus", guests_omitted=True)
    assert judge(crowded, JANE, INDEX, MINE, RULES, NOW, ACCEPTED).counted
    assert outcome(replace(crowded, status="cancelled"), holds=ACCEPTED) == "cancelled"
    assert outcome(replace(crowded, all_day=True), holds=ACCEPTED) == "all-day"
    assert outcome(hold(start=NOW, end=NOW + HOUR), holds=ACCEPTED) == "not-ended"
    assert outcome(hold(end=START), holds=ACCEPTED) == "too-short"


@pytest.mark.parametrize(
    ("guests", "code"),
    [
        ((ME, HER), "hold"),
        ((HER,), "hold"),
        ((ME, guest("jane@example.com")), "hold"),
        ((ME,), "hold"),
        ((ME, guest("jane@example.com", "declined")), "declined-by-them"),
        ((guest("jane@work.example", "declined"),), "declined-by-them"),
        ((ME, HER, HIM), "not-one-to-one"),
        ((ME, HER, STRANGER), "not-one-to-one"),
        ((ME, HER, guest("bob@example.com", "declined")), "hold"),
        ((ME, STRANGER), "unknown-person"),
        ((guest("sam@example.com", "declined"), HER), "declined"),
        ((ME, replace(HER, extra_guests=1)), "guests-unknown"),
    ],
)
def test_an_accepted_hold_with_guests_is_held_against_the_rules_for_guests(
    guests: Any, code: str
) -> None:
    invited = replace(hold(organizer=Attendee("sam@example.com")), attendees=guests)
    assert outcome(invited, holds=ACCEPTED) == code
    assert judge(invited, JANE, INDEX, MINE, RULES, NOW, ACCEPTED).counted == (code == "hold")
    assert not judge(invited, JANE, INDEX, MINE, RULES, NOW, PROPOSED).counted


def test_a_hold_may_count_only_when_a_guest_said_yes() -> None:
    strict = Meetings(count_holds="confirmed")
    for guests, counts in (
        ((), False),
        ((ME, HER), False),
        ((ME, guest("jane@example.com")), True),
        ((ME, guest("jane@example.com", "declined")), False),
        ((ME, STRANGER), False),
    ):
        verdict = judge(replace(hold(), attendees=guests), JANE, INDEX, MINE, strict, NOW, ACCEPTED)
        assert verdict.counted == counts, guests
        assert booked(
            [replace(hold(**AHEAD), attendees=guests)], INDEX, MINE, strict, NOW, ACCEPTED
        ).keys() == (
            {"jane doe"} if guests in ((), (ME, HER), (ME, guest("jane@example.com"))) else set()
        )


def test_who_took_over_a_hold_and_invited_me_said_yes() -> None:
    strict = Meetings(count_holds="confirmed")
    hers = replace(hold(organizer=Attendee("jane@example.com")), attendees=(ME,))
    assert judge(hers, JANE, INDEX, MINE, strict, NOW, ACCEPTED).counted


def test_a_hold_that_nobody_confirmed_says_so() -> None:
    strict = Meetings(count_holds="confirmed")
    verdict = judge(hold(), JANE, INDEX, MINE, strict, NOW, ACCEPTED)
    assert verdict.code == "hold"
    assert "Jane Doe did not confirm it" in verdict.reason


def test_a_date_that_its_guests_undid_is_told_and_not_booked() -> None:
    def told(*guests: Attendee, holds: dict[str, HoldVerdict] = ACCEPTED) -> dict[str, str]:
        return undone([replace(hold(**AHEAD), attendees=guests)], INDEX, MINE, RULES, NOW, holds)

    assert told(ME, guest("jane@example.com", "declined")) == {HOLD_UID: "Jane Doe declined."}
    assert told(ME, HER, HIM).keys() == {HOLD_UID}
    assert told(ME, HER) == told(ME, STRANGER) == told() == {}
    assert told(ME, guest("jane@example.com", "declined"), holds=PROPOSED) == {}
    assert (
        booking(
            replace(hold(**AHEAD), attendees=(ME, guest("jane@example.com", "declined"))),
            holds=ACCEPTED,
        )
        == {}
    )


def test_every_date_ahead_that_its_guests_undid_is_told_and_no_other() -> None:
    no = guest("jane@example.com", "declined")
    second = "fikad-1123456789abcdef"
    holds = {**ACCEPTED, second: HoldVerdict(JANE.key, accepted=True)}
    both = [
        replace(hold(**AHEAD), attendees=(ME, no)),
        replace(
            hold(second, start=NOW + timedelta(days=9), end=NOW + timedelta(days=9, hours=1)),
            attendees=(guest("sam@example.com", "declined"), HER),
        ),
    ]
    over = [replace(date, start=NOW - HOUR, end=NOW) for date in both]
    strict = Meetings(count_holds="confirmed")
    for rules in (RULES, strict):
        told = undone(both, INDEX, MINE, rules, NOW, holds)
        assert told == {HOLD_UID: "Jane Doe declined.", second: "You declined."}
        assert undone(over, INDEX, MINE, rules, NOW, holds) == {}
        assert undone([*over, both[0]], INDEX, MINE, rules, NOW, holds).keys() == {HOLD_UID}
    assert undone(both, INDEX, MINE, RULES, NOW, {}) == {}, "nothing is known of them"


def test_a_hold_that_was_missed_never_counts_and_says_so() -> None:
    missed = {HOLD_UID: HoldVerdict("jane doe", accepted=False, missed=True)}
    verdict = judge(hold(), JANE, INDEX, MINE, LENIENT, NOW, missed)
    assert (verdict.counted, verdict.code) == (False, "hold")
    assert "did not happen" in verdict.reason


def test_a_hold_that_the_ledger_does_not_know_never_counts() -> None:
    verdicts = list(judge_all([hold()], INDEX, MINE, LENIENT, NOW))
    assert [(verdict.contact_key, verdict.counted, verdict.code) for verdict in verdicts] == [
        ("jane doe", False, "hold")
    ]


def test_a_hold_belongs_to_its_contact_whatever_it_is_called() -> None:
    renamed = hold(title="Coffee with Bob Roe")
    verdicts = {
        verdict.contact_key: verdict
        for verdict in judge_all([renamed], INDEX, MINE, RULES, NOW, ACCEPTED)
    }
    assert verdicts["jane doe"].counted
    assert not verdicts["bob roe"].counted
    assert verdicts["bob roe"].code == "hold"


@pytest.mark.parametrize(
    "uid", ["fikad-abc", "fikad0123456789abcdef", "fikad0123456789abcdef@google.com"]
)
def test_an_event_of_ours_is_known_by_its_uid(uid: str) -> None:
    copy = event(uid=uid, title="Coffee with Jane Doe")
    assert not judge(copy, JANE, INDEX, MINE, RULES, NOW).counted
    known = {uid.partition("@")[0]: HoldVerdict(JANE.key, accepted=True)}
    assert judge(copy, JANE, INDEX, MINE, RULES, NOW, known).rule == "hold"


def test_an_event_of_ours_is_known_by_the_uid_in_it_where_its_own_is_another() -> None:
    moved = replace(hold(), uid="0123@google.com")
    assert judge(moved, JANE, INDEX, MINE, RULES, NOW, ACCEPTED).counted


@pytest.mark.parametrize("uid", ["fikadventure@example.com", "my-fikad-1", "FIKA-1", ""])
def test_an_event_whose_uid_only_looks_like_ours_is_ordinary(uid: str) -> None:
    assert outcome(event(uid=uid, title="Coffee with Jane Doe")) == "title"


# --- everybody at once ---


def involved(occurrence: Occurrence) -> list[str]:
    return [verdict.contact_key for verdict in judge_all([occurrence], INDEX, MINE, RULES, NOW)]


@pytest.mark.parametrize(
    ("occurrence", "keys"),
    [
        (event(title="Dentist"), []),
        (event(ME, STRANGER), []),
        (event(ME, HIM, HER), ["jane doe", "bob roe"]),
        (event(ME, organizer=Attendee("bob@example.com")), ["bob roe"]),
        (event(ME, STRANGER, title="About Jane"), ["jane doe"]),
        (event(title="Lunch with Anna"), ["anna berg", "anna cruz"]),
        (event(title="Lunch with Bob and Jane"), ["jane doe", "bob roe"]),
        (event(title="Lunch with Jane Smith"), ["jane doe"]),
        (event(ME, replace(HER, takes_part=False), HIM, title="Bob"), ["jane doe", "bob roe"]),
    ],
)
def test_a_verdict_is_given_for_everybody_an_event_involves(
    occurrence: Occurrence, keys: list[str]
) -> None:
    assert involved(occurrence) == keys


def test_what_has_not_ended_is_judged_too() -> None:
    ahead = with_jane(start=NOW, end=NOW + HOUR)
    assert [verdict.code for verdict in judge_all([ahead], INDEX, MINE, RULES, NOW)] == [
        "not-ended"
    ]


def test_judging_all_agrees_with_judging_one() -> None:
    occurrences = [with_jane(), event(title="Lunch with Anna"), event(ME, HIM, HER), hold()]
    for verdict in judge_all(occurrences, INDEX, MINE, RULES, NOW, ACCEPTED):
        who = INDEX.by_key(verdict.contact_key)
        assert who is not None
        assert judge(verdict.occurrence, who, INDEX, MINE, RULES, NOW, ACCEPTED) == verdict


# --- copies of one event ---


def settled(*occurrences: Occurrence) -> list[str]:
    """What copies of one event come to for Jane, in whichever order they are read."""
    results = []
    for copies in (occurrences, occurrences[::-1]):
        verdicts = [
            v for v in judge_all(copies, INDEX, MINE, RULES, NOW) if v.contact_key == JANE.key
        ]
        results.append([verdict.rule or verdict.code for verdict in one_per_event(verdicts)])
    assert results[0] == results[1]
    return results[0]


def test_the_same_event_in_two_calendars_is_one_meeting() -> None:
    assert settled(with_jane(calendar="Work"), with_jane(calendar="Home")) == ["attendee"]


def test_other_events_and_other_instances_are_their_own_meetings() -> None:
    assert settled(with_jane(), with_jane(start=START + timedelta(days=7))) == [
        "attendee",
        "attendee",
    ]
    later = with_jane(uid="event-2", start=START + HOUR)
    assert settled(with_jane(), later) == ["attendee", "attendee"]


def test_the_same_person_at_the_same_time_counts_once_by_the_better_evidence() -> None:
    assert settled(with_jane(), with_jane(uid="event-2")) == ["attendee"]
    assert settled(event(uid="copy", title="Coffee with Jane Doe"), with_jane()) == ["attendee"]


def test_one_copy_that_counts_is_enough() -> None:
    declined = event(guest("sam@work.example", "declined"), HER, **FROM_HER)
    hidden = event(ME, guests_hidden=True, **FROM_HER)
    unnamed = event(title="Lunch")
    assert settled(declined, event(ME, HER, **FROM_HER)) == ["attendee"]
    assert settled(hidden, with_jane()) == ["attendee"]
    assert settled(unnamed, with_jane()) == ["attendee"]
    assert settled(event(title="Lunch with Jane"), with_jane()) == ["attendee"]


def test_a_copy_that_knows_better_wins() -> None:
    assert settled(with_jane(), with_jane(status="cancelled")) == ["cancelled"]
    assert settled(with_jane(), event(ME, replace(HER, answer="declined"))) == ["declined-by-them"]
    assert settled(event(title="Lunch with Jane"), event(ME, HER, HIM)) == ["not-one-to-one"]
    assert settled(with_jane(), event(ME, HER, HIM)) == ["not-one-to-one"]
    assert settled(
        event(title="Lunch with Jane"), event(ME, STRANGER, title="Lunch with Jane")
    ) == ["unknown-person"]


def test_the_copy_that_came_furthest_gives_the_reason() -> None:
    short = with_jane(end=START + timedelta(minutes=5))
    assert settled(short, event(guest("sam@example.com", "declined"), HER, **FROM_HER)) == [
        "declined"
    ]


def test_a_copy_of_an_accepted_hold_under_a_name_of_its_own_is_the_same_meeting() -> None:
    copy = event(uid="copy", title="Coffee with Jane Doe")
    for copies in ([hold(), copy], [copy, hold()]):
        [counted] = meetings(judge_all(copies, INDEX, MINE, RULES, NOW, ACCEPTED))
        assert (counted.rule, counted.occurrence.uid) == ("hold", HOLD_UID)


def test_what_tells_is_what_counts_or_lacks_little() -> None:
    neither, nearly = (
        event(uid="x", title="Lunch for Jane Doe"),
        event(uid="y", title="Jane Doe - budget"),
    )
    told = telling(judge_all([neither, nearly, with_jane()], INDEX, MINE, RULES, NOW))
    assert {verdict.occurrence.uid for verdict in told} == {"y", "event-1"}


@given(
    st.lists(
        st.builds(
            with_jane,
            uid=st.sampled_from(["a", "b", ""]),
            start=st.integers(0, 3).map(lambda days: START - timedelta(days=days)),
            end=st.integers(0, 3).map(lambda hours: START + (hours + 1) * HOUR / 2),
            status=st.sampled_from(["confirmed", "cancelled"]),
            calendar=st.sampled_from(["Home", "Work"]),
        ),
        max_size=9,
    )
)
def test_judged_by_those_that_begin_together_it_comes_to_the_same(every: list[Occurrence]) -> None:
    by_start = sorted(every, key=lambda occurrence: occurrence.start)
    apart = [
        verdict
        for some in together(by_start)
        for verdict in telling(judge_all(some, INDEX, MINE, RULES, NOW))
    ]
    assert apart == telling(judge_all(by_start, INDEX, MINE, RULES, NOW))


def test_meetings_are_those_that_count_sorted_by_start() -> None:
    later = with_jane(start=START + timedelta(days=1))
    verdicts = judge_all(
        [later, with_jane(status="cancelled", uid="x"), with_jane()], INDEX, MINE, RULES, NOW
    )
    assert [verdict.occurrence.start for verdict in meetings(verdicts)] == [START, later.start]


# --- booked ---


def booking(
    *occurrences: Occurrence, holds: dict[str, HoldVerdict] | None = None
) -> dict[str, datetime]:
    dates = booked(occurrences, INDEX, MINE, RULES, NOW, holds or {})
    return {key: occurrence.start for key, occurrence in dates.items()}


AHEAD: dict[str, Any] = {"start": NOW + timedelta(days=3), "end": NOW + timedelta(days=3) + HOUR}


def test_the_next_meeting_ahead_is_booked() -> None:
    later = with_jane(start=NOW + timedelta(days=9))
    assert booking(later, with_jane(**AHEAD), with_jane()) == {"jane doe": AHEAD["start"]}
    assert booking(with_jane()) == {}
    assert booking() == {}


EVENTS_AHEAD = st.builds(
    lambda guests, uid, start, hours, status: event(
        *guests, uid=uid, start=NOW + start * HOUR, end=NOW + (start + hours) * HOUR, status=status
    ),
    st.sampled_from([(ME, HER), (ME, HIM), (ME, HER, HIM)]),
    st.sampled_from("abc"),
    st.integers(-2, 4),
    st.integers(1, 4),
    st.sampled_from(["confirmed", "confirmed", "cancelled"]),
)


@settings(max_examples=200)
@given(st.lists(EVENTS_AHEAD, max_size=6))
def test_dates_ahead_only_go_at_their_ends_until_they_are_to_be_judged_anew(
    occurrences: list[Occurrence],
) -> None:
    ahead = dates_ahead(occurrences, INDEX, MINE, RULES, NOW)
    for hours in range(9):
        now = NOW + hours * HOUR
        if ahead.until is not None and now >= ahead.until:
            break
        anew = dates_ahead(occurrences, INDEX, MINE, RULES, now).dates
        assert [date for date in ahead.dates if date.occurrence.end > now] == [*anew]


def test_a_copy_that_ends_earlier_has_them_judged_anew_then() -> None:
    """A cancelled copy takes the other's word only as long as it lies ahead."""
    start = NOW + HOUR
    copies = [
        with_jane(start=start, end=start + 2 * HOUR),
        with_jane(start=start, end=start + HOUR, status="cancelled"),
    ]
    ahead = dates_ahead(copies, INDEX, MINE, RULES, NOW)
    assert (ahead.dates, ahead.until) == ([], start + HOUR)
    assert booked(copies, INDEX, MINE, RULES, start + HOUR) == {JANE.key: copies[0]}
    alone = dates_ahead(copies[:1], INDEX, MINE, RULES, NOW)
    assert (len(alone.dates), alone.until) == (1, None)
    later = [
        replace(copy, uid="later", start=copy.start + 9 * HOUR, end=copy.end + 9 * HOUR)
        for copy in copies
    ]
    assert dates_ahead([*later, *copies], INDEX, MINE, RULES, NOW).until == start + HOUR
    crowded = [event(ME, HER, HIM, start=start, end=copy.end) for copy in copies]
    assert dates_ahead(crowded, INDEX, MINE, RULES, NOW).until is None, "it is no date of hers"


def test_a_meeting_going_on_is_booked() -> None:
    going_on = with_jane(start=NOW - timedelta(minutes=5))
    assert booking(going_on) == {"jane doe": going_on.start}


@pytest.mark.parametrize(
    ("occurrence", "expected"),
    [
        (event(guest("sam@example.com", "needs-action"), HER, **FROM_HER, **AHEAD), True),
        (event(guest("sam@example.com", "tentative"), HER, **FROM_HER, **AHEAD), True),
        (event(title="Lunch with Jane", status="tentative", **AHEAD), True),
        (event(guest("sam@example.com", "declined"), HER, **FROM_HER, **AHEAD), False),
        (event(ME, replace(HER, answer="declined"), **AHEAD), False),
        (event(ME, HER, HIM, **AHEAD), False),
        (event(ME, HER, status="cancelled", **AHEAD), False),
        (event(title="Lunch with Jane?", **AHEAD), False),
    ],
)
def test_booked_is_what_would_count_or_only_lacks_my_answer(
    occurrence: Occurrence, expected: bool
) -> None:
    assert bool(booking(occurrence)) == expected


def test_an_accepted_hold_ahead_is_booked_and_a_proposed_one_is_not() -> None:
    assert booking(hold(**AHEAD), holds=ACCEPTED) == {"jane doe": AHEAD["start"]}
    assert booking(hold(**AHEAD), holds=PROPOSED) == {}


# --- whatever stands in a calendar ---

EMAILS = st.sampled_from(["", "sam@example.com", "sam@work.example", "jane@example.com",
"jane@work.example",
                          "bob@example.com", "x@else.example",
                          "r@resource.calendar.google.com"])  # fmt: skip
ROWS = st.builds(
    Attendee,
    email=EMAILS,
    name=st.text(max_size=5),
    kind=st.sampled_from(["person", "person", "person", "group", "room"]),
    answer=st.sampled_from(["accepted", "declined", "tentative", "needs-action", "delegated"]),
    takes_part=st.sampled_from([True, True, False]),
    extra_guests=st.sampled_from([0, 0, 0, 1]),
)
OCCURRENCES = st.builds(
    Occurrence,
    uid=st.one_of(st.text(max_size=8), st.just(HOLD_UID)),
    start=st.just(START),
    end=st.sampled_from([START, START + HOUR, NOW + HOUR, START + timedelta(hours=9)]),
    title=st.one_of(
        st.text(),
        st.sampled_from(["Lunch with Jane", "Jane Doe", "Jane & Bob", "Anna 1:1", "Jane's"]),
    ),
    all_day=st.sampled_from([False, False, False, True]),
    status=st.sampled_from(["confirmed", "confirmed", "tentative", "cancelled"]),
    organizer=st.none() | ROWS,
    attendees=st.lists(ROWS, max_size=5).map(tuple),
    guests_hidden=st.booleans(),
)


@given(OCCURRENCES, st.booleans())
def test_judging_never_fails_and_always_gives_a_reason(
    occurrence: Occurrence, unanswered: bool
) -> None:
    rules = LENIENT if unanswered else RULES
    verdicts = list(judge_all([occurrence], INDEX, MINE, rules, NOW, ACCEPTED))
    for who in INDEX.contacts:
        outcome(occurrence, who, rules, holds=ACCEPTED)
    assert sum(verdict.counted for verdict in verdicts) <= 1
    assert len(one_per_event(verdicts)) == len(verdicts)
    booked([occurrence], INDEX, MINE, rules, NOW, ACCEPTED)


@given(OCCURRENCES, st.randoms(use_true_random=False))
def test_the_order_of_guests_does_not_matter(occurrence: Occurrence, chance: random.Random) -> None:
    rows = list(occurrence.attendees)
    chance.shuffle(rows)

    def plain(verdict: Verdict) -> tuple[str, str, str, str]:
        return verdict.contact_key, verdict.rule, verdict.code, verdict.reason

    straight = judge_all([occurrence], INDEX, MINE, RULES, NOW)
    shuffled = judge_all([replace(occurrence, attendees=tuple(rows))], INDEX, MINE, RULES, NOW)
    assert list(map(plain, straight)) == list(map(plain, shuffled))


@given(OCCURRENCES)
def test_reasons_never_quote_the_calendar(occurrence: Occurrence) -> None:
    marked = replace(
        occurrence,
        title=f"{occurrence.title} ZZZ",
        attendees=tuple(
            replace(row, name="ZZZ", email=row.email or "zzz@zzz.example")
            for row in occurrence.attendees
        ),
    )
    for verdict in judge_all([marked], INDEX, MINE, RULES, NOW):
        assert "zzz" not in verdict.reason.lower()
