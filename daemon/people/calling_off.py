"""Whether a title says that its event was called off.

The word for "cancelled", in any language that is shipped, stands at either end, in brackets or with
a dash or colon between it and the rest ("Canceled: Coffee", "Coffee - cancelled", "[Abgesagt]
Kaffee"), or is shouted ("CANCELLED Coffee"), or stands bare beside what speaks of meeting
("Cancelled coffee with Jane", "Lunch with Jane cancelled"). Anywhere else it may belong to the
title: "Cancelled flight: call Jane" is a call."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from daemon.languages.vocabulary import cancelling, meeting_words
from daemon.people.folding import fold

_DASHES = str.maketrans("—―", "--")
"""Those that `fold` leaves alone."""

_TITLES_REMEMBERED = 4_000
"""Every instance of a series asks for its title anew."""


@lru_cache(_TITLES_REMEMBERED)
def says_cancelled(title: str) -> bool:
    """Whether an event was called off, by its title."""
    text = fold(title).translate(_DASHES)
    if _anywhere().search(text) is None:
        return False
    return any(form.search(text) for form in (_at_an_end(), _beside_a_meeting())) or _is_shouted(
        title
    )


@cache
def _words() -> str:
    return _any_of(cancelling())


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(fold(word)) for word in sorted(words, key=len, reverse=True))


@cache
def _anywhere() -> re.Pattern[str]:
    return re.compile(_words())


@cache
def _at_an_end() -> re.Pattern[str]:
    word = rf"(?:{_words()})"
    bracketed = rf"[(\[{{<*]+\s*{word}\s*[!.:]*\s*[)\]}}>*]+"
    before = rf"^[^\w(\[{{]*(?:{word}\W*$|{word}\s*(?:[:：]|-(?!\w)|(?<=\s)-)|{bracketed})"
    after = rf"(?:[:：]\s*|\s-+\s*|(?<=\w)-+\s+){word}\W*$|{bracketed}\W*$"
    return re.compile(rf"{before}|{after}")


@cache
def _beside_a_meeting() -> re.Pattern[str]:
    word, meeting = rf"(?:{_words()})", rf"(?:{_any_of(meeting_words())})(?!\w)"
    return re.compile(rf"^\W*{word}\s+{meeting}|^\W*{meeting}.*\s{word}\W*$")


def _is_shouted(title: str) -> bool:
    """Whether the word at an end is all in capitals and the rest is not."""
    words = re.findall(r"[^\W\d_]+", title)
    if len(words) < 2 or all(word.isupper() for word in words):
        return False
    return any(
        word.isupper() and re.fullmatch(_words(), fold(word)) for word in (words[0], words[-1])
    )
