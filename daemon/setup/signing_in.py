"""Trying an account before it is written into the config: does it open, and what is in it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Account
from connectors.caldav.account import CalDAVAccount
from connectors.dav.failures import StrayError
from connectors.errors import CredentialsError

_MOST_MOVES = 3


@dataclass(frozen=True, slots=True)
class AccountContents:
    """What an account shows."""

    calendars: tuple[tuple[str, bool], ...]
    """Name, and whether it can be written."""
    addresses: frozenset[str]
    """The owner's own, as the account reports them."""
    can_create: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login on a CalDAV server that works."""

    url: str
    """Where the calendars are: not always the address that was asked for."""
    username: str
    contents: AccountContents


def inspect_account(account: Account, now: datetime) -> AccountContents:
    """Look into an account, and close it. Raises AccountError."""
    try:
        calendars = tuple((calendar.name, calendar.writable) for calendar in account.calendars(now))
        return AccountContents(calendars, account.addresses(), account.can_create)
    finally:
        account.close()


def sign_in(
    name: str,
    url: str,
    usernames: Sequence[str],
    password: str,
    now: datetime,
    may_follow: Callable[[str], bool],
) -> SignedIn:
    """Log in to a CalDAV server with the first user name that it takes.

    Where it says that the calendars are on another host, `may_follow` is asked before the password
    goes there. Raises AccountError: StrayError when it may not, CredentialsError when no name is
    taken."""
    for _ in range(_MOST_MOVES):
        try:
            return _with_one_of(name, url, usernames, password, now)
        except StrayError as error:
            if not error.url or not may_follow(error.url):
                raise
            url = error.url
    return _with_one_of(name, url, usernames, password, now)


def _with_one_of(
    name: str, url: str, usernames: Sequence[str], password: str, now: datetime
) -> SignedIn:
    refused: CredentialsError | None = None
    for username in usernames:
        try:
            return SignedIn(
                url,
                username,
                inspect_account(CalDAVAccount(name, url, username, password, {}), now),
            )
        except CredentialsError as error:
            refused = refused or _before_a_config(name, error)
    raise refused or CredentialsError("there is no user name", "give one with --username")


def _before_a_config(name: str, error: CredentialsError) -> CredentialsError:
    """The same where no config names the account yet, so that no other command knows it."""
    if f"fikad auth {name}" not in error.advice:
        return error
    return CredentialsError(error.what, "check both, then run `fikad init` again")


def usernames_of(email: str) -> tuple[str, ...]:
    """The user names to try for an e-mail address (RFC 6764 section 6): the whole, then what stands
    before the @."""
    local = email.partition("@")[0]
    return (email, local) if local and local != email else (email,)
