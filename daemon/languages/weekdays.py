"""The names of the weekdays in every language that is shipped, by the CLDR."""

from __future__ import annotations

from functools import cache

from daemon.languages.language import every


def weekday(name: str) -> int | None:
    """The weekday of a name, whole or short, with or without its full stop; Monday is 0. None: no
    weekday's, or that of two different ones in two languages."""
    days = _weekdays().get(name.strip().rstrip(".").casefold(), frozenset())
    return next(iter(days)) if len(days) == 1 else None


@cache
def _weekdays() -> dict[str, frozenset[int]]:
    from babel.dates import get_day_names

    named: dict[str, frozenset[int]] = {}
    for language in every():
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for day, name in get_day_names(width, context, language.locale).items():
                    word = name.rstrip(".").casefold()
                    named[word] = named.get(word, frozenset()) | {day}
    return named
