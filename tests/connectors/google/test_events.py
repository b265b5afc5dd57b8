"""Google's events as iCalendar: what they mean after expansion, and that nothing in them can be
more than a value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.base import HoldDraft, Occurrence
from connectors.errors import AccountError
from connectors.google.events import (
    event_text,
    hold_body,
    hold_id,
    is_withdrawn,
    resource,
    shows,
    withdrawal_body,
)
from connectors.ical.expansion_job import Expansion
from connectors.ical.hold_text import hold_event, seal
from connectors.ical.occurrences import expand
from tests.connectors.google.an_account import draft
from tests.connectors.google.rules import body_faults

BERLIN = ZoneInfo("Europe/Berlin")
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
BASE: dict[str, Any] = {
    "id": "abcde",
    "iCalUID": "abcde@google.com",
    "etag": '"1"',
    "status": "confirmed",
    "summary": "Coffee with Jane",
    "start": {"dateTime": "2026-11-25T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-11-25T11:00:00+01:00", "timeZone": "Europe/Berlin"},
}


def expanded(*items: dict[str, Any], zone: str = "Europe/Berlin", mine: bool = True) -> Expansion:
    texts = [event_text(item, zone=zone, mine=mine) for item in items]
    return expand(texts, START, END, BERLIN, trusted=True)


def occurrences(
    *items: dict[str, Any], zone: str = "Europe/Berlin", mine: bool = True
) -> Sequence[Occurrence]:
    expansion = expanded(*items, zone=zone, mine=mine)
    assert expansion.problems == ()
    return expansion.occurrences


def only(*items: dict[str, Any], mine: bool = True) -> Occurrence:
    [occurrence] = occurrences(*items, mine=mine)
    return occurrence


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


# --- times ---


def test_a_single_event_is_an_instant_whatever_its_zone() -> None:
    occurrence = only(BASE)
    assert (occurrence.start, occurrence.end) == (utc(2026, 11, 25, 9), utc(2026, 11, 25, 10))
    assert (occurrence.uid, occurrence.title) == ("abcde@google.com", "Coffee with Jane")
    assert not occurrence.recurring


def test_the_second_two_oclock_of_an_autumn_night_is_not_the_first() -> None:
    times = {
        "start": {"dateTime": "2026-10-25T02:30:00+01:00"},
        "end": {"dateTime": "2026-10-25T03:00:00+01:00"},
    }
    assert only(BASE | times).start == utc(2026, 10, 25, 1, 30)


def test_a_time_without_offset_is_in_the_zone_it_names_or_in_the_calendars() -> None:
    times = {
        "start": {"dateTime": "2026-11-25T10:00:00"},
        "end": {"dateTime": "2026-11-25T11:00:00"},
    }
    named = {key: value | {"timeZone": "America/New_York"} for key, value in times.items()}
    assert only(BASE | named).start == utc(2026, 11, 25, 15)
    assert occurrences(BASE | times, zone="Asia/Tokyo")[0].start == utc(2026, 11, 25, 1)


def test_an_all_day_event_has_dates() -> None:
    occurrence = only(BASE | {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-27"}})
    assert occurrence.all_day
    assert (occurrence.start, occurrence.end) == (utc(2026, 11, 25), utc(2026, 11, 27))


def test_a_series_keeps_its_wall_clock_over_a_change_of_clocks() -> None:
    times = {
        "start": {"dateTime": "2026-10-21T10:00:00+02:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-10-21T11:00:00+02:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"],
    }
    assert [each.start for each in occurrences(BASE | times)] == [
        utc(2026, 10, 21, 8),
        utc(2026, 10, 28, 9),
    ]


def test_a_series_whose_list_is_shown_in_another_zone_keeps_its_own() -> None:
    times = {
        "start": {"dateTime": "2026-10-21T17:00:00+09:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-10-21T18:00:00+09:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"],
    }
    assert [each.start for each in occurrences(BASE | times, zone="Asia/Tokyo")] == [
        utc(2026, 10, 21, 8),
        utc(2026, 10, 28, 9),
    ]


@pytest.mark.parametrize("zone", ["Not/AZone", "", "Europe/Berlin\r\nX-EVIL:1", "../../etc/passwd"])
def test_a_series_in_a_zone_that_nobody_knows_is_a_problem_or_takes_the_calendars(
    zone: str,
) -> None:
    times = {
        "start": {"dateTime": "2026-10-21T10:00:00+02:00", "timeZone": zone},
        "end": {"dateTime": "2026-10-21T11:00:00+02:00", "timeZone": zone},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"],
    }
    expansion = expanded(BASE | times)
    assert bool(expansion.problems) == any(
        each.kind == "unplaced" for each in expansion.occurrences
    )


# --- series and exceptions ---

MASTER = BASE | {
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20261209T100000"]
}


def exception(original: dict[str, str], **fields: Any) -> dict[str, Any]:
    return {key: value for key, value in BASE.items() if key != "recurrence"} | {
        "id": "abcde_20261202T090000Z",
        "recurringEventId": "abcde",
        "originalStartTime": original,
        **fields,
    }


ORIGINALS = [
    {"dateTime": "2026-12-02T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    {"dateTime": "2026-12-02T10:00:00+01:00"},
    {"dateTime": "2026-12-02T09:00:00Z"},
    {"dateTime": "2026-12-02T18:00:00+09:00", "timeZone": "Asia/Tokyo"},
]


def test_recurrence_lines_count_as_they_are() -> None:
    assert [each.start.day for each in occurrences(MASTER)] == [25, 2, 16]
    assert {each.uid for each in occurrences(MASTER)} == {"abcde@google.com"}


@pytest.mark.parametrize("original", ORIGINALS)
def test_a_moved_instance_stands_where_it_was_moved_to_and_nowhere_else(
    original: dict[str, str],
) -> None:
    moved = exception(
        original,
        summary="Moved",
        start={"dateTime": "2026-12-03T15:00:00+01:00"},
        end={"dateTime": "2026-12-03T16:00:00+01:00"},
    )
    of_series = occurrences(MASTER, moved)
    assert [(each.start.day, each.title) for each in of_series] == [
        (25, "Coffee with Jane"),
        (3, "Moved"),
        (16, "Coffee with Jane"),
    ]
    assert of_series[1].original_start == utc(2026, 12, 2, 9)


@pytest.mark.parametrize("original", ORIGINALS)
def test_a_cancelled_instance_of_which_google_says_the_least_does_not_take_place(
    original: dict[str, str],
) -> None:
    cancelled = {
        "id": "abcde_20261202T090000Z",
        "status": "cancelled",
        "recurringEventId": "abcde",
        "originalStartTime": original,
    }
    live = [each for each in occurrences(MASTER, cancelled) if each.status != "cancelled"]
    assert [each.start.day for each in live] == [25, 16]


def test_an_all_day_series_loses_a_day() -> None:
    days = {
        "start": {"date": "2026-11-25"},
        "end": {"date": "2026-11-26"},
        "recurrence": ["RRULE:FREQ=DAILY;UNTIL=20261127"],
    }
    cancelled = {
        "id": "abcde_20261126",
        "status": "cancelled",
        "recurringEventId": "abcde",
        "originalStartTime": {"date": "2026-11-26"},
    }
    live = [each for each in occurrences(BASE | days, cancelled) if each.status != "cancelled"]
    assert [each.start.day for each in live] == [25, 27]


def test_an_invitation_to_one_instance_stands_alone() -> None:
    occurrence = only(
        exception(ORIGINALS[0], start=ORIGINALS[0], end={"dateTime": "2026-12-02T11:00:00+01:00"})
    )
    assert occurrence.start == utc(2026, 12, 2, 9)


def test_a_recurrence_line_that_is_none_makes_a_problem_not_a_single_event() -> None:
    for recurrence in (
        ["FREQ=WEEKLY"],
        ["SUMMARY:x"],
        "RRULE",
        ["RRULE:FREQ=WEEKLY\r\nSTATUS:CANCELLED"],
        [7],
    ):
        expansion = expanded(BASE | {"recurrence": recurrence})
        assert expansion.problems, recurrence
        assert not [each for each in expansion.occurrences if each.status == "cancelled"]


def test_the_series_of_an_exception_can_be_told_from_what_is_kept_of_it() -> None:
    kept = resource(exception(ORIGINALS[0]), zone="UTC", mine=True)
    assert (kept.href, kept.etag, kept.group) == ("abcde_20261202T090000Z", '"1"', "abcde")
    single = resource(BASE, zone="UTC", mine=True)
    assert (single.href, single.etag, single.group) == ("abcde", '"1"', "abcde")


# --- what the rules are fed with ---


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"eventType": "focusTime"}, {"kind": "focus"}),
        ({"eventType": "outOfOffice"}, {"kind": "out-of-office"}),
        ({"eventType": "birthday"}, {"kind": "birthday"}),
        ({"eventType": "workingLocation"}, {"kind": "working-location"}),
        ({"eventType": "default"}, {"kind": "default"}),
        ({"eventType": "fromGmail"}, {"kind": "default"}),
        ({"transparency": "transparent"}, {"transparent": True}),
        ({"transparency": "opaque"}, {"transparent": False}),
        ({"status": "tentative"}, {"status": "tentative"}),
        ({"location": "Café; 2nd floor"}, {"location": "Café; 2nd floor"}),
        ({"attendeesOmitted": True}, {"guests_omitted": True}),
        ({"guestsCanSeeOtherGuests": False}, {"guests_hidden": True}),
        ({"guestsCanSeeOtherGuests": True}, {"guests_hidden": False}),
    ],
)
def test_what_the_rules_need_arrives(fields: dict[str, Any], shown: dict[str, Any]) -> None:
    occurrence = only(BASE | fields)
    assert {name: getattr(occurrence, name) for name in shown} == shown


BIRTHDAY = BASE | {
    "eventType": "birthday",
    "summary": "Happy birthday!",
    "start": {"date": "2026-12-12"},
    "end": {"date": "2026-12-13"},
    "recurrence": ["RRULE:FREQ=YEARLY"],
}


@pytest.mark.parametrize(
    ("properties", "whose"),
    [
        ({"contact": "people/c7", "type": "birthday"}, ("people/c7", "")),
        ({"contact": "people/c7"}, ("people/c7", "")),
        ({"contact": "people/c7", "type": "anniversary"}, ("", "people/c7")),
        ({"contact": "people/c7", "type": "custom", "customTypeName": "Met"}, ("", "")),
        ({"contact": "people/c7", "type": "other"}, ("", "")),
        ({"type": "self"}, ("", "")),
        ({"contact": "people/c7\r\nSTATUS:CANCELLED"}, ("people/c7 STATUS:CANCELLED", "")),
        ({"contact": "Jane Doe"}, ("", "")),
        ({"contact": 7}, ("", "")),
        ("nonsense", ("", "")),
    ],
)
def test_a_birthday_tells_whose_it_is_every_year(
    properties: object, whose: tuple[str, str]
) -> None:
    expansion = expanded(BIRTHDAY | {"birthdayProperties": properties})
    assert not expansion.problems
    assert {(each.birthday_of, each.anniversary_of) for each in expansion.occurrences} == {whose}
    assert {(each.kind, each.status) for each in expansion.occurrences} == {
        ("birthday", "confirmed")
    }
    assert (12, 12) in {(each.start.month, each.start.day) for each in expansion.occurrences}


def test_only_a_birthday_event_is_a_birthday() -> None:
    occurrence = only(BASE | {"birthdayProperties": {"contact": "people/c7"}})
    assert occurrence.birthday_of == ""


@pytest.mark.parametrize(
    ("guest", "shown"),
    [
        (
            {"email": "Jane@Example.com", "displayName": "Jane"},
            {"email": "jane@example.com", "name": "Jane"},
        ),
        ({"email": "a@example.com", "responseStatus": "accepted"}, {"answer": "accepted"}),
        ({"email": "a@example.com", "responseStatus": "declined"}, {"answer": "declined"}),
        ({"email": "a@example.com", "responseStatus": "tentative"}, {"answer": "tentative"}),
        ({"email": "a@example.com", "responseStatus": "needsAction"}, {"answer": "needs-action"}),
        ({"email": "a@example.com", "responseStatus": "unheard-of"}, {"answer": "needs-action"}),
        ({"email": "a@example.com", "self": True}, {"me": True}),
        (
            {"email": "a@example.com"},
            {"me": False, "kind": "person", "takes_part": True, "extra_guests": 0},
        ),
        ({"email": "a@example.com", "additionalGuests": 2}, {"extra_guests": 2}),
        ({"email": "a@example.com", "additionalGuests": -2}, {"extra_guests": 0}),
        ({"email": "r@example.com", "resource": True}, {"kind": "resource"}),
        ({"email": "c_1@resource.calendar.google.com"}, {"kind": "resource"}),
        ({"email": "friends@googlegroups.com"}, {"kind": "group"}),
        ({"displayName": "No address"}, {"email": "", "name": "No address"}),
        ({}, {"email": ""}),
        ({"email": "o'brien+x%41@example.com"}, {"email": "o'brien+x%41@example.com"}),
    ],
)
def test_a_guest_arrives_as_google_has_them(guest: dict[str, Any], shown: dict[str, Any]) -> None:
    [attendee] = only(BASE | {"attendees": [guest]}).attendees
    assert {name: getattr(attendee, name) for name in shown} == shown


def test_the_organizer_arrives_and_is_me_where_google_says_so() -> None:
    organizer = {"email": "sam@example.com", "displayName": "Sam", "self": True}
    mine = only(BASE | {"organizer": organizer}).organizer
    assert mine is not None
    assert (mine.email, mine.name, mine.me) == ("sam@example.com", "Sam", True)
    colleagues = only(BASE | {"organizer": organizer}, mine=False).organizer
    assert colleagues is not None
    assert not colleagues.me


def test_the_version_of_an_event_arrives() -> None:
    occurrence = only(BASE | {"sequence": 3, "updated": "2026-10-20T10:11:12.345Z"})
    assert (occurrence.sequence, occurrence.modified) == (
        3,
        utc(2026, 10, 20, 10).replace(minute=11, second=12),
    )
    plain = only(BASE | {"sequence": True, "updated": "lately"})
    assert (plain.sequence, plain.modified) == (0, None)


# --- strangers ---

INJECTION = (
    "x\r\nATTENDEE:mailto:evil@example.com\nSTATUS:CANCELLED\u2028UID:fikad-evil"
    "\x85END:VEVENT\x0bX-FIKAD-SEAL:1\x1b[31m"
)


def test_text_of_a_stranger_stays_text() -> None:
    person = {"email": INJECTION, "displayName": f'"{INJECTION};X-FIKAD-SELF=TRUE:'}
    hostile = BASE | {
        "summary": INJECTION,
        "location": INJECTION,
        "iCalUID": INJECTION,
        "attendees": [person],
        "organizer": person,
        "visibility": INJECTION,
        "eventType": INJECTION,
        "transparency": INJECTION,
        "status": INJECTION,
    }
    occurrence = only(hostile)
    assert occurrence.status == "confirmed"
    assert occurrence.hold is None
    assert occurrence.title.startswith("x ATTENDEE:mailto")
    [guest] = occurrence.attendees
    assert not guest.me
    assert guest.email == ""
    names = {
        line.partition(":")[0].partition(";")[0]
        for line in event_text(hostile, zone="UTC", mine=True).split("\r\n")
    }
    assert names <= {
        "BEGIN",
        "VERSION",
        "PRODID",
        "UID",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "LOCATION",
        "STATUS",
    } | {
        "TRANSP",
        "ORGANIZER",
        "ATTENDEE",
        "END",
        "",
    }


@pytest.mark.parametrize(
    "uid", ["fikad-stolen", "fikadstolen", "FIKAD-stolen", "  fikad-stolen", "fikad"]
)
def test_a_strangers_uid_never_makes_a_hold(uid: str) -> None:
    occurrence = only(
        BASE | {"iCalUID": uid, "extendedProperties": {"private": {"fikad": "seal=1"}}}
    )
    assert occurrence.hold is None
    assert not occurrence.uid.lower().startswith("fikad")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = sorted(
    {
        *BASE,
        "recurrence",
        "attendees",
        "organizer",
        "recurringEventId",
        "originalStartTime",
        "location",
    }
    - {"id"}
)


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6), st.text(max_size=12), st.booleans()
)
@example({"start": {"dateTime": "0001-01-01T00:00:00+14:00"}}, "UTC", True)
@example({"start": {"dateTime": "9999-12-31T23:59:59-12:00"}}, "UTC", True)
@example({"summary": "\ud800"}, "\x00", True)
def test_no_event_breaks_the_reading_and_each_stays_one_event(
    fields: dict[str, Any], zone: str, mine: bool
) -> None:
    text = event_text(BASE | fields, zone=zone, mine=mine)
    assert text.count("BEGIN:VEVENT\r\n") == text.count("\r\nEND:VEVENT") == 1
    assert all(line.isprintable() for line in text.split("\r\n"))
    text.encode()


# --- holds ---


def stored(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "fikadjane1",
        "etag": '"1"',
        "iCalUID": "fikadjane1@google.com",
        **body,
        **changes,
    }


def test_a_holds_id_is_its_uid_without_dashes_and_nothing_else_is_one() -> None:
    assert hold_id("fikad-0abc-9v") == hold_id("fikad0abc9v") == "fikad0abc9v"
    for other in (
        "",
        "fikad",
        "abcde",
        "fikad-xyz",
        "fikad_1",
        "FIKAD-1",
        "fikad-1/../x",
        "fikad" + "a" * 1020,
    ):
        with pytest.raises(AccountError, match="not the UID of a hold"):
            hold_id(other)


def test_a_holds_body_has_only_fields_that_google_names() -> None:
    assert body_faults("Event", {"id": "fikadjane1", **hold_body(draft())}, writing=True) == []


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXTS, TEXTS, TEXTS, st.booleans(), st.integers(0, 100_000))
def test_every_hold_reads_back_untouched(
    title: str, note: str, place: str, transparent: bool, minutes: int
) -> None:
    start = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=minutes)
    written = HoldDraft(
        "fikad-jane-1", title, start, start + timedelta(minutes=45), note, transparent, place
    )
    event = hold_event(event_text(stored(hold_body(written)), zone="UTC", mine=True))
    assert event is not None
    assert event.uid == "fikadjane1"
    assert event.seal == seal(event) == seal(written)


@pytest.mark.parametrize(
    "touch",
    [
        {"summary": "Coffee with Jane"},
        {"status": "confirmed"},
        {"transparency": "opaque"},
        {"visibility": "default"},
        {"description": "see you"},
        {"location": "Café"},
        {"start": {"dateTime": "2026-11-25T10:30:00Z"}},
        {"end": {"dateTime": "2026-11-25T12:00:00Z"}},
        {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}},
        {"attendees": [{"email": "jane@example.com"}]},
        {"reminders": {"useDefault": True}},
        {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}},
        {"recurrence": ["RRULE:FREQ=WEEKLY"]},
        {"colorId": "5"},
        {"conferenceData": {"conferenceId": "x"}},
        {"attachments": [{"fileUrl": "https://example.com"}]},
        {"extendedProperties": {}},
    ],
)
def test_whatever_the_user_touches_shows(touch: dict[str, Any]) -> None:
    event = hold_event(event_text(stored(hold_body(draft()), **touch), zone="UTC", mine=True))
    assert event is not None
    assert event.seal != seal(event)


@pytest.mark.parametrize(
    "change",
    [
        {
            "etag": '"2"',
            "updated": "2026-11-25T10:00:00Z",
            "sequence": 3,
            "htmlLink": "https://x",
            "kind": "calendar#event",
        },
        {"start": {"dateTime": "2026-11-25T11:00:00+01:00", "timeZone": "Europe/Berlin"}},
        {
            "organizer": {"email": "c_1@group.calendar.google.com", "self": True},
            "creator": {"email": "sam@example.com"},
        },
        {"reminders": {"useDefault": False}},
        {"eventType": "default"},
    ],
)
def test_what_google_does_by_itself_is_no_touch(change: dict[str, Any]) -> None:
    event = hold_event(event_text(stored(hold_body(draft()), **change), zone="UTC", mine=True))
    assert event is not None
    assert event.seal == seal(event)


def test_a_mark_of_withdrawal_keeps_the_seal() -> None:
    marked = stored(hold_body(draft())) | withdrawal_body(stored(hold_body(draft())))
    assert is_withdrawn(marked)
    assert withdrawal_body(marked) == withdrawal_body(stored(hold_body(draft())))
    event = hold_event(event_text(marked, zone="UTC", mine=True))
    assert event is not None
    assert event.withdrawn
    assert event.seal == seal(event)


def test_a_stored_hold_shows_the_very_write_it_came_from() -> None:
    body = hold_body(draft())
    assert shows(stored(body), body)
    assert shows(stored(body, summary="touched since"), body)
    assert not shows(stored(hold_body(draft(hour=14))), body)
    assert not shows(stored(body, status="cancelled"), body)
    assert not shows(stored({}), body)
    assert not shows(stored(body, start={"dateTime": "9999-99"}), body)
