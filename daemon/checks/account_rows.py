"""`fikad check`, over the network: is each account there, does it let us in, and can holds be
written?

Nothing is changed anywhere, and no credentials are sent but by the connectors. What a server says
to strangers (its clock, its name, its certificate) is asked without a login."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.base import Account, Calendar
from connectors.dav.failures import PRIVATE_AUTHORITY
from connectors.errors import AccountError, CredentialsError, MissingError
from connectors.google.auth import read_client_secrets
from connectors.sanitize import sanitize
from connectors.secrets import StoredToken, read_secret
from connectors.traced_request import Traced, shown_address
from connectors.trust import context
from daemon.checks.abilities import sync_row
from daemon.checks.rows import ACCOUNT, CONFIG, CREDENTIALS, Row
from daemon.config.account_entries import WrittenAddress
from daemon.config.schema import (
    AccountEntry,
    CalDAVEntry,
    Config,
    GoogleEntry,
    WebEntry,
)
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.hold_calendar import HoldCalendarError, doubles, hold_calendar
from daemon.cycle.reading import ReadAccount, choose, names_of, vanished
from daemon.durations import at_moment, counted, on_day
from daemon.languages.date_style import PLAIN, DateStyle
from daemon.opening import access_of, open_account
from daemon.people.contacts import joined

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from daemon.ledger.ledger import Ledger
    from daemon.ledger.polled import AccountState

_STRANGER_SECONDS = 10.0
_MOST_SKEW = timedelta(minutes=2)
_LEAST_VALID = timedelta(days=14)

_QUIRKS = (
    (r"SOGo", "ignores conditional writes, so fikad re-reads before and after each"),
    (
        r"DAViCal",
        "answers an unknown sync token with everything, so fikad compares in full once a day",
    ),
    (r"Zimbra", "ignores If-None-Match, so fikad looks for the name first"),
    (r"Cyrus", 'lists an automatic calendar "Default"'),
    (r"Xandikos", "drops the rest of a limited listing, so fikad sets no limit"),
    (
        r"icloud\.com|AppleHttpServer",
        "may forget its sync token, so fikad compares ETags before it fetches",
    ),
    (r"mail\.ru", "drops fields it does not know, so fikad knows its holds by their UID"),
)
"""What is known of servers, by what they call themselves or their host."""


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """What a server says to somebody without a login."""

    clock: datetime | None
    """Its own time (aware)."""
    called: str
    """What it calls itself."""
    valid_until: datetime | None
    """The end of its certificate (aware)."""
    untrusted: str = ""
    """Why its certificate is not trusted; empty when it is, or there is none."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that answered."""

    account: Account
    calendars: Sequence[Calendar]


def secret_row(name: str, config: AccountEntry) -> Row | None:
    """Whether the account's secret can be read where it is kept; None for an account that has
    none."""
    thing = f"secret of {name}"
    try:
        if isinstance(config, CalDAVEntry) and config.password is not None:
            kind = config.password.source.kind
            read_secret(config.password.source, name)
        elif isinstance(config, GoogleEntry):
            kind = config.token.source.kind
            if StoredToken(config.token.source, name).load() is None:
                read_client_secrets(config.client_secrets)  # without it `fikad auth` can do nothing
                return Row(
                    thing,
                    "failed",
                    "there is no token yet",
                    f"run `fikad auth {name}`",
                    CREDENTIALS,
                )
        elif isinstance(config, WebEntry) and not isinstance(config.url, WrittenAddress):
            kind = config.url.source.kind
            access_of(name, config).location()
        else:
            return None
    except CredentialsError as error:
        return failed_row(thing, error, name)
    return Row(thing, "ok", f"found ({kind})")


def account_rows(
    name: str, config: AccountEntry, remembered: AccountState | None, now: datetime
) -> tuple[Opened | None, list[Row]]:
    """Open one account and look into it. Never raises AccountError; the caller closes what was
    opened."""
    thing = f"account {name}"
    account: Account | None = None
    try:
        account = open_account(name, config, remembered.memo if remembered else None)
        calendars = account.calendars(now)
        rows = [Row(thing, "ok", f"{_where(config, account)} lets fikad in; {_listed(calendars)}")]
        if account.remark:
            rows.append(Row(thing, "ok", account.remark))
        rows += _calendar_rows(name, config, account, calendars)
    except AccountError as error:
        if account is not None:
            account.close()
        return None, [failed_row(thing, error, name)]
    return Opened(account, calendars), rows


