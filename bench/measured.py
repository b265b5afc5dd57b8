"""What one run of a program costs: processor time and memory of the whole process, its children
included."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run, from start to end."""

    cpu_seconds: float
    """User and system time of the process and of all children that it waited for."""
    peak_bytes: int
    """Resident memory of its largest process at its largest moment."""
    wall_seconds: float
    output: str
    requests: int = 0


class FailedRunError(RuntimeError):
    """A program that is to be measured did not do its work."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    answer: str = "",
    small: bool = False,
) -> Cost:
    """Run a command to its end. Raises FailedRunError, with what it said, when it exits with
    anything but 0. `small`: it may be smaller than the benchmark; then its memory is not known and
    told as 0."""
    out, err = folder / "stdout", folder / "stderr"
    began = time.monotonic()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr, env=dict(environment)
        )
        assert process.stdin is not None
        process.stdin.write(answer.encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = err.read_text(errors="replace")[-2000:] or out.read_text(errors="replace")[-2000:]
        raise FailedRunError(f"{' '.join(command)} exited with {process.returncode}:\n{said}")
    peak = _bytes(usage.ru_maxrss)
    if small and peak <= own_peak_bytes():
        peak = 0
    elif peak <= own_peak_bytes():
        # A new process inherits the peak of the one that started it; then this figure would be
        # ours.
        raise FailedRunError(
            f"{' '.join(command)}: its memory cannot be told from that of the benchmark"
        )
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, peak, time.monotonic() - began, out.read_text(errors="replace"))


def own_peak_bytes() -> int:
    """Resident memory of this process at its largest moment."""
    return _bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _bytes(maxrss: int) -> int:
    return maxrss if os.uname().sysname == "Darwin" else maxrss * 1024
