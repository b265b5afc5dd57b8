"""`make bench`: fikad beside what somebody would use instead, and how it grows.

    python -m bench [--quick] [--runs N]

Prints medians of several runs and ratios taken in this one run. Machines are noisy: quote the ratios. Memory is that of
the largest process; processor time is that of the whole process and its children, from start to end.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.measured import Cost
from bench.ours import Ours, changed
from bench.rivals import Rivals, names
from bench.server import Server, serving

SIZES = (1_000, 3_000, 10_000, 30_000)
PEOPLE = (20, 150, 500, 2_000)
CONTACTS = 50
MAIN = 10_000


def main() -> None:
    """Print everything."""
    arguments = argparse.ArgumentParser(prog="python -m bench")
    arguments.add_argument("--quick", action="store_true", help="1,000 events, one run, no growth")
    arguments.add_argument("--runs", type=int, default=3, help="runs of each measurement")
    given = arguments.parse_args()
    runs, size = (1, SIZES[0]) if given.quick else (given.runs, MAIN)
    _beside(size, runs)
    if not given.quick:
        _grow_with_events(runs)
        _grow_with_people(runs)


@contextmanager
def _set_up(size: int) -> Iterator[tuple[Server, Path]]:
    with tempfile.TemporaryDirectory(prefix="fikad-bench-") as temporary:
        folder = Path(temporary)
        for name in ("server", "ours", "theirs"):
            (folder / name).mkdir()
        with serving(folder / "server", size, datetime.now(UTC)) as server:
            yield server, folder


def _beside(size: int, runs: int) -> None:
    """First read, a poll without changes, memory: fikad and the others, in turn."""
    with _set_up(size) as (server, folder):
        ours = Ours(folder / "ours", server, CONTACTS)
        firsts, polls = [], []
        for _ in range(runs):
            ours.forget()
            firsts.append(ours.pass_once())
        assert changed(firsts[-1]) == size, f"{changed(firsts[-1])} of {size} events were read"
        ours.pass_once()
        for _ in range(runs):
            polls.append(ours.pass_once())
        resident = ours.resident(20)
        status = [ours.status() for _ in range(runs)]
        rivals = Rivals(folder / "theirs", server)
        sync, listed = rivals.pass_once()
        assert rivals.brought() == size
        again = [rivals.pass_once() for _ in range(runs)]
    poll, first = _cpu(polls), _cpu(firsts)
    their_first = sync.cpu_seconds + listed.cpu_seconds
    their_poll = median([one.cpu_seconds + other.cpu_seconds for one, other in again])
    their_requests = median([one.requests for one, _ in again])
    peak = max(one.peak_bytes for one in firsts)
    their_peak = max(sync.peak_bytes, listed.peak_bytes)
    print(f"{size:,} events on Radicale, 2% of them series; fikad with {CONTACTS} contacts beside {names()}")
    print(f"medians of {runs} runs (their first read: one run)\n")
    print(f"{'':44}{'fikad':>12}{'theirs':>12}{'ratio':>9}  target")
    _row("first read, processor time (s)", first, their_first, "at most 0.20", first / their_first <= 0.2)
    _row("poll, a process for each (s)", poll, their_poll, "at most 0.05", poll / their_poll <= 0.05)
    inside = resident.poll
    _row("poll, a process that stays (s)", inside, their_poll, "at most 0.05", inside / their_poll <= 0.05)
    _row("poll, requests", resident.requests, their_requests, "1", resident.requests == 1)
    _row("first read, peak memory (MB)", peak / 2**20, their_peak / 2**20, "below 1", peak < their_peak)
    print(f"{'fikad status, processor time (s)':44}{_cpu(status):12.3f}{'':21}  below 0.2{_met(_cpu(status) < 0.2)}")
    stays = f"{'a process that stays, peak memory (MB)':44}{resident.peak_bytes / 2**20:12.1f}"
    print(f"{stays}\n")


def _row(what: str, ours: float, theirs: float, target: str, met: bool) -> None:
    print(f"{what:44}{ours:12.3f}{theirs:12.3f}{ours / theirs:9.3f}  {target}{_met(met)}")


def _met(met: bool) -> str:
    return "" if met else "  MISSED"


def _grow_with_events(runs: int) -> None:
    print(f"growth with events ({CONTACTS} contacts), processor time in s")
    print(f"{'events':>8}{'first read':>12}{'poll':>10}{'poll, stays':>13}{'judging':>10}{'planning':>10}")
    for size in SIZES:
        with _set_up(size) as (server, folder):
            ours = Ours(folder / "ours", server, CONTACTS)
            first = ours.pass_once()
            ours.pass_once()
            poll = _of(ours.pass_once, runs)
            resident = ours.resident(5)
        parts = f"{resident.poll:13.4f}{resident.judging:10.4f}{resident.planning:10.4f}"
        print(f"{size:8,}{first.cpu_seconds:12.2f}{poll:10.3f}{parts}")
    print()


def _grow_with_people(runs: int) -> None:
    size = SIZES[1]
    print(f"growth with contacts ({size:,} events), processor time in s")
    print(f"{'contacts':>8}{'poll':>10}{'poll, stays':>13}{'judging':>10}{'planning':>10}")
    with _set_up(size) as (server, folder):
        ours = Ours(folder / "ours", server, PEOPLE[0])
        ours.pass_once()
        for count in PEOPLE:
            ours.set_contacts(count)
            ours.pass_once()
            poll = _of(ours.pass_once, runs)
            resident = ours.resident(5)
            parts = f"{resident.poll:13.4f}{resident.judging:10.4f}{resident.planning:10.4f}"
            print(f"{count:8,}{poll:10.3f}{parts}")


def _of(act: Callable[[], Cost], runs: int) -> float:
    return _cpu([act() for _ in range(runs)])


def _cpu(costs: Sequence[Cost]) -> float:
    return median([one.cpu_seconds for one in costs])


if __name__ == "__main__":
    main()
