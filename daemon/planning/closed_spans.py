"""Closed days that follow each other for one reason, as one span: a week of holidays is said
once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from daemon.planning.slots import Closed
from daemon.reasons import Reason, in_words

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """The days (in the user's zone) from `first` to `last`, both included, closed for one
    reason."""

    first: date
    last: date
    why: Reason

    @property
    def rule(self) -> str:
        return self.why.code

    @property
    def reason(self) -> str:
        """One sentence."""
        return in_words(self.why)


def closed_spans(days: Iterable[Closed]) -> tuple[ClosedSpan, ...]:
    """Closed days, the first first, as spans. Days without availability are one reason, whichever
    weekdays they are."""
    spans: list[ClosedSpan] = []
    for day in days:
        before = spans[-1] if spans else None
        why = _together(before.why, day.why) if before else None
        if before and why and day.day - before.last == _DAY:
            spans[-1] = replace(before, last=day.day, why=why)
        else:
            spans.append(ClosedSpan(day.day, day.day, day.why))
    return tuple(spans)


def _together(before: Reason, after: Reason) -> Reason | None:
    """The one reason that two are; None where they are two."""
    if (before.code, before.variant) != (after.code, after.variant):
        return None
    if before.code == "availability":
        weekdays = dict.fromkeys((*before.values["weekdays"], *after.values["weekdays"]))
        return Reason("availability", {"weekdays": tuple(weekdays)})
    return before if in_words(before) == in_words(after) else None
