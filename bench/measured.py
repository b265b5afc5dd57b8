"""What one run of a program costs: processor time and memory of the whole process, its children
included."""

from __future__ import annotations

import os
import subprocess
import sys
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


_LAUNCHER = """\
import os, sys
process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(process, 0)
with open(sys.argv[1], "w") as told:
    print(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=told)
"""
"""A new process inherits the peak of the one that started it; so it is started by this one, which
is smaller than anything else in Python."""


def run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, *, answer: str = ""
) -> Cost:
    """Run a command to its end. Raises FailedRunError, with what it said, when it exits with
    anything but 0."""
    out, err, told = folder / "stdout", folder / "stderr", folder / "told"
    launched = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(told), *command]
    began = time.monotonic()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        subprocess.run(
            launched,
            input=answer.encode(),
            stdout=stdout,
            stderr=stderr,
            env=dict(environment),
            check=True,
        )
    wall = time.monotonic() - began
    status, cpu, peak = told.read_text().split()
    code = os.waitstatus_to_exitcode(int(status))
    if code != 0:
        said = err.read_text(errors="replace")[-2000:] or out.read_text(errors="replace")[-2000:]
        raise FailedRunError(f"{' '.join(command)} exited with {code}:\n{said}")
    return Cost(float(cpu), _bytes(int(peak)), wall, out.read_text(errors="replace"))


def _bytes(maxrss: int) -> int:
    return maxrss if os.uname().sysname == "Darwin" else maxrss * 1024
