"""Logging in to an account: Google's consent in the browser, a password or an address that is
tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from connectors.base import Account
from connectors.caldav.account import CalDAVAccount
from connectors.carddav.account import CardDAVAccount
from connectors.dav.login import Login
from connectors.errors import CredentialsError, UnreachableError
from connectors.google.auth import wanted_scopes
from connectors.google.consent import authorize
from connectors.sanitize import sanitize
from connectors.secrets import SecretSource, StoredToken, store_secret
from connectors.web.account import WebAccount
from connectors.web.location import LocationError, location_of
from daemon.cli.asking import Asker, secret_from_stdin
from daemon.cli.console import tell
from daemon.cli.options import CONSENT_SECONDS, clock, on_terminal
from daemon.config.account_entries import WrittenAddress
from daemon.config.address_book_entries import CardDAVEntry
from daemon.config.schema import CalDAVEntry, Config, WebEntry
from daemon.durations import counted
from daemon.google_logins import GoogleLogin, google_login
from daemon.opening import open_account, open_contacts
from daemon.setup.providers import provider_of_host
from daemon.setup.signing_in import inspect_account


class Consent:
    """How Google's consent is asked for."""

    def __init__(
        self, *, open_browser: bool = True, port: int = 0, seconds: float = CONSENT_SECONDS
    ) -> None:
        self.open_browser, self.port, self.seconds = open_browser, port, seconds

    def ask(
        self, name: str, client_secrets: Path, source: SecretSource, scopes: Sequence[str]
    ) -> None:
        """Get the user's consent to `scopes` and keep the token under `name`. Raises
        CredentialsError, UnreachableError."""
        if source.kind in ("command", "credential"):
            raise CredentialsError(
                f'the token of "{name}" comes from a {source.kind}, where fikad cannot store it',
                "use token = { keyring = true } or { file = … } in the config",
            )
        store = StoredToken(source, name, prompt=on_terminal())
        if source.kind == "keyring":
            store.load()  # a keyring that cannot be used is better known before the browser opens
        token = authorize(
            client_secrets,
            scopes,
            self.open_browser,
            self._show,
            self.seconds,
            self.port,
        )
        store.save(token)

    def _show(self, address: str) -> None:
        where = (
            "If no browser opens, open this address"
            if self.open_browser
            else "Open this address in a browser"
        )
        tell(f"{where} and allow everything that is asked for:\n")
        click.echo(f"{address}\n")  # in one piece, to be copied
        tell(f"Waiting for the answer ({self.seconds:.0f} seconds) …")


def log_in(
    config: Config, name: str, consent: Consent, *, own_calendar: bool, password_stdin: bool
) -> int:
    """Log in to the account or address book of that name and say what is there; the exit code.
    Raises click.UsageError for one that has no login, AccountError."""
    login = google_login(config, name)
    if login is not None:
        if password_stdin:
            raise click.UsageError(
                "--password-stdin is for CalDAV accounts: Google asks in the browser"
            )
        return _google(config, login, consent, own_calendar=own_calendar)
    known = config.accounts.get(name) or config.addressbooks.get(name)
    if known is None:
        every = dict.fromkeys([*config.accounts, *config.addressbooks])
        names = ", ".join(f'"{known}"' for known in every) or "none: run `fikad init`"
        raise click.UsageError(f'there is no account "{name}" in your config; it has {names}')
    if isinstance(known, CardDAVEntry) and known.account is not None:
        return log_in(
            config, known.account, consent, own_calendar=False, password_stdin=password_stdin
        )
    if isinstance(known, CalDAVEntry | CardDAVEntry):
        return _with_password(name, known, password_stdin=password_stdin)
    if known.type == "web":
        return _web(name, known, from_stdin=password_stdin)
    raise click.UsageError(f'"{name}" is a place for files on this machine, which needs no login')


def _google(config: Config, login: GoogleLogin, consent: Consent, *, own_calendar: bool) -> int:
    if own_calendar and not login.calendars:
        raise click.UsageError("--own-calendar is for accounts: an address book has no calendars")
    scopes = wanted_scopes(
        calendars=login.calendars,
        holds=login.holds or own_calendar,
        named=own_calendar,
        contacts=login.contacts,
        free_busy=login.free_busy,
    )
    consent.ask(login.name, login.client_secrets, login.token.source, scopes)
    if login.calendars:
        _tell(login.name, open_account(login.name, config.accounts[login.name], None))
    if login.contacts:
        _tell_labels(login)
    if login.holds and not own_calendar:
        tell(
            f'Holds go to a calendar "{config.holds.calendar}" that fikad makes. To let it write '
            "to one of your own "
            f"instead, name that under [holds] and run `fikad auth {login.name} --own-calendar`."
        )
    return 0


