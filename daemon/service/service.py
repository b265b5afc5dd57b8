"""What the daemon decides: at each tick, what to start; at each result, what it means. No clock, no
process, no file.

The daemon ticks once a minute and looks at its agenda. Work is done by workers, at most one of a
kind at a time, so the ticks go on whatever a worker does, and a worker that hangs or dies is one
failure more of what it was to do.

*Passes* come at every poll, at the time to plan, when an account that failed is due to be tried
again, and when asked for. A plan that could not happen, since something could not be read, is due
as before: every pass tries it until one succeeds, and then it has happened once. Accounts that
failed are left alone for a while (see `backoff`); a pass without them settles what it can and
proposes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Protocol

from daemon.planning.agenda import LastRuns, Task, Timetable, due, last_plan, upcoming
from daemon.service.backoff import Backoff, failed
from daemon.service.daemon_state import DaemonState
from daemon.service.failing import FailingAccounts
from daemon.service.job import Job, Kind, Result
from daemon.service.logs import LOG, Failures

SANE_FROM = datetime(2026, 1, 1, tzinfo=UTC)
"""A machine without a battery for its clock begins in 1970 until it hears the time; nothing is
concluded from that."""
_STEP = timedelta(minutes=2)
"""The clock and the time awake may disagree by so much before the machine must have slept, or the
clock was set."""
_BUSY = timedelta(seconds=30)


class WorkerHost(Protocol):
    """What the service has done for it."""

    def start(self, job: Job) -> bool:
        """Send a worker; its result comes later, by `Service.finished`. False: no process could be
        had."""
        ...

    def stop(self, code: int, message: str) -> None:
        """End the daemon: it cannot go on."""
        ...


class Service:
    """The daemon's mind. Every method is told the time (aware, UTC)."""

    def __init__(
        self,
        config: str,
        state: str,
        kept: str,
        host: WorkerHost,
        chance: Random,
        *,
        has_copy: bool,
        late: timedelta = timedelta(),
    ) -> None:
        """`kept` is where the copy of the config in force lies; `has_copy`: there is one from
        before; `late`: how much later than the wall clock says it begins (`spreading`)."""
        self._config, self._state, self._kept = config, state, kept
        self._has_copy = has_copy
        self._host = host
        self._chance = chance
        self._late = late
        self._table: Timetable | None = None
        self._last_runs: LastRuns | None = None
        self._running: dict[Kind, Job] = {}
        self._failures = Failures()
        self._accounts = FailingAccounts(self._failures, chance)
        self._backoffs: dict[Kind, Backoff] = {}
        self._problems: tuple[str, ...] = ()
        self._troubles: dict[str, str] = {}
        self._sessions: Mapping[str, dict[str, Any]] = {}
        self._asked = False
        self._load_wanted = True
        self._plan_tried: date | None = None
        self._last_tick: tuple[datetime, float] | None = None
        self._set_aside = 0

    @property
    def timetable(self) -> Timetable | None:
        """When the config in force wants things done; None before it is known."""
        return self._table

    @property
    def loading(self) -> bool:
        """Whether the config is being looked at, or is about to be."""
        return self._load_wanted or "load" in self._running

    # --- what happens to it

    def tick(self, now: datetime, awake_seconds: float) -> None:
        """Start what is due. `awake_seconds` counts the time that the machine was awake, from
        anywhere."""
        if self._stepped(now, awake_seconds):
            # Asleep for a while, on another network perhaps: whatever failed before, now it may
            # work.
            self._try_again()
        self._start_due(now)

    def reload(self) -> None:
        """The config may have changed."""
        self._load_wanted = True

    def poll_now(self, now: datetime) -> None:
        """The user wants everything read at once, whatever failed before."""
        self._asked = True
        self._try_again()
        self._start_due(now)

    def finished(self, kind: Kind, result: Result, now: datetime) -> None:
        """A worker has ended."""
        job = self._running.pop(kind)
        if kind == "load":
            self._loaded(job, result, now)
        elif result.failed is not None:
            self._failed(kind, result, now)
        else:
            self._ended(kind, now)
            self._last_runs = result.last_runs
            if kind == "pass":
                self._put_in_force(result)
                self._passed(job, result, now)
        # A poll that is due has time until the next tick: or one of "1 second" would never rest.
        if kind == "load" or self._asked or self._plan_waits(now):
            self._start_due(now)

    def daemon_state(self, now: datetime) -> DaemonState:
        """How it is, and what comes next."""
        retries = self._accounts.retries()
        reading = "pass" in self._running
        return DaemonState(
            self._config,
            self._upcoming(now),
            retries,
            self._problems,
            dict(self._troubles),
            reading,
        )

    def _upcoming(self, now: datetime) -> tuple[tuple[Task, datetime], ...]:
        """When each job comes next. What is overdue comes when it is tried again: a moment that
        stays the same from tick to tick, so that there is nothing new to say while something fails
        for days."""
        if self._table is None or self._last_runs is None:
            return ()
        reads = (self._last_runs.polled or now) + self._table.poll
        reads = min([reads, *self._accounts.retries().values()])
        reads = self._backoffs["pass"].until if "pass" in self._backoffs else reads
        backs_up = self._backoffs["backup"].until if "backup" in self._backoffs else now
        tries: dict[Task, datetime] = {"poll": reads, "plan": reads, "nightly": backs_up}
        overdue = due(self._table, self._last_runs, now)
        coming = upcoming(self._table, self._last_runs, now)
        moments = [(task, tries[task] if task in overdue else when) for task, when in coming]
        return tuple(sorted(moments, key=lambda pair: pair[1]))

    # --- what to start

    def _start_due(self, now: datetime) -> None:
        if now < SANE_FROM:
            self._trouble("the clock", f"it says {now:%Y-%m-%d}: waiting until it is set", now)
            return
        self._well("the clock", now)
        failed_before = self._last_runs is None or "load" in self._backoffs
        if self._load_wanted or (failed_before and self._may("load", now)):
            self._start("load", now)
        if self._table is None or self._last_runs is None:
            return
        tasks = due(self._table, self._last_runs, now)
        if "nightly" in tasks and self._may("backup", now):
            self._start("backup", now, ("nightly",))
        if self._may("pass", now) and "pass" not in self._running:
            reading = tuple(task for task in tasks if task != "nightly")
            self._start_pass(self._table, reading, now)

    def _start_pass(self, table: Timetable, tasks: tuple[Task, ...], now: datetime) -> None:
        """A pass, if one is due, was asked for, or may succeed for an account that failed."""
        new_plan = self._plan_waits(now)
        everybody = self._asked or new_plan
        if not (everybody or "poll" in tasks or self._accounts.any_ready(now)):
            return
        self._asked = False
        if new_plan:
            self._plan_tried = last_plan(table, now)
        self._start("pass", now, tasks, everybody=everybody)

    def _plan_waits(self, now: datetime) -> bool:
        """Whether a plan is due that was not tried yet."""
        if (
            self._table is None
            or self._last_runs is None
            or "plan" not in due(self._table, self._last_runs, now)
        ):
            return False
        return last_plan(self._table, now) != self._plan_tried

    def _may(self, kind: Kind, now: datetime) -> bool:
        return kind not in self._backoffs or self._backoffs[kind].ready(now)

    def _start(
        self, kind: Kind, now: datetime, tasks: tuple[Task, ...] = (), *, everybody: bool = True
    ) -> None:
        if kind in self._running:
            return
        kept = self._kept
        if kind == "load":
            self._load_wanted = False
            kept = ""
        alone = {} if everybody else self._accounts.left_alone(now)
        job = Job(
            kind, self._config, self._state, kept, tasks, now.isoformat(), alone, self._sessions
        )
        self._send(job, now)

    def _send(self, job: Job, now: datetime) -> None:
        self._running[job.kind] = job
        if not self._host.start(job):
            del self._running[job.kind]
            self._failed(job.kind, Result("ended", "no process could be started"), now)

    # --- what came of it

    def _loaded(self, job: Job, result: Result, now: datetime) -> None:
        if result.failed == "config":
            self._broken(job, result, now)
            return
        if result.failed is not None or result.timetable is None:
            self._failed("load", result, now)
            return
        self._has_copy = True
        if not job.kept:
            if self._problems:
                LOG.info("config: it is in order again, and in force")
            elif result.changed and self._table is not None:
                LOG.info("config: the new one is in force")
            self._problems = ()
            if result.changed and self._table is not None:
                # Perhaps it mends what failed.
                self._asked = True
                self._try_again()
        self._put_in_force(result)
        if result.last_runs is None and self._last_runs is None:
            self._failed("load", result, now)
            return
        if self._last_runs is None:
            self._accounts.remember(result.accounts, now)
        self._last_runs = result.last_runs or self._last_runs
        self._ended("load", now)

    def _put_in_force(self, result: Result) -> None:
        """Go by the timetable of the config that a worker read, as late as this instance is."""
        table = result.timetable
        self._table = table and replace(table, late=self._late)

    def _broken(self, job: Job, result: Result, now: datetime) -> None:
        """The config file has mistakes: say so once, and go on with the one in force."""
        if job.kept or (self._table is None and not self._has_copy):
            self._host.stop(10, "\n".join(self._problems or result.problems))
            return
        if result.problems != self._problems:
            for problem in result.problems:
                LOG.error("config: %s", problem)
            LOG.error("config: it has mistakes, so the last one without stays in force")
        self._problems = result.problems
        if self._table is None:
            self._send(Job("load", self._config, self._state, self._kept), now)
        else:
            self._ended("load", now)

    def _passed(self, job: Job, result: Result, now: datetime) -> None:
        self._sessions = result.sessions
        if result.timetable is not None:
            self._accounts.note(result.accounts, job.left_alone, now, result.timetable.poll)
        if result.not_writable:
            self._trouble("holds", result.not_writable, now)
        else:
            self._well("holds", now)
        if result.page_trouble:
            self._trouble("page", result.page_trouble, now)
        else:
            self._well("page", now)
        for line in result.news:
            LOG.info("%s", line)
        if result.planned:
            LOG.info("planned: %d new", result.proposed)
        if result.set_aside > self._set_aside:
            LOG.warning(
                "events: %d are broken and set aside; `fikad once` lists them", result.set_aside
            )
        self._set_aside = result.set_aside

    def _failed(self, kind: Kind, result: Result, now: datetime) -> None:
        if result.failed == "busy":
            # Somebody runs `fikad once`: the next tick does what this one could not.
            self._backoffs[kind] = Backoff(0, now, _BUSY)
            self._asked = True
            return
        # The copy in force is gone, or of another version's making: the file itself is looked at.
        self._load_wanted |= kind != "load" and result.failed == "config"
        self._backoffs[kind] = failed(self._backoffs.get(kind), now, self._chance)
        self._trouble(_TITLES[kind], result.message or "\n".join(result.problems), now)

    def _ended(self, kind: Kind, now: datetime) -> None:
        self._backoffs.pop(kind, None)
        self._well(_TITLES[kind], now)

    def _trouble(self, title: str, message: str, now: datetime) -> None:
        self._troubles[title] = message
        self._failures.failed(title, message, now)

    def _well(self, title: str, now: datetime) -> None:
        if self._troubles.pop(title, None) is not None:
            self._failures.ended(title, now)

    def _try_again(self) -> None:
        """Whatever failed is due at once."""
        self._accounts.try_again()
        self._backoffs = {
            kind: replace(backoff, wait=timedelta()) for kind, backoff in self._backoffs.items()
        }

    def _stepped(self, now: datetime, awake_seconds: float) -> bool:
        """Whether the clock went another way than the time awake: a suspend, or the clock was
        set."""
        before, self._last_tick = self._last_tick, (now, awake_seconds)
        if before is None:
            return False
        return abs((now - before[0]) - timedelta(seconds=awake_seconds - before[1])) > _STEP


_TITLES: dict[Kind, str] = {"load": "start", "pass": "reading", "backup": "backup"}
"""How a failing job is called."""
