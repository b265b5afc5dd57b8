"""CardDAV accounts (RFC 6352): one login on one server, with one or several homes full of address
books, which are only read.

How books are found and read is the same as for calendars and lives in `connectors/dav`. Here a text
becomes a card, and a book says whether a person or a machine fills it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from connectors.address_book import CardChanges
from connectors.carddav.dialect import ADDRESS_BOOKS, is_address_book
from connectors.dav.homes import Homes
from connectors.dav.login import Login
from connectors.dav.multistatus import DAV, Part, collection, normal
from connectors.dav.naming import shown_name
from connectors.dav.reading import (
    LIST,
    VERSIONS,
    is_final,
    read_changes,
    token_for,
    version,
    versions_in,
)
from connectors.vcard.stored import card_changes

_ASKED = (f"{DAV}displayname", f"{DAV}resourcetype", *VERSIONS)
_BY_MACHINES = ("z-app-generated--", "z-server-generated--")
"""How the names of books begin that Nextcloud fills by itself: whom one wrote to, and everybody who
has a login there."""
_COLLECTED = frozenset({"emailed contacts", "collected addresses", "collected contacts"})
"""What the books are called in which Zimbra, Open-Xchange and others gather whom one wrote to."""


class CardDAVAddressBook:
    """One address book; what it says of itself is as of the poll that made it."""

    def __init__(self, homes: Homes, part: Part) -> None:
        self._wire = homes.wire
        self._path = collection(part.href)
        self._tokens = versions_in(part)
        self._final = all(is_final(token, self._wire.clock) for token in self._tokens)
        self._name = shown_name(part)

    @property
    def id(self) -> str:
        """The book's path on the server, in one spelling."""
        return normal(self._path)

    @property
    def name(self) -> str:
        return self._name

    @property
    def automatic(self) -> bool:
        segment = unquote(self._path.rstrip("/").rpartition("/")[2])
        names = {segment.lower(), self._name.lower()}
        return segment.startswith(_BY_MACHINES) or bool(_COLLECTED & names)

    @property
    def version(self) -> str | None:
        """None while more may change under the same tokens."""
        return version(*self._tokens) if self._final else None

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        """See `AddressBook.changes`; raises MissingError, UnreadableError, UnreachableError,
        CredentialsError."""
        fresh = token_for(*self._tokens) if self._final else LIST
        read = read_changes(self._wire, self._path, fresh, token, known, complete)
        return map(card_changes, read)


class CardDAVAccount:
    """One login on one CardDAV server. Nothing is asked before `books`; nothing but `AccountError`
    is raised. `memo` is what the account asked to remember last time."""

    def __init__(self, login: Login, memo: dict[str, Any]) -> None:
        self._name = login.account
        self._homes = Homes(login, memo, ADDRESS_BOOKS, _ASKED)

    @property
    def name(self) -> str:
        return self._name

    @property
    def requests(self) -> int:
        return self._homes.wire.requests

    @property
    def memo(self) -> dict[str, Any]:
        """JSON: `homes` (paths), `single`, `principal`, `auth`, `question`
        (`connectors.dav.question`); for which `url` and `username`, and by which `rules`, they were
        found."""
        return self._homes.memo

    def books(self, now: datetime) -> Sequence[CardDAVAddressBook]:
        """Every address book, in the server's order: one PROPFIND per home, plus the discovery at
        the first time and when the remembered home has gone.

        Raises CredentialsError, UnreachableError, UnreadableError, MissingError."""
        del now
        parts = filter(is_address_book, self._homes.listing())
        books = (CardDAVAddressBook(self._homes, part) for part in parts)
        return list({book.id: book for book in books}.values())

    def close(self) -> None:
        """Close the connections."""
        self._homes.wire.close()
