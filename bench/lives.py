"""Two years of five lives, with fikad, with a greedy planner, and with none: `python -m
bench.lives`.

Everything that fikad does is real: the pass reads, judges, settles, plans and writes, on calendars
in memory and at a clock that jumps from Sunday 17:00 to Wednesday 20:00 and on. What is made up is
the life around it (`life_model`): what stands in the calendar, and how people answer. The greedy
planner is the same program but for one thing: the most overdue person takes the first open slot,
then the next one. The perfect planner knows what no program can (`knowing`): it is the limit."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from itertools import pairwise
from pathlib import Path
from statistics import mean

from bench.knowing import perfect
from bench.life_model import (
    ME,
    START,
    WEEKS,
    Friend,
    Life,
    answer,
    by_chance,
    lives,
    luck,
    other_things,
    past,
    takes_place,
)
from connectors.ical.expansion import Expander
from daemon.config.schema import Config
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.holds.record import Hold
from daemon.judging.recency import why_due
from daemon.ledger.ledger import Ledger, scratch_copy
from daemon.planning.capacity import Capacity
from daemon.planning.fit import by_occasion
from daemon.planning.pace import Pace
from daemon.planning.planner import plan
from daemon.planning.request import Plan, Planner, PlanRequest, Proposal
from daemon.planning.slots import Slot
from daemon.reasons import Reason
from tests.memory import MemoryAccount, MemoryCalendar

_DAY = timedelta(days=1)
PLANNERS = ("fikad", "perfect", "greedy", "none")


def first_come(request: PlanRequest) -> Plan:
    """The greedy planner: by urgency and weight, everybody takes the first slot that is open to
    them."""
    rhythm, zone = request.rhythm, request.zone
    room = Capacity(rhythm, zone, request.now, request.held, Pace(rhythm))
    places = sorted(
        (place for some in by_occasion(request.slots, zone).values() for place in some),
        key=lambda candidate: candidate.slot.start,
    )
    chosen = []
    for standing in sorted(
        request.standings,
        key=lambda standing: (-standing.urgency * standing.contact.weight, standing.contact.key),
    ):
        if standing.blocked or room.is_full:
            continue
        wanted = standing.contact.occasions
        free = next(
            (p for p in places if p.slot.occasion in wanted and room.refuses(p) is None), None
        )
        if free:
            room.take(free)
            chosen.append(
                Proposal(
                    standing.contact,
                    free.slot,
                    free.slot.occasion,
                    standing.value,
                    (why_due(standing, request.now, zone),),
                    Reason("first", {"occasion": free.slot.occasion}),
                )
            )
    return Plan(tuple(chosen), ())


@dataclass(slots=True)
class World:
    """One life as it is lived with one planner."""

    life: Life
    planner: str
    tells: bool = True
    """Whether what did not take place is retitled "missed"."""
    personal: MemoryCalendar = field(default_factory=lambda: MemoryCalendar("Personal"))
    account: MemoryAccount = field(init=False)
    ledger: Ledger = field(default_factory=lambda: scratch_copy(Path("/nowhere")))
    config: Config = field(init=False)
    met: dict[str, list[datetime]] = field(default_factory=dict)
    """The dates with each friend, by name."""
    answered: set[str] = field(default_factory=set)
    proposed: dict[str, Hold] = field(default_factory=dict)
    agreed: set[str] = field(default_factory=set)
    """The holds that were said yes to."""
    kept: set[str] = field(default_factory=set)
    """Those of them that took place, or will."""
    fell_through: set[str] = field(default_factory=set)
    """Those that did not, as long as the calendar says nothing of it."""
    number: int = 0

    def __post_init__(self) -> None:
        self.account = MemoryAccount("home", [self.personal], frozenset({ME}))
        self.config = Config.model_validate(self.life.config, context={"folder": Path("/nowhere")})
        for friend, start in past(self.life):
            self.meet(friend, start)

    def add(self, title: str, start: datetime, minutes: int, guest: str = "") -> None:
        """Put an event into the personal calendar, as another program does."""
        self.number += 1
        people = [
            f"ORGANIZER:mailto:{ME}",
            *(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{email}" for email in (ME, guest)),
        ]
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//life//EN", "BEGIN:VEVENT",
            f"UID:event-{self.number}",
            "DTSTAMP:20230101T000000Z", f"DTSTART:{_utc(start)}",
            f"DTEND:{_utc(start + minutes * _DAY / 1440)}",
            f"SUMMARY:{title}", *(people if guest else ()), "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        self.personal.put(f"event-{self.number}.ics", "\r\n".join(lines))

    def meet(self, friend: Friend, start: datetime) -> None:
        """A one-on-one that fikad did not propose."""
        self.add("Catching up", start, 60, friend.email)
        self.met.setdefault(friend.name, []).append(start)

    def live(self) -> None:
        """The two years."""
        planner = self.way_to_plan()
        with Expander() as expander:
            for week in range(WEEKS):
                monday = START + timedelta(weeks=week)
                self.things(monday)
                wednesday = datetime.combine(
                    monday + 2 * _DAY, wall_time(20), self.life.zone
                ).astimezone(UTC)
                sunday = datetime.combine(
                    monday + 6 * _DAY, wall_time(17), self.life.zone
                ).astimezone(UTC)
                self.chance(monday)
                if self.planner == "none":
                    continue
                for now, options in (
                    (wednesday, PassOptions("lost", planner=planner)),
                    (sunday, PassOptions(planner=planner)),
                ):
                    if self.tells:
                        self.tell(now)
                    self.pass_at(now, options, expander)
                    self.answers(now)

    def way_to_plan(self) -> Planner:
        if self.planner == "perfect":
            return perfect(self.likely)
        return first_come if self.planner == "greedy" else plan

    def tell(self, now: datetime) -> None:
        """Retitle what should have taken place by now and did not."""
        for uid in sorted(self.fell_through):
            if self.proposed[uid].end <= now:
                self.fell_through.remove(uid)
                for calendar in self.account.held:
                    resource = calendar.resources.get(f"{uid}.ics")
                    if resource is not None:
                        missed = re.sub(r"SUMMARY:[^\r\n]*", "SUMMARY:missed", resource.text)
                        calendar.put(resource.href, missed)

    def pass_at(self, now: datetime, options: PassOptions, expander: Expander) -> None:
        report = run_pass(
            self.config,
            self.ledger,
            lambda _: self.account,
            lambda: now,
            options,
            expander=expander,
        )
        if not report.complete or report.not_writable:
            raise RuntimeError(f"the pass failed: {report.readings} {report.not_writable}")
        for hold in report.holds.get("proposed", ()):
            self.proposed[hold.uid] = hold

    def things(self, monday: date) -> None:
        """What else happens: most of it is known four weeks ahead, some turns up in its own
        week."""
        weeks = (
            [monday + timedelta(weeks=4)]
            if monday != START
            else [monday + timedelta(weeks=n) for n in range(5)]
        )
        for week in weeks:
            for title, start, minutes, late in other_things(self.life, week):
                if not late:
                    self.add(title, start, minutes)
        for title, start, minutes, late in other_things(self.life, monday):
            if late:
                self.add(title, start, minutes)

    def chance(self, monday: date) -> None:
        """Who is met in this week without any planning."""
        for friend in self.life.friends:
            start = by_chance(self.life, friend, monday)
            if start is not None:
                self.meet(friend, start)

    def answers(self, now: datetime) -> None:
        """Open holds are answered, each once: yes, deleted, ignored, or met at another time."""
        for calendar in self.account.held:
            for href, resource in list(calendar.resources.items()):
                uid = href.removesuffix(".ics")
                hold = self.proposed.get(uid)
                if hold is not None and uid not in self.answered:
                    self.answered.add(uid)
                    self.reply(calendar, href, resource.text, hold, now)

    def reply(
        self, calendar: MemoryCalendar, href: str, text: str, hold: Hold, now: datetime
    ) -> None:
        friend = self.friend(hold.contact_name)
        likely = self.likely(friend.name, Slot(hold.occasion, hold.start, hold.end), now)
        random = luck(self.life.seed, self.life.name, friend.name, now.date())
        if random.random() < likely:
            calendar.put(href, re.sub(r"(SUMMARY:[^\r\n]*)\?", r"\1", text))
            self.agreed.add(hold.uid)
            if takes_place(self.life, friend, hold.start):
                self.kept.add(hold.uid)
                self.met.setdefault(friend.name, []).append(hold.start)
            else:
                self.fell_through.add(hold.uid)
            return
        rest = random.random()
        if rest < 0.35:
            calendar.drop(href)
        elif rest < 0.5:
            day = hold.start + timedelta(days=random.randrange(1, 8))
            self.meet(friend, day)

    def friend(self, name: str) -> Friend:
        return next(known for known in self.life.friends if known.name == name)

    def likely(self, name: str, slot: Slot, now: datetime) -> float:
        """How likely a friend says yes to a slot at `now`."""
        friend = self.friend(name)
        minutes = (slot.end - slot.start) / _DAY * 1440
        before = [moment for moment in self.met.get(name, ()) if moment < now]
        gap = (now - max(before)) / _DAY if before else 9999.0
        chance = answer(self.life, friend, slot.occasion, slot.start, minutes, gap)
        return chance * self.mood(slot)

    def mood(self, slot: Slot) -> float:
        """Two dates on one day or on days in a row are more than most want, and two nights out far
        more."""
        factor = 1.0
        for uid in self.agreed:
            other = self.proposed[uid]
            if abs((other.start - slot.start) / _DAY) < 1.5:
                factor *= 0.5 if slot.occasion == other.occasion == "drinks" else 0.8
        return factor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one life with one planner."""

    life: str
    planner: str
    within: float
    """The part of all days of all contacts on which the last date was no longer ago than the
    cadence."""
    holds: int
    agreed: int
    """How many of them were said yes to."""
    kept: int
    """How many of those took place."""
    dates: int
    balance: float | None
    """1 - half the sum of what the circles' parts of the holds differ from their shares."""
    longest_days: float
    """The longest silence with anybody within the two years; the mean of all contacts' longest ones
    is `usual_days`."""
    usual_days: float
    never: int
    """How many contacts were never met in the two years."""
    seconds: float


