"""The terms of a series: when it starts, by which rules it repeats, which instances are added and
which left out.

Calendars say so in many forms, so all of it is brought into one that leaves no doubt: one zone for
all times of a series, UNTIL as an instant, dates where the series has dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from connectors.ical.entries import Entry
from connectors.ical.fragments import Fragment
from connectors.ical.moments import Moment, Period, UnreadableTimeError, midnight, moment, moments
from connectors.ical.rules import Rule, UnknownRuleError, UnreadableRuleError, read_rule
from connectors.ical.spans import clock


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one series."""

    begin: Moment
    """A date, or an aware time in the zone of the series."""
    rules: Sequence[Rule]
    """Those that add anything."""
    extra: Sequence[Moment | Period]
    """RDATE, in the form of `begin`."""
    gone: Sequence[Moment]
    """EXDATE, in the form of `begin` or as a day of it; and what lost exceptions replace."""
    unknown: Sequence[str]
    """What is wrong with rules that nobody can read: of these the series has its start alone."""


def terms_of(entry: Entry, lost: Sequence[Fragment]) -> Terms:
    """The terms of the series whose master is `entry`. `lost` are events of the series that could
    not be read. Raises UnreadableRuleError and UnreadableTimeError."""
    if "EXRULE" in entry.fragment.lines:
        raise UnreadableRuleError("it has an exception rule (EXRULE), which is long out of use")
    begin = _meant_start(entry)
    fit = fitting(begin)
    rules, unknown = _rules(entry, begin)
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
    return Terms(begin, [r for r in rules if not r.ends_before(begin)], extra, gone, unknown)


def _rules(entry: Entry, begin: Moment) -> tuple[list[Rule], list[str]]:
    """The rules of a series, and what is wrong with those that cannot be read."""
    rules: list[Rule] = []
    unknown: list[str] = []
    for line in entry.rules:
        try:
            rules.append(read_rule(line, begin))
        except UnknownRuleError as error:
            unknown.append(f"{error}; until that is corrected, its first date alone is known")
    return rules, unknown


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


def _several_a_day(rules: Sequence[Rule], extra: Sequence[object]) -> bool:
    """Whether a day may have several instances."""
    return bool(extra) or len(rules) > 1 or any(rule.several_a_day for rule in rules)


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
