"""What a host of many costs: memory of all at rest, and while everybody begins in the same minute,
after a boot and when it is time to plan; without and with a spread.

    python -m bench.host [--people 20] [--spread 3]

Each person has a fikad of their own, started as `fikad@.service` starts it, and a calendar of 300
events on one Radicale, which is not counted. Memory is proportional (PSS): what processes share
counts once. For a boot, the time that the machine is up is made to begin anew."""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.idle import cpu_seconds, event, processes_below
from daemon.service.daemon_state import load_daemon_state
from tests.connectors.servers import make_calendar, radicale

_EVENTS = 300
_PAUSE_SECONDS = 0.05
_PATIENCE_SECONDS = 900.0
_MEGABYTE = 1e6
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_JUST_BOOTED = (
    "import time; from daemon.service import loop; boot = time.monotonic(); "
    "loop._awake = lambda: time.monotonic() - boot; from daemon.cli import main; main()"
)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.host")
    arguments.add_argument("--people", type=int, default=20)
    arguments.add_argument("--spread", type=int, default=3, help="minutes")
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fikad-host-")))
        host = Host(folder, stack.enter_context(_accounts(folder, given.people)))
        with host.running():
            host.rest(host.all_read)
        print(f"{given.people} people with {_EVENTS} events each")
        for spread in (0, given.spread):
            _measure(host, spread)


def _measure(host: Host, spread: int) -> None:
    """Print what a boot and a plan take with so many minutes of a spread."""
    print(f"\na spread of {spread} minutes")
    host.forget_runs()
    with host.running(spread, booted=True):
        boot = host.rest(host.all_read)
        shared, own = (sum(map(memory, host.pids)) for memory in (proportional_bytes, own_bytes))
    each, alone = (total / len(host.pids) / _MEGABYTE for total in (shared, own))
    print(
        f"    at rest: {shared / _MEGABYTE:.0f} MB in all, {each:.1f} MB each, "
        f"{alone:.1f} MB of it nobody else's"
    )
    print(f"    after a boot: {boot.told(shared)}")
    moment = (datetime.now(UTC) + timedelta(seconds=100)).replace(second=0, microsecond=0)
    host.forget_runs(polled=datetime.now(UTC))
    host.plan_at(moment)
    with host.running(spread):
        host.rest(host.all_started)
        plan = host.rest(lambda: host.all_planned(moment))
        print(f"    to plan: {plan.told(shared)}")
    host.plan_at(moment + timedelta(days=1))


@dataclass(slots=True)
class Busiest:
    """What was seen of all fikads together until they came to rest."""

    peak_bytes: int = 0
    at_work: int = 0
    """How many were at work in the same moment."""
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    """From the first that was at work to the last."""

    def told(self, rest_bytes: int) -> str:
        megabytes = self.peak_bytes / _MEGABYTE
        more = (megabytes - rest_bytes / _MEGABYTE) / max(self.at_work, 1)
        return (
            f"{megabytes:.0f} MB in all at most, {self.at_work} at work at once ({more:.0f} MB "
            f"more for each), {self.cpu_seconds:.1f} s of processor time in {self.seconds:.0f} s"
        )


