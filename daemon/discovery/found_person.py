"""What is found out about somebody met one-on-one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.discovery.rhythm import Trend
from daemon.judging.recency import Met


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody met one-on-one. Instants are UTC; texts are inert."""

    key: str
    """Tells one found person from another in one discovery; a contact's own key where they are in
    the config."""
    name: str
    """As in the config or address book, else the usual display name, else one in their titles or
    address; else the address itself."""
    addresses: tuple[str, ...]
    """Lower case, the most used first; empty for somebody known by titles alone."""
    spellings: tuple[str, ...]
    """Other ways in which the name is written."""
    evidence: tuple[str, ...]
    """The rules by which meetings count: `attendee`, `title`, `hold`."""
    met: tuple[Met, ...]
    """The completed one-on-ones, by start."""
    gap_days: float | None
    """The usual gap; None when they were met on one day only."""
    weekday: int | None
    """The usual one, Monday is 0; None where none stands out."""
    minute: int | None
    """The usual start in minutes after midnight, in the user's zone."""
    trend: Trend
    next_booked: datetime | None
    circle: str
    """Proposed; empty where none comes close."""
    cadence: timedelta
    """Proposed."""
    why: str
    """Why that circle and cadence: one sentence."""
    known: str = ""
    """The contact's name in the config, if they are in it."""
    same_as: str = ""
    """Why several addresses or spellings are shown as one: a sentence, empty where nothing was put
    together."""
    perhaps_also: tuple[str, ...] = ()
    """Others who may be the same person, by name or address. Nothing of theirs is counted here."""

    @property
    def count(self) -> int:
        return len(self.met)

    @property
    def first_met(self) -> datetime:
        return self.met[0].start

    @property
    def last_met(self) -> datetime:
        return max(meeting.end for meeting in self.met)
