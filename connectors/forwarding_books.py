"""An address book, or a login that holds some, that does what another one does: for those that
change one thing of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.address_book import AddressBook, AddressBookAccount, CardChanges


class ForwardedAddressBook:
    """An `AddressBook` that forwards everything."""

    def __init__(self, book: AddressBook) -> None:
        self._book = book

    @property
    def id(self) -> str:
        return self._book.id

    @property
    def name(self) -> str:
        return self._book.name

    @property
    def automatic(self) -> bool:
        return self._book.automatic

    @property
    def version(self) -> str | None:
        return self._book.version

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        return self._book.changes(token, known, complete=complete)


class ForwardedAddressBookAccount:
    """An `AddressBookAccount` that forwards everything."""

    def __init__(self, account: AddressBookAccount) -> None:
        self._account = account

    @property
    def name(self) -> str:
        return self._account.name

    @property
    def requests(self) -> int:
        return self._account.requests

    @property
    def memo(self) -> dict[str, Any]:
        return self._account.memo

    def books(self, now: datetime) -> Sequence[AddressBook]:
        return self._account.books(now)

    def close(self) -> None:
        self._account.close()
