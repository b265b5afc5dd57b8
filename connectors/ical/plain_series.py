"""Series without exceptions and added dates: straight from their rules.

recurring-ical-events looks for each instance in what it knows of exceptions, added dates and
periods. Where a series has none of these, that is most of the work."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connectors.ical.instances import starts_of
from connectors.ical.moments import Moment, midnight
from connectors.ical.terms import Terms
from connectors.ical.zones import utc


def plain_starts(terms: Terms, first: datetime, last: datetime) -> list[Moment] | None:
    """The starts of the instances that begin between two instants (UTC, inclusive), in the form of
    `terms.begin`. None where the series is not plain. Raises UnreadableRuleError."""
    begin = terms.begin
    if terms.extra or (isinstance(begin, datetime) and begin.fold):
        return None
    gone = _days_gone(terms)
    if gone is None:
        return None
    starts = {moment for rule in terms.rules for moment in starts_of(rule, begin, first, last)}
    instant = utc(begin) if isinstance(begin, datetime) else midnight(begin, UTC)
    if first <= instant <= last:
        # It is an instance whether a rule gives it or not (RFC 5545 section 3.8.5.3).
        starts.add(begin)
    if not gone:
        return list(starts)
    return [
        moment
        for moment in starts
        if (moment.date() if isinstance(moment, datetime) else moment) not in gone
    ]


def _days_gone(terms: Terms) -> set[date] | None:
    """The days of the instances left out; None where one is told in another form than the
    instances have, or where a day may have several, which is not as simple as it looks."""
    begin = terms.begin
    if terms.gone and (len(terms.rules) > 1 or any(rule.several_a_day for rule in terms.rules)):
        return None
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
