"""What the daemon costs while nothing happens: memory, where it goes, wake-ups, and the price of a
poll without news.

    python -m bench.idle [--google | --cards 300] [--minutes 5] [--polls 96]

Starts the daemon as a service manager does, with one account on a server of its own (Radicale, or
the strict Google of the tests) that holds 300 events, with `--cards` beside an address book of so
many people, lets it come to rest, watches it for some minutes, then has it poll as often as in a
day. "A day" is 1,440 minutes at rest and 96 polls."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.connectors.google.server import GoogleServer
from tests.connectors.servers import RadicaleServer, make_address_book, make_calendar, radicale

_TICK = os.sysconf("SC_CLK_TCK")
_A_DAY = 96
_EVENTS = 300
_SHOWN = 8


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.idle")
    arguments.add_argument(
        "--google", action="store_true", help="a Google account instead of one on a CalDAV server"
    )
    arguments.add_argument(
        "--cards",
        type=int,
        default=0,
        help="how many people the address book has; 0: there is none",
    )
    arguments.add_argument("--minutes", type=float, default=5)
    arguments.add_argument("--polls", type=int, default=_A_DAY)
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fikad-idle-")))
        account = stack.enter_context(
            _google(folder) if given.google else _caldav(folder, given.cards)
        )
        people = '[[contacts]]\nname = "Jane Doe"\nemails = ["jane@example.com"]\n'
        (folder / "config.toml").write_text(f'timezone = "Europe/Berlin"\n{account}{people}')
        words = ["run", "--config", str(folder / "config.toml"), "--state", str(folder / "state")]
        log = stack.enter_context((folder / "log").open("wb"))
        daemon = subprocess.Popen([sys.executable, "-m", "daemon", *words], stderr=log)
        try:
            _rest(daemon.pid, since=0.0)
            _watch(daemon.pid, given.minutes, given.polls)
            _print_log(folder / "log")
        finally:
            daemon.terminate()
            daemon.wait()


# --- what it reads ---


@contextmanager
def _caldav(folder: Path, cards: int) -> Iterator[str]:
    """A CalDAV server, and an address book on it; yields their part of the config."""
    with radicale() as server:
        server.add_user("sam", "hunter2")
        calendar = make_calendar(f"{server.home('sam')}personal/", "Personal", server.auth("sam"))
        server.fill(calendar, {f"event-{number}.ics": event(number) for number in range(_EVENTS)})
        (folder / "secret").write_text("hunter2")
        (folder / "secret").chmod(0o600)
        place = f'url = "{server.url}"\nusername = "sam"\n'
        book = _address_book(server, cards) if cards else ""
        yield f'[accounts.home]\ntype = "caldav"\n{place}password = {{ file = "secret" }}\n{book}'


def _address_book(server: RadicaleServer, cards: int) -> str:
    """An address book of the account's user; returns its part of the config."""
    book = make_address_book(f"{server.home('sam')}people/", "People", server.auth("sam"))
    server.fill(book, {f"card-{number}.vcf": _card(number) for number in range(cards)})
    return (
        '[addressbooks.home]\ntype = "carddav"\naccount = "home"\n'
        'circles = { Fika = "friends" }\n[circles.friends]\ncadence = "6 weeks"\n'
    )


@contextmanager
def _google(folder: Path) -> Iterator[str]:
    """Google, as strict as the tests have it; yields the account's part of the config."""
    with GoogleServer(page_size=250) as server:
        for number in range(_EVENTS):
            start = _start(number)
            end = start + timedelta(hours=1)
            server.store.add_event(
                server.store.owner,
                summary="Work",
                start={"dateTime": start.isoformat()},
                end={"dateTime": end.isoformat()},
            )
        client = server.write_client(folder)
        (folder / "token.json").write_text(json.dumps(server.grant()))
        (folder / "token.json").chmod(0o600)
        place = f'client_secrets = "{client.name}"\nendpoint = "{server.endpoint}"\n'
        yield f'[accounts.work]\ntype = "google"\n{place}token = {{ file = "token.json" }}\n'


def _start(number: int) -> datetime:
    """One event every second day, from a year and a half ago on."""
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    return today + timedelta(days=2 * number - 540)


