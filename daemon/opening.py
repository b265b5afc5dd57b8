"""From the config's accounts and address books to connectors that can be used. Each kind's library
is imported only when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.address_book import AddressBookAccount
from connectors.base import Account
from connectors.errors import CredentialsError
from connectors.secrets import StoredToken, read_secret
from daemon.config.account_entries import WrittenAddress
from daemon.config.address_book_entries import CardDAVEntry, ContactFilesEntry
from daemon.config.schema import AccountEntry, CalDAVEntry, Config, FilesEntry, WebEntry
from daemon.google_logins import GoogleLogin, google_login
from daemon.ledger.books import AddressBookState
from daemon.ledger.calendars import AccountState
from daemon.ledger.ledger import Ledger

if TYPE_CHECKING:
    from connectors.dav.login import Login
    from connectors.google.contacts import GoogleContacts
    from connectors.web.location import Location


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
    remembered = dict(memo or {})
    if isinstance(config, FilesEntry):
        from connectors.files.account import FilesAccount as Files

        return Files(name, config.path, remembered)
    if isinstance(config, CalDAVEntry):
        from connectors.caldav.account import CalDAVAccount as CalDAV

        password = read_secret(config.password.source, name) if config.password else None
        return CalDAV(name, config.url, config.username or "", password, remembered, ca=config.ca)
    if isinstance(config, WebEntry):
        from connectors.web.account import WebAccount as Web

        return Web(name, feed_location(name, config), remembered)
    from connectors.google.account import GoogleAccount as Google

    token = StoredToken(config.token.source, name, session=session)
    return Google(name, config.client_secrets, token, config.endpoint, remembered)


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
    if isinstance(entry, ContactFilesEntry):
        from connectors.files.address_books import FilesAddressBooks

        return FilesAddressBooks(name, entry.path)
    if isinstance(entry, CardDAVEntry):
        from connectors.carddav.account import CardDAVAccount

        return CardDAVAccount(_carddav_login(config, name, entry), dict(memo or {}))
    login = google_login(config, name)
    if login is None:
        raise CredentialsError(f'address book "{name}" has no login', "name its `account`")
    if entry.endpoint is not None:
        login = replace(login, endpoint=entry.endpoint)
    return open_contacts(name, login, memo, session)


def _carddav_login(config: Config, name: str, entry: CardDAVEntry) -> Login:
    """The login of an address book: its own, or that of the account it shares. Raises
    CredentialsError."""
    from connectors.dav.login import Login
    from connectors.secrets import read_secret

    shared = config.accounts.get(entry.account or "")
    login = shared if isinstance(shared, CalDAVEntry) else entry
    keeper = name if login is entry else entry.account or name
    password = read_secret(login.password.source, keeper) if login.password else None
    return Login(
        name,
        entry.url or login.url or "",
        login.username or "",
        password,
        ca=entry.ca or login.ca,
        exact=entry.url is not None,
    )


def feed_location(name: str, config: WebEntry) -> Location:
    """The address of a published calendar, read from where it is kept. Raises CredentialsError."""
    from connectors.web.location import LocationError, location_of

    if isinstance(config.url, WrittenAddress):
        return location_of(config.url.text)
    source = config.url.source
    try:
        return location_of(read_secret(source, name))
    except LocationError as error:
        raise CredentialsError(
            f'the address of account "{name}", as its {source.kind} has it, {error}', error.hint
        ) from None
