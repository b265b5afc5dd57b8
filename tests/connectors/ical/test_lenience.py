"""What programs write in their own ways, or garble, means what they mean by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.connectors.ical.test_occurrences import event, read, series, starts, vcalendar, vevent

TEN = ("DTSTART;TZID=Europe/Berlin:20240318T100000", "DTEND;TZID=Europe/Berlin:20240318T110000")


# --- guests ---


@pytest.mark.parametrize(
    "name", ['"Jane \\"JD\\" Doe"', '"Jane "JD" Doe"', 'Jane "JD" Doe', '"Jane']
)
def test_of_a_guest_with_a_garbled_name_the_plain_address_and_answer_stand(name: str) -> None:
    occurrence = event(*TEN, f"ATTENDEE;CN={name};PARTSTAT=DECLINED:mailto:Jane@example.com")
    assert [(a.email, a.answer) for a in occurrence.attendees] == [("jane@example.com", "declined")]
    assert not occurrence.guests_omitted


def test_of_a_garbled_guest_a_parameter_that_stands_twice_is_not_believed() -> None:
    [jane] = event(
        *TEN, 'ATTENDEE;CN="J;PARTSTAT=ACCEPTED;" x";PARTSTAT=DECLINED:mailto:jane@example.com'
    ).attendees
    assert jane.answer == "needs-action"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("urn:uuid:0A1B-2c", "urn:uuid:0a1b-2c"),
        ("/principals/users/sam/", "/principals/users/sam"),
        ("/principals/users/sam%40example.com/", "/principals/users/sam@example.com"),
        ("https://dav.example.com/principals/users/sam/", "//dav.example.com/principals/users/sam"),
        ("invalid:nomail", ""),
        ("sam", ""),
    ],
)
def test_guests_are_known_by_addresses_that_no_mail_goes_to(written: str, address: str) -> None:
    assert event(*TEN, f"ATTENDEE;CN=Sam:{written}").attendees[0].email == address


def test_guests_that_a_guest_brings_along_are_counted_in_googles_exports() -> None:
    [jane, bob] = event(
        *TEN,
        "ATTENDEE;PARTSTAT=ACCEPTED;X-NUM-GUESTS=2:mailto:jane@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED;X-NUM-GUESTS=0:mailto:bob@example.com",
    ).attendees
    assert (jane.extra_guests, bob.extra_guests) == (2, 0)


GUESTS = ("ATTENDEE:mailto:jane@example.com", "ATTENDEE:mailto:sam@example.com")


def test_where_no_guest_has_an_answer_the_answers_are_unknown() -> None:
    assert {a.answer for a in event(*TEN, *GUESTS).attendees} == {"unknown"}


@pytest.mark.parametrize("standing", ["TENTATIVE", "FREE"])
def test_answers_are_lacking_where_outlook_says_that_the_event_is_not_firm(standing: str) -> None:
    occurrence = event(*TEN, *GUESTS, f"X-MICROSOFT-CDO-BUSYSTATUS:{standing}")
    assert {a.answer for a in occurrence.attendees} == {"needs-action"}


def test_who_alone_has_no_answer_has_not_answered() -> None:
    occurrence = event(*TEN, GUESTS[0], "ATTENDEE;PARTSTAT=ACCEPTED:mailto:sam@example.com")
    assert [a.answer for a in occurrence.attendees] == ["needs-action", "accepted"]


def test_an_exception_that_names_nobody_has_the_guests_of_its_series() -> None:
    guests = (
        "ORGANIZER:mailto:sam@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@example.com",
    )
    master = vevent(*TEN, *guests, "RRULE:FREQ=DAILY;COUNT=2")
    moved = vevent(
        "RECURRENCE-ID;TZID=Europe/Berlin:20240319T100000",
        "DTSTART:20240319T120000Z",
        "DURATION:PT1H",
    )
    _, exception = read(vcalendar(master, moved)).occurrences
    assert exception.start == datetime(2024, 3, 19, 12, tzinfo=UTC)
    assert exception.organizer is not None
    assert [a.email for a in exception.attendees] == ["jane@example.com"]


def test_an_exception_that_names_somebody_has_its_own_guests() -> None:
    master = vevent(
        *TEN, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@example.com", "RRULE:FREQ=DAILY;COUNT=2"
    )
    own = vevent(
        "RECURRENCE-ID;TZID=Europe/Berlin:20240319T100000", *TEN, "ATTENDEE:mailto:bob@example.com"
    )
    occurrences = read(vcalendar(master, own)).occurrences
    assert sorted(a.email for o in occurrences for a in o.attendees) == [
        "bob@example.com",
        "jane@example.com",
    ]


# --- what is left out of a series ---


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20240319T000000",
        "EXDATE:20240319T000000Z",
        "EXDATE:20240318T230000Z",
        "EXDATE;TZID=Europe/Berlin:20240319T000000",
        "EXDATE;VALUE=DATE:20240319",
    ],
)
def test_an_exclusion_at_midnight_or_of_a_date_removes_that_days_instance(line: str) -> None:
    assert series(vevent(*TEN, "RRULE:FREQ=DAILY;COUNT=3", line)) == ["03-18 09:00", "03-20 09:00"]


def test_an_exclusion_at_midnight_is_no_other_where_a_day_has_several_instances() -> None:
    twice = "RRULE:FREQ=DAILY;BYHOUR=10,15;COUNT=4"
    assert len(series(vevent(*TEN, twice, "EXDATE:20240319T000000"))) == 4


# --- times ---


def test_a_zone_without_the_offset_it_takes_over_from_has_the_one_it_sets() -> None:
    part = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0300\nEND:STANDARD\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:Odd\n{part}END:VTIMEZONE\n"
    assert series(zone, vevent("DTSTART;TZID=Odd:20240318T100000", "DURATION:PT1H")) == [
        "03-18 07:00"
    ]


@pytest.mark.parametrize("name", ["Europe/Berlin", "W. Europe Standard Time"])
def test_the_name_of_a_zone_wins_over_a_definition_that_contradicts_it(name: str) -> None:
    part = (
        "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\n"
        "END:STANDARD\n"
    )
    zone = f"BEGIN:VTIMEZONE\nTZID:{name}\n{part}END:VTIMEZONE\n"
    assert series(zone, vevent(f"DTSTART;TZID={name}:20240318T100000", "DURATION:PT1H")) == [
        "03-18 09:00"
    ]


def test_an_event_that_starts_in_a_clock_gap_keeps_its_length() -> None:
    occurrence = event(
        "DTSTART;TZID=Europe/Berlin:20240331T023000", "DTEND;TZID=Europe/Berlin:20240331T031500"
    )
    assert occurrence.start == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert occurrence.end - occurrence.start == timedelta(minutes=45)


def test_an_end_before_the_start_is_a_problem() -> None:
    expansion = read(vcalendar(vevent("DTSTART:20240318T100000Z", "DTEND:20240318T090000Z")))
    assert not expansion.occurrences
    assert "ends before it starts" in expansion.problems[0].reason


@pytest.mark.parametrize(
    "edges",
    [
        ("DTSTART:20240318T000000Z", "DTEND:20240319T000000Z"),
        ("DTSTART:20240317T230000Z", "DTEND:20240318T230000Z"),
        (
            "DTSTART;TZID=America/New_York:20240318T000000",
            "DTEND;TZID=America/New_York:20240319T000000",
        ),
    ],
)
def test_what_outlook_marks_as_lasting_all_day_lasts_the_date_it_is_written_with(
    edges: tuple[str, str],
) -> None:
    occurrence = event(*edges, "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")
    assert occurrence.all_day
    assert (occurrence.start.date(), occurrence.end.date()) == (
        date(2024, 3, 18),
        date(2024, 3, 19),
    )


def test_what_outlook_does_not_mark_or_what_begins_at_no_midnight_has_its_times() -> None:
    assert not event("DTSTART:20240318T000000Z", "DTEND:20240319T000000Z").all_day
    assert not event(*TEN, "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE").all_day


@pytest.mark.parametrize(
    ("length", "minutes"), [("PT30M", 30), ("P1W", 24 * 60), ("-PT30M", 0), ("nonsense", 0)]
)
def test_apples_time_on_the_way_is_known(length: str, minutes: int) -> None:
    assert event(*TEN, f"X-APPLE-TRAVEL-DURATION;VALUE=DURATION:{length}").travel == timedelta(
        minutes=minutes
    )


def test_who_works_elsewhere_says_where_and_has_no_meeting() -> None:
    assert event(*TEN, "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE").kind == "working-location"


# --- versions ---


def test_an_event_says_which_version_of_it_this_is() -> None:
    stamps = ("DTSTAMP:20240110T000000Z", "LAST-MODIFIED:20240109T100000Z")
    occurrence = event(*TEN, "SEQUENCE:3", *stamps)
    assert (occurrence.sequence, occurrence.modified) == (3, datetime(2024, 1, 9, 10, tzinfo=UTC))
    assert event(*TEN, stamps[0]).modified == datetime(2024, 1, 10, tzinfo=UTC)
    assert event(*TEN, "DTSTAMP:never").modified is None


def test_a_text_that_cancels_has_a_cancelled_event() -> None:
    text = vcalendar(vevent(*TEN)).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL")
    assert [o.status for o in read(text).occurrences] == ["cancelled"]


def test_of_an_event_and_its_cancellation_in_one_file_the_cancellation_speaks() -> None:
    cancel = vcalendar(vevent(*TEN)).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL")
    expansion = read(vcalendar(vevent(*TEN)), cancel)
    assert [o.status for o in expansion.occurrences] == ["cancelled"]
    assert starts(expansion) == ["03-18 09:00"]
