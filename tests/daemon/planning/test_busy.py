"""What programs say about an event in their own ways takes the user's time as they mean it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import Occurrence
from connectors.ical.occurrences import expand
from daemon.planning.busy import Busy, Taken, TakenDays, TimeSpan, buffered, busy

BERLIN = ZoneInfo("Europe/Berlin")
FROM, UNTIL = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 15, tzinfo=UTC)
TENTH = datetime(2026, 12, 10, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
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


def event(start: datetime, end: datetime, uid: str = "one", **more: Any) -> Occurrence:
    return Occurrence(uid, start, end, uid.title(), **more)


def taken_by(*events: Occurrence, also: Sequence[Taken] = (), zone: ZoneInfo = BERLIN) -> Busy:
    return busy(events, mine=(), zone=zone, within=TimeSpan(FROM, UNTIL), also=also)


def test_what_lies_beyond_what_is_looked_at_takes_nothing_and_what_touches_it_does() -> None:
    before, after = event(FROM - HOUR, FROM), event(UNTIL, UNTIL + HOUR)
    assert len(taken_by(before, after).timed) == 2
    far = event(FROM - HOUR, FROM - SECOND), event(UNTIL + SECOND, UNTIL + HOUR)
    assert taken_by(*far).timed == ()
    spans = [Taken(one.start, one.end, one.uid) for one in (before, after, *far)]
    assert taken_by(also=spans).timed == tuple(spans[:2])
    days = event(FROM - 2 * DAY, FROM - DAY), event(UNTIL + DAY, UNTIL + 2 * DAY)
    assert len(taken_by(*(replace(one, all_day=True) for one in days)).days) == 2
    further = (
        event(FROM - 2 * DAY, FROM - DAY - SECOND),
        event(UNTIL + DAY + SECOND, UNTIL + 2 * DAY),
    )
    assert taken_by(*(replace(one, all_day=True) for one in further)).days == ()


def test_everything_counts_in_whatever_order_it_comes_and_is_told_in_order_of_start() -> None:
    first, second = event(TENTH, TENTH + HOUR, "a"), event(TENTH + HOUR, TENTH + 2 * HOUR, "b")
    whole = [
        replace(event(TENTH + n * DAY, TENTH + (n + 1) * DAY, f"d{n}"), all_day=True)
        for n in (0, 1)
    ]
    far = event(UNTIL + DAY, UNTIL + 2 * DAY)
    told = taken_by(far, whole[1], second, whole[0], first)
    assert [one.uid for one in told.timed] == ["a", "b"]
    assert [(one.uid, one.title, one.rule) for one in told.days] == [
        ("d0", "D0", "all-day"),
        ("d1", "D1", "all-day"),
    ]


def test_an_absence_is_named_and_closes_the_days_of_the_users_clock() -> None:
    """Half past eleven at night in London is the next day in Berlin."""
    late = event(TENTH - HOUR / 2, TENTH - HOUR / 4, "trip", kind="out-of-office")
    for zone, day in ((BERLIN, 10), (ZoneInfo("UTC"), 9)):
        told = TakenDays(date(2026, 12, day), date(2026, 12, day), "out-of-office", "trip", "Trip")
        assert taken_by(late, zone=zone).days == (told,)
    whole = event(TENTH, TENTH + DAY, "trip", kind="out-of-office", all_day=True)
    assert [one.rule for one in taken_by(whole).days] == ["out-of-office"]


def test_an_all_day_event_without_length_closes_its_day() -> None:
    for end in (TENTH, TENTH - 3 * DAY):
        (told,) = taken_by(event(TENTH, end, all_day=True)).days
        assert (told.first, told.last) == (TENTH.date(), TENTH.date())


def test_what_began_in_the_year_1_may_have_time_on_the_way() -> None:
    always = event(datetime.min.replace(tzinfo=UTC), UNTIL, travel=HOUR)
    assert len(taken_by(always).timed) == 1


def test_what_is_ignored_leaves_the_buffers_of_all_that_follows() -> None:
    mine, other = event(TENTH, TENTH + HOUR, "mine"), event(TENTH + 2 * HOUR, TENTH + 3 * HOUR)
    spans = buffered(taken_by(mine, other), HOUR / 4, ignoring={"mine"})
    assert spans == [TimeSpan(other.start - HOUR / 4, other.end + HOUR / 4)]


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
