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
    for occurrence in every:
        if occurrence.uid and occurrence.hold is None:
            events[occurrence.uid, occurrence.original_start if occurrence.exception else None].add(
                occurrence
            )
    return [occurrence for occurrence in every if not _is_overtaken(occurrence, events)]


def _is_overtaken(
    occurrence: Occurrence, events: dict[tuple[str, datetime | None], _Versions]
) -> bool:
    if occurrence.exception or occurrence.original_start is None:
        return events[occurrence.uid, occurrence.original_start].overtake(occurrence)
    special = events.get((occurrence.uid, occurrence.original_start))
    return events[occurrence.uid, None].overtake(occurrence) or (
        special is not None and special.overtake(occurrence)
    )


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

    def add(self, occurrence: Occurrence) -> None:
        place, version = (occurrence.account, occurrence.calendar), _version(occurrence)
        self.sequence = max(self.sequence, occurrence.sequence)
        self.by_place[place] = max(self.by_place.get(place, _OLDEST), version)
        self.said[place].add(_said(occurrence))
        if occurrence.status == "cancelled":
            self.cancelled = max(self.cancelled, version)

    def overtake(self, occurrence: Occurrence) -> bool:
        """Whether a newer version says something else. In one calendar only a cancellation or a
        higher SEQUENCE does: some programs give one UID to several events."""
        place, version = (occurrence.account, occurrence.calendar), _version(occurrence)
        if self.sequence > occurrence.sequence:
            return True
        if self.cancelled > version:
            return True
        newer = [
            other for other, best in self.by_place.items() if other != place and best > version
        ]
        return bool(newer) and not any(_said(occurrence) in self.said[other] for other in newer)


def _version(occurrence: Occurrence) -> _Version:
    return occurrence.sequence, occurrence.modified or _LONG_AGO, occurrence.status == "cancelled"


def _said(occurrence: Occurrence) -> _Said:
    return occurrence.start, occurrence.end, occurrence.status == "cancelled"
