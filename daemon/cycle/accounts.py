"""The accounts of one pass: opened once, read as often as it takes to decide, closed at its end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Account, Calendar
from connectors.errors import AccountError
from connectors.ical.expansion import Expander
from daemon.config.schema import Config
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.hold_calendar import hold_calendars
from daemon.cycle.reading import Progress, ReadAccount, Scope, failed, read_account
from daemon.cycle.tracing import trace_reading
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import CalendarKey

Opener = Callable[[str], Account]
"""Opens an account by its name in the config; raises AccountError."""


@dataclass(frozen=True, slots=True)
class AccountsRead:
    """All accounts that could be opened, as they were read at one moment."""

    accounts: Sequence[ReadAccount]
    accept_empty: Collection[str]
    """Names of accounts whose calendars may be empty all of a sudden."""

    @property
    def well(self) -> list[ReadAccount]:
        """Those that were read to their end."""
        return [read for read in self.accounts if read.reading.state == "ok"]

    @property
    def calendars(self) -> dict[CalendarKey, Calendar]:
        """The calendars that were read to their end."""
        return {
            (read.account.name, calendar.id): calendar
            for read in self.well
            for calendar in read.calendars
        }

    @property
    def gone(self) -> frozenset[str]:
        """Accounts of which the user said that what they don't list is gone."""
        return frozenset(
            read.account.name for read in self.well if read.account.name in self.accept_empty
        )

    def is_followed_quietly(self, later: AccountsRead) -> bool:
        """Whether nothing came in between this reading and a later one."""
        return self._listed == later._listed and not any(
            read.reading.changed for read in later.accounts
        )

    @property
    def _listed(self) -> list[tuple[str, frozenset[str]]]:
        """What must be the same just before the first write as it was judged, beside the events:
        each account's state and its calendars."""
        return [
            (read.reading.state, frozenset(calendar.id for calendar in read.calendars))
            for read in self.accounts
        ]


class PassAccounts:
    """The accounts of one pass; a context manager that closes them."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        *,
        expander: Expander | None,
        progress: Progress,
        accept_empty: Collection[str],
        note: Callable[[AccountReading], None],
    ) -> None:
        """`note` is told how each account was read. An `expander` may be lent; otherwise one is
        started, and ended with the pass."""
        self._config, self._ledger, self._progress = config, ledger, progress
        self._accept_empty, self._note = accept_empty, note
        self._opened: dict[str, Account] = {}
        self._failed: dict[str, AccountReading] = {}
        self._stack = ExitStack()
        self._expander = expander or self._stack.enter_context(Expander())

    def __enter__(self) -> PassAccounts:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open(self, opener: Opener) -> None:
        """Open every account; one that fails does not stop the others."""
        for name in self._config.accounts:
            try:
                account = opener(name)
            except AccountError as error:
                self._failed[name] = failed(name, error, self._ledger)
                continue
            self._stack.callback(account.close)
            self._opened[name] = account

    @property
    def opened(self) -> tuple[Account, ...]:
        """Those that could be opened, in the order of the config."""
        return tuple(self._opened.values())

    def read(self, now: datetime) -> AccountsRead:
        """Read every account that could be opened, and note how each of all fared."""
        config = self._config
        scope = Scope(now, config.zone, config.history, config.rhythm.horizon, self._progress)
        accounts = []
        for name in config.accounts:
            if name in self._opened:
                accounts.append(read := self._read(self._opened[name], scope))
                reading = read.reading
            else:
                reading = self._failed[name]
            trace_reading(reading)
            self._note(reading)
        return AccountsRead(accounts, self._accept_empty)

    def save_memos(self) -> None:
        """What was created while writing must be known to the next pass, which may be another
        process."""
        for account in self._opened.values():
            self._ledger.save_memo(account.name, account.memo)

    def _read(self, account: Account, scope: Scope) -> ReadAccount:
        return read_account(
            account,
            self._config.accounts[account.name],
            self._ledger,
            self._expander,
            scope,
            hold_calendars=hold_calendars(self._config, self._ledger, account.name),
            accept_empty=account.name in self._accept_empty,
        )