def _tell_labels(login: GoogleLogin) -> None:
    """Look into the contacts and say which labels there are: one of them makes a contact."""
    contacts = open_contacts(login.name, login, None)
    try:
        [book] = contacts.books(clock())
        labels = ", ".join(sanitize(label, 60) for label in book.labels())
    finally:
        contacts.close()
    tell(f"Your contacts can be read. They can be labelled: {labels}.")


def _with_password(name: str, known: CalDAVEntry | CardDAVEntry, *, password_stdin: bool) -> int:
    called = f'account "{name}"' if isinstance(known, CalDAVEntry) else f'address book "{name}"'
    if known.password is None or known.username is None or known.url is None:
        raise click.UsageError(
            f'{called} has no username and password in your config: add username = "…" and '
            "password = { keyring = true }"
        )
    source = known.password.source
    if source.kind in ("command", "credential"):
        raise CredentialsError(
            f"the password of {called} comes from a {source.kind}, where fikad cannot store it",
            "change it there, or use password = { keyring = true } in the config",
        )
    provider = provider_of_host(known.url)
    if provider is not None and not password_stdin:
        tell(provider.hint)
    asker = Asker(on_terminal())
    question = f"Password of {known.username} at {known.url}"
    password = secret_from_stdin() if password_stdin else asker.secret(question, "--password-stdin")
    login = Login(name, known.url, known.username, password, ca=known.ca)
    try:
        if isinstance(known, CardDAVEntry):
            _tell_books(CardDAVAccount(login, {}))
        else:
            _tell(name, CalDAVAccount(name, known.url, known.username, password, {}, ca=known.ca))
    except UnreachableError as error:
        store_secret(source, name, password, prompt=on_terminal())
        tell(f"fikad: the password was stored without being tried: {error}", err=True)
        return 12
    store_secret(source, name, password, prompt=on_terminal())
    return 0


def _tell_books(account: CardDAVAccount) -> None:
    """Look into a server's address books and say what is there."""
    try:
        names = [sanitize(book.name, 60) for book in account.books(clock())]
    finally:
        account.close()
    books = (
        f"{counted(len(names), 'address book')}: {', '.join(names)}" if names else "no address book"
    )
    tell(f'Logged in to "{account.name}": {books}.')


def _web(name: str, known: WebEntry, *, from_stdin: bool) -> int:
    if isinstance(known.url, WrittenAddress):
        raise click.UsageError(
            f'the address of account "{name}" stands in your config: change it there, or write'
            " url = { keyring = true } and run this again"
        )
    source = known.url.source
    if source.kind in ("command", "credential"):
        raise CredentialsError(
            f'the address of account "{name}" comes from a {source.kind}, where fikad cannot store'
            " it",
            "change it there, or use url = { keyring = true } in the config",
        )
    question = f'Address of the calendar "{name}", as its publisher gives it'
    asker = Asker(on_terminal())
    written = secret_from_stdin() if from_stdin else asker.secret(question, "--password-stdin")
    try:
        location = location_of(written)
    except LocationError as error:
        raise click.UsageError(f"what was given {error}: {error.hint}") from None
    try:
        code = _tell(name, WebAccount(name, location, {}))
    except UnreachableError as error:
        store_secret(source, name, written, prompt=on_terminal())
        tell(f"fikad: the address was stored without being tried: {error}", err=True)
        return 12
    store_secret(source, name, written, prompt=on_terminal())
    return code


def _tell(name: str, account: Account) -> int:
    """Look into the account and say what is there."""
    contents = inspect_account(account, clock())
    tell(f'Logged in to "{name}": {calendar_list(contents.calendars)}.')
    return 0


def calendar_list(calendars: tuple[tuple[str, bool], ...]) -> str:
    """Calendars in words: "2 calendars: Personal, Holidays (read-only)"."""
    if not calendars:
        return "no calendar that holds events"
    names = [
        sanitize(name, 60) + ("" if writable else " (read-only)") for name, writable in calendars
    ]
    return f"{len(names)} calendar{'' if len(names) == 1 else 's'}: {', '.join(names)}"
