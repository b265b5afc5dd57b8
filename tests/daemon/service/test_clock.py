"""A year of the daemon in a few seconds: every due job happens exactly once, at most a minute late
in time awake.

The clocks are simulated, everything else is the daemon's own: its agenda, its mind, and `schedule`
that wakes it. The year has both changes of daylight saving time, a clock that is set a day ahead or
back and put right hours later, suspends of three days, restarts between ticks and in the middle of
a pass, and passes that take their time. It is lived through in one zone; in the others the weeks
about both changes are, and all of it with the `thorough` profile.

What should have happened is worked out by other means: from a list of every Sunday and night of the
year."""

from __future__ import annotations

import os
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import schedule

from daemon.planning.agenda import LastRuns, Timetable, after, first_start
from daemon.service.job import Job, Result
from daemon.service.loop import TICK_SECONDS, Wakeups
from daemon.service.service import Service

START = datetime(2026, 11, 20, 9, 0, 13, tzinfo=UTC)
DAYS = 368
POLL = timedelta(minutes=15)
ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe"]


@dataclass(frozen=True)
class Work:
    """A worker on its job."""

    job: Job
    ends: float
    """Awake."""
    serves: dict[str, datetime]
    """The instants of its jobs."""


@dataclass
class World:
    """Two clocks, the ledger's record, the workers, and an eye on everything."""

    zone: ZoneInfo
    chance: Random
    now: datetime = START
    """What the wall clock shows."""
    awake: float = 0.0
    """Seconds."""
    last_runs: LastRuns | None = None
    working: list[Work] = field(default_factory=list)
    came: dict[str, dict[datetime, float]] = field(
        default_factory=lambda: {"plan": {}, "nightly": {}}
    )
    """Instants that have come, and since when (awake). One that was overtaken before anything could
    be done is gone."""
    started: dict[str, dict[datetime, float]] = field(
        default_factory=lambda: {"plan": {}, "nightly": {}}
    )
    """Instants for which a worker was sent, and when it first was (awake)."""
    served: dict[str, list[datetime]] = field(default_factory=lambda: {"plan": [], "nightly": []})
    polls: list[tuple[datetime, float]] = field(default_factory=list)
    wakeups: int = 0

    def __post_init__(self) -> None:
        first = START.astimezone(self.zone).date() - timedelta(days=14)
        days = [first + timedelta(days=number) for number in range(DAYS * 2)]
        self.instants = {
            "plan": [self.local(day, time(17)) for day in days if day.weekday() == 6],
            "nightly": [self.local(day, time(3, 30)) for day in days],
        }
        self.seen = {task: self.newest(task) for task in self.instants}
        self.table = Timetable(POLL, 6, time(17), self.zone)

    def local(self, day: date, at: time) -> datetime:
        """When the wall clock shows this time."""
        guess = datetime.combine(day, at, UTC) - timedelta(hours=15)
        while (guess.astimezone(self.zone).date(), guess.astimezone(self.zone).time()) < (day, at):
            guess += timedelta(minutes=30)
        return guess

    def newest(self, task: str) -> datetime:
        """The newest instant of a job that has passed, by the wall clock."""
        return self.instants[task][bisect_right(self.instants[task], self.now) - 1]

    # --- time

    def pass_time(self, seconds: float) -> None:
        """Awake, for so long."""
        self.now += timedelta(seconds=seconds)
        self.awake += seconds
        self.reload(seconds)

    def jump(self, span: timedelta) -> None:
        """Suspended, or the clock was set."""
        self.now += span
        self.reload(0.0)

    def reload(self, seconds: float) -> None:
        for task in self.instants:
            newest = self.newest(task)
            if newest > self.seen[task]:
                if self.seen[task] not in self.started[task]:
                    self.came[task].pop(self.seen[task], None)
                self.seen[task] = newest
                self.came[task][newest] = self.awake - min(
                    seconds, (self.now - newest).total_seconds()
                )

    # --- the service's hands

    def start(self, job: Job) -> bool:
        tasks = {"plan", "nightly"} & set(job.tasks)
        for task in tasks:
            self.started[task].setdefault(self.seen[task], self.awake)
        serves = {task: self.seen[task] for task in tasks}
        self.working.append(Work(job, self.awake + self.chance.uniform(0.3, 25), serves))
        if job.kind == "pass":
            self.polls.append((self.now, self.awake))
        return True

    def stop(self, code: int, message: str) -> None:
        raise AssertionError(message)

    # --- living

    def live(self, seconds: float) -> None:
        """A daemon lives for so long, awake, and is killed, in whatever it was doing."""
        service = Service("config", "state", "kept", self, self.chance, has_copy=True)
        wakeups = Wakeups(TICK_SECONDS, lambda: service.tick(self.now, self.awake))
        service.tick(self.now, self.awake)
        until = self.awake + seconds
        while self.awake < until:
            left = min(
                wakeups.seconds(),
                until - self.awake,
                *(work.ends - self.awake for work in self.working),
            )
            self.pass_time(max(0.001, left))
            self.end_work(service)
            wakeups.run()
            self.wakeups += 1
        self.working.clear()

    def end_work(self, service: Service) -> None:
        """Workers that have ended: what they did is in the ledger, and the service hears of it."""
        for work in [work for work in self.working if work.ends <= self.awake]:
            self.working.remove(work)
            job = work.job
            if job.kind == "load":
                self.last_runs = self.last_runs or first_start(self.table, self.now)
            else:
                tasks = job.tasks if job.kind == "backup" else ("poll", *job.tasks)
                self.last_runs = after(
                    self.table, self.last_runs or LastRuns(), tasks, datetime.fromisoformat(job.due)
                )
                for task, instant in work.serves.items():
                    self.served[task].append(instant)
            service.finished(
                job.kind, Result(timetable=self.table, last_runs=self.last_runs), self.now
            )

    def check(self) -> None:
        """Every instant that came was served exactly once, and work on it began in time."""
        for task, came in self.came.items():
            fresh = {instant for instant, since in came.items() if self.awake - since < 120}
            served = self.served[task]
            assert len(served) == len(set(served)), f"{task} happened twice"
            assert set(came) - fresh <= set(served) <= set(came), (
                f"{task} was skipped, or happened when it was not due"
            )
            late = [self.started[task][instant] - came[instant] for instant in served]
            assert max(late) <= TICK_SECONDS + 0.01


