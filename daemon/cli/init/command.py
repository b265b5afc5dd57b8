"""`fikad init`: from nothing to a config that works.

It asks for as little as possible, tries everything at once, and writes nothing to a calendar. Every
question has an option, so it also runs where nobody can answer."""

from __future__ import annotations

from typing import Any

import click

from daemon.cli.asking import Asker
from daemon.cli.options import CONSENT_SECONDS, Paths, command, on_terminal


@command(
    "init",
    help="Set up fikad: an account, the people who matter, and the config. Asks for whatever you "
    "leave out.",
)
@click.option(
    "--account-type",
    "kind",
    type=click.Choice(["caldav", "google", "files"]),
    help="The kind of calendar.",
)
@click.option(
    "--account",
    metavar="NAME",
    default="",
    help="What to call the account. [default: home, google or files]",
)
@click.option("--add-account", is_flag=True, help="Add an account to the config that exists.")
@click.option(
    "--email",
    metavar="ADDRESS",
    default="",
    help="Your e-mail address, from which the server is found.",
)
@click.option("--url", default="", help="The address of the CalDAV server.")
@click.option("--username", default="", help="The login name. [default: the e-mail address]")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of stdin."
)
@click.option(
    "--password-keyring",
    is_flag=True,
    help="Keep the password in the system's keyring (the default).",
)
@click.option(
    "--password-command", metavar="COMMAND", default="", help="A command that prints the password."
)
@click.option(
    "--password-credential",
    metavar="NAME",
    default="",
    help="The systemd credential that is the password.",
)
@click.option(
    "--password-file",
    metavar="FILE",
    default="",
    help="A private file (mode 0600) that holds the password.",
)
@click.option("--client-secrets", metavar="FILE", default="", help="Google's client_secret.json.")
@click.option(
    "--token-file", metavar="FILE", default="", help="Keep Google's token in a private file."
)
@click.option(
    "--endpoint",
    default="",
    hidden=True,
    help="Only for a local emulator of Google's: its address.",
)
@click.option("--no-browser", is_flag=True, help="Print Google's address instead of opening it.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port Google answers to; 0 takes a free one.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(1),
    default=CONSENT_SECONDS,
    help="Seconds to wait for the answer.",
)
@click.option(
    "--path", metavar="PATH", default="", help="A folder of .ics files, or one .ics file."
)
@click.option(
    "--timezone", metavar="ZONE", default="", help="Your time zone. [default: the system's]"
)
@click.option(
    "--language",
    metavar="CODE",
    default="",
    help="The language fikad writes in, in your calendar. [default: the system's]",
)
@click.option(
    "--country",
    metavar="CODE",
    default="",
    help='Whose public holidays are kept free, as "DE" or "DE-BE"; - for none. [default: by zone '
    "and locale]",
)
@click.option(
    "--me",
    metavar="ADDRESS",
    multiple=True,
    help="An address of yours; may be given several times.",
)
@click.option(
    "--hold-calendar", metavar="NAME", default="", help="The calendar for holds. [default: Fikad]"
)
@click.option(
    "--contacts",
    metavar="all|none|NAMES",
    default="",
    help="Whom to add; separate the names with commas.",
)
@click.option("--circle", metavar="NAME", default="", help="Put them all into this circle.")
@click.option(
    "--address-book",
    metavar="none|PATH",
    default="",
    help="A .vcf file or a folder of them. [default: the address book of the same login]",
)
@click.option(
    "--labels",
    metavar="all|none|NAMES",
    default="",
    help="Whose label in the address book makes them contacts, as "
    '"Fika, Old friends=6 weeks, Work=council".',
)
@click.option(
    "--occasions",
    metavar="NAMES",
    default="",
    help='What is suggested, as "lunch, drinks". [default: coffee; in a terminal what you are '
    "used to]",
)
@click.option(
    "--hours",
    metavar="HOURS",
    default="",
    help='When it may be, as "mon-fri 9-18, sat 10-14". [default: Monday to Friday 9-18; in a '
    "terminal what you are used to]",
)
@click.option(
    "--service/--no-service",
    "service",
    default=None,
    help="Install the background service, or don't.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: whatever you leave out takes its default.")
def init_command(paths: Paths, add_account: bool, yes: bool, **given: Any) -> int:
    """Exit code: 11 when the login is refused, 12 when the calendars cannot be reached, 13 when
    there is a config."""
    from daemon.cli.init.setting_up import Given, set_up

    return set_up(paths, Given.by_option(given), Asker(on_terminal() and not yes), add=add_account)
