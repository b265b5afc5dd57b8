"""The question when people are busy, and the answer to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from connectors.free_busy import BusySpan, merged
from connectors.ical.free_busy import FreeBusyRequest, busy_spans
from connectors.mail_address import mail_address

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
END = START + timedelta(days=14)
SAM, JANE = "sam@example.com", "jane@example.com"


def at(hour: int) -> datetime:
    return datetime(2026, 11, 3, hour, tzinfo=UTC)


def answer(*lines: str) -> str:
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "METHOD:REPLY",
            "BEGIN:VFREEBUSY",
            "UID:1",
            *lines,
            "END:VFREEBUSY",
            "END:VCALENDAR",
            "",
        )
    )


@given(st.lists(st.emails().map(mail_address).filter(bool), min_size=1, max_size=30))
@settings(max_examples=50)
def test_a_question_holds_one_vfreebusy_and_no_text_but_addresses(addresses: list[str]) -> None:
    text = FreeBusyRequest(SAM, tuple(addresses), START, END).text(START)
    calendar = Calendar.from_ical(text)
    [asked] = calendar.subcomponents
    assert (calendar["METHOD"], asked.name) == ("REQUEST", "VFREEBUSY")
    assert set(asked) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE"}
    told = asked["ATTENDEE"] if isinstance(asked["ATTENDEE"], list) else [asked["ATTENDEE"]]
    assert [str(each) for each in told] == [f"mailto:{address}" for address in addresses]
    assert text.count("BEGIN:") == 2


@pytest.mark.parametrize(
    "addresses",
    [
        (),
        ("jane",),
        ("jane@example.com\r\nBEGIN:VEVENT",),
        ("Jane@Example.com",),
        ("mailto:jane@example.com",),
        ("a@b\x00",),
    ],
)
def test_what_is_no_address_is_never_asked_for(addresses: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="address"):
        FreeBusyRequest(SAM, addresses, START, END)


def test_a_question_needs_two_aware_times_in_order() -> None:
    for start, end in [(END, START), (START, START), (START.replace(tzinfo=None), END)]:
        with pytest.raises(ValueError, match="times"):
            FreeBusyRequest(SAM, (JANE,), start, end)


@pytest.mark.parametrize(
    ("lines", "spans"),
    [
        ([], []),
        (["FREEBUSY:20261103T090000Z/20261103T100000Z"], [(9, 10)]),
        (["FREEBUSY;FBTYPE=BUSY:20261103T090000Z/PT1H,20261103T120000Z/PT2H"], [(9, 10), (12, 14)]),
        (["FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261103T090000Z/PT1H"], [(9, 10)]),
        (["FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261103T090000Z/PT1H"], [(9, 10)]),
        (["FREEBUSY;FBTYPE=FREE:20261103T090000Z/PT1H"], []),
        (["FREEBUSY;FBTYPE=X-HOME:20261103T090000Z/PT1H"], [(9, 10)]),
        (["FREEBUSY;FBTYPE=BUSY:20261103T090000Z/20261103T", " 100000Z"], [(9, 10)]),
    ],
)
def test_an_answer_tells_when_somebody_is_busy(
    lines: list[str], spans: list[tuple[int, int]]
) -> None:
    assert busy_spans(answer(*lines)) == tuple(BusySpan(at(a), at(b)) for a, b in spans)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        answer().replace("END:VFREEBUSY\r\n", ""),
        answer("FREEBUSY:20261103T090000/PT1H"),
        answer("FREEBUSY:tomorrow"),
        answer("FREEBUSY:20261103T090000Z"),
        answer('FREEBUSY;FBTYPE="BUSY:20261103T090000Z/PT1H'),
    ],
)
def test_an_answer_that_cannot_be_read_tells_nothing(text: str) -> None:
    assert busy_spans(text) is None


def test_spans_that_touch_are_one_and_lie_within_what_was_asked() -> None:
    spans = [BusySpan(at(12), at(13)), BusySpan(at(9), at(11)), BusySpan(at(11), at(12))]
    assert merged([*spans, BusySpan(at(20), at(19))], at(10), at(22)) == (BusySpan(at(10), at(13)),)
    within = [BusySpan(at(9), at(12)), BusySpan(at(10), at(11))]
    assert merged(within, at(8), at(22)) == (BusySpan(at(9), at(12)),)
    east = timezone(timedelta(hours=5))
    assert merged([BusySpan(at(9).astimezone(east), at(10).astimezone(east))], at(9), at(10))