class Host:
    """People, each with a config and a state folder, and their daemons."""

    def __init__(self, folder: Path, accounts: Sequence[str]) -> None:
        self._folder = folder
        self._accounts = accounts
        self._daemons: list[subprocess.Popen[bytes]] = []
        self.pids: list[int] = []
        self.plan_at(datetime.now(UTC) + timedelta(days=1))

    @property
    def _homes(self) -> list[Path]:
        return [self._folder / f"user{number}" for number in range(len(self._accounts))]

    def plan_at(self, moment: datetime) -> None:
        """From the next start on everybody plans at that weekday and time."""
        rhythm = f'poll = "1 hour"\nplan = "{_DAYS[moment.weekday()]} {moment:%H:%M}"\n'
        days = "".join(f'{day.lower()} = ["08:00-20:00"]\n' for day in _DAYS)
        people = '[[contacts]]\nname = "Jane Doe"\nemails = ["jane@example.com"]\n'
        for home, account in zip(self._homes, self._accounts, strict=True):
            home.mkdir(exist_ok=True)
            text = f"[rhythm]\n{rhythm}[availability]\n{days}{people}"
            (home / "config.toml").write_text(f'timezone = "UTC"\n{account}{text}')

    def forget_runs(self, polled: datetime | None = None) -> None:
        """Have everybody's last plan be a week ago, and their last reading a day, or as told."""
        read = polled or datetime.now(UTC) - timedelta(days=1)
        planned = datetime.now(UTC) - timedelta(days=7)
        for home in self._homes:
            with closing(sqlite3.connect(home / "state/ledger.db")) as ledger, ledger:
                for name, value in (("polled", read.isoformat()), ("planned", str(planned.date()))):
                    ledger.execute(
                        "UPDATE meta SET value = ? WHERE key = ?", (value, f"done.{name}")
                    )

    @contextmanager
    def running(self, spread: int = 0, *, booted: bool = False) -> Iterator[None]:
        """All of them, started in the same moment; `booted`: of a machine that has just started."""
        program = ["-c", _JUST_BOOTED] if booted else ["-m", "daemon"]
        with (self._folder / "log").open("ab") as log:
            for home in self._homes:
                (home / "state/daemon.json").unlink(missing_ok=True)
                words = ["run", "--spread", str(spread)]
                words += ["--config", str(home / "config.toml"), "--state", str(home / "state")]
                command = [sys.executable, *program, *words]
                self._daemons.append(subprocess.Popen(command, stderr=log))
            self.pids = [daemon.pid for daemon in self._daemons]
            try:
                yield
            finally:
                for daemon in self._daemons:
                    daemon.terminate()
                for daemon in self._daemons:
                    daemon.wait()
                self._daemons.clear()

    def rest(self, done: Callable[[], bool]) -> Busiest:
        """Wait until everybody has done something and nobody is at work, looking all the while.
        Raises TimeoutError."""
        busiest, before = Busiest(), sum(sum(cpu_seconds(pid)) for pid in self.pids)
        deadline, began, ended, quiet = time.monotonic() + _PATIENCE_SECONDS, 0.0, 0.0, 0
        while quiet < 20:
            if time.monotonic() > deadline:
                raise TimeoutError((self._folder / "log").read_text()[-2000:])
            time.sleep(_PAUSE_SECONDS)
            if self.at_work():
                quiet, ended = 0, time.monotonic()
                began = began or ended
                self._look(busiest)
            else:
                quiet = quiet + 1 if done() else 0
        busiest.cpu_seconds = sum(sum(cpu_seconds(pid)) for pid in self.pids) - before
        busiest.seconds = ended - began
        return busiest

    def at_work(self) -> int:
        """How many have a worker now."""
        return sum(bool(processes_below(pid)) for pid in self.pids)

    def _look(self, busiest: Busiest) -> None:
        below = [processes_below(pid) for pid in self.pids]
        everybody = [*self.pids, *(worker for workers in below for worker in workers)]
        busiest.peak_bytes = max(busiest.peak_bytes, sum(map(proportional_bytes, everybody)))
        busiest.at_work = max(busiest.at_work, sum(map(bool, below)))

    def all_started(self) -> bool:
        """Whether everybody has looked at the config and knows what comes next."""
        told = (load_daemon_state(home / "state") for home in self._homes)
        return all(state and len(state.upcoming) > 1 for state in told)

    def all_read(self) -> bool:
        """Whether everybody has read their calendars within the last hour."""
        since = datetime.now(UTC) - timedelta(hours=1)
        return all(
            (told := self._done(home, "polled")) and datetime.fromisoformat(told) > since
            for home in self._homes
        )

    def all_planned(self, moment: datetime) -> bool:
        """Whether everybody's plan of that day was made."""
        return all(self._done(home, "planned") == str(moment.date()) for home in self._homes)

    def _done(self, home: Path, name: str) -> str:
        with suppress(sqlite3.Error), closing(sqlite3.connect(home / "state/ledger.db")) as ledger:
            asked = "SELECT value FROM meta WHERE key = ?"
            row = ledger.execute(asked, (f"done.{name}",)).fetchone()
            return str(row[0]) if row else ""
        return ""


def proportional_bytes(pid: int) -> int:
    """The memory of a process (PSS), what it shares in equal parts; 0 when it has ended."""
    return _rolled_up(pid, ("Pss",))


def own_bytes(pid: int) -> int:
    """The memory that ends with a process, which one more of its kind costs."""
    return _rolled_up(pid, ("Private_Clean", "Private_Dirty"))


def _rolled_up(pid: int, names: Sequence[str]) -> int:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        facts = dict(line.split(":", 1) for line in lines[1:])
        return 1024 * sum(int(facts[name].split()[0]) for name in names)
    return 0


@contextmanager
def _accounts(folder: Path, people: int) -> Iterator[list[str]]:
    """A server with a calendar for each; yields their parts of a config."""
    (folder / "secret").write_text("hunter2")
    (folder / "secret").chmod(0o600)
    secret = f'password = {{ file = "{folder}/secret" }}\n'
    with radicale() as server:
        accounts = []
        for number in range(people):
            name = f"user{number}"
            server.add_user(name, "hunter2")
            url = make_calendar(f"{server.home(name)}personal/", "Personal", server.auth(name))
            server.fill(url, {f"event-{each}.ics": event(each) for each in range(_EVENTS)})
            place = f'url = "{server.url}"\nusername = "{name}"\n'
            accounts.append(f'[accounts.home]\ntype = "caldav"\n{place}{secret}')
        yield accounts


if __name__ == "__main__":
    main()
