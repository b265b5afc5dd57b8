"""Texts as they are stored: compressed where that makes them smaller.

A calendar text is short, and much of it stands in every other one: so by itself it hardly shrinks,
but it does to a third or less with a vocabulary that both sides know (RFC 1950, 2.2, FDICT).
What is short, or would not shrink, stays a text: in the file their types tell the two apart."""

from __future__ import annotations

import sqlite3
import zlib

_LEAST = 160
"""A text of fewer bytes is left as it is."""

_LEVEL = 1
"""Higher ones take longer and save two hundredths."""

_WINDOW_BITS, _MEMORY_LEVEL = 12, 5
"""A window of 4 KiB reaches back over most texts, and is made faster than a large one."""

_VOCABULARY = "\r\n".join(
    (
        "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
        "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-IMPORTANCE:1",
        "X-MOZ-GENERATION:1",
        "RECURRENCE-ID;TZID=:",
        "EXDATE;TZID=:",
        "RRULE:FREQ=MONTHLY;BYDAY=1MO;INTERVAL=1;COUNT=;UNTIL=",
        "RRULE:FREQ=YEARLY;WKST=MO",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE",
        "STATUS:TENTATIVE",
        "URL:https://www.",
        "BEGIN:VTIMEZONE",
        "TZID:America/New_York",
        "TZID:Europe/London",
        "TZID:Europe/Berlin",
        "X-LIC-LOCATION:Europe/Berlin",
        "TZOFFSETFROM:-0500",
        "TZOFFSETTO:-0400",
        "BEGIN:DAYLIGHT",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Reminder",
        "TRIGGER;VALUE=DURATION:-PT15M",
        "TRIGGER:-PT30M",
        "END:VALARM",
        "ORGANIZER;CN=:mailto:",
        "ATTENDEE;CN=;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;ROLE=OPT-PARTICIPANT:mailto:",
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=;X-NUM-GUESTS=0:mailto:",
        '","organizer":{"email":"","name":"","answer":"accepted"},"attendees":[{"email":"","name":"",'
        '"kind":"person","answer":"tentative"},{"email":"","answer":"declined"},{"email":"@gmail.com"',
        ',"all_day":true,"status":"cancelled","transparent":true,"recurring":true,"location":"',
        '"exception":true,"sequence":1,"modified":"2026-01-01T00:00:00Z","uid":"","title":"',
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "PRODID:-//Apple Inc.//macOS//EN",
        "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
        "BEGIN:VEVENT",
        "UID:@google.com",
        "DTSTAMP:20260101T080000Z",
        "CREATED:20260101T080000Z",
        "LAST-MODIFIED:20250101T000000Z",
        "SEQUENCE:0",
        "DTSTART;VALUE=DATE:202",
        "DTSTART;TZID=Europe/Berlin:202",
        "DTEND;TZID=Europe/Berlin:202",
        "DTEND:20T100000Z",
        "SUMMARY:",
        "DESCRIPTION:",
        "LOCATION:",
        "TRANSP:OPAQUE",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
).encode()
"""What calendar texts, and bodies in JSON, are full of; the most usual stands last (zlib's advice).
Never edited once released: what was compressed with it is only read with it."""


def packed(text: str) -> str | bytes:
    """A text as it is stored."""
    plain = text.encode()
    if len(plain) < _LEAST:
        return text
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zdict=_VOCABULARY)
    small = packer.compress(plain) + packer.flush()
    return small if len(small) < len(plain) else text


def unpacked(stored: str | bytes) -> str:
    """The text that was stored. Raises sqlite3.DatabaseError for what was not packed so: a damaged
    file, as far as anybody can tell."""
    if isinstance(stored, str):
        return stored
    unpacker = zlib.decompressobj(_WINDOW_BITS, zdict=_VOCABULARY)
    try:
        plain = unpacker.decompress(stored) + unpacker.flush()
    except zlib.error as error:
        raise sqlite3.DatabaseError("malformed text") from error
    if not unpacker.eof:
        raise sqlite3.DatabaseError("malformed text")
    return plain.decode()
