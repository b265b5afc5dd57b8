"""Advice on cadences: loosen what comes to nothing again and again, tighten what happens sooner
anyway.

Only ever words: no cadence changes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from daemon.durations import CADENCES, duration_in_words, every
from daemon.holds.cooldown import loosening
from daemon.holds.record import Hold

_GAPS = 4
"""So many gaps in a row, all well below the cadence, are a habit."""
_SOONER = 0.6


def advise(in_a_row: tuple[Hold, ...], ends: Sequence[datetime], cadence: timedelta) -> str:
    """One sentence on a contact's cadence, "" when it fits. `in_a_row` are the latest suggestions
    that came to nothing, `ends` those of the meetings, in order."""
    return loosening(in_a_row, cadence) or tightening(ends, cadence)


def tightening(ends: Sequence[datetime], cadence: timedelta) -> str:
    """A suggestion to tighten the cadence after repeatedly meeting much sooner, as one sentence;
    else ""."""
    gaps = [later - earlier for earlier, later in pairwise(ends[-_GAPS - 1 :])]
    if len(gaps) < _GAPS or max(gaps) > _SOONER * cadence:
        return ""
    usual = timedelta(days=round(median(gap / timedelta(days=1) for gap in gaps)))
    shorter = next((step for step in CADENCES if step >= usual), cadence)
    if shorter >= cadence:
        return ""
    return (
        f"Lately you have met about {every(usual)}; a cadence of"
        f" {duration_in_words(shorter)} would fit better than {duration_in_words(cadence)}."
    )
