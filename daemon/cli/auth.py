"""`fikad auth ACCOUNT`: log in to Google, or give the password of a CalDAV account or the address
of a published calendar; the first time and again. An address book is named like an account.

A running daemon needs no restart: it reads the secret anew at its next pass.
"""

from __future__ import annotations

import click

from daemon.cli.completion import login_names
from daemon.cli.options import CONSENT_SECONDS, Paths, command


@command(
    "auth",
    help="Log in to ACCOUNT, or to an address book: Google's consent in the browser, the password "
    "of a CalDAV"
    " account, or the address of a published calendar.",
)
@click.argument("account", shell_complete=login_names)
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
    help="Read the password (CalDAV) or the address (web) from the first line of stdin.",
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
    from daemon.cli.logging_in import Consent, log_in

    consent = Consent(open_browser=not no_browser, port=port, seconds=seconds)
    return log_in(
        paths.load(), account, consent, own_calendar=own_calendar, password_stdin=password_stdin
    )
