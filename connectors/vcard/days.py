"""The days of a card that come back every year, in all the ways that programs write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from connectors.address_book import YearlyDay
from connectors.vcard.lines import Line

_DAY = re.compile(r"\s*(?:(\d{4})-?|--)(\d{1,2})-?(\d{2})(?:[T ].*)?\s*", re.ASCII | re.DOTALL)
_LEAP_YEAR = 2000
_EARLIEST_YEAR = 1850
"""Nobody who is met was born before: a year such as Apple's 1604 stands for none."""
_ANNIVERSARY = re.compile(r"(?:_\$!<)?anniversary(?:>!\$_)?", re.IGNORECASE)
_ANNIVERSARIES = ("ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY")


def yearly_day(line: Line) -> YearlyDay | None:
    """The day that a line names: `1990-04-12`, `19900412`, `--0412`, `--04-12`, with or without a
    time of day (RFC 6350 section 4.3). None for a text, for a day without its month, and for what
    is no day."""
    if "text" in line.params.get("VALUE", ()):
        return None
    match = _DAY.fullmatch(line.text)
    if match is None:
        return None
    month, day = int(match[2]), int(match[3])
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        return None
    year = int(match[1] or 0)
    omitted = match[1] in line.params.get("X-APPLE-OMIT-YEAR", ())
    return YearlyDay(month, day, None if omitted or year < _EARLIEST_YEAR else year)


def birthday(lines: Mapping[str, Sequence[Line]]) -> YearlyDay | None:
    """The first birthday that can be read."""
    return _first(lines.get("BDAY", ()))


def anniversary(lines: Mapping[str, Sequence[Line]]) -> YearlyDay | None:
    """The first anniversary that can be read: ANNIVERSARY, what Evolution and others called it
    before, or a date that Apple's label says is one."""
    labels = {
        label.group for label in lines.get("X-ABLABEL", ()) if _ANNIVERSARY.fullmatch(label.text)
    }
    apples = [line for line in lines.get("X-ABDATE", ()) if line.group and line.group in labels]
    return _first([*(line for name in _ANNIVERSARIES for line in lines.get(name, ())), *apples])


def _first(lines: Iterable[Line]) -> YearlyDay | None:
    return next(filter(None, map(yearly_day, lines)), None)
