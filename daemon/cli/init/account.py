"""`fikad init`, first half: which account, where it is, how to log in; tried at once, written only
when it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from connectors.dav.probing import ProbeResult
from connectors.errors import AccountError, CredentialsError, RefusedError, SecretError
from connectors.files.account import FilesAccount
from connectors.google.account import GoogleAccount
from connectors.google.auth import read_client_secrets, wanted_scopes
from connectors.secrets import StoredToken
from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.cli.init.address_book import carddav_book, google_book, may_read_contacts
from daemon.cli.init.answers import InitOptions, NewAccount, NotFoundError, Setting
from daemon.cli.init.secret import (
    chosen_location,
    keep,
    keyring_or_file,
    passwords,
    secret_of,
    source_of,
)
from daemon.cli.logging_in import Consent, calendar_list
from daemon.config.account_entries import Secret
from daemon.config.values import parse_email, parse_label, parse_web_address
from daemon.setup.locating import Candidate, candidates, follow, vouches_for
from daemon.setup.providers import (
    NEXTCLOUD_HINT,
    Provider,
    is_within,
    provider_of_address,
    provider_of_host,
)
from daemon.setup.signing_in import SignedIn, inspect_account, sign_in, usernames_of

_TO_ASK_AGAIN: dict[str, Any] = dict.fromkeys(
    ("kind", "email", "url", "username", "path", "client_secrets"), ""
)
"""What is taken back of the options when an account does not work."""


def new_account(options: InitOptions, setting: Setting) -> NewAccount:
    """Ask for what was not said, try the account and keep its secret. Where somebody is there, what
    does not work is asked for again, and nothing else. Raises AccountError, RefusedError,
    NotFoundError, click.UsageError; nothing was written to the config by then."""
    before = ""
    while True:
        kind, given = _kind(options, setting.ask, before)
        try:
            made = {"caldav": _caldav, "google": _google, "files": _files}[kind](given, setting)
            break
        except (AccountError, NotFoundError) as error:
            # A secret that has no place to be kept in is no better elsewhere, and stdin is read up.
            if isinstance(error, SecretError) or not setting.ask.someone or given.password_stdin:
                raise
            setting.ask.say(f"That did not work: {error}.")
            before = given.email or given.url or given.path or before
            options = replace(options, **_TO_ASK_AGAIN)
    setting.ask.say(f'Account "{made.name}" works: {calendar_list(made.contents.calendars)}.')
    if not made.contents.can_create and not any(
        writable for _, writable in made.contents.calendars
    ):
        setting.ask.say(
            "It can only be read: holds need an account that can be written (`fikad init "
            "--add-account`)."
        )
    return made


def _kind(options: InitOptions, ask: Asker, before: str) -> tuple[str, InitOptions]:
    """The kind of account, from what was said or from one answer that may be an address, a URL or a
    path; `before` is what was answered last time."""
    if not (options.kind or options.path or options.client_secrets or options.url or options.email):
        question = (
            "Your e-mail address, your calendar server (https://…), or a folder of .ics files"
        )
        where = ask.ask(question, "--email, --url or --path", _understood, before or None)
        match _sort(where):
            case "email":
                options = replace(options, email=where)
            case "url":
                options = replace(options, url=where)
            case _:
                options = replace(options, path=where)
    provider = provider_of_address(options.email) if options.email else None
    if options.kind:
        return options.kind, options
    if options.path:
        return "files", options
    if options.client_secrets or (
        provider is not None and provider.kind == "google" and not options.url
    ):
        return "google", options
    if provider is not None and provider.kind == "none" and not options.url:
        raise NotFoundError(f"{provider.name} cannot be asked by fikad", provider.hint)
    return "caldav", options


def _understood(text: str) -> str:
    if not text:
        raise BadValue("is empty", "write for example sam@example.com")
    sort = _sort(text)
    if sort == "email":
        return parse_email(text)
    return _web_address(text) if sort == "url" else text


def _sort(text: str) -> str:
    """What somebody typed: an address, a URL, or else a path."""
    if "://" in text:
        return "url"
    if text.startswith(("/", "~", ".")) or Path(text).expanduser().exists():
        return "path"
    return "email" if "@" in text else "url"


def _web_address(text: str) -> str:
    return parse_web_address(text if "://" in text else f"https://{text}")


# --- CalDAV ---


def _caldav(options: InitOptions, setting: Setting) -> NewAccount:
    ask = setting.ask
    if not options.url and not options.email:
        raise click.UsageError("a CalDAV account needs --email or --url")
    email = _checked(parse_email, options.email, "--email") if options.email else ""
    name = setting.name(options, "home")
    candidate = _where(options, email, setting)
    provider = provider_of_host(candidate.url)
    if provider is not None and provider.kind != "caldav":
        raise NotFoundError(f"{provider.name} lets no password in there", provider.hint)
    ask.say(f"Calendar server: {candidate.url} ({candidate.how})")
    if ask.someone and not (
        options.password_stdin or options.password_command or options.password_credential
    ):
        ask.say(provider.hint if provider is not None else NEXTCLOUD_HINT)
    usernames = (options.username,) if options.username else usernames_of(email)
    if not any(usernames):
        usernames = (ask.ask("User name", "--username", parse_label),)
    location = chosen_location(options)
    signed, password = _signed_in(options, setting, name, candidate, usernames, location)
    kept = keep(options, setting, name, location, password)
    values = {"type": "caldav", "url": signed.url, "username": signed.username, "password": kept}
    own = email or (signed.username.lower() if "@" in signed.username else "")
    return NewAccount(
        name,
        values,
        signed.contents,
        (own,) if own and own not in signed.contents.addresses else (),
        partial(
            carddav_book, signed, password, name, _follower(candidate, setting), setting.clock()
        ),
    )


def _where(options: InitOptions, email: str, setting: Setting) -> Candidate:
    """The server: the one given, else the first that the address leads to. Raises NotFoundError,
    RefusedError."""
    if options.url:
        return Candidate(_checked(_web_address, options.url, "--url"), "as you said", vouched=True)
    provider = provider_of_address(email)
    if provider is not None and provider.kind != "caldav":
        raise NotFoundError(f"{provider.name} cannot be asked by fikad", provider.hint)
    probed: list[str] = []
    for candidate in candidates(email, setting.resolver):
        reached = candidate if provider is not None else follow(candidate)
        if isinstance(reached, ProbeResult):
            probed.append(reached.message)
            continue
        if reached.vouched or _trusted(reached, email, setting.ask):
            return reached
    because = f" ({'; '.join(dict.fromkeys(probed))})" if probed else ""
    raise NotFoundError(
        f"no calendar server was found for {email}{because}",
        "look for the CalDAV address in your calendar's settings and give it with --url",
    )


def _trusted(candidate: Candidate, email: str, ask: Asker) -> bool:
    """Whether the user trusts a server of another domain with the password. Raises RefusedError
    with nobody to ask."""
    domain = email.rpartition("@")[2]
    if not ask.someone:
        raise RefusedError(
            f"{candidate.url} is not of {domain}, so your password is not sent there unasked",
            f"if you trust it, add --url {candidate.url}",
        )
    ask.say(f"{candidate.url} ({candidate.how}) is not of {domain}.")
    return ask.confirm("Do you know it, and may your password be sent to it?", default=False)


def _signed_in(
    options: InitOptions,
    setting: Setting,
    name: str,
    candidate: Candidate,
    usernames: tuple[str, ...],
    location: Secret | None,
) -> tuple[SignedIn, str]:
    """A login that works, with its password; a mistyped one is asked for again."""
    refused: CredentialsError | None = None
    for password in passwords(options, setting, name, usernames[0], location):
        if refused is not None:
            setting.ask.say(f"That did not work: {refused.what}.")
        try:
            return sign_in(
                name,
                candidate.url,
                usernames,
                password,
                setting.clock(),
                _follower(candidate, setting),
            ), password
        except CredentialsError as error:
            refused = error
    raise refused or CredentialsError("no password was given", "run it again and type one")


def _follower(candidate: Candidate, setting: Setting) -> Callable[[str], bool]:
    """Whether the password may follow the calendars to another host: it may within one provider,
    else who is there is asked."""
    provider: Provider | None = provider_of_host(candidate.url)

    def may_follow(url: str) -> bool:
        if provider is not None and provider_of_host(url) == provider:
            return True
        host = url.split("/")[2]
        home = candidate.url.split("/")[2].partition(":")[0]
        if is_within(host.partition(":")[0], home) and vouches_for(home, url):
            return True
        question = f"Your calendars are on {host}. May your password be sent there?"
        return setting.ask.someone and setting.ask.confirm(question, default=False)

    return may_follow


# --- Google and files ---


def _google(options: InitOptions, setting: Setting) -> NewAccount:
    ask = setting.ask
    if not options.client_secrets:
        ask.say(
            "Google wants you to register a client of your own, once: docs/accounts.md shows how,"
            " step by step (ten minutes)."
        )
    given = options.client_secrets or ask.ask(
        "The client_secret.json from Google's console", "--client-secrets", _file
    )
    client = Path(given).expanduser().absolute()
    read_client_secrets(client)
    name = setting.name(options, "google")
    if options.token_file:
        kept: dict[str, Any] = {"file": str(Path(options.token_file).expanduser().absolute())}
    else:
        kept = keyring_or_file(setting, name, "token", "--token-file")
    source = source_of(kept, setting)
    consent = Consent(
        open_browser=not options.no_browser, port=options.port, seconds=options.seconds
    )
    contacts = may_read_contacts(options, ask)
    consent.ask(name, client, source, wanted_scopes(holds=True, contacts=contacts))
    endpoint = (
        _checked(parse_web_address, options.endpoint, "--endpoint") if options.endpoint else None
    )
    contents = inspect_account(
        GoogleAccount(name, client, StoredToken(source, name), endpoint, {}), setting.clock()
    )
    values = {"type": "google", "client_secrets": str(client), "token": kept}
    token = secret_of(kept, setting)
    return NewAccount(
        name,
        values | ({"endpoint": endpoint} if endpoint else {}),
        contents,
        (),
        partial(google_book, name, client, token, endpoint, setting.clock()) if contacts else None,
        has_declined=not contacts,
    )


def _file(text: str) -> str:
    if not Path(text).expanduser().is_file():
        raise BadValue("is no file", "write its whole path")
    return text


def _files(options: InitOptions, setting: Setting) -> NewAccount:
    given = options.path or setting.ask.ask(
        "A folder of .ics files, or one .ics file", "--path", lambda text: text
    )
    path = Path(given).expanduser().absolute()
    name = setting.name(options, "files")
    contents = inspect_account(FilesAccount(name, path, {}), setting.clock())
    email = _checked(parse_email, options.email, "--email") if options.email else ""
    return NewAccount(
        name, {"type": "files", "path": str(path)}, contents, (email,) if email else ()
    )


def _checked(parse: Callable[[str], str], text: str, option: str) -> str:
    try:
        return parse(text)
    except BadValue as error:
        raise click.UsageError(f"{option} {error}: {error.hint}") from None
