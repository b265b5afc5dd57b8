"""A recurrence rule as a value: what it says, each part of it in one form.

Only what RFC 5545 (section 3.3.10) and RFC 7529 (the Gregorian calendar) define is a rule here, and
the plain ones of vCalendar 1.0. A rule that cannot be read leaves the first instance certain, and
nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal

from icalendar.prop import vRecur

from connectors.ical.content_line import parts
from connectors.ical.moments import Moment
from connectors.ical.old_rules import translated
from connectors.ical.zones import utc
from connectors.sanitize import sanitize

FREQUENCIES: Final = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
FINER_THAN_DAYS: Final = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Skip = Literal["OMIT", "BACKWARD", "FORWARD"]

_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_RANGES: Final = {
    "BYMONTH": range(1, 13),
    "BYWEEKNO": range(1, 54),
    "BYYEARDAY": range(1, 367),
    "BYMONTHDAY": range(1, 32),
    "BYHOUR": range(24),
    "BYMINUTE": range(60),
    "BYSECOND": range(61),
    "BYSETPOS": range(1, 367),
}
_FROM_THE_END = frozenset({"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYSETPOS"})
"""Parts whose numbers may be negative."""
_KNOWN = frozenset(
    {*_RANGES, "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "RSCALE", "SKIP"}
)


class UnreadableRuleError(ValueError):
    """A rule by which a series cannot be expanded. The text is the reason to show."""


class UnknownRuleError(UnreadableRuleError):
    """A rule that nobody can read. Its series' first instance is certain all the same: DTSTART,
    whatever the rule (RFC 5545 section 3.8.5.3)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Parts that are not there are empty."""

    frequency: str
    interval: int
    count: int | None
    until: Moment | None
    """The last moment at which an instance may start: a date for a series of dates, else UTC."""
    week_start: int
    """0 is Monday."""
    months: Sequence[int]
    weeks: Sequence[int]
    year_days: Sequence[int]
    month_days: Sequence[int]
    weekdays: Sequence[tuple[int, int]]
    """Which of them (0: each, -1: the last), and the weekday, 0 is Monday."""
    hours: Sequence[int]
    minutes: Sequence[int]
    seconds: Sequence[int]
    positions: Sequence[int]
    skip: Skip
    """Where a day goes that its month or year does not have (RFC 7529 section 4.1)."""

    @property
    def several_a_day(self) -> bool:
        """Whether a day may have several instances."""
        return self.frequency in FINER_THAN_DAYS or any(
            len(part) > 1 for part in (self.hours, self.minutes, self.seconds)
        )

    def ends_before(self, begin: Moment) -> bool:
        """Whether it ends before its series begins: then it adds nothing to DTSTART, which is an
        instance all the same."""
        return self.until is not None and bool(
            self.until < (utc(begin) if isinstance(begin, datetime) else begin)
        )


def read_rule(line: str, begin: Moment) -> Rule:
    """The rule of an RRULE line in a series that starts at `begin`. Raises UnreadableRuleError."""
    shown = f'"{sanitize(line, 80)}"'
    written = _parsed(line, shown)
    if not isinstance(begin, datetime):
        for name in _TIMES:
            # To be ignored beside a date (RFC 5545 section 3.3.10).
            written.pop(name, None)
    frequency = str((written.get("FREQ") or [""])[0]).upper()
    if frequency not in FREQUENCIES:
        raise UnknownRuleError(f"its recurrence rule has no frequency: {shown}")
    if any(interval < 1 for interval in written.get("INTERVAL", ())):
        raise UnreadableRuleError("its recurrence rule has an interval of less than one")
    if str(written.get("RSCALE", ["GREGORIAN"])[0]).upper() != "GREGORIAN":
        raise UnknownRuleError("it repeats by a calendar other than the Gregorian one (RSCALE)")
    if not written.keys() <= _KNOWN or any(
        getattr(month, "leap", False) for month in written.get("BYMONTH", ())
    ):
        raise UnknownRuleError(f"its recurrence rule has parts that nobody knows: {shown}")
    numbers = {name: _numbers(written, name, shown) for name in _RANGES}
    weekdays = _weekdays(written, shown)
    skip = _skip(written, frequency)
    count = written.get("COUNT", [-1])[0]
    return Rule(
        frequency=frequency,
        interval=written.get("INTERVAL", [1])[0],
        count=count if count >= 0 else None,
        until=_until(written["UNTIL"][0], begin) if "UNTIL" in written else None,
        week_start=_weekday(written.get("WKST", ["MO"])[0], shown)[1],
        months=numbers["BYMONTH"],
        weeks=numbers["BYWEEKNO"],
        year_days=numbers["BYYEARDAY"],
        month_days=numbers["BYMONTHDAY"],
        weekdays=weekdays,
        hours=numbers["BYHOUR"],
        minutes=numbers["BYMINUTE"],
        seconds=numbers["BYSECOND"],
        positions=numbers["BYSETPOS"],
        skip=skip,
    )


def _parsed(line: str, shown: str) -> vRecur:
    try:
        text = parts(line)[2]
        rule: vRecur = vRecur.from_ical((translated(text) or text).replace(" ", "").upper())
    except Exception as error:
        raise UnknownRuleError(f"its recurrence rule cannot be read: {shown}") from error
    if "BYWEEKDAY" in rule:  # iCalendar's authors thought better of the name, some programs did not
        rule["BYDAY"] = [*rule.get("BYDAY", ()), *rule.pop("BYWEEKDAY")]
    return rule


def _numbers(rule: vRecur, name: str, shown: str) -> Sequence[int]:
    values = tuple(int(value) for value in rule.get(name, ()))
    for value in values:
        known = abs(value) if name in _FROM_THE_END else value
        if known not in _RANGES[name]:
            raise UnknownRuleError(f"its recurrence rule makes no sense: {shown}")
    # No clock of ours shows leap seconds.
    return tuple(min(value, 59) for value in values) if name == "BYSECOND" else values


def _weekdays(rule: vRecur, shown: str) -> Sequence[tuple[int, int]]:
    return tuple(_weekday(value, shown) for value in rule.get("BYDAY", ()))


def _weekday(value: object, shown: str) -> tuple[int, int]:
    name = str(value).upper()
    nth = getattr(value, "relative", None) or 0
    if name[-2:] not in WEEKDAYS or abs(nth) > 53:
        raise UnknownRuleError(f"its recurrence rule makes no sense: {shown}")
    return nth, WEEKDAYS.index(name[-2:])


def _skip(rule: vRecur, frequency: str) -> Skip:
    """SKIP, where a rule may generate days that are not there."""
    said = rule["SKIP"][0].to_ical().decode().upper() if "SKIP" in rule else "OMIT"
    if frequency in ("YEARLY", "MONTHLY") and "RSCALE" in rule:
        if said == "BACKWARD":
            return "BACKWARD"
        if said == "FORWARD":
            return "FORWARD"
    return "OMIT"


def _until(until: object, begin: Moment) -> Moment:
    """The last moment at which an instance may start (RFC 5545 section 3.3.10).

    For dates a date; else UTC. Without a zone it is meant in the zone of the start; a date beside a
    start with a time includes that day."""
    if not isinstance(until, date):
        raise UnknownRuleError("the end of its recurrence rule is no date")
    if not isinstance(begin, datetime):
        return until.date() if isinstance(until, datetime) else until
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    return utc(until if until.tzinfo else until.replace(tzinfo=begin.tzinfo))
