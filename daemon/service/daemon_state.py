"""What the daemon says about itself, for `fikad status` and for its own next start, in two private
files.

`daemon.json` tells when it does what next, and what is wrong. Beside it lies the config in force, a
copy of the config file as it last was without a mistake: it stays in force while the file is being
edited, over a restart, too."""

from __future__ import annotations

import fcntl
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.atomic_file import replace_file
from daemon.planning.agenda import Task

LOCK = "daemon"
"""The lock in the state folder that a daemon holds as long as it lives, and that holds its process
id."""


@dataclass(frozen=True, slots=True)
class DaemonState:
    """The daemon as it sees itself."""

    config: str
    """The config file it was started with."""
    upcoming: tuple[tuple[Task, datetime], ...] = ()
    """What comes next (UTC), soonest first; empty while it does not know yet."""
    retries: Mapping[str, datetime] = field(default_factory=dict)
    """When accounts that failed are tried again (UTC)."""
    problems: tuple[str, ...] = ()
    """Why the config file is not in force, one line each."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """What else is wrong, by what it concerns."""
    reading: bool = False
    """A pass is under way."""


def save_daemon_state(state: Path, daemon_state: DaemonState) -> None:
    """Write it down for others. Raises OSError."""
    facts = asdict(daemon_state) | {
        "upcoming": [[task, when.isoformat()] for task, when in daemon_state.upcoming],
        "retries": {name: when.isoformat() for name, when in daemon_state.retries.items()},
    }
    replace_text(state / "daemon.json", json.dumps(facts))


def load_daemon_state(state: Path) -> DaemonState | None:
    """What the daemon of a state folder last said of itself; None if it never did or it makes no
    sense."""
    try:
        facts = json.loads((state / "daemon.json").read_text(encoding="utf-8"))
        return DaemonState(
            str(facts["config"]),
            tuple((task, datetime.fromisoformat(when)) for task, when in facts["upcoming"]),
            {name: datetime.fromisoformat(when) for name, when in facts["retries"].items()},
            tuple(facts["problems"]),
            dict(facts["troubles"]),
            bool(facts["reading"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def running(state: Path) -> int | None:
    """The process id of the daemon that serves a state folder; None when there is none."""
    try:
        handle = os.open(state / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # A shared lock is had at once unless a daemon lives.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    else:
        return None
    finally:
        os.close(handle)


def copy_in_force(state: Path, config: Path) -> Path:
    """Where the copy of a config file lies that is in force."""
    # Not hashlib: it brings OpenSSL, three megabytes that the daemon would carry for months.
    return state / f"config-{zlib.crc32(bytes(config.absolute())):08x}.toml"


def replace_text(path: Path, text: str, *, durably: bool = False) -> None:
    """Replace a file as a whole, mode 0600, in a folder that is made when missing, 0700; `durably`:
    it is on disk when this returns. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, text.encode(), durably=durably)
