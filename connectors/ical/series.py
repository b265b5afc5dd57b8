"""A series: its rule and its exceptions into occurrences.

recurring-ical-events knows which instances a rule gives, which are excluded and which are replaced.
Before it is asked,
everything is brought into the form it understands without guessing: one zone for all times of a
series, UNTIL as an instant, exceptions that name their instance exactly. Afterwards the length of
each instance is measured in real time, since wall-clock arithmetic loses or gains an hour when the
clocks change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.prop import vDDDLists, vDDDTypes, vRecur, vText
from recurring_ical_events.selection.name import ComponentsWithName

from connectors.base import HoldEvent, Occurrence, Problem
from connectors.ical.content_line import parts
from connectors.ical.entries import Entry
from connectors.ical.fragments import Fragment
from connectors.ical.moments import Moment, Period, UnreadableTimeError, midnight, moment, moments
from connectors.ical.spans import clock, in_window
from connectors.ical.zones import utc
from connectors.sanitize import sanitize

MAX_OCCURRENCES = 20_000
"""More in one window than anybody's calendar has: hourly for more than two years."""

_DAY = timedelta(days=1)
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")


class UnreadableRuleError(ValueError):
    """A rule that is broken, or too fine to expand. The text is the reason to show."""


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
    try:
        for entry in exceptions:
            calendar.add_component(_exception(entry, master, zone_of_series))
        if master is not None:
            calendar.add_component(_core(master, lost))
        source = ComponentsWithName("VEVENT", occurrence=_Instance)
        query = recurring_ical_events.CalendarQuery(calendar, components=[source])
        instances = query.between(start.astimezone(UTC) - 2 * _DAY, end.astimezone(UTC) + 2 * _DAY)
    except (UnreadableRuleError, UnreadableTimeError) as error:
        return [], [*problems, (master or exceptions[0]).problem(str(error))]
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the libraries raise many kinds of errors for rules that make no sense
        return [], [
            *problems,
            (master or exceptions[0]).problem("its recurrence rule makes no sense"),
        ]
    if len(instances) > MAX_OCCURRENCES:
        return [], [
            *problems,
            (master or exceptions[0]).problem(f"it takes place more than {MAX_OCCURRENCES} times"),
        ]
    return _occurrences(instances, start, end, zone, alone=len(members) == 1), problems


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


def _core(entry: Entry, lost: Sequence[Fragment]) -> _Member:
    """The master with its rules."""
    if "EXRULE" in entry.fragment.lines:
        raise UnreadableRuleError("it has an exception rule (EXRULE), which is long out of use")
    begin = _meant_start(entry)
    fit = _fitting(begin)
    component = _member(entry, begin)
    rules = [_rule(line, begin) for line in entry.rules]
    component["RRULE"] = [rule for rule in rules if not _ends_before(rule, begin)]
    extra = [fit(value) for value in _listed(entry, "RDATE")]
    gone = _listed(entry, "EXDATE")
    if isinstance(begin, datetime) and begin.time() != time() and not _several_a_day(rules, extra):
        gone = [_day_at_midnight(value, begin) for value in gone]
    dates = [
        fit(value) if isinstance(value, datetime) else value
        for value in gone
        if not isinstance(value, tuple)
    ]
    dates += (value for value in map(_replaced(fit), lost) if value is not None)
    if extra:
        component["RDATE"] = vDDDLists(extra)
    if dates:
        component["EXDATE"] = vDDDLists(dates)
    return component


def _meant_start(entry: Entry) -> Moment:
    """When a series starts. A program that writes UTC beside X-WR-TIMEZONE means that zone's
    clock."""
    begin = entry.span.start
    local = clock(entry.fragment, entry.zone)
    if isinstance(begin, datetime) and begin.tzinfo is UTC and entry.fragment.around.zone:
        return begin.astimezone(local)
    return begin


def _listed(entry: Entry, name: str) -> list[Moment | Period]:
    """The dates and times of RDATE or EXDATE, in whatever form they are written."""
    return [
        value
        for line in entry.fragment.lines.get(name, ())
        for value in moments(line, entry.fragment.around)
    ]


