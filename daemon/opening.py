"""From the config's accounts and address books to connectors that can be used. Each kind's library
is imported only when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.address_book import AddressBookAccount
from connectors.base import Account
from connectors.errors import CredentialsError
from connectors.secrets import StoredToken
from daemon.config.account_entries import WrittenAddress
from daemon.config.address_book_entries import (
    CardDAVEntry,
    ContactFilesEntry,
    GoogleContactsEntry,
)
from daemon.config.schema import (
    AccountEntry,
    CalDAVEntry,
    Config,
    FilesEntry,
    GoogleEntry,
    WebEntry,
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
    if not isinstance(config, GoogleEntry):
        return access_of(name, config).account(memo)
    from connectors.google.account import GoogleAccount as Google

    token = StoredToken(config.token.source, name, session=session)
    return Google(name, config.client_secrets, token, config.endpoint, dict(memo or {}))


def open_contacts(
    name: str,
    login: GoogleLogin,
    memo: Mapping[str, Any] | None,
    session: dict[str, Any] | None = None,
) -> GoogleContacts:
    """The contacts that the address book `name` of the config reads with a login at Google; `memo`
    and `session` as in `open_account` (`session` is the login's). Raises CredentialsError."""
    from connectors.google.auth import OAuthLogin
    from connectors.google.contacts import GoogleContacts

    token = StoredToken(login.token.source, login.name, session=session)
    asked = OAuthLogin(login.name, login.client_secrets, token, login.called)
    return GoogleContacts(name, asked, login.endpoint, dict(memo or {}))


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
    entry = config.addressbooks[name]
    if not isinstance(entry, GoogleContactsEntry):
        return book_access_of(config, name, entry).address_book(name, memo)
    login = google_login(config, name)
    if login is None:
        raise CredentialsError(f'address book "{name}" has no login', "name its `account`")
    if entry.endpoint is not None:
        login = replace(login, endpoint=entry.endpoint)
    return open_contacts(name, login, memo, session)


def access_of(name: str, entry: CalDAVEntry | FilesEntry | WebEntry) -> Access:
    """What the account of an entry is opened with."""
    table = ("accounts", name)
    if isinstance(entry, FilesEntry):
        return Access("files", table, path=entry.path)
    if isinstance(entry, CalDAVEntry):
        secret = entry.password.source if entry.password else None
        return Access("caldav", table, entry.url, entry.username or "", secret=secret, ca=entry.ca)
    if isinstance(entry.url, WrittenAddress):
        return Access("web", table, entry.url.text)
    return Access("web", table, secret=entry.url.source)


def book_access_of(config: Config, name: str, entry: CardDAVEntry | ContactFilesEntry) -> Access:
    """What the address book of an entry is opened with: a login of its own, or that of the account
    it shares."""
    own = ("addressbooks", name)
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
