"""One verdict for each event, where calendars hold copies of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from daemon.judging.verdict import Verdict

if TYPE_CHECKING:
    from connectors.base import Occurrence

_FROM_WEAKEST = (
    "all-day",
    "not-ended",
    "too-short",
    "too-long",
    "event-type",
    "not-mine",
    "declined",
    "unanswered",
    "guests-unknown",
    "nobody-named",
    "several-named",
    "ambiguous-name",
    "no-meeting-word",
    "not-a-meeting-title",
    "hold",
    "title",
    "unknown-person",
    "attendee",
    "not-one-to-one",
    "declined-by-them",
    "cancelled",
)
"""Which of several copies of an event is believed: codes of what failed and, where it counts,
rules. What is only true of a copy is weaker than a copy that counts; what is true of the event
itself is stronger."""
_WEIGHTS = {code: weight for weight, code in enumerate(_FROM_WEAKEST)}


def together(occurrences: Iterable[Occurrence]) -> Iterator[list[Occurrence]]:
    """Those that begin together, of occurrences that come by start: all copies of an event are in
    one of them, so that years need not be in memory to be judged. Raises ValueError for any other
    order, in which copies would be torn apart."""
    last: datetime | None = None
    for start, some in groupby(occurrences, key=lambda occurrence: occurrence.start):
        if last is not None and start < last:
            raise ValueError("occurrences must come by start")
        last = start
        yield list(some)


def one_per_event(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """One verdict per contact and event, where calendars hold copies of it (same UID and start);
    sorted by start.

    A copy may know less than another, or speak only of one of my addresses: so an event counts when
    any copy counts, by the better evidence, unless another copy shows that it was not a one-on-one:
    cancelled, declined by them, or with other guests. An unknown guest only stands against a copy
    that rests on its title. When no copy counts, the one that came furthest through the rules gives
    the reason."""
    events: dict[tuple[str, str, datetime], Verdict] = {}
    for verdict in verdicts:
        occurrence = verdict.occurrence
        event = (verdict.contact_key, occurrence.uid or f" {occurrence.title}", occurrence.start)
        known = events.get(event)
        if known is None or _weight(verdict) > _weight(known):
            events[event] = verdict
    return sorted(
        _once(events.values()), key=lambda verdict: (verdict.occurrence.start, verdict.contact_key)
    )


def _once(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """What counts, once per contact and start, by the better evidence: programs that copy events
    between calendars give the copy a UID of its own. What does not count stays as it is."""
    best: dict[tuple[str, datetime], Verdict] = {}
    for verdict in verdicts:
        if not verdict.counted:
            yield verdict
            continue
        moment = verdict.contact_key, verdict.occurrence.start
        known = best.get(moment)
        if known is None or _weight(verdict) > _weight(known):
            best[moment] = verdict
    yield from best.values()


def telling(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The completed one-on-ones and what was nearly counted, each event once per contact, sorted by
    start."""
    return [verdict for verdict in one_per_event(verdicts) if verdict.counted or verdict.nearly]


def meetings(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The completed one-on-ones, each event once per contact, sorted by start."""
    return [verdict for verdict in one_per_event(verdicts) if verdict.counted]


def _weight(verdict: Verdict) -> int:
    return _WEIGHTS["attendee" if verdict.rule == "hold" else verdict.rule or verdict.code]
