"""The daemon process: what wakes the service, and what it has done by.

It sleeps until one of three things happens: the minute is over, a signal came, or a worker said
something or ended. `schedule` keeps the minute. It knows naive local times only, so the process
runs in UTC, and when the clock was set back, the wake-ups are set anew, or they would wait for the
old time to come again. Waiting is in time awake: after a suspend the rest of the minute is waited
for, then the wall clock is looked at.

systemd hears READY when the first tick is over (it has found the config in order and started what
was due), and WATCHDOG after every tick that came to its end. Work that takes long never holds up a
tick."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from random import Random

import schedule

from connectors.errors import RefusedError
from daemon import __version__
from daemon.ledger.lock import locked
from daemon.service.child import Child
from daemon.service.daemon_state import LOCK, DaemonState, copy_in_force, save_daemon_state
from daemon.service.job import Job, Kind
from daemon.service.logs import LOG, Failures, Human, start_logging, zone_at_a_glance
from daemon.service.notify import notify, watchdog_seconds
from daemon.service.service import Service
from daemon.service.signals import Signals
from daemon.service.spreading import instance_name, lateness
from daemon.service.summary import in_a_line

TICK_SECONDS = 60
_END_SECONDS = 4.0
"""How long ending may take: less than anybody waits for."""
_LOCALTIME = (Path("/etc/localtime"), Path("/etc/timezone"))


def serve(config: Path, state: Path, spread: timedelta = timedelta()) -> int:
    """Be the daemon until told to end, among many if there is a `spread`; returns the exit code.
    Raises RefusedError when another one is, LedgerError when the state folder cannot be used."""
    config, state = config.absolute(), state.absolute()
    formatter = start_logging(sys.stderr)
    if isinstance(formatter, Human):
        # From now on the process itself is in UTC.
        formatter.zone = zone_at_a_glance(config)
    with ExitStack() as stack:
        _lock(stack, state)
        late = lateness(spread, instance_name(state))
        return DaemonProcess(config, state, formatter, late).run()


def _lock(stack: ExitStack, state: Path) -> None:
    """Be the only one. `fikad status` looks at the lock for a moment: that is not another
    daemon."""
    for _ in range(10):
        with suppress(RefusedError):
            stack.enter_context(locked(state, LOCK))
            return
        time.sleep(0.05)
    stack.enter_context(locked(state, LOCK))


class Wakeups:
    """Calls `tick` every so many seconds, whatever the clock does."""

    def __init__(self, every_seconds: int, tick: Callable[[], object]) -> None:
        self._every_seconds = every_seconds
        self._tick = tick
        self._scheduler = schedule.Scheduler()
        self._set()

    def _set(self) -> None:
        self._scheduler.clear()
        self._scheduler.every(self._every_seconds).seconds.do(self._tick)

    def seconds(self) -> float:
        """How long to wait now."""
        left: float | None = self._scheduler.idle_seconds
        if left is None or left > self._every_seconds:
            # The clock was set back: that tick would be hours away.
            self._set()
            left = self._every_seconds
        return max(0.0, left)

    def run(self) -> None:
        """Tick, if it is time."""
        self._scheduler.run_pending()


class DaemonProcess:
    """The service's hands, and its senses."""

    def __init__(
        self, config: Path, state: Path, formatter: object, late: timedelta = timedelta()
    ) -> None:
        """`late`: how much later than the wall clock says it begins (`spreading`)."""
        self._config, self._state, self._late = config, state, late
        self._formatter = formatter
        self._watched = (config, *_LOCALTIME)
        self._prints = _fingerprints(self._watched)
        kept = copy_in_force(state, config)
        chance = Random()  # noqa: S311 - jitter
        self._service = Service(
            str(config), str(state), str(kept), self, chance, has_copy=kept.exists(), late=late
        )
        self._failures = Failures()
        self._children: dict[Kind, Child] = {}
        self._exit: int | None = None
        self._published: DaemonState | None = None
        self._ready = False
        self._reloading = False
        self._zone = os.environ.get("TZ")
        self._selector = selectors.DefaultSelector()
        watched = watchdog_seconds()
        self._every_seconds = max(
            1, int(min(TICK_SECONDS, watched / 2 if watched else TICK_SECONDS))
        )

    # --- the service's hands

    def start(self, job: Job) -> bool:
        try:
            child = Child(job, self._zone, _awake())
        except OSError:
            return False
        self._children[job.kind] = child
        self._selector.register(child.fileno(), selectors.EVENT_READ, child)
        return True

    def stop(self, code: int, message: str) -> None:
        for line in message.splitlines():
            LOG.error("%s", line)
        self._exit = code

    # --- the loop

    def run(self) -> int:
        os.environ["TZ"] = "UTC"
        time.tzset()
        with Signals() as signals:
            self._selector.register(signals.fileno(), selectors.EVENT_READ, signals)
            LOG.info("fikad %s started", __version__)
            self._await_turn(signals)
            wakeups = Wakeups(self._every_seconds, self._tick)
            self._tick()
            while self._exit is None:
                for key, _ in self._selector.select(self._seconds_to_wait(wakeups)):
                    if isinstance(key.data, Child) and not key.data.read():
                        self._selector.unregister(key.fd)
                for number in signals.take():
                    self._signalled(number)
                self._collect()
                wakeups.run()
            return self._end()

    def _await_turn(self, signals: Signals) -> None:
        """Right after a boot, be as late as one is among many; any signal ends the waiting. From
        then on the ticks of many fall on different seconds, too."""
        turn = self._late.total_seconds()
        if (left := turn - _awake()) <= 0:
            return
        # The machine's own start is not to wait for it.
        self._ready = notify("READY=1")
        begins = _now().replace(microsecond=0) + timedelta(seconds=round(left))
        coming = DaemonState(str(self._config), (("poll", begins),))
        self._publish(coming, zone_at_a_glance(self._config))
        while (left := turn - _awake()) > 0:
            notify("WATCHDOG=1")
            if self._selector.select(min(left, self._every_seconds)):
                break

    def _seconds_to_wait(self, wakeups: Wakeups) -> float:
        """How long nothing needs to be done, in time awake."""
        limits = (child.deadline() - _awake() for child in self._children.values())
        return max(0.0, min(wakeups.seconds(), *limits, TICK_SECONDS))

    def _tick(self) -> None:
        prints = _fingerprints(self._watched)
        if prints != self._prints:
            self._prints = prints
            self._service.reload()
        try:
            self._service.tick(_now(), _awake())
        except Exception as error:
            if os.environ.get("FIKAD_DEBUG"):
                raise
            # The watchdog goes hungry: if this lasts, systemd starts us again.
            self._failures.failed(
                "the daemon", f"unexpected {type(error).__name__} in a tick", _now()
            )
            return
        self._failures.ended("the daemon", _now())
        self._tell()
        if self._ready:
            notify("WATCHDOG=1")

    def _signalled(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._exit = 0
        elif number == signal.SIGHUP:
            self._reloading = notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
            self._prints = _fingerprints(self._watched)
            self._service.reload()
            self._service.tick(_now(), _awake())
        elif number == signal.SIGUSR1:
            self._service.poll_now(_now())
        self._tell()

    def _collect(self) -> None:
        """Hand over what ended workers brought; end those whose time is up."""
        for kind, child in list(self._children.items()):
            child.enforce(_awake())
            if child.ended():
                del self._children[kind]
                if child.fileno() in self._selector.get_map():
                    self._selector.unregister(child.fileno())
                self._service.finished(kind, child.result(), _now())
                self._tell()

    def _tell(self) -> None:
        """Say how it is, to systemd and to `fikad status`, if that has changed."""
        if self._exit is not None:
            return
        table = self._service.timetable
        if isinstance(self._formatter, Human) and table is not None:
            self._formatter.zone = table.zone
        if (not self._ready or self._reloading) and table is not None and not self._service.loading:
            self._ready, self._reloading = True, False
            notify("READY=1")
        self._publish(self._service.daemon_state(_now()), table.zone if table else UTC)

    def _publish(self, daemon_state: DaemonState, zone: tzinfo) -> None:
        """Say how it is, unless that was said last."""
        if daemon_state != self._published:
            self._published = daemon_state
            notify(f"STATUS={in_a_line(daemon_state, zone)}")
            # A full disk shows where it matters, in the ledger.
            with suppress(OSError):
                save_daemon_state(self._state, daemon_state)

    def _end(self) -> int:
        """End every worker, in a few seconds at the most."""
        notify("STOPPING=1", "STATUS=ending")
        began = _awake()
        for child in self._children.values():
            child.end(began)
        left = list(self._children.values())
        while left and _awake() < began + _END_SECONDS:
            for child in left:
                child.enforce(_awake())
            left = [child for child in left if not child.ended()]
            time.sleep(0.02)
        LOG.info("ended")
        return self._exit or 0


def _fingerprints(paths: Iterable[Path]) -> list[object]:
    """What tells that a file is another one than before."""
    return [_fingerprint(path) for path in paths]


def _fingerprint(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _now() -> datetime:
    return datetime.now(UTC)


def _awake() -> float:
    """Seconds that do not pass while the machine is suspended."""
    return time.monotonic()
