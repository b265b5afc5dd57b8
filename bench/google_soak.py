"""Polls a Google account thousands of times in one process and shows that memory and sockets stay
flat.

    python bench/google_soak.py [POLLS]

The strict test server runs in a process of its own, so that its memory is not counted. Events
change all the while and the access token expires every few seconds; each poll is a pass a quarter
of an hour after the last one, so every fourth asks for the list of calendars again. Exits with 1
when the second half needs more than 2 MB or one socket more than the first."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from connectors.base import KnownResources, Resource  # noqa: E402
from connectors.google.account import GoogleAccount  # noqa: E402 (the checkout has to be found first)
from tests.connectors.google.server import Kept  # noqa: E402

INTERVALS = 10
ALLOWED_GROWTH_MB = 2.0


def memory_mb() -> float:
    """Resident memory now; where there is no /proc, its maximum so far."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def open_sockets() -> int:
    """Sockets of this process, 0 where there is no /proc."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        return 0
    return sum(
        1
        for each in folder.iterdir()
        if each.is_symlink() and str(each.readlink()).startswith("socket:")
    )


def poll(
    account: GoogleAccount,
    now: datetime,
    tokens: dict[str, str],
    known: dict[str, dict[str, Resource]],
) -> int:
    """One pass; how many events had changed."""
    changed = 0
    for calendar in account.calendars(now):
        stored = known.setdefault(calendar.id, {})
        for batch in calendar.changes(tokens.get(calendar.id), KnownResources.of(stored.values())):
            stored.update({each.href: each for each in batch.changed})
            changed += len(batch.changed)
            if batch.token:
                tokens[calendar.id] = batch.token
    return changed


def soak(polls: int, started: dict[str, Any]) -> bool:
    account = GoogleAccount("soak", Path("unused"), Kept(started["token"]), started["endpoint"], {})
    tokens: dict[str, str] = {}
    known: dict[str, dict[str, Resource]] = {}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    figures = []
    began = time.monotonic()
    changed = 0
    print(
        f"{'polls':>6} {'requests':>9} {'changes':>8} {'RSS MB':>7} {'sockets':>8} {'seconds':>8}"
    )
    for number in range(1, polls + 1):
        changed += poll(account, now, tokens, known)
        now += timedelta(minutes=15)
        if number % max(1, polls // INTERVALS) == 0 or number == 1:
            figures.append((memory_mb(), open_sockets()))
            seconds = time.monotonic() - began
            print(
                f"{number:6} {account.requests:9} {changed:8} {figures[-1][0]:7.1f} "
                f"{figures[-1][1]:8} {seconds:8.1f}"
            )
    account.close()
    half = len(figures) // 2
    growth = figures[-1][0] - figures[half][0]
    more_sockets = figures[-1][1] - figures[half][1]
    print(f"second half: {growth:+.1f} MB, {more_sockets:+} sockets")
    return growth <= ALLOWED_GROWTH_MB and more_sockets < 1


def main() -> int:
    polls = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    command = [sys.executable, "-m", "tests.connectors.google.server"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        flat = soak(polls, json.loads(server.stdout.readline()))
        server.stdin.close()
        end = json.loads(server.stdout.readline())
    print(f"the server saw {end['counts']} and {len(end['violations'])} violations")
    return 0 if flat and not end["violations"] else 1


if __name__ == "__main__":
    sys.exit(main())
