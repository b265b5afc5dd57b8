"""What is open: every slot an occasion fits in, and for each day without one the rule that closed
it.

A slot lies within one span of availability and one of the occasion's times of day, on a day that
nothing closes, clear of everything busy by the buffer, not sooner than the notice and starting no
later than the horizon. All of these are hard; nothing here prefers one slot to another.

Availability and times of day are wall-clock rules, so they are turned into instants stretch by
stretch of constant UTC offset: what the clock never shows (the hour lost in spring) is in no slot,
what it shows twice counts both times, and a slot always lasts its real minutes. Starts are the
quarter hours of the wall clock; only where none of these fits between two events are they looked
for every five minutes, and then to the minute, so that a tight gap is found too."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from daemon.config.schema import WEEKDAYS, Availability, Occasion, Rhythm, TimeRange
from daemon.holidays import NONE, Holidays
from daemon.planning.busy import Busy, TimeSpan, buffered
from daemon.reasons import Reason, in_words

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_STEPS = (15, 5, 1)
"""Starts are tried on these steps of the wall clock (minutes), the coarsest that fits."""


def lookahead(rhythm: Rhythm, now: datetime, holds: Sequence[TimeSpan] = ()) -> TimeSpan:
    """The span in which busy time must be known to look for slots at `now`, and to ask what lies on
    `holds`.

    Two days wider than the rules need on either side: whole days may be closed, and `now` may move
    on meanwhile."""
    starts, ends = (
        [now, *(hold.start for hold in holds)],
        [now + rhythm.horizon, *(hold.end for hold in holds)],
    )
    return TimeSpan(min(starts) - rhythm.buffer - 4 * _DAY, max(ends) + rhythm.buffer + 4 * _DAY)


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """What decides when something is open, beside what takes the time."""

    availability: Availability
    rhythm: Rhythm
    zone: ZoneInfo
    """The user's."""
    holidays: Holidays = NONE


def openings(
    occasions: Mapping[str, Occasion],
    busy: Busy,
    rules: OpeningRules,
    now: datetime,
    *,
    ignoring: Collection[str] = (),
) -> Openings:
    """Every open slot of these occasions from `now` to the horizon, and why days without any are
    closed.

    `ignoring` are UIDs that do not count as busy: those of the hold to be moved. Raises ValueError
    where `busy` does not cover the time in question (see `lookahead`)."""
    rhythm, zone = rules.rhythm, rules.zone
    last_start = now + rhythm.horizon
    if not busy.within.covers(
        now - rhythm.buffer - 2 * _DAY, last_start + rhythm.buffer + 2 * _DAY
    ):
        raise ValueError(
            f"what is busy is known from {busy.within.start} to {busy.within.end} only"
        )
    lookup = _Lookup(
        rules=rules,
        busy=busy,
        ignoring=ignoring,
        stretches=_stretches(zone, now - 2 * _DAY, last_start + 3 * _DAY),
        taken=buffered(busy, rhythm.buffer, ignoring=ignoring),
        starts=TimeSpan(now + rhythm.notice, last_start),
    )
    slots: list[Slot] = []
    closed: list[Closed] = []
    for day in _days(now.astimezone(zone).date(), last_start.astimezone(zone).date()):
        opened = _open_on(day, occasions, lookup)
        if isinstance(opened, Closed):
            closed.append(opened)
        else:
            slots += opened
    # stable: of those that start together the first occasion stays first
    slots.sort(key=lambda slot: slot.start)
    return Openings(tuple(slots), tuple(closed))


def _open_on(day: date, occasions: Mapping[str, Occasion], lookup: _Lookup) -> list[Slot] | Closed:
    """The slots of one day, or the first rule that leaves none."""
    closed = _closed_as_a_whole(day, lookup)
    if closed:
        return closed
    names = {"occasions": tuple(occasions)}
    weekday = WEEKDAYS[day.weekday()]
    today = {name: occasion for name, occasion in occasions.items() if weekday in occasion.days}
    if not today:
        return Closed(day, Reason("days", names))
    spans = {name: _long_enough(day, occasion, lookup) for name, occasion in today.items()}
    if not any(spans.values()):
        return Closed(day, Reason("between", names))
    in_time = {
        name: [span for span in spans[name] if _starts(span, _length(occasion), lookup)]
        for name, occasion in today.items()
    }
    if not any(in_time.values()):
        begins = (span.start for per_occasion in spans.values() for span in per_occasion)
        late = all(begin > lookup.starts.end for begin in begins)
        return Closed(day, Reason("horizon" if late else "notice"))
    slots = [
        slot
        for name, occasion in today.items()
        for slot in _slots_in(in_time[name], name, _length(occasion), lookup)
    ]
    return slots or Closed(day, Reason("busy", names))


def _length(occasion: Occasion) -> timedelta:
    return occasion.minutes * _MINUTE


def _long_enough(day: date, occasion: Occasion, lookup: _Lookup) -> list[TimeSpan]:
    """The spans of a day in which an occasion could fit, were nothing busy."""
    length = _length(occasion)
    return [span for span in _spans(day, occasion, lookup) if span.end - span.start >= length]


def _slots_in(
    spans: Sequence[TimeSpan], name: str, length: timedelta, lookup: _Lookup
) -> Iterator[Slot]:
    """The slots of one occasion in what is left of these spans."""
    for span in spans:
        for gap in _gaps(span, lookup.taken):
            for start in _grid(gap, length, lookup):
                yield Slot(name, start, start + length)


