"""`make bench`: what fikad costs beside vdirsyncer and khal, and how its costs grow.

    python -m bench [--quick]

Every server runs in a process of its own and is counted for nobody. Costs are those of whole
processes, from their start to their end, children included; peak memory is that of the largest
process. Both take turns. Nothing outside temporary folders is read or written."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import rivals, table
from bench.comparison import Line, compare
from bench.growth import Size, by_contacts, by_events
from bench.server import serving

CONTACTS = 50
"""In everything but the table of contacts."""


def main() -> int:
    """Measure and print. Exit code 1 when something could not be measured; targets that are missed
    are printed."""
    arguments = argparse.ArgumentParser(
        prog="python -m bench", description="What fikad costs, beside its rivals."
    )
    arguments.add_argument(
        "--quick", action="store_true", help="a small calendar and one run: within a minute"
    )
    given = arguments.parse_args()
    sizes, main_size, runs = (
        ([300, 1_000], 1_000, 1) if given.quick else ([1_000, 3_000, 10_000, 30_000], 10_000, 3)
    )
    contacts, contacts_size = (
        ([20, 200], 300) if given.quick else ([20, 50, 150, 500, 2_000], 3_000)
    )
    try:
        told = rivals.names()
    except PackageNotFoundError as error:
        sys.exit(f"bench: {error.name} is not installed: run `make bench`")
    now = datetime.now(UTC)
    began = time.monotonic()
    lines: list[Line] = []
    growing: list[Size] = []
    by_people: list[Size] = []
    for size in sizes:
        _say(f"{size:,} events: filling a server")
        with (
            TemporaryDirectory(prefix="fikad-bench-server-") as folder,
            serving(Path(folder), size, now) as server,
        ):
            if size == main_size:
                lines = compare(server, size, CONTACTS, runs, _say)
            _say(f"{size:,} events: fikad alone")
            growing.append(by_events(server, size, CONTACTS, runs))
            if size == contacts_size:
                by_people = by_contacts(server, contacts, runs, _say)
    _print(
        lines,
        growing,
        by_people,
        f"{main_size:,} events, {CONTACTS} contacts",
        f"{contacts_size:,}",
        told,
    )
    print(f"\nThis took {time.monotonic() - began:.0f} s. {_machine()}")
    return 0


def _print(
    lines: Sequence[Line],
    growing: Sequence[Size],
    by_people: Sequence[Size],
    what: str,
    events: str,
    told: str,
) -> None:
    print(f"\nfikad beside {told}: {what}, CalDAV\n")
    print(table.comparison(lines))
    missed = [line.what for line in lines if line.verdict == "MISSED"]
    print(f"\nMissed: {'; '.join(missed) or 'nothing'}.")
    print(f"\nGrowth with the calendar ({CONTACTS} contacts; CPU seconds)\n")
    print(table.growth("events", "first read", growing))
    print("\nThe same: peak memory in MB\n")
    print(table.memory("events", "first read", growing))
    print(f"\nGrowth with the contacts ({events} events; CPU seconds)\n")
    print(table.growth("contacts", "first pass with them", by_people))


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} "
        f"processors{load}."
    )


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
