"""Series by a plain rule: straight from dateutil, which knows all instances of one.

recurring-ical-events asks dateutil too, and then looks for each instance in what it knows of
exceptions, added dates and periods. Where a series has none of these, that is most of the work."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from icalendar.prop import vRecur

from connectors.ical.moments import Moment
from connectors.ical.terms import Terms

_PLAIN_PARTS: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"}
)
_MOST = 5000
"""Whoever has more is left to recurring-ical-events, after which they are counted."""


def plain_starts(terms: Terms, first: datetime, last: datetime) -> list[Moment] | None:
    """The starts of the instances that begin between two instants (UTC, inclusive), in the form of
    `terms.begin`: a day of dates or times that has no more than one of them. None where the series
    is not plain."""
    begin = terms.begin
    if terms.extra or len(terms.rules) != 1 or not _is_plain(terms.rules[0]):
        return None
    gone = _days_gone(terms)
    timed = isinstance(begin, datetime)
    if gone is None or not _is_well_known(begin):
        return None
    dtstart = begin if isinstance(begin, datetime) else datetime.combine(begin, time())
    if not timed:
        first, last = first.replace(tzinfo=None), last.replace(tzinfo=None)
    rule = _rule(terms.rules[0], dtstart)
    if rule is None:
        return None
    starts: list[datetime] = []
    for instance in rule:
        if instance > last or len(starts) > _MOST:
            break
        if instance >= first:
            starts.append(instance)
    if len(starts) > _MOST:
        return None
    if first <= dtstart <= last and dtstart not in starts:
        # It is an instance whether the rule gives it or not (RFC 5545 section 3.8.5.3).
        starts.append(dtstart)
    left = [instance for instance in starts if instance.date() not in gone]
    return list(left) if timed else [instance.date() for instance in left]


def _is_plain(rule: vRecur) -> bool:
    """Whether a rule gives one instance a day at most, and leaves nothing to be mended."""
    names = {name.upper() for name in rule}
    counts = rule.get("COUNT", [1])
    return (
        names <= _PLAIN_PARTS
        and rule["FREQ"][0].upper() != "HOURLY"
        and not {"COUNT", "UNTIL"} <= names
        and len(counts) == 1
        and counts[0] >= 1
    )


def _is_well_known(begin: Moment) -> bool:
    """Whether it is a date, or a time in a zone that the system knows, where it stands once."""
    if not isinstance(begin, datetime):
        return True
    return begin.fold == 0 and (begin.tzinfo is UTC or isinstance(begin.tzinfo, ZoneInfo))


def _days_gone(terms: Terms) -> set[date] | None:
    """The days of the instances left out; None where one is told in another form than the
    instances have, which is not as simple as it looks."""
    begin = terms.begin
    days: set[date] = set()
    for moment in terms.gone:
        if isinstance(begin, datetime):
            if not isinstance(moment, datetime) or moment.time() != begin.time() or moment.fold:
                return None
            days.add(moment.date())
        elif isinstance(moment, datetime):
            return None
        else:
            days.add(moment)
    return days


def _rule(rule: vRecur, dtstart: datetime) -> rrule | None:
    try:
        made = rrulestr(rule.to_ical().decode(), dtstart=dtstart)  # type: ignore[no-untyped-call]
    except ValueError:
        return None
    return made if isinstance(made, rrule) else None
