"""`fikad init`: what was said by options, what there is to ask with, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from connectors.errors import FikadError
from daemon.cli.asking import Asker
from daemon.cli.options import CONSENT_SECONDS
from daemon.config.values import parse_label
from daemon.setup.kept_people import BookContents
from daemon.setup.locating import Resolver
from daemon.setup.signing_in import AccountContents


class NotFoundError(FikadError):
    """No calendars were found where the user said they are."""


@dataclass(frozen=True, slots=True)
class InitOptions:
    """What was given by options; empty is what was not."""

    kind: str = ""
    account: str = ""
    email: str = ""
    url: str = ""
    username: str = ""
    path: str = ""
    client_secrets: str = ""
    endpoint: str = ""
    password_stdin: bool = False
    password_keyring: bool = False
    password_command: str = ""
    password_credential: str = ""
    password_file: str = ""
    token_file: str = ""
    no_browser: bool = False
    port: int = 0
    seconds: float = CONSENT_SECONDS
    address_book: str = ""
    """none, or a .vcf file or a folder of them; empty: that of the same login."""
    labels: str = ""
    """Which labels make contacts: all, none, or names between commas, each perhaps with "=" and a
    circle or a cadence."""


@dataclass(frozen=True, slots=True)
class KnownBook:
    """An address book that works, as it will stand in the config but for its labels."""

    name: str
    values: dict[str, Any]
    contents: BookContents


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that works, as it will stand in the config."""

    name: str
    values: dict[str, Any]
    contents: AccountContents
    me: tuple[str, ...]
    """The user's addresses that the account does not report by itself."""
    open_book: Callable[[], KnownBook] | None = None
    """Looks for the address book of the same login. Raises AccountError."""
    has_declined: bool = False
    """The user wants no address book to be read."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every question about an account is asked with."""

    ask: Asker
    folder: Path
    """The config's: secrets in files lie there unless the user says otherwise."""
    taken: Collection[str]
    """Names of accounts that the config has already."""
    resolver: Resolver
    clock: Callable[[], datetime]

    def name(self, options: InitOptions, usual: str) -> str:
        """The account's name: the one given, else the usual one, numbered when it is taken."""
        if options.account:
            name = parse_label(options.account)
            if name in self.taken:
                raise click.UsageError(
                    f'an account "{name}" exists already: choose another --account'
                )
            return name
        names = (usual, *(f"{usual}{number}" for number in range(2, len(self.taken) + 3)))
        return next(name for name in names if name not in self.taken)
