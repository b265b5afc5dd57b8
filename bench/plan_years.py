"""The five lives once more, without calendars: `python -m bench.plan_years`.

Who is due, what is open, the balance, the caps, the rests and the plan are the real ones, and so
are the answers (`lives`); but holds are written nowhere, so nothing has to be read, judged or
settled: what has ended unanswered lapsed, what something came upon is moved or taken back. That is
several times quicker, so that ways to plan can be compared over many runs: the same luck for each,
and the differences run by run."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import mean, median, stdev

from bench.learned import learned
from bench.life_model import WEEKS, Life, lives, luck
from bench.life_model import takes_place as does_take_place
from bench.lives import Outcome, World, outcome_of
from connectors.base import HoldDraft
from connectors.ical.expansion import Expander
from daemon.cycle.cycle import PassOptions
from daemon.holds.cooldown import cooldown_until, fruitless_in_a_row
from daemon.holds.record import Hold, State
from daemon.judging.recency import Held, Met, RecencyInputs, standings
from daemon.planning.balance import Balance
from daemon.planning.busy import Busy, Taken, overlaps
from daemon.planning.fit import habits
from daemon.planning.planner import move_slot
from daemon.planning.request import Plan, Planner, PlanRequest, Proposal
from daemon.planning.slots import OpeningRules, Slot, lookahead, openings
from daemon.situation.assessing import held as standing_holds

_DAY = timedelta(days=1)
LEARNING = {"learned": 6.0, "learned slowly": 25.0}
"""How many answers as expected are put to those of each kind."""
WAYS = ("fikad", "perfect", "greedy", "untold", *LEARNING)


@dataclass(slots=True)
class PlanWorld(World):
    """One life as it is lived with one planner, on holds alone."""

    events: list[Taken] = field(default_factory=list)
    """What else stands in the calendar, in order of coming in."""
    meetings: list[Met] = field(default_factory=list)
    """The one-on-ones that stand in the calendar."""
    holds: dict[str, Hold] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    lost: int = 0
    added: datetime | None = None

    def add(self, title: str, start: datetime, minutes: int, guest: str = "") -> None:
        self.number += 1
        end = start + timedelta(minutes=minutes)
        self.events.append(Taken(start, end, f"event-{self.number}", title))
        if guest:
            name = next(friend.name for friend in self.life.friends if friend.email == guest)
            self.meetings.append(Met(self.keys()[name], start, end, "attendee"))

    def keys(self) -> dict[str, str]:
        return {contact.name: contact.key for contact in self.config.people}

    def way_to_plan(self) -> Planner:
        if self.planner in LEARNING:
            steady = LEARNING[self.planner]
            return lambda request: learned(self.holds.values(), request, steady)
        # "untold" plans as fikad does
        return World.way_to_plan(self)

    def tell(self, now: datetime) -> None:
        for uid in sorted(self.fell_through):
            if self.holds[uid].end <= now:
                self.fell_through.remove(uid)
                self.holds[uid] = replace(self.holds[uid], state="missed")

    def pass_at(self, now: datetime, options: PassOptions, expander: Expander) -> None:
        self.added = self.added or now
        self.settle(now)
        if options.propose == "lost" and not self.lost:
            return
        plan: Plan = options.planner(self.request(now))
        chosen = plan.proposals[: self.lost] if options.propose == "lost" else plan.proposals
        self.lost = 0
        for proposal in chosen:
            self.propose(proposal, now)

    # --- what a pass sees ---

    def met_until(self, now: datetime) -> list[Met]:
        dates = [
            Met(hold.contact_key, hold.start, hold.end, "hold")
            for hold in self.holds.values()
            if hold.state == "accepted"
        ]
        return [meeting for meeting in (*self.meetings, *dates) if meeting.end <= now]

    def busy(self, now: datetime) -> Busy:
        ahead = [hold for hold in self.standing(now) if hold.end > now]
        within = lookahead(self.config.rhythm, now)
        last = max([within.end, *(hold.end + 3 * _DAY for hold in ahead)])
        within = replace(within, end=last)
        taken = [event for event in self.events if within.touches(event.start, event.end)]
        taken += [Taken(hold.start, hold.end, hold.uid) for hold in ahead]
        taken.sort(key=lambda span: (span.start, span.end, span.uid))
        return Busy(within, tuple(taken), (), self.config.zone)

    def standing(self, now: datetime) -> list[Held]:
        return standing_holds(list(self.holds.values()), now)

    def request(self, now: datetime, ignoring: Sequence[str] = ()) -> PlanRequest:
        config = self.config
        met = self.met_until(now)
        last: dict[str, datetime] = {}
        for meeting in met:
            last[meeting.contact_key] = max(meeting.end, last.get(meeting.contact_key, meeting.end))
        by_contact = defaultdict(list)
        for hold in self.holds.values():
            by_contact[hold.contact_key].append(hold)
        cooldowns = {
            contact.key: cooldown_until(
                fruitless_in_a_row(by_contact[contact.key], last.get(contact.key)),
                contact.cadence,
                config.rhythm.rest,
            )
            for contact in config.people
        }
        standing = standings(
            config.people,
            RecencyInputs(
                now=now,
                zone=config.zone,
                meetings=met,
                booked=[meeting for meeting in self.meetings if meeting.end > now],
                held=self.standing(now),
                added={contact.key: self.added or now for contact in config.people},
                cooldowns={key: moment for key, moment in cooldowns.items() if moment},
            ),
        )
        rules = OpeningRules(config.availability, config.rhythm, config.zone)
        contacts = {contact.key: contact for contact in config.people}
        return PlanRequest(
            standings=standing,
            slots=openings(
                config.offered, self.busy(now), rules, now, ignoring=set(ignoring)
            ).slots,
            held=self.standing(now),
            rhythm=config.rhythm,
            zone=config.zone,
            now=now,
            habits=habits(met, config.zone),
            emphasis=Balance(
                config.circles, contacts, list(self.holds.values()), config.rhythm.reach_back, now
            ).emphasis,
            remote=config.remote,
        )

    # --- what a pass does ---

    def settle(self, now: datetime) -> None:
        """What became of the open holds since."""
        for uid, hold in list(self.holds.items()):
            if hold.state != "proposed":
                continue
            if uid in self.deleted:
                self.close(hold, "dismissed", min(now, hold.end))
            elif hold.end <= now:
                self.close(hold, "lapsed", hold.end)
            elif any(
                meeting.contact_key == hold.contact_key and meeting.end > hold.created_at
                for meeting in self.meetings
            ):
                self.close(hold, "withdrawn", now)
                self.lost += 1
            elif overlaps(self.busy(now), hold.start, hold.end, ignoring={uid}):
                self.move(hold, now)

    def close(self, hold: Hold, state: State, when: datetime) -> None:
        self.holds[hold.uid] = replace(hold, state=state, decided_at=when)

    def move(self, hold: Hold, now: datetime) -> None:
        request = self.request(now, [hold.uid])
        contact = next(known for known in self.config.people if known.key == hold.contact_key)
        own = next(held for held in request.held if held.uid == hold.uid)
        moved = move_slot(contact, own, request)
        if moved is None:
            self.close(hold, "withdrawn", now)
            self.lost += 1
            return
        draft = replace(hold.draft, start=moved[0].start, end=moved[0].end)
        kept = replace(hold, draft=draft, occasion=moved[0].occasion)
        self.holds[hold.uid] = self.proposed[hold.uid] = kept

    def propose(self, proposal: Proposal, now: datetime) -> None:
        uid = f"hold-{len(self.holds)}"
        key = proposal.contact.key
        last = [meeting.end for meeting in self.met_until(now) if meeting.contact_key == key]
        self.holds[uid] = self.proposed[uid] = Hold(
            uid, key, proposal.contact.name, "home", "fikad", "proposed", now,
            HoldDraft(uid, "", proposal.slot.start, proposal.slot.end, ""),
            occasion=proposal.occasion, last_met=max(last, default=None),
        )  # fmt: skip

    # --- what the user does ---

    def answers(self, now: datetime) -> None:
        for uid, hold in list(self.holds.items()):
            if hold.state == "proposed" and hold.end > now and uid not in self.answered:
                self.answered.add(uid)
                self.respond(hold, now)

    def respond(self, hold: Hold, now: datetime) -> None:
        """As `World.reply`, without a calendar."""
        friend = self.friend(hold.contact_name)
        slot = Slot(hold.occasion, hold.start, hold.end)
        random = luck(self.life.seed, self.life.name, friend.name, now.date())
        if random.random() < self.likely(friend.name, slot, now):
            self.agreed.add(hold.uid)
            self.holds[hold.uid] = replace(hold, state="accepted", decided_at=now)
            if does_take_place(self.life, friend, hold.start):
                self.kept.add(hold.uid)
                self.met.setdefault(friend.name, []).append(hold.start)
            else:
                self.fell_through.add(hold.uid)
            return
        rest = random.random()
        if rest < 0.35:
            self.deleted.add(hold.uid)
        elif rest < 0.5:
            self.meet(friend, hold.start + timedelta(days=random.randrange(1, 8)))


def live(life: Life, way: str) -> Outcome:
    """Live one life in one way."""
    began = time.process_time()
    world = PlanWorld(life, "fikad" if way == "untold" else way, tells=way != "untold")
    world.live()
    return replace(outcome_of(world, time.process_time() - began), planner=way)


def per_kept(outcome: Outcome) -> float:
    return outcome.holds / outcome.kept


def per_yes(outcome: Outcome) -> float:
    return outcome.holds / outcome.agreed


def kept_a_week(outcome: Outcome) -> float:
    return outcome.kept / WEEKS


def within_percent(outcome: Outcome) -> float:
    return outcome.within * 100


_MEASURES: tuple[Callable[[Outcome], float], ...] = (
    per_yes, per_kept, kept_a_week, within_percent,
)  # fmt: skip


def row(outcomes: Sequence[Outcome], base: Sequence[Outcome]) -> str:
    """The medians over the runs, and the mean differences from the base's same runs ± their
    standard error."""
    cells = []
    for measure in _MEASURES:
        values = [measure(outcome) for outcome in outcomes]
        cell = f"{median(values):.2f}"
        if outcomes is not base and len(values) > 1:
            apart = [value - measure(other) for value, other in zip(values, base, strict=True)]
            cell += f" ({mean(apart):+.2f} ± {stdev(apart) / len(apart) ** 0.5:.2f})"
        cells.append(cell)
    return f"| {outcomes[0].life} | {outcomes[0].planner} | {' | '.join(cells)} |"


def main() -> None:
    """Live all lives, or those named, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--life", action="append", help="only this life (may be repeated)")
    parser.add_argument("--way", action="append", choices=WAYS, help="beside fikad's (repeat)")
    parser.add_argument("--seeds", type=int, default=10, help="how often each is lived")
    parser.add_argument(
        "--certain", action="store_true", help="every date that is said yes to takes place"
    )
    asked = parser.parse_args()
    print(
        "| life | planner | holds per yes | holds per kept date | kept a week | % within cadence |"
    )
    print("|---|---|--:|--:|--:|--:|")
    for number, named in enumerate(lives()):
        if asked.life and named.name not in asked.life:
            continue
        runs = [lives(seed, certain=asked.certain)[number] for seed in range(asked.seeds)]
        base: list[Outcome] = []
        for way in ("fikad", *(asked.way or WAYS[1:])):
            outcomes = [live(life, way) for life in runs]
            base = base or outcomes
            print(row(outcomes, base), flush=True)
            seconds = sum(outcome.seconds for outcome in outcomes)
            print(f"{named.name}, {way}: {seconds:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
