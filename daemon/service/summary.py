"""The daemon's state in one line: what is wrong, else what comes next."""

from __future__ import annotations

from datetime import tzinfo

from daemon.durations import at_time
from daemon.service.daemon_state import Presence

WORDS = {"poll": "reads", "plan": "suggests", "nightly": "backs up"}
"""What the daemon does at each job."""


def in_a_line(presence: Presence, zone: tzinfo) -> str:
    """For `systemctl status`. Times are shown in `zone`."""
    parts = []
    if presence.problems:
        parts.append("the config has mistakes, the last one without stays in force")
    if presence.troubles:
        parts.append(f"trouble with {', '.join(presence.troubles)}")
    if presence.reading:
        parts.append("reading now")
    for job, at in presence.upcoming:
        if job != "poll" or not presence.reading:
            parts.append(f"{WORDS[job]} {at_time(at, zone)}")
    return "; ".join(parts) or "looking at the config"
