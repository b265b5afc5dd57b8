"""What takes your time: the spans and the whole days that no hold may be put on.

Timed events take their span; whoever looks for an opening keeps a buffer around it. An all-day
event is a matter of dates, not of instants, and closes those dates in the user's zone, wherever
that is; so does being out of office, which closes every day it touches. What is marked free takes
nothing, unless it is a hold of ours: two suggestions must not stand on one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.base import Occurrence, Problem
from daemon.people.calling_off import says_cancelled

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


def busy(
    occurrences: Iterable[Occurrence],
    problems: Iterable[Problem] = (),
    *,
    mine: Collection[str],
    zone: ZoneInfo,
    within: TimeSpan,
    also: Iterable[Taken] = (),
) -> Busy:
    """Everything that takes time `within` a span (see `slots.lookahead`), of every configured
    calendar.

    `mine` are the user's addresses in lower case, `zone` is the user's. A problem whose span is
    known takes it. `also` are spans known otherwise, such as holds that were just written."""
    timed: list[Taken] = [span for span in also if within.touches(span.start, span.end)]
    days: list[TakenDays] = []
    for event in occurrences:
        # A date begins up to 14 hours before and 12 after midnight UTC, so all-day events are
        # looked at a day wider.
        slack = _DAY if event.all_day else event.travel
        if (
            event.end < within.start - slack
            or event.start > within.end + slack
            or not blocks(event, mine)
        ):
            continue
        if event.all_day:
            days.append(_dates(event))
            continue
        timed.append(
            Taken(_leaving(event, within), max(event.start, event.end), event.uid, event.title)
        )
        if event.kind == "out-of-office":
            days.append(_touched(event, within, zone))
    for problem in problems:
        if (
            problem.start is not None
            and problem.end is not None
            and within.touches(problem.start, problem.end)
        ):
            timed.append(
                Taken(
                    problem.start,
                    max(problem.start, problem.end),
                    problem.uid,
                    "an unreadable event",
                )
            )
    timed.sort(key=lambda taken: (taken.start, taken.end, taken.uid))
    days.sort(key=lambda taken: (taken.first, taken.last, taken.uid))
    return Busy(within, tuple(timed), tuple(days), zone)


def blocks(event: Occurrence, mine: Collection[str]) -> bool:
    """Whether an occurrence takes time of the user whose addresses are `mine`.

    Tentative, unanswered and foreign events do; what is free, cancelled (by its title, too) or
    declined, working locations and birthdays do not. Our own holds do although they are marked
    free."""
    if event.status == "cancelled":
        return False
    if event.hold is not None:
        return event.hold.status != "cancelled" and not event.hold.withdrawn
    if event.transparent or event.kind in ("birthday", "working-location"):
        return False
    answers = {row.answer for row in event.attendees if row.me or row.email in mine}
    if "accepted" not in answers and not answers.isdisjoint({"declined", "delegated"}):
        return False
    return not says_cancelled(event.title)


def overlaps(
    busy: Busy, start: datetime, end: datetime, *, ignoring: Collection[str] = ()
) -> Taken | TakenDays | None:
    """What lies on a hold from `start` to `end` itself, buffers aside; None while it can stay.

    `ignoring` are UIDs that do not count: the hold's own. Raises ValueError for a span that `busy`
    does not cover."""
    if not busy.within.covers(start, end):
        raise ValueError(
            f"what is busy is known from {busy.within.start} to {busy.within.end} only"
        )
    for taken in busy.timed:
        if taken.start >= end:
            break
        if taken.end > start and taken.uid not in ignoring:
            return taken
    first, last = _local_dates(start, end, busy.zone)
    for closed in busy.days:
        if closed.first <= last and closed.last >= first and closed.uid not in ignoring:
            return closed
    return None


def buffered(busy: Busy, buffer: timedelta, *, ignoring: Collection[str] = ()) -> list[TimeSpan]:
    """The timed spans, each widened by `buffer` on both sides, merged, in order."""
    merged: list[TimeSpan] = []
    for taken in busy.timed:
        if taken.uid in ignoring:
            continue
        # Cut to what is looked at first: an event may begin in the year 1, and nothing lies before
        # that.
        start, end = (
            max(taken.start, busy.within.start) - buffer,
            min(taken.end, busy.within.end) + buffer,
        )
        if merged and start <= merged[-1].end:
            if end > merged[-1].end:
                merged[-1] = TimeSpan(merged[-1].start, end)
        else:
            merged.append(TimeSpan(start, end))
    return merged


def _leaving(event: Occurrence, within: TimeSpan) -> datetime:
    """When the user sets out for an event: the time on the way lies before it."""
    return event.start - event.travel if event.start >= within.start else event.start


def _dates(event: Occurrence) -> TakenDays:
    """The dates of an all-day event: its end is exclusive, and it lasts one day at least."""
    first = event.start.date()
    last = max(first, (event.end - _DAY).date())
    rule: Literal["out-of-office", "all-day"] = (
        "out-of-office" if event.kind == "out-of-office" else "all-day"
    )
    return TakenDays(first, last, rule, event.uid, event.title)


def _touched(event: Occurrence, within: TimeSpan, zone: ZoneInfo) -> TakenDays:
    """The dates that a timed event touches, as far as they matter (an absent year may begin in the
    year 1)."""
    start = max(event.start, within.start)
    first, last = _local_dates(start, min(max(event.start, event.end), within.end), zone)
    return TakenDays(first, last, "out-of-office", event.uid, event.title)


def _local_dates(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and last date that [start, end) touches."""
    last = max(start, end - _INSTANT)
    return start.astimezone(zone).date(), last.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From `start` to `end`, exclusive; both aware, UTC."""

    start: datetime
    end: datetime

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.start <= start and end <= self.end

    def touches(self, start: datetime, end: datetime) -> bool:
        return start <= self.end and end >= self.start


@dataclass(frozen=True, slots=True)
class Taken:
    """A timed span that something stands on. An empty one (`start` = `end`) still splits what is
    around it."""

    start: datetime
    end: datetime
    uid: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class TakenDays:
    """Dates in the user's zone that something closes, both included."""

    first: date
    last: date
    rule: Literal["all-day", "out-of-office"]
    uid: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Busy:
    """What takes time within a span, unmerged, so that each can be named; in order of start."""

    within: TimeSpan
    timed: tuple[Taken, ...]
    days: tuple[TakenDays, ...]
    zone: ZoneInfo
    """The user's; `days` are dates in it."""

    def closing(self, day: date, *, ignoring: Collection[str] = ()) -> TakenDays | None:
        """What closes a whole day, or None."""
        for taken in self.days:
            if taken.first <= day <= taken.last and taken.uid not in ignoring:
                return taken
        return None
