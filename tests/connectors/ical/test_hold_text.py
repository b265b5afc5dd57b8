"""A hold as text: what is written, what servers may do to it, and what shows that a person touched
it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import HoldDraft, HoldEvent
from connectors.ical.fragments import cut
from connectors.ical.hold_text import (
    hold_event,
    hold_in,
    hold_text,
    mentions_hold,
    seal,
    status_of,
)
from connectors.ical.occurrences import expand

STAMP = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAFT = HoldDraft(
    uid="fikad-0123456789abcdefghijklmnop",
    title="Coffee with Jane Doe?",
    start=datetime(2026, 3, 29, 8, tzinfo=UTC),
    end=datetime(2026, 3, 29, 8, 45, tzinfo=UTC),
    description="You last met on 3 January; 85 days ago.\n"
    "To answer, remove the “?”, delete this, or retitle it.\n\n"
    "fikad",
    location="Café Ümlaut, Hauptstraße 1",
)
TEXT = hold_text(DRAFT, STAMP)


def found(text: str) -> HoldEvent:
    hold = hold_event(text)
    assert hold is not None
    return hold


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def with_line(line: str, text: str = TEXT) -> str:
    return text.replace("END:VEVENT", f"{line}\r\nEND:VEVENT")


def untouched(text: str) -> bool:
    hold = found(text)
    return hold.seal == seal(hold) == seal(DRAFT)


def test_a_hold_is_tentative_private_free_and_tells_nobody() -> None:
    lines = unfolded(TEXT).split("\r\n")
    for line in (
        "UID:fikad-0123456789abcdefghijklmnop",
        "SUMMARY:Coffee with Jane Doe?",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE",
        "DTSTART:20260329T080000Z",
        "DTEND:20260329T084500Z",
        "DTSTAMP:20260301T120000Z",
        f"X-FIKAD-SEAL:{seal(DRAFT)}",
    ):
        assert line in lines
    assert "TRANSP:OPAQUE\r\n" in hold_text(replace(DRAFT, transparent=False), STAMP)
    assert not re.search("ATTENDEE|ORGANIZER|VALARM|METHOD", TEXT)
    assert "PRODID:-//fikad//" in TEXT
    assert all(len(line.encode()) <= 75 for line in TEXT.split("\r\n"))


def test_the_same_draft_gives_the_same_text() -> None:
    assert hold_text(DRAFT, STAMP) == TEXT
    elsewhere = replace(DRAFT, start=DRAFT.start.astimezone(ZoneInfo("Asia/Kolkata")))
    assert hold_text(elsewhere, STAMP) == TEXT


ALL_DAY = HoldDraft(
    "fikad-look-20260329",
    "The week",
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 3, 30, tzinfo=UTC),
    "",
    all_day=True,
)


def test_seal_and_text_are_the_same_in_every_version_and_on_every_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or every hold that stands would look as if the user had touched it."""
    for zone in ("UTC", "Asia/Kolkata"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert seal(DRAFT) == "1e74954334dc7754"
        assert seal(ALL_DAY) == "06b8eaf55d31cc07"
        assert hold_text(DRAFT, STAMP) == TEXT


def test_times_are_written_in_whole_seconds() -> None:
    part = timedelta(microseconds=7)
    precise = replace(DRAFT, start=DRAFT.start + part, end=DRAFT.end + part)
    assert seal(precise) == seal(DRAFT)
    assert hold_text(precise, STAMP + part) == TEXT


def test_what_lasts_all_day_is_written_as_dates_and_read_back_so() -> None:
    text = hold_text(ALL_DAY, STAMP)
    assert "DTSTART;VALUE=DATE:20260329\r\n" in text
    assert "DTEND;VALUE=DATE:20260330\r\n" in text
    assert "LOCATION" not in text
    event = found(text)
    assert (event.all_day, event.seal) == (True, seal(event))
    assert seal(replace(event, all_day=False)) != event.seal


def test_a_hold_reads_back_as_it_was_written() -> None:
    hold = found(TEXT)
    assert (hold.uid, hold.title, hold.start, hold.end) == (
        DRAFT.uid,
        DRAFT.title,
        DRAFT.start,
        DRAFT.end,
    )
    assert (hold.status, hold.transparent, hold.private, hold.extras) == (
        "tentative",
        True,
        True,
        (),
    )
    assert hold.location == DRAFT.location
    assert hold.description == " ".join(DRAFT.description.split())
    assert untouched(TEXT)


def test_expanding_a_calendar_gives_the_hold_with_its_occurrence() -> None:
    result = expand(
        (TEXT,),
        DRAFT.start - timedelta(days=1),
        DRAFT.end + timedelta(days=1),
        ZoneInfo("Europe/Berlin"),
    )
    assert result.occurrences[0].hold == found(TEXT)


def reordered(text: str) -> str:
    head, body = unfolded(text).split("BEGIN:VEVENT\r\n")
    lines, tail = body.split("END:VEVENT")
    return (
        head
        + "BEGIN:VEVENT\r\n"
        + "\r\n".join(sorted(lines.split("\r\n"), reverse=True)).strip()
        + "\r\nEND:VEVENT"
        + tail
    )


SERVERS = {
    "folds lines anew": lambda t: re.sub(r"(.{20})(?=.)", r"\1\r\n ", unfolded(t)),
    "unfolds lines": unfolded,
    "uses other line ends": lambda t: t.replace("\r\n", "\n"),
    "reorders properties": reordered,
    "stamps it anew": lambda t: with_line("SEQUENCE:3", t).replace(
        "DTSTAMP:20260301", "DTSTAMP:20260302"
    ),
    "adds dates": lambda t: with_line(
        "CREATED:20260301T120000Z\r\nLAST-MODIFIED:20260301T120000Z", t
    ),
    "adds an organizer": lambda t: with_line("ORGANIZER;CN=Sam:mailto:sam@example.com", t),
    "adds X-properties": lambda t: with_line(
        "X-MOZ-GENERATION:1\r\nX-ALT-DESC;FMTTYPE=text/html:<p>x</p>", t
    ),
    "writes defaults": lambda t: with_line("PRIORITY:0\r\nCATEGORIES:\r\nURL:", t),
    "changes line ends in the note": lambda t: unfolded(t).replace("ago.\\n", "ago. \r\\n\\n "),
    "names the zone": lambda t: t.replace(
        "DTSTART:20260329T080000Z", "DTSTART;TZID=Europe/Berlin:20260329T100000"
    ),
    "writes a duration": lambda t: t.replace("DTEND:20260329T084500Z", "DURATION:PT45M"),
    "writes names in lower case": lambda t: (
        unfolded(t).replace("SUMMARY:", "summary:").replace("CLASS:", "Class:")
    ),
    "says that no alarm is wanted": lambda t: with_line(
        "BEGIN:VALARM\r\nACTION:NONE\r\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\nEND:VALARM", t
    ),
    "wraps it in a zone": lambda t: t.replace(
        "BEGIN:VEV", "BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\nBEGIN:VEV"
    ),
}


@pytest.mark.parametrize("name", SERVERS)
def test_what_a_server_does_leaves_the_seal_whole(name: str) -> None:
    text = SERVERS[name](TEXT)
    assert text != TEXT
    assert untouched(text)


def test_a_dropped_seal_leaves_the_content_comparable() -> None:
    hold = found(re.sub(r"X-FIKAD-SEAL:.*\r\n", "", TEXT))
    assert hold.seal == ""
    assert seal(hold) == seal(DRAFT)


PEOPLE = {
    "retitles it": lambda t: t.replace("Doe?", "Doe"),
    "moves it": lambda t: t.replace("T080000Z", "T090000Z").replace("T084500Z", "T094500Z"),
    "makes it longer": lambda t: t.replace("T084500Z", "T090000Z"),
    "makes it all day": lambda t: t.replace(":20260329T080000Z", ";VALUE=DATE:20260329").replace(
        ":20260329T084500Z", ";VALUE=DATE:20260330"
    ),
    "lets its time float": lambda t: t.replace("T080000Z", "T090000").replace(
        "T084500Z", "T094500"
    ),
    "adds a note": lambda t: unfolded(t).replace("\\n\\nfikad", "\\n\\nfikad, bring the book"),
    "empties the note": lambda t: re.sub("DESCRIPTION:[^\r]*", "DESCRIPTION:", unfolded(t)),
    "changes the place": lambda t: unfolded(t).replace("Hauptstraße 1", "Hauptstraße 2"),
    "removes the place": lambda t: re.sub("LOCATION:[^\r]*\r\n", "", unfolded(t)),
    "confirms it": lambda t: t.replace("STATUS:TENTATIVE", "STATUS:CONFIRMED"),
    "cancels it": lambda t: t.replace("STATUS:TENTATIVE", "STATUS:CANCELLED"),
    "shows it as busy": lambda t: t.replace("TRANSP:TRANSPARENT", "TRANSP:OPAQUE"),
    "makes it public": lambda t: t.replace("CLASS:PRIVATE", "CLASS:PUBLIC"),
    "adds an alarm": lambda t: with_line(
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nEND:VALARM", t
    ),
    "invites somebody": lambda t: with_line("ATTENDEE:mailto:jane@example.com", t),
    "repeats it": lambda t: with_line("RRULE:FREQ=WEEKLY", t),
    "files it": lambda t: with_line("CATEGORIES:Friends", t),
    "links it": lambda t: with_line("URL:https://example.com", t),
    "attaches something": lambda t: with_line("ATTACH:https://example.com/x.pdf", t),
    "colours it": lambda t: with_line("COLOR:red", t),
    "ranks it": lambda t: with_line("PRIORITY:1", t),
    "splits off an instance": lambda t: t.replace(
        "END:VCALENDAR",
        f"BEGIN:VEVENT\r\nUID:{DRAFT.uid}\r\nRECURRENCE-ID:20260405T080000Z\r\nEND:VEVENT\r\n"
        "END:VCALENDAR",
    ),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_what_a_person_does_breaks_the_seal(name: str) -> None:
    text = PEOPLE[name](TEXT)
    assert text != TEXT
    hold = found(text)
    assert hold.seal == seal(DRAFT)
    assert seal(hold) != hold.seal


def test_the_names_of_what_was_added_are_told() -> None:
    text = with_line(
        "ATTENDEE:mailto:jane@example.com\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM"
    )
    assert found(text).extras == ("ATTENDEE", "VALARM")


FOREIGN = "BEGIN:VEVENT\r\nUID:other@example.com\r\nDTSTART:20260101T080000Z\r\nEND:VEVENT\r\n"
NAMELESS = FOREIGN.replace("UID:other@example.com\r\n", "")
INSTANCE = (
    f"BEGIN:VEVENT\r\nUID:{DRAFT.uid}\r\nRECURRENCE-ID:20260405T080000Z\r\nSUMMARY:Moved\r\n"
    "DTSTART:20260405T090000Z\r\nEND:VEVENT\r\n"
)


@pytest.mark.parametrize("before", [FOREIGN, INSTANCE, NAMELESS])
def test_a_hold_is_found_beside_other_events_and_before_its_own_instances(before: str) -> None:
    hold = found(TEXT.replace("BEGIN:VEVENT\r\n", f"{before}BEGIN:VEVENT\r\n", 1))
    assert (hold.uid, hold.title) == (DRAFT.uid, DRAFT.title)
    assert hold.extras == (("RECURRENCE-ID",) if before is INSTANCE else ())


def test_a_hold_that_is_cut_off_or_cannot_be_parsed_is_none() -> None:
    assert hold_event(TEXT.partition("END:VEVENT")[0]) is None
    assert hold_event(TEXT.replace("DTSTART:20260329T080000Z", "DTSTART:never")) is None
    assert hold_event(TEXT.replace("DTSTAMP:20260301T120000Z", "BEGIN:VALARM")) is None
    [foreign] = cut(f"BEGIN:VCALENDAR\r\n{FOREIGN}END:VCALENDAR\r\n").fragments
    assert hold_in(foreign, UTC) is None


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("CANCELLED", "cancelled"), ("canceled", "cancelled"), (" Tentative ", "tentative"),
        ("CONFIRMED", "confirmed"), ("", "confirmed"), ("NEEDS-ACTION", "confirmed"),
    ],
)  # fmt: skip
def test_a_status_is_read_however_it_is_spelt(written: str, status: str) -> None:
    assert status_of(written) == status


