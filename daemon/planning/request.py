"""What a planner is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from daemon.config.schema import Challenge, Rhythm
from daemon.judging.recency import Held, Standing
from daemon.languages.date_style import PLAIN, DateStyle
from daemon.people.contacts import Contact
from daemon.planning.balance import Emphasis
from daemon.planning.busy import TimeSpan
from daemon.planning.fit import Fit, Habit
from daemon.planning.slots import Slot
from daemon.reasons import Reason, in_words

Emphasize = Callable[[Sequence[Standing], int], Mapping[str, Emphasis]]
"""See `balance.Balance.emphasis`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """Everything that a plan goes by."""

    standings: Sequence[Standing] = ()
    """Those who may be asked; for a move nobody else is needed."""
    slots: Sequence[Slot]
    """The open ones: of all occasions for a plan, without the hold itself for a move."""
    held: Sequence[Held] = ()
    """The proposed, pinned and accepted holds, those of the present week that are over included,
    since they count for the week."""
    rhythm: Rhythm
    zone: ZoneInfo
    """The user's: weeks run from Monday to Sunday in it."""
    now: datetime
    habits: Mapping[str, Habit] = field(default_factory=dict)
    """By contact key, of those who have one."""
    emphasis: Emphasize | None = None
    """What the balance of the practice makes of those who are due, by contact key, given how many
    may be chosen."""
    challenges: Sequence[Challenge] = ()
    remote: Collection[str] = ("call",)
    """The occasions that are done from afar."""
    date_style: DateStyle = PLAIN
    """How dates are written in reasons."""
    known_busy: Mapping[str, Sequence[TimeSpan]] = field(default_factory=dict)
    """By contact key: when they are known to be busy."""

    @property
    def fit(self) -> Fit:
        """How well a place fits, by what is asked for."""
        return Fit(self.rhythm, self.now, self.habits, self.remote, self.known_busy)


class Planner(Protocol):
    """`planner.plan`, or another one to compare it with."""

    def __call__(self, request: PlanRequest, /) -> Plan:
        """New holds for those who are due, and why everybody else but the paused waits."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new hold to be written."""

    contact: Contact
    slot: Slot
    occasion: str
    value: float
    """Growth of urgency × weight × balance × fit."""
    why: tuple[Reason, ...]
    """Why this person."""
    why_slot: Reason
    """Why this slot."""

    @property
    def reason(self) -> str:
        """Why this person: a sentence or two."""
        return " ".join(map(in_words, self.why))

    @property
    def slot_reason(self) -> str:
        """Why this slot: one sentence."""
        return in_words(self.why_slot)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who gets no hold now, and why."""

    contact_key: str
    why: Reason
    """As `Standing.blocked`, or the planner's: `no-slot`, `rhythm-off`, `open`, `week`, `day`,
    `taken`."""

    @property
    def code(self) -> str:
        return self.why.code

    @property
    def reason(self) -> str:
        """One sentence."""
        return in_words(self.why)


@dataclass(frozen=True, slots=True)
class Plan:
    """New holds, the most pressing first, and everybody else who may be asked."""

    proposals: tuple[Proposal, ...]
    waiting: tuple[Waiting, ...]
