"""Of one event in several calendars the newest version speaks (RFC 5546 section 2.1.5).

An event that was moved stands in one calendar at its new time and in another, which was told later
or never, still at the old one. Copies that say the same time are left alone: each may speak of
another of my addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.base import Occurrence

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_Version = tuple[int, datetime, bool]
_Said = tuple[datetime, datetime, bool]
_OLDEST: _Version = (-1, _LONG_AGO, False)


def newest(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """The occurrences that no newer version of their event has overtaken, in the order given.

    All copies of an event must be among them, wherever and whenever they are. An event is told from
    another by UID and, where a text speaks of one instance alone, by that instance."""
    every = list(occurrences)
    events: dict[tuple[str, datetime | None], _Versions] = defaultdict(_Versions)
    for one in every:
        if one.uid and one.hold is None:
            events[one.uid, one.original_start if one.exception else None].add(one)
    return [one for one in every if not _is_overtaken(one, events)]


def _is_overtaken(one: Occurrence, events: dict[tuple[str, datetime | None], _Versions]) -> bool:
    if not one.uid or one.hold is not None:
        return False
    if one.exception or one.original_start is None:
        return events[one.uid, one.original_start if one.exception else None].overtake(one)
    special = events.get((one.uid, one.original_start))
    return events[one.uid, None].overtake(one) or (special is not None and special.overtake(one))


@dataclass(slots=True)
class _Versions:
    """What several texts say of one event."""

    sequence: int = -1
    """The highest."""
    cancelled: _Version = _OLDEST
    """The newest that cancels it."""
    by_place: dict[tuple[str, str], _Version] = field(default_factory=dict)
    """The newest in each calendar."""
    said: dict[tuple[str, str], set[_Said]] = field(default_factory=lambda: defaultdict(set))
    """When it takes place by each calendar, and whether that is cancelled."""

    def add(self, one: Occurrence) -> None:
        place, version = (one.account, one.calendar), _version(one)
        self.sequence = max(self.sequence, one.sequence)
        self.by_place[place] = max(self.by_place.get(place, _OLDEST), version)
        self.said[place].add(_said(one))
        if one.status == "cancelled":
            self.cancelled = max(self.cancelled, version)

    def overtake(self, one: Occurrence) -> bool:
        """Whether a newer version says something else. In one calendar only a cancellation or a
        higher SEQUENCE does: some programs give one UID to several events."""
        place, version = (one.account, one.calendar), _version(one)
        if self.sequence > one.sequence:
            return True
        if self.cancelled > version:
            return True
        newer = [
            other for other, best in self.by_place.items() if other != place and best > version
        ]
        return bool(newer) and not any(_said(one) in self.said[other] for other in newer)


def _version(one: Occurrence) -> _Version:
    return one.sequence, one.modified or _LONG_AGO, one.status == "cancelled"


def _said(one: Occurrence) -> _Said:
    return one.start, one.end, one.status == "cancelled"
