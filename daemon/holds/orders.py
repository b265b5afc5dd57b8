"""Orders: words that the user writes into a hold's title, since the title is what every calendar
app lets them edit.

`not now`, `snooze 3 weeks`, `met yesterday`, `never again`, `tuesday`: as the whole title, or
before or after the title that fikad wrote ("Coffee with Jane Doe? snooze 2 weeks") or the contact's
name ("Jane can't"). The words of every language that is shipped are understood at once, with one
slip of the pen. Case, accents, white space, quotation marks and punctuation don't matter. What can
be read in two ways is no order; and a title that says something else is none, but it is no "yes"
either: that is the title fikad wrote without its question mark, with nothing but a place, a time or
a decoration around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from daemon.holds.draft import is_question, questions
from daemon.holds.lexicon import (
    Words,
    languages_of,
    lexicons,
    mended,
    single_words,
    words_of,
)
from daemon.holds.moments import LONGEST, When
from daemon.holds.order_grammar import Grammar, Order, orders_in, time_in
from daemon.languages.language import every
from daemon.people.calling_off import says_cancelled
from daemon.people.folding import fold

Says = Literal["nothing", "order", "yes", "question", "slip", "something else"]
LONGEST_SNOOZE = LONGEST

_AROUND = " \t.,:;!?？¿؟-–—_*/|()[]\"'`´“”„‘’«»"
"""What may stand around an order without changing it."""
_APART = ",;:@(-–—|·•/"
"""What sets a place off from the title before it."""
_MOST_WORDS = 12
"""Nobody needs more for an order, and each could be a slip of many others."""
_CLOCK = re.compile(r"\d{1,2}([:.h]\d{2})?|am|pm|uhr|h|klo|kl")


def folded(text: str) -> str:
    """Text with its case and white space folded, to compare what two programs wrote."""
    return " ".join(text.split()).casefold()


def read_order(title: str, written: str = "", name: str = "") -> Order | None:
    """The order in a hold's `title`; `written` is the title that fikad gave it, "" when that is not
    known, and `name` the contact's.

    A title that still is the one written is never an order, whatever words a contact's name is made
    of."""
    return _read(title, written, name)[1]


def read_when(text: str, preferred: str = "en") -> When | None:
    """The time ahead that a text names ("next week", "am Dienstag", "in 2 weeks"), in any language
    that is shipped; None when it names none. Where two languages differ that of the code
    `preferred` counts."""
    return _read_time(text, preferred, past=False)


def read_past_day(text: str, preferred: str = "en") -> When | None:
    """The day that is over which a text names ("yesterday", "am 12. Mai", "2 days ago"), as
    `read_when` reads times ahead."""
    return _read_time(text, preferred, past=True)


def _read_time(text: str, preferred: str, *, past: bool) -> When | None:
    words = words_of(text)
    if len(words) > _MOST_WORDS:
        return None
    by_code = {code: time_in(words, code, past=past) for code in lexicons()}
    read = {code: when for code, when in by_code.items() if when is not None}
    meant = set(read.values()) if preferred not in read else {read[preferred]}
    return meant.pop() if len(meant) == 1 else None


def says(title: str, written: str, name: str = "") -> Says:
    """What a hold's title says: `yes`, an `order`, still the `question`, an order with more than
    one slip of the pen in it, `nothing`, or `something else`."""
    return _read(title, written, name)[0]


def builds_on(title: str, written: str) -> bool:
    """Whether a hold's title is the one that fikad gave it, with or without its question mark, or
    has it in it."""
    return _around(title, written) is not None


@lru_cache(1024)
def _read(title: str, written: str, name: str) -> tuple[Says, Order | None]:
    if not title.strip(_AROUND):
        return "nothing", None
    around = _around(title, written)
    asks = questions(title) >= max(1, questions(written))
    if around == ("", ""):
        return ("question" if asks else "yes"), None
    order = _order(title, written, around, name)
    if order is not None and not (around and not asks and _is_time(order)):
        return ("yes" if order.word == "yes" else "order"), order
    if around is None:
        return _instead(title, written), None
    return _beside(around, asks=asks or is_question(title)), None


def _instead(title: str, written: str) -> Says:
    """What a title says in which the one written is not, and which is no order."""
    if not written.strip(_AROUND) and is_question(title):
        return "question"  # as some fikad wrote it
    return "slip" if _begins_like_an_order(title) else "something else"


def _beside(around: tuple[str, str], *, asks: bool) -> Says:
    """What is said by adding this before and after the title written, which is no order."""
    if _begins_like_an_order(" ".join(around)):
        return "slip"
    if asks:
        return "question"
    return "yes" if _is_harmless(*around) else "something else"


def _is_time(order: Order) -> bool:
    """Whether it only names a day: beside a title that asks no more that is when it is, not another
    time."""
    return (
        order.word == "another time"
        and order.when is not None
        and order.when.kind in ("weekday", "date")
    )


def _around(title: str, written: str) -> tuple[str, str] | None:
    """What the user put before and after the title written, folded; None where it is not in there.

    An addition stands apart from it: there is no "s" in "Coffee with Janes".
    """
    text, known = folded(title), folded(written).strip(_AROUND)
    if not known:
        return None
    place = text.find(known)
    while place >= 0:
        before, after = text[:place], text[place + len(known) :]
        if not (before and before[-1].isalnum()) and not (after and after[0].isalnum()):
            return before.strip(_AROUND), after.strip() if after.strip(_AROUND) else ""
        place = text.find(known, place + 1)
    return None


# --- orders


def _order(title: str, written: str, around: tuple[str, str] | None, name: str) -> Order | None:
    """The order that a title is, or that stands beside the title written or the contact's name."""
    if around is not None:
        parts = [part for part in around if part]
        return _one_order(parts[0], written) if len(parts) == 1 else None
    order = _one_order(title, written)
    if order is None and says_cancelled(title):
        return Order("skip", "cancelled")
    first = " ".join(name.split()[:1])
    # The title written, by the first name alone; what only names a day is no order beside it.
    shorter = written.replace(name, first)
    for known in (name, first, shorter):
        beside = _around(title, known) if order is None and known else None
        if beside is not None and bool(beside[0]) != bool(beside[1]):
            order = _one_order(beside[0] or beside[1], written)
            order = None if order and known == shorter and _is_time(order) else order
    return order


