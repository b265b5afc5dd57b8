"""Logins at Google. Each is that of an account, which address books may share, or an address book's
own; what it is used for says what Google is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.config.account_entries import GoogleEntry, Secret
from daemon.config.address_book_entries import GoogleContactsEntry
from daemon.config.schema import Config


@dataclass(frozen=True, slots=True)
class GoogleLogin:
    """One client, one token, and what they are for."""

    name: str
    """What `fikad auth` takes; the token is kept under it."""
    called: str
    """The same in a sentence: account "work"."""
    client_secrets: Path
    token: Secret
    endpoint: str | None
    calendars: bool
    holds: bool
    """The account's calendars may be where holds go."""
    contacts: bool
    """An address book is read by it."""
    free_busy: bool = False
    """It may be asked when others are busy."""


def google_login(config: Config, name: str) -> GoogleLogin | None:
    """The login behind an account or an address book of this name; None where it is not at Google,
    or there is none of this name."""
    account, book = config.accounts.get(name), config.addressbooks.get(name)
    if isinstance(account, GoogleEntry):
        return _of_account(config, name, account)
    if not isinstance(book, GoogleContactsEntry):
        return None
    shared = config.accounts.get(book.account or "")
    if isinstance(shared, GoogleEntry):
        return _of_account(config, book.account or "", shared)
    if book.client_secrets is None:
        return None
    return GoogleLogin(
        name,
        f'address book "{name}"',
        book.client_secrets,
        book.token,
        book.endpoint,
        calendars=False,
        holds=False,
        contacts=True,
    )


def _of_account(config: Config, name: str, account: GoogleEntry) -> GoogleLogin:
    return GoogleLogin(
        name,
        f'account "{name}"',
        account.client_secrets,
        account.token,
        account.endpoint,
        calendars=True,
        holds=config.holds.account in (None, name),
        contacts=any(
            isinstance(book, GoogleContactsEntry) and book.account == name
            for book in config.addressbooks.values()
        ),
        free_busy=config.asks_free_busy,
    )
