"""The schema of accounts: what each kind needs, and where its secret is kept (never in the config
itself)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from daemon.bad_value import BadValue
from daemon.config.types import FilePath, Label, Section, Switch, WebAddress
from daemon.config.values import parse_feed_address

if TYPE_CHECKING:
    from connectors.secrets import SecretSource


class Secret(Section):
    """Where a secret is kept: exactly one of these."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [kind]} for kind in ("keyring", "command", "credential", "file")]
        }
    )
    keyring: Switch = Field(default=False, description="in the system's keyring")
    command: tuple[Label, ...] | None = Field(
        default=None,
        min_length=1,
        description="the first line of what this command prints, as a list of words",
    )
    credential: Label | None = Field(
        default=None, description="in the systemd credential of this name"
    )
    file: FilePath | None = Field(
        default=None, description="in a file that only you can read (mode 0600)"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        given = (
            self.keyring,
            self.command is not None,
            self.credential is not None,
            self.file is not None,
        )
        if sum(given) != 1:
            raise BadValue(
                "must name one place",
                'keyring = true, command = […], credential = "…" or file = "…"',
            )
        return self

    @property
    def source(self) -> SecretSource:
        """The same for the connectors."""
        from connectors.secrets import SecretSource

        if self.command is not None:
            return SecretSource("command", command=self.command)
        if self.credential is not None:
            return SecretSource("credential", credential=self.credential)
        return (
            SecretSource("keyring") if self.file is None else SecretSource("file", file=self.file)
        )


def _kept_elsewhere(value: object) -> object:
    if isinstance(value, str):
        # The text may be the secret itself: it is neither shown nor used.
        raise BadValue(
            "is never written in the config itself",
            "say where it is kept, as in { keyring = true }",
        )
    return value


SecretLocation = Annotated[Secret, BeforeValidator(_kept_elsewhere)]


class WrittenAddress(Secret):
    """An address that stands in the config itself, where it is as secret as elsewhere."""

    text: str = Field(repr=False)


def _address_or_place(value: object, place: Callable[[object], Secret]) -> Secret:
    if isinstance(value, str):
        return WrittenAddress.model_construct(text=parse_feed_address(value))
    if not isinstance(value, dict):
        raise BadValue("is no address", "write it in quotes, or as in { keyring = true }")
    return place(value)


class _TextOrPlace:
    """What editors and the reference say of it."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        text = {
            "type": "string",
            "title": "web address, or a place for it",
            "pattern": r"^\s*([hH][tT][tT][pP][sS]?|[wW][eE][bB][cC][aA][lL][sS]?)://",
            "examples": ["https://calendar.example.com/private/basic.ics"],
        }
        return {"anyOf": [text, handler(core)]}


FeedAddress = Annotated[Secret, WrapValidator(_address_or_place), _TextOrPlace()]


class AccountEntryBase(Section):
    calendars: tuple[Label, ...] | None = Field(
        default=None, description="calendars to read, by name or id; default: all that hold events"
    )
    ignore: tuple[Label, ...] = Field(
        default=(), description="calendars not to read, by name or id"
    )


class CalDAVEntry(AccountEntryBase):
    """A CalDAV server."""

    type: Literal["caldav"] = Field(description="the kind of account")
    url: WebAddress = Field(description="the server, the principal or one calendar")
    username: Label | None = Field(default=None, description="the login name")
    password: SecretLocation | None = Field(default=None, description="where the password is kept")
    ca: FilePath | None = Field(
        default=None,
        description="the certificate (PEM) of the authority behind the server's, where that is a "
        "private one",
    )

    @model_validator(mode="after")
    def _complete_login(self) -> CalDAVEntry:
        if self.username and not self.password:
            hint = "say where it is kept, as in password = { keyring = true }"
            raise BadValue("has a username and no password", hint, missing="password")
        if self.password and not self.username:
            raise BadValue("has a password and no username", missing="username")
        return self


class GoogleEntry(AccountEntryBase):
    """A Google account."""

    type: Literal["google"] = Field(description="the kind of account")
    client_secrets: FilePath = Field(description="Google's own client_secret.json")
    endpoint: WebAddress | None = Field(
        default=None, description="only for a local emulator: its address, before calendar/v3/"
    )
    token: SecretLocation = Field(
        default=Secret(keyring=True), description="where the refresh token is kept"
    )


class FilesEntry(AccountEntryBase):
    """Calendars as files on this machine."""

    type: Literal["files"] = Field(description="the kind of account")
    path: FilePath = Field(
        description="a folder of .ics files, a folder of such folders, or one .ics file or .zip of"
        " them"
    )


class WebEntry(AccountEntryBase):
    """A calendar published at an address, which is only read."""

    type: Literal["web"] = Field(description="the kind of account")
    url: FeedAddress = Field(
        description="the address of the .ics (https or webcal), or where it is kept, since whoever"
        " knows it can read the calendar"
    )


AccountEntry = Annotated[
    CalDAVEntry | GoogleEntry | FilesEntry | WebEntry, Field(discriminator="type")
]
