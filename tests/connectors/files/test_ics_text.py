"""Texts taken apart by UID, without being parsed."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.files import ics_text
from connectors.files.ics_text import calendar_name, calendar_zone, is_whole, split
from connectors.ical.fragments import cut

SHARED = Path(__file__).parents[3].parent / "shared" / "calendars"
ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:{0}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def event(uid: str, *lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""))


def calendar(*components: str, header: str = "PRODID:-//x//EN\r\n") -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{header}{''.join(components)}END:VCALENDAR\r\n"


def test_each_event_becomes_a_calendar_of_its_own() -> None:
    parts = split(calendar(event("a", "SUMMARY:A"), event("b", "SUMMARY:B")))
    assert parts == {"a": calendar(event("a", "SUMMARY:A")), "b": calendar(event("b", "SUMMARY:B"))}


def test_a_series_stays_with_its_exceptions() -> None:
    series, other, moved = (
        event("a", "RRULE:FREQ=DAILY"),
        event("b"),
        event("a", "RECURRENCE-ID:20260101T000000Z"),
    )
    assert split(calendar(series, other, moved))["a"] == calendar(series, moved)


def test_the_zones_that_an_event_names_travel_with_it() -> None:
    zones = ZONE.format("Europe/Berlin"), ZONE.format("My, own"), ZONE.format("Unused")
    berlin = event("a", "DTSTART;TZID=Europe/Berlin:20260101T100000")
    own = event("b", 'DTSTART;VALUE=DATE-TIME;TZID="My, own":20260101T100000')
    parts = split(calendar(*zones, berlin, own, event("c", "DTSTART:20260101T100000Z")))
    assert [text.count("BEGIN:VTIMEZONE") for text in parts.values()] == [1, 1, 0]
    assert "TZID:Europe/Berlin" in parts["a"]
    assert "TZID:My, own" in parts["b"]


def test_a_zone_named_only_in_a_folded_line_travels_too() -> None:
    folded = event("a", "EXDATE;TZID=Euro", " pe/Berlin:20260101T100000")
    assert (
        "TZID:Europe/Berlin"
        in split(calendar(ZONE.format("Europe/Berlin"), folded, event("b")))["a"]
    )


def test_folded_lines_are_neither_joined_nor_mistaken() -> None:
    folded = event("a", "DESCRIPTION:first", " BEGIN:VEVENT", "\tEND:VEVENT", " UID:z")
    assert split(calendar(folded, event("b"))) == {"a": calendar(folded), "b": calendar(event("b"))}


def test_a_folded_uid_is_read_in_full() -> None:
    assert list(split(calendar("BEGIN:VEVENT\r\nUID:one\r\n -two\r\nEND:VEVENT\r\n"))) == [
        "one-two"
    ]


def test_the_uid_of_an_alarm_is_not_the_events() -> None:
    alarm = ("BEGIN:VALARM", "UID:alarm", "END:VALARM")
    nested = "\r\n".join(("BEGIN:VEVENT", *alarm, "UID:event", "END:VEVENT", ""))
    assert list(split(calendar(nested))) == ["event"]


def test_only_line_ends_end_lines() -> None:
    inside = event("a", "SUMMARY:one\u2028UID:two\x0bUID:three\x85UID:four")
    assert split(calendar(inside)) == {"a": calendar(inside)}


def test_events_without_a_uid_stand_alone() -> None:
    nameless = [f"BEGIN:VEVENT\r\nSUMMARY:{n}\r\nEND:VEVENT\r\n" for n in "xy"]
    parts = split(calendar(*nameless))
    assert sorted(parts.values()) == [calendar(each) for each in nameless]
    assert split(calendar(*reversed(nameless))).keys() == parts.keys()


def test_an_event_that_never_ends_does_not_swallow_the_next() -> None:
    broken = "BEGIN:VEVENT\r\nUID:a\r\nBEGIN:VALARM\r\n"
    parts = split(calendar(broken, event("b", "SUMMARY:B")))
    assert list(parts) == ["a", "b"]
    assert parts["b"] == calendar(event("b", "SUMMARY:B"))
    assert not any(fragment.complete for fragment in cut(parts["a"]).fragments)


def test_several_calendars_in_one_text_keep_their_own_header() -> None:
    berlin = calendar(event("a"), header="X-WR-TIMEZONE:Europe/Berlin\r\n")
    two = calendar(event("b"), header="X-WR-TIMEZONE:Asia/Tokyo\r\n")
    assert split(berlin + two) == {"a": berlin, "b": two}


def test_tasks_and_journals_are_left_out() -> None:
    todo = "BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO\r\n"
    assert split(calendar(todo, event("a"), "BEGIN:VJOURNAL\r\nUID:j\r\nEND:VJOURNAL\r\n")) == {
        "a": calendar(event("a"))
    }


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_other_line_ends_are_understood(end: str) -> None:
    text = calendar(event("a"), event("b"))
    assert split(text.replace("\r\n", end)) == split(text)
    assert is_whole(text.replace("\r\n", end))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (calendar(event("a")), True),
        (calendar(event("a")) + "X-COMMENT:cached\r\n\r\n", True),
        (event("a"), True),
        (calendar(event("a"))[:-20], False),
        (calendar() + calendar(event("a"))[:-20], False),
        (event("a")[:-14], False),
        ("", False),
        ("<!DOCTYPE html><title>Please log in</title>", False),
        ("\n" * 200_000, False),
    ],
)
def test_a_text_that_was_cut_off_is_told_from_a_whole_one(text: str, whole: bool) -> None:
    assert is_whole(text) is whole


def test_an_export_may_say_what_it_is_called() -> None:
    named = calendar(
        event("a", "X-WR-CALNAME:no"), header="X-WR-CALNAME;VALUE=TEXT:Work\\, and\r\n  play\r\n"
    )
    assert calendar_name(named) == "Work, and play"
    assert calendar_name(calendar(event("a", "X-WR-CALNAME:no"))) == ""


LINES = [
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "UID:a",
    "UID:b",
    "BEGIN:VTIMEZONE",
]
LINES += [
    "END:VTIMEZONE",
    "TZID:Z",
    "DTSTART;TZID=Z:1",
    "BEGIN:VALARM",
    "END:VALARM",
    " folded",
    "",
    "?",
]


@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_whatever_the_lines_no_event_is_lost_or_doubled(lines: list[str]) -> None:
    text = "\r\n".join(lines)
    parts = split(text)
    counts = {uid: len(cut(part).fragments) for uid, part in parts.items()}
    assert all(counts.values())
    assert sum(counts.values()) == len(cut(text).fragments)


@given(
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(["\r\n", "\n", "\r"])), max_size=40),
    st.integers(1, 60),
    st.booleans(),
)
@example([("BEGIN:VCALENDAR", "\n"), ("BEGIN:VEVENT", "\r"), ("UID:a", "")], 1, True)
def test_a_text_taken_in_pieces_is_taken_apart_as_the_whole_is(
    lines: list[tuple[str, str]], piece: int, ended: bool
) -> None:
    text = "".join(f"{line}{end}" for line, end in lines)
    text = text if ended else text.rstrip("\r\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ics_text, "_PIECE", piece)
        in_pieces = split(text)
    assert list(in_pieces.items()) == list(split(text).items())


def test_taking_a_large_export_apart_takes_a_few_times_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its lines, all at once, would be several times its size by themselves."""
    monkeypatch.setattr(ics_text, "_PIECE", 1000)
    lines = [f"ATTENDEE:mailto:{number}@example.com" for number in range(100)]
    text = calendar(*(event(str(number), *lines) for number in range(300)))
    tracemalloc.start()
    try:
        parts = split(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(parts) == 300
    assert peak < 3 * len(text)


def test_a_large_export_is_taken_apart() -> None:
    zone = ZONE.format("Europe/Berlin")
    events = (
        event(str(n), "DTSTART;TZID=Europe/Berlin:20260101T100000", "SUMMARY:x")
        for n in range(20_000)
    )
    text = calendar(zone, *events)
    assert len(split(text)) == 20_000


@pytest.mark.skipif(
    not SHARED.exists(), reason="the collection of other projects' calendars is not here"
)
def test_real_calendars_keep_every_event() -> None:
    for path in sorted(SHARED.rglob("*.ics")):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        parts = split(text)
        fragments = sum(len(cut(part).fragments) for part in parts.values())
        assert fragments == len(cut(text).fragments), path


@pytest.mark.parametrize(
    ("lines", "zone"),
    [
        (("X-WR-TIMEZONE:Europe/Berlin",), "Europe/Berlin"),
        (("x-wr-timezone;x=y: Europe/Ber", " lin "), "Europe/Berlin"),
        (("VERSION:2.0",), ""),
        (("BEGIN:VEVENT", "X-WR-TIMEZONE:Europe/Berlin", "END:VEVENT"), ""),
    ],
)
def test_an_export_names_its_zone_before_its_events(lines: tuple[str, ...], zone: str) -> None:
    assert calendar_zone("\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""])) == zone
