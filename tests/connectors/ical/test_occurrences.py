"""Calendar texts become occurrences: what every kind of event, series and slip means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Occurrence
from connectors.ical.expansion_job import Expansion, TooSlowError
from connectors.ical.occurrences import expand
from connectors.sanitize import sanitize

BERLIN = ZoneInfo("Europe/Berlin")
OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0500
TZOFFSETTO:+0400
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0400
TZOFFSETTO:+0500
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def vevent(*lines: str, uid: str = "one") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""])


def vcalendar(*parts: str) -> str:
    return "".join(["BEGIN:VCALENDAR\nVERSION:2.0\n", *parts, "END:VCALENDAR\n"]).replace(
        "\n", "\r\n"
    )


def read(
    *texts: str,
    first: str = "2024-01-01",
    last: str = "2025-01-01",
    zone: str = "Europe/Berlin",
    trusted: bool = False,
) -> Expansion:
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    return expand(texts, begin, end, ZoneInfo(zone), trusted=trusted)


def event(*lines: str, **window: str) -> Occurrence:
    """The only occurrence of a calendar with one event, which has no problems."""
    expansion = read(vcalendar(vevent(*lines)), **window)  # type: ignore[arg-type]
    assert not expansion.problems
    (occurrence,) = expansion.occurrences
    return occurrence


def starts(expansion: Expansion) -> list[str]:
    return [f"{o.start:%m-%d %H:%M}" for o in expansion.occurrences]


def series(*parts: str, **window: str) -> list[str]:
    """Starts in UTC of everything that takes place in calendars without problems."""
    expansion = read(vcalendar(*parts), **window)  # type: ignore[arg-type]
    assert not expansion.problems, expansion.problems
    return [f"{o.start:%m-%d %H:%M}" for o in expansion.occurrences if o.status != "cancelled"]


WEEKLY = ("DTSTART;TZID=Europe/Berlin:20240318T100000", "DTEND;TZID=Europe/Berlin:20240318T110000")
FOUR_WEEKS = vevent(*WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=4")


# --- recurrences ---


def test_a_series_keeps_its_wall_clock_time_when_the_clocks_change() -> None:
    assert series(FOUR_WEEKS) == ["03-18 09:00", "03-25 09:00", "04-01 08:00", "04-08 08:00"]


@pytest.mark.parametrize(
    "exdate",
    [
        "EXDATE;TZID=Europe/Berlin:20240325T100000",
        "EXDATE:20240325T090000Z",
        "EXDATE;TZID=America/New_York:20240325T050000",
        "EXDATE:20240325T100000",
        "EXDATE;VALUE=DATE:20240325",
        "EXDATE;TZID=Europe/Berlin:20240311T100000,20240325T100000",
    ],
)
def test_an_excluded_instance_does_not_take_place_however_it_is_written(exdate: str) -> None:
    assert series(vevent(*WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=4", exdate)) == [
        "03-18 09:00",
        "04-01 08:00",
        "04-08 08:00",
    ]


def test_added_dates_take_place_with_the_length_of_the_series_and_periods_with_their_own() -> None:
    expansion = read(
        vcalendar(
            vevent(
                *WEEKLY,
                "RDATE;TZID=Europe/Berlin:20240320T120000",
                "RDATE;VALUE=PERIOD:20240321T120000Z/PT3H,20240322T120000Z/20240322T123000Z",
            )
        )
    )
    assert [(f"{o.start:%d %H:%M}", o.end - o.start) for o in expansion.occurrences] == [
        ("18 09:00", timedelta(hours=1)),
        ("20 11:00", timedelta(hours=1)),
        ("21 12:00", timedelta(hours=3)),
        ("22 12:00", timedelta(minutes=30)),
    ]


def test_a_moved_instance_takes_place_where_it_was_moved_to_though_named_in_another_zone() -> None:
    moved = vevent(
        "RECURRENCE-ID;TZID=America/New_York:20240325T050000",
        "DTSTART:20240327T150000Z",
        "DTEND:20240327T153000Z",
        "SUMMARY:Moved",
    )
    expansion = read(vcalendar(FOUR_WEEKS, moved))
    assert starts(expansion) == ["03-18 09:00", "03-27 15:00", "04-01 08:00", "04-08 08:00"]
    assert expansion.occurrences[1].title == "Moved"
    assert expansion.occurrences[1].original_start == datetime(2024, 3, 25, 9, tzinfo=UTC)
    assert expansion.occurrences[2].original_start == expansion.occurrences[2].start


def test_an_instance_moved_into_the_window_is_seen_and_one_moved_out_of_it_is_not() -> None:
    moved = vevent(
        "RECURRENCE-ID:20240325T090000Z", "DTSTART:20240520T090000Z", "DTEND:20240520T100000Z"
    )
    text = (FOUR_WEEKS, moved)
    assert series(*text, first="2024-05-01", last="2024-06-01") == ["05-20 09:00"]
    assert series(*text, first="2024-03-24", last="2024-03-30") == []


def test_a_cancelled_instance_is_given_as_cancelled() -> None:
    gone = vevent("RECURRENCE-ID:20240325T090000Z", *WEEKLY, "STATUS:CANCELLED").replace(
        "0318T", "0325T"
    )
    expansion = read(vcalendar(FOUR_WEEKS, gone))
    assert [o.status for o in expansion.occurrences] == [
        "confirmed",
        "cancelled",
        "confirmed",
        "confirmed",
    ]


def test_an_exception_may_come_in_a_text_of_its_own_without_a_uid() -> None:
    moved = vevent(
        "RECURRENCE-ID:20240325T090000Z", "DTSTART:20240326T090000Z", "DTEND:20240326T100000Z"
    )
    expansion = read(vcalendar(moved.replace("UID:one\n", "")), vcalendar(FOUR_WEEKS))
    assert starts(expansion) == ["03-18 09:00", "03-26 09:00", "04-01 08:00", "04-08 08:00"]
    assert {o.uid for o in expansion.occurrences} == {"one"}


def test_exceptions_without_their_series_stand_by_themselves() -> None:
    alone = vevent(
        "RECURRENCE-ID:20240325T090000Z", "DTSTART:20240326T090000Z", "DTEND:20240326T100000Z"
    )
    assert series(alone) == ["03-26 09:00"]


@pytest.mark.parametrize("value", ["THISANDFUTURE", "thisandfuture", '"THISANDFUTURE"'])
def test_a_change_to_this_and_all_following_moves_them_all(value: str) -> None:
    changed = vevent(
        f"RECURRENCE-ID;RANGE={value}:20240401T080000Z",
        "DTSTART;TZID=Europe/Berlin:20240402T120000",
        "DTEND;TZID=Europe/Berlin:20240402T140000",
    )
    expansion = read(vcalendar(FOUR_WEEKS, changed))
    assert starts(expansion) == ["03-18 09:00", "03-25 09:00", "04-02 10:00", "04-09 10:00"]
    assert expansion.occurrences[3].end - expansion.occurrences[3].start == timedelta(hours=2)
    assert expansion.occurrences[3].original_start == datetime(2024, 4, 8, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20240401T080000Z", 3),
        ("20240401T075959Z", 2),
        ("20240401T100000", 3),
        ("20240401T095959", 2),
        ("20240401", 3),
        ("20240331", 2),
    ],
)
def test_until_ends_a_series_in_every_form(until: str, count: int) -> None:
    assert len(series(vevent(*WEEKLY, f"RRULE:FREQ=WEEKLY;UNTIL={until}"))) == count


@pytest.mark.parametrize("until", ["20240320", "20240320T000000Z", "20240320T235959"])
def test_until_ends_an_all_day_series_with_that_day(until: str) -> None:
    days = vevent("DTSTART;VALUE=DATE:20240318", f"RRULE:FREQ=DAILY;UNTIL={until}")
    assert series(days) == ["03-18 00:00", "03-19 00:00", "03-20 00:00"]


@pytest.mark.parametrize("until", ["20240301", "20240318T085959Z", "20240318T090000"])
def test_a_series_that_ends_before_it_begins_takes_place_once(until: str) -> None:
    assert series(vevent(*WEEKLY, f"RRULE:FREQ=WEEKLY;UNTIL={until}")) == ["03-18 09:00"]
    days = vevent(
        "DTSTART;VALUE=DATE:20240318",
        "RRULE:FREQ=DAILY;UNTIL=20240317",
        "RDATE;VALUE=DATE:20240320",
    )
    assert series(days) == ["03-18 00:00", "03-20 00:00"]


def test_a_floating_series_follows_the_users_clock() -> None:
    text = vevent(
        "DTSTART:20240325T100000",
        "DTEND:20240325T110000",
        "RRULE:FREQ=WEEKLY;UNTIL=20240401T100000",
    )
    assert series(text) == ["03-25 09:00", "04-01 08:00"]
    assert series(text, zone="Australia/Sydney") == ["03-24 23:00", "03-31 23:00"]


def test_several_rules_and_an_empty_one_are_taken_together() -> None:
    rules = ("RRULE:", "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert series(vevent(*WEEKLY, *rules)) == ["03-18 09:00", "03-19 09:00", "03-25 09:00"]


def test_the_newest_version_of_a_series_counts() -> None:
    older = vevent(*WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=2", "SEQUENCE:1")
    newer = vevent(*WEEKLY, "RRULE:FREQ=WEEKLY;COUNT=3", "SEQUENCE:2")
    assert len(series(older, newer)) == len(series(newer, older)) == 3


def test_a_date_alone_names_that_days_instance_of_a_timed_series() -> None:
    moved = vevent(
        "RECURRENCE-ID;VALUE=DATE:20240325", "DTSTART:20240326T090000Z", "DTEND:20240326T100000Z"
    )
    assert series(FOUR_WEEKS, moved) == ["03-18 09:00", "03-26 09:00", "04-01 08:00", "04-08 08:00"]


def test_an_instance_that_runs_into_the_window_belongs_to_it() -> None:
    nights = vevent("DTSTART:20240318T220000Z", "DTEND:20240319T060000Z", "RRULE:FREQ=WEEKLY")
    assert series(nights, first="2024-03-26", last="2024-03-27") == ["03-25 22:00"]


def test_birthdays_without_a_year_are_expanded() -> None:
    assert series(vevent("DTSTART;VALUE=DATE:16040229", "RRULE:FREQ=YEARLY")) == ["02-29 00:00"]


def test_the_window_matters_for_series_and_for_what_begins_after_it() -> None:
    single = vevent("DTSTART:20240318T090000Z", "DTEND:20240318T100000Z")
    assert not read(vcalendar(single)).recurring
    assert not read(vcalendar(single), first="2024-06-01").recurring
    assert read(vcalendar(single), last="2024-02-01").recurring
    assert read(vcalendar(FOUR_WEEKS)).recurring


def test_the_window_begins_with_its_start_and_ends_before_its_end() -> None:
    single = vevent("DTSTART:20240318T090000Z", "DTEND:20240318T100000Z")
    point = vevent("DTSTART:20240318T090000Z")

    def seen(text: str, first: str, last: str) -> bool:
        return bool(series(text, first=first, last=last))

    assert seen(single, "2024-03-18T09:59", "2024-03-18T12:00")
    assert not seen(single, "2024-03-18T10:00", "2024-03-18T12:00")
    assert not seen(single, "2024-03-18T08:00", "2024-03-18T09:00")
    assert seen(point, "2024-03-18T09:00", "2024-03-18T09:01")
    assert not seen(point, "2024-03-18T08:00", "2024-03-18T09:00")


# --- time zones and clocks ---


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("Europe/Berlin", "09:00", "08:00"),
        ("America/New_York", "15:00", "14:00"),
        ("Australia/Sydney", "23:00", "00:00"),
        ("Australia/Lord_Howe", "23:00", "23:30"),
        ("Asia/Kolkata", "04:30", "04:30"),
    ],
)
def test_ten_oclock_is_ten_oclock_in_january_and_july(zone: str, winter: str, summer: str) -> None:
    monthly = vevent(
        f"DTSTART;TZID={zone}:20240115T100000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;COUNT=7"
    )
    times = [moment.split()[1] for moment in series(monthly)]
    assert (times[0], times[-1]) == (winter, summer)


@pytest.mark.parametrize(
    ("zone", "start", "utc"),
    [
        ("Europe/Berlin", "20240331T023000", "2024-03-31T01:30"),
        ("America/New_York", "20240310T023000", "2024-03-10T07:30"),
        ("Australia/Sydney", "20241006T023000", "2024-10-05T16:30"),
        ("Australia/Lord_Howe", "20241006T021500", "2024-10-05T15:45"),
        ("Asia/Kolkata", "20240331T023000", "2024-03-30T21:00"),
    ],
)
@pytest.mark.parametrize("length", ["DURATION:PT1H", "DTEND"])
def test_an_event_in_a_clock_gap_is_read_with_the_offset_before_it_and_keeps_its_length(
    zone: str, start: str, utc: str, length: str
) -> None:
    wall = datetime.fromisoformat(start) - timedelta(days=1)
    day_before, later = f"{wall:%Y%m%dT%H%M%S}", f"{wall + timedelta(hours=1):%Y%m%dT%H%M%S}"
    end = length if length != "DTEND" else f"DTEND;TZID={zone}:{later}"
    text = vcalendar(vevent(f"DTSTART;TZID={zone}:{day_before}", end, "RRULE:FREQ=DAILY;COUNT=2"))
    last = read(text).occurrences[-1]
    assert last.start == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert last.end - last.start == timedelta(hours=1)


def test_an_hour_that_comes_twice_is_the_first_one() -> None:
    assert event("DTSTART;TZID=Europe/Berlin:20241027T023000").start == datetime(
        2024, 10, 27, 0, 30, tzinfo=UTC
    )


def test_a_night_shift_keeps_its_eight_hours_and_a_day_by_the_calendar_its_clock_time() -> None:
    exact = read(
        vcalendar(
            vevent(
                "DTSTART;TZID=Europe/Berlin:20240329T220000",
                "DTEND;TZID=Europe/Berlin:20240330T060000",
                "RRULE:FREQ=DAILY;COUNT=3",
            )
        )
    )
    assert {o.end - o.start for o in exact.occurrences} == {timedelta(hours=8)}
    assert event("DTSTART;TZID=Europe/Berlin:20240330T120000", "DURATION:P1D").end == datetime(
        2024, 3, 31, 10, tzinfo=UTC
    )
    assert event("DTSTART;TZID=Europe/Berlin:20240330T120000", "DURATION:PT24H").end == datetime(
        2024, 3, 31, 11, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "tzid",
    [
        "Europe/Berlin",
        "W. Europe Standard Time",
        "/freeassociation.sourceforge.net/Europe/Berlin",
        "/mozilla.org/20050126_1/Europe/Berlin",
        '"Europe/Berlin"',
    ],
)
def test_a_known_name_wins_over_a_definition_that_contradicts_it(tzid: str) -> None:
    text = vcalendar(
        OUTLOOK_ZONE.format(name=tzid.strip('"')),
        vevent(f"DTSTART;TZID={tzid}:20240701T100000", "DURATION:PT1H"),
    )
    assert starts(read(text)) == ["07-01 08:00"]


def test_an_unknown_name_takes_the_definition_given_even_one_that_follows() -> None:
    lines = (
        "DTSTART;TZID=Customized Time Zone:20240701T100000",
        "DURATION:PT1H",
        "RRULE:FREQ=MONTHLY;COUNT=6",
    )
    zone = OUTLOOK_ZONE.format(name="Customized Time Zone")
    assert series(zone, vevent(*lines)) == series(vevent(*lines), zone)
    assert series(zone, vevent(*lines))[::5] == ["07-01 05:00", "12-01 06:00"]


def test_a_defined_zone_whose_clock_never_rests_defines_nothing() -> None:
    zone = OUTLOOK_ZONE.format(name="Mad").replace(
        "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY"
    )
    (problem,) = read(vcalendar(zone, vevent("DTSTART;TZID=Mad:20240701T100000"))).problems
    assert "not defined properly" in problem.reason


def test_two_calendars_may_define_one_name_differently() -> None:
    event_ = vevent("DTSTART;TZID=Ours:20240701T100000", "DURATION:PT1H")
    ours = vcalendar(OUTLOOK_ZONE.format(name="Ours"), event_)
    other = vcalendar(
        OUTLOOK_ZONE.format(name="Ours").replace("+0500", "+0900").replace("+0400", "+0800"), event_
    )
    assert [starts(read(text)) for text in (ours, other, ours)] == [
        ["07-01 05:00"],
        ["07-01 01:00"],
        ["07-01 05:00"],
    ]


def test_a_clock_gap_of_a_defined_zone_is_read_with_the_offset_before_it() -> None:
    zone = OUTLOOK_ZONE.format(name="Ours")
    assert series(zone, vevent("DTSTART;TZID=Ours:20240331T023000", "DURATION:PT1H")) == [
        "03-30 22:30"
    ]


@pytest.mark.parametrize("definition", ["", "BEGIN:VTIMEZONE\nTZID:Nowhere\nEND:VTIMEZONE\n"])
def test_an_event_in_a_zone_that_nobody_knows_is_a_problem_and_proves_nothing(
    definition: str,
) -> None:
    expansion = read(
        vcalendar(definition, vevent("DTSTART;TZID=Nowhere:20240701T100000", "DURATION:PT1H"))
    )
    assert [o.kind for o in expansion.occurrences] == ["unplaced"]
    (problem,) = expansion.problems
    assert problem.uid == "one"
    assert "Nowhere" in problem.reason


def test_an_event_in_a_zone_that_nobody_knows_stands_at_each_of_its_times_by_the_users_clock() -> (
    None
):
    board = (
        "DTSTART;TZID=Nowhere:20240325T100000",
        "DTEND;TZID=Nowhere:20240325T110000",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )
    expansion = read(vcalendar(vevent(*board)), zone="Europe/Berlin")
    assert starts(expansion) == ["03-25 09:00", "04-01 08:00"]
    assert {o.end - o.start for o in expansion.occurrences} == {timedelta(hours=1)}


def test_a_name_in_the_wrong_case_is_understood_where_nothing_defines_it() -> None:
    assert event("DTSTART;TZID=europe/berlin:20240701T100000", "DURATION:PT1H").start.hour == 8


def test_utc_stays_utc_whatever_zone_stands_beside_it() -> None:
    assert event("DTSTART;TZID=Europe/Berlin:20240701T100000Z", "DURATION:PT1H").start.hour == 10
    assert event("DTSTART;TZID=Nowhere:20240701T100000Z", "DURATION:PT1H").start.hour == 10


def test_floating_times_mean_the_calendars_own_zone_then_the_users() -> None:
    floating = vevent("DTSTART:20240701T100000", "DURATION:PT1H")
    assert series(floating) == ["07-01 08:00"]
    assert series("X-WR-TIMEZONE:America/New_York\n", floating) == ["07-01 14:00"]
    assert series("X-WR-TIMEZONE:No/Such\n", floating) == ["07-01 08:00"]


# --- what an event says ---


def test_an_event_with_a_date_is_all_day_and_lasts_at_least_that_day() -> None:
    for lines in (
        ("DTSTART;VALUE=DATE:20240318",),
        ("DTSTART:20240318", "DTEND:20240318"),
        ("DTSTART:20240318", "DURATION:P1D"),
        ("DTSTART;VALUE=DATE:20240318T000000",),
    ):
        occurrence = event(*lines)
        assert occurrence.all_day
        assert (occurrence.start, occurrence.end) == (
            datetime(2024, 3, 18, tzinfo=UTC),
            datetime(2024, 3, 19, tzinfo=UTC),
        )
    assert event("DTSTART;VALUE=DATE:20240318", "DTEND;VALUE=DATE:20240321").end == datetime(
        2024, 3, 21, tzinfo=UTC
    )


def test_an_all_day_event_belongs_to_the_window_of_the_users_day() -> None:
    day = vevent("DTSTART;VALUE=DATE:20240318")
    # half past midnight in Berlin
    assert series(day, first="2024-03-17T23:30", last="2024-03-17T23:45")
    assert not series(day, first="2024-03-18T23:30", last="2024-03-18T23:45")


def test_people_are_read_with_address_kind_and_answer() -> None:
    occurrence = event(
        "DTSTART:20240318T090000Z",
        "ORGANIZER;CN=Sam:MAILTO:Sam@Example.COM",
        'ATTENDEE;CN="Doe, Jane";PARTSTAT=ACCEPTED:mailto:jane%2Btag@example.com',
        "ATTENDEE;PARTSTAT=DELEGATED:bob@example.com",
        "ATTENDEE;EMAIL=ann@example.com;PARTSTAT=X-LATER:urn:uuid:1234",
        "ATTENDEE;CUTYPE=GROUP;PARTSTAT=declined:mailto:team@example.com",
        "ATTENDEE;CUTYPE=ROOM:mailto:room@example.com",
        "ATTENDEE;PARTSTAT=TENTATIVE:mailto:c_188@resource.calendar.google.com",
        "ATTENDEE;ROLE=NON-PARTICIPANT:mailto:fyi@example.com",
        "ATTENDEE;CN=Nameless:/principals/users/x",
    )
    assert occurrence.organizer is not None
    assert (occurrence.organizer.email, occurrence.organizer.name) == ("sam@example.com", "Sam")
    assert [(a.email, a.kind, a.answer, a.takes_part) for a in occurrence.attendees] == [
        ("jane+tag@example.com", "person", "accepted", True),
        ("bob@example.com", "person", "delegated", True),
        ("ann@example.com", "person", "needs-action", True),
        ("team@example.com", "group", "declined", True),
        ("room@example.com", "room", "needs-action", True),
        ("c_188@resource.calendar.google.com", "resource", "tentative", True),
        ("fyi@example.com", "person", "needs-action", False),
        ("/principals/users/x", "person", "needs-action", True),
    ]
    assert occurrence.attendees[0].name == "Doe, Jane"


@pytest.mark.parametrize(
    ("line", "attribute", "value"),
    [
        ("STATUS:TENTATIVE", "status", "tentative"),
        ("status:cancelled", "status", "cancelled"),
        ("STATUS:X-ODD", "status", "confirmed"),
        ("TRANSP:TRANSPARENT", "transparent", True),
        ("TRANSP:OPAQUE", "transparent", False),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "kind", "out-of-office"),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "transparent", True),
        ("X-MICROSOFT-CDO-INTENDEDSTATUS:OOF", "kind", "default"),
        ("X-FIKAD-EVENT-KIND:focus", "kind", "focus"),
        ("X-FIKAD-EVENT-KIND:birthday", "kind", "birthday"),
        ("X-FIKAD-EVENT-KIND:nonsense", "kind", "default"),
        ("X-FIKAD-GUESTS-HIDDEN:TRUE", "guests_hidden", True),
        ("X-FIKAD-GUESTS-OMITTED:TRUE", "guests_omitted", True),
        ("SUMMARY:Coffee\\, then\\ncake", "title", "Coffee, then cake"),
        ("LOCATION:Here\\; there", "location", "Here; there"),
    ],
)
def test_what_an_event_says_of_itself(line: str, attribute: str, value: object) -> None:
    assert getattr(event("DTSTART:20240318T090000Z", line), attribute) == value


def test_only_a_connector_of_ours_may_say_which_row_is_the_owners() -> None:
    text = vcalendar(
        vevent(
            "DTSTART:20240318T090000Z",
            "ATTENDEE;X-FIKAD-SELF=TRUE;X-FIKAD-EXTRA-GUESTS=2:mailto:eve@example.com",
        )
    )
    (forged,) = read(text).occurrences
    (told,) = read(text, trusted=True).occurrences
    assert not forged.attendees[0].me
    assert told.attendees[0].me
    assert forged.attendees[0].extra_guests == told.attendees[0].extra_guests == 2


@pytest.mark.parametrize("field", ["birthday_of", "anniversary_of"])
def test_only_a_connector_of_ours_may_say_whose_day_it_is(field: str) -> None:
    name = f"X-FIKAD-{field.upper().replace('_', '-')}"
    text = vcalendar(vevent("DTSTART;VALUE=DATE:20240318", f"{name}:people/c7"))
    (forged,) = read(text).occurrences
    (told,) = read(text, trusted=True).occurrences
    assert [getattr(each, field) for each in (forged, told)] == ["", "people/c7"]


def test_text_is_inert_and_bounded() -> None:
    occurrence = event(
        "DTSTART:20240318T090000Z",
        "SUMMARY:\x1b[31mLunch\u202e\x00 \u2066with\u2028\u00a0 Jane\u200b" + "x" * 900,
    )
    assert occurrence.title.startswith("[31mLunch with Jane")
    assert occurrence.title.isprintable()
    assert len(occurrence.title) == 500
    assert sanitize("a \x1b b\t\r\nc") == "a b c"


def test_folded_lines_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    text = vcalendar(vevent("DTSTART:20240318T090000Z", "SUMMARY:Lunch with Jane"))
    folded = "\ufeff" + text.replace("SUMMARY:Lunch with", "SUMM\r\n ARY:Lun\r\n\tch wi\r\n th")
    results = [
        read(t) for t in (text, folded, text.replace("\r\n", "\n"), text.replace("\r\n", "\r"))
    ]
    assert all(expansion == results[0] for expansion in results)
    assert results[0].occurrences[0].title == "Lunch with Jane"


def test_alarms_todos_journals_and_busy_times_are_not_events() -> None:
    text = vcalendar(
        "BEGIN:VTODO\nUID:t\nDTSTART:20240318T090000Z\nEND:VTODO\n",
        "BEGIN:VJOURNAL\nUID:j\nDTSTART:20240318T090000Z\nEND:VJOURNAL\n",
        "BEGIN:VFREEBUSY\nUID:f\nDTSTART:20240318T090000Z\nEND:VFREEBUSY\n",
        vevent(
            "DTSTART:20240318T090000Z",
            "BEGIN:VALARM",
            "SUMMARY:Alarm",
            "ATTENDEE:mailto:x@example.com",
            "END:VALARM",
        ),
    )
    (only,) = read(text).occurrences
    assert (only.uid, only.title, only.attendees) == ("one", "", ())
    assert (
        read("\ufeff" + vcalendar()) == read(vcalendar("BEGIN:VTODO\nEND:VTODO\n")) == Expansion()
    )


def test_an_event_without_a_uid_gets_one_that_stays() -> None:
    text = vcalendar(
        vevent("DTSTART:20240318T090000Z").replace("UID:one\n", ""),
        vevent("DTSTART:20240319T090000Z"),
    )
    first, second = read(text).occurrences
    assert first.uid == read(text).occurrences[0].uid != second.uid
    assert not first.uid.startswith("fikad")


def test_different_events_that_wrongly_share_a_uid_all_take_place() -> None:
    assert series(vevent("DTSTART:20240318T090000Z"), vevent("DTSTART:20240319T090000Z")) == [
        "03-18 09:00",
        "03-19 09:00",
    ]


def test_a_hold_is_recognised_by_its_uid() -> None:
    lines = (
        "DTSTART:20240318T090000Z",
        "DTEND:20240318T100000Z",
        "SUMMARY:Coffee?",
        "DESCRIPTION:why",
    )
    holds = {
        uid: read(vcalendar(vevent(*lines, uid=uid))).occurrences[0].hold
        for uid in ("fikad-0ab", "fikad0123456789", "fikad-x@example.com", "other")
    }
    assert [uid for uid, hold in holds.items() if hold] == ["fikad-0ab", "fikad0123456789"]
    assert holds["fikad-0ab"] is not None
    assert holds["fikad-0ab"].description == "why"


# --- what is wrong ---

GOOD = vevent("DTSTART:20240320T090000Z", "DTEND:20240320T100000Z", uid="good")
NINE_TO_TEN = ("DTSTART:20240318T090000Z", "DTEND:20240318T100000Z")


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        (("DTSTART:20240318T100000Z", "DTEND:20240318T090000Z"), False),
        (("DTSTART;VALUE=DATE:20240318", "DTEND;VALUE=DATE:20240317"), False),
        (("DTSTART:20240318T100000Z", "DURATION:-PT1H"), False),
        (("SUMMARY:no start",), False),
        (("DTSTART:someday",), False),
        (("DTSTART:20240231T090000Z",), False),
        (("DTSTART:PT1H",), False),
        (("DTSTART:20240318T090000Z", "DTEND:later"), False),
        (("DTSTART:20240318T090000Z", "DTSTART:20240319T090000Z"), False),
        (("DTSTART:00010101T000000Z", "DTEND:99991231T235959Z"), False),
        (("DTSTART:20240318T090000Z", "DTEND:99991231T235959Z"), False),
        (("DTSTART:20240318T090000Z", "DURATION:P9999999999999W"), False),
        ((*NINE_TO_TEN, "RRULE:FREQ=SECONDLY"), True),
        ((*NINE_TO_TEN, "RRULE:FREQ=MINUTELY;INTERVAL=59"), True),
        ((*NINE_TO_TEN, "RRULE:FREQ=DAILY;BYHOUR=8,9,10,11,12;BYMINUTE=0,10,20,30,40"), True),
        ((*NINE_TO_TEN, "RRULE:FREQ=DAILY;INTERVAL=0"), True),
        ((*NINE_TO_TEN, "RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"), True),
        ((*NINE_TO_TEN, "RRULE:FREQ=DAILY", "EXDATE:never"), True),
        ((*NINE_TO_TEN, "RDATE:20240399T090000Z"), True),
        ((*NINE_TO_TEN, "RECURRENCE-ID:unknown"), True),
    ],
)
def test_an_event_that_cannot_be_read_is_set_aside_with_a_reason_and_the_others_are_read(
    lines: tuple[str, ...], known: bool
) -> None:
    expansion = read(vcalendar(vevent(*lines, uid="bad"), GOOD))
    assert [o.uid for o in expansion.occurrences] == ["good"]
    (problem,) = expansion.problems
    assert problem.uid == "bad"
    assert problem.reason.isprintable()
    span = (datetime(2024, 3, 18, 9, tzinfo=UTC), datetime(2024, 3, 18, 10, tzinfo=UTC))
    assert (problem.start, problem.end) == (span if known else (None, None))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SOMETIMES",
        "COUNT=3",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;BYDAY=MO TU",
        "FREQ=DAILY;WKST=8",
        "FREQ=YEARLY;BYEASTERN=1",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;UNTIL=PT1H",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD",
        "W1 MO 0900 #0",
    ],
)
def test_of_a_series_by_a_rule_that_nobody_can_read_its_first_date_is_certain(rule: str) -> None:
    """The rest is not known, which is told; added dates and exceptions take place as they say."""
    moved = vevent("RECURRENCE-ID:20240325T090000Z", "DTSTART:20240326T090000Z", uid="bad")
    added = "RDATE:20240325T090000Z,20240401T090000Z"
    expansion = read(vcalendar(vevent(*NINE_TO_TEN, f"RRULE:{rule}", added, uid="bad"), moved))
    assert starts(expansion) == ["03-18 09:00", "03-26 09:00", "04-01 09:00"]
    (problem,) = expansion.problems
    assert problem.uid == "bad"
    assert "first date alone" in problem.reason


def test_a_broken_all_day_event_occupies_the_users_day() -> None:
    (problem,) = read(
        vcalendar(vevent("DTSTART;VALUE=DATE:20240318", "RRULE:FREQ=SECONDLY"))
    ).problems
    assert (problem.start, problem.end) == (
        datetime(2024, 3, 17, 23, tzinfo=UTC),
        datetime(2024, 3, 18, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_a_broken_event_that_leaves_its_time_free_occupies_nothing(line: str) -> None:
    (problem,) = read(vcalendar(vevent(*NINE_TO_TEN, line, "RRULE:FREQ=SECONDLY"))).problems
    assert problem.start is None


@pytest.mark.parametrize("line", ["ATTENDEE:", "ATTENDEE;;;=:x"])
def test_an_event_with_a_garbled_guest_takes_place_with_unknown_guests(line: str) -> None:
    expansion = read(
        vcalendar(vevent(*NINE_TO_TEN, line, "ATTENDEE:mailto:bob@example.com", uid="bad"), GOOD)
    )
    bad, good = expansion.occurrences
    assert bad.guests_omitted
    assert not good.guests_omitted
    (problem,) = expansion.problems
    assert (problem.uid, problem.start) == ("bad", datetime(2024, 3, 18, 9, tzinfo=UTC))


def test_a_broken_exception_leaves_its_instance_out_and_the_rest_of_the_series_in() -> None:
    broken = vevent(
        "RECURRENCE-ID:20240325T090000Z", "DTSTART:20240325T120000Z", "DTEND:20240325T110000Z"
    )
    expansion = read(vcalendar(FOUR_WEEKS, broken))
    assert starts(expansion) == ["03-18 09:00", "04-01 08:00", "04-08 08:00"]
    assert [p.uid for p in expansion.problems] == ["one"]


def test_garbage_between_the_lines_and_in_lines_that_do_not_matter_is_skipped() -> None:
    expansion = read(
        vcalendar(
            vevent(
                *NINE_TO_TEN,
                "no colon here",
                "DESCRIPTION;=;=x",
                "X-ODD;a;b",
                "DTSTAMP:never",
                ":",
                "GEO:x",
            )
        )
    )
    assert starts(expansion) == ["03-18 09:00"]
    assert not expansion.problems


@pytest.mark.parametrize(
    "text",
    ["", "hello", "<html><body>Log in</body></html>", "BEGIN:VCARD\nEND:VCARD\n", "\x00\x01"],
)
def test_what_is_no_calendar_at_all_is_a_problem(text: str) -> None:
    expansion = read(text)
    assert not expansion.occurrences
    assert len(expansion.problems) == 1


def test_a_text_that_ends_in_the_middle_is_read_as_far_as_it_goes_and_reported() -> None:
    text = vcalendar(GOOD, vevent(*NINE_TO_TEN, "SUMMARY:cut"))
    for end, uids in (
        (text.index("SUMMARY:cut"), ["one", ""]),
        (text.index("END:VCALENDAR"), [""]),
    ):
        expansion = read(text[:end])
        assert "good" in [o.uid for o in expansion.occurrences]
        assert sorted(p.uid for p in expansion.problems) == sorted(uids)


def test_another_kind_of_calendar_is_set_aside() -> None:
    assert "Gregorian" in read(vcalendar("CALSCALE:HEBREW\n", GOOD)).problems[0].reason


def test_one_series_that_takes_too_long_is_interrupted_alone() -> None:
    calls = 0

    def renew() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise TooSlowError

    other = FOUR_WEEKS.replace("UID:one", "UID:two")
    window = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    expansion = expand((vcalendar(FOUR_WEEKS, other, GOOD),), *window, BERLIN, renew=renew)
    assert {o.uid for o in expansion.occurrences} == {"two", "good"}
    assert [(p.uid, p.start) for p in expansion.problems] == [
        ("one", datetime(2024, 3, 18, 9, tzinfo=UTC))
    ]


def test_more_occurrences_than_anybody_has_are_a_problem() -> None:
    expansion = read(vcalendar(vevent(*NINE_TO_TEN, "RRULE:FREQ=HOURLY"), GOOD), last="2027-01-01")
    assert [o.uid for o in expansion.occurrences] == ["good"]
    assert "20000" in expansion.problems[0].reason
