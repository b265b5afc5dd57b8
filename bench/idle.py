"""What the daemon costs while nothing happens: memory, wake-ups, and the price of a poll without news.

    python -m bench.idle [--minutes 5]

Starts the daemon as a service manager does, with one CalDAV account on a Radicale of its own, lets it come to rest,
watches it for some minutes, then has it poll a few times. "A day" is 1,440 minutes at rest and 96 polls.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.connectors.servers import make_calendar, radicale

_TICK = os.sysconf("SC_CLK_TCK")
_POLLS = 10


def status(pid: int, key: str) -> int:
    """A number from /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{key}:")).split()[1])


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Of the process, and of the children it has waited for."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, children = int(words[11]) + int(words[12]), int(words[13]) + int(words[14])
    return own / _TICK, children / _TICK


def regions(pid: int) -> list[tuple[str, int]]:
    """Where resident memory goes: the largest mappings by name, in kB."""
    found: dict[str, int] = {}
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            name = Path(words[5]).name if len(words) > 5 else "[anonymous]"
        elif words[0] == "Rss:":
            found[name] = found.get(name, 0) + int(words[1])
    return sorted(found.items(), key=lambda pair: -pair[1])[:8]


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.idle")
    arguments.add_argument("--minutes", type=float, default=5)
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fikad-idle-")))
        server = stack.enter_context(radicale())
        server.add_user("sam", "hunter2")
        make_calendar(f"{server.home('sam')}personal/", "Personal", server.auth("sam"))
        (folder / "secret").write_text("hunter2")
        (folder / "secret").chmod(0o600)
        (folder / "config.toml").write_text(
            f'timezone = "Europe/Berlin"\n[accounts.home]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
            'password = { file = "secret" }\n[[contacts]]\nname = "Jane Doe"\n'
        )
        words = ["run", "--config", str(folder / "config.toml"), "--state", str(folder / "state")]
        daemon = subprocess.Popen([sys.executable, "-m", "daemon", *words], stderr=subprocess.DEVNULL)
        try:
            time.sleep(15)
            _watch(daemon.pid, given.minutes)
        finally:
            daemon.terminate()
            daemon.wait()


def _watch(pid: int, minutes: float) -> None:
    wakeups, own, _ = status(pid, "voluntary_ctxt_switches"), *cpu_seconds(pid)
    time.sleep(minutes * 60)
    wakeups, rest = status(pid, "voluntary_ctxt_switches") - wakeups, cpu_seconds(pid)[0] - own
    before = sum(cpu_seconds(pid))
    for _ in range(_POLLS):
        os.kill(pid, signal.SIGUSR1)
        time.sleep(4)
    poll = (sum(cpu_seconds(pid)) - before) / _POLLS
    day = rest / minutes * 1440 + poll * 96
    print(f"resident: {status(pid, 'VmRSS')} kB, at the most {status(pid, 'VmHWM')} kB, after {_POLLS + 1} polls")
    for name, size in regions(pid):
        print(f"    {size:6} kB  {name}")
    print(
        f"at rest: {wakeups / minutes:.1f} wake-ups a minute, {rest / minutes * 1000:.0f} ms of processor time a minute"
    )
    print(f"a poll without news: {poll:.2f} s of processor time, all processes together")
    print(f"a day: {day:.0f} s of processor time, {day / 864:.3f}% of a core")


if __name__ == "__main__":
    main()
