"""What an account lets fikad do: each way of telling what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.base import Account, Calendar
from connectors.errors import UnreachableError
from daemon.checks.abilities import free_busy_row, sync_row
from daemon.config.schema import CalDAVEntry, FilesEntry

HOME = CalDAVEntry.model_validate(
    {"type": "caldav", "url": "https://dav.example/"}, context={"folder": Path("/")}
)


@dataclass
class Served:
    """As much of a calendar as the row looks at."""

    name: str
    version: str | None
    keeps_history: bool


def told(*calendars: Served) -> tuple[str, str]:
    row = sync_row("home", HOME, cast("list[Calendar]", list(calendars)))
    assert row is not None
    assert row.thing == "changes of home"
    assert bool(row.next) is (row.state != "ok")
    return row.state, row.message


@pytest.mark.parametrize(
    ("calendars", "state", "words"),
    [
        ([Served("Work", "1", True)], "ok", "the server tells what changed (sync token)"),
        ([Served("Work", "1", True), Served("Old", "1", False)], "ok", "Old: no sync token"),
        (
            [Served("Old", "1", False), Served("Dull\u202e", None, False)],
            "warning",
            "Dull cannot tell",
        ),
    ],
)
def test_how_changes_are_found(calendars: list[Served], state: str, words: str) -> None:
    answer = told(*calendars)
    assert answer[0] == state
    assert answer[1].startswith(words)


def test_files_and_no_calendars_say_nothing() -> None:
    files = cast("Any", FilesEntry.model_construct(type="files", path=Path("/")))
    assert sync_row("x", files, cast("list[Calendar]", [Served("Work", None, False)])) is None
    assert sync_row("home", HOME, []) is None


# --- free/busy ---

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Asked:
    """As much of an account, and of whom it asks for free/busy, as the row looks at."""

    why_not: str = ""
    down: UnreachableError | None = None

    @property
    def free_busy(self) -> Asked:
        return self

    def obstacle(self, now: datetime) -> str:
        if self.down is not None:
            raise self.down
        return self.why_not


@pytest.mark.parametrize(
    ("asked", "state", "message", "next_step"),
    [
        (Asked(), "ok", "it can be asked when others are busy", ""),
        (Asked("Google may not say: run it"), "warning", "Google may not say", "run it"),
        (Asked("it has no outbox"), "warning", "it has no outbox", "the other accounts are asked"),
        (Asked(down=UnreachableError("it is down", "wait")), "warning", "it is down", "wait"),
    ],
)
def test_whether_a_server_can_be_asked_when_others_are_busy(
    asked: Asked, state: str, message: str, next_step: str
) -> None:
    row = free_busy_row("home", cast("Account", asked), NOW)
    assert row is not None
    assert (row.thing, row.state) == ("free/busy of home", state)
    assert row.message.startswith(message)
    assert row.next.startswith(next_step)
    assert bool(row.next) is (state != "ok")


def test_an_account_without_a_server_says_nothing_of_free_busy() -> None:
    class Files:
        free_busy = None

    assert free_busy_row("export", cast("Account", Files()), NOW) is None
