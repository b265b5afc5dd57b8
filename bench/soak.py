"""A month of the daemon in minutes: Radicale, a network that fails all the time, and a user who
lives with the holds.

    python -m bench.soak [--days 30] [--poll "15 minutes"]

The server and the user are in this process, the daemon in its own (see `accelerated`); between them
is `flaky`. Once a simulated day the user books meetings, accepts, moves and deletes holds, and the
calendar is looked through for two holds of one person. Exits with 1 when memory or descriptors
grow, a hold is doubled, or a Sunday passed without a plan."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bench.flaky import Network, flaky
from tests.connectors.servers import (
    Credentials,
    RadicaleServer,
    delete,
    get,
    make_calendar,
    propfind,
    put,
    radicale,
)

ZONE = ZoneInfo("Europe/Berlin")
PEOPLE = 12
GROWTH_KB = 1024
CONFIG = """
timezone = "Europe/Berlin"
me = ["sam@example.com"]
[accounts.home]
type = "caldav"
url = "http://127.0.0.1:{port}/"
username = "sam"
password = {{ file = "secret" }}
[rhythm]
per_week = 3
poll = "{poll}"
[circles.friends]
cadence = "2 weeks"
"""


@dataclass
class User:
    """Somebody who answers holds, in the calendar itself."""

    server: RadicaleServer
    auth: Credentials
    chance: Random
    doubles: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def holds(self) -> dict[str, str]:
        """Every hold by its address."""
        by_process = {}
        for calendar in self._hrefs(self.server.home("sam"), depth=1):
            for href in self._hrefs(f"{self.server.url}{calendar.lstrip('/')}", depth=1):
                if "/fikad-" in href:
                    by_process[href] = get(f"{self.server.url}{href.lstrip('/')}", self.auth).text
        return by_process

    def _hrefs(self, url: str, depth: int) -> Sequence[str]:
        body = propfind(url, depth=depth, auth=self.auth).text
        return [
            href
            for href in re.findall(r"<(?:\w+:)?href>([^<]+)<", body)
            if href != urlsplit(url).path
        ]

    def live(self, now: datetime) -> None:
        """A day: new meetings, and answers to some of the holds."""
        holds = self.holds()
        self.seen |= set(holds)
        titles = Counter(_title(text) for text in holds.values() if _is_open(text, now))
        self.doubles += [
            f"{now:%Y-%m-%d}: {title} {times} times" for title, times in titles.items() if times > 1
        ]
        for _ in range(3):
            self._book(now)
        for href, text in holds.items():
            if not _is_open(text, now):
                continue
            answer = self.chance.choices(["nothing", "accept", "delete", "drag"], [6, 1, 1, 1])[0]
            self.answers[answer] += 1
            url = f"{self.server.url}{href.lstrip('/')}"
            if answer == "delete":
                delete(url, self.auth)
            elif answer == "accept":
                put(url, text.replace("?\r\n", "\r\n", 1), self.auth)
            elif answer == "drag":
                put(url, re.sub(r"(DT(?:START|END):\d{8}T\d\d)\d\d", r"\g<1>07", text), self.auth)

    def _book(self, now: datetime) -> None:
        day = now.astimezone(ZONE) + timedelta(days=self.chance.randrange(1, 12))
        start = day.replace(
            hour=self.chance.randrange(9, 17), minute=0, second=0, microsecond=0
        ).astimezone(UTC)
        uid = f"meeting-{self.chance.getrandbits(48):x}"
        text = (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//soak//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
            f"DTSTAMP:20260101T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\n"
            "SUMMARY:Work\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        put(f"{self.server.home('sam')}personal/{uid}.ics", text, self.auth)


def _title(text: str) -> str:
    return re.search(r"SUMMARY:(.*)", text.replace("\r\n ", ""))[1].strip()  # type: ignore[index]


def _is_open(text: str, now: datetime) -> bool:
    """Whether a hold still waits for an answer."""
    start = datetime.fromisoformat(re.search(r"DTSTART[^:]*:(\d{8}T\d{6}Z)", text)[1])  # type: ignore[index]
    return start > now and _title(text).endswith("?")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.soak")
    arguments.add_argument("--days", type=int, default=30)
    arguments.add_argument("--poll", default="15 minutes")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fikad-soak-")))
        server = stack.enter_context(radicale())
        parts = urlsplit(server.url)
        network = stack.enter_context(flaky("127.0.0.1", parts.port or 80, Random(given.seed)))
        server.add_user("sam", "hunter2")
        make_calendar(f"{server.home('sam')}personal/", "Personal", server.auth("sam"))
        (folder / "secret").write_text("hunter2")
        (folder / "secret").chmod(0o600)
        people = "".join(
            f'[[contacts]]\nname = "Person {number:02}"\ncircle = "friends"\n'
            for number in range(1, PEOPLE + 1)
        )
        (folder / "config.toml").write_text(
            CONFIG.format(port=network.port, poll=given.poll) + people
        )
        user = User(server, server.auth("sam"), Random(given.seed))
        began = time.monotonic()
        samples = _run(folder, given.days, user)
        sys.exit(_report(samples, user, network, folder, time.monotonic() - began))


def _run(folder: Path, days: int, user: User) -> list[dict[str, Any]]:
    words = [
        sys.executable,
        "-m",
        "bench.accelerated",
        f"{folder}/config.toml",
        f"{folder}/state",
        str(days),
    ]
    samples = []
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert daemon.stdin is not None
        assert daemon.stdout is not None
        for line in daemon.stdout:
            samples.append(json.loads(line))
            print(line, end="", flush=True)
            user.live(datetime.fromisoformat(samples[-1]["now"]))
            daemon.stdin.write("\n")
            daemon.stdin.flush()
        daemon.wait()
    return samples


def _report(
    samples: Sequence[dict[str, Any]], user: User, network: Network, folder: Path, seconds: float
) -> int:
    first, last = samples[len(samples) // 4], samples[-1]
    log = (folder / "log").read_text()
    plans = len(re.findall(r"planned: ", log))
    moments = [datetime.fromisoformat(sample["now"]) for sample in samples]
    sundays = _sundays(moments[0] - timedelta(days=1), moments[-1])
    growth, descriptors = (
        last["resident_kb"] - first["resident_kb"],
        last["descriptors"] - first["descriptors"],
    )
    polls = last["errands"]["pass"]
    print(log)
    print(
        f"{len(samples)} days in {seconds:.0f} s: {polls} passes, "
        f"{last['errands'].get('backup', 0)} backups"
    )
    print(f"network: {network}")
    print(f"user: {dict(user.answers)}, {len(user.seen)} holds seen in all")
    print(
        f"daemon: {last['resident_kb']} kB resident; in the last three quarters {growth} kB, "
        f"{descriptors} files more"
    )
    print(f"daemon: {last['own_cpu'] / len(samples):.2f} s of processor time a day")
    print(
        f"workers: {last['workers_cpu'] / polls:.2f} s a pass, {last['worker_peak_kb']} kB at the "
        "peak"
    )
    print(f"plans: {plans} for {sundays} Sundays; doubled holds: {user.doubles or 'none'}")
    sound = growth <= GROWTH_KB and descriptors <= 0 and not user.doubles and plans == sundays
    print("sound" if sound else "NOT SOUND")
    return 0 if sound else 1


def _sundays(start: datetime, end: datetime) -> int:
    """How many Sundays 17:00 there are in between."""
    count, day = 0, start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        moment = datetime(day.year, day.month, day.day, 17, tzinfo=ZONE)
        count += day.weekday() == 6 and start < moment <= end
        day += timedelta(days=1)
    return count


if __name__ == "__main__":
    main()
