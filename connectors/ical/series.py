"""A series: its rule and its exceptions into occurrences.

recurring-ical-events knows which instances a rule gives, which are excluded and which are replaced.
Before it is asked, everything is brought into the form it understands without guessing: the terms
of the series (`terms`), exceptions that name their instance exactly. Afterwards the length of each
instance is measured in real time, since wall-clock arithmetic loses or gains an hour when the
clocks change. A series without exceptions that has plain terms takes a shorter way
(`plain_series`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.prop import vDDDLists, vDDDTypes, vText
from recurring_ical_events.selection.name import ComponentsWithName

from connectors.base import HoldEvent, Occurrence, Problem
from connectors.ical.entries import Entry
from connectors.ical.fragments import Fragment
from connectors.ical.instances import MAX_OCCURRENCES, starts_of
from connectors.ical.moments import Moment, UnreadableTimeError, midnight
from connectors.ical.plain_series import plain_starts
from connectors.ical.rules import UnreadableRuleError
from connectors.ical.spans import in_window
from connectors.ical.terms import Terms, fitting, terms_of
from connectors.ical.zones import utc

_DAY = timedelta(days=1)
_LONG = timedelta(days=366)
"""Events longer than this are left to recurring-ical-events."""
_LONGEST = 100 * _LONG


class _Member(Event):
    """An event as recurring-ical-events wants it, with the entry it was made from."""

    entry: Entry


class _Instance(recurring_ical_events.Occurrence):  # type: ignore[misc]
    """One instance as found, not copied into a component: copying is most of the work otherwise."""

    def as_component(self, keep_recurrence_attributes: bool) -> Any:
        return self


def expand_series(
    members: Sequence[Entry], lost: Sequence[Fragment], start: datetime, end: datetime, zone: tzinfo
) -> tuple[list[Occurrence], list[Problem]]:
    """The occurrences in the window of the events that share one UID, and what is wrong with them.

    `lost` are events of the series that could not be read: where they say which instance they
    replace, that instance is left out too, since it does not take place as the rule has it."""
    master, problems = _master(members)
    exceptions = [entry for entry in members if entry.recurrence_id is not None]
    if master is not None:
        _inherit_guests(exceptions, master)
    zone_of_series = (
        master.span.start.tzinfo if master and isinstance(master.span.start, datetime) else None
    )
    calendar = Calendar()
    starts: list[Moment] | None = None
    instances: list[Any] = []
    window = start.astimezone(UTC) - 2 * _DAY, end.astimezone(UTC) + 2 * _DAY
    try:
        for entry in exceptions:
            calendar.add_component(_exception(entry, master, zone_of_series))
        if master is not None:
            terms = terms_of(master, lost)
            problems += map(master.problem, terms.unknown)
            starts = None if exceptions else _plain_starts(master, terms, *window)
            if starts is None:
                reach = _reach(master, exceptions)
                around = window[0] - reach, window[1] + reach
                calendar.add_component(_core(master, terms, *around))
        if starts is None:
            source = ComponentsWithName("VEVENT", occurrence=_Instance)
            query = recurring_ical_events.CalendarQuery(calendar, components=[source])
            instances = query.between(*window)
    except (UnreadableRuleError, UnreadableTimeError) as error:
        return [], [*problems, (master or exceptions[0]).problem(str(error))]
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the libraries raise many kinds of errors for rules that make no sense
        return [], [
            *problems,
            (master or exceptions[0]).problem("its recurrence rule makes no sense"),
        ]
    alone = len(members) == 1
    if master is not None and starts is not None:
        return _plain_occurrences(master, starts, start, end, zone, alone=alone), problems
    if len(instances) > MAX_OCCURRENCES:
        return [], [
            *problems,
            (master or exceptions[0]).problem(f"it takes place more than {MAX_OCCURRENCES} times"),
        ]
    return _occurrences(instances, start, end, zone, alone=alone), problems


def _master(members: Sequence[Entry]) -> tuple[Entry | None, list[Problem]]:
    """The event that has the rule: the newest version (RFC 5546) of those that replace no
    instance."""
    cores = [entry for entry in members if entry.recurrence_id is None]
    if not cores:
        return None, []
    master = max(cores, key=lambda entry: entry.version)
    problems = [
        entry.problem("another event has the same UID and is taken instead")
        for entry in cores
        if entry.version == master.version and entry.span.start != master.span.start
    ]
    return master, problems


def _inherit_guests(exceptions: Sequence[Entry], master: Entry) -> None:
    """An exception that names neither ORGANIZER nor ATTENDEE has its series'."""
    for entry in exceptions:
        if not {"ORGANIZER", "ATTENDEE"} & entry.fragment.lines.keys():
            entry.organizer, entry.attendees = master.organizer, master.attendees
            entry.guests_hidden, entry.guests_omitted = master.guests_hidden, master.guests_omitted


# --- into the form that recurring-ical-events understands ---


def _core(entry: Entry, terms: Terms, first: datetime, last: datetime) -> _Member:
    """The master with its terms, its rules told as the dates that they give between `first` and
    `last` (UTC)."""
    component = _member(entry, terms.begin)
    extra = list(terms.extra)
    for rule in terms.rules:
        extra += starts_of(rule, terms.begin, first, last)
    if extra:
        component["RDATE"] = vDDDLists(extra)
    if terms.gone:
        component["EXDATE"] = vDDDLists(terms.gone)
    return component