@pytest.fixture
def world_of(monkeypatch):
    """Makes worlds; `schedule` sees the time of the last one."""

    def make(zone: str, seed: int = 7) -> World:
        world = World(ZoneInfo(zone), Random(seed))

        @lru_cache(maxsize=1)
        def bare(moment: datetime) -> datetime:
            return moment.replace(tzinfo=None)

        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                assert tz is None
                return bare(world.now)

        monkeypatch.setattr(
            schedule, "datetime", SimpleNamespace(datetime=Clock, timedelta=timedelta)
        )
        return world

    return make


@pytest.mark.parametrize("zone", ZONES)
def test_in_a_year_of_mishaps_every_plan_and_every_backup_happens_once_and_in_time(world_of, zone):
    world = world_of(zone)
    day = 86_400.0
    lived = _lived(world.zone)
    for begins, ends in lived:
        world.jump(begins - world.now)
        while world.now < ends:
            world.live(world.chance.uniform(0.01, 4) * day)
            mishap = world.chance.choice(["killed", "killed", "suspended", "ahead", "back"])
            if mishap == "suspended":
                world.jump(timedelta(days=3))
            elif mishap in ("ahead", "back"):
                step = timedelta(days=1 if mishap == "ahead" else -1)
                world.jump(step)
                world.live(world.chance.uniform(0.001, 0.6) * day)
                world.jump(-step)
    world.check()
    assert len(world.served["plan"]) >= sum((ends - begins).days // 7 for begins, ends in lived) - 2
    assert world.wakeups / (world.awake / 60) < 1.3, (
        "about one wake-up a minute, workers' ends and deaths included"
    )


def test_a_clock_that_is_set_back_does_not_idle_until_the_old_time_comes_again(world_of):
    world = world_of("Europe/Berlin")
    service = Service("config", "state", "kept", world, world.chance, has_copy=True)
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(world.awake)
        service.tick(world.now, world.awake)

    wakeups = Wakeups(TICK_SECONDS, tick)
    for _ in range(300):
        world.pass_time(wakeups.seconds())
        wakeups.run()
        if world.awake == 6_000:
            world.jump(timedelta(days=-1))
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    assert max(gaps) <= TICK_SECONDS


@pytest.mark.parametrize("zone", ZONES)
def test_polls_keep_their_distance_through_both_changes_of_the_clock(world_of, zone):
    world = world_of(zone)
    for change in _changes(world.zone):
        world.now, world.awake, world.last_runs, world.polls = (
            change - timedelta(hours=12),
            0.0,
            None,
            [],
        )
        world.seen = {task: world.newest(task) for task in world.instants}
        world.live(86_400.0)
        gaps = [later - earlier for (_, earlier), (_, later) in pairwise(world.polls)]
        plain = [gap for gap in gaps if gap > 60]
        assert len(world.polls) >= 90
        assert max(plain) <= POLL.total_seconds() + TICK_SECONDS


def _lived(zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """What is lived through; in between, nobody switches the machine on."""
    if zone.key == ZONES[0] or os.environ.get("HYPOTHESIS_PROFILE") == "thorough":
        return [(START, START + timedelta(days=DAYS))]
    weeks = timedelta(weeks=3)
    return [(change - weeks, change + weeks) for change in _changes(zone)]


def _changes(zone: ZoneInfo) -> list[datetime]:
    """When the zone's clocks change within the year."""
    hours = [START + timedelta(hours=number) for number in range(24 * 366)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    instants = [
        hours[number] for number in range(1, len(hours)) if offsets[number] != offsets[number - 1]
    ]
    assert len(instants) == 2
    return instants
