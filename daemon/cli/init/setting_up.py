"""`fikad init`, from the options to a config with an account that works, and the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from connectors.errors import RefusedError
from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.cli.init.account import new_account
from daemon.cli.init.address_book import find_book
from daemon.cli.init.answers import InitOptions, NewAccount, Setting
from daemon.cli.init.choosing_people import Wanted, add_people
from daemon.cli.init.history import read_history
from daemon.cli.init.labels import choose_labels
from daemon.cli.init.place import Place, find_place
from daemon.cli.init.week import WantedWeek, choose_week
from daemon.cli.options import Paths, clock
from daemon.cli.service import install
from daemon.config.schema import Config
from daemon.config.values import parse_email
from daemon.setup.config_writer import (
    create_config,
    read_text,
    replace_config,
    with_account,
    with_me,
)
from daemon.setup.dns import SystemResolver
from daemon.setup.new_config import Beginnings, new_config


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that was said by options."""

    account: InitOptions
    place: Place
    people: Wanted
    week: WantedWeek
    me: tuple[str, ...]
    """The user's addresses."""
    hold_calendar: str
    service: bool | None
    """Whether the background service is installed; None: not said."""

    @classmethod
    def by_option(cls, values: Mapping[str, Any]) -> Given:
        """From the options of the command, by their names."""
        rest = dict(values)
        place = Place(rest.pop("timezone"), rest.pop("language"), rest.pop("country"))
        people = Wanted(rest.pop("contacts"), rest.pop("circle"))
        week = WantedWeek(rest.pop("occasions"), rest.pop("hours"))
        me, hold_calendar, service = (rest.pop(name) for name in ("me", "hold_calendar", "service"))
        account = InitOptions(**{**rest, "kind": rest["kind"] or ""})
        return cls(account, place, people, week, me, hold_calendar, service)


def set_up(paths: Paths, given: Given, ask: Asker, *, add: bool) -> int:
    """From what was given to a config that works; the exit code. `add`: an account is added to the
    config that is there. Raises FikadError, click.UsageError."""
    known = _known(paths, add_account=add)
    made = _write_config(paths, known, given, ask)
    anybody = _from_the_past(paths, given, made, known, ask)
    code = _offer_service(paths, given.service, ask)
    ask.say()
    ask.say(
        "Now: `fikad once --dry-run` shows what would be suggested, `fikad once` pencils it in,"
    )
    ask.say(
        "`fikad check` looks for anything that is wrong, `fikad status` shows where everybody "
        "stands."
    )
    return code or (0 if anybody else 1)


def _from_the_past(
    paths: Paths, given: Given, made: NewAccount, before: Config | None, ask: Asker
) -> bool:
    """What address book and history propose: people, and in a first config (there was none
    `before`) the week. False when somebody who was named was not found."""
    known, all_found = None, True
    nobody = given.people.contacts == "none"
    if not nobody or given.account.labels:
        taken = before.addressbooks if before else ()
        book = find_book(made, given.account, taken, ask)
        known = read_history(paths, ask, book.contents.people if book else ())
        kept = choose_labels(paths, book, known, given.account.labels, ask) if book else ()
        if known is not None and not nobody:
            all_found = add_people(paths, given.people, known, kept, ask)
    if before is None and (known is not None or given.week != WantedWeek()):
        choose_week(paths, given.week, known, ask)
    return all_found


def _known(paths: Paths, *, add_account: bool) -> Config | None:
    """The config that is there; None when there is none. Raises RefusedError, ConfigError."""
    if not paths.config.exists():
        return None
    if not add_account:
        raise RefusedError(
            f"{paths.config} exists and is not overwritten",
            "add an account with `fikad init --add-account`, or name another file with --config",
        )
    return paths.load()


def _write_config(paths: Paths, known: Config | None, given: Given, ask: Asker) -> NewAccount:
    """Find the account out, and write it into the config."""
    place = given.place
    if known is None:
        ask.say(
            "fikad reads your calendars and pencils in time with people you have not met for a "
            "while."
        )
        ask.say("Setting it up writes nothing to any calendar.\n")
        place = find_place(place, ask)
    me = tuple(_address(address) for address in given.me)
    setting = Setting(
        ask, paths.config.parent, tuple(known.accounts) if known else (), SystemResolver(), clock
    )
    made = new_account(given.account, setting)
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
                    given.hold_calendar,
                )
            ),
        )
    else:
        before = read_text(paths.config)
        replace_config(paths.config, before, _added(before, made, known.me, mine))
    ask.say(f"Written: {paths.config}")
    return made


def _added(text: str, made: NewAccount, known: Sequence[str], mine: Sequence[str]) -> str:
    """A config with the new account, and with those of the user's addresses that it lacks."""
    changed = with_account(text, made.name, made.values)
    return (
        changed
        if set(mine) <= set(known)
        else with_me(changed, tuple(dict.fromkeys((*known, *mine))))
    )


def _address(written: str) -> str:
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
    code = install.main(
        ["--config", str(paths.config), "--state", str(paths.state)],
        prog_name="fikad service install",
        standalone_mode=False,
    )
    return code if isinstance(code, int) else 0