def simulate(life: Life, planner: str, tells: bool = True) -> Outcome:
    """Live one life with one planner."""
    began = time.process_time()
    world = World(life, planner, tells)
    world.live()
    return outcome_of(world, time.process_time() - began)


def outcome_of(world: World, seconds: float) -> Outcome:
    """What became of a life that was lived; `seconds` is what that took."""
    life = world.life
    first = datetime.combine(START, wall_time(), UTC)
    last = first + timedelta(weeks=WEEKS)
    within, longest = [], []
    never = dates = 0
    for friend in life.friends:
        met = sorted(moment for moment in world.met.get(friend.name, ()) if moment < last)
        during = [moment for moment in met if moment >= first]
        dates += len(during)
        never += not during
        before = max((moment for moment in met if moment < first), default=first)
        points = [before, *during, last]
        longest.append(max((b - max(a, first)) / _DAY for a, b in pairwise(points)))
        cadence = timedelta(days=friend.cadence_days)
        days = [first + n * _DAY for n in range(WEEKS * 7)]
        within.append(mean(any(day - cadence <= moment <= day for moment in met) for day in days))
    agreed, kept = (
        sum(world.proposed[uid].start < last for uid in uids) for uids in (world.agreed, world.kept)
    )
    return Outcome(
        life.name, world.planner, mean(within), len(world.proposed), agreed, kept, dates,
        _balance(life, world.proposed.values()),
        max(longest), mean(longest), never, seconds,
    )  # fmt: skip


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Several runs of one life with one planner: sums of what is counted, means of the rest, the
    longest silence."""
    balances = [outcome.balance for outcome in outcomes if outcome.balance is not None]
    return Outcome(
        outcomes[0].life,
        outcomes[0].planner,
        mean(outcome.within for outcome in outcomes),
        sum(outcome.holds for outcome in outcomes),
        sum(outcome.agreed for outcome in outcomes),
        sum(outcome.kept for outcome in outcomes),
        sum(outcome.dates for outcome in outcomes),
        mean(balances) if balances else None,
        max(outcome.longest_days for outcome in outcomes),
        mean(outcome.usual_days for outcome in outcomes),
        sum(outcome.never for outcome in outcomes),
        sum(outcome.seconds for outcome in outcomes),
    )


def _balance(life: Life, holds: Iterable[Hold]) -> float | None:
    circles = {friend.name: friend.circle for friend in life.friends}
    counts = Counter(circles[hold.contact_name] for hold in holds)
    if not life.shares or not counts:
        return None
    shares = dict(life.shares)
    others = {circle for circle in circles.values() if circle not in shares}
    for circle in others:
        shares[circle] = (1 - sum(life.shares.values())) / len(others)
    return 1 - sum(abs(counts[name] / counts.total() - share) for name, share in shares.items()) / 2


def table(outcomes: Sequence[Outcome], runs: int) -> str:
    """The outcomes, each of so many runs, in Markdown."""
    lines = [
        "| life | planner | days within cadence | dates | holds | yes | kept | holds per yes |"
        " holds per kept date | kept a week | balance |"
        " longest silence | mean longest silence | never met |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for outcome in outcomes:
        per_yes = f"{outcome.holds / outcome.agreed:.2f}" if outcome.agreed else "–"
        per = f"{outcome.holds / outcome.kept:.2f}" if outcome.kept else "–"
        weekly = f"{outcome.kept / runs / WEEKS:.2f}" if outcome.kept else "–"
        balance = f"{outcome.balance:.0%}" if outcome.balance is not None else "–"
        lines.append(
            f"| {outcome.life} | {outcome.planner} | {outcome.within:.0%} | {outcome.dates} |"
            f" {outcome.holds or '–'} | {outcome.agreed or '–'} | {outcome.kept or '–'} |"
            f" {per_yes} | {per} | {weekly} | {balance} | {outcome.longest_days:.0f} d |"
            f" {outcome.usual_days:.0f} d | {outcome.never} |"
        )
    return "\n".join(lines)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def main() -> None:
    """Simulate all lives, or those named, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--life", action="append", help="only this life (may be repeated)")
    parser.add_argument(
        "--planner", action="append", choices=PLANNERS, help="only this planner (may be repeated)"
    )
    parser.add_argument(
        "--seeds", type=int, default=3, help="how often each is lived, with other luck"
    )
    parser.add_argument(
        "--certain", action="store_true", help="every date that is said yes to takes place"
    )
    parser.add_argument(
        "--untold", action="store_true", help="what did not take place is not retitled"
    )
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    jobs = [
        (life, planner, not asked.untold)
        for number in range(len(lives()))
        for planner in asked.planner or PLANNERS
        for life in (lives(seed, certain=asked.certain)[number] for seed in range(asked.seeds))
        if not asked.life or life.name in asked.life
    ]
    began = time.monotonic()
    with ProcessPoolExecutor(asked.workers) as pool:
        outcomes = list(pool.map(simulate, *zip(*jobs, strict=True)))
    runs = [outcomes[first : first + asked.seeds] for first in range(0, len(outcomes), asked.seeds)]
    print(table([together(run) for run in runs], asked.seeds))
    for run in runs:
        print(
            f"{run[0].life}, {run[0].planner}: {sum(outcome.seconds for outcome in run):.0f} s",
            file=sys.stderr,
        )
        if all(outcome.kept for outcome in run):
            each = ", ".join(f"{outcome.holds / outcome.kept:.2f}" for outcome in run)
            print(f"  holds per kept date by seed: {each}", file=sys.stderr)
    print(f"{time.monotonic() - began:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
