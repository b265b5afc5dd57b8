"""`fikad check`: a doctor. One row for each thing, ok, warning or failed, with what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from daemon.cli.options import Paths, clock, command, json_option, print_json

if TYPE_CHECKING:
    from daemon.checks.rows import Row
    from daemon.config.schema import Config
    from daemon.ledger.ledger import Ledger

_AHEAD = timedelta(days=400)


@command(
    "check", help="Look for anything that keeps fikad from working, and say what to do about it."
)
@click.option("--offline", is_flag=True, help="Ask no server; use what was read last.")
@json_option
def check_command(paths: Paths, offline: bool, as_json: bool) -> int:
    """Writes nothing. Exit code: 0 when nothing failed, else 10 config, 11 a login, 12 an account,
    1 anything else."""
    from daemon.checks.rows import exit_code

    rows = []
    for row in _rows(paths, clock(), offline=offline):
        rows.append(row)
        if not as_json:
            _print(row)
    if as_json:
        facts = [
            {"thing": r.thing, "state": r.state, "message": r.message, "next": r.next or None}
            for r in rows
        ]
        print_json({"ok": not any(row.state == "failed" for row in rows), "rows": facts})
    else:
        _sum_up(rows)
    return exit_code(rows)


def _rows(paths: Paths, now: datetime, *, offline: bool) -> Iterator[Row]:
    """Everything that is looked at, in this order, as soon as it is known."""
    from daemon.checks.rows import config_rows, service_row, state_rows
    from daemon.ledger.ledger import ledger_view
    from daemon.service.daemon_state import load_daemon_state, running

    config, told = config_rows(paths.config, paths.load)
    yield from told
    state = list(state_rows(paths.state, lambda: ledger_view(paths.state).close()))
    yield from state
    if config is not None and all(row.state != "failed" for row in state):
        with ledger_view(paths.state) as ledger:
            yield from _account_rows(config, ledger, now, offline=offline)
            yield from _people_rows(config, ledger, now)
    said = load_daemon_state(paths.state)
    yield service_row(
        running(paths.state),
        said.problems if said else (),
        tuple(said.troubles.values()) if said else (),
    )


def _account_rows(config: Config, ledger: Ledger, now: datetime, *, offline: bool) -> Iterator[Row]:
    """Each account, its secret and its server, then the hold calendar."""
    from daemon.checks.abilities import scope_rows
    from daemon.checks.account_rows import (
        Opened,
        account_rows,
        gone_rows,
        hold_row,
        remembered_row,
        secret_row,
        server_rows,
    )

    remembered = ledger.accounts()
    opened: list[Opened] = []
    with ExitStack() as stack:
        for name, account in config.accounts.items():
            secret = secret_row(name, account)
            if secret is not None:
                yield secret
            if offline:
                yield remembered_row(name, remembered.get(name), config.zone, config.date_style)
                continue
            if secret is not None and secret.state == "failed":
                continue
            yield from scope_rows(name, account, config)
            reached, rows = account_rows(name, account, remembered.get(name), now)
            yield from rows
            yield from server_rows(name, account, now, config.date_style)
            if reached is not None:
                yield from gone_rows(name, account, reached.calendars, ledger)
                stack.callback(reached.account.close)
                opened.append(reached)
        if config.accounts and not offline:
            yield hold_row(config, opened, ledger)


def _people_rows(config: Config, ledger: Ledger, now: datetime) -> Iterator[Row]:
    """What the calendars, as last read, say about the user, the contacts and the time."""
    from connectors.mail_address import is_mail
    from daemon.checks.rows import (
        chance_rows,
        contact_rows,
        name_rows,
        nearly_rows,
        own_address_rows,
        set_aside_rows,
        slot_row,
        unread_row,
    )
    from daemon.people.contacts import ContactIndex
    from daemon.situation.situation import contacts_now, read_situation

    contacts = contacts_now(config, ledger.people(), now)
    yield from chance_rows(config, contacts)
    yield from name_rows(contact for contact in contacts if not contact.paused)
    accounts = ledger.accounts()
    unread = [
        name
        for name in config.accounts
        if name not in accounts or accounts[name].last_success is None
    ]
    if unread:
        yield unread_row(unread)
        return
    mine = frozenset(config.me).union(*(account.addresses for account in accounts.values()))
    yield from set_aside_rows(ledger.problems())
    occurrences = ledger.occurrences(now - config.history, now + _AHEAD)
    index = ContactIndex(contacts, vocabulary=config.vocabulary, mine=filter(is_mail, mine))
    yield from own_address_rows(occurrences, mine, index)
    yield from contact_rows(occurrences, config, mine, index, now)
    yield from nearly_rows(occurrences, config, mine, index, now)
    yield slot_row(read_situation(config, ledger, now))


# --- showing ---


_MARGIN = len("warning ")
_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}


def _print(row: Row) -> None:
    """One row, folded to the terminal, with what to do next on lines of its own."""
    from rich.text import Text

    from connectors.sanitize import sanitize
    from daemon.cli.console import stdout_console

    to = stdout_console()
    width = max(to.width - _MARGIN, 1)
    told = Text.assemble((f"{sanitize(row.thing)}:", "bold"), f" {sanitize(row.message)}").wrap(
        to, width
    )
    what_next = Text(f"→ {sanitize(row.next)}").wrap(to, width) if row.next else ()
    for number, line in enumerate((*told, *what_next)):
        line.rstrip()
        state = Text(row.state, style=_STYLES[row.state]) if number == 0 else Text()
        state.pad_right(_MARGIN - len(state))
        to.print(state + line)


def _sum_up(rows: Sequence[Row]) -> None:
    from daemon.cli.console import tell

    failed = sum(row.state == "failed" for row in rows)
    warned = sum(row.state == "warning" for row in rows)
    if not failed and not warned:
        tell("Everything is in order.")
        return
    told = [f"{failed} failed"] * bool(failed) + [
        f"{warned} warning{'' if warned == 1 else 's'}"
    ] * bool(warned)
    tell(f"{', '.join(told)}{'' if failed else '; fikad can work'}.")
