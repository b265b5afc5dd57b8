"""What is asked of the child that expands calendar texts, and what it answers.

Both sides load this module, and the parent nothing of iCalendar beyond it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from connectors.base import Occurrence, Problem

CPU_SECONDS: Final = 2.0
"""Processor time for one series, and for reading one job; large texts get more for being read."""
MEMORY_BYTES: Final = 1 << 30
HEADER: Final = struct.Struct(">I")
"""Before each message on a pipe: its length in bytes."""

SERIES_SECONDS: Final = 10.0
"""Processor time for all series of one job together; large texts get more, since they have more."""

_CHARACTERS_PER_SECOND = 200_000
"""How fast even a slow machine reads calendar text."""
_SERIES_CHARACTERS_PER_SECOND = 20_000
"""How fast it expands series, as they are written."""


class TooSlowError(BaseException):
    """A time limit is over. Not an `Exception`, so that no library catches it on the way."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What one group of texts holds."""

    occurrences: tuple[Occurrence, ...] = ()
    problems: tuple[Problem, ...] = ()
    recurring: bool = False
    """A later window may give more: a series, or an event that begins after the window."""
    unfinished: bool = False
    """A limit of time or memory ended it: the same texts may give more when they are tried again.
    """


@dataclass(frozen=True, slots=True)
class ExpansionJob:
    """One group of texts to expand in the window from `start` to `end` (aware; exclusive)."""

    key: str
    texts: tuple[str, ...]
    start: datetime
    end: datetime
    zone: ZoneInfo
    """The user's, for floating times."""
    trusted: bool = False
    """The texts were written by a connector of ours, not by strangers."""

    @property
    def characters(self) -> int:
        """Of its texts."""
        return sum(map(len, self.texts))

    @property
    def extra_seconds(self) -> float:
        """What its size adds to the time for reading it."""
        return self.characters / _CHARACTERS_PER_SECOND

    @property
    def series_seconds(self) -> float:
        """Processor time for all its series."""
        return SERIES_SECONDS + self.characters / _SERIES_CHARACTERS_PER_SECOND
