"""From what the ledger holds to where everybody stands: the judgements, applied to one moment.

`once`, `status` and `why` all look through this one window, so they cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from daemon.address_books.known import contacts_of
from daemon.config.chances import never_suggested
from daemon.config.schema import Config
from daemon.durations import on_day
from daemon.holds.cooldown import cooldown_until, fruitless_in_a_row
from daemon.holds.transition import Hold, is_open
from daemon.judging.nearly import NearlyCounted, nearly_counted
from daemon.judging.recency import Held, Met, RecencyInputs, Standing, standings
from daemon.ledger.decisions import ContactRecord
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact
from daemon.planning.alternatives import other_times
from daemon.planning.balance import Balance
from daemon.planning.busy import Busy, TimeSpan, busy
from daemon.planning.capacity import Capacity
from daemon.planning.days import closed_days
from daemon.planning.fit import Habit, habits
from daemon.planning.pace import Pace, streak
from daemon.planning.planner import move_slot, plan
from daemon.planning.request import Plan, Planner, PlanRequest, Proposal, Waiting
from daemon.planning.slots import Closed, OpeningRules, Openings, Slot, lookahead, openings
from daemon.reasons import Reason
from daemon.situation.known import Known
from daemon.situation.verdicts import current, judge_of


@dataclass(frozen=True, kw_only=True)
class Situation(Known):
    """What is known at one instant and what follows from it: everything that tells how things stand
    asks this one value.

    What is asked twice is worked out once, when it is asked for first.
    """

    config: Config
    now: datetime
    met: Sequence[Met]
    """Every meeting with one of the contacts, counted or entered by hand."""
    held: Sequence[Held]
    """The holds that count for caps and standings."""
    standings: Mapping[str, Standing]
    """By contact key, the most pressing first."""

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
        return closed_days(self.open(contact), capacity, zone)

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


def held(holds: Sequence[Hold], now: datetime, undone: Container[str] = ()) -> list[Held]:
    """The holds that count for caps and standings: open ones, and accepted ones whenever they are;
    not those `undone`, by UID."""
    standing: list[Held] = []
    for hold in holds:
        if hold.uid in undone:
            continue
        if hold.state == "accepted":
            standing.append(
                Held(hold.contact_key, hold.start, hold.end, "accepted", hold.occasion, hold.uid)
            )
        elif is_open(hold, now) or (hold.state == "pinned"):
            state: Literal["pinned", "proposed"] = (
                "pinned" if hold.state == "pinned" else "proposed"
            )
            standing.append(
                Held(hold.contact_key, hold.start, hold.end, state, hold.occasion, hold.uid)
            )
    return standing


def read_situation(config: Config, ledger: Ledger, now: datetime) -> Situation:
    """Judge everything in the ledger as of `now`. Reads, never writes."""
    return assess(config, known_in(config, ledger, now), now)


def known_in(config: Config, ledger: Ledger, now: datetime) -> Known:
    """What the ledger knows at `now`, judged by the config."""
    records = ledger.people()
    contacts = {contact.key: contact for contact in contacts_now(config, ledger, now)}
    holds = ledger.holds()
    judge = judge_of(config, ledger, tuple(contacts.values()), holds, now)
    judged = judge.judged(ledger)
    occurrences = current(ledger, judged.recent, now)
    judgements = judge.counted(ledger, judged, occurrences)
    counted = [verdict for verdict in judgements if verdict.counted]
    return Known(
        contacts=contacts,
        judge=judge,
        judged=judged,
        occurrences=occurrences,
        problems=[problem for _, _, problem in ledger.problems()],
        counted=counted,
        nearly=[verdict for verdict in judgements if verdict.nearly],
        completed=[
            Met(verdict.contact_key, verdict.occurrence.start, verdict.occurrence.end, verdict.rule)
            for verdict in counted
        ],
        booked={
            key: Met(key, occurrence.start, occurrence.end, uid=occurrence.uid)
            for key, occurrence in judge.booked(occurrences).items()
        },
        undone=judge.undone(occurrences),
        records=records,
        holds=holds,
    )


def assess(config: Config, known: Known, now: datetime) -> Situation:
    """What follows at `now` from what is known. Pure."""
    by_hand = (
        Met(key, when, when, "manual")
        for key, record in known.records.items()
        if key in known.contacts
        for when in record.met
    )
    met = (*known.completed, *by_hand)
    holding = held(known.holds, now, known.undone)
    records = known.records
    standing = standings(
        known.contacts.values(),
        RecencyInputs(
            now=now,
            zone=config.zone,
            style=config.date_style,
            meetings=met,
            booked=known.booked.values(),
            held=holding,
            added={key: record.added for key, record in records.items()},
            snoozed={
                key: record.snoozed_until for key, record in records.items() if record.snoozed_until
            },
            cooldowns=_cooldowns(config, known, met, now),
        ),
    )
    return Situation(
        contacts=known.contacts,
        judge=known.judge,
        judged=known.judged,
        occurrences=known.occurrences,
        problems=known.problems,
        counted=known.counted,
        nearly=known.nearly,
        completed=known.completed,
        booked=known.booked,
        undone=known.undone,
        records=records,
        holds=known.holds,
        config=config,
        now=now,
        met=met,
        held=holding,
        standings={
            standing_now.contact.key: _with_reason(standing_now, records, config)
            for standing_now in standing
        },
    )


def _cooldowns(
    config: Config, known: Known, met: Iterable[Met], now: datetime
) -> dict[str, datetime]:
    """Until when each contact is left alone after suggestions that came to nothing."""
    last = _last(met, now)
    by_contact = defaultdict(list)
    for hold in known.holds:
        by_contact[hold.contact_key].append(hold)
    until = {
        key: cooldown_until(
            fruitless_in_a_row(by_contact[key], last.get(key)), contact.cadence, config.rhythm.rest
        )
        for key, contact in known.contacts.items()
    }
    return {key: moment for key, moment in until.items() if moment is not None}


def contacts_now(config: Config, ledger: Ledger, now: datetime) -> list[Contact]:
    """The contacts of the config and the address books, with those paused whose pause lasts, or
    whom the user answered with `never`: who is paused here is named nowhere."""
    today = now.astimezone(config.zone).date()
    never = {key for key, person in ledger.people().items() if person.never}
    return [
        replace(contact, paused=contact.key in never or contact.is_paused_on(today))
        for contact in contacts_of(config, ledger)
    ]


def _with_reason(
    standing: Standing, people: Mapping[str, ContactRecord], config: Config
) -> Standing:
    """A standing whose reason says who paused it, and whether anything can ever be suggested at
    all."""
    key = standing.contact.key
    if standing.contact.dead:
        return replace(standing, blocked=Reason("paused", variant="dead"))
    if standing.blocked is None or standing.blocked.code == "not-due":
        never = never_suggested(config, standing.contact)
        if never is None:
            return standing
        what = f"{never[0][0].upper()}{never[0][1:]}"
        reason = Reason("never-open", {"what": what, "advice": never[1]})
        return replace(standing, blocked=reason)
    if (
        standing.blocked is None
        or standing.blocked.code != "paused"
        or not (key in people and people[key].never)
    ):
        return standing
    named = {"name": standing.contact.name}
    return replace(standing, blocked=Reason("paused", named, variant="answered-never"))


def _last(met: Iterable[Met], now: datetime) -> dict[str, datetime]:
    last: dict[str, datetime] = {}
    for meeting in met:
        if meeting.end <= now:
            last[meeting.contact_key] = max(meeting.end, last.get(meeting.contact_key, meeting.end))
    return last
