"""Accounts that count, interfere, or cannot be opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import UnreachableError
from tests.memory import MemoryAccount, MemoryCalendar


@dataclass
class Counting(MemoryAccount):
    """An account that counts how often it is listed, and at one time does something first."""

    listed: int = 0
    at: dict[int, Callable[[], object]] = field(default_factory=dict)

    def calendars(self, now: datetime) -> Sequence[MemoryCalendar]:
        self.listed += 1
        self.at.get(self.listed, lambda: None)()
        return tuple(self.held)


class Down:
    """One account, and another one that cannot be opened."""

    def __init__(self, account: MemoryAccount) -> None:
        self.account = account

    def __call__(self, name: str) -> MemoryAccount:
        if name != self.account.name:
            raise UnreachableError("down")
        return self.account
