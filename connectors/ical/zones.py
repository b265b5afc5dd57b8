"""Which zone a name means, and what instant a wall-clock time in it is.

A name that the world agrees on (IANA, Windows) wins over a definition that came with the event:
definitions are often cut down to one year or plainly wrong. Only an unknown name takes the
definition given."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_NOT_PLACES = re.compile(r"(?i)(?:posix|right)/|localtime$|factory$|posixrules$")
"""Names in zoneinfo's folders that depend on the machine or count leap seconds."""
_SLOW_RULE = re.compile(r"(?i)FREQ\s*=\s*(?!YEARLY|MONTHLY)|INTERVAL\s*=\s*0*(?![0-9])")


_LAST_YEAR = 2200
_MOST_ONSETS = 8000
"""Of one part of a zone: more than monthly for all the years that are read."""


class _Onsets:
    """When one part of a defined zone begins to be in force, looked up.

    dateutil goes through all of them, from the first, for every time that it is asked about."""

    def __init__(self, rule: Iterable[datetime]) -> None:
        until = takewhile(lambda onset: onset.year <= _LAST_YEAR, rule)
        self._all = sorted(islice(until, _MOST_ONSETS + 1))
        if len(self._all) > _MOST_ONSETS:
            raise ValueError("no clock is set that often")

    def before(self, moment: datetime, inc: bool) -> datetime | None:
        """The last of them that is not after a moment, as dateutil's rules tell it."""
        place = bisect_right(self._all, moment)
        return self._all[place - 1] if place else None


@lru_cache(maxsize=1024)
def named(tzid: str) -> ZoneInfo | None:
    """The zone that a TZID names: IANA, Windows, or an IANA name behind a vendor's prefix such as
    `/freeassociation.sourceforge.net/Europe/Berlin` (RFC 5545 section 3.2.19). None: nobody knows
    this name."""
    for candidate in _candidates(tzid.strip().strip('"')):
        key = _keys().get(candidate)
        if key is not None:
            return ZoneInfo(key)
    return None


@lru_cache(maxsize=1024)
def named_loosely(tzid: str) -> ZoneInfo | None:
    """As `named`, in any case ("europe/berlin"): for an event that brings no definition of its
    own."""
    for candidate in _candidates(tzid.strip().strip('"')):
        key = _folded_keys().get(candidate.casefold())
        if key is not None:
            return ZoneInfo(key)
    return None


def defined(lines: Sequence[str]) -> tzinfo:
    """The zone that the lines of a VTIMEZONE define. Raises ValueError when they define none.

    A part that does not say from which offset it takes over has the one that it sets. Rules that
    strike more often
    than monthly are refused: no clock is set that often, but expanding them can take for ever.
    """
    return _defined("\r\n".join(_completed(lines)))


def utc(moment: datetime) -> datetime:
    """The instant of an aware wall-clock time, in UTC.

    A time that a change of clocks skips is read with the offset before the gap, one that stands
    twice is the first (RFC 5545 section 3.3.5). zoneinfo does so by itself; zones made from a
    VTIMEZONE need help."""
    if moment.tzinfo is UTC:
        return moment
    instant = moment.astimezone(UTC)
    if isinstance(moment.tzinfo, ZoneInfo):
        return instant
    wall = moment.replace(tzinfo=None)
    if instant.astimezone(moment.tzinfo).replace(tzinfo=None) == wall:
        return instant
    before = (moment - timedelta(days=1)).utcoffset() or timedelta()
    return (wall - before).replace(tzinfo=UTC)


def _candidates(name: str) -> Iterator[str]:
    plain = name.strip("/")
    if plain and not _NOT_PLACES.match(plain):
        yield plain
    if name.startswith("/") or "://" in name:
        parts = plain.split("/")
        for first in range(1, len(parts)):
            rest = "/".join(parts[first:])
            if rest and not _NOT_PLACES.match(rest):
                yield rest


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    """Every known name, with its IANA key."""
    known = {"Z": "UTC", **WINDOWS_TO_OLSON}
    known.update((key, key) for key in available_timezones())
    return known


@lru_cache(maxsize=1)
def _folded_keys() -> dict[str, str]:
    return {name.casefold(): key for name, key in _keys().items()}


def _completed(lines: Sequence[str]) -> Iterator[str]:
    """The lines with a TZOFFSETFROM in every part (STANDARD, DAYLIGHT), without which no library
    takes them."""
    part: list[str] = []
    for line in lines:
        part.append(line)
        if line.strip().upper() in ("END:STANDARD", "END:DAYLIGHT"):
            names = {each.partition(":")[0].strip().upper(): each for each in part}
            if "TZOFFSETFROM" not in names and "TZOFFSETTO" in names:
                part.insert(-1, f"TZOFFSETFROM:{names['TZOFFSETTO'].partition(':')[2].strip()}")
            yield from part
            part = []
    yield from part


@lru_cache(maxsize=256)
def _defined(text: str) -> tzinfo:
    for line in text.splitlines():
        if line.upper().startswith("RRULE") and _SLOW_RULE.search(line):
            raise ValueError(f"a rule that no clock follows: {line[:80]}")
    component = Timezone.from_ical(text)
    if not isinstance(component, Timezone):
        raise ValueError("not a time zone")
    zone: Any = component.to_tz(lookup_tzid=False)
    for part in zone._comps:
        part.rrule = _Onsets(part.rrule)
    defined: tzinfo = zone
    defined.utcoffset(datetime(2000, 1, 1, tzinfo=defined))
    return defined
