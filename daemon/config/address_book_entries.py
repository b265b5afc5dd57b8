"""The schema of address books: where people are kept, and which label makes which circle."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from daemon.bad_value import BadValue
from daemon.config.account_entries import Secret, SecretLocation
from daemon.config.types import FilePath, Label, Section, WebAddress


class AddressBookEntryBase(Section):
    books: tuple[Label, ...] | None = Field(
        default=None,
        description="address books to read, by name or id; default: all but those filled by "
        "machines",
    )
    circles: dict[Label, Label] = Field(
        default={},
        description="which label (category, group) puts its people into which circle; nobody else"
        " becomes a contact",
    )

    @property
    def shared_account(self) -> str | None:
        """The account whose login it uses; None when it has its own, or needs none."""
        return None


class CardDAVEntry(AddressBookEntryBase):
    """Address books on a CardDAV server. Either `account`, or a `url` and login of its own."""

    type: Literal["carddav"] = Field(description="the kind of address book")
    account: Label | None = Field(default=None, description="the account whose login it shares")
    url: WebAddress | None = Field(
        default=None,
        description="the server, the principal or one address book; default: the account's",
    )
    username: Label | None = Field(default=None, description="the login name")
    password: SecretLocation | None = Field(default=None, description="where the password is kept")
    ca: FilePath | None = Field(
        default=None,
        description="the certificate (PEM) of the authority behind the server's, where that is a "
        "private one",
    )

    @model_validator(mode="after")
    def _login(self) -> CardDAVEntry:
        if self.account is not None:
            own = [key for key in ("username", "password") if getattr(self, key) is not None]
            if own:
                raise BadValue(
                    f"shares the login of an account and has {' and '.join(own)} of its own",
                    f"take out {'these' if len(own) > 1 else own[0]}, or `account`",
                )
        elif self.url is None:
            raise BadValue(
                "has no server",
                "name the account whose login it shares, or a url",
                missing="account",
            )
        elif self.username and not self.password:
            hint = "say where it is kept, as in password = { keyring = true }"
            raise BadValue("has a username and no password", hint, missing="password")
        elif self.password and not self.username:
            raise BadValue("has a password and no username", missing="username")
        return self

    @property
    def shared_account(self) -> str | None:
        return self.account


class GoogleContactsEntry(AddressBookEntryBase):
    """Google contacts. Either `account`, or `client_secrets` and a token of its own."""

    type: Literal["google"] = Field(description="the kind of address book")
    account: Label | None = Field(default=None, description="the account whose login it shares")
    client_secrets: FilePath | None = Field(
        default=None, description="Google's own client_secret.json"
    )
    endpoint: WebAddress | None = Field(
        default=None,
        description="only for a local emulator: its address, before v1/; default: the account's",
    )
    token: SecretLocation = Field(
        default=Secret(keyring=True), description="where the refresh token is kept"
    )

    @model_validator(mode="after")
    def _login(self) -> GoogleContactsEntry:
        if self.account is None and self.client_secrets is None:
            raise BadValue(
                "has no login",
                "name the account whose login it shares, or client_secrets",
                missing="account",
            )
        own = [key for key in ("client_secrets", "token") if key in self.model_fields_set]
        if self.account is not None and own:
            raise BadValue(
                f"shares the login of an account and has {' and '.join(own)} of its own",
                f"take out {'these' if len(own) > 1 else own[0]}, or `account`",
            )
        return self

    @property
    def shared_account(self) -> str | None:
        return self.account


class ContactFilesEntry(AddressBookEntryBase):
    """Address books as files on this machine."""

    type: Literal["files"] = Field(description="the kind of address book")
    path: FilePath = Field(
        description="a folder of .vcf files, a folder of such folders, or one .vcf file"
    )


AddressBookEntry = Annotated[
    CardDAVEntry | GoogleContactsEntry | ContactFilesEntry, Field(discriminator="type")
]

SHARES: dict[str, str] = {"carddav": "caldav", "google": "google"}
"""The kind of account whose login an address book of a kind can share."""
