"""Waiting for what must come; how long that takes is no promise, since machines are slow."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 120.0
"""So long a machine may take for what is done at once on one that is idle."""
AT_ONCE = 20.0
"""Whoever gives up, or does not wait at all, is done by then, on a slow machine, too. What they
would wait for in a test takes longer."""
_LEAST_BETWEEN, _ENOUGH_BETWEEN = 0.03, 0.3
"""Seconds from an answer to the next question."""


def until(condition: Callable[[], object], what: Callable[[], str] = lambda: "it") -> None:
    """Ask again and again until it is so. What takes time to ask is asked less often, so that the
    asking does not slow down what is waited for, nor the tests beside it."""
    deadline = time.monotonic() + SECONDS
    while True:
        begun = time.monotonic()
        if condition():
            return
        asked = time.monotonic()
        assert asked < deadline, f"waited {SECONDS:.0f} seconds for {what()}"
        asking = asked - begun
        time.sleep(max(_LEAST_BETWEEN, asking, min(3 * asking, _ENOUGH_BETWEEN)))


def is_written(note: Path) -> bool:
    """Whether a process has left its note."""
    return note.exists() and note.read_text() != ""


def impatient_after(condition: Callable[[], object]) -> type[subprocess.Popen[bytes]]:
    """What takes the place of `subprocess.Popen` where somebody waits for a process with a limit:
    it is over once this is so, whether the machine took longer or less."""

    class Impatient(subprocess.Popen[bytes]):
        def wait(self, timeout: float | None = None) -> int:
            return super().wait(_over(timeout))

        def communicate(self, input: Any = None, timeout: float | None = None) -> Any:
            return super().communicate(input, _over(timeout))

    def _over(timeout: float | None) -> float | None:
        if timeout is None:
            return None
        until(condition)
        return min(timeout, 0.1)

    return Impatient
