"""When contacts are known to be busy, as their servers told it: for those for whom the user wants
that to be asked (`free_busy`).

Of whom nothing is told nothing is known: they are neither free nor busy, and every slot that is
open to the user stays open to them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from daemon.planning.busy import TimeSpan

FACT: Final = "known_busy"
"""Under which name the ledger keeps it."""
KEPT: Final = timedelta(weeks=1)
"""For how long an answer holds at the most; a plan asks anew."""


@dataclass(frozen=True, slots=True)
class KnownBusy:
    """What was told the last time that somebody's server was asked."""

    asked: datetime | None = None
    """When (aware, UTC); None: never, or so long ago that it is forgotten."""
    busy: Mapping[str, tuple[TimeSpan, ...]] = field(default_factory=dict)
    """By contact key, of those about whom something was told: when they are busy, in order."""
    unknown: frozenset[str] = frozenset()
    """The contact keys of those about whom nobody told anything."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """By account: why it could not be asked, as a sentence without a full stop. Under the empty
    name: why none could."""

    @property
    def answered(self) -> frozenset[str]:
        """The contact keys of those who were asked for."""
        return self.unknown.union(self.busy)

    def at(self, now: datetime) -> KnownBusy:
        """What of it still holds at `now`: all, or nothing but the troubles."""
        if self.asked is not None and timedelta() <= now - self.asked < KEPT:
            return self
        return KnownBusy(troubles=self.troubles)

    def among(self, keys: Collection[str]) -> KnownBusy:
        """What of it is of these contacts."""
        busy = {key: spans for key, spans in self.busy.items() if key in keys}
        return KnownBusy(self.asked, busy, self.unknown.intersection(keys), self.troubles)


def is_busy(spans: Collection[TimeSpan], start: datetime, end: datetime) -> bool:
    """Whether any of the spans has time in common with [start, end)."""
    return any(span.start < end and start < span.end for span in spans)


def as_text(known: KnownBusy) -> str:
    """What is known as a text to keep; times are whole seconds."""
    return json.dumps(
        {
            "asked": known.asked.timestamp() if known.asked else None,
            "busy": {
                key: [[int(span.start.timestamp()), int(span.end.timestamp())] for span in spans]
                for key, spans in known.busy.items()
            },
            "unknown": sorted(known.unknown),
            "troubles": dict(known.troubles),
        }
    )


def from_text(text: str | None) -> KnownBusy:
    """What `as_text` kept; nothing is known where nothing was kept."""
    if not text:
        return KnownBusy()
    kept = json.loads(text)
    return KnownBusy(
        None if kept["asked"] is None else _moment(kept["asked"]),
        {
            key: tuple(TimeSpan(_moment(start), _moment(end)) for start, end in spans)
            for key, spans in kept["busy"].items()
        },
        frozenset(kept["unknown"]),
        kept["troubles"],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
