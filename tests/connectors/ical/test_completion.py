"""A yes is completed: three properties are set, and nothing else in the text moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answering import asks, without_lines
from connectors.base import HoldDraft
from connectors.ical.completion import completed_text, is_completed
from connectors.ical.hold_text import hold_event, hold_text

LINES = (
    'yes: remove the "?" from the title',
    "not now: delete it, or else",
    "If you do nothing, it goes away.",
)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
TEXT = hold_text(
    HoldDraft(
        "fikad-x",
        "Coffee with Jane Doe?",
        START,
        START + timedelta(minutes=45),
        "\n".join(["Why.", "", *LINES]),
    ),
    START,
)


def test_it_is_confirmed_and_busy_and_asks_no_more() -> None:
    event = hold_event(completed_text(TEXT, LINES))
    assert event is not None
    assert is_completed(event, LINES)
    assert (event.status, event.transparent, event.description) == ("confirmed", False, "Why.")


def test_every_other_byte_stays() -> None:
    user_wrote = [
        "BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "TZID:Odd", "DESCRIPTION:yes: remove the \"?\" from "
            "the title",
        "END:VTIMEZONE", "BEGIN:VEVENT", "UID:fikad-x", "DTSTART;TZID=Odd:20261201T100000",
        "SUMMARY;LANGUAGE=en:Coffee\\, with ", "\t Jane", "x-odd;P=\"a:b\":keep  me ",
        "status:TENTATIVE",
        "DESCRIPTION;LANGUAGE=en:My note\\; mine\\nyes: remove the \"?\" from ", " the title\\nIf "
            "you do",
        "  nothing\\, it goes away.\\nand this", "TRANSP:TRANSPARENT", "BEGIN:VALARM",
        "DESCRIPTION:ring",
        "STATUS:TENTATIVE", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    wanted = [
        *user_wrote[:11], "STATUS:CONFIRMED", "DESCRIPTION;LANGUAGE=en:My note\\; mine\\nand this",
        "TRANSP:OPAQUE",
        *user_wrote[16:],
    ]  # fmt: skip
    for end in ("\r\n", "\n"):
        assert completed_text(end.join(user_wrote), LINES) == end.join(wanted)
        assert completed_text("\ufeff" + end.join(user_wrote), LINES) == "\ufeff" + end.join(wanted)


def test_what_is_missing_is_added() -> None:
    bare = "\r\n".join(
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:fikad-x", "END:VEVENT", "END:VCALENDAR", ""]
    )
    assert (
        completed_text(bare, LINES).count("\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\n")
        == 1
    )


def test_a_second_time_changes_nothing() -> None:
    once = completed_text(TEXT, LINES)
    assert completed_text(once, LINES) == once


def test_another_representation_of_the_description_goes_with_the_lines() -> None:
    text = TEXT.replace("DESCRIPTION:", 'DESCRIPTION;ALTREP="data:text/html,yes%3A":')
    assert "ALTREP" not in completed_text(text, LINES)
    kept = 'DESCRIPTION;ALTREP="data:text/html,mine":Mine'
    bare = "\r\n".join(
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:fikad-x", kept, "END:VEVENT", "END:VCALENDAR", ""]
    )
    assert kept in completed_text(bare, LINES)


@pytest.mark.parametrize(
    "told",
    [
        "Why.\n\n{}\n{}\n{}", "Why.\r\n\r\n{}\r\n{}\r\n{}\r\n", "Why. {} {} {}",
        "Why.<br>{}<br>{}<br/>{}",
        "Why.\n<p>{}</p>\n{}<br>\n{}",
    ],
)  # fmt: skip
def test_the_lines_are_known_however_a_program_keeps_them(told: str) -> None:
    for lines in (LINES, tuple(line.replace('"', "&quot;") for line in LINES)):
        left = without_lines(told.format(*lines), LINES)
        assert not asks(left, LINES)
        assert left.startswith("Why.")


def test_a_text_without_them_stays() -> None:
    for text in ("", " mine \n\n ", "yes: remove it"):
        assert without_lines(text, LINES) == text


@given(st.text(), st.sampled_from(LINES))
def test_a_persons_own_words_stay(text: str, line: str) -> None:
    whole = f"Mine{text}mine\n{line}\nand mine"
    assert without_lines(whole, LINES) == f"Mine{text}mine\nand mine".replace("\0", "")