def test_a_line_that_is_none_does_not_hide_a_hold() -> None:
    assert untouched(with_line("this is no line of a calendar"))


def test_of_a_property_that_stands_there_twice_the_first_is_read() -> None:
    assert found(with_line("SUMMARY:Another")).title == DRAFT.title
    assert untouched(with_line("URL:\r\nURL:"))
    assert found(with_line("CATEGORIES:\r\nCATEGORIES:Friends")).extras == ("CATEGORIES",)


def test_a_floating_time_is_the_users() -> None:
    hold = hold_event(PEOPLE["lets its time float"](TEXT), ZoneInfo("Asia/Kolkata"))
    assert hold is not None
    assert hold.start == datetime(2026, 3, 29, 3, 30, tzinfo=UTC)


def test_other_events_and_no_events_are_no_holds() -> None:
    assert hold_event(TEXT.replace("UID:fikad-", "UID:other-")) is None
    assert hold_event(TEXT.replace("klmnop", "@example.com")) is None
    assert hold_event("") is None
    assert hold_event("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n") is None


def test_a_hold_that_fikad_took_back_says_so() -> None:
    assert not found(TEXT).withdrawn
    assert found(with_line("X-FIKAD-WITHDRAWN:TRUE")).withdrawn


def test_nothing_written_into_a_hold_can_become_structure() -> None:
    nasty = "x\r\nATTENDEE:mailto:eve@example.com\nEND:VEVENT\x1b[31m;,\\"
    text = hold_text(replace(DRAFT, title=nasty, description=nasty, location=nasty), STAMP)
    hold = found(text)
    assert hold.extras == ()
    assert "\x1b" not in text
    assert hold.seal == seal(hold)


