"""fikad beside vdirsyncer and khal, on one calendar, in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import rivals
from bench.measured import Cost
from bench.ours import Ours, Resident, changed
from bench.rivals import Rivals
from bench.server import Server

MEGABYTE = 1e6
POLLS = 15
"""Polls of the process that stays."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both, and what it should be."""

    what: str
    ours: Sequence[float]
    theirs: Sequence[float]
    unit: str
    most: float | None = None
    """The largest ratio that is well; None: only told."""
    most_ours: float | None = None
    """The largest figure of ours that is well."""

    @property
    def ratio(self) -> float:
        """Ours in theirs, of the medians."""
        return median(self.ours) / median(self.theirs)

    @property
    def verdict(self) -> str:
        """Whether the target is met, "" where there is none."""
        if self.most is None and self.most_ours is None:
            return ""
        met = (self.most is None or self.ratio <= self.most) and (
            self.most_ours is None or median(self.ours) <= self.most_ours
        )
        return "met" if met else "MISSED"


def compare(
    server: Server, count: int, contacts: int, runs: int, told: Callable[[str], None]
) -> list[Line]:
    """Run both in turns, `runs` times from nothing."""
    firsts: list[Cost] = []
    polls: list[Cost] = []
    residents: list[Resident] = []
    their_firsts: list[tuple[Cost, Cost]] = []
    their_polls: list[tuple[Cost, Cost]] = []
    for number in range(1, runs + 1):
        with TemporaryDirectory(prefix="fikad-bench-") as folder:
            ours = Ours(Path(folder), server, contacts)
            told(f"run {number} of {runs}: fikad")
            firsts.append(ours.pass_once())
            if changed(firsts[-1]) != count:
                raise RuntimeError(f"fikad read {changed(firsts[-1])} events instead of {count}")
            ours.pass_once()  # which finds nothing to do, so that the next ones may be quiet
            ours.pass_once()  # which is quiet, so that the next ones may be short
            polls += (ours.pass_once() for _ in range(3))
            if any(changed(cost) for cost in polls):
                raise RuntimeError("a poll found changes where there were none")
            residents.append(ours.resident(POLLS))
        with TemporaryDirectory(prefix="fikad-bench-") as folder:
            told(f"run {number} of {runs}: {rivals.names()}")
            theirs = Rivals(Path(folder), server)
            their_firsts.append(theirs.pass_once())
            if theirs.brought() != count:
                raise RuntimeError(
                    f"vdirsyncer brought {theirs.brought()} events instead of {count}"
                )
            their_polls += (theirs.pass_once() for _ in range(3))
    return _lines(firsts, polls, residents, their_firsts, their_polls)


def _lines(
    firsts: Sequence[Cost],
    polls: Sequence[Cost],
    residents: Sequence[Resident],
    their_firsts: Sequence[tuple[Cost, Cost]],
    their_polls: Sequence[tuple[Cost, Cost]],
) -> list[Line]:
    their_poll_cpu = [_cpu(pair) for pair in their_polls]
    return [
        Line(
            "first read: CPU",
            [cost.cpu_seconds for cost in firsts],
            [_cpu(pair) for pair in their_firsts],
            "s",
            1 / 5,
        ),
        Line(
            "first read: wall clock",
            [cost.wall_seconds for cost in firsts],
            [sum(cost.wall_seconds for cost in pair) for pair in their_firsts],
            "s",
        ),
        Line(
            "first read: peak memory",
            [cost.peak_bytes / MEGABYTE for cost in firsts],
            [_peak(pair) for pair in their_firsts],
            "MB",
            1.0,
        ),
        Line(
            "poll, in a process that stays: CPU",
            [resident.poll for resident in residents],
            their_poll_cpu,
            "s",
            1 / 20,
        ),
        Line(
            "poll, in a process of its own: CPU",
            [cost.cpu_seconds for cost in polls],
            their_poll_cpu,
            "s",
            1 / 20,
        ),
        Line(
            "poll: requests",
            [*(cost.requests for cost in polls), *(resident.requests for resident in residents)],
            [sum(cost.requests for cost in pair) for pair in their_polls],
            "",
            most_ours=1,
        ),
        Line(
            "poll, in a process of its own: peak memory",
            [cost.peak_bytes / MEGABYTE for cost in polls],
            [_peak(pair) for pair in their_polls],
            "MB",
        ),
        Line(
            "process that stays: peak memory",
            [resident.peak_bytes / MEGABYTE for resident in residents],
            [_peak(pair) for pair in their_firsts],
            "MB",
            1.0,
        ),
    ]


def _cpu(pair: tuple[Cost, Cost]) -> float:
    return sum(cost.cpu_seconds for cost in pair)


def _peak(pair: tuple[Cost, Cost]) -> float:
    return max(cost.peak_bytes for cost in pair) / MEGABYTE
