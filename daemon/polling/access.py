"""What an account or an address book is opened with, apart from the config that says so: it can be
remembered until the next poll, and opens the same connector then. At Google that is the client and
the place of the token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from connectors.errors import CredentialsError

if TYPE_CHECKING:
    from connectors.address_book import AddressBookAccount
    from connectors.base import Account
    from connectors.google.contacts import GoogleContacts
    from connectors.secrets import SecretSource, StoredToken
    from connectors.web.location import Location

Kind = Literal["caldav", "files", "web", "google", "carddav", "cards", "people"]

_SECRETS = {"web": "url", "google": "token", "people": "token"}
"""Under which key of its table the config says where the secret is, if not under `password`."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to open one account, or one address book ("carddav", "cards", and "people" at Google)."""

    kind: Kind
    table: tuple[str, str]
    """The table of the config that says where the secret is, as ("accounts", "home"); it is kept
    under that name."""
    url: str = field(default="", repr=False)
    """Of a published calendar only where the config itself holds its address."""
    username: str = ""
    secret: SecretSource | None = None
    """Where the password is kept, Google's token, or the address of a published calendar."""
    ca: Path | None = None
    path: Path | None = None
    exact: bool = True
    """See `Login.exact`."""
    client: Path | None = None
    """Google's own file that says who asks."""

    def account(
        self, memo: Mapping[str, Any] | None, session: dict[str, Any] | None = None
    ) -> Account:
        """The connector of the account, its secret read; `memo` as in `Account.memo`, `session` as
        in `StoredToken`. Raises CredentialsError."""
        remembered, name = dict(memo or {}), self.table[1]
        if self.kind == "files":
            from connectors.files.account import FilesAccount

            return FilesAccount(name, self.path or Path(), remembered)
        if self.kind == "web":
            from connectors.web.account import WebAccount

            return WebAccount(name, self.location(), remembered)
        if self.kind == "google":
            from connectors.google.account import GoogleAccount

            token, client = self._token(session), self.client or Path()
            return GoogleAccount(name, client, token, self.url or None, remembered)
        from connectors.caldav.account import CalDAVAccount

        return CalDAVAccount(
            name, self.url, self.username, self._password(), remembered, ca=self.ca
        )

    def address_book(
        self, name: str, memo: Mapping[str, Any] | None, session: dict[str, Any] | None = None
    ) -> AddressBookAccount:
        """The connector of the address book of this name, the secret of its login read; `session`
        is the login's, as in `StoredToken`. Raises CredentialsError."""
        if self.kind == "cards":
            from connectors.files.address_books import FilesAddressBooks

            return FilesAddressBooks(name, self.path or Path())
        if self.kind == "people":
            return self.people(name, memo, session)
        from connectors.carddav.account import CardDAVAccount
        from connectors.dav.login import Login

        password = self._password()
        login = Login(name, self.url, self.username, password, ca=self.ca, exact=self.exact)
        return CardDAVAccount(login, dict(memo or {}))

    def people(
        self, name: str, memo: Mapping[str, Any] | None, session: dict[str, Any] | None = None
    ) -> GoogleContacts:
        """The contacts at Google, as in `address_book`."""
        from connectors.google.auth import OAuthLogin
        from connectors.google.contacts import GoogleContacts

        section, owner = self.table
        called = f'{"account" if section == "accounts" else "address book"} "{owner}"'
        asked = OAuthLogin(owner, self.client or Path(), self._token(session), called)
        return GoogleContacts(name, asked, self.url or None, dict(memo or {}))

    def location(self) -> Location:
        """The address of a published calendar, read from where it is kept. Raises
        CredentialsError."""
        from connectors.secrets import read_secret
        from connectors.web.location import LocationError, location_of

        if self.secret is None:
            return location_of(self.url)
        try:
            return location_of(read_secret(self.secret, self.table[1]))
        except LocationError as error:
            kept = f'the address of account "{self.table[1]}", as its {self.secret.kind} has it'
            raise CredentialsError(f"{kept}, {error}", error.hint) from None

    def _password(self) -> str | None:
        from connectors.secrets import read_secret

        return None if self.secret is None else read_secret(self.secret, self.table[1])

    def _token(self, session: dict[str, Any] | None) -> StoredToken:
        from connectors.secrets import SecretSource, StoredToken

        return StoredToken(self.secret or SecretSource("keyring"), self.table[1], session=session)

    def as_json(self) -> dict[str, Any]:
        """For `access_from`: without what may itself be a secret, the address of a published
        calendar and the words of a command."""
        place = self.secret and {
            "kind": self.secret.kind,
            "credential": self.secret.credential,
            "file": str(self.secret.file),
        }
        return {
            "kind": self.kind,
            "table": list(self.table),
            "url": "" if self.kind == "web" else self.url,
            "username": self.username,
            "secret": place,
            "ca": self.ca and str(self.ca),
            "path": self.path and str(self.path),
            "exact": self.exact,
            "client": self.client and str(self.client),
        }


def access_from(facts: Mapping[str, Any], config: str) -> Access:
    """The access as it was remembered; what may itself be a secret is read from the text of the
    config, which is what it was then. Raises KeyError, TypeError or ValueError where there is
    none."""
    place, (section, name) = facts["secret"], facts["table"]
    url, secret = facts["url"], None
    if facts["kind"] == "web" and place is None:
        url = _table(config, section, name)["url"]
    if place is not None:
        from connectors.secrets import SecretSource

        words = ()
        if place["kind"] == "command":
            key = _SECRETS.get(facts["kind"], "password")
            words = tuple(_table(config, section, name)[key]["command"])
        secret = SecretSource(
            place["kind"], words, credential=place["credential"], file=Path(place["file"])
        )
    paths = {key: facts[key] and Path(facts[key]) for key in ("ca", "path", "client")}
    more = {"table": (section, name), "url": url, "secret": secret, **paths}
    return Access(**{**facts, **more})


def _table(config: str, section: str, name: str) -> Mapping[str, Any]:
    import tomllib

    table: Mapping[str, Any] = tomllib.loads(config)[section][name]
    return table
