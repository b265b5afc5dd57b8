"""Everything that `fikad check` looks at, in one order. It writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.mail_address import is_mail
from daemon.checks.abilities import free_busy_row, scope_rows
from daemon.checks.account_rows import (
    Opened,
    account_rows,
    gone_rows,
    hold_row,
    remembered_row,
    secret_row,
    server_rows,
)
from daemon.checks.book_rows import book_rows
from daemon.checks.people_rows import (
    Seen,
    contact_rows,
    name_rows,
    nearly_rows,
    own_address_rows,
)
from daemon.checks.rows import (
    ACCOUNT,
    CONFIG,
    CREDENTIALS,
    Row,
    chance_rows,
    config_rows,
    service_row,
    set_aside_rows,
    slot_row,
    state_rows,
    unread_row,
)
from daemon.config.schema import Config, load
from daemon.ledger.ledger import Ledger, ledger_view
from daemon.people.contacts import ContactIndex
from daemon.service.daemon_state import load_daemon_state, running
from daemon.situation.assessing import contacts_now, situation_in

_AHEAD = timedelta(days=400)


def exit_code(rows: Iterable[Row]) -> int:
    """The exit code of a check: 0 if nothing failed, else the gravest of config, credentials,
    account, anything."""
    codes = {row.code or 1 for row in rows if row.state == "failed"}
    return next((code for code in (CONFIG, CREDENTIALS, ACCOUNT, 1) if code in codes), 0)


def examined(config_path: Path, state: Path, now: datetime, *, offline: bool) -> Iterator[Row]:
    """Everything that is looked at, in this order, as soon as it is known. `offline`: no server is
    asked, and what was read last is told."""
    config, told = config_rows(config_path, lambda: load(config_path))
    yield from told
    states = list(state_rows(state, lambda: ledger_view(state).close()))
    yield from states
    if config is not None and all(row.state != "failed" for row in states):
        with ledger_view(state) as ledger:
            yield from _account_rows(config, ledger, now, offline=offline)
            yield from book_rows(config, ledger, now, offline=offline)
            yield from _people_rows(config, ledger, now)
    said = load_daemon_state(state)
    yield service_row(
        running(state),
        said.problems if said else (),
        tuple(said.troubles.values()) if said else (),
    )


def _account_rows(config: Config, ledger: Ledger, now: datetime, *, offline: bool) -> Iterator[Row]:
    """Each account, its secret and its server, then the hold calendar."""
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
            yield from scope_rows(config, name)
            reached, rows = account_rows(name, account, remembered.get(name), now)
            yield from rows
            yield from server_rows(name, account, now, config.date_style)
            if reached is not None:
                yield from gone_rows(name, account, reached.calendars, ledger)
                if config.asks_free_busy:
                    row = free_busy_row(name, reached.account, now)
                    yield from () if row is None else (row,)
                stack.callback(reached.account.close)
                opened.append(reached)
        own_logins = (name for name, book in config.addressbooks.items() if not book.shared_account)
        for name in own_logins if not offline else ():
            yield from scope_rows(config, name)
        if config.accounts and not offline:
            yield hold_row(config, opened, ledger)


def _people_rows(config: Config, ledger: Ledger, now: datetime) -> Iterator[Row]:
    """What the calendars, as last read, say about the user, the contacts and the time."""
    contacts = contacts_now(config, ledger, now)
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
    index = ContactIndex(contacts, vocabulary=config.vocabulary, mine=filter(is_mail, mine))
    seen = Seen(ledger.each(now - config.history, now + _AHEAD), config, mine, index, now)
    yield from own_address_rows(seen)
    yield from contact_rows(seen)
    yield from nearly_rows(seen)
    yield slot_row(situation_in(config, ledger, now))


def check_facts(rows: Iterable[Row]) -> dict[str, Any]:
    """The rows as JSON."""
    rows = list(rows)
    return {
        "ok": not any(row.state == "failed" for row in rows),
        "rows": [
            {
                "thing": row.thing,
                "state": row.state,
                "message": row.message,
                "next": row.next or None,
            }
            for row in rows
        ],
    }
