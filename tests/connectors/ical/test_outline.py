"""The outline of calendar texts: whoever looks at one sees the same events."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.answering import asks
from connectors.files.ics_text import split
from connectors.ical.completion import completed_text
from connectors.ical.fragments import cut
from connectors.ical.outline import Nesting, edge_of, folded, name_of, uids, unfolded, value_of

A = ("BEGIN:VEVENT", "UID:a", "DTSTART:20260304T090000Z", "END:VEVENT")
B = ("BEGIN:VEVENT", "UID:b", "DTSTART:20260305T090000Z", "END:VEVENT")
ALARM = ("BEGIN:VALARM", "UID:alarm", "END:VALARM")


def calendar(*lines: str, end: str = "\r\n") -> str:
    return end.join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


ODD = {
    "a mark of byte order": ("\ufeff" + calendar(*A), {"a"}),
    "old line ends": (calendar(*A, end="\r"), {"a"}),
    "blanks around the edges": (calendar("begin : vevent ", *A[1:3], "End :\tVEvent "), {"a"}),
    "an edge folded in two": (calendar("BEGIN:VEV", " ENT", *A[1:3], "END:", " VEVENT"), {"a"}),
    "empty lines before a fold": (
        calendar("BEGIN:VEVENT", "UID:a", "", " b", "END:VEVENT"),
        {"ab"},
    ),
    "no calendar around": ("\r\n".join((*A, *B)), {"a", "b"}),
    "two calendars": (calendar(*A) + calendar(*B), {"a", "b"}),
    "an event after the end": (calendar(*A) + "\r\n".join(B), {"a", "b"}),
    "an alarm with a UID": (calendar(*A[:1], *ALARM, *A[1:]), {"a"}),
    "an alarm without its end": (calendar(*A[:2], *ALARM[:2], A[3], *B), {"a", "b"}),
    "an end that ends nothing": (calendar("END:VALARM", A[0], "END:VTODO", *A[1:], *B), {"a", "b"}),
    "an event in an event": (calendar(*A[:3], *B), {"a", "b"}),
    "a UID written twice": (calendar(*A[:2], "UID:b", *A[2:]), {"a"}),
    "a UID with parameters": (calendar(A[0], "uid;X-A=1:a", *A[2:]), {"a"}),
    "a line that only looks like an edge": (calendar(*A[:2], "X-A:END:VEVENT", *A[2:]), {"a"}),
    "other characters that part lines elsewhere": (
        calendar(*A[:2], "NOTE:x\u2028UID:b\x0bUID:c\rUID:d", *A[2:]),
        {"a"},
    ),
    "an event that was cut off": ("\r\n".join(("BEGIN:VCALENDAR", *A, *B[:2])), {"a", "b"}),
    "a task in an event": (calendar(*A[:2], "BEGIN:VTODO", "UID:t", "END:VTODO", *B), {"a", "b"}),
}


@pytest.mark.parametrize(("text", "expected"), ODD.values(), ids=ODD)
def test_who_reads_splits_and_writes_sees_the_same_events(text: str, expected: set[str]) -> None:
    assert {value_of(part.lines["UID"][0]) for part in cut(text).fragments} == expected
    assert set(split(text)) == expected
    assert uids(text) - {"", "t"} == expected


@pytest.mark.parametrize("name", ["an event that was cut off", "an event in an event"])
def test_nothing_is_written_over_a_text_that_was_cut_off(name: str) -> None:
    """Its UIDs are never those of one hold alone."""
    assert "" in uids(ODD[name][0])


def test_a_component_without_a_uid_counts_and_a_time_zone_does_not() -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:X", "BEGIN:STANDARD", "END:STANDARD", "END:VTIMEZONE")
    assert uids(calendar(*zone, *A)) == {"a"}
    assert uids(calendar(*A, A[0], A[3])) == {"a", ""}


def test_what_completes_an_event_finds_it_behind_an_alarm_without_its_end() -> None:
    text = calendar(A[0], "STATUS:TENTATIVE", "DESCRIPTION:Fine\\nAnswer?", *ALARM[:2], A[3], *B)
    done = completed_text(text, {"Answer?"})
    first = cut(done).fragments[0]
    assert first.lines["STATUS"] == ["STATUS:CONFIRMED"]
    assert first.whole[-1] == "TRANSP:OPAQUE"
    assert not asks(done, {"Answer?"})


LINES = st.sampled_from(
    [
        *A,
        *ALARM,
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "BEGIN:VTODO",
        "END:VTODO",
        " folded",
        "",
        "\t",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=20), st.sampled_from(["\r\n", "\n", "\r"]))
def test_lines_are_the_same_with_their_folds_and_without(lines: list[str], end: str) -> None:
    text = end.join(["VERSION:2.0", *lines])
    assert [line for _, line in folded(text)] == [line for line in unfolded(text) if line]
    begun = sum(edge_of(line) == (True, "VEVENT") for line in unfolded(text))
    assert len(cut(text).fragments) == begun


def test_whatever_begins_or_ends_the_nesting_stands() -> None:
    nesting = Nesting()
    assert nesting.step(False, "VEVENT") == "inner"
    assert nesting.step(True, "VEVENT") == "component"
    assert nesting.step(True, "VALARM") == "inner"
    assert nesting.step(True, "VTODO") == "component"
    assert (nesting.calendar, nesting.component, nesting.inner) == (False, "VTODO", [])
    assert nesting.step(True, "VCALENDAR") == "calendar"
    assert (nesting.calendar, nesting.component) == (True, "")
    assert name_of("  x-a ;b=c:d") == "X-A"
