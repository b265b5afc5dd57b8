"""The balance of the practice: the circles' shares, reaching back to old ties and forward to new
people.

Nothing is counted twice or kept: the mix of the past quarter is read from the holds themselves, and
what it says is only a factor on what people are worth in the next plan. A circle behind its share
counts for up to twice as much, one ahead of it for down to half; so the mix follows the shares as
far as urgency allows.

A tie is *dormant* when you have not met for more than a year (and for more than twice their
cadence). People shy away from such ties, and they are often worth as much as present ones; so one
hold in `reach_back` goes to one of them, and the others come after everybody else, lest they swamp
those you still see. New people, those you want to know and have never met, have the same turn of
their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from daemon.config.schema import Circle
from daemon.holds.record import Hold
from daemon.judging.recency import Standing
from daemon.people.contacts import Contact
from daemon.reasons import Reason

QUARTER = timedelta(days=91)
_YEAR = timedelta(days=365)
_NEVER = datetime.min.replace(tzinfo=UTC)
_STEADY = 4
"""As many holds as if the mix had been right before the first one, so that one hold does not turn
it over."""
_AFTER_THE_REST = 0.25


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What the balance makes of one person in this plan."""

    factor: float = 1.0
    """On what they are worth."""
    reason: Reason | None = None
    """Where it is their turn."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What the balance goes by."""

    circles: Mapping[str, Circle]
    contacts: Mapping[str, Contact]
    holds: Sequence[Hold]
    """Every hold ever decided."""
    reach_back: int
    """One hold in so many goes to a dormant tie, one to a new person; 0: no such rule."""
    now: datetime

    def emphasis(self, due: Sequence[Standing], new_holds: int) -> dict[str, Emphasis]:
        """By contact key, for those who are due, the most pressing first, when at most `places` are
        chosen."""
        factors = self._of_circles()
        stress = {
            standing.contact.key: Emphasis(factors.get(standing.contact.circle, factors[""]))
            for standing in due
        }
        if not self.reach_back:
            return stress
        back = [standing for standing in due if self.is_dormant(standing)]
        forward = [
            standing for standing in due if standing.contact.new and standing.last_met is None
        ]
        rest = [standing for standing in due if standing not in back and standing not in forward]
        asked = {hold.contact_key: hold.created_at for hold in self._asked()}
        top = max(
            (standing.value * stress[standing.contact.key].factor for standing in rest), default=0.0
        )
        for ones, turns, code in (
            (back, self._turns(self._went_back, new_holds), "reach-back"),
            (forward, self._turns(self._went_forward, new_holds), "reach-forward"),
        ):
            # Who was asked before and did not answer goes to the end, so that everybody gets their
            # turn.
            queue = sorted(
                ones,
                key=lambda standing: (
                    asked.get(standing.contact.key, _NEVER),
                    -standing.value,
                    standing.contact.key,
                ),
            )
            for turn, standing in enumerate(queue):
                key, value = standing.contact.key, standing.value
                if turn < turns:
                    told = Reason(code, {"count": self.reach_back}) if rest else None
                    stress[key] = Emphasis(
                        max(stress[key].factor, 2 * top / value if value > 0 else 1.0), told
                    )
                else:
                    stress[key] = Emphasis(stress[key].factor * _AFTER_THE_REST)
        return stress

    def mix(self) -> dict[str, int]:
        """How many holds of the past quarter went to each circle ("": to nobody's)."""
        recent = [hold for hold in self._asked() if hold.created_at > self.now - QUARTER]
        return dict(Counter(self._circle(hold) for hold in recent))

    def _of_circles(self) -> dict[str, float]:
        """A factor for every circle that has a share, and one under "" for all others together: 1.0
        where no circle has one."""
        shares = {
            name: circle.share for name, circle in self.circles.items() if circle.share is not None
        }
        mix = self.mix()
        counts = {name: mix.get(name, 0) for name in shares}
        counts[""] = sum(mix.values()) - sum(counts.values())
        whole = max(sum(shares.values()), 1.0)
        parts = {name: share / whole for name, share in shares.items()} | {
            "": 1 - sum(shares.values()) / whole
        }
        number = sum(counts.values())
        return {
            name: min(max((number + _STEADY) * part / (counts[name] + _STEADY * part), 0.5), 2.0)
            if part > 0
            else 0.5
            for name, part in parts.items()
        }

    def _turns(self, went: Callable[[Hold], bool], new_holds: int) -> int:
        """How many of the next `places` holds go to one kind: one after every `reach_back` - 1
        others."""
        others = 0
        for hold in reversed(self._asked()):
            if went(hold):
                break
            others += 1
        return (min(others, self.reach_back - 1) + new_holds) // self.reach_back

    def _asked(self) -> list[Hold]:
        """The holds that the user could see, oldest first; what fikad took back itself is none."""
        return [hold for hold in self.holds if hold.state != "withdrawn"]

    def is_dormant(self, standing: Standing) -> bool:
        """Whether they are an old tie: not met for over a year, and over twice their cadence."""
        last = standing.last_met
        return last is not None and self.now - last > _long(standing.contact)

    def _went_back(self, hold: Hold) -> bool:
        contact = self.contacts.get(hold.contact_key)
        return (
            contact is not None
            and hold.last_met is not None
            and hold.created_at - hold.last_met > _long(contact)
        )

    def _went_forward(self, hold: Hold) -> bool:
        contact = self.contacts.get(hold.contact_key)
        return contact is not None and contact.new and hold.last_met is None

    def _circle(self, hold: Hold) -> str:
        contact = self.contacts.get(hold.contact_key)
        return contact.circle if contact else ""


def too_much(
    contacts: Iterable[Contact], circles: Mapping[str, Circle], per_week: int
) -> list[str]:
    """What cannot be kept, one sentence each: circles that have outgrown their size, and more dates
    than the rhythm has room for."""
    people = [contact for contact in contacts if not contact.paused]
    numbers = Counter(contact.circle for contact in people)
    told = [
        f"{name} has {numbers[name]} people, and you want at most {circle.size}."
        for name, circle in circles.items()
        if circle.size is not None and numbers[name] > circle.size
    ]
    wanted = sum(timedelta(weeks=1) / max(contact.cadence, timedelta(days=1)) for contact in people)
    if per_week and wanted > per_week * 1.2:
        weeks = f"{per_week} hold{'' if per_week == 1 else 's'}"
        told.append(
            f"Your cadences ask for {wanted:.1f} dates a week, and your rhythm has {weeks}:"
            " raise per_week, or give somebody more time."
        )
    return told


def _long(contact: Contact) -> timedelta:
    return max(_YEAR, 2 * min(contact.cadence, timedelta(days=36500)))
