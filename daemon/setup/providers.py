"""What is known of the places where people keep calendars: the address, and the kind of password
that is wanted there.

Most refuse the password of the account itself and want one made for a single program, and each
hides the page where it is made somewhere else. An address that nothing is known of is looked for by
`daemon.setup.locating`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Provider:
    """One place where people keep calendars."""

    name: str
    kind: Literal["caldav", "google", "none"] = "caldav"
    """How fikad reads it; "none": it lets no program in."""
    domains: tuple[str, ...] = ()
    """Domains of its e-mail addresses."""
    hosts: tuple[str, ...] = ()
    """Domains of its calendar servers, which it may send on to one another."""
    url: str = ""
    contacts_url: str = ""
    """Where its address books are, if that is not where its calendars lead."""
    hint: str = ""
    """What to do there first, as a sentence or two."""


PROVIDERS = (
    Provider(
        "iCloud",
        domains=("icloud.com", "me.com", "mac.com"),
        hosts=("icloud.com",),
        url="https://caldav.icloud.com/",
        contacts_url="https://contacts.icloud.com/",
        hint=(
            "iCloud wants an app-specific password: account.apple.com, Sign-In and Security,"
            " App-Specific Passwords. The user name is the e-mail address of your Apple Account."
        ),
    ),
    Provider(
        "Fastmail",
        domains=(
            "fastmail.com",
            "fastmail.fm",
            "fastmail.net",
            "fastmail.org",
            "fastmail.de",
            "fastmail.co.uk",
        ),
        hosts=("fastmail.com",),
        url="https://caldav.fastmail.com/",
        contacts_url="https://carddav.fastmail.com/",
        hint=(
            "Fastmail wants an app password: Settings, Privacy & Security, Manage app passwords; "
            'give it access to "Calendars (CalDAV)" and "Contacts (CardDAV)".'
        ),
    ),
    Provider(
        "mailbox.org",
        domains=("mailbox.org",),
        hosts=("mailbox.org",),
        url="https://dav.mailbox.org/",
        hint=(
            "mailbox.org takes your password; with two-factor login make an application password:"
            " Settings, Security, Application-specific passwords."
        ),
    ),
    Provider(
        "Zoho",
        domains=("zoho.com", "zohomail.com", "zoho.in", "zohomail.in"),
        hosts=("zoho.com", "zoho.in"),
        url="https://calendar.zoho.com/caldav/",
        hint=(
            "Zoho wants an app password when two-factor login is on: accounts.zoho.com, Security,"
            " App Passwords."
        ),
    ),
    Provider(
        "Zoho (EU)",
        domains=("zoho.eu", "zohomail.eu"),
        hosts=("zoho.eu",),
        url="https://calendar.zoho.eu/caldav/",
        hint=(
            "Zoho wants an app password when two-factor login is on: accounts.zoho.eu, Security,"
            " App Passwords."
        ),
    ),
    Provider(
        "Posteo",
        domains=("posteo.de", "posteo.net", "posteo.eu", "posteo.org"),
        hosts=("posteo.de",),
        url="https://posteo.de:8443/",
        contacts_url="https://posteo.de:8843/",
        hint="Posteo takes your password.",
    ),
    Provider(
        "GMX",
        domains=("gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
        hosts=("gmx.net",),
        url="https://caldav.gmx.net/",
        contacts_url="https://carddav.gmx.net/",
        hint=(
            "GMX takes your password; with two-factor login make one under My Account, Security"
            " Options."
        ),
    ),
    Provider(
        "WEB.DE",
        domains=("web.de",),
        hosts=("web.de",),
        url="https://caldav.web.de/",
        contacts_url="https://carddav.web.de/",
        hint=(
            "WEB.DE takes your password; with two-factor login make one under Mein Account,"
            " Sicherheit."
        ),
    ),
    Provider(
        "Yahoo",
        domains=("yahoo.com", "yahoo.de", "yahoo.co.uk", "yahoo.fr", "ymail.com"),
        hosts=("yahoo.com",),
        url="https://caldav.calendar.yahoo.com/",
        contacts_url="https://carddav.address.yahoo.com/",
        hint="Yahoo wants an app password: Account Security, Generate app password.",
    ),
    Provider(
        "Google",
        kind="google",
        domains=("gmail.com", "googlemail.com"),
        hosts=("google.com", "googleusercontent.com", "googleapis.com"),
        hint="Google wants you to register a client of your own: docs/accounts.md shows how, step "
        "by step.",
    ),
    Provider(
        "Microsoft",
        kind="none",
        domains=("outlook.com", "hotmail.com", "live.com", "msn.com", "office365.com"),
        hosts=("outlook.com", "office.com", "office365.com"),
        hint=(
            "Microsoft offers no CalDAV: export the calendar as .ics files and add them as an"
            " account of files, or let DavMail stand in between and give its address."
        ),
    ),
    Provider(
        "Proton",
        kind="none",
        domains=("proton.me", "protonmail.com", "pm.me"),
        hosts=("proton.me",),
        hint=(
            "Proton offers no CalDAV: export the calendar as an .ics file and add it as an account"
            " of files."
        ),
    ),
)

NEXTCLOUD_HINT = (
    "If it is a Nextcloud, make an app password for fikad: Personal settings, Security, Devices &"
    " sessions."
)


def provider_of_address(email: str) -> Provider | None:
    """The provider that an e-mail address belongs to, if it is a known one."""
    domain = email.strip().lower().rpartition("@")[2]
    return next((provider for provider in PROVIDERS if domain in provider.domains), None)


def provider_of_host(url: str) -> Provider | None:
    """The provider that runs a calendar server, if it is a known one."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return None
    return next(
        (
            provider
            for provider in PROVIDERS
            if any(is_within(host, domain) for domain in provider.hosts)
        ),
        None,
    )


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or lies below it."""
    host, domain = host.lower().rstrip("."), domain.lower().rstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
