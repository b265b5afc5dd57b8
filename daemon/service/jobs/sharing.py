"""How accounts and address books share the time of one pass."""

from __future__ import annotations

from daemon.cycle.time_limits import STEP_SECONDS
from daemon.service.job import LIMIT_SECONDS

NOT_READING_SECONDS = 5 * 60
"""How much of a pass is left for everything but waiting for servers."""


def share_seconds(asked: int) -> float:
    """How long each of so many accounts and address books may take in all: slow ones share the time
    there is, since one that takes it all would take it again the next time."""
    return max(STEP_SECONDS, (LIMIT_SECONDS["pass"] - NOT_READING_SECONDS) / (asked or 1))
