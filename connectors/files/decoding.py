"""From the bytes of a file to its text, and what a file is that holds no calendar.

iCalendar is UTF-8 (RFC 5545 section 3.1.4). Some programs cut a long line within a letter, and some
on Windows write UTF-16 or that system's own eight-bit letters: all of these are read. Where UTF-8
is damaged, a mark stands for what is lost, as for what comes from a server, so that a broken letter
costs no event."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from connectors.files.stored import UnfitError

_FOLD = re.compile(rb"\r?\n[ \t]")
_SEVERAL_BYTES = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
"""A letter of UTF-8 beyond ASCII."""
_HEAD_BYTES = 2000
_TABLE = re.compile(
    rb"""^(?:\xef\xbb\xbf)?["']?[\w ]{2,40}["']?[,;\t]["']?[\w /]{2,40}["']?[,;\t]"""
)
_KINDS = (
    (
        re.compile(rb"^!BDN"),
        "is an Outlook data file",
        "in Outlook save the calendar as iCalendar (.ics)",
    ),
    (re.compile(rb"^%PDF"), "is a PDF", "export the calendar as iCalendar (.ics)"),
    (
        re.compile(rb"^\s*<(?:!doctype|html)", re.IGNORECASE),
        "is a web page",
        "download the calendar itself; you may have to log in first",
    ),
    (
        re.compile(rb"^\s*BEGIN:VCARD", re.IGNORECASE),
        "holds contacts",
        "export the calendar as iCalendar (.ics)",
    ),
    (
        _TABLE,
        "is a table (.csv), which does not say who was there and in which time zone",
        "in Outlook save the calendar as iCalendar (.ics) instead, or publish it and give its"
        " address",
    ),
)
"""What people take for a calendar: how it begins, what it is, and what to do."""


def decode(content: bytes, name: str) -> str:
    """The text of a file, a byte order mark removed. Raises UnfitError when it is none, or no
    calendar at all."""
    if not content.strip():
        raise UnfitError(f"{name} is empty", "delete it, or export or sync it again")
    if b"BEGIN:" not in content[:_HEAD_BYTES].replace(b"\0", b"").upper() or content[
        :20
    ].upper().count(b"VCARD"):
        for beginning, what, advice in _KINDS:
            if beginning.search(content[:_HEAD_BYTES]):
                raise UnfitError(f"{name} {what}", advice)
    text = letters(content)
    if text is None:
        raise UnfitError(
            f"{name} is damaged: its letters are in no known encoding", "export or sync it again"
        )
    return text


def letters(content: bytes) -> str | None:
    """The text of a file, a byte order mark removed; None where it is in no known encoding."""
    wide = _wide(content)
    for encoding, text in _ways(content, wide):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue  # the next way of reading it
    if wide or b"\0" in content:
        return None
    if _SEVERAL_BYTES.search(content):
        return _FOLD.sub(b"", content).decode("utf-8-sig", "replace")
    return content.decode("cp1252", "replace")


def _ways(content: bytes, wide: tuple[str, bytes] | None) -> Iterator[tuple[str, bytes]]:
    """The ways of reading it, each made only where those before it failed."""
    if wide:
        yield wide
        return
    yield "utf-8-sig", content
    yield "utf-8-sig", _FOLD.sub(b"", content)


def _wide(content: bytes) -> tuple[str, bytes] | None:
    """The encoding of two bytes a letter, by its mark or by the zeros between ASCII letters; None
    for any other."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", content
    if content[1:8:2] == b"\0\0\0\0":
        return "utf-16-le", content
    return ("utf-16-be", content) if content[0:8:2] == b"\0\0\0\0" else None
