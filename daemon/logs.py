"""What the daemon tells: one line per fact, on stderr, and nothing when nothing happens.

In the journal a line begins with its priority (`<4>`, see sd-daemon(3)) and carries no time, since the journal keeps
that itself; anywhere else it begins with the time. Whatever a line is made of, it stays one printable line. A failure
that goes on is told once, and when it ends, how often it happened.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

LOG = logging.getLogger("fikad")
_LONGEST = 500
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class Journal(logging.Formatter):
    """Lines for the journal."""

    def format(self, record: logging.LogRecord) -> str:
        return f"<{_PRIORITIES.get(record.levelno, 5)}>{one_line(record.getMessage())}"


class Human(logging.Formatter):
    """Lines for people and files: local time, and a word in front of trouble."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created).astimezone(self._zone())
        word = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return f"{when:%Y-%m-%d %H:%M:%S} {word}{one_line(record.getMessage())}"

    def __init__(self, zone: Callable[[], datetime | None] | None = None) -> None:
        super().__init__()
        self._of_zone = zone

    def _zone(self) -> None:
        return None


def one_line(text: str) -> str:
    """Text that cannot pretend to be another line, or steer a terminal: printable, one line, not endless."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
