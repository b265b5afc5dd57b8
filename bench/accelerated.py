"""The daemon with a clock that leaps over every moment in which it would only wait.

    python -m bench.accelerated CONFIG STATE DAYS

It is the daemon's own loop, mind and workers; only the time is another one, for the workers, too.
Once a simulated day it prints what it weighs, as JSON, and waits for a line on stdin."""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import schedule

from daemon.service import child, loop
from daemon.service.job import Job
from daemon.service.logs import start_logging

_WORKER = (
    "import sys; sys.path.append(sys.argv.pop()); import os; from datetime import UTC, datetime, "
    "timedelta; "
    "from daemon.service import worker; leap = timedelta(seconds=float(os.environ['BENCH_LEAP'])); "
    "worker._now = lambda: datetime.now(UTC) + leap; worker.main()"
)


class Time:
    """Real time and how far it has leapt ahead."""

    leap = 0.0

    @classmethod
    def now(cls) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=cls.leap)

    @classmethod
    def awake(cls) -> float:
        return time.monotonic() + cls.leap


class _Clock(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return Time.now().replace(tzinfo=None)


class Accelerated(loop.DaemonProcess):
    """A daemon that never waits for time."""

    def __init__(self, config: Path, state: Path, days: int) -> None:
        super().__init__(config, state, start_logging(sys.stderr))
        self._until = Time.now() + timedelta(days=days)
        self._day = 0
        self._began = Time.now()
        self.errands: dict[str, int] = {}

    def start(self, job: Job) -> bool:
        os.environ["BENCH_LEAP"] = str(Time.leap)
        self.errands[job.kind] = self.errands.get(job.kind, 0) + 1
        return super().start(job)

    def _seconds_to_wait(self, wakeups: loop.Wakeups) -> float:
        if self._children:
            return super()._seconds_to_wait(wakeups)
        Time.leap += wakeups.seconds()
        return 0.0

    def _tick(self) -> None:
        super()._tick()
        day = (Time.now() - self._began).days
        if day > self._day and not self._children:
            self._day = day
            self._weigh()
        if Time.now() >= self._until:
            self._exit = 0

    def _weigh(self) -> None:
        status = Path("/proc/self/status").read_text()
        resident = next(
            int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
        )
        own, workers = (
            resource.getrusage(resource.RUSAGE_SELF),
            resource.getrusage(resource.RUSAGE_CHILDREN),
        )
        facts = {
            "day": self._day,
            "now": Time.now().isoformat(),
            "resident_kb": resident,
            "descriptors": len(list(Path("/proc/self/fd").iterdir())),
            "threads": threading.active_count(),
            "own_cpu": own.ru_utime + own.ru_stime,
            "workers_cpu": workers.ru_utime + workers.ru_stime,
            "worker_peak_kb": workers.ru_maxrss,
            "errands": self.errands,
        }
        print(json.dumps(facts), flush=True)
        sys.stdin.readline()


def main() -> None:
    config, state, days = sys.argv[1:]
    loop._now, loop._awake = Time.now, Time.awake
    schedule.datetime = SimpleNamespace(datetime=_Clock, timedelta=timedelta)
    child._BOOTSTRAP = _WORKER
    sys.exit(Accelerated(Path(config), Path(state), int(days)).run())


if __name__ == "__main__":
    main()
