"""The meetings of the past, read as far as somebody asks: where everybody stands follows from a few
of them, and years of verdicts stay in the ledger until they are to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger


class PastMeetings(Protocol):
    """The completed one-on-ones, each event once per contact; what was entered by hand is not among
    them."""

    def landmarks(self) -> Sequence[Met]:
        """Of each contact's meetings at least the first and the last to end; of several that end
        together all."""
        ...

    def completed(self) -> Sequence[Met]:
        """All of them, by start."""
        ...

    def verdicts(self, contact: str = "") -> Sequence[Verdict]:
        """They and what was nearly counted, by start, with the evidence; of one contact, by key,
        where one is named."""
        ...


@dataclass(frozen=True, slots=True)
class ToldMeetings:
    """Meetings as they were told, without a ledger: those of a replayed past, of an export, or of a
    ledger that is closed by now."""

    met: Sequence[Met] = ()
    told: Sequence[Verdict] = ()
    """The verdicts on them, where more than their times is known."""

    def landmarks(self) -> Sequence[Met]:
        return self.met

    def completed(self) -> Sequence[Met]:
        return self.met

    def verdicts(self, contact: str = "") -> Sequence[Verdict]:
        return _with(contact, self.told)


@dataclass(frozen=True, slots=True)
class JudgedMeetings:
    """Meetings as a ledger and the judge of this moment know them. The ledger has to stay open as
    long as anything but `recent` is asked for. Raises LedgerError."""

    ledger: Ledger
    start: datetime
    """When the history begins."""
    since: datetime | None
    """What began before is in the ledger; None: nothing is."""
    recent: Sequence[Verdict]
    """The others, judged now."""

    def landmarks(self) -> Sequence[Met]:
        kept = self.ledger.counted_landmarks(self.start, self.since) if self.since else []
        return [*kept, *self._recent()]

    def completed(self) -> Sequence[Met]:
        kept = self.ledger.counted_times(self.start, self.since) if self.since else []
        return [*kept, *self._recent()]

    def verdicts(self, contact: str = "") -> Sequence[Verdict]:
        kept = self.ledger.counted(self.start, self.since, contact) if self.since else []
        return [*kept, *_with(contact, self.recent)]

    def _recent(self) -> list[Met]:
        return [
            Met(verdict.contact_key, verdict.occurrence.start, verdict.occurrence.end, verdict.rule)
            for verdict in self.recent
            if verdict.counted
        ]


def _with(contact: str, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """Those on one contact, by key, where one is named."""
    return [each for each in verdicts if each.contact_key == contact] if contact else verdicts
