"""What an account or an address book is opened with, apart from the config that says so: it can be
remembered until the next poll, and opens the same connector then.

Google has none: its login needs more than a place, and what it tells cannot be told before it is
read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from connectors.errors import CredentialsError

if TYPE_CHECKING:
    from connectors.address_book import AddressBookAccount
    from connectors.base import Account
    from connectors.secrets import SecretSource
    from connectors.web.location import Location

Kind = Literal["caldav", "files", "web", "carddav", "cards"]


@dataclass(frozen=True, slots=True)
class Access:
    """How to open one account, or one address book ("carddav", "cards")."""

    kind: Kind
    table: tuple[str, str]
    """The table of the config that says where the secret is, as ("accounts", "home"); it is kept
    under that name."""
    url: str = field(default="", repr=False)
    """Of a published calendar only where the config itself holds its address."""
    username: str = ""
    secret: SecretSource | None = None
    """Where the password is kept, or the address of a published calendar."""
    ca: Path | None = None
    path: Path | None = None
    exact: bool = True
    """See `Login.exact`."""

    @property
    def by_keyring(self) -> bool:
        """Whether the keyring is asked to open it."""
        return self.secret is not None and self.secret.kind == "keyring"

    def account(self, memo: Mapping[str, Any] | None) -> Account:
        """The connector of the account, its secret read; `memo` as in `Account.memo`. Raises
        CredentialsError."""
        remembered, name = dict(memo or {}), self.table[1]
        if self.kind == "files":
            from connectors.files.account import FilesAccount

            return FilesAccount(name, self.path or Path(), remembered)
        if self.kind == "web":
            from connectors.web.account import WebAccount

            return WebAccount(name, self.location(), remembered)
        from connectors.caldav.account import CalDAVAccount

        return CalDAVAccount(
            name, self.url, self.username, self._password(), remembered, ca=self.ca
        )

    def address_book(self, name: str, memo: Mapping[str, Any] | None) -> AddressBookAccount:
        """The connector of the address book of this name, the secret of its login read. Raises
        CredentialsError."""
        if self.kind == "cards":
            from connectors.files.address_books import FilesAddressBooks

            return FilesAddressBooks(name, self.path or Path())
        from connectors.carddav.account import CardDAVAccount
        from connectors.dav.login import Login

        password = self._password()
        login = Login(name, self.url, self.username, password, ca=self.ca, exact=self.exact)
        return CardDAVAccount(login, dict(memo or {}))

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
            key = "url" if facts["kind"] == "web" else "password"
            words = tuple(_table(config, section, name)[key]["command"])
        secret = SecretSource(
            place["kind"], words, credential=place["credential"], file=Path(place["file"])
        )
    ca, path = (facts[key] and Path(facts[key]) for key in ("ca", "path"))
    more = {"table": (section, name), "url": url, "secret": secret, "ca": ca, "path": path}
    return Access(**{**facts, **more})


def _table(config: str, section: str, name: str) -> Mapping[str, Any]:
    import tomllib

    table: Mapping[str, Any] = tomllib.loads(config)[section][name]
    return table
