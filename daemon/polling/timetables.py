"""A timetable as JSON: between the daemon and its workers, and from one poll to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from daemon.planning.agenda import Timetable


def timetable_json(table: Timetable) -> dict[str, Any]:
    """For `timetable_from`."""
    return {
        "poll_seconds": table.poll.total_seconds(),
        "plan_weekday": table.plan_weekday,
        "plan_at": table.plan_at.isoformat(),
        "zone": table.zone.key,
    }


def timetable_from(facts: Mapping[str, Any]) -> Timetable:
    """The timetable as sent. Raises KeyError, TypeError or ValueError for anything else."""
    return Timetable(
        timedelta(seconds=facts["poll_seconds"]),
        facts["plan_weekday"],
        time.fromisoformat(facts["plan_at"]),
        _zone(facts["zone"]),
    )


def _zone(key: str) -> ZoneInfo:
    """A zone by name; a system that names none has its rules in a file all the same (tzlocal calls
    it "local")."""
    if key != "local":
        return ZoneInfo(key)
    with Path("/etc/localtime").open("rb") as rules:
        return ZoneInfo.from_file(rules, key=key)
