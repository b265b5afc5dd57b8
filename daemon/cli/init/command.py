"""`fikad init`: from nothing to a config that works.

It asks for as little as possible, tries everything at once, and writes nothing to a calendar. Every
question has an option, so it also runs where nobody can answer."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.asking import Asker
from daemon.cli.auth import CONSENT_SECONDS
from daemon.cli.options import Paths, clock, command, on_terminal

if TYPE_CHECKING:
    from daemon.cli.init.answers import InitOptions, NewAccount
    from daemon.cli.init.place import Place
    from daemon.config.schema import Config


@command(
    "init",
    help="Set up fikad: an account, the people who matter, and the config. Asks for whatever you leave out.",
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
    help='Whose public holidays are kept free, as "DE" or "DE-BE"; - for none. [default: by zone and locale]',
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
    "--service/--no-service",
    "service",
    default=None,
    help="Install the background service, or don't.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: whatever you leave out takes its default.")
def init_command(
    paths: Paths,
    add_account: bool,
    timezone: str,
    language: str,
    country: str,
    me: tuple[str, ...],
    hold_calendar: str,
    contacts: str,
    circle: str,
    service: bool | None,
    yes: bool,
    **options: Any,
) -> int:
    """Exit code: 11 when the login is refused, 12 when the calendars cannot be reached, 13 when
    there is a config."""
    from daemon.cli.init.answers import InitOptions
    from daemon.cli.init.choosing_people import Wanted, add_people
    from daemon.cli.init.place import Place

    ask = Asker(on_terminal() and not yes)
    known = _known(paths, add_account=add_account)
    _set_up(
        paths,
        known,
        InitOptions(**{**options, "kind": options["kind"] or ""}),
        ask,
        (Place(timezone, language, country), me, hold_calendar),
    )
    anybody = add_people(paths, Wanted(contacts, circle), ask)
    code = _offer_service(paths, service, ask)
    ask.say()
    ask.say(
        "Now: `fikad once --dry-run` shows what would be suggested, `fikad once` pencils it in,"
    )
    ask.say(
        "`fikad check` looks for anything that is wrong, `fikad status` shows where everybody stands."
    )
    return code or (0 if anybody else 1)


def _known(paths: Paths, *, add_account: bool) -> Config | None:
    """The config that is there; None when there is none. Raises RefusedError, ConfigError."""
    from connectors.errors import RefusedError

    if not paths.config.exists():
        return None
    if not add_account:
        raise RefusedError(
            f"{paths.config} exists and is not overwritten",
            "add an account with `fikad init --add-account`, or name another file with --config",
        )
    return paths.load()


def _set_up(
    paths: Paths,
    known: Config | None,
    options: InitOptions,
    ask: Asker,
    more: tuple[Place, tuple[str, ...], str],
) -> None:
    """Find the account out, and write it into the config."""
    from daemon.cli.init.account import new_account
    from daemon.cli.init.answers import Setting
    from daemon.cli.init.place import find_place
    from daemon.setup.config_writer import create_config, read_text, replace_config
    from daemon.setup.dns import SystemResolver
    from daemon.setup.new_config import Beginnings, new_config

    place, me, hold_calendar = more
    if known is None:
        ask.say(
            "fikad reads your calendars and pencils in time with people you have not met for a while."
        )
        ask.say("Setting it up writes nothing to any calendar.\n")
        place = find_place(place, ask)
    me = tuple(_address(address) for address in me)
    setting = Setting(
        ask, paths.config.parent, tuple(known.accounts) if known else (), SystemResolver(), clock
    )
    made = new_account(options, setting)
    mine = tuple(dict.fromkeys((*me, *made.me)))
    if known is None:
        create_config(
            paths.config,
            new_config(
                Beginnings(
                    place.timezone,
                    place.language,
                    place.country,
                    made.name,
                    made.values,
                    mine,
                    hold_calendar,
                )
            ),
        )
    else:
        before = read_text(paths.config)
        replace_config(paths.config, before, _added(before, made, known.me, mine))
    ask.say(f"Written: {paths.config}")


def _added(text: str, made: NewAccount, known: Sequence[str], mine: Sequence[str]) -> str:
    """A config with the new account, and with those of the user's addresses that it lacks."""
    from daemon.setup.config_writer import with_account, with_me

    changed = with_account(text, made.name, made.values)
    return (
        changed
        if set(mine) <= set(known)
        else with_me(changed, tuple(dict.fromkeys((*known, *mine))))
    )


def _address(written: str) -> str:
    from daemon.bad_value import BadValue
    from daemon.config.values import parse_email

    try:
        return parse_email(written)
    except BadValue as error:
        raise click.UsageError(f"--me {error}: {error.hint}") from None


def _offer_service(paths: Paths, wanted: bool | None, ask: Asker) -> int:
    """Install the background service if that is wanted; where nobody is there, only if it was said.
    Its exit code."""
    if wanted is None:
        wanted = ask.someone and ask.confirm(
            "Install the background service, so that it runs by itself?", default=True
        )
    if not wanted:
        ask.say("It does not run in the background yet; `fikad service install` sees to that.")
        return 0
    group: click.Group = importlib.import_module("daemon.cli.service").service_command
    install = group.commands["install"]
    code = install.main(
        ["--config", str(paths.config), "--state", str(paths.state)],
        prog_name="fikad service install",
        standalone_mode=False,
    )
    return code if isinstance(code, int) else 0
