"""Accounts whose reading is given up when one step of it takes too long, so that the other accounts get their turn.

Only reading is cut short, and as if the server had not answered. Writing never is: a write that was interrupted may
or may not have arrived, and connectors limit each of their requests anyway.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any, cast

from connectors.base import Account, Calendar, Changes, UnreachableError

STEP_SECONDS = 5 * 60
"""For the list of calendars, and for each batch of changes: every request in it has a limit of its own, much shorter;
this one is for servers that answer drop by drop."""


def impatient(opener: Callable[[str], Account], step_seconds: float = STEP_SECONDS) -> Callable[[str], Account]:
    """Opens accounts like `opener`; their reading raises UnreachableError when a step takes longer than
    `step_seconds`. For the main thread of a process that uses no other timer."""

    def open_named(name: str) -> Account:
        return cast(Account, _Account(opener(name), step_seconds))

    return open_named


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def give_up(number: int, frame: FrameType | None) -> None:
        raise UnreachableError(f"an answer took longer than {seconds / 60:.0f} minutes: trying again later")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Account:
    def __init__(self, account: Account, step_seconds: float) -> None:
        self._account = account
        self._step_seconds = step_seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)

    def calendars(self, now: datetime) -> Sequence[Calendar]:
        with _at_most(self._step_seconds):
            listed = self._account.calendars(now)
        return [cast(Calendar, _Calendar(calendar, self._step_seconds)) for calendar in listed]


class _Calendar:
    def __init__(self, calendar: Calendar, step_seconds: float) -> None:
        self._calendar = calendar
        self._step_seconds = step_seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._calendar, name)

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        batches = self._calendar.changes(token, known, complete=complete)
        while True:
            with _at_most(self._step_seconds):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch
