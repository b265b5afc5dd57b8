"""Makes `.venv` from `requirements.lock`, and says on a terminal and in a log how far it is.

It runs before anything is installed, so it needs nothing but Python 3.11. What pip says is kept
back, and shown when it fails."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

VENV = Path(".venv")
LOCK = Path("requirements.lock")

_LOOK_SECONDS = 0.2
_SECONDS_BETWEEN_LINES = 5.0
"""In a log, which keeps every line; on a terminal one line is written over."""
_LAST_LINES = 25

_LOCKED = re.compile(r"^[\w.-]+==", re.MULTILINE)
_FETCHED = re.compile(r"^(?:Collecting|Processing) ", re.MULTILINE)
_NOT_FOR_THIS_MACHINE = re.compile(r"^Ignoring ", re.MULTILINE)
_INSTALLING = re.compile(r"^Installing collected packages: (.+)$", re.MULTILINE)


class StepError(Exception):
    """A step failed; with the last that its program said."""


def make_environment() -> None:
    """`.venv` in the current folder, anew and whole. Raises StepError."""
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Setting up .venv with Python {version}; this is done once.", flush=True)
    step([sys.executable, "-m", "venv", "--clear", str(VENV)], lambda said: "an empty environment")
    locked, began = len(_LOCKED.findall(LOCK.read_text())), time.time()
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
    step(
        [*pip, "--progress-bar", "off", "--require-hashes", "-r", str(LOCK)],
        lambda said: how_far(said, locked, installed_since(began)),
    )
    step(
        [*pip, "--no-deps", "--no-build-isolation", "--editable", "."], lambda said: "fikad itself"
    )


def step(command: Sequence[str], state: Callable[[str], str]) -> None:
    """Run a program to its end and show meanwhile what `state` makes of all it has said so far.
    Raises StepError."""
    on_terminal, began = sys.stdout.isatty(), time.monotonic()
    last_line = began
    with tempfile.NamedTemporaryFile() as log:
        program = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        while True:
            ended = _ends_within(program, _LOOK_SECONDS)
            said, now = Path(log.name).read_text(errors="replace"), time.monotonic()
            line = f"  {state(said)} ({now - began:.0f} s)"
            if on_terminal:
                print(f"\r{line}\x1b[K", end="\n" if ended else "", flush=True)
            elif ended or now - last_line >= _SECONDS_BETWEEN_LINES:
                last_line = now
                print(line, flush=True)
            if ended:
                break
    if program.returncode != 0:
        raise StepError("\n".join(said.splitlines()[-_LAST_LINES:]))


def how_far(said: str, locked: int, installed: int) -> str:
    """How far pip is, by what it `said`, the number of packages `locked`, and that of those
    `installed`."""
    if installing := _INSTALLING.search(said):
        return f"{installed} of {len(installing[1].split(', '))} packages installed"
    wanted = locked - len(_NOT_FOR_THIS_MACHINE.findall(said))
    return f"{len(_FETCHED.findall(said))} of {wanted} packages fetched"


def installed_since(began: float) -> int:
    """How many packages were installed since then, in seconds since 1970: pip writes INSTALLER
    last, after what a package brings."""
    written = VENV.glob("lib/python*/site-packages/*.dist-info/INSTALLER")
    return sum(mark.stat().st_mtime >= began for mark in written)


def _ends_within(program: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        program.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


if __name__ == "__main__":
    try:
        make_environment()
    except StepError as error:
        sys.exit(f"{error}\n\n.venv could not be set up; the reason is above. Then run make again.")
    except KeyboardInterrupt:
        sys.exit("\nStopped; make goes on from the beginning.")
