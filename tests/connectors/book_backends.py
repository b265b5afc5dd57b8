"""The kinds of address book that the contract is tested on, each with the hands of another program
in it.

A `BookBackend` is one login or folder in a place of its own. `put` and `erase` are another program,
which knows nothing of fikad. To add a kind, write a `BookBackend` and enter it in
`BOOK_BACKENDS`."""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from connectors.address_book import AddressBookAccount
from tests.connectors import servers


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as another program writes them."""

    key: str
    """Becomes the UID and the name of the object, where those can be chosen."""
    name: str
    emails: Sequence[str] = ()
    labels: Sequence[str] = ()
    birthday: str = ""
    """`YYYY-MM-DD`."""
    nickname: str = ""


class BookBackend(Protocol):
    """One login or folder in a fresh place. A *place* is what another program calls one book of
    it."""

    one_book: bool
    """Whether there is only ever one book, and `add_book` gives it every time."""
    broken: bool
    """Whether a book of this kind can hold a card that cannot be read."""

    def account(self) -> AddressBookAccount:
        """A new process begins: a new object, with what the last one wanted remembered."""
        ...

    def add_book(self, name: str) -> str:
        """Another program makes an address book; its place."""
        ...

    def put(self, place: str, person: Person) -> None:
        """Another program writes somebody, or changes them."""
        ...

    def erase(self, place: str, key: str) -> None: ...

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        """Another program writes a group of these keys, or changes it."""
        ...

    def put_broken(self, place: str, key: str) -> None:
        """Somebody whose card cannot be read, as far as there can be such a thing."""
        ...


def card_text(person: Person) -> str:
    """Somebody the way another program writes them, with things that fikad does not know."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//another program//EN",
        f"UID:{person.key}",
        f"FN:{person.name}",
        f"N:{person.name.rpartition(' ')[2]};{person.name.partition(' ')[0]};;;",
        *(f"EMAIL;TYPE=INTERNET:{address}" for address in person.emails),
        *([f"CATEGORIES:{','.join(person.labels)}"] if person.labels else []),
        *([f"BDAY:{person.birthday}"] if person.birthday else []),
        *([f"NICKNAME:{person.nickname}"] if person.nickname else []),
        "NOTE:likes tea",
        "X-ANOTHER-PROGRAM:kept",
        "END:VCARD",
        "",
    ]
    return "\r\n".join(lines)


def group_text(key: str, name: str, members: Sequence[str]) -> str:
    """A group as Apple's programs write it."""
    named = (f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{member}" for member in members)
    lines = (
        *("BEGIN:VCARD", "VERSION:3.0", f"UID:{key}", f"FN:{name}", f"N:{name};;;;"),
        "X-ADDRESSBOOKSERVER-KIND:group",
        *named,
        *("END:VCARD", ""),
    )
    return "\r\n".join(lines)


BROKEN = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{key}\r\nFN:\r\nN:;;;;\r\nEND:VCARD\r\n"
"""A card that names nobody: servers take it."""


# --- files ---


@dataclass
class FilesBackend:
    root: Path
    one_book: bool = False
    broken: bool = True

    def account(self) -> AddressBookAccount:
        from connectors.files.address_books import FilesAddressBooks

        return FilesAddressBooks("home", self.root)

    def add_book(self, name: str) -> str:
        folder = self.root / f"folder-of-{len(list(self.root.iterdir()))}"
        folder.mkdir()
        (folder / "displayname").write_text(name, encoding="utf-8")
        return str(folder)

    def put(self, place: str, person: Person) -> None:
        self._write(place, person.key, card_text(person))

    def erase(self, place: str, key: str) -> None:
        (Path(place) / f"{key}.vcf").unlink()

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        self._write(place, key, group_text(key, name, members))

    def put_broken(self, place: str, key: str) -> None:
        self._write(place, key, BROKEN.format(key=key))

    def _write(self, place: str, key: str, text: str) -> None:
        (Path(place) / f"{key}.vcf").write_text(text, encoding="utf-8", newline="")


@contextmanager
def files(folder: Path) -> Iterator[FilesBackend]:
    root = folder / "contacts"
    root.mkdir()
    yield FilesBackend(root)


# --- CardDAV ---


@dataclass
class CardDAVBackend:
    server: servers.Server
    wire: servers.Wire
    home: str
    """The URL of the address book home set."""
    user: str = "sam"
    memo: dict[str, Any] = field(default_factory=dict)
    one_book: bool = False
    broken: bool = True

    def account(self) -> AddressBookAccount:
        from connectors.carddav.account import CardDAVAccount
        from connectors.dav.login import Login

        auth = self.server.auth(self.user)
        username, password = auth if auth is not None else ("", None)
        return CardDAVAccount(Login("home", self.wire.url, username, password, 10.0), self.memo)

    def add_book(self, name: str) -> str:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return servers.make_address_book(f"{self.home}{digest}/", name, self.server.auth(self.user))

    def put(self, place: str, person: Person) -> None:
        self._put(place, person.key, card_text(person))

    def erase(self, place: str, key: str) -> None:
        servers.delete(self._url(place, key), self.server.auth(self.user))

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        self._put(place, key, group_text(key, name, members))

    def put_broken(self, place: str, key: str) -> None:
        self._put(place, key, BROKEN.format(key=key))

    def _put(self, place: str, key: str, text: str) -> None:
        auth = self.server.auth(self.user)
        servers.put(self._url(place, key), text, auth, Content_Type="text/vcard; charset=utf-8")

    @staticmethod
    def _url(place: str, key: str) -> str:
        return f"{place}{urllib.parse.quote(key, safe='')}.vcf"


@contextmanager
def radicale(folder: Path) -> Iterator[CardDAVBackend]:
    del folder
    with servers.radicale() as server, servers.wire(server.url) as wire:
        server.add_user("sam")
        yield CardDAVBackend(server, wire, server.home("sam"))


@contextmanager
def xandikos(folder: Path) -> Iterator[CardDAVBackend]:
    del folder
    with servers.xandikos("sam") as server, servers.wire(server.url) as wire:
        yield CardDAVBackend(server, wire, f"{server.url}sam/contacts/")


BOOK_BACKENDS: dict[str, Callable[[Path], AbstractContextManager[BookBackend]]] = {
    "files": files,
    "radicale": radicale,
    "xandikos": xandikos,
}
