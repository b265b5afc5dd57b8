"""Waiting for what must come; how long that takes is no promise, since machines are slow."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 120.0
"""So long a machine may take for what is done at once on one that is idle."""
AT_ONCE = 20.0
"""Whoever gives up, or does not wait at all, is done by then, on a slow machine, too. What they
would wait for in a test takes longer."""
_LEAST_BETWEEN = 0.03


def until(condition: Callable[[], object], what: Callable[[], str] = lambda: "it") -> None:
    """Ask again and again until it is so. What takes time to ask is asked less often, so that the
    asking does not slow down what is waited for."""
    deadline = time.monotonic() + SECONDS
    while True:
        begun = time.monotonic()
        if condition():
            return
        asked = time.monotonic()
        assert asked < deadline, f"waited {SECONDS:.0f} seconds for {what()}"
        time.sleep(max(_LEAST_BETWEEN, asked - begun))
