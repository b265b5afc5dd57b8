"""Accounts whose reading is given up when it takes too long, in one step or in all, so that the
others get their turn.

Only reading is cut short, and as if the server had not answered. Writing never is: a write that was
interrupted may or may not have arrived, and connectors limit each of their requests anyway."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import TypeVar

from connectors.address_book import AddressBook, AddressBookAccount, CardChanges
from connectors.base import Account, Calendar, Changes, KnownResources
from connectors.errors import UnreachableError
from connectors.forwarding import ForwardedAccount, ForwardedCalendar
from connectors.forwarding_books import ForwardedAddressBook, ForwardedAddressBookAccount
from connectors.free_busy import BusyTimes, FreeBusySource

Batch = TypeVar("Batch")

STEP_SECONDS = 5 * 60
"""For the list of calendars, and for each batch of changes: every request in it has a limit of its
own, much shorter; this one is for servers that answer drop by drop."""


def with_time_limits(
    opener: Callable[[str], Account],
    step_seconds: float = STEP_SECONDS,
    all_seconds: float = 5 * STEP_SECONDS,
) -> Callable[[str], Account]:
    """Opens accounts like `opener`; their reading raises UnreachableError when a step takes longer
    than `step_seconds`, or all steps of an account together longer than `all_seconds`: what came
    until then has been read. For the main thread of a process that uses no other timer."""

    def open_named(name: str) -> Account:
        return _Account(opener(name), _TimeLeft(step_seconds, all_seconds))

    return open_named


def with_book_limits(
    opener: Callable[[str], AddressBookAccount],
    step_seconds: float = STEP_SECONDS,
    all_seconds: float = 5 * STEP_SECONDS,
) -> Callable[[str], AddressBookAccount]:
    """The same for address books."""

    def open_named(name: str) -> AddressBookAccount:
        return _AddressBookAccount(opener(name), _TimeLeft(step_seconds, all_seconds))

    return open_named


class _TimeLeft:
    """What is left of it, for one account or address book."""

    def __init__(self, step_seconds: float, all_seconds: float) -> None:
        self._step_seconds = step_seconds
        self._left_seconds = all_seconds

    @contextmanager
    def step(self) -> Iterator[None]:
        """Waits that long for a step, and no longer."""
        if self._left_seconds <= 0:
            raise UnreachableError(*_TOO_SLOW)
        seconds = min(self._step_seconds, self._left_seconds)

        def give_up(number: int, frame: FrameType | None) -> None:
            raise UnreachableError(*_TOO_SLOW)

        began = time.monotonic()
        before = signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            self._left_seconds -= time.monotonic() - began

    def each(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Each of them as one step."""
        while True:
            with self.step():
                batch = next(batches, None)
            if batch is None:
                return
            yield batch


_TOO_SLOW = ("its answers take too long", "what came is kept, trying again later")


class _Account(ForwardedAccount):
    def __init__(self, account: Account, time_left: _TimeLeft) -> None:
        super().__init__(account)
        self._time_left = time_left

    def calendars(self, now: datetime) -> Sequence[Calendar]:
        with self._time_left.step():
            listed = self._account.calendars(now)
        return [_Calendar(calendar, self._time_left) for calendar in listed]

    @property
    def free_busy(self) -> FreeBusySource | None:
        source = self._account.free_busy
        return None if source is None else _FreeBusy(source, self._time_left)


class _FreeBusy:
    def __init__(self, source: FreeBusySource, time_left: _TimeLeft) -> None:
        self._source, self._time_left = source, time_left

    def obstacle(self, now: datetime) -> str:
        with self._time_left.step():
            return self._source.obstacle(now)

    def busy_times(self, addresses: Collection[str], start: datetime, end: datetime) -> BusyTimes:
        with self._time_left.step():
            return self._source.busy_times(addresses, start, end)


class _Calendar(ForwardedCalendar):
    def __init__(self, calendar: Calendar, time_left: _TimeLeft) -> None:
        super().__init__(calendar)
        self._time_left = time_left

    def changes(
        self, token: str | None, known: KnownResources, *, complete: bool = False
    ) -> Iterator[Changes]:
        return self._time_left.each(self._calendar.changes(token, known, complete=complete))


class _AddressBookAccount(ForwardedAddressBookAccount):
    def __init__(self, account: AddressBookAccount, time_left: _TimeLeft) -> None:
        super().__init__(account)
        self._time_left = time_left

    def books(self, now: datetime) -> Sequence[AddressBook]:
        with self._time_left.step():
            listed = self._account.books(now)
        return [_AddressBook(book, self._time_left) for book in listed]


class _AddressBook(ForwardedAddressBook):
    def __init__(self, book: AddressBook, time_left: _TimeLeft) -> None:
        super().__init__(book)
        self._time_left = time_left

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        return self._time_left.each(self._book.changes(token, known, complete=complete))
