"""The perfect planner: it knows how likely everybody says yes at any hour.

No program can know that, so this is the limit: under the same hard rules (who is due, what is open,
the caps, the buffer) it takes the people and times that together bring the most dates that can be
expected. Whose turn it is, how urgent somebody is and which circle lacks its share are nothing to
it. What `fikad` moves it moves as the default program does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from daemon.planning.fit import Asked, CandidateSlot, Fit
from daemon.planning.planner import plan_by
from daemon.planning.request import Plan, Planner, PlanRequest
from daemon.planning.slots import Slot

Likely = Callable[[str, Slot, datetime], float]
"""How likely somebody, by name, says yes to a slot at a time."""


def perfect(likely: Likely) -> Planner:
    """The planner that knows how likely everybody says yes."""

    def planned(request: PlanRequest) -> Plan:
        values = {standing.contact.key: standing.value for standing in request.standings}
        fit = Knowing(
            request.rhythm,
            request.now,
            request.habits,
            request.remote,
            request.known_busy,
            likely,
            values,
        )
        return plan_by(fit, replace(request, emphasis=None))

    return planned


@dataclass(frozen=True, slots=True)
class Knowing(Fit):
    """How likely somebody says yes, as the fit of a slot."""

    likely: Likely = lambda name, slot, now: 1.0
    values: Mapping[str, float] = field(default_factory=dict)
    """What the plan multiplies the fit by, by contact key: taken out again."""

    def of(self, asked: Asked, order: int, candidate: CandidateSlot) -> float:
        contact = asked.contact
        chance = self.likely(contact.name, candidate.slot, self.now)
        return chance / self.values.get(contact.key, 1.0)

    def shortlist(self, asked: Asked, candidates: list[CandidateSlot]) -> list[CandidateSlot]:
        """Two an hour: nobody's answer turns on a quarter of an hour."""
        return candidates[::2] if len(candidates) > 2 else candidates
