"""`fikad auth ACCOUNT`: log in to Google, or give the password of a CalDAV account; the first time
and again.

A running daemon needs no restart: it reads the secret anew at its next pass.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.asking import Asker, secret_from_stdin
from daemon.cli.completion import account_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, on_terminal

if TYPE_CHECKING:
    from connectors.base import Account
    from connectors.secrets import SecretSource
    from daemon.config.schema import CalDAVEntry, Config, GoogleEntry

CONSENT_SECONDS = 300.0


@command(
    "auth",
    help="Log in to ACCOUNT: Google's consent in the browser, or the password of a CalDAV account.",
)
@click.argument("account", shell_complete=account_names)
@click.option("--no-browser", is_flag=True, help="Print the address to open instead of opening it.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port Google answers to; 0 takes a free one.",
)
@click.option(
    "--timeout", "seconds", type=click.FloatRange(1), default=CONSENT_SECONDS, show_default=True,
    help="Seconds to wait for the answer.",
)  # fmt: skip
@click.option(
    "--own-calendar", is_flag=True, help="Also ask to write to calendars that you made (Google)."
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of stdin (CalDAV).",
)
def auth_command(
    paths: Paths,
    account: str,
    no_browser: bool,
    port: int,
    seconds: float,
    own_calendar: bool,
    password_stdin: bool,
) -> int:
    """Exit code: 11 when the login is refused, 12 when the server cannot be reached."""
    config = paths.load()
    known = config.accounts.get(account)
    if known is None:
        names = ", ".join(f'"{name}"' for name in config.accounts) or "none: run `fikad init`"
        raise click.UsageError(f'there is no account "{account}" in your config; it has {names}')
    if known.type == "google":
        if password_stdin:
            raise click.UsageError(
                "--password-stdin is for CalDAV accounts: Google asks in the browser"
            )
        consent = Consent(open_browser=not no_browser, port=port, seconds=seconds)
        return _google(config, account, known, consent, own_calendar=own_calendar)
    if known.type == "caldav":
        return _caldav(account, known, password_stdin=password_stdin)
    raise click.UsageError(f'account "{account}" is a folder of files, which needs no login')


class Consent:
    """How Google's consent is asked for."""

    def __init__(
        self, *, open_browser: bool = True, port: int = 0, seconds: float = CONSENT_SECONDS
    ) -> None:
        self.open_browser, self.port, self.seconds = open_browser, port, seconds

    def ask(
        self, account: str, client_secrets: Path, source: SecretSource, *, holds: bool, own: bool
    ) -> None:
        """Get the user's consent and keep the token. Raises CredentialsError, UnreachableError."""
        from connectors.errors import CredentialsError
        from connectors.google.auth import wanted_scopes
        from connectors.google.consent import authorize
        from connectors.secrets import StoredToken

        if source.kind in ("command", "credential"):
            raise CredentialsError(
                f'the token of account "{account}" comes from a {source.kind}, where fikad cannot store it',
                "use token = { keyring = true } or { file = … } in the config",
            )
        store = StoredToken(source, account, prompt=on_terminal())
        if source.kind == "keyring":
            store.load()  # a keyring that cannot be used is better known before the browser opens
        token = authorize(
            client_secrets,
            wanted_scopes(holds=holds, named=own),
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


def _google(
    config: Config, name: str, known: GoogleEntry, consent: Consent, *, own_calendar: bool
) -> int:
    from daemon.opening import open_account

    holds = config.holds.account in (None, name)
    consent.ask(
        name,
        known.client_secrets,
        known.token.source,
        holds=holds or own_calendar,
        own=own_calendar,
    )
    code = _tell(name, open_account(name, known, None))
    if holds and code == 0 and not own_calendar:
        tell(
            f'Holds go to a calendar "{config.holds.calendar}" that fikad makes. To let it write to one of your own '
            f"instead, name that under [holds] and run `fikad auth {name} --own-calendar`."
        )
    return code


def _caldav(name: str, known: CalDAVEntry, *, password_stdin: bool) -> int:
    from connectors.caldav.account import CalDAVAccount as CalDAV
    from connectors.errors import CredentialsError, UnreachableError
    from connectors.secrets import store_secret
    from daemon.setup.providers import provider_of_host

    if known.password is None or known.username is None:
        raise click.UsageError(
            f'account "{name}" has no username and password in your config: add username = "…" and '
            "password = { keyring = true }"
        )
    source = known.password.source
    if source.kind in ("command", "credential"):
        raise CredentialsError(
            f'the password of account "{name}" comes from a {source.kind}, where fikad cannot store it',
            "change it there, or use password = { keyring = true } in the config",
        )
    provider = provider_of_host(known.url)
    if provider is not None and not password_stdin:
        tell(provider.hint)
    asker = Asker(on_terminal())
    question = f"Password of {known.username} at {known.url}"
    password = secret_from_stdin() if password_stdin else asker.secret(question, "--password-stdin")
    try:
        code = _tell(name, CalDAV(name, known.url, known.username, password, {}, ca=known.ca))
    except UnreachableError as error:
        store_secret(source, name, password, prompt=on_terminal())
        tell(f"fikad: the password was stored without being tried: {error}", err=True)
        return 12
    store_secret(source, name, password, prompt=on_terminal())
    return code


def _tell(name: str, account: Account) -> int:
    """Look into the account and say what is there."""
    from daemon.setup.signing_in import inspect_account

    contents = inspect_account(account, clock())
    tell(f'Logged in to "{name}": {calendar_list(contents.calendars)}.')
    return 0


def calendar_list(calendars: tuple[tuple[str, bool], ...]) -> str:
    """Calendars in words: "2 calendars: Personal, Holidays (read-only)"."""
    from connectors.sanitize import sanitize

    if not calendars:
        return "no calendar that holds events"
    names = [
        sanitize(name, 60) + ("" if writable else " (read-only)") for name, writable in calendars
    ]
    return f"{len(names)} calendar{'' if len(names) == 1 else 's'}: {', '.join(names)}"
