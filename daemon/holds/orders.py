"""Orders: words that the user writes into a hold's title, since the title is what every calendar app lets them edit.

`skip`, `snooze 3 weeks` (or `snooze` alone), `met` and `never`: as the whole title, or before or after the title that
fikad wrote ("Coffee with Jane Doe? snooze 2 weeks"). Case, white space, quotation marks and closing punctuation don't
matter. Something that begins like an order and cannot be read as one is none, but it is no "yes" either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Word = Literal["skip", "snooze", "met", "never"]
LONGEST_SNOOZE = timedelta(days=10 * 365)

_WORDS: tuple[Word, ...] = ("skip", "snooze", "met", "never")
_AROUND = " \t.,:;!?？¿؟-–—_*/|()[]\"'`´“”„‘’«»"
"""What may stand around an order without changing it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the user told fikad to do with a hold."""

    word: Word
    text: str
    """The order as understood, in one spelling: the same wish always gives the same text."""
    duration: timedelta | None = None
    """How long to snooze; None: as long as the contact's own rest."""


def folded(text: str) -> str:
    """Text with its case and white space folded, to compare what two programs wrote."""
    return " ".join(text.split()).casefold()


def read_order(title: str, written: str = "") -> Order | None:
    """The order in a hold's `title`; `written` is the title that fikad gave it, "" when that is not known.

    A title that still is the one written is never an order, whatever words a contact's name is made of.
    """
    return _one_order(_addition(title, written))


def builds_on(title: str, written: str) -> bool:
    """Whether a hold's title is the one that fikad gave it, with or without its question mark, or has it in it."""
    return _addition(title, written) != folded(title).strip(_AROUND)


def is_misspelt(title: str, written: str = "") -> bool:
    """Whether what the user added begins with an order's word and yet is no order ("snooze 3 wekks")."""
    text = _addition(title, written)
    return bool(text) and text.split()[0].strip(_AROUND) in _WORDS and _one_order(text) is None


def _addition(title: str, written: str) -> str:
    """What the user put before, after or instead of the title written, folded; empty when nothing."""
    text, known = folded(title), folded(written).strip(_AROUND)
    if not known:
        return text.strip(_AROUND)
    bare = text.strip(_AROUND)
    if bare == known:
        return ""
    # An addition stands apart from the title: there is no "s" in "Coffee with Janes".
    if bare.startswith(known) and bare[len(known)] in _AROUND:
        return bare.removeprefix(known).strip(_AROUND)
    if bare.endswith(known) and bare[-len(known) - 1] in _AROUND:
        return bare.removesuffix(known).strip(_AROUND)
    return bare


def _one_order(text: str) -> Order | None:
    for word in _WORDS:
        if text == word:
            return Order(word, word)
    first, _, rest = text.partition(" ")
    if first.strip(_AROUND) != "snooze":
        return None
    span = rest.strip(_AROUND).removeprefix("for ")
    duration = _duration(span)
    return None if duration is None else Order("snooze", f"snooze {span}", duration)


def _duration(text: str) -> timedelta | None:
    """ "3 weeks" or "a month" as a duration of at most `LONGEST_SNOOZE`; None when it is not one."""
    from daemon.config.schema import parse_duration  # here, for its heavy imports: orders are rare

    first, _, unit = text.partition(" ")
    if first in ("a", "an", "one"):
        text = f"1 {unit}"
    if not text[:1].isdigit():
        return None
    try:
        found = parse_duration(text)
    except ValueError:
        return None
    return found if isinstance(found, timedelta) and timedelta(0) < found <= LONGEST_SNOOZE else None
