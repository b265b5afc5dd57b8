"""Accounts whose secret cannot be had: no server was asked, so they may be tried again as often as
one likes.

A keyring that answers nobody takes its whole time limit at every question. It is asked once in a
pass; the other accounts that keep their secrets there hear the same, and those that do not are not
held up any longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from connectors.address_book import AddressBook, AddressBookAccount
from connectors.base import Account, Calendar
from connectors.errors import AccountError, SecretError, SilentStoreError
from connectors.forwarding import ForwardedAccount
from connectors.forwarding_books import ForwardedAddressBookAccount
from daemon.config.account_entries import WrittenAddress
from daemon.config.schema import (
    AccountEntry,
    AddressBookEntry,
    CalDAVEntry,
    CardDAVEntry,
    Config,
    GoogleContactsEntry,
    GoogleEntry,
    WebEntry,
)
from daemon.service.job import of_book


class SecretStores:
    """Where the accounts of one pass have their secrets from."""

    def __init__(self, config: Config) -> None:
        self.failed = set[str]()
        """Accounts that could not even be opened, or have no secret to be read with."""
        self._config = config
        self._silent: SilentStoreError | None = None

    def watching(self, opener: Callable[[str], Account]) -> Callable[[str], Account]:
        """Opens accounts like `opener`, and notes what fails before a server is asked."""

        def open_named(name: str) -> Account:
            try:
                if self._silent is not None and _keyring(self._config.accounts[name]):
                    raise self._silent
                return _Watched(opener(name), self)
            except AccountError as error:
                self.note(name, error)
                raise

        return open_named

    def watching_books(
        self, opener: Callable[[str], AddressBookAccount]
    ) -> Callable[[str], AddressBookAccount]:
        """The same for address books; what fails is noted as `of_book` calls them."""

        def open_named(name: str) -> AddressBookAccount:
            try:
                if self._silent is not None and _keyring(_login_of(self._config, name)):
                    raise self._silent
                return _WatchedBooks(opener(name), self)
            except AccountError as error:
                self.note(of_book(name), error)
                raise

        return open_named

    def note(self, name: str, error: AccountError) -> None:
        """This account cannot be used, and no server is to blame."""
        self.failed.add(name)
        if isinstance(error, SilentStoreError):
            self._silent = error


def _login_of(config: Config, name: str) -> AccountEntry | AddressBookEntry:
    """Whose secret opens an address book: that of the account that it shares, else its own."""
    book = config.addressbooks[name]
    return config.accounts.get(book.shared_account or "", book)


def _keyring(account: AccountEntry | AddressBookEntry) -> bool:
    if isinstance(account, GoogleEntry | GoogleContactsEntry):
        return account.token.source.kind == "keyring"
    if isinstance(account, CalDAVEntry | CardDAVEntry) and account.password:
        return account.password.source.kind == "keyring"
    if isinstance(account, WebEntry) and not isinstance(account.url, WrittenAddress):
        return account.url.source.kind == "keyring"
    return False


class _Watched(ForwardedAccount):
    """An account that may ask for its secret only when it is read."""

    def __init__(self, account: Account, stores: SecretStores) -> None:
        super().__init__(account)
        self._stores = stores

    def calendars(self, now: datetime) -> Sequence[Calendar]:
        try:
            return self._account.calendars(now)
        except SecretError as error:
            self._stores.note(self._account.name, error)
            raise


class _WatchedBooks(ForwardedAddressBookAccount):
    """An address book that may ask for its secret only when it is read."""

    def __init__(self, account: AddressBookAccount, stores: SecretStores) -> None:
        super().__init__(account)
        self._stores = stores

    def books(self, now: datetime) -> Sequence[AddressBook]:
        try:
            return self._account.books(now)
        except SecretError as error:
            self._stores.note(of_book(self._account.name), error)
            raise
