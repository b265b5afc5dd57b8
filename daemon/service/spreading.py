"""How many on one host keep out of each other's way.

Everybody's plan is at the same wall-clock time, the nightly work too, and after a boot everybody
begins at once; then a host of many would need many times the memory that it needs at rest. So each
instance is a little *late*: by a part of the `spread` that is drawn from its name, and so is the
same at every start."""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

_MACHINE_ID = Path("/etc/machine-id")
"""machine-id(5)."""


def lateness(spread: timedelta, instance: str) -> timedelta:
    """How much later than the wall clock says this instance begins: less than `spread`, evenly
    over instances, and always the same for one."""
    return spread * Random(instance).random()  # noqa: S311 - no secret


def instance_name(state: Path) -> str:
    """What tells this instance from all others, here and on other hosts, and stays: the machine's
    id, its name (a container has no id of its own), and the state folder (absolute)."""
    machine = ""
    with suppress(OSError):
        machine = _MACHINE_ID.read_text(encoding="utf-8").strip()
    return f"{machine} {socket.gethostname()} {state}"
