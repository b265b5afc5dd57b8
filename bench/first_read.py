"""What a first read costs in this checkout and in another one, in turns on one server.

    python -m bench.first_read --beside OTHER [--events 10000] [--runs 3]

OTHER is a folder with another version of the project; both run with the libraries that are
installed here. Nothing outside temporary folders is written, but Python's own cache in OTHER."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.measured import Cost
from bench.ours import ROOT, Ours, changed
from bench.server import Server, serving

CONTACTS = 50


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(prog="python -m bench.first_read", description=__doc__)
    arguments.add_argument("--beside", type=Path, required=True)
    arguments.add_argument("--events", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=3)
    given = arguments.parse_args()
    checkouts = {"other": given.beside.resolve(), "here": ROOT}
    with (
        TemporaryDirectory(prefix="fikad-bench-server-") as folder,
        serving(Path(folder), given.events, datetime.now(UTC)) as server,
    ):
        for checkout in checkouts.values():
            _first_read(server, checkout, given.events)  # what is compiled once is not counted
        costs: dict[str, list[Cost]] = {name: [] for name in checkouts}
        for _ in range(given.runs):
            for name, checkout in checkouts.items():
                costs[name].append(_first_read(server, checkout, given.events))
    for name, of_one in costs.items():
        print(f"{name}: {_told(of_one)}")
    ratios = [
        here.cpu_seconds / other.cpu_seconds
        for other, here in zip(costs["other"], costs["here"], strict=True)
    ]
    print(f"CPU, here in other: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def _first_read(server: Server, checkout: Path, count: int) -> Cost:
    with TemporaryDirectory(prefix="fikad-bench-") as folder:
        cost = Ours(Path(folder), server, CONTACTS, checkout).pass_once()
    if changed(cost) != count:
        raise RuntimeError(f"{checkout} read {changed(cost)} events instead of {count}")
    return cost


def _told(costs: list[Cost]) -> str:
    cpu, memory = median(cost.cpu_seconds for cost in costs), max(cost.peak_bytes for cost in costs)
    return f"{cpu:.2f} s CPU, {memory / 1e6:.0f} MB, {costs[0].requests} requests"


if __name__ == "__main__":
    main()
