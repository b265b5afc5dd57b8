"""What an account lets fikad do: each way of telling what changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.base import Calendar
from daemon.checks.abilities import sync_row
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
