"""From what the ledger holds to where everybody stands: the judgements, applied to one moment.

`once`, `status` and `why` all look through this one window, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from daemon.config.schema import Config
from daemon.durations import on_day
from daemon.holds.cooldown import fruitless_in_a_row
from daemon.holds.record import Hold, is_open
from daemon.judging.nearly import NearlyCounted, nearly_counted
from daemon.judging.recency import Held, Met, Standing
from daemon.planning.alternatives import other_times
from daemon.planning.balance import Balance
from daemon.planning.busy import Busy, TimeSpan, busy
from daemon.planning.capacity import Capacity
from daemon.planning.days import closed_days
from daemon.planning.fit import Habit, habits
from daemon.planning.known_busy import is_busy
from daemon.planning.pace import Pace, streak
from daemon.planning.planner import move_slot, plan
from daemon.planning.request import Plan, Planner, PlanRequest, Proposal, Waiting
from daemon.planning.slots import Closed, OpeningRules, Openings, Slot, lookahead, openings
from daemon.reasons import Reason
from daemon.situation.known import Known


@dataclass(frozen=True, kw_only=True)
class Situation(Known):
    """What is known at one instant and what follows from it: everything that tells how things stand
    asks this one value.

    What is asked twice is worked out once, when it is asked for first.
    """

    config: Config
    now: datetime
    by_hand: Sequence[Met]
    """The meetings with contacts that were entered by hand."""
    held: Sequence[Held]
    """The holds that count for caps and standings."""
    standings: Mapping[str, Standing]
    """By contact key, the most pressing first."""

    @cached_property
    def met(self) -> Sequence[Met]:
        """Every meeting with one of the contacts, counted or entered by hand."""
        return (*self.completed, *self.by_hand)

    @property
    def today(self) -> date:
        """In the user's zone."""
        return self.now.astimezone(self.config.zone).date()

    # --- what is open, and what would be planned ---

    def busy(self, also: Iterable[TimeSpan] = ()) -> Busy:
        """What takes the user's time, wide enough for new slots, for every hold that stands, and
        for holds that stand elsewhere than recorded (`also`)."""
        spans = [TimeSpan(hold.start, hold.end) for hold in self.holds if hold.end > self.now]
        spans += (span for span in also if span.end > self.now)
        return busy(
            self.occurrences,
            self.problems,
            mine=self.mine,
            zone=self.config.zone,
            within=lookahead(self.config.rhythm, self.now, spans),
        )

    def open(self, contact: str | None = None) -> Openings:
        """Every open slot up to the horizon, and why the other days are closed: for everybody, or
        for the occasions of one contact."""
        names = self.config.offered if contact is None else self.contacts[contact].occasions
        return self._openings(names, self._busy)

    def open_for_move(self, hold: Held, taken: Busy) -> Openings:
        """The same for the contact of a hold, as if that were not there: for its occasion and for
        those of the contact. `taken` is what is busy (see `busy`)."""
        names = (hold.occasion, *self.contacts[hold.contact_key].occasions)
        return self._openings(dict.fromkeys(names), taken, {hold.uid})

    @cached_property
    def plan(self) -> Plan:
        """Who gets which slot now, and why everybody else waits."""
        return plan(self._request(self.open().slots, self.held))

    def plan_with(self, planner: Planner) -> Plan:
        """What a planner makes of the situation."""
        return (
            self.plan if planner is plan else planner(self._request(self.open().slots, self.held))
        )

    def proposal(self, contact: str) -> Proposal | None:
        """The new hold that the plan has for a contact."""
        return next(
            (proposal for proposal in self.plan.proposals if proposal.contact.key == contact), None
        )

    def waiting(self, contact: str) -> Waiting | None:
        """Why the plan has nothing for a contact; None when it has."""
        waiting = next((entry for entry in self.plan.waiting if entry.contact_key == contact), None)
        blocked = self.standings[contact].blocked
        if waiting is not None or blocked is None:
            return waiting
        return Waiting(contact, blocked)

    def closed_days(self, contact: str) -> tuple[Closed, ...]:
        """Each day up to the horizon that is closed to a contact, beside what the plan gives to
        others."""
        planned = (
            Held(
                proposal.contact.key,
                proposal.slot.start,
                proposal.slot.end,
                "proposed",
                proposal.occasion,
            )
            for proposal in self.plan.proposals
        )
        rhythm, zone = self.config.rhythm, self.config.zone
        pace = Pace(rhythm, self.config.challenges)
        circle = self.contacts[contact].circle
        capacity = Capacity(rhythm, zone, self.now, [*self.held, *planned], pace, circle)
        spans = self.known_busy.busy.get(contact, ())
        return closed_days(
            self.open(contact),
            capacity,
            zone,
            lambda slot: is_busy(spans, slot.start, slot.end),
        )

    def slot_for(
        self, hold: Held, standing: Sequence[Held], slots: Sequence[Slot]
    ) -> tuple[Slot, Reason] | None:
        """Where a hold goes that cannot stay, and why there; None when nowhere. `standing` are all
        holds that count as things are by now, `slots` some of those from `open_for_move`."""
        contact = self.contacts[hold.contact_key]
        return move_slot(contact, hold, self._request(slots, standing))

    def other_times(
        self,
        hold: Held,
        standing: Sequence[Held],
        slots: Sequence[Slot],
        offered: Callable[[Slot], bool] = lambda slot: False,
    ) -> tuple[Slot, ...]:
        """What else to offer the contact of a hold (see `alternatives.other_times`)."""
        contact, count = self.contacts[hold.contact_key], self.config.ask.other_times
        return other_times(contact, hold, self._request(slots, standing), count, offered)

    # --- what was, and how the practice goes ---

    @cached_property
    def habits(self) -> Mapping[str, Habit]:
        """When the user usually meets each contact."""
        return habits(self.completed, self.config.zone)

    @cached_property
    def balance(self) -> Balance:
        """How the past holds are spread over the circles, and what that asks of the next ones."""
        return Balance(
            self.config.circles, self.contacts, self.holds, self.config.rhythm.reach_back, self.now
        )

    @property
    def streak(self) -> int:
        """For how many weeks in a row somebody was met."""
        return streak((meeting.end for meeting in self.met), self.config.zone, self.now)

    def nearly_counted(self) -> tuple[NearlyCounted, ...]:
        """What was nearly counted in the whole history, and what would mend it."""
        return nearly_counted(self.nearly, self.contacts)

    # --- one contact ---

    def ends(self, contact: str) -> list[datetime]:
        """When the meetings with a contact ended, manual entries included, in order."""
        return sorted(meeting.end for meeting in self.met if meeting.contact_key == contact)

    def fruitless(self, contact: str) -> tuple[Hold, ...]:
        """The contact's latest suggestions that came to nothing."""
        return fruitless_in_a_row(
            (hold for hold in self.holds if hold.contact_key == contact),
            self.standings[contact].last_met,
        )

    def hold_ahead(self, contact: str) -> Hold | None:
        """The contact's next hold that is not over: proposed, pinned or accepted."""
        ahead = (hold for hold in self.holds if hold.contact_key == contact and hold.end > self.now)
        wanted = (
            hold
            for hold in ahead
            if is_open(hold, self.now) or (hold.state == "accepted" and hold.uid not in self.undone)
        )
        return min(wanted, key=lambda hold: (hold.start, hold.uid), default=None)

    def off(self, contact: str) -> str:
        """Why an accepted date with a contact is none any more, as a sentence; "" when all
        stand."""
        hold = next(
            (
                hold
                for hold in self.holds
                if hold.contact_key == contact and hold.uid in self.undone
            ),
            None,
        )
        if hold is None:
            return ""
        day = on_day(hold.start.astimezone(self.config.zone).date(), self.config.date_style)
        return (
            f"{day} is no date with {hold.contact_name} any more:"
            f" {_inside(self.undone[hold.uid], hold.contact_name)}"
        )

    # --- what the above ask ---

    def _request(self, slots: Sequence[Slot], standing: Sequence[Held]) -> PlanRequest:
        return PlanRequest(
            standings=tuple(self.standings.values()),
            slots=slots,
            held=standing,
            rhythm=self.config.rhythm,
            zone=self.config.zone,
            now=self.now,
            habits=self.habits,
            emphasis=self.balance.emphasis,
            challenges=self.config.challenges,
            remote=self.config.remote,
            date_style=self.config.date_style,
            known_busy=self.known_busy.busy,
        )

    @cached_property
    def _busy(self) -> Busy:
        return self.busy()

    def _openings(
        self, names: Iterable[str], taken: Busy, ignoring: Collection[str] = ()
    ) -> Openings:
        config = self.config
        return openings(
            {name: config.offered[name] for name in names if name in config.offered},
            taken,
            OpeningRules(config.availability, config.rhythm, config.zone, config.holidays),
            self.now,
            ignoring=ignoring,
        )


def _inside(sentence: str, name: str) -> str:
    """A sentence as it stands after a colon."""
    return sentence if sentence.startswith(name) else sentence[:1].lower() + sentence[1:]
