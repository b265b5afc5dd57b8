"""Asking every account and address book for what it lists, before anything is loaded that judges or
plans.

What was asked is handed on: where there is news, the pass takes the very account that brought them,
with the listing that it gave, and asks for nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.errors import AccountError
from connectors.forwarding import ForwardedAccount
from connectors.forwarding_books import ForwardedAddressBookAccount
from daemon.ledger.polled import open_polled
from daemon.polling.mark import (
    Propose,
    QuietMark,
    listing_of_books,
    listing_of_calendars,
    load_mark,
)
from daemon.polling.news import Listed, Stored, has_no_news
from daemon.polling.prints import config_text

if TYPE_CHECKING:
    from connectors.address_book import AddressBook, AddressBookAccount
    from connectors.base import Account, Calendar
    from daemon.polling.access import Access

Opener = Callable[[str], "Account"]
BookOpener = Callable[[str], "AddressBookAccount"]
_Opened = TypeVar("_Opened", "Account", "AddressBookAccount")


class _AskedAccount(ForwardedAccount):
    """An account that was asked once: its first listing is the one that it gave then."""

    def __init__(self, account: Account, listing: Sequence[Calendar] | AccountError) -> None:
        super().__init__(account)
        self._listing: Sequence[Calendar] | AccountError | None = listing
        self._owed = account.requests

    @property
    def requests(self) -> int:
        """Those of the listing count when it is asked for."""
        return self._account.requests - self._owed

    def calendars(self, now: datetime) -> Sequence[Calendar]:
        listing, self._listing, self._owed = self._listing, None, 0
        if isinstance(listing, AccountError):
            raise listing
        return self._account.calendars(now) if listing is None else listing


class _AskedBooks(ForwardedAddressBookAccount):
    """The same for an address book."""

    def __init__(
        self, account: AddressBookAccount, listing: Sequence[AddressBook] | AccountError
    ) -> None:
        super().__init__(account)
        self._listing: Sequence[AddressBook] | AccountError | None = listing
        self._owed = account.requests

    @property
    def requests(self) -> int:
        return self._account.requests - self._owed

    def books(self, now: datetime) -> Sequence[AddressBook]:
        listing, self._listing, self._owed = self._listing, None, 0
        if isinstance(listing, AccountError):
            raise listing
        return self._account.books(now) if listing is None else listing


class Asking:
    """One poll that asks first. What it opened is handed on by `opener` and `book_opener`, or
    closed by `close`."""

    def __init__(
        self,
        config: Path,
        kept: Path,
        state: Path,
        sessions: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        """`kept` is the file whose text is in force: `config` itself, or a copy of it. `sessions`
        is memory by login for what must not reach a disk (see `StoredToken.session`); it is written
        to. Reads the mark, if there is one for that text, and asks nobody. Raises LedgerError."""
        self._sessions = sessions
        self.accounts: dict[str, Account] = {}
        self.books: dict[str, AddressBookAccount] = {}
        self._failed: dict[tuple[str, str], AccountError] = {}
        text = config_text(kept)
        self.ledger = None if text is None else open_polled(state)
        self.mark = (
            None if text is None or self.ledger is None else load_mark(self.ledger, config, text)
        )

    def finds_nothing(
        self,
        propose: Propose,
        now: datetime,
        limited: Callable[[Opener], Opener] = lambda opener: opener,
        books_limited: Callable[[BookOpener], BookOpener] = lambda opener: opener,
    ) -> bool:
        """Whether nothing is due, nothing was decided since, and everybody lists what they listed
        then, with nothing changed in it. Asks no more once somebody does not. What is opened is
        opened through `limited`."""
        mark = self.mark
        return (
            mark is not None
            and self.ledger is not None
            and mark.covers(propose, now)
            and self.ledger.decided() == mark.decided
            and self._all_well(mark)
            and all(
                self._lists_as_before(mark, name, limited(self._opened), now)
                for name in mark.accounts
            )
            and all(
                self._has_as_before(mark, name, books_limited(self._opened_books), now)
                for name in mark.books
            )
        )

    def _opened(self, name: str) -> Account:
        if self.mark is None or self.ledger is None:
            raise KeyError(name)
        access = self.mark.accounts[name].access
        return access.account(self.ledger.accounts()[name].memo, self._session(access))

    def _opened_books(self, name: str) -> AddressBookAccount:
        if self.mark is None or self.ledger is None:
            raise KeyError(name)
        access = self.mark.books[name].access
        memo = self.ledger.address_books()[name].memo
        return access.address_book(name, memo, self._session(access))

    def _session(self, access: Access) -> dict[str, Any] | None:
        """That of its login."""
        return None if self._sessions is None else self._sessions.setdefault(access.table[1], {})

    def _all_well(self, mark: QuietMark) -> bool:
        """Whether everybody was read well the last time."""
        if self.ledger is None:
            return False
        accounts, books = self.ledger.accounts(), self.ledger.address_books()
        return all(
            name in accounts and accounts[name].state == "ok" for name in mark.accounts
        ) and all(name in books and books[name].state == "ok" for name in mark.books)

    def _lists_as_before(self, mark: QuietMark, name: str, opener: Opener, now: datetime) -> bool:
        account = self._open("accounts", name, opener)
        if account is None or self.ledger is None:
            return False
        try:
            listing = account.calendars(now)
        except AccountError as error:
            self.accounts[name] = _AskedAccount(account, error)
            return False
        self.accounts[name] = _AskedAccount(account, listing)
        stored = self.ledger.calendars(name)
        same = listing_of_calendars(listing) == mark.accounts[name].listing
        return same and _no_news(listing, stored, now)

    def _has_as_before(self, mark: QuietMark, name: str, opener: BookOpener, now: datetime) -> bool:
        account = self._open("addressbooks", name, opener)
        if account is None or self.ledger is None:
            return False
        try:
            listing = account.books(now)
        except AccountError as error:
            self.books[name] = _AskedBooks(account, error)
            return False
        self.books[name] = _AskedBooks(account, listing)
        same = listing_of_books(listing) == mark.books[name].listing
        return same and _no_news(listing, self.ledger.books(name), now)

    def _open(self, section: str, name: str, opener: Callable[[str], _Opened]) -> _Opened | None:
        try:
            return opener(name)
        except AccountError as error:
            self._failed[section, name] = error
            return None

    # --- what becomes of what was opened

    def record(self, now: datetime) -> None:
        """Everybody was read well at `now`: what a pass would have recorded."""
        if self.ledger is None:
            return
        known, books = self.ledger.accounts(), self.ledger.address_books()
        with self.ledger.transaction():
            for name, account in self.accounts.items():
                state = replace(
                    known[name], message=account.remark, last_success=now, memo=account.memo
                )
                self.ledger.save_account(state)
            for name, book in self.books.items():
                self.ledger.save_address_book(
                    replace(books[name], message="", last_success=now, memo=book.memo)
                )

    def opener(self, opener: Opener) -> Opener:
        """Opens accounts like `opener`; those that were asked are as they were asked."""
        return self._handing("accounts", self.accounts, opener)

    def book_opener(self, opener: BookOpener) -> BookOpener:
        """The same for address books."""
        return self._handing("addressbooks", self.books, opener)

    def _handing(
        self,
        section: str,
        opened: dict[str, _Opened],
        opener: Callable[[str], _Opened],
    ) -> Callable[[str], _Opened]:
        def open_named(name: str) -> _Opened:
            if (section, name) in self._failed:
                raise self._failed.pop((section, name))
            return opened.pop(name) if name in opened else opener(name)

        return open_named

    def close(self) -> None:
        """Close what was not handed on."""
        closing = [account.close for account in self.accounts.values()]
        closing += [book.close for book in self.books.values()]
        for close in closing:
            with suppress(AccountError):
                close()
        if self.ledger is not None:
            self.ledger.close()


def _no_news(listed: Sequence[Listed], stored: Mapping[str, Stored], now: datetime) -> bool:
    """Whether all of it that is read is listed, and nothing of that changed."""
    there = {each.id: each for each in listed}
    return all(
        ref in there and has_no_news(there[ref], known, now) for ref, known in stored.items()
    )
