"""Text as people mean it: two spellings of a name that look alike to a reader are made equal here.

*Folding* takes away case, accents and the many kinds of apostrophe, hyphen and space. *Tokens* are
the words and signs of a folded text with their places, so that "whole words" can be asked for in
any script: a word is a run of letters, digits and the marks that belong to them. Scripts written
without spaces have no such runs, so each of their characters is a token of its own and a name is
found wherever its characters stand in a row; katakana, which spells foreign names, ends where
another script begins and is kept in runs.

Web and mail addresses are one token: "jane" does not stand in "https://jane.example" as a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

_APOSTROPHES = "`´‘’‛′ʹʻʼʽʾʿˈ＇"
_HYPHENS = "‐‑‒–⁃−﹣－"
_LETTERS = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
"ħ": "h", "Ħ": "H",
            "ı": "i", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "×": "x", "؟": "?",
            "⸮": "?"}  # fmt: skip
"""Letters whose stroke or ligature Unicode does not take apart, and signs read like another."""

_TABLE = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys(_HYPHENS, "-")
    | {"\u200b": " ", "\u00ad": ""}
    | _LETTERS
)

_SINGLES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3098\u309b-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_TOKEN = re.compile(r"[0-9A-Za-z]+|[^\s]")
_SINGLE = re.compile(rf"[{_SINGLES}]")

_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Tell how the sign before them is drawn: "☕" with and without one are the same."""
_ACCENTS = frozenset({1, *range(10, 37), *range(200, 241)})
"""Combining classes of overlays, of the points of Hebrew and Arabic, and of European accents."""
_WITH_MARKS = (range(0x300, 0x1E00), range(0xA800, 0xAC00), range(0x3099, 0x309B))
"""Where Unicode has marks that are letters to their readers."""
_AROUND = "<>()[]{},;:!?\"'"
"""What may stand around an address and is no part of it."""

CONNECTORS = frozenset("-'._·・")
"""Signs that hold the parts of one name together when no space stands beside them."""


class Token(NamedTuple):
    """One word or sign of a text."""

    text: str
    """Folded."""
    written: str
    """As written, accents aside: for telling "Smith" from "smith"."""
    start: int
    """Where it stands in the folded text (characters); two tokens touch when one starts where the
    other ends."""
    end: int
    word: bool
    """Letters or digits, not a sign and not an address."""


def _plain(text: str) -> str:
    """`text` without accents and with one kind of apostrophe and hyphen; case is kept."""
    if text.isascii():
        return text.replace("`", "'")
    apart = unicodedata.normalize("NFKD", text.translate(_TABLE)).translate(_TABLE)
    return (
        apart
        if apart.isascii()
        else _BEYOND_ASCII.sub(lambda char: "" if _falls_away(char[0]) else char[0], apart)
    )


@lru_cache(4096)
def _falls_away(char: str) -> bool:
    """Whether a character is an accent or invisible.

    Marks that are letters to their readers stay: Indic and Thai vowels, the voicing marks of
    kana."""
    return (
        char in _SELECTORS
        or unicodedata.combining(char) in _ACCENTS
        or unicodedata.category(char) == "Cf"
    )


def fold(text: str) -> str:
    """`text` without case, accents and kinds of apostrophe, hyphen and space; folding twice changes
    nothing."""
    return " ".join(_plain(_plain(text).casefold()).casefold().split())


@cache
def _token() -> re.Pattern[str]:
    """A token in any script; made when there is one, since Unicode has many marks."""
    marks = "".join(
        re.escape(chr(point))
        for block in _WITH_MARKS
        for point in block
        if unicodedata.category(chr(point))[0] == "M"
    )
    return re.compile(
        rf"[{_SINGLES}][{marks}]*|[{_KATAKANA}][{_KATAKANA}{marks}]*"
        rf"|(?:(?![{_SINGLES}{_KATAKANA}])(?:[^\W_]|[{marks}]))+|[^\s]"
    )


def tokens(text: str) -> list[Token]:
    """The words and signs of `text` in order, folded."""
    plain = _plain(text)
    pattern = _ASCII_TOKEN if plain.isascii() else _token()
    folded = plain.casefold()
    # Where folding keeps every character's place, it is done once for all tokens.
    aligned = len(folded) == len(plain)
    read: list[Token] = []
    for start, end, address in _pieces(plain, pattern):
        written = plain[start:end]
        word = not address and (written[0].isalnum() or end - start > 1)
        read.append(
            Token(folded[start:end] if aligned else fold(written), written, start, end, word)
        )
    return read


def _pieces(plain: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, bool]]:
    """Where the tokens stand and whether they are addresses, which are kept in one piece."""
    if "@" not in plain and "://" not in plain and "www." not in plain.lower():
        for piece in pattern.finditer(plain):
            yield *piece.span(), False
        return
    for chunk in re.finditer(r"\S+", plain):
        address = _address(chunk[0])
        if address:
            start = chunk.start() + chunk[0].index(address)
            yield start, start + len(address), True
        else:
            for piece in pattern.finditer(plain, *chunk.span()):
                yield *piece.span(), False


def _address(chunk: str) -> str:
    """The web or mail address that makes up a piece of text without spaces, else nothing."""
    bare = chunk.strip(_AROUND)
    if "://" in bare or bare[:4].lower() == "www.":
        return bare
    before, sign, domain = bare.rpartition("@")
    return bare if sign and before and "." in domain.strip(".") else ""


def unspaced(text: str) -> bool:
    """Whether a token is one character of a script written without spaces."""
    return _SINGLE.match(text) is not None
