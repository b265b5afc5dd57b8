"""The words that orders are made of, by language: phrases from the language files, weekdays and
months from the CLDR.

A word that is one slip of the pen away from a word of an order is read as that word: a letter left
out, doubled, put in, two swapped, and in longer words one mistaken. The first letter is never the
one, and short words must be right, so that what people write for its own sake ("Ship", "Fever") is
not taken for an order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from daemon.languages.language import Language, every
from daemon.people.folding import fold

Words = tuple[str, ...]
"""Folded words in a row."""

_PIECES = re.compile(r"\d+|[^\W\d_](?:[^\W\d_]|['’.\-](?=[^\W\d_])|[\u0300-\u036f\u0900-\u0fff])*")
_SHORT, _LONG = 4, 6
"""Letters: shorter words must be right; in those as long as this, one letter may be mistaken for
another."""
_VOWELS = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words for orders, folded."""

    phrases: Mapping[str, tuple[Words, ...]]
    """By kind: skip, never, met, missed, snooze, another_time, yes, until, within, next, last, on,
    ago, today, …"""
    one: frozenset[str]
    filler: frozenset[str]
    units: Mapping[str, str]
    """`day`, `week`, `month` or `year`, by the word for it."""
    known: frozenset[str]
    """Every single word of these."""


@dataclass(frozen=True, slots=True)
class CalendarNames:
    """One language's weekdays (0 is Monday) and months (1 is January), folded."""

    weekdays: Mapping[str, int]
    months: Mapping[str, int]


def words_of(text: str) -> Words:
    """The words of a text in order, folded: letters and numbers apart, signs left out ("3w" is two
    words)."""
    return tuple(_PIECES.findall(fold(text)))


@cache
def lexicons() -> Mapping[str, Lexicon]:
    """Of every language that is shipped, by code."""
    return {language.code: _lexicon(language) for language in every()}


@cache
def calendar_names() -> Mapping[str, CalendarNames]:
    """Of every language that is shipped, by code."""
    return {language.code: _names(language.locale) for language in every()}


@lru_cache(1024)
def languages_of(title: str) -> frozenset[str]:
    """The codes of the languages in which fikad may have written a title."""
    return frozenset(
        language.code
        for language in every()
        for pattern in language.occasions.values()
        if re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(pattern)), title)
    )


@cache
def single_words(kind: str) -> frozenset[str]:
    """The phrases of a kind that are one word, of all languages."""
    return frozenset(
        phrase[0]
        for lexicon in lexicons().values()
        for phrase in lexicon.phrases[kind]
        if len(phrase) == 1
    )


def mended(words: Words, known: Iterable[str]) -> Iterator[Words]:
    """The same words with one slip of the pen undone, in every way that gives a `known` word."""
    right = set(known)
    for place, word in enumerate(words):
        if word in right:
            continue
        for meant in right:
            if is_slip(word, meant):
                yield (*words[:place], meant, *words[place + 1 :])


def is_slip(written: str, meant: str) -> bool:
    """Whether one word is another with one slip of the pen."""
    if len(meant) < _SHORT or written[:1] != meant[:1]:
        return False
    if len(written) == len(meant):
        wrong = [place for place, letter in enumerate(written) if letter != meant[place]]
        if len(wrong) == 2:
            first, second = wrong
            return second == first + 1 and (written[first], written[second]) == (
                meant[second],
                meant[first],
            )
        return len(wrong) == 1 and len(meant) >= _LONG - 1
    if len(written) == len(meant) + 1:
        return _without_one(written, meant) is not None
    left_out = _without_one(meant, written)
    return left_out is not None and (len(written) >= _SHORT or left_out in _VOWELS)


def _without_one(longer: str, shorter: str) -> str | None:
    """The letter that one has more than the other, None when it is not one."""
    for place, letter in enumerate(longer):
        if longer[:place] + longer[place + 1 :] == shorter:
            return letter
    return None


def _lexicon(language: Language) -> Lexicon:
    orders = language.orders
    kinds = (
        *(
            "skip",
            "never",
            "met",
            "missed",
            "yes",
            "snooze",
            "another_time",
            "until",
            "within",
            "next",
            "last",
            "on",
        ),
        *("ago", "today", "yesterday", "tomorrow"),
    )
    phrases = {kind: _phrases(getattr(orders, kind)) for kind in kinds}
    units = {fold(word): unit for unit, words in orders.units.items() for word in words}
    parts = {word for listed in phrases.values() for phrase in listed for word in phrase}
    return Lexicon(
        phrases=phrases,
        one=frozenset(map(fold, orders.one)),
        filler=frozenset(map(fold, orders.filler)),
        units=units,
        known=frozenset(parts | units.keys()),
    )


def _phrases(texts: Sequence[str]) -> tuple[Words, ...]:
    """Longest first."""
    return tuple(
        sorted(
            {words for text in texts if (words := words_of(text))},
            key=lambda words: (-len(words), words),
        )
    )


def _names(locale_name: str) -> CalendarNames:
    from babel import Locale

    locale = Locale.parse(locale_name)
    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    for target, source in ((weekdays, locale.days), (months, locale.months)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in source[context][width].items():
                    target.setdefault(" ".join(words_of(str(name))), int(number))
    return CalendarNames(weekdays, months)