def remembered_row(name: str, known: AccountState | None, zone: ZoneInfo, style: DateStyle) -> Row:
    """How an account was when it was last read, without asking it."""
    thing = f"account {name}"
    if known is None:
        return Row(thing, "warning", "never read", "run `fikad once --no-plan`")
    if known.state != "ok":
        return Row(thing, "warning", f"{known.state} when last tried: {known.message}")
    last = at_moment(known.last_success, zone, style) if known.last_success else "never"
    return Row(thing, "ok", f"last read {last}")


def failed_row(thing: str, error: AccountError, name: str) -> Row:
    """An error of a connector as a row: what is wrong, then what to do."""
    refused = isinstance(error, CredentialsError)
    then = error.advice or (f"run `fikad auth {name}`" if refused else "try again later")
    return Row(thing, "failed", error.what, then, CREDENTIALS if refused else ACCOUNT)


def _where(config: AccountEntry, account: Account) -> str:
    """Whom an account asks. Of a published calendar's address no more than the host is known."""
    if isinstance(config, CalDAVEntry):
        return sanitize(urlsplit(config.url).netloc)
    if isinstance(config, WebEntry):
        return str(getattr(account, "host", "its publisher"))
    return "Google" if isinstance(config, GoogleEntry) else str(config.path)


def _listed(calendars: Sequence[Calendar]) -> str:
    names = [
        sanitize(calendar.name, 60) + ("" if calendar.writable else " (read-only)")
        for calendar in calendars
    ]
    return (
        f"{counted(len(names), 'calendar')}: {', '.join(names)}"
        if names
        else "it has no calendar that holds events"
    )


def _calendar_rows(
    name: str, config: AccountEntry, account: Account, calendars: Sequence[Calendar]
) -> Iterator[Row]:
    """Which of the calendars are read, and what is wrong with the choice or with how they can be
    followed."""
    thing = f"account {name}"
    try:
        chosen = choose(calendars, config)
    except MissingError as error:
        yield Row(thing, "failed", error.what, error.advice, ACCOUNT)
        return
    known_names = set[str]().union(*(names_of(calendar) for calendar in calendars))
    strange = [name for name in config.ignore if name not in known_names]
    if strange:
        yield Row(
            thing,
            "warning",
            f"`ignore` names {joined(strange)}, which does not exist",
            "correct it in the config",
        )
    if not chosen:
        yield Row(
            thing, "warning", "none of its calendars are read", "change `calendars` or `ignore`"
        )
    changes = sync_row(name, config, chosen)
    if changes is not None:
        yield changes
    for calendar, why in account.unusable.items():
        yield Row(
            thing,
            "warning",
            f"{sanitize(calendar, 60)} is left out: {why}",
            "ask its owner to share its events",
        )


def gone_rows(
    name: str, config: AccountEntry, listed: Sequence[Calendar], ledger: Ledger
) -> Iterator[Row]:
    """What a pass would say of calendars that were read before and are not listed any more."""
    gone = vanished(ledger, name, {calendar.id for calendar in listed}, config)
    if gone is not None:
        yield Row(f"account {name}", "failed", gone.what, gone.advice, ACCOUNT)


# --- what a server tells everybody ---


def server_rows(
    name: str, config: AccountEntry, now: datetime, style: DateStyle = PLAIN
) -> Iterator[Row]:
    """The server's clock, certificate and peculiarities; nothing when it does not answer
    strangers."""
    url = config.url if isinstance(config, CalDAVEntry) else None
    if isinstance(config, GoogleEntry):
        url = config.endpoint or "https://www.googleapis.com/"
    if url is None:
        return
    answer = ask_without_login(url, config.ca if isinstance(config, CalDAVEntry) else None)
    if answer is None:
        return
    yield from server_findings(f"server of {name}", url, answer, now, style)


