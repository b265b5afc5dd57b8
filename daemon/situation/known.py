"""What is known of the world at one instant: from a ledger, a replayed past, or an exported
file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.base import Occurrence, Problem
from daemon.holds.record import Hold
from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.ledger.decisions import ContactRecord
from daemon.people.contacts import Contact
from daemon.planning.known_busy import KnownBusy
from daemon.situation.verdicts import Judge, Judged


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the world at one instant; nothing in it follows from the rest of it."""

    contacts: Mapping[str, Contact]
    """By key; paused are those whose pause lasts and who were answered with `never`."""
    judge: Judge
    """What judged all this."""
    judged: Judged
    """How much of `counted` the ledger had, and what it may keep."""
    occurrences: Sequence[Occurrence]
    """What took place in the last days, takes place now or lies ahead."""
    problems: Sequence[Problem] = ()
    """The events that were set aside."""
    counted: Sequence[Verdict] = ()
    """The completed one-on-ones, each event once per contact, by start."""
    nearly: Sequence[Verdict] = ()
    """What was nearly counted, likewise."""
    completed: Sequence[Met]
    """The completed one-on-ones; what was entered by hand is in `records`."""
    booked: Mapping[str, Met] = field(default_factory=dict)
    """The next one-on-one ahead by contact key."""
    undone: Mapping[str, str] = field(default_factory=dict)
    """The accepted holds ahead, by UID, that are no date any more because of their guests, and why.
    """
    records: Mapping[str, ContactRecord] = field(default_factory=dict)
    """What was entered by hand or answered, by contact key; of people who left the config, too."""
    holds: Sequence[Hold] = ()
    """Every hold ever decided, oldest first."""
    known_busy: KnownBusy = field(default_factory=KnownBusy)
    """When those are busy for whom the user wants that to be asked, as far as it was told."""

    @property
    def mine(self) -> frozenset[str]:
        """The user's own addresses, lower case."""
        return self.judge.mine