def _reach(master: Entry, exceptions: Sequence[Entry]) -> timedelta:
    """How far from the window an instance may start by its rule that takes place in it: by its
    length, and by how far exceptions move it with all that follow."""
    reach = master.span.end_utc - master.span.start_utc
    for entry in exceptions:
        if entry.and_following and isinstance(entry.recurrence_id, date):
            meant = fitting(master.span.start)(entry.recurrence_id)
            moved = abs(entry.span.start_utc - _instant(meant))
            reach = max(reach, moved + (entry.span.end_utc - entry.span.start_utc))
    return min(reach, _LONGEST)


def _exception(entry: Entry, master: Entry | None, zone: tzinfo | None) -> _Member:
    """An event that replaces one instance, or all from one on.

    The master tells what its RECURRENCE-ID is: an all-day series has dates, any other has times,
    and a date alone means that day's instance."""
    component = _member(entry, entry.span.start)
    instance = entry.recurrence_id
    begin = master.span.start if master else entry.span.start
    if (
        isinstance(begin, datetime)
        and isinstance(instance, date)
        and not isinstance(instance, datetime)
    ):
        instance = datetime.combine(instance, begin.time(), begin.tzinfo)
    assert instance is not None  # noqa: S101 - only exceptions come here
    component["RECURRENCE-ID"] = vDDDTypes(fitting(begin)(instance))
    if entry.and_following:
        component["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
    for name in ("RRULE", "RDATE", "EXDATE"):
        if name in entry.fragment.lines:
            component[name] = vText("")
    return component


def _member(entry: Entry, begin: Moment) -> _Member:
    component = _Member()
    component.entry = entry
    component["UID"] = vText(entry.uid)
    component["DTSTART"] = vDDDTypes(begin)
    if isinstance(begin, datetime):
        component["DTEND"] = vDDDTypes(entry.span.end_utc.astimezone(begin.tzinfo))
    else:
        component["DTEND"] = vDDDTypes(entry.span.end_utc.date())
    if entry.sequence >= 0:
        component["SEQUENCE"] = entry.sequence
    return component


# --- and back ---


def _plain_starts(
    entry: Entry, terms: Terms, start: datetime, end: datetime
) -> list[Moment] | None:
    """When the instances start that may overlap the window; None where the series is not plain, or
    its length is not."""
    length = entry.span.end_utc - entry.span.start_utc
    begin = terms.begin
    if isinstance(begin, datetime):
        nominal = entry.span.end_utc.astimezone(begin.tzinfo) - begin
        if nominal < timedelta():
            return None
    return plain_starts(terms, start - length, end) if length <= _LONG else None


def _plain_occurrences(
    entry: Entry,
    starts: Sequence[Moment],
    start: datetime,
    end: datetime,
    zone: tzinfo,
    *,
    alone: bool,
) -> list[Occurrence]:
    hold = entry.hold(alone=alone)
    length = entry.span.end_utc - entry.span.start_utc
    result = []
    for begin in starts:
        first = _instant(begin)
        last = entry.span.end_from(begin) if isinstance(begin, datetime) else first + length
        if in_window(first, last, entry.span.all_day, start, end, zone):
            result.append(
                entry.occurrence(first, last, recurring=True, original_start=first, hold=hold)
            )
    return result


def _occurrences(
    instances: Sequence[Any], start: datetime, end: datetime, zone: tzinfo, *, alone: bool
) -> list[Occurrence]:
    holds: dict[int, HoldEvent | None] = {}
    result: dict[tuple[datetime, datetime], Occurrence] = {}
    for instance in instances:
        adapter = instance._adapter
        entry: Entry = adapter._component.entry
        first, last, original = _measure(instance, adapter, entry)
        if not in_window(first, last, entry.span.all_day, start, end, zone):
            continue
        if id(entry) not in holds:
            holds[id(entry)] = entry.hold(alone=alone)
        occurrence = entry.occurrence(
            first, last, recurring=True, original_start=original, hold=holds[id(entry)]
        )
        result.setdefault((original, first), occurrence)
    return list(result.values())


def _measure(instance: Any, adapter: Any, entry: Entry) -> tuple[datetime, datetime, datetime]:
    """Start, end and original start of an instance in UTC."""
    begin: Moment = instance.start
    moved: timedelta = adapter.move_recurrences_by
    replaces = adapter._component.get("RECURRENCE-ID")
    itself = replaces is not None and begin == adapter.start
    original = _instant(replaces.dt if itself else begin - moved)
    if itself:
        return entry.span.start_utc, entry.span.end_utc, original
    if not isinstance(begin, datetime):
        first = midnight(begin, UTC)
        return first, first + max(instance.end - begin, _DAY), original
    first = utc(begin)
    nominal = instance.end - begin
    if nominal != adapter.duration:  # an RDATE with a PERIOD of its own
        return first, first + nominal, original
    return first, entry.span.end_from(begin), original


def _instant(value: Moment) -> datetime:
    return utc(value) if isinstance(value, datetime) else midnight(value, UTC)
