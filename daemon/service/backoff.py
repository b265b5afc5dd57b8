"""When to try again what failed: sooner at first, later each time, never on the beat.

Waiting doubles from a minute up to an hour. Each wait is shortened by chance, by up to a half, so
that a thousand machines which lost the same server do not come back to it in the same second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

FIRST = timedelta(minutes=1)
MOST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often something failed in a row, and how long it is left alone since the last time."""

    failures: int
    since: datetime
    """UTC."""
    wait: timedelta

    def ready(self, now: datetime) -> bool:
        """Whether to try again: the wait is over, or the clock was set back before it began."""
        return not self.since <= now < self.since + self.wait

    @property
    def until(self) -> datetime:
        """When it is tried again (UTC)."""
        return self.since + self.wait


def failed(
    before: Backoff | None, now: datetime, chance: Random, most: timedelta = MOST
) -> Backoff:
    """One failure more. `most` is the longest wait, an hour at the most."""
    failures = before.failures + 1 if before else 1
    # The exponent is bounded: after a week offline the power would be a number with hundreds of
    # digits.
    full = min(FIRST * 2 ** min(failures - 1, 10), most, MOST)
    return Backoff(failures, now, full * chance.uniform(0.5, 1.0))
