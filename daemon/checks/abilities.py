"""`fikad check`: what an account lets fikad do: tell what changed, and everything that Google was
asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.errors import AccountError, CredentialsError
from connectors.google.auth import (
    HOLD_SCOPE,
    NAMED_SCOPE,
    granted_scopes,
    missing_scopes,
    wanted_scopes,
)
from connectors.sanitize import sanitize
from connectors.secrets import StoredToken
from daemon.checks.rows import CREDENTIALS, Row
from daemon.config.schema import AccountEntry, CalDAVEntry, Config, GoogleEntry
from daemon.google_logins import google_login
from daemon.people.contacts import joined

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.base import Account, Calendar

_NAMES_SHOWN = 200


def sync_row(name: str, config: AccountEntry, calendars: Sequence[Calendar]) -> Row | None:
    """How it is found out what changed in the calendars that are read; None for files, whose times
    are looked at."""
    thing = f"changes of {name}"
    if isinstance(config, GoogleEntry):
        return Row(thing, "ok", "Google tells what changed (sync token)")
    if not isinstance(config, CalDAVEntry) or not calendars:
        return None
    blind = [calendar.name for calendar in calendars if calendar.version is None]
    if blind:
        told = f"{_names(blind)} cannot tell whether anything changed"
        return Row(
            thing,
            "warning",
            told,
            "there is nothing to do: every poll lists them, which costs the server more",
        )
    rough = [calendar.name for calendar in calendars if not calendar.keeps_history]
    if rough:
        return Row(
            thing,
            "ok",
            f"{_names(rough)}: no sync token, so after every change everything is listed",
        )
    return Row(thing, "ok", "the server tells what changed (sync token)")


def free_busy_row(name: str, account: Account, now: datetime) -> Row | None:
    """Whether the server of an account can be asked when others are busy; None where there is no
    server."""
    if account.free_busy is None:
        return None
    thing = f"free/busy of {name}"
    try:
        obstacle = account.free_busy.obstacle(now)
    except AccountError as error:
        return Row(thing, "warning", error.what, error.advice)
    if obstacle:
        what, _, advice = obstacle.partition(": ")
        return Row(
            thing, "warning", what, advice or "the other accounts are asked, if there are any"
        )
    return Row(thing, "ok", "it can be asked when others are busy; whether it tells is up to them")


def scope_rows(config: Config, name: str) -> Iterator[Row]:
    """What Google was asked for and the user did not grant to the login of an account or address
    book; nothing where that is not known (a keyring keeps the refresh token alone), or where it is
    not at Google."""
    login = google_login(config, name)
    if login is None:
        return
    thing = f"grant of {login.name}"
    try:
        granted = granted_scopes(StoredToken(login.token.source, login.name).load() or {})
    except CredentialsError:
        return  # said with the secret
    if granted is None:
        return
    needed = wanted_scopes(calendars=login.calendars, contacts=login.contacts)
    unread = missing_scopes(granted, needed)
    allow = f"run `fikad auth {login.name}` and allow everything that is asked for"
    may_read = " and ".join(
        what
        for what, wanted in (("calendars", login.calendars), ("contacts", login.contacts))
        if wanted
    )
    if unread:
        told = f"Google was not given leave to let fikad read ({_scopes(unread)})"
        yield Row(thing, "failed", told, allow, CREDENTIALS)
    elif login.holds and len(missing_scopes(granted, (HOLD_SCOPE, NAMED_SCOPE))) == 2:
        told = f"fikad may read {may_read}, but not write holds ({_scopes((HOLD_SCOPE,))})"
        yield Row(thing, "warning", told, f"{allow}, or name another account under [holds]")
    else:
        writes = ", and write holds" if login.holds else ""
        yield Row(thing, "ok", f"fikad may read {may_read}{writes}")


def _scopes(scopes: Sequence[str]) -> str:
    return ", ".join(scope.rpartition("/")[2] for scope in scopes)


def _names(names: Sequence[str]) -> str:
    return sanitize(joined(list(names)), _NAMES_SHOWN)