def ask_without_login(url: str, ca: Path | None = None) -> PublicAnswer | None:
    """One HEAD request without a login, trusting whom the account trusts; None when nothing came
    back."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port
    try:
        connection = (
            http.client.HTTPSConnection(host, port, timeout=_STRANGER_SECONDS, context=context(ca))
            if secure
            else http.client.HTTPConnection(host, port, timeout=_STRANGER_SECONDS)
        )
    except AccountError:
        return None  # the account's row says what is wrong with its `ca`
    try:
        connection.connect()
        certificate = (
            connection.sock.getpeercert() if isinstance(connection.sock, ssl.SSLSocket) else None
        )
        with Traced("HEAD", shown_address(url, secret=True)) as traced:
            connection.request("HEAD", "/", headers={"User-Agent": "fikad"})
            answer = connection.getresponse()
            traced.answered(answer.status)
        said, called = answer.getheader("Date"), answer.getheader("Server") or ""
    except ssl.SSLCertVerificationError as error:
        return PublicAnswer(
            None, "", None, sanitize(error.verify_message, 100) or "it cannot be verified"
        )
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    clock = None
    with suppress(TypeError, ValueError):
        clock = parsedate_to_datetime(said or "")
    ends = (certificate or {}).get("notAfter")
    valid = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
        if isinstance(ends, str)
        else None
    )
    return PublicAnswer(
        clock if clock is not None and clock.tzinfo else None, sanitize(called, 60), valid
    )


def server_findings(
    thing: str, url: str, answer: PublicAnswer, now: datetime, style: DateStyle = PLAIN
) -> Iterator[Row]:
    """What follows from what a server says to everybody, at `now` by this machine's clock."""
    if answer.untrusted:
        told_why = f"its certificate is not trusted: {answer.untrusted}"
        yield Row(thing, "failed", told_why, PRIVATE_AUTHORITY, ACCOUNT)
        return
    if answer.clock is not None and abs(answer.clock - now) > _MOST_SKEW:
        ahead = "behind" if answer.clock > now else "ahead of"
        minutes = round(abs(answer.clock - now).total_seconds() / 60)
        yield Row(
            thing,
            "warning",
            f"this machine's clock is {minutes} minutes {ahead} the server's",
            "set the clock (timedatectl, or your system's settings)",
        )
    if answer.valid_until is not None and answer.valid_until - now < _LEAST_VALID:
        yield Row(
            thing,
            "warning",
            f"its certificate expires on {on_day(answer.valid_until.date(), style)}",
            "have it renewed",
        )
    name = f"{answer.called} {urlsplit(url).hostname or ''}"
    quirks = [what for pattern, what in _QUIRKS if re.search(pattern, name, re.IGNORECASE)]
    secure = "TLS" if url.startswith("https") else "plain http on this machine"
    yield Row(
        thing,
        "ok",
        f"{secure}{', clock in step' if answer.clock else ''}"
        + "".join(f"; {quirk}" for quirk in quirks),
    )


# --- holds ---


def hold_row(config: Config, opened: Sequence[Opened], ledger: Ledger) -> Row:
    """Whether holds can be written where the config says, and where that is, as far as this can be
    told without writing."""
    read = [
        ReadAccount(
            reached.account, AccountReading(reached.account.name, "ok"), tuple(reached.calendars)
        )
        for reached in opened
    ]
    thing = "hold calendar"
    try:
        target, calendar = hold_calendar(config, read, ledger)
    except HoldCalendarError as error:
        unknown = [
            name
            for name in config.accounts
            if name not in {reached.account.name for reached in opened}
        ]
        if config.holds.account in unknown or (config.holds.account is None and unknown):
            return Row(
                thing, "warning", f"not known while {joined(unknown)} cannot be read", "see above"
            )
        return Row(thing, "failed", error.what, error.advice, CONFIG)
    if calendar is None:
        answer = (
            f'"{config.holds.calendar}" will be created in "{target.account.name}" with the '
            "first hold"
        )
        return Row(thing, "ok", answer)
    answer = f'"{sanitize(calendar.name, 60)}" in "{target.account.name}" can be written'
    others = doubles(config, target, calendar)
    if others:
        ids = joined([sanitize(calendar.id, 200) for calendar in others])
        answer = (
            f"holds go to {sanitize(calendar.id, 200)}; {ids} has the same name and is not used"
        )
        return Row(
            thing,
            "warning",
            answer,
            "delete it in your calendar app, if nothing in it matters to you",
        )
    return Row(thing, "ok", answer)
