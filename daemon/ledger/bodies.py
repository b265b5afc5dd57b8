"""Bodies: what the occurrences of an event have in common, stored once for all of them.

The instances of a series differ in their times, and in nothing else as long as nobody touched one.
So an occurrence is stored as its times and its body; two that differ in anything more have two
bodies. Times are whole seconds, as in all of the ledger, and as in all calendars (RFC 5545, 3.3.5).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from pydantic import TypeAdapter

from connectors.base import Attendee, Occurrence
from daemon.ledger.packing import packed, unpacked
from daemon.ledger.store import seconds

_EPOCH = datetime.fromtimestamp(0, UTC)
_TELLS_BIRTHDAY = b'"birthday_of":'
"""No text in a body can hold this: its quotes would be escaped."""
_TIMES = {"start", "end", "original_start"}
_NAMES = Occurrence.__match_args__
_FIELDS = attrgetter(*_NAMES)
_START, _END, _ORIGINAL = map(_NAMES.index, ("start", "end", "original_start"))

AT_A_TIME = 500
"""So many bodies are made into occurrences together: what that takes beside them stays small."""

Packed: TypeAlias = str | bytes
"""See `packing`."""


Guests: TypeAlias = dict[Attendee, Attendee]
"""Rows of guest lists, each kept once: those that say the same become one."""


class Times(NamedTuple):
    """When an occurrence is, in seconds since the epoch."""

    starts: int
    ends: int
    original: int | None
    """Which instance of its series it is (`Occurrence.original_start`)."""


class Place(NamedTuple):
    """Where a body was read: what `Occurrence` says of its reader."""

    account: str
    calendar: str
    owner: str


@dataclass(frozen=True, slots=True)
class Body:
    """A body and the occurrences that have it."""

    uid: str
    content: Packed
    birthday: bool
    """Its occurrences tell whose birthday they are."""
    times: tuple[Times, ...]


@cache
def occurrence_json() -> TypeAdapter[Occurrence]:
    """How an occurrence is stored; made when first needed, since pydantic takes its time."""
    return TypeAdapter(Occurrence)


@cache
def occurrences_json() -> TypeAdapter[list[Occurrence]]:
    """The same for many at once, which is several times faster."""
    return TypeAdapter(list[Occurrence])


def times_of(occurrence: Occurrence) -> Times:
    """When an occurrence is, as it is stored."""
    return Times(
        int(occurrence.start.timestamp()),
        int(occurrence.end.timestamp()),
        seconds(occurrence.original_start),
    )


def bodies_of(occurrences: Iterable[Occurrence]) -> list[Body]:
    """The occurrences of one group as they are stored."""
    dump = occurrence_json().dump_json
    times: dict[tuple[str, bytes], list[Times]] = {}
    for occurrence in occurrences:
        content = dump(occurrence, exclude=_TIMES, exclude_defaults=True)
        times.setdefault((occurrence.uid, content), []).append(times_of(occurrence))
    return [
        Body(uid, packed(content.decode()), _TELLS_BIRTHDAY in content, tuple(each))
        for (uid, content), each in times.items()
    ]


def first_of_each(
    bodies: Iterable[tuple[Packed, Times, Place]], guests: Guests
) -> list[Occurrence]:
    """For each body the occurrence at these times, its rows those of `guests` where they are
    there. Raises sqlite3.DatabaseError for a damaged one."""
    # One JSON array for all is several times faster than one call each.
    texts = (
        f"{_opening(times)}{unpacked(content)[1:-1]}{_closing(place)}"
        for content, times, place in bodies
    )
    made = occurrences_json().validate_json(f"[{','.join(texts)}]")
    for occurrence in made:
        _share(occurrence, guests)
    return made


def _share(occurrence: Occurrence, guests: Guests) -> None:
    """Have an occurrence that nobody has seen yet say the same by the rows of `guests`: a few
    hundred people are listed tens of thousands of times, which would be most of its memory."""
    if occurrence.attendees:
        shared = tuple(guests.setdefault(row, row) for row in occurrence.attendees)
        object.__setattr__(occurrence, "attendees", shared)
    if (organizer := occurrence.organizer) is not None:
        object.__setattr__(occurrence, "organizer", guests.setdefault(organizer, organizer))


def at(occurrence: Occurrence, times: Times) -> Occurrence:
    """Another occurrence of the same body."""
    original = None if times.original is None else from_seconds(times.original)
    # What `dataclasses.replace` does, in half the time: a pass makes thousands.
    values = [*_FIELDS(occurrence)]
    values[_START], values[_END] = from_seconds(times.starts), from_seconds(times.ends)
    values[_ORIGINAL] = original
    return Occurrence(*values)


def _opening(times: Times) -> str:
    """The times as members of a JSON object. As numbers they would be taken for milliseconds where
    they are large, and there are events in the year 1."""
    start, end = from_seconds(times.starts).isoformat(), from_seconds(times.ends).isoformat()
    original = times.original
    more = "" if original is None else f'"original_start":"{from_seconds(original).isoformat()}",'
    return f'{{"start":"{start}","end":"{end}",{more}'


@cache
def _closing(place: Place) -> str:
    return f",{json.dumps(place._asdict())[1:]}"


def from_seconds(stored: int) -> datetime:
    """A stored time, UTC; of any year."""
    return _EPOCH + timedelta(seconds=stored)
