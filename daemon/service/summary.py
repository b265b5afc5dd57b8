"""The daemon's state in one line: what is wrong, else what comes next."""

from __future__ import annotations

from datetime import tzinfo

from daemon.durations import at_time
from daemon.service.daemon_state import DaemonState

WORDS = {"poll": "reads", "plan": "suggests", "nightly": "backs up"}
"""What the daemon does at each job."""


def in_a_line(daemon_state: DaemonState, zone: tzinfo) -> str:
    """For `systemctl status`. Times are shown in `zone`."""
    parts = []
    if daemon_state.problems:
        parts.append("the config has mistakes, the last one without stays in force")
    if daemon_state.troubles:
        parts.append(f"trouble with {', '.join(daemon_state.troubles)}")
    if daemon_state.reading:
        parts.append("reading now")
    for task, at in daemon_state.upcoming:
        if task != "poll" or not daemon_state.reading:
            parts.append(f"{WORDS[task]} {at_time(at, zone)}")
    return "; ".join(parts) or "looking at the config"
