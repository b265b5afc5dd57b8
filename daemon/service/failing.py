"""Accounts that fail: what they said, and until when each is left alone (see `backoff`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from daemon.service.backoff import MOST, Backoff, failed
from daemon.service.job import AccountResult, titled
from daemon.service.logs import Failures

if TYPE_CHECKING:
    from daemon.ledger.reading_state import ReadingState

_WELL = ("ok", "suspect")
"""States that are asked about at every poll: a suspect calendar answers."""


@dataclass(frozen=True, slots=True)
class _FailingAccount:
    state: ReadingState
    message: str
    backoff: Backoff


class FailingAccounts:
    """The accounts that cannot be read now."""

    def __init__(self, failures: Failures, chance: Random) -> None:
        self._failures = failures
        self._chance = chance
        self._failing: dict[str, _FailingAccount] = {}

    def remember(self, accounts: Iterable[AccountResult], now: datetime) -> None:
        """Accounts that failed before the daemon started: due at once, and what they said is no
        news."""
        for account in accounts:
            if account.state not in _WELL:
                self._failing[account.name] = _FailingAccount(
                    account.state, account.message, Backoff(0, now, timedelta())
                )

    def note(
        self,
        accounts: Iterable[AccountResult],
        left_alone: Iterable[str],
        now: datetime,
        poll: timedelta,
    ) -> None:
        """How the accounts of the config fared in a pass that left some alone. `poll`: how often
        they are read.

        An account whose secret cannot be had is tried at every poll: that bothers no server. When
        one recovers, those
        that were left alone need not wait any longer: perhaps the network is back."""
        recovered, names, alone = False, set[str](), set(left_alone)
        for account in accounts:
            names.add(account.name)
            if account.name not in alone:
                recovered |= self._note(account, now, poll if account.local else MOST)
        for name in self._failing.keys() - names:
            del self._failing[name]
            self._failures.forget(titled(name))
        if recovered:
            self.try_again(alone)

    def _note(self, account: AccountResult, now: datetime, most: timedelta) -> bool:
        if account.state == "ok":
            self._failures.ended(titled(account.name), now)
        else:
            self._failures.failed(titled(account.name), account.message, now)
        before = self._failing.pop(account.name, None)
        if account.state in _WELL:
            return before is not None
        backoff = failed(before.backoff if before else None, now, self._chance, most)
        self._failing[account.name] = _FailingAccount(account.state, account.message, backoff)
        return False

    def try_again(self, names: Iterable[str] | None = None) -> None:
        """These accounts (by default all) are due at once."""
        for name in self._failing.keys() & (self._failing if names is None else set(names)):
            failing = self._failing[name]
            self._failing[name] = replace(
                failing, backoff=replace(failing.backoff, wait=timedelta())
            )

    def any_ready(self, now: datetime) -> bool:
        """Whether one is due to be tried again."""
        return any(failing.backoff.ready(now) for failing in self._failing.values())

    def left_alone(self, now: datetime) -> dict[str, tuple[ReadingState, str]]:
        """Those that are not due, with the state and message that they keep."""
        return {
            name: (failing.state, failing.message)
            for name, failing in self._failing.items()
            if not failing.backoff.ready(now)
        }

    def retries(self) -> dict[str, datetime]:
        """When each is tried again (UTC)."""
        return {name: failing.backoff.until for name, failing in sorted(self._failing.items())}
