"""Who may read and write a Google account: client, tokens, scopes.

Google knows two secrets of ours: the *client* (a file that Google's console gives out, which names
the application) and the *token* (which the user grants to that application). The token holds a
refresh token, good until it is revoked, and an access token, good for an hour. The refresh token
stays where the user chose to keep it; the access token is kept beside it only where that place is a
private file, else in memory."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from connectors.errors import CredentialsError, UnreachableError

_PREFIX = "https://www.googleapis.com/auth/"
READ_SCOPES = (f"{_PREFIX}calendar.events.readonly", f"{_PREFIX}calendar.calendarlist.readonly")
"""To read events and the list of calendars, which no events scope covers."""
HOLD_SCOPE = f"{_PREFIX}calendar.app.created"
"""To create a calendar for holds and write to that one only."""
NAMED_SCOPE = f"{_PREFIX}calendar.events.owned"
"""To write holds to a calendar of the user's own that fikad did not create."""
CONTACTS_SCOPE = f"{_PREFIX}contacts.readonly"
"""To read the people in Google Contacts."""
FREE_BUSY_SCOPE = f"{_PREFIX}calendar.freebusy"
"""To ask when others are busy."""

_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
_COVERS = {
    READ_SCOPES[0]: ("calendar", "calendar.readonly", "calendar.events"),
    READ_SCOPES[1]: ("calendar", "calendar.readonly", "calendar.calendarlist"),
    HOLD_SCOPE: ("calendar",),
    NAMED_SCOPE: ("calendar", "calendar.events"),
    CONTACTS_SCOPE: ("contacts",),
    FREE_BUSY_SCOPE: ("calendar", "calendar.readonly", "calendar.events.freebusy"),
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class TokenStore(Protocol):
    """Where the token of one account is kept. Its methods raise CredentialsError when the place
    can't be used."""

    @property
    def keeps_access_token(self) -> bool:
        """True for a private file: the access token and its expiry may be saved too. False where
        only the refresh token belongs (a keyring)."""
        ...

    def load(self) -> dict[str, Any] | None:
        """Google's authorized-user JSON, at least `refresh_token`; None when there is none yet."""
        ...

    def save(self, token: dict[str, Any]) -> None:
        """Replace what is kept. Called only when something changed."""
        ...


def wanted_scopes(
    *,
    calendars: bool = True,
    holds: bool = False,
    named: bool = False,
    contacts: bool = False,
    free_busy: bool = False,
) -> tuple[str, ...]:
    """The least that works: reading `calendars`, with `holds` a calendar of fikad's own, with
    `named` the user's own calendars, with `contacts` an address book, with `free_busy` when others
    are busy."""
    asked = (
        (HOLD_SCOPE, holds),
        (NAMED_SCOPE, named),
        (CONTACTS_SCOPE, contacts),
        (FREE_BUSY_SCOPE, free_busy),
    )
    return (READ_SCOPES if calendars else ()) + tuple(scope for scope, wanted in asked if wanted)


def missing_scopes(granted: Iterable[str] | None, wanted: Iterable[str]) -> tuple[str, ...]:
    """Which of `wanted` the user did not grant, by name or by a broader scope; () when it isn't
    known what was."""
    if granted is None:
        return ()
    given = set(granted)
    return tuple(
        scope
        for scope in wanted
        if scope not in given
        and not any(f"{_PREFIX}{broader}" in given for broader in _COVERS.get(scope, ()))
    )


def is_safe_address(address: str) -> bool:
    """Whether a secret may be sent there: https anywhere, plain http to this machine alone."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and is_loopback(address))
        )
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOOPBACK
    except ValueError:
        return False


def read_client_secrets(path: Path) -> dict[str, Any]:
    """The client from Google's own file: `client_id`, `client_secret`, `auth_uri`, `token_uri`.

    Raises CredentialsError when the file is not there, not Google's, or sends secrets over plain
    http."""
    advice = (
        "download the JSON of a desktop-app client at "
        "https://console.cloud.google.com/apis/credentials"
    )
    try:
        content = json.loads(path.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise CredentialsError(f"can't read {path} ({error.strerror})", advice) from None
    except ValueError:
        raise CredentialsError(f"{path} is not JSON", advice) from None
    if isinstance(content, dict) and "web" in content and "installed" not in content:
        # Google sends its answer to the addresses of a web site alone: nobody would ever hear it
        # here.
        raise CredentialsError(
            f'{path} is of a client of type "Web application", which cannot answer to this machine',
            'make a client of type "Desktop app" at '
            "https://console.cloud.google.com/apis/credentials and use its JSON",
        )
    client = content.get("installed") if isinstance(content, dict) else None
    if not isinstance(client, dict) or not isinstance(client.get("client_id"), str):
        raise CredentialsError(f"{path} is not Google's client file", advice)
    values = {
        "client_id": client["client_id"],
        "client_secret": str(client.get("client_secret") or ""),
        "auth_uri": str(client.get("auth_uri") or "https://accounts.google.com/o/oauth2/auth"),
        "token_uri": str(client.get("token_uri") or _TOKEN_URI),
    }
    for key in ("auth_uri", "token_uri"):
        if not is_safe_address(values[key]):
            raise CredentialsError(
                f"{key} in {path} is not https", "secrets are sent there, so fikad goes no further"
            )
    return values


class OAuthLogin:
    """The credentials of one account: read from the store when first needed, refreshed when due,
    read anew after a refusal, so that a new grant heals a running process."""

    def __init__(
        self, account: str, client_secrets: Path, store: TokenStore, called: str | None = None
    ) -> None:
        """`account` is what `fikad auth` takes; `called` names it in a sentence, where it is no
        account."""
        self.account = account
        self.called = called or f'account "{account}"'
        self._client_secrets = client_secrets
        self._store = store
        self._stored: dict[str, Any] = {}
        self._credentials: Any = None

    @property
    def scopes(self) -> frozenset[str] | None:
        """What the user granted, as far as the token says; None when it doesn't, or before it was
        read."""
        return granted_scopes(self._stored)

    def ready(self) -> None:
        """Read the token from the store if that has not been done yet. Raises CredentialsError."""
        if self._credentials is None:
            self._credentials = self._load()

    def bearer(self, http: Any) -> str:
        """An access token that is good now. `http` is the httplib2.Http to refresh it with.

        Raises CredentialsError (no token, revoked) and UnreachableError (no answer).
        """
        self.ready()
        if not self._credentials.valid:
            self.refresh(http)
        return str(self._credentials.token)

    def refresh(self, http: Any) -> None:
        """Ask for a new access token, and keep it where the store allows. Raises like `bearer`."""
        import google_auth_httplib2
        import httplib2
        from google.auth.exceptions import RefreshError, TransportError

        self.ready()
        credentials = self._credentials
        try:
            credentials.refresh(google_auth_httplib2.Request(http))
        except RefreshError as error:
            self.forget()
            raise self._refused(error) from None
        except (TransportError, OSError, httplib2.HttpLib2Error):
            raise UnreachableError(
                f"{_host(credentials.token_uri)} does not answer", "trying again later"
            ) from None
        # google-auth trusts the answer's shape
        except (ValueError, TypeError, AttributeError, KeyError):
            raise UnreachableError(
                f"{_host(credentials.token_uri)} gives no usable token",
                "is there a proxy or login page in between?",
            ) from None
        self._keep()

    def forget(self) -> None:
        """Read the store again at the next use: what was read was refused."""
        self._credentials = None

    def _load(self) -> Any:
        from google.oauth2.credentials import Credentials

        token = self._store.load()
        if not token or not token.get("refresh_token"):
            raise CredentialsError(
                f"{self.called} has no Google token yet",
                f"run `fikad auth {self.account}`",
            )
        if not token.get("client_id"):
            client = read_client_secrets(self._client_secrets)
            token = {
                key: client[key] for key in ("client_id", "client_secret", "token_uri")
            } | token
        address = str(token.get("token_uri") or _TOKEN_URI)
        if not is_safe_address(address):
            raise CredentialsError(
                f"the token_uri of {self.called} is not https",
                "secrets are sent there, so fikad goes no further",
            )
        self._stored = token
        # Credentials.from_authorized_user_info would ignore token_uri.
        expiry = _expiry(token)
        return Credentials(
            token.get("token") if expiry else None,
            refresh_token=token["refresh_token"],
            token_uri=address,
            client_id=token["client_id"],
            client_secret=str(token.get("client_secret") or ""),
            expiry=expiry,
        )

    def _keep(self) -> None:
        rotated = self._credentials.refresh_token != self._stored.get("refresh_token")
        self._stored = self._stored | {"refresh_token": self._credentials.refresh_token}
        if self._store.keeps_access_token:
            self._stored = self._stored | {
                "token": self._credentials.token,
                "expiry": _written(self._credentials.expiry),
            }
            self._store.save({"type": "authorized_user"} | self._stored)
        elif rotated:
            self._store.save({"type": "authorized_user"} | _without_access_token(self._stored))

    def _refused(self, error: Any) -> CredentialsError | UnreachableError:
        details = (
            error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Mapping) else {}
        )
        code = re.sub(r"[^a-z_]", "", str(details.get("error", "")))[:40]
        if error.retryable or not code:
            return UnreachableError("Google's token server fails", "trying again later")
        if code == "invalid_grant":
            return CredentialsError(
                f"Google no longer takes the token of {self.called} (expired or revoked)",
                f"run `fikad auth {self.account}`",
            )
        return CredentialsError(
            f"Google refuses the client of {self.called} ({code})",
            f"check client_secrets, run `fikad auth {self.account}`",
        )


def granted_scopes(token: Mapping[str, Any]) -> frozenset[str] | None:
    """What a stored token says that the user granted; None when it does not say."""
    scopes = token.get("scopes") or token.get("scope")
    if isinstance(scopes, str):
        return frozenset(scopes.split())
    return frozenset(map(str, scopes)) if isinstance(scopes, list) else None


def _expiry(token: Mapping[str, Any]) -> datetime | None:
    """Naive UTC, as google-auth wants it; None when the token doesn't say: it is then asked for
    anew."""
    try:
        expiry = datetime.fromisoformat(str(token.get("expiry")))
    except ValueError:
        return None
    return expiry.astimezone(UTC).replace(tzinfo=None) if expiry.tzinfo else expiry


def _written(expiry: datetime | None) -> str | None:
    return f"{expiry:%Y-%m-%dT%H:%M:%SZ}" if expiry else None


def _without_access_token(token: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in token.items() if key not in ("token", "expiry")}


def _host(address: str) -> str:
    return urlsplit(address).hostname or "Google"


def quiet() -> None:
    """Keep Google's libraries from logging what is raised here anyway: their warnings quote
    answers."""
    for name in ("googleapiclient", "google", "google_auth_httplib2"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
