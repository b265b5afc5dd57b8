"""`fikad init`, first half: which account, where it is, how to log in; tried at once, written only when it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from connectors.base import CredentialsError, RefusedError
from daemon.cli.asking import Asker
from daemon.cli.auth import Consent, calendar_list
from daemon.cli.init.answers import NewAccount, NotFoundError, Said, Setting
from daemon.cli.init.secret import chosen_place, keep, keyring_or_file, passwords, source_of
from daemon.config.account_entries import Secret
from daemon.config.values import BadValue, parse_email, parse_label, parse_web_address
from daemon.setup.locating import Candidate, Heard, candidates, follow, vouches_for
from daemon.setup.providers import NEXTCLOUD_HINT, Provider, is_within, provider_of_address, provider_of_host
from daemon.setup.signing_in import SignedIn, see, sign_in, usernames_of


def new_account(said: Said, setting: Setting) -> NewAccount:
    """Ask for what was not said, try the account and keep its secret. Raises AccountError, RefusedError,
    NotFoundError, click.UsageError; nothing was written to the config by then."""
    kind, said = _kind(said, setting.ask)
    made = {"caldav": _caldav, "google": _google, "files": _files}[kind](said, setting)
    setting.ask.say(f'Account "{made.name}" works: {calendar_list(made.seen.calendars)}.')
    if not made.seen.can_create and not any(writable for _, writable in made.seen.calendars):
        setting.ask.say("It can only be read: holds need an account that can be written (`fikad init --add-account`).")
    return made


def _kind(said: Said, ask: Asker) -> tuple[str, Said]:
    """The kind of account, from what was said or from one answer that may be an address, a URL or a path."""
    if not (said.kind or said.path or said.client_secrets or said.url or said.email):
        question = "Your e-mail address, your calendar server (https://…), or a folder of .ics files"
        where = ask.ask(question, "--email, --url or --path", _understood)
        match _sort(where):
            case "email":
                said = replace(said, email=where)
            case "url":
                said = replace(said, url=where)
            case _:
                said = replace(said, path=where)
    provider = provider_of_address(said.email) if said.email else None
    if said.kind:
        return said.kind, said
    if said.path:
        return "files", said
    if said.client_secrets or (provider is not None and provider.kind == "google" and not said.url):
        return "google", said
    if provider is not None and provider.kind == "none" and not said.url:
        raise NotFoundError(f"{provider.name} cannot be asked by fikad", provider.hint)
    return "caldav", said


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


# --- CalDAV -----------------------------------------------------------------------------------------------


def _caldav(said: Said, setting: Setting) -> NewAccount:
    ask = setting.ask
    if not said.url and not said.email:
        raise click.UsageError("a CalDAV account needs --email or --url")
    email = _checked(parse_email, said.email, "--email") if said.email else ""
    name = setting.name(said, "home")
    found = _where(said, email, setting)
    provider = provider_of_host(found.url)
    if provider is not None and provider.kind != "caldav":
        raise NotFoundError(f"{provider.name} lets no password in there", provider.hint)
    ask.say(f"Calendar server: {found.url} ({found.how})")
    if ask.someone and not (said.password_stdin or said.password_command or said.password_credential):
        ask.say(provider.hint if provider is not None else NEXTCLOUD_HINT)
    usernames = (said.username,) if said.username else usernames_of(email)
    if not any(usernames):
        usernames = (ask.ask("User name", "--username", parse_label),)
    place = chosen_place(said)
    signed, password = _signed_in(said, setting, name, found, usernames, place)
    kept = keep(said, setting, name, place, password)
    values = {"type": "caldav", "url": signed.url, "username": signed.username, "password": kept}
    own = email or (signed.username.lower() if "@" in signed.username else "")
    return NewAccount(name, values, signed.seen, (own,) if own and own not in signed.seen.addresses else ())


def _where(said: Said, email: str, setting: Setting) -> Candidate:
    """The server: the one given, else the first that the address leads to. Raises NotFoundError, RefusedError."""
    if said.url:
        return Candidate(_checked(_web_address, said.url, "--url"), "as you said", vouched=True)
    provider = provider_of_address(email)
    if provider is not None and provider.kind != "caldav":
        raise NotFoundError(f"{provider.name} cannot be asked by fikad", provider.hint)
    heard: list[str] = []
    for candidate in candidates(email, setting.resolver):
        found = candidate if provider is not None else follow(candidate)
        if isinstance(found, Heard):
            heard.append(found.message)
            continue
        if found.vouched or _trusted(found, email, setting.ask):
            return found
    because = f" ({'; '.join(dict.fromkeys(heard))})" if heard else ""
    raise NotFoundError(
        f"no calendar server was found for {email}{because}",
        "look for the CalDAV address in your calendar's settings and give it with --url",
    )


def _trusted(found: Candidate, email: str, ask: Asker) -> bool:
    """Whether the user trusts a server of another domain with the password. Raises RefusedError with nobody to ask."""
    domain = email.rpartition("@")[2]
    if not ask.someone:
        raise RefusedError(
            f"{found.url} is not of {domain}, so your password is not sent there unasked",
            f"if you trust it, add --url {found.url}",
        )
    ask.say(f"{found.url} ({found.how}) is not of {domain}.")
    return ask.confirm("Do you know it, and may your password be sent there?", default=False)


def _signed_in(
    said: Said, setting: Setting, name: str, found: Candidate, usernames: tuple[str, ...], place: Secret | None
) -> tuple[SignedIn, str]:
    """A login that works, with its password; a mistyped one is asked for again."""
    refused: CredentialsError | None = None
    for password in passwords(said, setting, name, usernames[0], place):
        try:
            return sign_in(name, found.url, usernames, password, setting.clock(), _follower(found, setting)), password
        except CredentialsError as error:
            refused = error
            if setting.ask.someone:
                setting.ask.say(f"That did not work: {error.what}.")
    raise refused or CredentialsError("no password was given", "run it again and type one")


def _follower(found: Candidate, setting: Setting) -> Callable[[str], bool]:
    """Whether the password may follow the calendars to another host: it may within one provider, else who is there is
    asked."""
    provider: Provider | None = provider_of_host(found.url)

    def may_follow(url: str) -> bool:
        if provider is not None and provider_of_host(url) == provider:
            return True
        host = url.split("/")[2]
        home = found.url.split("/")[2].partition(":")[0]
        if is_within(host.partition(":")[0], home) and vouches_for(home, url):
            return True
        question = f"Your calendars are on {host}. May your password be sent there?"
        return setting.ask.someone and setting.ask.confirm(question, default=False)

    return may_follow


# --- Google and files -------------------------------------------------------------------------------------


def _google(said: Said, setting: Setting) -> NewAccount:
    from connectors.google.account import GoogleAccount
    from connectors.google.auth import read_client_secrets
    from connectors.secrets import StoredToken

    ask = setting.ask
    if not said.client_secrets:
        ask.say("Google wants a client of your own, once: docs/accounts.md has it step by step (ten minutes).")
    given = said.client_secrets or ask.ask("The client_secret.json from Google's console", "--client-secrets", _file)
    client = Path(given).expanduser().absolute()
    read_client_secrets(client)
    name = setting.name(said, "google")
    if said.token_file:
        kept: dict[str, Any] = {"file": str(Path(said.token_file).expanduser().absolute())}
    else:
        kept = keyring_or_file(setting, name, "token", "--token-file")
    source = source_of(kept, setting)
    consent = Consent(open_browser=not said.no_browser, port=said.port, seconds=said.seconds)
    consent.ask(name, client, source, holds=True, own=False)
    endpoint = _checked(parse_web_address, said.endpoint, "--endpoint") if said.endpoint else None
    seen = see(GoogleAccount(name, client, StoredToken(source, name), endpoint, {}), setting.clock())
    values = {"type": "google", "client_secrets": str(client), "token": kept}
    return NewAccount(name, values | ({"endpoint": endpoint} if endpoint else {}), seen, ())


def _file(text: str) -> str:
    if not Path(text).expanduser().is_file():
        raise BadValue("is no file", "write its whole path")
    return text


def _files(said: Said, setting: Setting) -> NewAccount:
    from connectors.files.account import FilesAccount

    given = said.path or setting.ask.ask("A folder of .ics files, or one .ics file", "--path", lambda text: text)
    path = Path(given).expanduser().absolute()
    name = setting.name(said, "files")
    seen = see(FilesAccount(name, path, {}), setting.clock())
    email = _checked(parse_email, said.email, "--email") if said.email else ""
    return NewAccount(name, {"type": "files", "path": str(path)}, seen, (email,) if email else ())


def _checked(parse: Callable[[str], str], text: str, option: str) -> str:
    try:
        return parse(text)
    except BadValue as error:
        raise click.UsageError(f"{option} {error}: {error.hint}") from None
