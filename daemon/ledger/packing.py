"""Texts as they are stored: compressed where that makes them smaller.

A calendar text is short, and much of it stands in every other one: so by itself it hardly shrinks,
but it does to a third or less with a vocabulary that both sides know (RFC 1950, 2.2, FDICT).
What is short, or would not shrink, stays a text: in the file their types tell the two apart."""

from __future__ import annotations

import sqlite3
import zlib

from connectors.ical.usual_lines import USUAL_LINES

_LEAST = 160
"""A text of fewer bytes is left as it is."""

_LEVEL = 1
"""Higher ones take longer and save two hundredths."""

_WINDOW_BITS, _MEMORY_LEVEL = 12, 5
"""A window of 4 KiB reaches back over most texts, and is made faster than a large one."""

_VOCABULARY = "".join(
    (
        '","organizer":{"email":"","name":"","answer":"accepted"},"attendees":[{"email":"","name":"",'
        '"kind":"person","answer":"tentative"},{"email":"","answer":"declined"},{"email":"@gmail.com"',
        ',"all_day":true,"status":"cancelled","transparent":true,"recurring":true,"location":"',
        '"exception":true,"sequence":1,"modified":"2026-01-01T00:00:00Z","uid":"","title":"',
        *USUAL_LINES,
    )
).encode()
"""What bodies in JSON and calendar texts are full of; the most usual stands last (zlib's advice).
Never edited once released: what was compressed with it is only read with it."""


def packed(text: str) -> str | bytes:
    """A text as it is stored."""
    plain = text.encode()
    if len(plain) < _LEAST:
        return text
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zdict=_VOCABULARY)
    small = packer.compress(plain) + packer.flush()
    return small if len(small) < len(plain) else text


class DamagedText(sqlite3.DatabaseError):
    """A stored text that nobody packed so: a damaged file, as far as anybody can tell."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def unpacked(stored: str | bytes) -> str:
    """The text that was stored. Raises DamagedText."""
    if isinstance(stored, str):
        return stored
    unpacker = zlib.decompressobj(_WINDOW_BITS, zdict=_VOCABULARY)
    try:
        plain = unpacker.decompress(stored) + unpacker.flush()
        if unpacker.eof:
            return plain.decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise DamagedText("malformed text") from error
    raise DamagedText("malformed text")
