"""From the config's accounts and address books to connectors that can be used. Each kind's library
is imported only when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connectors.address_book import AddressBookAccount
from connectors.base import Account
from connectors.errors import CredentialsError
from daemon.config.account_entries import WrittenAddress
from daemon.config.address_book_entries import (
    ContactFilesEntry,
    GoogleContactsEntry,
)
from daemon.config.schema import (
    AccountEntry,
    CalDAVEntry,
    Config,
    FilesEntry,
    GoogleEntry,
)
from daemon.google_logins import GoogleLogin, google_login
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AccountState, AddressBookState
from daemon.polling.access import Access

if TYPE_CHECKING:
    from connectors.google.contacts import GoogleContacts


def opener(
    config: Config, ledger: Ledger, sessions: dict[str, dict[str, Any]] | None = None
) -> Callable[[str], Account]:
    """Opens the config's accounts by name, each with what it asked to remember.

    `sessions` is memory, by account, for what must not reach a disk (see `StoredToken.session`); it
    is written to."""

    def open_named(name: str) -> Account:
        remembered = ledger.accounts().get(name, AccountState(name)).memo
        session = None if sessions is None else sessions.setdefault(name, {})
        return open_account(name, config.accounts[name], remembered, session)

    return open_named


def open_account(
    name: str,
    config: AccountEntry,
    memo: Mapping[str, Any] | None,
    session: dict[str, Any] | None = None,
) -> Account:
    """The connector of one account, its secret read. Raises CredentialsError.

    `memo` is what the account asked to remember last time (see `Account.memo`), `session` what it
    may keep in memory."""
    return access_of(name, config).account(memo, session)


def open_contacts(name: str, login: GoogleLogin, memo: Mapping[str, Any] | None) -> GoogleContacts:
    """The contacts that the address book `name` of the config reads with a login at Google; `memo`
    as in `open_account`. Raises CredentialsError."""
    return _people(login, None).people(name, memo)


def book_opener(
    config: Config, ledger: Ledger, sessions: dict[str, dict[str, Any]] | None = None
) -> Callable[[str], AddressBookAccount]:
    """Opens the config's address books by name, as `opener` opens accounts: one that shares an
    account's login shares that account's memory, too."""

    def open_named(name: str) -> AddressBookAccount:
        remembered = ledger.address_books().get(name, AddressBookState(name)).memo
        shared = config.addressbooks[name].shared_account or name
        session = None if sessions is None else sessions.setdefault(shared, {})
        return open_address_book(config, name, remembered, session)

    return open_named


def open_address_book(
    config: Config,
    name: str,
    memo: Mapping[str, Any] | None,
    session: dict[str, Any] | None = None,
) -> AddressBookAccount:
    """The connector of one address book of the config, the secret of its login read; `memo` and
    `session` as in `open_account`. Raises CredentialsError."""
    return book_access_of(config, name).address_book(name, memo, session)


def access_of(name: str, entry: AccountEntry) -> Access:
    """What the account of an entry is opened with."""
    table = ("accounts", name)
    if isinstance(entry, GoogleEntry):
        token, client = entry.token.source, entry.client_secrets
        return Access("google", table, entry.endpoint or "", secret=token, client=client)
    if isinstance(entry, FilesEntry):
        return Access("files", table, path=entry.path)
    if isinstance(entry, CalDAVEntry):
        secret = entry.password.source if entry.password else None
        return Access("caldav", table, entry.url, entry.username or "", secret=secret, ca=entry.ca)
    if isinstance(entry.url, WrittenAddress):
        return Access("web", table, entry.url.text)
    return Access("web", table, secret=entry.url.source)


def book_access_of(config: Config, name: str) -> Access:
    """What an address book of the config is opened with: a login of its own, or that of the account
    it shares. Raises CredentialsError where there is none."""
    entry, own = config.addressbooks[name], ("addressbooks", name)
    if isinstance(entry, GoogleContactsEntry):
        asked = google_login(config, name)
        if asked is None:
            raise CredentialsError(f'address book "{name}" has no login', "name its `account`")
        return _people(asked, entry.endpoint)
    if isinstance(entry, ContactFilesEntry):
        return Access("cards", own, path=entry.path)
    shared = config.accounts.get(entry.account or "")
    login = shared if isinstance(shared, CalDAVEntry) else entry
    return Access(
        "carddav",
        own if login is entry else ("accounts", entry.account or name),
        entry.url or login.url or "",
        login.username or "",
        secret=login.password.source if login.password else None,
        ca=entry.ca or login.ca,
        exact=entry.url is not None,
    )


def _people(login: GoogleLogin, endpoint: str | None) -> Access:
    """What the contacts of a login at Google are opened with, asked at an endpoint of their own
    where there is one."""
    table = ("accounts" if login.calendars else "addressbooks", login.name)
    where = endpoint or login.endpoint or ""
    return Access("people", table, where, secret=login.token.source, client=login.client_secrets)
