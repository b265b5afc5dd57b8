"""A folder of .ics files for tests, and what a caller keeps of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Changes, HoldDraft, Problem, Resource
from connectors.files.account import FilesAccount, FilesCalendar
from connectors.files.zipped import ZippedCalendar
from tests.connectors.stored import Stored

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UID = "fikad-0123-jane"
NOBODY = 65534


def event(uid: str, title: str = "Lunch", *lines: str) -> str:
    start = "DTSTART:20261201T100000Z", "DTEND:20261201T110000Z"
    return "\r\n".join(
        ("BEGIN:VEVENT", f"UID:{uid}", *start, f"SUMMARY:{title}", *lines, "END:VEVENT", "")
    )


def calendar(*events: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"
        + "".join(events)
        + "END:VCALENDAR\r\n"
    )


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def draft(title: str = "Coffee with Jane Doe?", day: int = 1, uid: str = UID) -> HoldDraft:
    start = datetime(2026, 12, day, 9, 30, tzinfo=UTC)
    return HoldDraft(
        uid,
        title,
        start,
        start + timedelta(minutes=45),
        "Last met 7 weeks ago.\nDelete it to say no.",
    )


def calendars(
    path: Path, memo: dict[str, Any] | None = None
) -> list[FilesCalendar | ZippedCalendar]:
    return list(FilesAccount("home", path, {} if memo is None else memo).calendars(NOW))


def only_calendar(path: Path) -> FilesCalendar:
    [calendar] = calendars(path)
    assert isinstance(calendar, FilesCalendar)
    return calendar


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, hidden files too."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@dataclass
class Memory(Stored):
    """What a caller keeps of a calendar between polls."""

    path: Path

    def poll(self, *, complete: bool = False) -> Changes:
        """Take in what changed; all batches as one."""
        changed: list[Resource] = []
        problems: list[Problem] = []
        last = Changes()
        for last in only_calendar(self.path).changes(self.token, self.known, complete=complete):
            changed += last.changed
            problems += last.problems
            self.store(last.changed)
        self.drop(last.removed)
        self.token = last.token
        return Changes(
            tuple(changed), last.removed, last.token, last.last, last.expected, tuple(problems)
        )

    def titles(self) -> list[str]:
        lines = (line for text in self.texts.values() for line in text.splitlines())
        return sorted(
            line.removeprefix("SUMMARY:") for line in lines if line.startswith("SUMMARY:")
        )


@contextmanager
def without_privileges(folder: Path) -> Iterator[None]:
    """As an ordinary user: to root no file is closed. `folder` and what is in it become theirs."""
    if os.geteuid() != 0:
        yield
        return
    for path in [folder, *folder.rglob("*")]:
        os.lchown(path, NOBODY, NOBODY)
    closed = [parent for parent in folder.parents if not parent.stat().st_mode & 0o001]
    modes = [parent.stat().st_mode for parent in closed]
    for parent, mode in zip(closed, modes, strict=True):
        parent.chmod(mode | 0o001)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        for parent, mode in zip(closed, modes, strict=True):
            parent.chmod(mode)