@given(
    title=st.text(max_size=60),
    description=st.text(max_size=200),
    location=st.text(max_size=40),
    minutes=st.integers(0, 600),
    transparent=st.booleans(),
)
def test_any_hold_comes_back_with_its_seal_whole(
    title: str, description: str, location: str, minutes: int, transparent: bool
) -> None:
    draft = HoldDraft(
        "fikad-1",
        title,
        DRAFT.start,
        DRAFT.start + timedelta(minutes=minutes),
        description,
        transparent,
        location,
    )
    hold = found(hold_text(draft, STAMP))
    assert hold.seal == seal(hold) == seal(draft)


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("BEGIN:VEVENT\r\nUID:fikad-a-\r\n b\r\nDTSTART:never\r\nEND:VEVENT\r\n", True),
        ("garbled UID:fikad-a-b", True),
        (f"{FOREIGN}BEGIN:VEVENT\r\nUID:fikad-a-\r\n b\r\nEND:VEVENT\r\n", True),
        ("BEGIN:VEVENT\r\nUID:fikad-a-c\r\nEND:VEVENT\r\n", False),
    ],
)
def test_a_garbled_text_still_speaks_of_its_hold(text: str, speaks: bool) -> None:
    assert mentions_hold(text, "fikad-a-b") is speaks
