"""What programs say about an event in their own ways takes the user's time as they mean it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.ical.occurrences import expand
from daemon.planning.busy import Busy, TimeSpan, busy

BERLIN = ZoneInfo("Europe/Berlin")
FROM, UNTIL = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 15, tzinfo=UTC)
TEN = ("DTSTART:20261203T100000Z", "DTEND:20261203T110000Z")


def busy_by(*lines: str) -> Busy:
    body = "\r\n".join(
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:one", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    )
    expansion = expand([body], FROM, UNTIL, BERLIN)
    return busy(
        expansion.occurrences,
        expansion.problems,
        mine=(),
        zone=BERLIN,
        within=TimeSpan(FROM, UNTIL),
    )


def spans(busy: Busy) -> set[tuple[datetime, datetime]]:
    return {(taken.start, taken.end) for taken in busy.timed}


def test_an_event_whose_zone_nobody_knows_is_busy_by_the_users_clock_each_time() -> None:
    board = busy_by(
        "DTSTART;TZID=Nowhere:20261203T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2"
    )
    assert spans(board) == {
        (datetime(2026, 12, day, 9, tzinfo=UTC), datetime(2026, 12, day, 10, tzinfo=UTC))
        for day in (3, 10)
    }


def test_an_all_day_event_of_outlook_closes_its_date_in_the_users_zone() -> None:
    busy = busy_by(
        "DTSTART:20261203T000000Z", "DTEND:20261204T000000Z", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
    )
    assert not busy.timed
    assert [(taken.first, taken.last) for taken in busy.days] == [
        (date(2026, 12, 3), date(2026, 12, 3))
    ]


def test_the_time_on_the_way_lies_before_an_event_and_is_busy() -> None:
    taken = busy_by(*TEN, "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT45M")
    end = datetime(2026, 12, 3, 11, tzinfo=UTC)
    assert spans(taken) == {(end - timedelta(hours=1, minutes=45), end)}


def test_time_on_the_way_that_alone_reaches_into_what_is_looked_at_is_busy() -> None:
    start = UNTIL + timedelta(minutes=30)
    text = f"BEGIN:VEVENT\nUID:one\nDTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\n"
    text += "X-APPLE-TRAVEL-DURATION:PT1H\nEND:VEVENT\n"
    occurrences = expand([text], FROM, UNTIL + timedelta(days=1), BERLIN).occurrences
    taken = busy(occurrences, mine=(), zone=BERLIN, within=TimeSpan(FROM, UNTIL)).timed
    assert [span.start for span in taken] == [UNTIL - timedelta(minutes=30)]


def test_being_out_of_office_closes_the_day_and_working_elsewhere_does_not() -> None:
    assert busy_by(*TEN, "X-MICROSOFT-CDO-BUSYSTATUS:OOF").closing(date(2026, 12, 3)) is not None
    elsewhere = ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")
    for edges in (
        TEN,
        ("DTSTART;VALUE=DATE:20261203",),
        ("DTSTART:20261203T000000Z", "DTEND:20261204T000000Z"),
    ):
        taken = busy_by(*edges, *elsewhere)
        assert taken.closing(date(2026, 12, 3)) is None
        assert not taken.timed
