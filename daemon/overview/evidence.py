"""What `fikad why` counted and did not, gathered for a reader: every code is explained once, and
events of one title stand together, so that three years of a weekly one-on-one are one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daemon.discovery.rhythm import usual_gap

_LEAST_FOR_A_GAP = 4
"""Of fewer events nobody says how often they are."""

Event = Mapping[str, Any]
"""One of the `counted` or `rejected` of `daemon.overview.why`."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Events of one title under one code."""

    title: str
    """Empty for what was entered by hand."""
    latest: datetime
    all_day: bool
    first: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events under one code."""

    code: str
    meaning: str
    """What speaks for or against them, as a sentence."""
    alike: tuple[Alike, ...]
    """The latest first."""

    @property
    def events(self) -> int:
        return sum(alike.times for alike in self.alike)


def evidence(
    events: Iterable[Event], code: str, meanings: Mapping[str, str], *, each: bool = False
) -> tuple[Evidence, ...]:
    """Events (in any order) by their codes, those with the latest event first. `code`: the key that
    has an event's code. Where all reasons under a code are one, that is what it means; else what
    `meanings` says of the code. `each`: every event stands for itself."""
    by_code: dict[str, list[Event]] = {}
    for event in sorted(events, key=_start, reverse=True):
        by_code.setdefault(event[code], []).append(event)
    return tuple(
        Evidence(name, _meaning(same, meanings[name]), _alike(same, each=each))
        for name, same in by_code.items()
    )


def usual_gap_of(events: Iterable[Event]) -> float | None:
    """The usual number of days between events; None for a few."""
    days = sorted({_start(event).date() for event in events})
    return usual_gap(days) if len(days) >= _LEAST_FOR_A_GAP else None


def _meaning(events: Sequence[Event], general: str) -> str:
    reasons = {event.get("reason") or general for event in events}
    return reasons.pop() if len(reasons) == 1 else general


def _alike(events: Sequence[Event], *, each: bool) -> tuple[Alike, ...]:
    by_title: dict[object, list[Event]] = {}
    for number, event in enumerate(events):
        by_title.setdefault(number if each else event["title"], []).append(event)
    return tuple(
        Alike(
            same[0]["title"],
            _start(same[0]),
            same[0]["all_day"],
            _start(same[-1]),
            len(same),
        )
        for same in by_title.values()
    )


def _start(event: Event) -> datetime:
    return datetime.fromisoformat(event["start"])