def _card(number: int) -> str:
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-{number}\r\n"
        f"FN:Friend Number{number}\r\nN:Number{number};Friend;;;\r\n"
        f"EMAIL:friend{number}@example.com\r\nTEL:+49 30 {number:06}\r\n"
        f"BDAY:1985-0{number % 9 + 1}-1{number % 10}\r\nCATEGORIES:Fika\r\nEND:VCARD\r\n"
    )


def event(number: int) -> str:
    """One of somebody's days, as iCalendar text."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//idle//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:event-{number}\r\n"
        f"DTSTAMP:20260101T000000Z\r\nDTSTART:{_start(number):%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\n"
        "SUMMARY:Work\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


# --- what it costs ---


@dataclass(slots=True)
class _Peak:
    """The largest worker that was seen at work."""

    kb: int = 0
    regions: tuple[tuple[str, int], ...] = ()

    def look(self, pid: int) -> None:
        for worker in processes_below(pid):
            with suppress(OSError, StopIteration):
                resident = status(worker, "VmRSS")
                if resident > self.kb:
                    mapped = regions(worker)
                    self.kb, self.regions = resident, mapped


def _watch(pid: int, minutes: float, polls: int) -> None:
    wakeups, own = status(pid, "voluntary_ctxt_switches"), running_seconds(pid)
    time.sleep(minutes * 60)
    wakeups, rest = status(pid, "voluntary_ctxt_switches") - wakeups, running_seconds(pid) - own
    first, before, peak = status(pid, "VmRSS"), sum(cpu_seconds(pid)), _Peak()
    for _ in range(polls):
        since = cpu_seconds(pid)[1]
        os.kill(pid, signal.SIGUSR1)
        _rest(pid, since, peak)
    poll = (sum(cpu_seconds(pid)) - before) / polls
    day = rest / minutes * 1440 + poll * _A_DAY
    descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    print(
        f"at rest: {status(pid, 'VmRSS')} kB resident after {polls} polls, {first} kB before; "
        f"{descriptors} files"
    )
    _print_regions(regions(pid))
    print(f"a poll's own process: {peak.kb} kB resident for a moment")
    _print_regions(peak.regions)
    print(
        f"at rest: {wakeups / minutes:.1f} wake-ups a minute, {rest / minutes * 1000:.1f} ms of "
        "processor time a minute"
    )
    print(f"a poll without news: {poll:.2f} s of processor time, all processes together")
    print(f"a day: {day:.0f} s of processor time, {day / 864:.3f}% of a core")


def _rest(pid: int, since: float, peak: _Peak | None = None) -> None:
    """Wait until the daemon has no worker any more; `since` is what its workers had used before."""
    quiet = 0
    while quiet < 20:
        time.sleep(0.02)
        if peak is not None:
            peak.look(pid)
        quiet = 0 if processes_below(pid) or cpu_seconds(pid)[1] <= since else quiet + 1


def status(pid: int, key: str) -> int:
    """A number from /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{key}:")).split()[1])


def running_seconds(pid: int) -> float:
    """Of the process itself, to the nanosecond: a tick is shorter than what /proc/PID/stat counts
    in."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Of the process, and of the children it has waited for."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, children = int(words[11]) + int(words[12]), int(words[13]) + int(words[14])
    return own / _TICK, children / _TICK


def processes_below(pid: int) -> list[int]:
    """The processes below it."""
    below = [pid]
    for each in below:
        with suppress(OSError):
            below += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
    return below[1:]


def regions(pid: int) -> tuple[tuple[str, int], ...]:
    """Where resident memory goes: the largest mappings by name, in kB, and all others together."""
    mapped: dict[str, int] = {}
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            name = Path(words[5]).name if len(words) > 5 else "[anonymous]"
        elif words[0] == "Rss:":
            mapped[name] = mapped.get(name, 0) + int(words[1])
    largest = sorted(mapped.items(), key=lambda pair: -pair[1])
    return (*largest[:_SHOWN], ("all others", sum(size for _, size in largest[_SHOWN:])))


def _print_regions(mapped: tuple[tuple[str, int], ...]) -> None:
    for name, size in mapped:
        print(f"    {size:6} kB  {name}")


def _print_log(path: Path) -> None:
    """What went wrong, if anything did: then the figures are not those of a poll without news."""
    for line in path.read_text().splitlines():
        if "warning" in line or "error" in line:
            print(f"NOT QUIET: {line}")


if __name__ == "__main__":
    main()
