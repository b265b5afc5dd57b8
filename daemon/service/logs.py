"""What the daemon tells: one line per fact, on stderr, and nothing when nothing happens.

In the journal a line begins with its priority (`<4>`, see sd-daemon(3)) and carries no time, since
the journal keeps that itself; anywhere else it begins with the user's local time. Whatever a line
is made of, it stays one printable line. A failure that goes on is told once, and when it ends, how
often it happened."""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from connectors.sanitize import sanitize
from connectors.trace import start_tracing, tracing
from daemon.durations import roughly

LOG = logging.getLogger("fikad")
_LONGEST = 500
_PRIORITIES = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


class Journal(logging.Formatter):
    """Lines for the journal."""

    def format(self, record: logging.LogRecord) -> str:
        return f"<{_PRIORITIES.get(record.levelno, 5)}>{sanitize(record.getMessage(), _LONGEST)}"


class Human(logging.Formatter):
    """Lines for people and files: the time in `zone`, and a word in front of trouble."""

    zone: tzinfo = UTC

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, self.zone)
        word = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return f"{when:%Y-%m-%d %H:%M:%S} {word}{sanitize(record.getMessage(), _LONGEST)}"


def start_logging(stream: TextIO, environment: Mapping[str, str] = os.environ) -> logging.Formatter:
    """Send what the daemon tells to `stream`; returns the formatter in use."""
    formatter = formatter_for(stream, environment)
    if tracing():
        start_tracing(stream, formatter)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    LOG.handlers = [handler]
    LOG.propagate = False
    LOG.setLevel(logging.INFO)
    # A log that cannot be written (a full disk, a closed pipe) is no reason to print a traceback
    # into it.
    logging.raiseExceptions = False
    return formatter


def formatter_for(stream: TextIO, environment: Mapping[str, str] = os.environ) -> logging.Formatter:
    """How lines look there: in the journal, or anywhere else."""
    return Journal() if _is_journal(stream, environment) else Human()


def zone_at_a_glance(config: Path) -> tzinfo:
    """The zone that the first lines of the log are in, so that it does not change when the config
    has been read: the config's, as far as that can be told at a glance, else the system's."""
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        return ZoneInfo(tomllib.loads(config.read_bytes().decode("utf-8-sig"))["timezone"])
    return datetime.now().astimezone().tzinfo or UTC


def _is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether the stream is connected to the journal: systemd names its device and inode
    (systemd.exec(5)), so that a stderr that was redirected since is not mistaken for it."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


@dataclass(frozen=True, slots=True)
class _OngoingFailure:
    message: str
    times: int
    since: datetime


class Failures:
    """Failures that go on, by the name of what fails."""

    def __init__(self) -> None:
        self._failing: dict[str, _OngoingFailure] = {}

    def failed(self, name: str, message: str, now: datetime) -> None:
        """Tell a failure, unless it is the one told last."""
        before = self._failing.get(name)
        if before is None or before.message != message:
            LOG.warning("%s: %s", name, message)
        self._failing[name] = (
            replace(before, message=message, times=before.times + 1)
            if before
            else _OngoingFailure(message, 1, now)
        )

    def ended(self, name: str, now: datetime) -> None:
        """Tell that a failure is over; nothing if there was none."""
        before = self._failing.pop(name, None)
        if before is not None:
            times = "once" if before.times == 1 else f"{before.times} times"
            LOG.info(
                "%s: well again, after failing %s in %s", name, times, roughly(now - before.since)
            )

    def forget(self, name: str) -> None:
        """What failed is no more."""
        self._failing.pop(name, None)