def _several_a_day(rules: Sequence[vRecur], extra: Sequence[object]) -> bool:
    """Whether a day may have several instances."""
    hourly = any(str((rule.get("FREQ") or [""])[0]).upper() == "HOURLY" for rule in rules)
    return (
        bool(extra)
        or len(rules) > 1
        or hourly
        or any(len(rule.get("BYHOUR", ())) > 1 for rule in rules)
    )


def _day_at_midnight(value: Moment | Period, begin: datetime) -> Moment | Period:
    """An exclusion at midnight, where no instance can be, means that day's instance; anything else
    means itself.

    Midnight as it is written, or in the zone of the series, which starts at `begin`."""
    if not isinstance(value, datetime):
        return value
    for written in (value, value.astimezone(begin.tzinfo) if value.tzinfo else value):
        if written.time() == time():
            return written.date()
    return value


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
    component["RECURRENCE-ID"] = vDDDTypes(_fitting(begin)(instance))
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


def _fitting(begin: Moment) -> Callable[[Any], Any]:
    """How other dates and times of a series are brought into the form of its start: dates, or times
    in its zone."""

    def fit(value: Moment | Period) -> Moment | Period:
        if isinstance(value, tuple):
            first, last = value
            if not isinstance(begin, datetime):
                return first.date()
            return fit(first), last if isinstance(last, timedelta) else fit(last)  # type: ignore[return-value]
        if not isinstance(begin, datetime):
            return value.date() if isinstance(value, datetime) else value
        if not isinstance(value, datetime):
            return midnight(value, begin.tzinfo or UTC)
        return (
            value.astimezone(begin.tzinfo) if value.tzinfo else value.replace(tzinfo=begin.tzinfo)
        )

    return fit


def _replaced(fit: Callable[[Any], Any]) -> Callable[[Fragment], Moment | None]:
    """Which instance a lost exception replaces, if it says so."""

    def instance(fragment: Fragment) -> Moment | None:
        lines = fragment.lines.get("RECURRENCE-ID")
        try:
            value = moment(lines[0], fragment.around) if lines else None
        except UnreadableTimeError:
            return None
        result: Moment | None = fit(value) if isinstance(value, datetime) else value
        return result

    return instance


def _rule(line: str, begin: Moment) -> vRecur:
    """A rule that can be expanded, its UNTIL in the one form that leaves no doubt. Raises
    UnreadableRuleError."""
    try:
        rule: vRecur = vRecur.from_ical(parts(line)[2].replace(" ", ""))
    except Exception as error:
        raise UnreadableRuleError(
            f'its recurrence rule cannot be read: "{sanitize(line, 80)}"'
        ) from error
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    if frequency in ("SECONDLY", "MINUTELY") or _often(rule):
        raise UnreadableRuleError("it repeats more often than hourly")
    if frequency not in _FREQUENCIES:
        raise UnreadableRuleError(f'its recurrence rule has no frequency: "{sanitize(line, 80)}"')
    if any(interval < 1 for interval in rule.get("INTERVAL", ())):
        raise UnreadableRuleError("its recurrence rule has an interval of less than one")
    if any(key.upper() in ("RSCALE", "SKIP") for key in rule):
        raise UnreadableRuleError("it repeats by a calendar other than the Gregorian one (RSCALE)")
    if "UNTIL" in rule:
        rule["UNTIL"] = [_until(rule["UNTIL"][0], begin)]
    return rule


def _ends_before(rule: vRecur, begin: Moment) -> bool:
    """Whether a rule ends before its series begins: then it adds nothing to DTSTART, which is an
    instance all the same (RFC 5545 section 3.8.2.4)."""
    until = (rule.get("UNTIL") or [None])[0]
    return until is not None and bool(
        until < (utc(begin) if isinstance(begin, datetime) else begin)
    )


def _often(rule: vRecur) -> bool:
    return len(rule.get("BYMINUTE", ())) > 1 or len(rule.get("BYSECOND", ())) > 1


def _until(until: object, begin: Moment) -> Moment:
    """The last moment at which an instance may start (RFC 5545 section 3.3.10).

    For dates a date; else UTC. Without a zone it is meant in the zone of the start; a date beside a
    start with a time includes that day."""
    if not isinstance(until, date):
        raise UnreadableRuleError("the end of its recurrence rule is no date")
    if not isinstance(begin, datetime):
        return until.date() if isinstance(until, datetime) else until
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    return utc(until if until.tzinfo else until.replace(tzinfo=begin.tzinfo))


# --- and back ---


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
