"""How a row of meetings goes, and what it suggests: the usual gap, the trend, a circle and a
cadence.

All of it is made of dates in the user's zone: two meetings on one day are one. A person is measured
by their own gap: two months of silence are nothing for somebody met every quarter, and a lot for
somebody met every week."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

from daemon.durations import CADENCES, every

Trend = Literal["steady", "fading", "gone quiet", "new", "once"]

DEFAULT_CIRCLES: Mapping[str, timedelta] = {
    "close": timedelta(weeks=2),
    "council": timedelta(days=30),
    "friends": timedelta(weeks=6),
    "wider": timedelta(days=90),
    "distant": timedelta(days=180),
}
"""What is proposed where the config has no circles."""

_SLACK = 1.1
"""A cadence is the longest one wants to go without: a gap may miss it by so much (31 days are a
month)."""
_LEAST = timedelta(weeks=2)
_FADING = 1.75
_QUIET = 3.5
"""In usual gaps: after this long without a meeting it is fading, or gone quiet."""
_FADING_AFTER = 21
_QUIET_AFTER = 90
_NEW_WITHIN = 60
_KNOWN_BEFORE = 90
"""In days: nobody fades sooner, goes quiet sooner, is new for longer, or can be new to a shorter
history."""
_GENTLE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Advice:
    """What might be written into the config."""

    circle: str
    """Empty where no circle comes close."""
    cadence: timedelta
    why: str
    """One sentence."""


def usual_gap(days: Sequence[date]) -> float | None:
    """The median number of days between meetings on these dates (in order, each once); None for
    fewer than two."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return float(median(gaps)) if gaps else None


def trend(days: Sequence[date], today: date, began: date, *, booked: bool = False) -> Trend:
    """How it goes with somebody met on these dates (in order, at least one, each once).

    `began` is the first date that the history knows of: in a short one nobody can be told to be
    new. With somebody who is booked nothing has gone quiet."""
    since = (today - days[-1]).days
    if (today - days[0]).days <= _NEW_WITHIN and (days[0] - began).days >= _KNOWN_BEFORE:
        return "new"
    gap = usual_gap(days)
    if gap is None:
        return "once"
    if not booked and since > max(_QUIET * gap, _QUIET_AFTER):
        return "gone quiet"
    if (not booked and since > max(_FADING * gap, _FADING_AFTER)) or _slowing(days):
        return "fading"
    return "steady"


def advise(days: Sequence[date], how: Trend, circles: Mapping[str, timedelta]) -> Advice:
    """A circle (by its cadence) and a cadence for somebody met on these dates."""
    gap = usual_gap(days)
    if gap is None:
        return _advice(_GENTLE, "You met once so far; {cadence} is a gentle start.", circles)
    met = every(timedelta(days=max(round(gap), 1)))
    within = (step for step in CADENCES if gap <= step.days * _SLACK)
    cadence = max(_LEAST, next(within, CADENCES[-1]))
    if how == "gone quiet":
        why = f"You used to meet {met} or so; {{cadence}} is a gentle start."
        return _advice(max(cadence, _GENTLE), why, circles)
    if met == every(cadence):
        return _advice(cadence, f"You usually meet {met}: that keeps it up.", circles)
    return _advice(cadence, f"You usually meet {met}, so {{cadence}} keeps it up.", circles)


def _advice(cadence: timedelta, why: str, circles: Mapping[str, timedelta]) -> Advice:
    def distance(name: str) -> float:
        return abs(math.log(circles[name] / cadence))

    near = [name for name in circles if circles[name] and distance(name) <= math.log(2)]
    circle = min(near, key=distance, default="")
    return Advice(circle, cadence, why.format(cadence=every(cadence)))


def _slowing(days: Sequence[date]) -> bool:
    """Whether the last third of the gaps is much wider than those before."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    late = len(gaps) // 3
    return (
        late >= 2
        and median(gaps[-late:]) >= _FADING * median(gaps[:-late])
        and gaps[-1] > _FADING_AFTER
    )