def _closed_as_a_whole(day: date, lookup: _Lookup) -> Closed | None:
    if any(
        blackout.first <= day <= blackout.last for blackout in lookup.rules.availability.blackout
    ):
        return Closed(day, Reason("blackout"))
    if holiday := lookup.rules.holidays.name(day):
        return Closed(day, Reason("holiday", {"name": holiday}))
    if not lookup.rules.availability.on(day.weekday()):
        return Closed(day, Reason("availability", {"weekdays": (day.weekday(),)}))
    taken = lookup.busy.closing(day, ignoring=lookup.ignoring)
    if taken is None:
        return None
    return Closed(day, Reason(taken.rule, {"title": taken.title}))


def _spans(day: date, occasion: Occasion, lookup: _Lookup) -> Iterator[TimeSpan]:
    """The instants of a day that lie in one span of availability and in one of the occasion's times
    of day."""
    for available in lookup.rules.availability.on(day.weekday()):
        for between in occasion.between:
            start, end = (
                max(available.start_minute, between.start_minute),
                min(available.end_minute, between.end_minute),
            )
            if start < end:
                yield from _instants(
                    day, TimeRange(start_minute=start, end_minute=end), lookup.stretches
                )


def _instants(day: date, wall: TimeRange, stretches: Sequence[Stretch]) -> Iterator[TimeSpan]:
    """When the clock on `day` reads a time within `wall`: one span, or several where it is set back
    meanwhile."""
    midnight = datetime.combine(day, time(), UTC)
    whole: TimeSpan | None = None
    for stretch in stretches:
        start = max(midnight + wall.start_minute * _MINUTE - stretch.offset, stretch.start)
        end = min(midnight + wall.end_minute * _MINUTE - stretch.offset, stretch.end)
        if start >= end:
            continue
        if whole and whole.end == start:
            whole = TimeSpan(whole.start, end)
            continue
        if whole:
            yield whole
        whole = TimeSpan(start, end)
    if whole:
        yield whole


def _stretches(zone: ZoneInfo, start: datetime, end: datetime) -> list[Stretch]:
    """[start, end) cut where the zone's UTC offset changes; no zone changes it twice within a
    day."""

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(zone).utcoffset() or timedelta()

    start = start.astimezone(UTC).replace(microsecond=0)
    samples = [start + _DAY * count for count in range((end - start) // _DAY + 2)]
    cuts = [start]
    for before, after in pairwise(samples):
        if offset(before) != offset(after):
            low, high = 0, int((after - before).total_seconds())
            while high - low > 1:
                middle = (low + high) // 2
                same = offset(before + timedelta(seconds=middle)) == offset(before)
                low, high = (middle, high) if same else (low, middle)
            cuts.append(before + timedelta(seconds=high))
    return [Stretch(first, last, offset(first)) for first, last in pairwise([*cuts, samples[-1]])]


def _starts(span: TimeSpan, length: timedelta, lookup: _Lookup) -> TimeSpan | None:
    """When something of this length may start within a span, both ends included, by notice and
    horizon."""
    first, last = max(span.start, lookup.starts.start), min(span.end - length, lookup.starts.end)
    return TimeSpan(first, last) if first <= last else None


def _gaps(span: TimeSpan, taken: Sequence[TimeSpan]) -> Iterator[TimeSpan]:
    """What is left of a span between taken ones, which are merged and in order; some of it may be
    empty."""
    free_from = span.start
    index = bisect_right(taken, span.start, key=lambda taken_span: taken_span.end)
    while index < len(taken) and taken[index].start < span.end:
        yield TimeSpan(free_from, taken[index].start)
        free_from = taken[index].end
        index += 1
    yield TimeSpan(free_from, span.end)


def _grid(gap: TimeSpan, length: timedelta, lookup: _Lookup) -> list[datetime]:
    """The starts at which something of this length fits into a gap, on the coarsest grid that has
    any."""
    starts = _starts(gap, length, lookup)
    if starts is None:
        return []
    for step in _STEPS:
        instants = []
        start = _round_up(starts.start, step, lookup.rules.zone)
        while start <= starts.end:
            instants.append(start)
            start = _round_up(start + _MINUTE, step, lookup.rules.zone)
        if instants:
            return instants
    return []


def _round_up(moment: datetime, step: int, zone: ZoneInfo) -> datetime:
    """The next instant at which the wall clock shows a multiple of `step` minutes."""
    local = moment.astimezone(zone)
    over = timedelta(
        minutes=local.minute % step, seconds=local.second, microseconds=local.microsecond
    )
    return moment + (step * _MINUTE - over) if over else moment


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


@dataclass(frozen=True, slots=True)
class Slot:
    """An open interval in which an occasion fits; both ends aware, UTC."""

    occasion: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A day (in the user's zone) on which nothing is open, and the first rule that left nothing."""

    day: date
    why: Reason
    """In the order in which it is looked at: `blackout`, `holiday`, `availability`, `all-day` or
    `out-of-office`, `days`, `between`, `notice` or `horizon`, `busy`; for one person also `week`,
    `day` or `taken`, where only other suggestions stand in the way, and `they-are-busy`."""

    @property
    def rule(self) -> str:
        return self.why.code

    @property
    def reason(self) -> str:
        """One sentence."""
        return in_words(self.why)


@dataclass(frozen=True, slots=True)
class Openings:
    """The open slots up to the horizon in order of start, and every day that has none."""

    slots: tuple[Slot, ...]
    closed: tuple[Closed, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of instants during which a zone keeps one offset from UTC."""

    start: datetime
    end: datetime
    offset: timedelta


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Everything that one look for slots goes by."""

    rules: OpeningRules
    busy: Busy
    ignoring: Collection[str]
    stretches: Sequence[Stretch]
    taken: Sequence[TimeSpan]
    """Busy time with its buffer, merged, in order."""
    starts: TimeSpan
    """The first and the last instant at which a hold may start."""
