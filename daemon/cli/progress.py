"""How far something is that takes a while: a bar on a terminal, lines where none can be drawn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.trace import tracing
from daemon.cli.console import plain, stderr_console, tell

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from daemon.cycle.reading import Progress

_WORTH_SHOWING = 100
"""Readings of fewer resources are over before a bar could be read."""
_SECONDS_BETWEEN_LINES = 2.0
"""What is over sooner prints no line, and nothing is silent for longer than about this."""


@contextmanager
def reading_progress() -> Iterator[Progress]:
    """What a pass reports its reading to: a bar per calendar on stderr where that is a terminal
    that may be drawn on, and nobody asked for lines there (`--verbose`); else nothing."""
    if not _drawable():
        yield lambda account, calendar, done, expected: None
        return
    from rich.progress import TaskID

    with _bars() as bars:
        tasks: dict[tuple[str, str], TaskID] = {}

        def show(account: str, calendar: str, done: int, expected: int | None) -> None:
            if (expected or done) < _WORTH_SHOWING:
                return
            key = (account, calendar)
            if key not in tasks:
                tasks[key] = bars.add_task(f"reading {calendar}", total=expected)
            bars.update(tasks[key], completed=done, total=expected)

        yield show


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """What is told how many of `total` are done: a bar on stderr where one can be drawn, else
    lines."""
    if not _drawable():
        yield lines_between(total, time.monotonic)
        return
    with _bars() as bars:
        task = bars.add_task(what, total=total)
        yield lambda done: bars.update(task, completed=done)


def lines_between(total: int, monotonic: Callable[[], float]) -> Callable[[int], None]:
    """Tells on stdout how many of `total` are done whenever `monotonic`, a clock in seconds, says
    that nothing was for a while."""
    last = monotonic()

    def show(done: int) -> None:
        nonlocal last
        if done < total and monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = monotonic()
            tell(f"  {done} of {total}")

    return show


def _drawable() -> bool:
    return sys.stderr.isatty() and not tracing() and not plain()


def _bars() -> Bars:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=stderr_console(), transient=True)
