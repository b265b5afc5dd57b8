"""What is known of the world at one instant: from a ledger, a replayed past, or an exported
file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors.base import Occurrence, Problem
from daemon.holds.record import Hold
from daemon.judging.meetings import DatesAhead
from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.ledger.decisions import ContactRecord
from daemon.people.contacts import Contact
from daemon.planning.known_busy import KnownBusy
from daemon.situation.past import PastMeetings
from daemon.situation.verdicts import Judge, Judged


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the world at one instant; nothing in it follows from the rest of it."""

    contacts: Mapping[str, Contact]
    """By key; paused are those whose pause lasts and who were answered with `never`."""
    judge: Judge
    """What judged all this."""
    judged: Judged
    """How much of the past the ledger had, and what it may keep."""
    occurrences: Sequence[Occurrence]
    """What took place in the last days, takes place now or lies ahead, as far as anything is
    planned or any hold stands."""
    problems: Sequence[Problem] = ()
    """The events that were set aside."""
    judged_now: Sequence[Verdict] | None = None
    """What counts and what nearly does of the last days, or of the whole history, by start, where
    any of it was judged now; None: the ledger had it."""
    past: PastMeetings
    """The completed one-on-ones; what was entered by hand is in `records`."""
    booked: Mapping[str, Met] = field(default_factory=dict)
    """The next one-on-one ahead by contact key."""
    dates_ahead: DatesAhead | None = None
    """All of them, where they were judged now; None: the ledger had them."""
    undone: Mapping[str, str] = field(default_factory=dict)
    """The accepted holds ahead, by UID, that are no date any more because of their guests, and why.
    """
    records: Mapping[str, ContactRecord] = field(default_factory=dict)
    """What was entered by hand or answered, by contact key; of people who left the config, too."""
    holds: Sequence[Hold] = ()
    """Every hold ever decided, oldest first."""
    known_busy: KnownBusy = field(default_factory=KnownBusy)
    """When those are busy for whom the user wants that to be asked, as far as it was told."""

    @cached_property
    def counted(self) -> Sequence[Verdict]:
        """The completed one-on-ones, each event once per contact, by start."""
        return [verdict for verdict in self._verdicts if verdict.counted]

    def counted_with(self, contact: str) -> Sequence[Verdict]:
        """The same with one contact, by key."""
        every = self.__dict__.get("_verdicts")
        verdicts = self.past.verdicts(contact) if every is None else every
        return [each for each in verdicts if each.counted and each.contact_key == contact]

    @cached_property
    def nearly(self) -> Sequence[Verdict]:
        """What was nearly counted, likewise."""
        return [verdict for verdict in self._verdicts if verdict.nearly]

    @cached_property
    def completed(self) -> Sequence[Met]:
        """The times of the completed one-on-ones."""
        return self.past.completed()

    @cached_property
    def _verdicts(self) -> Sequence[Verdict]:
        return self.past.verdicts()

    @property
    def mine(self) -> frozenset[str]:
        """The user's own addresses, lower case."""
        return self.judge.mine