def _one_order(text: str, written: str) -> Order | None:
    """The order that a whole text is; None when it is none, or could be two. Where two languages
    differ ("nie": never in German, no in Polish) that of the title written counts."""
    words = words_of(text)
    if len(words) > _MOST_WORDS:
        return None
    read = {(order, code) for code in lexicons() for order in orders_in(words, code)}
    if not read:
        read = {
            (order, code)
            for code, lexicon in lexicons().items()
            for meant in mended(words, lexicon.known)
            for order in orders_in(meant, code)
        }
    orders = {order for order, _ in read}
    if len(orders) > 1:
        codes = languages_of(written)
        orders = {order for order, code in read if code in codes}
    return orders.pop() if len(orders) == 1 else None


def _begins_like_an_order(text: str) -> bool:
    """Whether it begins with an order's word and could not be read as one ("snooze 3 wekks from
    mnday")."""
    words = words_of(text)
    return bool(words) and any(
        words[0] in single_words(kind) for kind in ("skip", "snooze", "met", "never")
    )


def _is_harmless(before: str, after: str) -> bool:
    """Whether what stands around the title leaves a yes a yes: a time or a decoration before it,
    those or a place after."""
    if any(letter.isalpha() for letter in before) or _doubts(f"{before} {after}"):
        return False
    words = words_of(after)
    if not words:
        return True
    if after[0] in _APART or words[0] in _folded_of("placing"):
        return words[0] not in _folded_of("adding")
    return (not after[0].isalnum() and not after[0].isascii()) or _is_day(words)


def _is_day(words: Words) -> bool:
    rest = tuple(word for word in words if not _CLOCK.fullmatch(word))
    days = (words, rest)
    return not rest or any(
        Grammar(lexicon, code).is_day(day) for code, lexicon in lexicons().items() for day in days
    )


def _doubts(text: str) -> bool:
    words = words_of(text)
    if "+" in text or "&" in text or any(word.endswith("n't") for word in words):
        return True
    if not doubts().isdisjoint(words):
        return True
    return any(" ".join(pair) in doubts() for pair in pairwise(words))


@lru_cache(1)
def doubts() -> frozenset[str]:
    """Words and pairs of words, of all languages, that keep a title from being a yes."""
    named = {fold(word) for language in every() for word in language.orders.doubt}
    return frozenset(named).union(*(single_words(kind) for kind in ("skip", "never", "missed")))


_KINDS: dict[str, Callable[..., tuple[str, ...]]] = {
    "placing": lambda language: language.titles.placing,
    "adding": lambda language: language.titles.adding,
}


@lru_cache(4)
def _folded_of(kind: str) -> frozenset[str]:
    return frozenset(fold(word) for language in every() for word in _KINDS[kind](language))
