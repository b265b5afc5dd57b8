"""`fikad init`: the address book of the same login, or in files; only read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from connectors.carddav.account import CardDAVAccount
from connectors.dav.failures import StrayError
from connectors.dav.login import Login
from connectors.errors import AccountError, MissingError, UnreadableError
from connectors.files.address_books import FilesAddressBooks
from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.cli.init.answers import InitOptions, KnownBook, NewAccount
from daemon.cli.options import clock
from daemon.config.account_entries import Secret
from daemon.google_logins import GoogleLogin
from daemon.opening import open_contacts
from daemon.setup.kept_people import read_contents
from daemon.setup.providers import provider_of_host
from daemon.setup.signing_in import SignedIn

_MOST_MOVES = 3


def find_book(
    made: NewAccount, options: InitOptions, taken: Collection[str], ask: Asker
) -> KnownBook | None:
    """The user's address book: the one they name, else that of the account's login, else a file
    that they are asked for. None where there is none. Raises click.UsageError, AccountError for
    one that was named."""
    if options.address_book:
        return _named(options.address_book, taken)
    if not ask.someone and not options.labels:
        return None
    if made.open_book is not None:
        try:
            book = made.open_book()
            if book.contents.people:
                return _unlike(book, taken)
            ask.say("There is nobody in an address book beside your calendars.")
        except (MissingError, UnreadableError):
            ask.say("There is no address book beside your calendars.")
        except AccountError as error:
            ask.say(f"Your address book could not be read: {error}.")
    if made.has_declined or not ask.someone:
        return None
    path = ask.ask(
        "A .vcf file with your contacts, or a folder of such files, if you have one (- for none)",
        "--address-book",
        _existing,
        default="-",
    )
    try:
        return None if path == "-" else _files(path, taken)
    except AccountError as error:
        ask.say(f"Your address book could not be read: {error}.")
        return None


def carddav_book(
    signed: SignedIn,
    password: str,
    name: str,
    may_follow: Callable[[str], bool],
    now: datetime,
) -> KnownBook:
    """The address books that the login of a CalDAV account has. Where they are on another host than
    is known, `may_follow` is asked before the password goes there. Raises AccountError."""
    provider = provider_of_host(signed.url)
    url = provider.contacts_url if provider else ""
    for _ in range(_MOST_MOVES):
        login = Login(name, url or signed.url, signed.username, password, exact=bool(url))
        try:
            contents = read_contents(CardDAVAccount(login, {}), now)
        except StrayError as error:
            if not error.url or not may_follow(error.url):
                raise
            url = error.url
            continue
        values: dict[str, Any] = {"type": "carddav", "account": name}
        return KnownBook(name, values | ({"url": url} if url else {}), contents)
    raise MissingError(f"{url} leads on and on")


def may_read_contacts(options: InitOptions, ask: Asker) -> bool:
    """Whether Google is asked for the contacts, too."""
    if options.address_book:
        return False
    return bool(options.labels) or (
        ask.someone
        and ask.confirm(
            "May fikad read your Google contacts, too? It looks for the people whom you gave a "
            "label, and changes nothing",
            default=True,
        )
    )


def google_book(
    name: str, client: Path, token: Secret, endpoint: str | None, now: datetime
) -> KnownBook:
    """The contacts of a Google account. Raises AccountError."""
    login = GoogleLogin(
        name,
        f'account "{name}"',
        client,
        token,
        endpoint,
        calendars=True,
        holds=True,
        contacts=True,
    )
    contents = read_contents(open_contacts(name, login, None), now)
    return KnownBook(name, {"type": "google", "account": name}, contents)


def _named(given: str, taken: Collection[str]) -> KnownBook | None:
    if given == "none":
        return None
    try:
        return _files(_existing(given), taken)
    except BadValue as error:
        raise click.UsageError(f"--address-book {error}: {error.hint}") from None


def _existing(text: str) -> str:
    if text == "-":
        return text
    if not Path(text).expanduser().exists():
        raise BadValue("is no file and no folder", "write its whole path")
    return text


def _files(given: str, taken: Collection[str]) -> KnownBook:
    path = Path(given).expanduser().absolute()
    contents = read_contents(FilesAddressBooks("contacts", path), clock())
    return _unlike(KnownBook("contacts", {"type": "files", "path": str(path)}, contents), taken)


def _unlike(book: KnownBook, taken: Collection[str]) -> KnownBook:
    """Under a name that no other address book of the config has."""
    names = (book.name, *(f"{book.name}{number}" for number in range(2, len(taken) + 3)))
    name = next(name for name in names if name not in taken)
    return KnownBook(name, book.values, book.contents)
