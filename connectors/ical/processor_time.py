"""How much processor time another process of ours has used: what it has done, however long the
machine took over it.

A wall clock says nothing about a process: a laptop sleeps, a busy machine lets it wait.
"""

from __future__ import annotations

import subprocess
import sys
import time

_PS = ("ps", "-o", "cputime=", "-p")


def processor_seconds(pid: int) -> float | None:
    """The processor time of a running child, in seconds; None where the system does not tell."""
    if sys.platform == "linux":
        try:
            # The clock of a process, as clock_getcpuclockid(3) computes it.
            return time.clock_gettime((~pid << 3) | 2)
        except OSError:
            return None
    try:
        said = subprocess.run(  # noqa: S603 - our own words
            [*_PS, str(pid)], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return seconds_in(said.stdout)


def seconds_in(told: str) -> float | None:
    """What `ps` calls a processor time, `[[days-]hours:]minutes:seconds`, in seconds; None for
    anything else."""
    days, dash, clock = told.strip().rpartition("-")
    try:
        parts = [float(part) for part in clock.split(":")]
        whole_days = int(days) if dash else 0
    except ValueError:
        return None
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + part
    return whole_days * 86400 + seconds
