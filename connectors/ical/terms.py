"""The terms of a series: when it starts, by which rules it repeats, which instances are added and
which left out.

Calendars say so in many forms, so all of it is brought into one that leaves no doubt: one zone for
all times of a series, UNTIL as an instant, dates where the series has dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar.prop import vRecur

from connectors.ical.content_line import parts
from connectors.ical.entries import Entry
from connectors.ical.fragments import Fragment
from connectors.ical.moments import Moment, Period, UnreadableTimeError, midnight, moment, moments
from connectors.ical.spans import clock
from connectors.ical.zones import utc
from connectors.sanitize import sanitize

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")


class UnreadableRuleError(ValueError):
    """A rule that is broken, or too fine to expand. The text is the reason to show."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one series."""

    begin: Moment
    """A date, or an aware time in the zone of the series."""
    rules: Sequence[vRecur]
    """Those that add anything."""
    extra: Sequence[Moment | Period]
    """RDATE, in the form of `begin`."""
    gone: Sequence[Moment]
    """EXDATE, in the form of `begin` or as a day of it; and what lost exceptions replace."""


def terms_of(entry: Entry, lost: Sequence[Fragment]) -> Terms:
    """The terms of the series whose master is `entry`. `lost` are events of the series that could
    not be read. Raises UnreadableRuleError and UnreadableTimeError."""
    if "EXRULE" in entry.fragment.lines:
        raise UnreadableRuleError("it has an exception rule (EXRULE), which is long out of use")
    begin = _meant_start(entry)
    fit = fitting(begin)
    rules = [_rule(line, begin) for line in entry.rules]
    extra = [fit(value) for value in _listed(entry, "RDATE")]
    excluded = _listed(entry, "EXDATE")
    if isinstance(begin, datetime) and begin.time() != time() and not _several_a_day(rules, extra):
        excluded = [_day_at_midnight(value, begin) for value in excluded]
    gone = [
        fit(value) if isinstance(value, datetime) else value
        for value in excluded
        if not isinstance(value, tuple)
    ]
    gone += (value for value in map(_replaced(fit), lost) if value is not None)
    return Terms(begin, [rule for rule in rules if not _ends_before(rule, begin)], extra, gone)


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


def fitting(begin: Moment) -> Callable[[Any], Any]:
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
