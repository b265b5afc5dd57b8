"""The grammar of orders, one language at a time: which words mean which order, and until when,
since when or for when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from daemon.holds.lexicon import CalendarNames, Lexicon, Words, calendar_names, lexicons
from daemon.holds.moments import When, is_sensible

Word = Literal["yes", "skip", "snooze", "met", "never", "another time", "missed"]
_LATER = frozenset({"week", "month", "year"})


@dataclass(frozen=True, slots=True)
class Order:
    """What the user told fikad to do with a hold."""

    word: Word
    text: str
    """The order as understood, in one spelling: the same wish always gives the same text."""
    when: When | None = None
    """Until when to snooze (None: as long as the contact's own rest), when it was, or when it
    suits."""

    @property
    def duration(self) -> timedelta | None:
        """How long to snooze, where a span was named."""
        return self.when.duration if self.when else None


def orders_in(words: Words, code: str) -> Iterator[Order]:
    """The order that words are in one language, if any; polite words may be left out."""
    lexicon = lexicons()[code]
    plain = tuple(word for word in words if word not in lexicon.filler)
    for candidate in dict.fromkeys((words, plain)):
        order = Grammar(lexicon, code).order(candidate)
        if order is not None:
            yield order
            return


def time_in(words: Words, code: str, *, past: bool = False) -> When | None:
    """The time ahead, or the day that is over, that words name in one language; polite words may be
    left out."""
    lexicon = lexicons()[code]
    grammar, plain = Grammar(lexicon, code), tuple(w for w in words if w not in lexicon.filler)
    read = grammar.past_day if past else grammar.time_ahead
    return read(words) or read(plain)


class Grammar:
    """One language's grammar of orders."""

    def __init__(self, lexicon: Lexicon, code: str) -> None:
        self._lexicon, self._code = lexicon, code

    def order(self, words: Words) -> Order | None:
        for kind, word in _WHOLE.items():
            if words in self._lexicon.phrases[kind]:
                return Order(word, word)
        return self._met(words) or self._put_off(words) or self._another_time(words)

    def _met(self, words: Words) -> Order | None:
        for rest in self._beside("met", words):
            when = self.past_day(rest)
            if when is not None:
                return Order("met", f"met {when.text}", when)
        return None

    def _put_off(self, words: Words) -> Order | None:
        for rest in self._beside("snooze", words):
            inner = self._without("until", self._without("within", rest))
            when = self._span(inner) or self._when(inner)
            if when is not None and is_sensible(when) and when.number >= 0:
                return Order("snooze", f"snooze {when.text}", when)
        for kind in ("until", "within"):
            for rest in self._beside(kind, words):
                when = self._span(rest) or (
                    self._when(rest) if kind == "until" else self._month(rest)
                )
                if when is not None and is_sensible(when) and when.number >= 0:
                    return Order("snooze", f"snooze {when.text}", when)
        when = self._next(words)
        return (
            Order("snooze", f"snooze {when.text}", when)
            if when and when.unit in ("month", "year")
            else None
        )

    def _another_time(self, words: Words) -> Order | None:
        for rest in (words, *self._beside("another_time", words)):
            when = self._when(self._without("on", rest))
            if when is not None and is_sensible(when) and when.kind != "month" and when.number >= 0:
                return Order("another time", f"another time: {when.text}", when)
        return None

    def is_day(self, words: Words) -> bool:
        when = self._when(self._without("on", words))
        return when is not None and when.kind in ("weekday", "date") and when.number >= 0

    def past_day(self, words: Words) -> When | None:
        """A day that may be over: a date, a weekday, or so many days ago."""
        when = self._when(self._without("on", words)) or self._back(words)
        days = ("date", "weekday", "span")
        return when if when is not None and is_sensible(when) and when.kind in days else None

    def time_ahead(self, words: Words) -> When | None:
        """A time to come: a day, the next week or month, a month, or a span from now."""
        for kind in ("within", "on", "until", ""):
            inner = self._without(kind, words) if kind else words
            when = self._span(inner) or self._when(inner)
            if when is not None and is_sensible(when) and when.number >= 0:
                return when
        return None

    # --- parts

    def _beside(self, kind: str, words: Words) -> Iterator[Words]:
        """What is left of the words before or after a phrase of a kind, which may come first or
        last."""
        for phrase in self._lexicon.phrases[kind]:
            if words[: len(phrase)] == phrase:
                yield words[len(phrase) :]
            if words[-len(phrase) :] == phrase:
                yield words[: -len(phrase)]

    def _without(self, kind: str, words: Words) -> Words:
        return next(
            (
                words[len(phrase) :]
                for phrase in self._lexicon.phrases[kind]
                if words[: len(phrase)] == phrase
            ),
            words,
        )

    def _span(self, words: Words) -> When | None:
        """ "3 weeks", "a month", "3w"."""
        if len(words) != 2 or words[1] not in self._lexicon.units:
            return None
        if words[0] in self._lexicon.one:
            return When("span", 1, self._lexicon.units[words[1]])
        return (
            When("span", int(words[0]), self._lexicon.units[words[1]])
            if _is_count(words[0])
            else None
        )

    def _back(self, words: Words) -> When | None:
        """ "2 days ago", "for 2 dage siden"."""
        spans = (self._span(rest) or self._back(rest) for rest in self._beside("ago", words))
        return next(filter(None, spans), None)

    def _next(self, words: Words) -> When | None:
        for rest in self._beside("next", words):
            unit = self._lexicon.units.get(rest[0]) if len(rest) == 1 else None
            if unit in _LATER:
                return When("next", unit=str(unit))
        for phrase in self._lexicon.phrases["next"] if len(words) == 1 else ():
            # where words are not set apart: 来週
            unit = self._lexicon.units.get(words[0].removeprefix(phrase[0]))
            if len(phrase) == 1 and words[0].startswith(phrase[0]) and unit in _LATER:
                return When("next", unit=str(unit))
        return None

    def _when(self, words: Words) -> When | None:
        """A day, or the next week, month or year."""
        for kind, number in (("today", 0), ("tomorrow", 1), ("yesterday", -1)):
            if words in self._lexicon.phrases[kind]:
                return When("date", number)
        unit = self._next(words)
        if unit is not None:
            return unit
        names = calendar_names()[self._code]
        for rest in (words, *self._beside("next", words), *self._beside("last", words)):
            weekday = names.weekdays.get(" ".join(rest))
            if weekday is not None and len(rest[0]) > 1:
                return When("weekday", weekday)
        return self._month(words) or _date(words, names)

    def _month(self, words: Words) -> When | None:
        month = calendar_names()[self._code].months.get(" ".join(words))
        return When("month", month) if month and not words[0].isdigit() else None


_WHOLE: dict[str, Word] = {
    "skip": "skip",
    "never": "never",
    "met": "met",
    "missed": "missed",
    "yes": "yes",
    "snooze": "snooze",
    "another_time": "another time",
}


def _is_count(word: str) -> bool:
    return word.isdecimal() and len(word) <= 4


def _date(words: Words, names: CalendarNames) -> When | None:
    """ "12 may", "may 12", "12. Mai 2026", "12 de mayo de 2026", "2026-05-12"."""
    if len(words) == 3 and all(map(_is_count, words)) and len(words[0]) == 4:
        return _dated(int(words[2]), int(words[1]), int(words[0]))
    numbers = [int(word) for word in words if _is_count(word)]
    months = {names.months[word] for word in words if word in names.months and not word.isdigit()}
    others = [
        word
        for word in words
        if not _is_count(word) and word not in names.months and word not in _ORDINAL
    ]
    if len(months) != 1 or others or not 1 <= len(numbers) <= 2:
        return None
    year = numbers[1] if len(numbers) == 2 else 0
    return _dated(numbers[0], months.pop(), year)


_ORDINAL = frozenset({"st", "nd", "rd", "th", "er", "de", "of", "o"})


def _dated(day: int, month: int, year: int) -> When | None:
    in_reach = not year or 1970 <= year <= 2200
    return (
        When("date", month=month, day=day, year=year)
        if in_reach and 1 <= month <= 12 and 1 <= day <= 31
        else None
    )
