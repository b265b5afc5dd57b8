"""Running the `fikad` command as a user does: a process of its own, in a home of its own."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.daemon.cli.forking import run_command

CHECKOUT = Path(__file__).parents[3]

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Fikad:
    """One installation: a config file and a state folder."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def configure(self, text: str) -> None:
        self.config.write_text(text)

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        """Run `fikad` with this config and state; no traceback may ever be seen."""
        given = {
            "FIKAD_CONFIG": str(self.config),
            "FIKAD_STATE": str(self.state),
            "PYTHONPATH": str(CHECKOUT),
        }
        done = run_command(arguments, self.folder, {**os.environ, **given, **environment}, stdin)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)


def days_ago(days: int, hour: int = 10) -> datetime:
    """That hour of the wall clock in Berlin, so many days ago (negative: ahead)."""
    day = datetime.now(UTC).astimezone(BERLIN) - timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def event(uid: str, title: str, start: datetime, minutes: int = 60, *extra: str) -> str:
    """An event as another program writes it; `extra` are further lines."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//another program//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTEND:{start.astimezone(UTC) + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        *extra,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines)


def with_guests(*guests: str, organizer: str = "sam@example.com") -> tuple[str, ...]:
    """The lines of an invitation that everybody accepted, sam included."""
    people = ("sam@example.com", *guests)
    return (
        f"ORGANIZER:mailto:{organizer}",
        *(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{person}" for person in people),
    )


CONTACTS = """
[circles.friends]
cadence = "1 month"

[[contacts]]
name = "Jane Doe"
emails = ["jane@example.org"]
circle = "friends"

[[contacts]]
name = "Omar Haddad"
emails = ["omar@example.org"]
circle = "friends"
"""

ALWAYS = """
timezone = "Europe/Berlin"
me = ["sam@example.com"]
[rhythm]
per_week = 7
per_day = 7
[availability]
monday = ["09:00-18:00"]
tuesday = ["09:00-18:00"]
wednesday = ["09:00-18:00"]
thursday = ["09:00-18:00"]
friday = ["09:00-18:00"]
saturday = ["09:00-18:00"]
sunday = ["09:00-18:00"]
[occasions.coffee]
title = "Coffee with {name}?"
minutes = 45
between = ["09:30-11:30", "14:30-16:30"]
"""
"""Open every day, so that a test passes on every day of the year."""
