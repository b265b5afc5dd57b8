"""Whatever letters a program writes are read; what is no calendar is said."""

from __future__ import annotations

import pytest

from connectors.files.decoding import decode
from connectors.files.stored import UnfitError

TEXT = "BEGIN:VCALENDAR\r\nSUMMARY:Grüße an Žofie\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_usual_encoding_is_read(encoding: str) -> None:
    text = TEXT.replace("Ž", "Z") if encoding == "cp1252" else TEXT
    assert decode(text.encode(encoding), "a.ics") == text


def test_a_line_that_is_folded_within_a_letter_is_unfolded_first() -> None:
    content = TEXT.encode().replace(b"\xc3\xbc", b"\xc3\r\n \xbc")
    assert decode(content, "a.ics") == TEXT


def test_a_letter_that_is_folded_and_the_only_one_beyond_ascii_is_read_too() -> None:
    text = TEXT.replace("Grüße an Žofie", "Lunch, Jürgen")
    assert decode(text.encode().replace(b"\xc3\xbc", b"\xc3\r\n \xbc"), "a.ics") == text


def test_a_damaged_letter_costs_that_letter_alone() -> None:
    assert decode(TEXT.encode().replace(b"\xc3\x9f", b"\xc3"), "a.ics") == TEXT.replace(
        "ß", "\N{REPLACEMENT CHARACTER}"
    )


@pytest.mark.parametrize(
    "content", [TEXT.encode("utf-16")[:-1], TEXT.encode("cp1252", "replace") + b"\0"]
)
def test_damage_in_which_nobody_knows_the_letters_is_not_guessed_at(content: bytes) -> None:
    with pytest.raises(UnfitError, match="damaged"):
        decode(content, "a.ics")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'"Subject","Start Date","Start Time"\r\n"Tea","1.12.2026","10:00"', "is a table"),
        ("Betreff;Beginnt am;Beginnt um\r\nTee;1.12.2026;10:00".encode("cp1252"), "is a table"),
        (b"!BDN\x00\x01", "is an Outlook data file"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"BEGIN:VCARD\r\nFN:Jane\r\nEND:VCARD\r\n", "holds contacts"),
    ],
)
def test_what_is_taken_for_a_calendar_is_named_with_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(UnfitError) as caught:
        decode(content, "export.csv")
    assert caught.value.what.startswith(f"export.csv {told}")
    assert caught.value.advice
