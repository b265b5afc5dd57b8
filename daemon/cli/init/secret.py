"""`fikad init`: where the secret comes from and where it is kept."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from connectors.errors import CredentialsError
from connectors.secrets import SecretSource, StoredToken, read_secret, store_secret
from daemon.cli.asking import secret_from_stdin
from daemon.cli.init.answers import InitOptions, Setting
from daemon.config.account_entries import Secret

_TRIES = 3
"""How often a password may be mistyped."""


def chosen_location(options: InitOptions) -> Secret | None:
    """Where the user wants the password kept; None where that was not said."""
    try:
        words = shlex.split(options.password_command)
    except ValueError as error:
        raise click.UsageError(
            f"--password-command is not a command line ({error}): check its quotes"
        ) from None
    given = {
        "command": words,
        "credential": options.password_credential,
        "file": options.password_file and str(Path(options.password_file).expanduser().absolute()),
        "keyring": options.password_keyring,
    }
    wanted = {kind: value for kind, value in given.items() if value}
    if len(wanted) > 1:
        raise click.UsageError("name one place for the password, not several")
    if (options.password_command or options.password_credential) and options.password_stdin:
        raise click.UsageError(
            "fikad cannot store a password in a command or credential: leave out --password-stdin"
        )
    return Secret.model_validate(wanted) if wanted else None


def keep(
    options: InitOptions, setting: Setting, name: str, location: Secret | None, secret: str
) -> dict[str, Any]:
    """Store the secret in the chosen place; returns that place as the config writes it. Raises
    CredentialsError."""
    if location is not None and location.command is not None:
        return {"command": list(location.command)}
    if location is not None and location.credential is not None:
        return {"credential": location.credential}
    kept: dict[str, Any] = {"keyring": True}
    if location is None:
        kept = keyring_or_file(setting, name, "password", "--password-file")
    elif location.file is not None:
        kept = {"file": str(location.file)}
        if location.file.exists() and not options.password_stdin:
            return kept  # it is where the password was read from
    store_secret(source_of(kept, setting), name, secret, prompt=setting.ask.someone)
    return kept


def keyring_or_file(setting: Setting, name: str, what: str, option: str) -> dict[str, Any]:
    """The keyring, where there is one that can be used; else a private file, if the user agrees.
    Raises CredentialsError."""
    try:
        StoredToken(SecretSource("keyring"), name, prompt=setting.ask.someone).load()
    except CredentialsError as error:
        reason = error.what
        if not setting.ask.someone:
            raise CredentialsError(
                reason, f"add {option} FILE to keep the {what} in a private file"
            ) from None
        location = Path(f"{''.join(c for c in name if c.isalnum()) or 'account'}.{what}")
        setting.ask.say(f"{reason[:1].upper()}{reason[1:]}.")
        if not setting.ask.confirm(
            f"Keep the {what} in {setting.folder / location}, readable by you alone?", default=True
        ):
            raise
        setting.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {"file": str(location)}
    return {"keyring": True}


def source_of(kept: dict[str, Any], setting: Setting) -> SecretSource:
    return secret_of(kept, setting).source


def secret_of(kept: dict[str, Any], setting: Setting) -> Secret:
    """The place of a secret, from what the config says of it."""
    return Secret.model_validate(kept, context={"folder": setting.folder.absolute()})


def passwords(
    options: InitOptions, setting: Setting, name: str, username: str, location: Secret | None
) -> Iterator[str]:
    """The password from where it is kept or comes from; typed ones as often as may be."""
    if options.password_stdin:
        yield secret_from_stdin()
        return
    if location is not None and (
        options.password_command or options.password_credential or _exists(location)
    ):
        yield read_secret(location.source, name, prompt=setting.ask.someone)
        return
    question = f"Password of {username}"
    for _ in range(_TRIES):
        option = "--password-stdin, --password-command or --password-file"
        yield setting.ask.secret(question, option)


def _exists(location: Secret) -> bool:
    return location.file is not None and location.file.exists()
