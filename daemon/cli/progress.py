"""A progress bar for the first reading of a large calendar, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.trace import tracing
from daemon.cli.console import plain, stderr_console

if TYPE_CHECKING:
    from daemon.cycle.reading import Progress

_WORTH_SHOWING = 100
"""Readings of fewer resources are over before a bar could be read."""


@contextmanager
def reading_progress() -> Iterator[Progress]:
    """What a pass reports its reading to: a bar per calendar on stderr where that is a terminal
    that may be drawn on, and nobody asked for lines there (`--verbose`); else nothing."""
    if tracing() or plain() or not sys.stderr.isatty():
        yield lambda account, calendar, done, expected: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr_console(), transient=True) as bars:
        tasks: dict[tuple[str, str], TaskID] = {}

        def show(account: str, calendar: str, done: int, expected: int | None) -> None:
            if (expected or done) < _WORTH_SHOWING:
                return
            key = (account, calendar)
            if key not in tasks:
                tasks[key] = bars.add_task(f"reading {calendar}", total=expected)
            bars.update(tasks[key], completed=done, total=expected)

        yield show
